//! Writing the heading that a link names.

use super::{Action, ActionKind, Place, is_hidden, line_break};
use crate::edit::VaultEdit;
use crate::heading::{self, Subpath};
use crate::index::FileId;
use crate::note::Note;
use crate::path::{split, strip_md};
use crate::query::Texts;
use crate::query::tiers::sections;
use crate::rule::Rule;
use crate::text::Encoding;
use crate::vault::Vault;

pub(super) fn offer<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    let Some(link) = place.link() else { return };
    let vault = place.vault;
    let Some(target) = vault.resolve(link, place.file).file() else {
        return;
    };
    let Some(note) = vault.note(target) else {
        return;
    };
    let subpath = vault.string(link.subpath);
    let is_missing = vault.anchor_in(link, &note).is_none();
    if !is_missing || !matches!(heading::subpath(&subpath), Subpath::Headings(_)) {
        return;
    }
    let path = vault.path(target).unwrap_or_default();
    let name = split(&path).1;
    let name = strip_md(name).unwrap_or(name);
    let title = format!("Add the heading `{subpath}` to `{name}`");
    let edit = move |texts: &dyn Texts| {
        let text = texts.text(target)?;
        let (at, new) = added(vault, target, &text, &subpath)?;
        Some(VaultEdit::of(target, vec![(at..at, new)]))
    };
    let action = Action::new(ActionKind::QuickFix, title, edit);
    found.push(action.mends(&[Rule::BrokenHeading]));
}

/// Where the missing headings of a subpath go, and their lines: below those
/// that are there, else at the end, and always above the tier section.
fn added(vault: &Vault, file: FileId, text: &str, subpath: &str) -> Option<(u32, String)> {
    let note: &Note = &*vault.note(file)?;
    let lines = note.lines.index(Encoding::Utf8);
    let segments: Vec<&str> = subpath
        .split('#')
        .map(str::trim)
        .filter(|segment| !segment.is_empty())
        .collect();
    let keys: Option<Vec<u32>> = segments
        .iter()
        .map(|segment| heading::key(segment))
        .collect();
    let keys = keys?;
    let found = |count: usize| {
        let headings = note
            .headings
            .iter()
            .map(|heading| (heading.level(), heading.key));
        heading::find(headings, &keys[..count])
    };
    let there = (0..keys.len())
        .rev()
        .find(|&count| count == 0 || found(count).is_some())?;
    let parent = if there == 0 { None } else { found(there) };
    let mut end = parent.map_or(note.len, |parent| note.section_in(parent, &lines).end);
    for section in sections(vault, note, &lines) {
        let above = parent.is_none_or(|parent| note.headings[parent].start < section.range.start);
        if above && section.range.start < end {
            end = section.range.start;
        }
    }
    let above = text.get(..end as usize)?;
    let line_break = line_break(text, above.trim_end().len());
    let at = above.trim_end().len() as u32;
    if is_hidden(note, at) {
        return None;
    }
    let level = parent.map_or(2, |parent| usize::from(note.headings[parent].level()) + 1);
    let mut new = String::new();
    for (depth, segment) in segments[there..].iter().enumerate() {
        if at > 0 || !new.is_empty() {
            new.push_str(line_break);
            new.push_str(line_break);
        }
        new.push_str(&"#".repeat((level + depth).min(6)));
        new.push(' ');
        new.push_str(segment);
    }
    if above[at as usize..].is_empty() {
        new.push_str(line_break);
    }
    Some((at, new))
}
