//! The table of a vault's files. It is cut into chunks behind `Arc`s, so that
//! a snapshot is cheap and a change copies one chunk.

use std::sync::Arc;

use crate::fact::{Field, Link, Property, Tag};
use crate::index::FileId;
use crate::lines::Lines;
use crate::note::Note;
use crate::pack::Packed;
use crate::symbol::Symbol;

/// Files in one chunk.
const CHUNK: usize = 128;

/// A file of the vault.
#[derive(Clone, Debug)]
pub struct File {
    /// Its folder with a final `/`; empty at the root.
    pub folder: Symbol,
    /// Its name with extension.
    pub name: Symbol,
    /// Its facts; `None` for other files and for notes that are not read yet
    /// or are not UTF-8.
    pub facts: Option<Facts>,
    /// Whether the settings leave it out of lists of names and of counts (N9).
    pub excluded: bool,
}

impl File {
    /// Whether nothing was said of it since.
    fn is(&self, newer: &Self) -> bool {
        let facts = match (&self.facts, &newer.facts) {
            (Some(old), Some(new)) => old.are(new),
            (old, new) => old.is_none() && new.is_none(),
        };
        facts && self.excluded == newer.excluded
    }
}

/// The facts of a note: at hand for an open one, packed for a closed one. The
/// answers are the same.
#[derive(Clone, Debug)]
pub struct Facts(Form);

#[derive(Clone, Debug)]
enum Form {
    Open(Arc<Note>),
    Packed(Packed),
}

impl Facts {
    /// The facts of a note that is going to change.
    pub(crate) fn open(note: Note) -> Self {
        Self(Form::Open(Arc::new(note)))
    }

    /// The facts of a note that is going to stay as it is.
    pub(crate) fn packed(note: &Note) -> Self {
        Self(Form::Packed(Packed::new(note)))
    }

    /// All of them.
    pub fn note(&self) -> Arc<Note> {
        match &self.0 {
            Form::Open(note) => Arc::clone(note),
            Form::Packed(packed) => Arc::new(packed.note()),
        }
    }

    /// The links.
    pub fn links(&self) -> impl Iterator<Item = Link> + '_ {
        let (open, packed) = self.forms();
        let open = open.into_iter().flat_map(|note| note.links.iter().copied());
        open.chain(packed.into_iter().flat_map(Packed::links))
    }

    /// The tags.
    pub fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        let (open, packed) = self.forms();
        let open = open.into_iter().flat_map(|note| note.tags.iter().copied());
        open.chain(packed.into_iter().flat_map(Packed::tags))
    }

    /// The inline fields.
    pub fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        let (open, packed) = self.forms();
        let open = open
            .into_iter()
            .flat_map(|note| note.fields.iter().copied());
        open.chain(packed.into_iter().flat_map(Packed::fields))
    }

    /// The properties.
    pub fn properties(&self) -> impl Iterator<Item = Property> + '_ {
        let (open, packed) = self.forms();
        let open = open
            .into_iter()
            .flat_map(|note| note.properties.iter().copied());
        open.chain(packed.into_iter().flat_map(Packed::properties))
    }

    /// What tells the text of a closed note from other texts, as far as facts
    /// do: the lengths of its lines, and all that stands in it. `None` for an
    /// open note.
    pub fn fingerprint(&self) -> Option<u64> {
        match &self.0 {
            Form::Open(_) => None,
            Form::Packed(packed) => Some(packed.fingerprint()),
        }
    }

    /// The length of the text in bytes.
    pub fn text_length(&self) -> u32 {
        match &self.0 {
            Form::Open(note) => note.len,
            Form::Packed(packed) => packed.text_length(),
        }
    }

    /// Where the lines are.
    pub fn lines(&self) -> Lines {
        match &self.0 {
            Form::Open(note) => note.lines.clone(),
            Form::Packed(packed) => packed.lines(),
        }
    }

    fn forms(&self) -> (Option<&Note>, Option<&Packed>) {
        match &self.0 {
            Form::Open(note) => (Some(note), None),
            Form::Packed(packed) => (None, Some(packed)),
        }
    }

    /// Whether these are the same facts, and not only equal ones: the texts of
    /// two notes may differ in what no fact tells.
    fn are(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Form::Open(own), Form::Open(other)) => Arc::ptr_eq(own, other),
            (Form::Packed(own), Form::Packed(other)) => own.is(other),
            _ => false,
        }
    }

    /// About how many bytes they take, for measuring memory.
    pub fn size(&self) -> usize {
        match &self.0 {
            Form::Open(note) => Packed::new(note).size(),
            Form::Packed(packed) => packed.size(),
        }
    }
}

