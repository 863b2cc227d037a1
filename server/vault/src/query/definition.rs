//! Where to go from a link: its target, the base of the family, the copies
//! in the tiers, the notes that say what this note is.

use std::borrow::Cow;
use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::fact::Link;
use crate::field::canonical_path;
use crate::index::FileId;
use crate::note::{Anchor, Note};
use crate::path::strip_md;
use crate::query::at::{At, at};
use crate::query::subject::{Subject, anchor_extent, anchor_range, subject};
use crate::symbol::Symbol;
use crate::vault::Vault;

/// A place to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// What was under the cursor, as a whole.
    pub origin: Range<u32>,
    /// The file to go to.
    pub file: FileId,
    /// The note, section or block that is meant.
    pub extent: Range<u32>,
    /// What names it, inside of `extent`.
    pub selection: Range<u32>,
}

/// The target of the link, footnote or reference at `offset`. On a heading or
/// a block id it is the place itself. A link whose heading or block is
/// missing leads to the file.
pub fn definition(vault: &Vault, file: FileId, offset: u32) -> Option<Destination> {
    // These name the note that they stand in: there is nowhere to go.
    if let Some(At::FirstLine | At::Alias(_)) = at(&*vault.note(file)?, offset) {
        return None;
    }
    let (subject, origin) = subject(vault, file, offset)?;
    let (target, anchor) = match subject {
        Subject::File(target) | Subject::Title(target, _) => (target, Anchor::Note),
        Subject::Anchor(target, anchor) => (target, anchor),
        Subject::Tag(_) | Subject::Key(_) | Subject::Missing(_) => return None,
    };
    Some(destination(vault, origin, target, anchor))
}

/// The base note of the family of the link's target, or of this note (T).
pub fn declaration(vault: &Vault, file: FileId, offset: u32) -> Option<Destination> {
    let (origin, family) = family_at(vault, file, offset)?;
    let base = family.into_iter().find_map(|path| vault.find_full(&path))?;
    Some(destination(vault, origin, base, Anchor::Note))
}

/// All notes of that family that exist, most public first.
pub fn implementations(vault: &Vault, file: FileId, offset: u32) -> Vec<Destination> {
    let Some((origin, family)) = family_at(vault, file, offset) else {
        return Vec::new();
    };
    let copies = family.iter().filter_map(|path| vault.find_full(path));
    copies
        .map(|copy| destination(vault, origin.clone(), copy, Anchor::Note))
        .collect()
}

/// The notes that properties such as `instance_of` of the link's target, or
/// of this note, name.
pub fn types(vault: &Vault, file: FileId, offset: u32) -> Vec<Destination> {
    let (target, origin) = target_at(vault, file, offset);
    let found = Types::new(vault).of(target).into_iter();
    let found = found.map(|file| destination(vault, origin.clone(), file, Anchor::Note));
    found.collect()
}

/// Some keys of properties and fields, by their canonical form.
pub(crate) struct Keys<'a> {
    vault: &'a Vault,
    names: Vec<Cow<'a, str>>,
    /// Whether a key is one of them.
    known: FxHashMap<Symbol, bool>,
}

impl<'a> Keys<'a> {
    pub(crate) fn new(vault: &'a Vault, names: Vec<Cow<'a, str>>) -> Self {
        Self {
            vault,
            names,
            known: FxHashMap::default(),
        }
    }

    /// Whether a link stands in the value of one of them.
    pub(crate) fn are_of(&mut self, note: &Note, link: &Link) -> bool {
        let Self {
            vault,
            names,
            known,
        } = self;
        let is = |key: &str| names.contains(&canonical_path(key));
        note.key_of(link).is_some_and(|key| {
            let known = known.entry(key);
            *known.or_insert_with(|| vault.symbols().with(key, is))
        })
    }
}

/// Reads what notes are said to be, by properties such as `instance_of`.
pub(crate) struct Types<'a>(Keys<'a>);

impl<'a> Types<'a> {
    pub(crate) fn new(vault: &'a Vault) -> Self {
        let keys = vault.settings().type_properties.iter();
        let keys = keys.map(|name| canonical_path(name));
        Self(Keys::new(vault, keys.collect()))
    }

    /// The notes that such properties and fields of a note name, each once.
    pub(crate) fn of(&mut self, file: FileId) -> Vec<FileId> {
        let vault = self.0.vault;
        let Some(note) = vault.note(file) else {
            return Vec::new();
        };
        let mut found: Vec<FileId> = Vec::new();
        for link in &note.links {
            if self.0.are_of(&note, link)
                && let Some(target) = vault.resolve(link, file).file()
                && !found.contains(&target)
            {
                found.push(target);
            }
        }
        found
    }
}

/// The file that the link at `offset` leads to, else the note itself.
fn target_at(vault: &Vault, file: FileId, offset: u32) -> (FileId, Range<u32>) {
    if let Some(note) = vault.note(file)
        && let Some(At::Link(index)) = at(&note, offset)
        && let Some(target) = vault.resolve(&note.links[index], file).file()
    {
        return (target, note.links[index].range());
    }
    (file, offset..offset)
}

/// The family of the link's target or of this note. A link to a copy that is
/// not written has a family all the same.
fn family_at(vault: &Vault, file: FileId, offset: u32) -> Option<(Range<u32>, Vec<String>)> {
    let note = vault.note(file)?;
    if let Some(At::Link(index)) = at(&note, offset) {
        let link = &note.links[index];
        let path = if let Some(target) = vault.resolve(link, file).file() {
            vault.full_path(target)?
        } else {
            let path = vault.spelled_path(link, file)?;
            format!("{}.md", strip_md(&path).unwrap_or(&path))
        };
        return Some((link.range(), vault.tiers().family(&path)));
    }
    let own = vault.full_path(file)?;
    Some((offset..offset, vault.tiers().family(&own)))
}

fn destination(vault: &Vault, origin: Range<u32>, file: FileId, anchor: Anchor) -> Destination {
    let (extent, selection) = match vault.note(file) {
        Some(note) => (anchor_extent(&note, anchor), anchor_range(&note, anchor)),
        None => (0..0, 0..0),
    };
    Destination {
        origin,
        file,
        extent,
        selection,
    }
}
