//! Renaming a footnote, or the label of reference links, in its note (M5, G10).

use std::ops::Range;

use super::place::{Cursor, Prepared, Subject};
use super::site::{Site, edits};
use super::{Part, Plan, Refusal, chains};
use crate::edit::applied;
use crate::fact::{Label, LabelKind};
use crate::index::FileId;
use crate::note::{Anchor, Note, ParseOptions};
use crate::path::fold_hash;
use crate::query::Texts;
use crate::symbol::Symbols;
use crate::vault::Vault;

/// Where a label names what it is, and how.
struct Place {
    /// The bytes of the id; for [`Way::Short`] the end of the label.
    id: Range<u32>,
    way: Way,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// `[^id]`, `[text][id]`, or a definition.
    Full,
    /// `[id][]`: the id is what is shown.
    Collapsed,
    /// `[id]`: the id is what is shown.
    Short,
}

fn is_footnote(label: &Label) -> bool {
    matches!(label.kind, LabelKind::Footnote | LabelKind::FootnoteUse)
}

fn is_definition(label: &Label) -> bool {
    matches!(label.kind, LabelKind::Footnote | LabelKind::Definition)
}

/// The offset of the first `]` that is not escaped.
fn closer(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let is_it = byte == b']' && !escaped;
        escaped = byte == b'\\' && !escaped;
        is_it
    })
}

fn place(text: &str, label: &Label) -> Option<Place> {
    let start = label.range.start as usize;
    let written = text.get(start..label.range.end as usize)?;
    let place = |id: Range<usize>, way| {
        let id = (start + id.start) as u32..(start + id.end) as u32;
        Some(Place { id, way })
    };
    if label.kind == LabelKind::DefinitionUse {
        let end = written.len().checked_sub(1)?;
        if written.ends_with("][]") {
            return place(end..end, Way::Collapsed);
        }
        // The empty brackets may lie behind the label.
        if text.get(start + end + 1..)?.starts_with("[]") {
            return place(end + 2..end + 2, Way::Collapsed);
        }
        let is_escaped = |at: usize| written[..at].ends_with('\\');
        let mut openers = written.match_indices('[').map(|found| found.0);
        let last = openers.rfind(|&at| !is_escaped(at))?;
        return if written[..last].ends_with(']') {
            place(last + 1..end, Way::Full)
        } else {
            place(end + 1..end + 1, Way::Short)
        };
    }
    let open = written.find('[')? + 1 + usize::from(is_footnote(label));
    let length = closer(written.get(open..)?)?;
    place(open..open + length, Way::Full)
}

/// The bytes of the id as it is written.
fn id(text: &str, label: &Label) -> Option<Range<u32>> {
    let place = place(text, label)?;
    if place.way == Way::Full {
        return Some(place.id);
    }
    let written = text.get(label.range.start as usize..label.range.end as usize)?;
    let open = 1 + u32::from(written.starts_with('!'));
    let shown = written.strip_suffix("[]").unwrap_or(written);
    let end = label.range.start + shown.len() as u32 - 1;
    Some(label.range.start + open..end)
}

/// The footnote or label under the cursor. In the text of a footnote it is
/// not.
pub(super) fn of_label(cursor: &Cursor<'_>, index: usize) -> Option<Prepared> {
    let label = cursor.note.labels.get(index)?;
    let id = id(cursor.text, label)?;
    let name = cursor.slice(&id).to_owned();
    let subject = Subject::Label(cursor.file, index);
    let is_in = id.start <= cursor.offset && cursor.offset <= id.end;
    if is_definition(label) && cursor.offset > id.end + 1 {
        return None;
    }
    let range = if is_in || is_definition(label) {
        id
    } else {
        label.range.clone()
    };
    Some(Prepared {
        subject,
        range,
        name,
    })
}

/// The definition of reference links whose label is under the cursor: the rest
/// of it is a link.
pub(super) fn of_definition(cursor: &Cursor<'_>) -> Option<Prepared> {
    let is_it = |label: &Label| {
        label.kind == LabelKind::Definition
            && label.range.start <= cursor.offset
            && cursor.offset <= label.range.end
    };
    let index = cursor.note.labels.iter().position(is_it)?;
    of_label(cursor, index)
}

