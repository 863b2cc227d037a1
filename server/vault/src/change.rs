//! How a vault changes: the one writer of its files, facts and indexes.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::counting::Uses;
use crate::digest::{Digest, Parsed, difference, spelling_key};
use crate::fact::SymbolKind;
use crate::files::{Facts, File};
use crate::index::FileId;
use crate::path::{fold_hash, split, strip_md};
use crate::schema;
use crate::settings::Settings;
use crate::vault::Vault;

/// A change of a vault. Paths are from its root, as in [`crate::path::VaultPath`].
#[derive(Clone, Debug)]
pub enum Change {
    /// A file exists; what is known of its content stays.
    File(String),
    /// A note exists and says this. `None`: it cannot be read as text.
    Note(String, Option<Parsed>),
    /// A file is a schema of properties and says this. `None`: it is no schema
    /// any more.
    Schema(String, Option<Arc<schema::Read>>),
    /// A file is gone.
    Remove(String),
    /// The settings are these.
    Settings(Arc<Settings>),
}

/// One file in so many must hold a self line of a mount to prove it. Most
/// notes of a tiered vault do, but they may lie among many other files.
const SELF_LINES: usize = 10;

/// Pairs that wait to be added in one go.
#[derive(Default)]
struct Pending {
    /// Hashes of the paths that wait, for a file must not be added twice.
    waiting: FxHashSet<u32>,
    names: Vec<(u32, FileId)>,
    paths: Vec<(u32, FileId)>,
    places: Vec<(u32, FileId)>,
    sites: Vec<(u32, FileId)>,
    tags: Vec<(u32, FileId)>,
    keys: Vec<(u32, FileId)>,
    titles: Vec<(u32, u32)>,
    uses: Uses,
}

