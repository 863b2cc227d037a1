//! What stands under the cursor.

use std::ops::Range;

use crate::fact::LabelKind;
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
    let labels = note.labels();
    label(note, offset, |kind| {
        kind != LabelKind::Footnote && kind != LabelKind::Definition
    })
    .or_else(|| find(&note.links, offset, super::super::fact::Link::range).map(At::Link))
    .or_else(|| find(&note.tags, offset, super::super::fact::Tag::range).map(At::Tag))
    .or_else(|| find(&note.fields, offset, super::super::fact::Field::key_range).map(At::Field))
    .or_else(|| find(note.blocks(), offset, |block| block.id_range.clone()).map(At::Block))
    .or_else(|| {
        find(
            &note.properties,
            offset,
            super::super::fact::Property::key_range,
        )
        .map(At::Property)
    })
    .or_else(|| {
        let alias = |a: &crate::fact::Alias| a.start..a.start + u32::from(a.len);
        find(&note.aliases, offset, alias).map(At::Alias)
    })
    .or_else(|| {
        // Of a footnote and a definition only the label counts.
        let label = label(note, offset, |kind| {
            kind == LabelKind::Footnote || kind == LabelKind::Definition
        });
        let At::Label(index) = label? else {
            return None;
        };
        let first_line = note.lines.line_of(labels[index].range.start);
        first_line.contains(&offset).then_some(At::Label(index))
    })
    .or_else(|| {
        let line = |h: &crate::fact::Heading| note.lines.line_of(h.start).start..h.range().end;
        find(&note.headings, offset, line).map(At::Heading)
    })
    .or_else(|| (offset < note.lines.line_of(0).end).then_some(At::FirstLine))
}

fn label(note: &Note, offset: u32, kind: impl Fn(LabelKind) -> bool) -> Option<At> {
    let mut labels = note.labels().iter();
    let here = labels.position(|label| {
        kind(label.kind) && label.range.start <= offset && offset <= label.range.end
    });
    here.map(At::Label)
}

/// The fact that holds the offset. Facts are sorted by start; where two touch,
/// the one that begins at the offset is meant.
fn find<T>(facts: &[T], offset: u32, range: impl Fn(&T) -> Range<u32>) -> Option<usize> {
    let after = facts.partition_point(|fact| range(fact).start <= offset);
    let index = after.checked_sub(1)?;
    let holds = |index: usize| range(&facts[index]).end >= offset;
    holds(index).then_some(index)
}
