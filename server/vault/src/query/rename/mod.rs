//! Renaming and moving: what must be written so that every link leads where
//! it led (N1).
//!
//! A request is turned into a [`Plan`], from facts alone as far as that goes:
//! which files get other paths, and which places of which notes say something
//! else. [`Plan::edits`] then gives the edits of one note from its text, so that
//! the caller can read many notes side by side. What cannot be done whole is
//! a [`Refusal`].
//!
//! Links are compared by where they lead, before and after, never by what
//! they say.

mod after;
mod alias;
mod anchors;
mod chains;
mod collisions;
mod fences;
mod folders;
mod keys;
mod labels;
mod links;
mod missing;
mod moves;
mod named;
mod names;
mod own;
mod own_aliases;
mod place;
mod redirect;
mod refusal;
mod reparse;
mod sections;
mod site;
mod tags;
mod tiers;
mod values;

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::DateTime;

use crate::index::FileId;
use crate::path::above;
use crate::query::Texts;
use crate::settings::{FolderOfNote, Renames};
use crate::vault::Vault;

pub use moves::{folder_of_note, moved, moved_already};
pub use named::{Named, alias, named, place, wanted};
pub use place::{Prepared, Subject, at, folder_beside, prepare};
pub use refusal::Refusal;
use site::Site;

/// A file and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The file.
    pub file: FileId,
    /// Its path from the root of the opened folder.
    pub from: String,
    /// Its new path.
    pub to: String,
}

/// What an edit of a rename is about: some are sure, others are guesses that a
/// user may want to see first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The thing itself, where it is defined.
    Definition,
    /// A link in the text.
    Link,
    /// A link in a property.
    PropertyLink,
    /// A link that fitted several notes and led to the nearest.
    Ambiguous,
    /// A place in a code fence whose links count.
    Fence,
    /// A heading that says the name of its note.
    Title,
    /// An alias of a note that is its name.
    Alias,
    /// A tag.
    Tag,
    /// A tag that becomes one with another, which no renaming parts again.
    Merged,
    /// The key of a property or field.
    Key,
    /// A value of a property or field.
    Value,
    /// A reference to a footnote or to a definition.
    Reference,
    /// What a link shows instead of the name of its note.
    Shown,
    /// A link in a canvas.
    Canvas,
    /// A property or field that says the name of its note.
    Name,
    /// A tier section, or what mirrors one, that was wrong before.
    Section,
}

impl Part {
    /// All parts, in the order in which they are told.
    pub const ALL: [Self; 16] = [
        Self::Definition,
        Self::Link,
        Self::PropertyLink,
        Self::Ambiguous,
        Self::Fence,
        Self::Title,
        Self::Alias,
        Self::Tag,
        Self::Merged,
        Self::Key,
        Self::Value,
        Self::Reference,
        Self::Shown,
        Self::Canvas,
        Self::Name,
        Self::Section,
    ];

    /// What the edits of this part are, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Definition => "the place itself",
            Self::Link => "links in the text",
            Self::PropertyLink => "links in properties",
            Self::Ambiguous => "links that fitted several notes",
            Self::Fence => "lines in code fences",
            Self::Title => "headings that say the name of their note",
            Self::Alias => "aliases that say the name of their note",
            Self::Tag => "tags",
            Self::Merged => "tags that become one with others",
            Self::Key => "keys of properties and fields",
            Self::Value => "values of properties and fields",
            Self::Reference => "references in the note",
            Self::Shown => "links that show the alias",
            Self::Canvas => "links in canvases",
            Self::Name => "properties that say the name of their note",
            Self::Section => "tier sections that were wrong",
        }
    }

    /// Whether it is a link that leads to what is renamed, and would not.
    pub fn is_link(self) -> bool {
        matches!(
            self,
            Self::Link | Self::PropertyLink | Self::Ambiguous | Self::Canvas
        )
    }

    /// Whether somebody should look at the edit first: it rests on what a text
    /// looks like, and not on where a link leads, or cannot be taken back by
    /// renaming.
    pub fn is_uncertain(self) -> bool {
        matches!(
            self,
            Self::Ambiguous | Self::Fence | Self::Title | Self::Shown | Self::Name | Self::Merged
        )
    }
}

/// Bytes of a note, what replaces them, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes.
    pub range: Range<u32>,
    /// What replaces them.
    pub new: String,
    /// What it is about.
    pub part: Part,
}

