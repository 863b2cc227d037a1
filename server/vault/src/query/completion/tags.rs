//! Tags of the vault, segment by segment.

use std::ops::Range;

use super::{Item, ItemKind, List, MAX_ITEMS, Place};
use crate::fact::SymbolKind;
use crate::query::rank::{Typed, Way};
use crate::symbol::{kind_bit, needed};

/// Tags that match, each with how often it is used, those that are used most
/// first among equals. A tag counts where one below it is used.
pub(super) fn found(place: &Place<'_>, typed: &str) -> Vec<(String, u32)> {
    let vault = place.vault;
    let mut words = Typed::new(typed);
    let bits = needed(typed) | kind_bit(SymbolKind::Tag as u32);
    let mut names: Vec<(Way, String)> = Vec::new();
    vault.symbols().names(bits, place.stop, |_, name, _| {
        for tag in crate::tag::with_ancestors(name) {
            if let Some(way) = words.matches(tag) {
                names.push((way, tag.to_owned()));
            }
        }
    });
    names.sort();
    names.dedup_by(|next, last| next.1.to_lowercase() == last.1.to_lowercase());
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
    counted.truncate(MAX_ITEMS + 1);
    counted
        .into_iter()
        .map(|(_, name, uses)| (name, uses))
        .collect()
}

/// What can stand behind a `#`.
pub(super) fn tags(place: &Place<'_>, range: &Range<usize>) -> List {
    let typed = place.typed(range.start);
    // What is typed is counted as a tag of this note already.
    let is_own = |name: &str, uses: u32| uses == 1 && name == typed;
    let found = found(place, typed);
    let items = found.iter().filter(|tag| !is_own(&tag.0, tag.1));
    let items = items.map(|(name, uses)| {
        let mut item = Item::new(ItemKind::Tag, format!("#{name}"), name);
        item.matched.clone_from(name);
        item.detail = uses.to_string();
        item
    });
    let mut list = List::new(range, items.collect());
    list.is_incomplete = found.len() > MAX_ITEMS;
    list
}
