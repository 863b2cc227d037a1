//! The tier section as a whole, at the end of a note that lacks it.

use super::{Item, ItemKind, List, MAX_ITEMS, Place, front};
use crate::note::Note;
use crate::path::fold;
use crate::query::actions::{self, tier_section};

/// Empty lines above the section, as everywhere.
const ABOVE: usize = 2;

/// Adds the section to the items of a place, if it fits there: on the last
/// line, where nothing stands or its heading was begun.
pub(super) fn add(place: &Place<'_>, note: &Note, list: Option<List>) -> Option<List> {
    let offset = place.offset as usize;
    let (before, after) = place.text.split_at_checked(offset)?;
    let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let typed = &before[start..];
    let heading = &place.vault.settings().tier_section;
    let is_begun = |whole: &str| fold(whole).starts_with(&fold(typed));
    let whole = format!("## {heading}");
    let is_place = after.trim().is_empty() && (is_begun(&whole) || is_begun(heading));
    if !is_place || start < note.frontmatter.end as usize || front::holds(place.text, offset) {
        return list;
    }
    let at = place.offset..place.offset;
    let here = actions::Place::new(place.vault, place.file, note, place.text, at);
    let Some((text, line_break)) = tier_section(&here) else {
        return list;
    };
    let is_first = typed.starts_with("##") || list.is_none();
    let mut list = list.unwrap_or_else(|| List::new(&(start..offset), Vec::new()));
    // Behind a `#` the tags begin.
    let kept = (list.replace.start as usize).checked_sub(start);
    let kept = kept.filter(|_| list.replace.end as usize == offset);
    let Some((kept, rest)) = kept.and_then(|kept| Some((kept, text.get(kept..)?))) else {
        return Some(list);
    };
    let mut new = rest.to_owned();
    let breaks = count(after.bytes(), line_break);
    new.truncate(new.len() - breaks.min(2) * line_break.len());
    let mut item = Item::new(ItemKind::Heading, heading, new);
    item.matched = if kept > 0 || typed.starts_with('#') || typed.is_empty() {
        whole.get(kept..).unwrap_or("").to_owned()
    } else {
        heading.clone()
    };
    "the tier section".clone_into(&mut item.detail);
    let above = before[..start].trim_end();
    let blank = count(before[above.len()..start].bytes(), line_break);
    let lacking = if above.is_empty() {
        0
    } else {
        (ABOVE + 1).saturating_sub(blank)
    };
    let lead = line_break.repeat(lacking);
    if kept > 0 && lacking > 0 {
        let start = start as u32;
        item.additional.push((start..start, lead));
    } else {
        item.new.insert_str(0, &lead);
    }
    list.items.truncate(MAX_ITEMS - 1);
    let at = if is_first { 0 } else { list.items.len() };
    list.items.insert(at, item);
    Some(list)
}

/// The line breaks among bytes that are white space.
fn count(bytes: impl Iterator<Item = u8>, line_break: &str) -> usize {
    let last = line_break.bytes().next_back();
    bytes.filter(|byte| Some(*byte) == last).count()
}