/// Everything that a rename does. Nothing is done yet.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Files that get another path, by their old paths.
    pub moves: Vec<Move>,
    /// Folders of which everything moves, with what Vaultmark does not see,
    /// each with its new path; from the root of the opened folder, in order.
    pub folders: Vec<(String, String)>,
    /// What the rename may bring about that cannot be taken back by renaming,
    /// in plain words; somebody should agree to it.
    pub warnings: Vec<String>,
    /// Notes that are made when all else is done, where moved ones lay: their
    /// paths from the root of the opened folder, and texts.
    pub created: Vec<(String, String)>,
    /// Whether a new name may change how the text around it is read.
    is_delicate: bool,
    sites: BTreeMap<FileId, Vec<Site>>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.sites.is_empty()
    }

    /// Whether a path lies in a folder that moves with everything in it.
    pub fn is_carried(&self, path: &str) -> bool {
        self.carrier(path).is_some()
    }

    /// The folder that moves with everything in it, a path among that, and its new
    /// path.
    fn carrier(&self, path: &str) -> Option<(&str, &str)> {
        above(path).find_map(|folder| {
            let known = |own: &(String, String)| own.0.as_str().cmp(folder);
            let at = self.folders.binary_search_by(known).ok()?;
            let (from, to) = self.folders.get(at)?;
            Some((from.as_str(), to.as_str()))
        })
    }

    /// The notes that change, by number.
    pub fn files(&self) -> impl Iterator<Item = FileId> + '_ {
        self.sites.keys().copied()
    }

    /// The edits of one note, in order and disjoint. `text` must be what its
    /// facts were read from.
    ///
    /// # Errors
    /// [`Refusal::Changed`] when the text does not say what the facts say, and
    /// [`Refusal::Misread`] when its links would be read otherwise.
    pub fn edits(&self, vault: &Vault, file: FileId, text: &str) -> Result<Vec<Edit>, Refusal> {
        let sites = self.sites.get(&file).map_or(&[][..], Vec::as_slice);
        let path = || vec![vault.path(file).unwrap_or_default()];
        let edits = site::edits(vault, sites, text).ok_or_else(|| Refusal::Changed(path()))?;
        // A canvas has no note; its links are written as JSON. A tier section that
        // is put right has other links.
        let is_told = |edit: &Edit| edit.part == Part::Section;
        let is_checked =
            self.is_delicate && reparse::are_delicate(text, &edits) && vault.note(file).is_some();
        if is_checked && !edits.iter().any(is_told) && !reparse::keeps_links(vault, text, &edits) {
            return Err(Refusal::Misread(path()));
        }
        Ok(edits)
    }

    /// The edits of one note; see [`Plan::edits`].
    ///
    /// # Errors
    /// [`Refusal::Unreadable`] and [`Refusal::Changed`].
    pub fn edits_of(
        &self,
        vault: &Vault,
        file: FileId,
        texts: &dyn Texts,
    ) -> Result<Vec<Edit>, Refusal> {
        match texts.text(file) {
            Some(text) => self.edits(vault, file, &text),
            None => Err(Refusal::Unreadable(vec![
                vault.path(file).unwrap_or_default(),
            ])),
        }
    }

    /// The edits of all notes, read one after the other.
    ///
    /// # Errors
    /// See [`gathered`].
    pub fn all_edits(&self, vault: &Vault, texts: &dyn Texts) -> Result<Edits, Refusal> {
        gathered(
            self.files()
                .map(|file| (file, self.edits_of(vault, file, texts))),
        )
    }

    fn add(&mut self, file: FileId, site: Site) {
        self.sites.entry(file).or_default().push(site);
    }
}

/// The edits of notes, by number.
pub type Edits = BTreeMap<FileId, Vec<Edit>>;

/// The edits of many notes, if all of them can be edited.
///
/// # Errors
/// [`Refusal::Unreadable`] or [`Refusal::Changed`] with all notes that are so.
pub fn gathered(
    results: impl IntoIterator<Item = (FileId, Result<Vec<Edit>, Refusal>)>,
) -> Result<Edits, Refusal> {
    let (mut all, mut unreadable, mut changed) = (Edits::new(), Vec::new(), Vec::new());
    for (file, result) in results {
        match result {
            Ok(edits) => drop(all.insert(file, edits)),
            Err(Refusal::Unreadable(paths)) => unreadable.extend(paths),
            Err(Refusal::Changed(paths)) => changed.extend(paths),
            Err(other) => return Err(other),
        }
    }
    if !unreadable.is_empty() {
        return Err(Refusal::Unreadable(unreadable));
    }
    if !changed.is_empty() {
        return Err(Refusal::Changed(changed));
    }
    Ok(all)
}

/// How a rename is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What the user has set.
    pub set: Renames,
    /// Whether the folder beside a folder note goes along: what was set, or
    /// what was answered.
    pub folder: bool,
    /// The time that notes at old paths tell of; `None`: none are left there,
    /// whatever is set.
    pub now: Option<DateTime>,
}

impl Options {
    /// As the user has set it, when nobody is asked.
    pub fn new(set: Renames) -> Self {
        let folder = set.folder == FolderOfNote::Move;
        let now = None;
        Self { set, folder, now }
    }
}

/// The copies of a note in other tiers that are here.
fn copies(vault: &Vault, file: FileId) -> Vec<FileId> {
    let path = vault.full_path(file).unwrap_or_default();
    let family = vault.tiers().family(&path);
    let copies = family.iter().filter_map(|copy| vault.find_full(copy));
    copies.filter(|&copy| copy != file).collect()
}

#[cfg(test)]
mod kinds_properties;
#[cfg(test)]
mod kinds_tests;
#[cfg(test)]
mod tests;
