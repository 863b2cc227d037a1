//! What can be done at a place of a note beside mending what is reported
//! there: new notes and copies, other forms of a link, moving text.
//!
//! Listing the actions reads the text of no other note; their edits, which may,
//! are made when one of them is chosen.

mod carry;
mod create;
mod extract;
mod headings;
mod inline;
mod link;
mod mentions;
mod properties;
#[cfg(test)]
mod tests;
mod tiers;
mod toc;

use std::fmt;
use std::ops::Range;

use crate::edit::VaultEdit;
use crate::fact::{Link, RegionKind};
use crate::index::FileId;
use crate::lines::LineIndex;
use crate::note::Note;
use crate::query::Texts;
use crate::query::at::{At, at};
use crate::rule::Rule;
use crate::text::Encoding;
use crate::vault::Vault;

pub use create::new_note;
pub(crate) use create::{is_creatable, new_folder};
pub(crate) use tiers::{mirrored, repaired, stale_mirrors, tier_section};

/// What sort of action it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// It mends something that is wrong.
    QuickFix,
    /// It moves text out of the note.
    Extract,
    /// It brings text into the note.
    Inline,
    /// It writes the same in another way.
    Rewrite,
    /// It brings the table of contents up to date.
    Contents,
}

/// What makes the edit of an action when it is chosen.
type Making<'a> = dyn FnOnce(&dyn Texts) -> Option<VaultEdit> + 'a;

/// Something that can be done.
pub struct Action<'a> {
    /// What it does, as an order. No two actions of a place have the same.
    pub title: String,
    /// What sort of action it is.
    pub kind: ActionKind,
    /// Whether it is surely what is wanted.
    pub is_preferred: bool,
    /// Whether it makes a new file.
    pub creates: bool,
    /// The rules whose reports at this place it mends.
    pub mends: &'static [Rule],
    edit: Box<Making<'a>>,
}

impl fmt::Debug for Action<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} {:?}", self.kind, self.title)
    }
}

impl<'a> Action<'a> {
    fn new(
        kind: ActionKind,
        title: impl Into<String>,
        edit: impl FnOnce(&dyn Texts) -> Option<VaultEdit> + 'a,
    ) -> Self {
        Self {
            title: title.into(),
            kind,
            is_preferred: false,
            creates: false,
            mends: &[],
            edit: Box::new(edit),
        }
    }

    fn mends(self, mends: &'static [Rule]) -> Self {
        Self { mends, ..self }
    }

    fn preferred(self) -> Self {
        Self {
            is_preferred: true,
            ..self
        }
    }

    fn creates(self) -> Self {
        Self {
            creates: true,
            ..self
        }
    }

    /// What is to be changed. `None` when a note that it needs cannot be read.
    pub fn edit(self, texts: &dyn Texts) -> Option<VaultEdit> {
        (self.edit)(texts)
    }
}

/// A place of a note, and all that is known of it.
#[derive(Debug)]
pub struct Place<'a> {
    vault: &'a Vault,
    file: FileId,
    note: &'a Note,
    text: &'a str,
    lines: LineIndex,
    /// The selection; empty for a cursor. One character counts as a cursor, for
    /// there are editors in which nothing less can be selected.
    range: Range<u32>,
    at: Option<At>,
}

impl<'a> Place<'a> {
    /// A selection, or a cursor, in a note. `text` is what `note` was read from.
    pub fn new(
        vault: &'a Vault,
        file: FileId,
        note: &'a Note,
        text: &'a str,
        range: Range<u32>,
    ) -> Self {
        let selected = text.get(range.start as usize..range.end as usize);
        let is_cursor = selected.is_none_or(|selected| selected.chars().nth(1).is_none());
        let range = range.start..if is_cursor { range.start } else { range.end };
        Self {
            vault,
            file,
            note,
            text,
            lines: note.lines.index(Encoding::Utf8),
            at: at(note, range.start),
            range,
        }
    }

