//! A table of contents: links to the headings of a note, between two comments
//! by which it is found again.

use std::fmt::Write;
use std::ops::Range;

use super::{Action, ActionKind, Place, line_break};
use crate::edit::VaultEdit;
use crate::fact::RegionKind;
use crate::heading;
use crate::link::{self, Draft};
use crate::query::at::At;
use crate::query::subject::title_heading;
use crate::query::tiers::sections;

/// The line above the table; other programs write the same.
const START: &str = "<!--toc:start-->";
/// The line below it.
const END: &str = "<!--toc:end-->";
/// Fewer headings need no table, and of more it would be of no use.
const FEW: usize = 2;
const MANY: usize = 1_000;

/// The table that stands in the note, wherever the cursor is: an editor may
/// ask for it when it saves the note.
pub(super) fn update<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    if place.note.headings.len() > MANY {
        return;
    }
    if let Some(old) = written(place) {
        let new = table(place, old.start);
        let old = old.start as u32..old.end as u32;
        if place.slice(&old) != new {
            let edit = VaultEdit::of(place.file, vec![(old, new)]);
            let title = "Bring the table of contents up to date";
            found.push(Action::new(ActionKind::Contents, title, |_| Some(edit)));
        }
    }
}

/// A new table at an empty line, or below the title.
pub(super) fn offer<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    let at = place.range.start;
    let is_empty_line = place.line(at).trim().is_empty() && at >= place.note.frontmatter.end;
    let title = title_heading(place.vault, place.file, place.note);
    let under_title = matches!(place.at, Some(At::Heading(index)) if Some(index) == title);
    let is_place = is_empty_line || under_title;
    let count = place.note.headings.len();
    if !is_place || count > MANY || written(place).is_some() || entries(place).len() < FEW {
        return;
    }
    let edit = move |_: &dyn crate::query::Texts| {
        let line_break = line_break(place.text, at as usize);
        let table = table(place, at as usize);
        let edit = if is_empty_line {
            (at..at, table)
        } else {
            let end = place.lines.line_of(at).start + place.line(at).trim_end().len() as u32;
            (end..end, format!("{line_break}{line_break}{table}"))
        };
        Some(VaultEdit::of(place.file, vec![edit]))
    };
    found.push(Action::new(
        ActionKind::Rewrite,
        "Insert a table of contents",
        edit,
    ));
}

/// Where the table stands, with its comments. Each has a line of its own, and
/// between them is nothing but a list: other text there is somebody's.
fn written(place: &Place<'_>) -> Option<Range<usize>> {
    let in_code = |at: usize| place.note.is_in(RegionKind::Code, at as u32);
    let mut start = None;
    let mut at = 0;
    for line in place.text.split_inclusive('\n') {
        let content = line.trim();
        if content == START && !in_code(at) {
            start = Some(at + line.find(START)?);
        } else if content == END && start.is_some() {
            return Some(start?..at + line.find(END)? + END.len());
        } else if !content.is_empty() && !content.starts_with("- ") {
            start = None;
        }
        at += line.len();
    }
    None
}

/// The headings with their levels and subpaths: those that links reach, and
/// neither the title nor the tier section.
fn entries(place: &Place<'_>) -> Vec<(u8, String, String)> {
    let note = place.note;
    let title = title_heading(place.vault, place.file, note);
    let tiers = sections(place.vault, note, &place.lines);
    let levels = || {
        note.headings
            .iter()
            .map(|heading| (heading.level(), heading.key))
    };
    let mut found = Vec::new();
    let mut path: Vec<(u8, usize)> = Vec::new();
    for (index, heading) in note.headings.iter().enumerate() {
        path.retain(|up| up.0 < heading.level());
        path.push((heading.level(), index));
        let in_tiers = tiers
            .iter()
            .any(|section| section.range.contains(&heading.start));
        if heading.is_hidden() || heading.title.is_empty() || in_tiers || title == Some(index) {
            continue;
        }
        // As short as it can be: of equal headings a parent tells which is meant.
        let mut subpath = String::new();
        for &(_, up) in path.iter().rev() {
            let text = place.slice(&note.headings[up].range());
            let Some(segment) = link::heading_subpath(text) else {
                break;
            };
            subpath = if subpath.is_empty() {
                segment
            } else {
                format!("{segment}#{subpath}")
            };
            let keys: Vec<u32> = subpath.split('#').filter_map(heading::key).collect();
            if heading::find(levels(), &keys) == Some(index) {
                found.push((heading.level(), subpath, place.vault.string(heading.title)));
                break;
            }
        }
    }
    found
}

fn table(place: &Place<'_>, at: usize) -> String {
    let line_break = line_break(place.text, at);
    let entries = entries(place);
    // However deep the first heading is, it is not in another one.
    let mut above: Vec<u8> = Vec::new();
    let mut table = format!("{START}{line_break}{line_break}");
    for (level, subpath, title) in &entries {
        let alias = if subpath == title { "" } else { title };
        let draft = Draft {
            subpath,
            alias,
            ..Draft::default()
        };
        let link = link::new(place.vault.new_form(), &draft);
        above.retain(|up| up < level);
        table.push_str(&"  ".repeat(above.len()));
        above.push(*level);
        let _ = write!(table, "- {link}{line_break}");
    }
    table + line_break + END
}