impl Vault {
    /// Applies changes in their order.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change>) {
        let mut pending = Pending::default();
        for change in changes {
            match change {
                Change::File(path) => {
                    self.add(&path, &mut pending);
                }
                Change::Note(path, note) => {
                    let id = self.add(&path, &mut pending);
                    self.set_note(id, &path, note, &mut pending);
                }
                Change::Schema(path, read) => self.schemas.set(&path, read),
                Change::Remove(path) => {
                    self.flush(&mut pending);
                    self.schemas.set(&path, None);
                    if let Some(id) = self.find(&path) {
                        self.set_note(id, &path, None, &mut pending);
                        self.remove(id, &path);
                    }
                }
                Change::Settings(settings) => {
                    self.flush(&mut pending);
                    let same_tiers = self.settings.tiers == settings.tiers;
                    let excluded = &self.settings.obsidian.excluded;
                    let same_filters = *excluded == settings.obsidian.excluded;
                    let same_types = self.settings.type_properties == settings.type_properties;
                    self.settings = settings;
                    if !same_filters {
                        self.exclude();
                    }
                    if !same_tiers {
                        self.possible_tiers = self.settings.possible_tiers();
                        self.count_mounts();
                    }
                    if !same_tiers || !same_types {
                        self.recount();
                    }
                }
            }
        }
        self.flush(&mut pending);
        self.settle();
    }

    fn flush(&mut self, pending: &mut Pending) {
        let Pending {
            names,
            paths,
            places,
            sites,
            tags,
            keys,
            titles,
            uses,
            ..
        } = std::mem::take(pending);
        self.names.extend(names);
        self.paths.extend(paths);
        self.places.extend(places);
        self.sites.extend(sites);
        self.tags.extend(tags);
        self.keys.extend(keys);
        self.titles.extend(titles);
        self.flush_uses(uses);
    }

    fn add(&mut self, path: &str, pending: &mut Pending) -> FileId {
        // A pending file of the same path would not be found.
        let hash = fold_hash(path);
        if pending.waiting.contains(&hash) {
            self.flush(pending);
        }
        if let Some(id) = self.find(path) {
            return id;
        }
        let (folder, name) = split(path);
        let id = self.files.push(File {
            folder: self.symbols.intern(folder),
            name: self.symbols.intern(name),
            facts: None,
            excluded: self.settings.is_excluded(path),
        });
        if let Some(file) = self.files.get(id) {
            self.symbols.mark_name(file.name, SymbolKind::Note as u32);
        }
        pending.names.push((fold_hash(name), id));
        pending.paths.push((hash, id));
        pending.places.push((fold_hash(folder), id));
        pending.waiting.insert(hash);
        count_folder(&mut self.folders, folder.trim_end_matches('/'), true);
        id
    }

    fn remove(&mut self, id: FileId, path: &str) {
        let (folder, name) = split(path);
        self.names.remove(fold_hash(name), id);
        self.paths.remove(fold_hash(path), id);
        self.places.remove(fold_hash(folder), id);
        self.files.remove(id);
        count_folder(&mut self.folders, folder.trim_end_matches('/'), false);
    }

    fn set_note(&mut self, id: FileId, path: &str, new: Option<Parsed>, pending: &mut Pending) {
        let path = fold_hash(path);
        let (facts, digest) = new.map(|new| (new.facts, new.digest)).unzip();
        let digest = digest.unwrap_or_default();
        let new_mount = facts.as_ref().and_then(|facts| self.self_line(id, facts));
        let old = self.files.set_facts(id, facts);
        let Some(old) = old else {
            pending
                .sites
                .extend(digest.sites.iter().map(|&key| (key, id)));
            pending
                .tags
                .extend(digest.tags.iter().map(|tag| (tag.0, id)));
            pending
                .keys
                .extend(digest.keys.iter().map(|&key| (key, id)));
            pending
                .titles
                .extend(digest.titles.iter().map(|&key| (key, path)));
            self.count(id, &Digest::default(), &digest, pending);
            self.count_mount(None, new_mount);
            return;
        };
        self.flush(pending);
        let before = Digest::new(&old.note(), &self.symbols);
        let tags = |digest: &Digest| -> Vec<u32> { digest.tags.iter().map(|tag| tag.0).collect() };
        self.sites.update(id, &before.sites, &digest.sites);
        self.tags.update(id, &tags(&before), &tags(&digest));
        self.keys.update(id, &before.keys, &digest.keys);
        self.titles.update(path, &before.titles, &digest.titles);
        self.restore_titles(path, id);
        self.count(id, &before, &digest, pending);
        let old_mount = self.self_line(id, &old);
        self.count_mount(old_mount, new_mount);
    }

    /// Paths that differ in case have one hash: what `changed` no longer
    /// names, another of them may.
    fn restore_titles(&mut self, path: u32, changed: FileId) {
        let others = self.paths.files(path).filter(|&id| id != changed);
        for id in others.collect::<Vec<_>>() {
            if let Some(note) = self.note(id) {
                let titles = Digest::new(&note, &self.symbols).titles;
                self.titles.update(path, &[], &titles);
            }
        }
    }

    /// Other filters are in force: some files begin to count, others end.
    fn exclude(&mut self) {
        let files: Vec<FileId> = self.files.iter().map(|(id, _)| id).collect();
        let mut pending = Pending::default();
        for id in files {
            let path = self.path(id).unwrap_or_default();
            let excluded = self.settings.is_excluded(&path);
            if self
                .files
                .get(id)
                .is_none_or(|file| file.excluded == excluded)
            {
                continue;
            }
            let note = self.note(id);
            let digest =
                note.map_or_else(Digest::default, |note| Digest::new(&note, &self.symbols));
            self.count(id, &digest, &Digest::default(), &mut pending);
            self.files.set_excluded(id, excluded);
            self.count(id, &Digest::default(), &digest, &mut pending);
        }
        self.flush(&mut pending);
    }

    /// Changes the counts that hover and completion show, where they differ.
    fn count(&mut self, id: FileId, old: &Digest, new: &Digest, pending: &mut Pending) {
        if self.files.get(id).is_none_or(|file| file.excluded) {
            return;
        }
        self.count_uses(id, old, new, &mut pending.uses);
        let add = |count: &mut u32, step: i32| *count = count.saturating_add_signed(step);
        for (tag, step) in difference(&old.tags, &new.tags) {
            let uses = Arc::make_mut(&mut self.tag_uses);
            let count = uses.entry(tag).or_default();
            add(count, step);
            if *count == 0 {
                uses.remove(&tag);
            }
        }
        for ((key, kind), step) in difference(&old.kinds, &new.kinds) {
            let uses = Arc::make_mut(&mut self.key_uses);
            let kinds = uses.entry(key).or_default();
            add(&mut kinds[kind as usize], step);
            if kinds.iter().all(|&count| count == 0) {
                uses.remove(&key);
            }
        }
        for (spelling, step) in difference(&old.spellings, &new.spellings) {
            let uses = Arc::make_mut(&mut self.spelling_uses);
            let count = uses.entry(spelling).or_default();
            let was = *count;
            add(count, step);
            let now = *count;
            if was == 0 || now == 0 {
                let key = self.symbols.with(spelling, spelling_key);
                if now == 0 {
                    uses.remove(&spelling);
                    self.spellings.remove(key, spelling.number());
                } else {
                    self.spellings.insert(key, spelling.number());
                }
            }
        }
    }

    /// Counts the mounts of which a note's self line spoke and speaks.
    fn count_mount(&mut self, old: Option<String>, new: Option<String>) {
        if old != new {
            for (mount, step) in [(old, -1), (new, 1)] {
                if let Some(mount) = mount {
                    let mounts = Arc::make_mut(&mut self.mounts);
                    let count = mounts.entry(mount.clone()).or_default();
                    *count = count.saturating_add_signed(step);
                    if *count == 0 {
                        mounts.remove(&mount);
                    }
                }
            }
        }
    }

    /// The mount of which the self line of a note speaks: its rooted link to
    /// a tier, less the note's own path.
    fn self_line(&self, id: FileId, facts: &Facts) -> Option<String> {
        let file = self.files.get(id)?;
        let tiers = &self.possible_tiers;
        let name = self.symbols.string(file.name);
        let stem = self.symbols.lookup(strip_md(&name)?)?;
        facts
            .links()
            .filter(|link| link.name == stem)
            .find_map(|link| {
                let folder = self.symbols.string(link.folder);
                let path = folder.strip_prefix('/')?;
                tiers.of(path)?;
                let own = self.symbols.string(file.folder);
                let mount = path.strip_suffix(own.as_str())?;
                (mount.is_empty() || mount.ends_with('/')).then(|| mount.to_owned())
            })
    }

    /// Counts the mounts afresh: other tiers make other self lines.
    fn count_mounts(&mut self) {
        let mut mounts: FxHashMap<String, u32> = FxHashMap::default();
        for (id, file) in self.files.iter() {
            let facts = file.facts.as_ref();
            if let Some(mount) = facts.and_then(|facts| self.self_line(id, facts)) {
                *mounts.entry(mount).or_default() += 1;
            }
        }
        self.mounts = Arc::new(mounts);
    }

    /// Finds the tiers and the mount in force.
    pub(crate) fn settle(&mut self) {
        let tiers = &self.possible_tiers;
        let present = |folder: &str| self.folders.contains_key(&fold_hash(folder));
        let at_root = tiers.0.iter().any(|tier| present(&tier.folder));
        let seen = self.mounts.iter();
        let best = seen.max_by(|left, right| left.1.cmp(right.1).then(right.0.cmp(left.0)));
        // A few notes that speak of a tier make no tiered vault.
        let best = best.filter(|best| *best.1 as usize * SELF_LINES >= self.files.len());
        let mount = match &self.settings.mount {
            Some(mount) => mount.trim_matches('/').to_owned(),
            None if at_root => String::new(),
            None => best.map_or("", |best| best.0).trim_matches('/').to_owned(),
        };
        let tiered = self.settings.tiers.is_some()
            || at_root
            || best.is_some()
            || tiers.of(&format!("{mount}/")).is_some();
        let tiers = if tiered {
            Arc::clone(tiers)
        } else {
            Arc::default()
        };
        if *self.tiers != *tiers {
            self.tiers = tiers;
        }
        let mount = if mount.is_empty() { mount } else { mount + "/" };
        if *self.mount != *mount {
            self.mount = mount.into();
        }
    }
}

/// Counts a file in its folder, and a new or vanished folder in the one above.
pub(crate) fn count_folder(folders: &mut Arc<FxHashMap<u32, u32>>, folder: &str, more: bool) {
    let folders = Arc::make_mut(folders);
    let mut folder = folder;
    while !folder.is_empty() {
        let count = folders.entry(fold_hash(folder)).or_insert(0);
        let was = *count;
        *count = if more { was + 1 } else { was.saturating_sub(1) };
        let now = *count;
        if now == 0 {
            folders.remove(&fold_hash(folder));
        }
        if was != 0 && now != 0 {
            break;
        }
        folder = folder.rsplit_once('/').map_or("", |(up, _)| up);
    }
}