/// The files by number.
#[derive(Clone, Debug, Default)]
pub struct Files {
    chunks: Vec<Arc<Vec<Option<File>>>>,
    count: usize,
}

impl Files {
    /// The file of this number, unless it was removed.
    pub fn get(&self, id: FileId) -> Option<&File> {
        let chunk = self.chunks.get(id as usize / CHUNK)?;
        chunk.get(id as usize % CHUNK)?.as_ref()
    }

    /// All files.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        let chunks = self.chunks.iter().enumerate();
        chunks.flat_map(|(index, chunk)| {
            let files = chunk.iter().enumerate();
            files.filter_map(move |(at, file)| {
                let id = (index * CHUNK + at) as FileId;
                file.as_ref().map(|file| (id, file))
            })
        })
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The files that came, went, or were read anew since an older moment of
    /// the same files; after more than `most` of them, no others are named.
    pub(crate) fn changed(&self, old: &Self, most: usize) -> Vec<FileId> {
        let none = Arc::default();
        let pairs = (0..self.chunks.len().max(old.chunks.len())).map(|index| {
            let new = self.chunks.get(index).unwrap_or(&none);
            (index, old.chunks.get(index).unwrap_or(&none), new)
        });
        let mut changed = Vec::new();
        for (index, old, new) in pairs.filter(|(_, old, new)| !Arc::ptr_eq(old, new)) {
            let files = (0..old.len().max(new.len())).filter(|&at| {
                match [old, new].map(|chunk| chunk.get(at)?.as_ref()).into() {
                    (Some(old), Some(new)) => !old.is(new),
                    (old, new) => old.is_some() != new.is_some(),
                }
            });
            changed.extend(files.map(|at| (index * CHUNK + at) as FileId));
            if changed.len() > most {
                break;
            }
        }
        changed
    }

    /// Adds a file and gives its number.
    pub(crate) fn push(&mut self, file: File) -> FileId {
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Arc::new(Vec::with_capacity(CHUNK)));
        }
        let last = self.chunks.len() - 1;
        let chunk = Arc::make_mut(&mut self.chunks[last]);
        chunk.push(Some(file));
        self.count += 1;
        (last * CHUNK + chunk.len() - 1) as FileId
    }

    /// Sets the facts of a file and gives the old ones.
    pub(crate) fn set_facts(&mut self, id: FileId, facts: Option<Facts>) -> Option<Facts> {
        let slot = self.slot(id)?;
        std::mem::replace(&mut slot.as_mut()?.facts, facts)
    }

    /// Says whether a file is left out of lists and counts.
    pub(crate) fn set_excluded(&mut self, id: FileId, excluded: bool) {
        if let Some(Some(file)) = self.slot(id) {
            file.excluded = excluded;
        }
    }

    /// Says that a file lies elsewhere.
    pub(crate) fn set_path(&mut self, id: FileId, folder: Symbol, name: Symbol) {
        if let Some(Some(file)) = self.slot(id) {
            (file.folder, file.name) = (folder, name);
        }
    }

    /// Takes a file away. Its number is not given again.
    pub(crate) fn remove(&mut self, id: FileId) -> Option<File> {
        let file = self.slot(id)?.take();
        self.count -= usize::from(file.is_some());
        file
    }

    fn slot(&mut self, id: FileId) -> Option<&mut Option<File>> {
        let chunk = self.chunks.get_mut(id as usize / CHUNK)?;
        Arc::make_mut(chunk).get_mut(id as usize % CHUNK)
    }
}
