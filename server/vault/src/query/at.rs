//! What stands under the cursor.

use std::ops::Range;

use crate::fact::{Alias, Block, Field, LabelKind, Link, Property, Tag};
use crate::note::Note;

/// A fact under the cursor, by its index in the note's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// In [`Note::links`].
    Link(usize),
    /// In [`Note::tags`].
    Tag(usize),
    /// In [`Note::fields`]: its key.
    Field(usize),
    /// In [`Note::properties`]: its key.
    Property(usize),
    /// In [`Note::aliases`].
    Alias(usize),
    /// In [`Note::blocks`]: its id.
    Block(usize),
    /// In [`Note::labels`].
    Label(usize),
    /// In [`Note::headings`].
    Heading(usize),
    /// The first line of the note, and nothing else there.
    FirstLine,
}

/// The fact at a byte offset. The offset behind the last character of a fact
/// belongs to it, for that is where a cursor stands after typing it.
pub fn at(note: &Note, offset: u32) -> Option<At> {
    let is_use = |kind| !is_definition(kind);
    let line = || note.lines.line_of(offset);
    label(note, offset, is_use)
        .or_else(|| find(&note.links, offset, Link::range).map(At::Link))
        .or_else(|| find(&note.tags, offset, Tag::range).map(At::Tag))
        .or_else(|| find(&note.fields, offset, Field::key_range).map(At::Field))
        .or_else(|| {
            let id = |block: &Block| block.id_range.clone();
            find(&note.blocks, offset, id).map(At::Block)
        })
        .or_else(|| find(&note.properties, offset, Property::key_range).map(At::Property))
        .or_else(|| find(&note.aliases, offset, Alias::range).map(At::Alias))
        .or_else(|| {
            // Of a footnote and a definition only the label counts.
            let found = label(note, offset, is_definition)?;
            let At::Label(index) = found else {
                return None;
            };
            line()
                .contains(&note.labels[index].range.start)
                .then_some(found)
        })
        .or_else(|| {
            let own = line();
            let next = note.headings.partition_point(|h| h.start <= own.end);
            let is_here = |&index: &usize| {
                let heading = &note.headings[index];
                note.lines.line_of(heading.start).start == own.start
                    && offset <= heading.range().end
            };
            let mut last = (0..next).rev().take(2);
            last.find(is_here).map(At::Heading)
        })
        .or_else(|| {
            let first = note.lines.line_of(0);
            (offset < first.end || note.len == 0).then_some(At::FirstLine)
        })
}

fn is_definition(kind: LabelKind) -> bool {
    matches!(kind, LabelKind::Footnote | LabelKind::Definition)
}

fn label(note: &Note, offset: u32, kind: impl Fn(LabelKind) -> bool) -> Option<At> {
    let mut labels = note.labels.iter();
    let here = labels.position(|label| {
        kind(label.kind) && label.range.start <= offset && offset <= label.range.end
    });
    here.map(At::Label)
}

/// Facts may stand in others, such as an image in a link, this deep.
const MAX_NESTING: usize = 16;

/// The innermost fact that holds the offset. Facts are sorted by start; where
/// two touch, the one that begins at the offset is meant.
fn find<T>(facts: &[T], offset: u32, range: impl Fn(&T) -> Range<u32>) -> Option<usize> {
    let after = facts.partition_point(|fact| range(fact).start <= offset);
    let mut before = (0..after).rev().take(MAX_NESTING);
    before.find(|&index| range(&facts[index]).end >= offset)
}
