//! What can be written at a place of a note.
//!
//! [`context`] says what is being written there; one small module for each
//! kind of thing offers what fits, best first. The order is that of
//! [`crate::query::rank`]. A client filters and sorts again, so an item says
//! what it was matched by, and the list in which order it stands.

mod anchors;
mod blocks;
mod context;
mod convert;
mod days;
mod destination;
mod fields;
mod filter;
mod front;
mod names;
mod properties;
mod search;
mod secrecy;
mod section;
mod tags;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod text_tests;
mod unnamed;
mod used;
mod words;

use std::fmt;
use std::ops::Range;

use jiff::civil::Date;

use crate::edit::TextEdit;
use crate::index::FileId;
use crate::note::Note;
use crate::query::Texts;
use crate::vault::Vault;

use self::context::Context;

/// More items than this nobody reads; the client asks again while typing.
pub const MAX_ITEMS: usize = 100;

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ItemKind {
    Note,
    File,
    Alias,
    Missing,
    Heading,
    Block,
    Tag,
    Key,
    Value,
    Label,
    Word,
}

/// Something that can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is shown.
    pub label: String,
    /// More about it, such as its folder.
    pub detail: String,
    /// What it is.
    pub kind: ItemKind,
    /// What it was matched by.
    pub matched: String,
    /// What is written instead of the bytes of [`List::replace`].
    pub new: String,
    /// Further edits of the note.
    pub additional: Vec<TextEdit>,
    /// An edit of another note that belongs to it.
    pub other: Option<(FileId, TextEdit)>,
    /// The note or file that it names, and the subpath in it.
    pub target: Option<(FileId, String)>,
    /// Whether there is something better.
    pub deprecated: bool,
}

impl Item {
    fn new(kind: ItemKind, label: impl Into<String>, new: impl Into<String>) -> Self {
        let label = label.into();
        Self {
            matched: label.clone(),
            label,
            detail: String::new(),
            kind,
            new: new.into(),
            additional: Vec::new(),
            other: None,
            target: None,
            deprecated: false,
        }
    }
}

/// The items for a place, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The bytes that an item replaces; they hold the cursor.
    pub replace: Range<u32>,
    /// Whether those behind the cursor must go even where a client would keep
    /// them: with them the text would be wrong.
    pub takes_rest: bool,
    /// The items.
    pub items: Vec<Item>,
    /// Whether there are more that match, or will be when all notes are read.
    pub is_incomplete: bool,
}

impl List {
    fn new(replace: &Range<usize>, items: Vec<Item>) -> Self {
        Self {
            replace: replace.start as u32..replace.end as u32,
            takes_rest: false,
            items,
            is_incomplete: false,
        }
    }

    /// Items that replace all of these bytes, whatever the client does.
    fn whole(replace: &Range<usize>, items: Vec<Item>) -> Self {
        Self {
            takes_rest: true,
            ..Self::new(replace, items)
        }
    }
}

/// A place of a note in which something is written.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The vault.
    pub vault: &'a Vault,
    /// The note.
    pub file: FileId,
    /// Its text.
    pub text: &'a str,
    /// The cursor, in bytes.
    pub offset: u32,
    /// The files that are open.
    pub recent: &'a [FileId],
    /// This day.
    pub today: Date,
    /// The texts of other notes.
    pub texts: &'a dyn Texts,
    /// Says when nobody waits any more.
    pub stop: &'a dyn Fn() -> bool,
}

impl fmt::Debug for Place<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} of {}", self.offset, self.file)
    }
}

impl<'a> Place<'a> {
    /// What was typed from an offset up to the cursor.
    fn typed(&self, start: usize) -> &'a str {
        self.text.get(start..self.offset as usize).unwrap_or("")
    }
}

/// Sorts what was found, and keeps as many as are shown. Tells whether there are
/// more.
fn best<T, K: Ord>(found: &mut Vec<T>, key: impl Fn(&T) -> K) -> bool {
    let is_cut = found.len() > MAX_ITEMS;
    if is_cut {
        found.select_nth_unstable_by_key(MAX_ITEMS, &key);
        found.truncate(MAX_ITEMS);
    }
    found.sort_by_key(key);
    is_cut
}

/// What can be written at a place. `None` where nothing is offered.
pub fn completion(place: &Place<'_>) -> Option<List> {
    let note: &Note = &*place.vault.note(place.file)?;
    let fits = note.len as usize == place.text.len();
    if !fits || !place.text.is_char_boundary(place.offset as usize) {
        return None;
    }
    let list = context::context(place, note).map(|context| match context {
        Context::Link(link) => convert::convert(place, &link, names::links(place, note, &link)),
        Context::Destination(destination) => destination::destinations(place, note, &destination),
        Context::Tag(range) => tags::tags(place, note, &range),
        Context::Label(kind, range) => words::labels(place, note, kind, &range),
        Context::Word(words, range) => words::words(place, note, words, &range),
        Context::Key(key) => properties::keys(place, note, &key),
        Context::Value(value) => properties::values(place, note, &value),
        Context::Field(range) => fields::keys(place, note, &range),
        Context::FieldValue(key, range) => fields::values(place, note, &key, &range),
    });
    let list = list.map(|mut list| {
        list.is_incomplete |= !place.vault.is_complete() || list.items.len() > MAX_ITEMS;
        list.items.truncate(MAX_ITEMS);
        list
    });
    let mut list = section::add(place, note, list)?;
    filter::keep(place.typed(list.replace.start as usize), &mut list);
    Some(list)
}
