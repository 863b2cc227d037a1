//! Names of notes that stand in the text without being links.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::{Action, ActionKind, Place};
use crate::edit::{TextEdit, VaultEdit};
use crate::index::FileId;
use crate::query::at::At;
use crate::query::mentions::{Mention, linked, mentions, path_to};

/// Links the name at the cursor, all mentions of its note, or those of all notes.
pub(super) fn offer<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    if !matches!(place.at, None | Some(At::FirstLine)) {
        return;
    }
    let cursor = place.range.start;
    let line = place.lines.line_of(cursor);
    let here = within(place, &(line.start..line.end));
    let at_cursor = |own: &Mention| own.range.start <= cursor && cursor <= own.range.end;
    let Some(own) = here.into_iter().find(at_cursor) else {
        return;
    };
    let mut edits = Edits::new(place);
    let Some(one) = edits.of(&own) else { return };
    let mut add = |title: String, edits: Vec<TextEdit>| {
        let edit = VaultEdit::of(place.file, edits);
        found.push(Action::new(ActionKind::Rewrite, title, |_| Some(edit)));
    };
    let name = place.slice(&own.range);
    add(format!("Link `{name}` to its note"), vec![one]);
    let all = within(place, &(0..place.note.len));
    let same = all.iter().filter(|other| other.file == own.file);
    let same: Vec<TextEdit> = same.filter_map(|other| edits.of(other)).collect();
    let all: Vec<TextEdit> = all.iter().filter_map(|other| edits.of(other)).collect();
    let [count, of_all] = [same.len(), all.len()];
    if count > 1 {
        let stem = place.stem(own.file);
        let title = format!("Link all {count} mentions of `{stem}` in this note");
        add(title, same);
    }
    if of_all > count {
        let title = format!("Link all {of_all} mentions of notes in this note");
        add(title, all);
    }
}

/// The mentions among these bytes that are no part of a heading: links name that
/// by its text.
fn within(place: &Place<'_>, range: &Range<u32>) -> Vec<Mention> {
    let headings = &place.note.headings;
    let is_title = |mention: &Mention| {
        let at = mention.range.start;
        let next = headings.partition_point(|heading| heading.start <= at);
        let last = next.checked_sub(1).and_then(|last| headings.get(last));
        last.is_some_and(|heading| heading.range().contains(&at))
    };
    let mut found = mentions(place.vault, place.file, place.note, place.text, range);
    found.retain(|mention| !is_title(mention));
    found
}

/// The edits that make links of mentions. The path to a note is made once.
struct Edits<'a> {
    place: &'a Place<'a>,
    paths: FxHashMap<FileId, Option<String>>,
}

impl<'a> Edits<'a> {
    fn new(place: &'a Place<'a>) -> Self {
        let paths = FxHashMap::default();
        Self { place, paths }
    }

    fn of(&mut self, mention: &Mention) -> Option<TextEdit> {
        let Place {
            vault,
            file,
            note,
            text,
            ..
        } = *self.place;
        let path = self.paths.entry(mention.file);
        let path = path.or_insert_with(|| path_to(vault, file, mention.file));
        let path = path.as_deref()?;
        Some(linked(vault, note, text, path, &mention.range))
    }
}
