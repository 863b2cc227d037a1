//! What a change of a vault means for the notes that were not changed
//! themselves: between two moments of a vault, which notes may have other
//! diagnostics.
//!
//! It may name a note too many, and never misses one: whoever adds a rule that
//! looks at something else of other notes adds it here, and a property test
//! compares with looking at all notes.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::fact::{Link, ValueKind};
use crate::field::canonical_path;
use crate::files::Facts;
use crate::index::FileId;
use crate::note::Note;
use crate::path::{fold_hash, split};
use crate::resolve::{Missing, Target};
use crate::symbol::{Symbol, Symbols};
use crate::vault::Vault;

/// When more files than this changed at once, all notes are looked at.
const MANY: usize = 4_096;

/// What differs between two moments of a vault, as far as it may concern the
/// diagnostics of notes.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Anything may be different.
    all: bool,
    /// Files that are new or say something else, the copies of such in other
    /// tiers, and those that have nearly the path of one that came or went.
    own: FxHashSet<FileId>,
    /// Files that are gone.
    gone: Vec<FileId>,
    /// Keys of the files and folders that came or went, and of their copies.
    names: FxHashSet<u32>,
    /// Keys of the notes whose headings, blocks or footnotes are others.
    anchors: FxHashSet<u32>,
    /// Keys of properties that are used otherwise, as [`plain`] has them.
    keys: FxHashSet<u32>,
    /// The same keys as the index of keys has them.
    indexed: FxHashSet<u32>,
}

impl Touched {
    /// Anything may be different.
    pub fn all() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    /// What differs between two moments of one vault. Costs time for what
    /// changed and next to none for the rest.
    pub fn between(old: &Vault, new: &Vault) -> Self {
        let same_settings = old.settings == new.settings
            && old.tiers == new.tiers
            && old.schemas.is_same(&new.schemas);
        let changed = new.files.changed(&old.files, MANY);
        if !old.is_of(new)
            || !same_settings
            || old.mount != new.mount
            || old.complete != new.complete
            || changed.len() > MANY
        {
            return Self::all();
        }
        let mut touched = Self::default();
        for file in changed {
            touched.file(old, new, file);
        }
        touched
    }

    /// The files that are gone; of no meaning when any note may be touched.
    pub fn gone(&self) -> &[FileId] {
        &self.gone
    }

    /// Whether the diagnostics of a note may be others than before. `vault` is
    /// the later moment.
    pub fn holds(&self, vault: &Vault, note: FileId) -> bool {
        if self.all || self.own.contains(&note) {
            return true;
        }
        let Some(facts) = vault.facts(note) else {
            return false;
        };
        let is_named = !self.names.is_empty() || !self.anchors.is_empty();
        is_named
            && facts
                .links()
                .any(|link| self.holds_link(vault, note, &link))
            || !self.keys.is_empty()
                && facts
                    .properties()
                    .any(|property| self.keys.contains(&plain(&vault.symbols, property.key)))
    }

    fn holds_link(&self, vault: &Vault, note: FileId, link: &Link) -> bool {
        if link.is(Link::EXTERNAL) {
            return false;
        }
        let Some(key) = vault.link_key(link) else {
            // A path that ends with dots may lead to a folder.
            return !self.names.is_empty() && !link.folder.is_empty();
        };
        let may_guess = || vault.resolve(link, note) == Target::Missing(Missing::Broken);
        self.names.contains(&key)
            || link.is(Link::SUBPATH) && self.anchors.contains(&key)
            // Another name may be the one that was meant.
            || !self.names.is_empty() && may_guess()
    }

    /// The notes that may have other diagnostics, in no order; `None` when any
    /// may. It is meant for notes that nobody looks at. `told` are those of
    /// which something was reported. Of the others it leaves out some that
    /// [`Touched::holds`] does not: those that are concerned only by a property
    /// which more than `most` notes have, or by another spelling of one of theirs.
    pub fn notes(
        &self,
        vault: &Vault,
        most: usize,
        told: impl Iterator<Item = FileId>,
    ) -> Option<FxHashSet<FileId>> {
        if self.all {
            return None;
        }
        let mut notes = self.own.clone();
        for &key in self.names.union(&self.anchors) {
            notes.extend(vault.linking(key));
        }
        for &key in &self.indexed {
            if vault.keys.count(key) <= most {
                notes.extend(vault.keys.files(key));
            }
        }
        if !self.names.is_empty() || !self.keys.is_empty() {
            notes.extend(told.filter(|&note| self.holds(vault, note)));
        }
        Some(notes)
    }