    /// The link at the place.
    fn link(&self) -> Option<&'a Link> {
        match self.at {
            Some(At::Link(index)) => self.note.links.get(index),
            _ => None,
        }
    }

    fn slice(&self, range: &Range<u32>) -> &'a str {
        let slice = self.text.get(range.start as usize..range.end as usize);
        slice.unwrap_or("")
    }

    /// The bytes of a link as indices.
    fn wide(&self, link: &Link) -> Range<usize> {
        link.start as usize..(link.start as usize + usize::from(link.len)).min(self.text.len())
    }

    /// Whether a link would show text that is too secret for the note, were
    /// there what it names.
    fn would_show_secret(&self, link: &Link) -> bool {
        let tiers = self.vault.tiers();
        let named = self.vault.spelled_path(link, self.file);
        let named = named.and_then(|path| tiers.of(&path));
        let own = tiers.of(&self.vault.full_folder(self.file));
        link.is(Link::EMBED) && self.vault.is_secret_in(named, own)
    }

    /// Whether a link stands in a table, where a bare `|` ends its cell.
    fn is_in_table(&self, link: &Link) -> bool {
        self.is_table_at(link.start)
    }

    fn is_table_at(&self, at: u32) -> bool {
        self.note.is_in(RegionKind::Table, at)
    }

    /// The line of an offset with its break.
    fn line(&self, offset: u32) -> &'a str {
        self.slice(&self.lines.line_of(offset))
    }
}

/// The actions at a place, the likeliest first.
pub fn actions<'a>(place: &'a Place<'a>) -> Vec<Action<'a>> {
    let mut found = Vec::new();
    toc::update(place, &mut found);
    // Clients ask with the range of a diagnostic, too.
    if place.range.end <= place.lines.line_of(place.range.start).end {
        create::offer(place, &mut found);
        link::offer(place, &mut found);
        tiers::offer(place, &mut found);
        headings::offer(place, &mut found);
        inline::offer(place, &mut found);
        mentions::offer(place, &mut found);
        properties::offer(place, &mut found);
        toc::offer(place, &mut found);
    }
    extract::offer(place, &mut found);
    found
}

/// Text that replaces whole lines, with an empty line on either side where
/// there is none: beside text it could be read as part of it.
fn apart(place: &Place<'_>, range: &Range<u32>, new: &str, line_break: &str) -> String {
    let first = place.lines.line_of(range.start).start;
    let is_below_text = first > 0 && {
        let above = place.lines.line_of(first - 1);
        first > place.note.frontmatter.end && !place.slice(&above).trim().is_empty()
    };
    let last = place.lines.line_of(range.end);
    let is_above_text = last.end > range.end && !place.line(last.end).trim().is_empty();
    let before = if is_below_text { line_break } else { "" };
    let after = if is_above_text { line_break } else { "" };
    format!("{before}{new}{after}")
}

/// Whether what is written at an offset would be code, or in a comment.
fn is_hidden(note: &Note, at: u32) -> bool {
    let mut regions = note.regions.iter();
    regions.any(|region| {
        matches!(region.kind, RegionKind::Code | RegionKind::Comment)
            && region.range.start < at
            && at <= region.range.end
            && region.range.end + 1 >= note.len
    })
}

/// The break at the end of the line that holds `at`, or that of the first
/// line: new text takes the line end of its surroundings.
fn line_break(text: &str, at: usize) -> &'static str {
    let ends = |from: &str| {
        let end = memchr::memchr2(b'\n', b'\r', from.as_bytes())?;
        Some(match from.get(end..end + 2) {
            Some("\r\n") => "\r\n",
            _ if from.as_bytes().get(end) == Some(&b'\r') => "\r",
            _ => "\n",
        })
    };
    let here = text.get(at..).and_then(ends);
    here.or_else(|| ends(text)).unwrap_or("\n")
}
