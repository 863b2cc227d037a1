//! Other shapes for the property under the cursor.

use super::{Action, ActionKind, Place, line_break};
use crate::edit::VaultEdit;
use crate::frontmatter::{self, Entry, Frontmatter, Value};

pub(super) fn offer<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    let Some(cut) = frontmatter::cut(place.text) else {
        return;
    };
    let start = place.range.start as usize;
    if !cut.content.contains(&start) || !place.note.valid_frontmatter {
        return;
    }
    let front = frontmatter::parse(place.text, &cut);
    let Some((index, entry)) = property_at(place, &front) else {
        return;
    };
    let Some(key) = &entry.key else { return };
    let change = match &entry.value {
        Value::Scalar(_) => as_list(place, entry),
        Value::List => as_value(place, &front, index),
        _ => None,
    };
    if let Some((what, edits)) = change {
        let edit = VaultEdit::of(place.file, edits);
        let title = format!("Make {what} of `{}`", key.name);
        found.push(Action::new(ActionKind::Rewrite, title, |_| Some(edit)));
    }
}

/// The property whose key or value is under the cursor.
fn property_at<'f>(place: &Place<'_>, front: &'f Frontmatter) -> Option<(usize, &'f Entry)> {
    let offset = place.range.start as usize;
    let entries = front.entries.iter().enumerate().rev();
    let mut keyed = entries.filter(|(_, entry)| {
        let end = entry.range.end;
        let start = entry.key.as_ref().map(|key| key.range.start);
        start.is_some_and(|start| start <= offset && offset <= end)
    });
    keyed.next()
}

type Change = (&'static str, Vec<crate::edit::TextEdit>);

/// A single value as the first item of a list below its key, as the app
/// writes lists.
fn as_list(place: &Place<'_>, entry: &Entry) -> Option<Change> {
    let written = place.text.get(entry.range.clone())?;
    let key = entry.key.as_ref()?;
    let between = place.text.get(key.range.end..entry.range.start)?;
    // A block scalar has its mark between, and a nested key its own indent.
    let begins_line = place.text[..key.range.start].ends_with(['\n', '\r']);
    if written.contains(['\n', '\r']) || between.trim() != ":" || !begins_line {
        return None;
    }
    let line_break = line_break(place.text, key.range.start);
    let gap = key.range.end as u32 + between.find(':')? as u32 + 1..entry.range.start as u32;
    Some(("a list", vec![(gap, format!("{line_break}  - "))]))
}

/// The only item of a list as the value itself.
fn as_value(place: &Place<'_>, front: &Frontmatter, index: usize) -> Option<Change> {
    let list = front.entries.get(index)?;
    let key = list.key.as_ref()?;
    let mut items = front.children(Some(index as u32));
    let (_, item) = items.next()?;
    let is_single = matches!(item.value, Value::Scalar(_)) && item.key.is_none();
    if items.next().is_some() || !is_single {
        return None;
    }
    let written = place.text.get(item.range.clone())?;
    let end = list.range.end.max(item.range.end);
    let between = place.text.get(key.range.end..item.range.start)?;
    let behind = place.text.get(item.range.end..end)?;
    let is_plain =
        !written.contains(['\n', '\r']) && !between.contains('#') && !behind.contains('#');
    let start = key.range.end as u32 + between.find(':')? as u32 + 1;
    let edits = vec![
        (start..item.range.start as u32, " ".to_owned()),
        (item.range.end as u32..end as u32, String::new()),
    ];
    let edits = edits
        .into_iter()
        .filter(|edit| !edit.0.is_empty() || !edit.1.is_empty());
    is_plain.then(|| ("a single value", edits.collect()))
}
