//! Writing what an embed shows in its place.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::carry::Carry;
use super::{Action, ActionKind, Place, apart, is_hidden, line_break};
use crate::edit::VaultEdit;
use crate::fact::{Label, Link};
use crate::note::{Anchor, Note};
use crate::path::strip_md;
use crate::query::Texts;
use crate::query::subject::anchor_extent;
use crate::query::tiers::sections;
use crate::text::Encoding;
use crate::vault::Vault;

pub(super) fn offer<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    let Some(link) = place.link().filter(|link| link.is(Link::EMBED)) else {
        return;
    };
    let vault = place.vault;
    let Some(target) = vault.resolve(link, place.file).file() else {
        return;
    };
    let path = vault.path(target).unwrap_or_default();
    // In an item of a list or a quote every line would need its mark.
    let is_alone = place.line(link.start).trim_end() == place.slice(&link.range());
    if strip_md(&path).is_none()
        || target == place.file
        || !is_alone
        || vault.is_more_secret(target, place.file)
    {
        return;
    }
    let Some(note) = vault.note(target) else {
        return;
    };
    let Some(anchor) = vault.anchor_in(link, &note) else {
        return;
    };
    let extent = anchor_extent(&note, anchor);
    if shares_labels(place.note, &note, &extent)
        || shares_blocks(place.note, &note, &extent)
        || is_hidden(&note, extent.end)
    {
        return;
    }
    let edit = move |texts: &dyn Texts| {
        let text = texts.text(target)?;
        let range = shown(vault, &note, &text, anchor)?;
        let carry = Carry {
            before: vault,
            after: vault,
            from: target,
            to: place.file,
            moves: false,
        };
        let new = carry.text(&note, &text, &range);
        let new = new.trim_end().replace("\r\n", "\n").replace('\r', "\n");
        let line_break = line_break(place.text, link.start as usize);
        let new = new.replace('\n', line_break);
        let new = apart(place, &link.range(), &new, line_break);
        Some(VaultEdit::of(place.file, vec![(link.range(), new)]))
    };
    let title = "Write what the embed shows in its place";
    found.push(Action::new(ActionKind::Inline, title, edit));
}

/// Whether footnotes or references of a shown text are written elsewhere, or
/// would be taken for those of the note that shows it.
fn shares_labels(holder: &Note, note: &Note, range: &Range<u32>) -> bool {
    let inside = note
        .labels
        .iter()
        .filter(|label| range.contains(&label.range.start));
    let mut inside = inside;
    let outside = note
        .labels
        .iter()
        .filter(|label| !range.contains(&label.range.start));
    let outside = outside.chain(&holder.labels).map(|label: &Label| label.key);
    let outside: FxHashSet<u32> = outside.collect();
    inside.any(|label| outside.contains(&label.key))
}

/// Whether ids of shown blocks are given in the note that shows them as well.
fn shares_blocks(holder: &Note, note: &Note, range: &Range<u32>) -> bool {
    let keys: FxHashSet<u32> = holder.blocks.iter().map(|block| block.key).collect();
    let mut inside = note
        .blocks
        .iter()
        .filter(|block| range.contains(&block.id_range.start));
    inside.any(|block| keys.contains(&block.key))
}

/// The bytes that an embed shows: without the frontmatter, the tier section
/// and the id of a block.
fn shown(vault: &Vault, note: &Note, text: &str, anchor: Anchor) -> Option<Range<u32>> {
    let mut range = anchor_extent(note, anchor);
    match anchor {
        Anchor::Note => range.start = note.frontmatter.end.max(bom(text)),
        Anchor::Block(index) => {
            let id = &note.blocks.get(index)?.id_range;
            if range.contains(&id.start) {
                range.end = id.start;
            }
        }
        Anchor::Heading(_) | Anchor::Label(_) => {}
    }
    for section in sections(vault, note, &note.lines.index(Encoding::Utf8)) {
        if range.start < section.range.start && section.range.start < range.end {
            range.end = section.range.start;
        }
    }
    let shown = text.get(range.start as usize..range.end as usize)?;
    let lead = shown.len() - shown.trim_start_matches(['\n', '\r']).len();
    Some(range.start + lead as u32..range.end)
}

fn bom(text: &str) -> u32 {
    if text.starts_with('\u{feff}') { 3 } else { 0 }
}