    fn file(&mut self, old: &Vault, new: &Vault, id: FileId) {
        let (before, after) = (old.files.get(id), new.files.get(id));
        match (before, after) {
            (Some(_), None) => self.gone.push(id),
            _ => {
                self.own.insert(id);
            }
        }
        let vault = if after.is_some() { new } else { old };
        let (Some(file), Some(path)) = (after.or(before), vault.full_path(id)) else {
            return;
        };
        let key = vault.file_key(file);
        let family = vault.tiers.family(&path);
        self.own
            .extend(family.iter().filter_map(|copy| new.find_full(copy)));
        if before.is_some() != after.is_some() {
            self.names.insert(key);
            let copies = family.iter().map(|copy| name_key(copy));
            self.names.extend(copies);
            self.own
                .extend(vault.path(id).iter().flat_map(|path| new.twins(path)));
            self.folder(old, new, &vault.string(file.folder));
        }
        let facts = [before, after].map(|file| file?.facts.as_ref().map(Facts::note));
        let [before, after] = facts.each_ref().map(Option::as_deref);
        if anchors(before) != anchors(after) {
            self.anchors.insert(key);
        }
        self.properties(&new.symbols, before, after);
    }

    /// A folder that came or went with its first or last file.
    fn folder(&mut self, old: &Vault, new: &Vault, folder: &str) {
        let mut folder = folder.trim_end_matches('/');
        let is_in = |vault: &Vault, folder: &str| vault.folders.contains_key(&fold_hash(folder));
        while !folder.is_empty() && is_in(old, folder) != is_in(new, folder) {
            // Whole folders may be absent by design, with all links into them.
            self.all |= !new.tiers.is_empty() || !new.settings.absent_folders.is_empty();
            self.names.insert(name_key(folder));
            folder = split(folder).0.trim_end_matches('/');
        }
    }

    fn properties(&mut self, symbols: &Symbols, old: Option<&Note>, new: Option<&Note>) {
        let mut uses: FxHashMap<(Symbol, Option<ValueKind>), i32> = FxHashMap::default();
        for (note, step) in [(old, -1), (new, 1)] {
            let Some(note) = note else { continue };
            let properties = note.properties.iter();
            let properties = properties.map(|property| (property.key, Some(property.kind)));
            let fields = note.fields.iter().map(|field| (field.key, None));
            for used in properties.chain(fields) {
                *uses.entry(used).or_default() += step;
            }
        }
        for ((key, _), _) in uses.into_iter().filter(|used| used.1 != 0) {
            self.keys.insert(plain(symbols, key));
            let index = |key: &str| fold_hash(&canonical_path(key));
            self.indexed.insert(symbols.with(key, index));
        }
    }
}

/// The key of the last segment of a path, as links have it.
fn name_key(path: &str) -> u32 {
    let name = split(path).1;
    fold_hash(crate::path::strip_md(name).unwrap_or(name))
}

/// A key that all spellings of a property have in common.
fn plain(symbols: &Symbols, key: Symbol) -> u32 {
    symbols.with(key, |key| {
        let key = canonical_path(key);
        fold_hash(&key.replace(['_', '-', ' '], ""))
    })
}

/// What the subpaths of links can name in a note.
fn anchors(note: Option<&Note>) -> Option<[Vec<(u32, u32)>; 3]> {
    let note = note?;
    let headings = note.headings.iter();
    let headings = headings.flat_map(|heading| {
        let level = u32::from(heading.level());
        [(level, heading.key), (level, heading.title.number())]
    });
    let blocks = note.blocks.iter();
    let blocks = blocks.map(|block| (u32::from(block.misplaced), block.key));
    let labels = note.labels.iter();
    let labels = labels.map(|label| (label.kind as u32, label.key));
    Some([headings.collect(), blocks.collect(), labels.collect()])
}

#[cfg(test)]
#[path = "touched_tests.rs"]
mod tests;