/// The plan by which a footnote or label, by the index of one in its note, is
/// called `new`. References that show their label keep what they show.
pub(super) fn renamed(
    vault: &Vault,
    file: FileId,
    index: usize,
    new: &str,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    let path = || vec![vault.path(file).unwrap_or_default()];
    let note = vault.note(file).ok_or(Refusal::NothingHere)?;
    let label = note.labels.get(index).ok_or(Refusal::NothingHere)?;
    let text = texts.text(file);
    let text = text.ok_or_else(|| Refusal::Unreadable(path()))?;
    let is_footnote = is_footnote(label);
    let new = check(new, is_footnote)?;
    let key = fold_hash(&new);
    let kind = |own: &Label| self::is_footnote(own) == is_footnote;
    let is_taken = |own: &Label| kind(own) && own.key == key;
    if key != label.key && note.labels.iter().any(is_taken) {
        let what = written(&new, is_footnote);
        return Err(Refusal::Name(
            format!("The note has `{what}` already"),
            None,
        ));
    }
    let is_same = |own: &&Label| kind(own) && own.key == label.key;
    let mut plan = Plan::default();
    for own in note.labels.iter().filter(is_same) {
        let place = place(&text, own).ok_or_else(|| Refusal::Changed(path()))?;
        let old = text.get(place.id.start as usize..place.id.end as usize);
        let old = old.unwrap_or("");
        let new = match place.way {
            Way::Short => format!("[{new}]"),
            Way::Full | Way::Collapsed => new.clone(),
        };
        if old == new {
            continue;
        }
        let part = if is_definition(own) {
            Part::Definition
        } else {
            Part::Reference
        };
        plan.add(file, Site::text(part, place.id, old, new));
    }
    let sites = plan.sites.get(&file).ok_or(Refusal::Same)?;
    let edits = edits(vault, sites, &text).ok_or_else(|| Refusal::Changed(path()))?;
    let edits: Vec<_> = edits.into_iter().map(|own| (own.range, own.new)).collect();
    let after = parsed(&applied(&text, &edits), &vault.parse_options());
    let expected = note.labels.iter().map(|own| {
        let is_renamed = kind(own) && own.key == label.key;
        (own.kind, if is_renamed { key } else { own.key })
    });
    let found = after.labels.iter().map(|own| (own.kind, own.key));
    if !expected.eq(found) || after.links.len() != note.links.len() {
        let why = format!(
            "`{}` stands in the note as text and would become a reference",
            written(&new, is_footnote)
        );
        return Err(Refusal::Name(why, None));
    }
    if is_footnote {
        subpaths(vault, file, &note, label.key, &new, &mut plan);
    }
    chains::follow(vault, &mut plan, texts)?;
    Ok(plan)
}

/// `[[Note#[^id]]]` names a footnote (B4).
fn subpaths(vault: &Vault, file: FileId, note: &Note, key: u32, new: &str, plan: &mut Plan) {
    let mut subpaths = chains::Subpaths::default();
    for (source, link) in chains::incoming(vault, file, note) {
        let Some(Anchor::Label(index)) = vault.anchor_in(&link, note) else {
            continue;
        };
        if note.labels.get(index).is_some_and(|own| own.key == key) {
            let old = vault.string(link.subpath);
            let above = old.rfind('#').map_or("", |hash| &old[..=hash]);
            subpaths.set(plan, source, link, format!("{above}[^{new}]"));
        }
    }
}

fn written(id: &str, is_footnote: bool) -> String {
    let mark = if is_footnote { "^" } else { "" };
    format!("[{mark}{id}]")
}

fn parsed(text: &str, options: &ParseOptions) -> Note {
    Note::parse(text, &Symbols::default(), options)
}

/// The new id, if there can be such a one.
fn check(new: &str, is_footnote: bool) -> Result<String, Refusal> {
    let words: Vec<&str> = new.split_whitespace().collect();
    let name = words.join(" ");
    let name = if is_footnote {
        name.trim_start_matches('^')
    } else {
        &name
    };
    let written = written(name, is_footnote);
    let (probe, kinds) = if is_footnote {
        let kinds = [LabelKind::FootnoteUse, LabelKind::Footnote];
        (format!("x{written}\n\n{written}: y\n"), kinds)
    } else {
        let kinds = [LabelKind::DefinitionUse, LabelKind::Definition];
        (format!("[x]{written}\n\n{written}: y\n"), kinds)
    };
    let note = parsed(&probe, &ParseOptions::default());
    let key = fold_hash(name);
    let found = note.labels.iter().map(|own| (own.kind, own.key));
    let has_mark = name.contains(['|', '[', ']']) || is_footnote && name.contains(' ');
    if !found.eq(kinds.map(|kind| (kind, key))) || has_mark {
        let why = if is_footnote {
            "The label of a footnote has no blanks and none of [ ] | ^"
        } else {
            "A label is not empty and has none of [ ] |, nor a ^ in front"
        };
        return Err(Refusal::Name(why.to_owned(), None));
    }
    Ok(name.to_owned())
}
