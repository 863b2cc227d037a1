//! Tags of the vault, segment by segment.

use std::ops::Range;

use super::secrecy::Secrecy;
use super::{Item, ItemKind, List, MAX_ITEMS, Place};
use crate::fact::SymbolKind;
use crate::files::Facts;
use crate::index::FileId;
use crate::note::Note;
use crate::path::{fold, same};
use crate::query::rank::{Typed, Way};
use crate::symbol::{kind_bit, needed};
use crate::tag;
use crate::vault::Vault;

/// Tags that match, each with how often it is used, and what is said of its
/// secrecy; those that are used most first among equals. A tag counts where one
/// below it is used.
pub(super) fn found(
    place: &Place<'_>,
    note: &Note,
    typed: &str,
) -> Vec<(String, u32, &'static str)> {
    let vault = place.vault;
    let mut words = Typed::new(typed);
    let bits = needed(typed) | kind_bit(SymbolKind::Tag as u32);
    let mut names: Vec<(Way, String)> = Vec::new();
    vault.symbols().names(bits, place.stop, |_, name, _| {
        for own in tag::with_ancestors(name) {
            if let Some(way) = words.matches(own) {
                names.push((way, own.to_owned()));
            }
        }
    });
    names.sort_by_cached_key(|(way, name)| (fold(name), *way, name.clone()));
    names.dedup_by(|next, last| same(&next.1, &last.1));
    let counted = names.into_iter().map(|(way, name)| {
        let uses = vault.tag_uses(&name);
        (way, name, uses)
    });
    let mut counted: Vec<(Way, String, u32)> = counted.filter(|tag| tag.2 > 0).collect();
    counted.sort_by(|left, right| {
        let key = |tag: &(Way, String, u32)| (tag.0, u32::MAX - tag.2);
        key(left)
            .cmp(&key(right))
            .then_with(|| left.1.cmp(&right.1))
    });
    let mut secrecy = Secrecy::new(place, note);
    let marked = counted.into_iter().filter_map(|(_, name, uses)| {
        let mark = secrecy.mark(vault.tagged(&name), |file| has(vault, file, &name))?;
        Some((name, uses, mark))
    });
    marked.take(MAX_ITEMS + 1).collect()
}

/// Whether a note has a tag or one below it: numbers of tags may meet.
fn has(vault: &Vault, file: FileId, name: &str) -> bool {
    let is_below = |own: &str| tag::with_ancestors(own).any(|own| same(own, name));
    let mut tags = vault.facts(file).into_iter().flat_map(Facts::tags);
    tags.any(|tag| vault.symbols().with(tag.name, is_below))
}

/// What can stand behind a `#`.
pub(super) fn tags(place: &Place<'_>, note: &Note, range: &Range<usize>) -> List {
    let typed = place.typed(range.start);
    // What is typed is counted as a tag of this note already.
    let is_own = |name: &str, uses: u32| uses == 1 && name == typed;
    let found = found(place, note, typed);
    let items = found.iter().filter(|tag| !is_own(&tag.0, tag.1));
    let items = items.map(|(name, uses, mark)| {
        let mut item = Item::new(ItemKind::Tag, format!("#{name}"), name);
        item.matched.clone_from(name);
        item.detail = format!("{uses}{mark}");
        item
    });
    let mut list = List::new(range, items.collect());
    list.is_incomplete = found.len() > MAX_ITEMS;
    list
}
