//! Names of notes that stand in the text without being links.

use std::ops::Range;

use memchr::memmem;

use super::{Action, ActionKind, Place};
use crate::edit::{TextEdit, VaultEdit};
use crate::index::FileId;
use crate::markdown;
use crate::query::at::At;
use crate::query::mentions::{self, MAX_WORDS, linked, named, path_to, words};

pub(super) fn offer<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    if !matches!(place.at, None | Some(At::FirstLine)) {
        return;
    }
    let Some((range, file)) = mention(place) else {
        return;
    };
    let Some(path) = path_to(place.vault, place.file, file) else {
        return;
    };
    let name = &place.text[range.clone()];
    let all = everywhere(place, name).into_iter().map(|range| {
        let range = range.start as u32..range.end as u32;
        linked(place.vault, place.note, place.text, &path, &range)
    });
    let all: Vec<TextEdit> = all.collect();
    let own = all.iter().find(|edit| edit.0.start as usize == range.start);
    let Some(one) = own.cloned() else { return };
    let title = format!("Link `{name}` to its note");
    let edit = VaultEdit::of(place.file, vec![one]);
    found.push(Action::new(ActionKind::Rewrite, title, |_| Some(edit)));
    if all.len() > 1 {
        let title = format!("Link all {} mentions of `{name}` in this note", all.len());
        let edit = VaultEdit::of(place.file, all);
        found.push(Action::new(ActionKind::Rewrite, title, |_| Some(edit)));
    }
}

/// The longest name of a note, or alias, among the words around the cursor.
fn mention(place: &Place<'_>) -> Option<(Range<usize>, FileId)> {
    let cursor = place.range.start;
    if cursor < place.note.frontmatter.end {
        return None;
    }
    let line = place.lines.line_of(cursor);
    let words = words(place.text, line.start as usize..line.end as usize);
    let cursor = cursor as usize;
    let own = words
        .iter()
        .position(|word| word.start <= cursor && cursor <= word.end)?;
    for count in (1..=MAX_WORDS.min(words.len())).rev() {
        let first = (own + 1).saturating_sub(count);
        for start in first..=own.min(words.len() - count) {
            let range = words[start].start..words[start + count - 1].end;
            let name = &place.text[range.clone()];
            if let Some(file) = named(place.vault, place.file, name) {
                return Some((range, file));
            }
        }
    }
    None
}

/// Where a name stands in the body as whole words and is plain text.
fn everywhere(place: &Place<'_>, name: &str) -> Vec<Range<usize>> {
    let body = place.note.frontmatter.end as usize;
    let structure = markdown::structure(place.text, body, &[]);
    let mut closed: Vec<Range<usize>> = structure.solid;
    closed.extend(structure.math);
    closed.extend(mentions::closed(place.note, body..place.text.len()));
    closed.sort_unstable_by_key(|range| range.start);
    let text = place.text.as_bytes();
    let found = memmem::find_iter(&text[body..], name.as_bytes()).map(|at| body + at);
    let found = found.map(|at| at..at + name.len());
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let is_whole = |range: &Range<usize>| {
        !is_word(place.text[..range.start].chars().next_back())
            && !is_word(place.text[range.end..].chars().next())
    };
    let mut next = 0;
    found
        .filter(is_whole)
        .filter(|range| {
            while closed
                .get(next)
                .is_some_and(|closed| closed.end <= range.start)
            {
                next += 1;
            }
            closed
                .get(next)
                .is_none_or(|closed| range.end <= closed.start)
        })
        .collect()
}
