//! Inline fields: their keys, and the values that a key has elsewhere.

use std::cmp::Reverse;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::context::in_table;
use super::words::matching;
use super::{Item, ItemKind, List, Place, used};
use crate::field::canonical;
use crate::files::Facts;
use crate::index::FileId;
use crate::link::{self, Draft};
use crate::note::Note;
use crate::path::{same, split, strip_md};
use crate::query::tiers::sections;
use crate::said::unquoted;
use crate::symbol::Symbol;
use crate::text::Encoding;
use crate::vault::Vault;

/// So many notes of a folder, or of a type, are looked at.
pub(super) const MAX_NOTES: usize = 400;

/// Keys of the vault as they are written most often: those that notes of the
/// same folder have, then those of most notes first.
pub(super) fn keys(place: &Place<'_>, note: &Note, range: &Range<usize>) -> List {
    let vault = place.vault;
    let mut counts: FxHashMap<Symbol, usize> = FxHashMap::default();
    let near = near(vault, place.file).into_iter();
    let near = near.filter_map(|file| vault.facts(file));
    for field in near.flat_map(Facts::fields) {
        *counts.entry(field.key).or_default() += 1;
    }
    let typed = place.typed(range.start);
    let (mut keys, is_cut) = used::fields(place, note, typed);
    keys.retain(|key| key.text != typed);
    keys.sort_by_cached_key(|key| {
        let symbol = vault.symbols().lookup(&canonical(&key.text));
        Reverse(symbol.and_then(|symbol| counts.get(&symbol)).copied())
    });
    let items = keys.into_iter().map(|key| {
        let mut item = Item::new(ItemKind::Key, &*key.text, format!("{}:: ", key.text));
        item.detail = format!("{}{}", key.count, key.mark);
        item
    });
    let mut list = List::new(range, matching(typed, items.collect()));
    list.is_incomplete = is_cut;
    list
}

/// The notes of the same folder, as many as are quickly looked at.
pub(super) fn near(vault: &Vault, file: FileId) -> Vec<FileId> {
    vault.beside(file).take(MAX_NOTES).collect()
}

/// Notes and texts that this key names elsewhere, in fields and in properties.
pub(super) fn values(place: &Place<'_>, note: &Note, key: &str, range: &Range<usize>) -> List {
    let typed = place.typed(range.start);
    let table = in_table(place.text, note, range.start);
    let copies = copies(place, note, table);
    if !copies.is_empty() {
        return List::whole(range, matching(typed, copies));
    }
    let form = place.vault.new_form();
    let write = |path: &str, name: &str| {
        let draft = Draft {
            path,
            alias: if path.contains('/') { name } else { "" },
            table,
            ..Draft::default()
        };
        link::new(form, &draft)
    };
    let text = |text: &str| unquoted(text).0.to_owned();
    let (items, is_cut) = used::values(place, note, (key, typed), form, &write, &text);
    // A value of several words is one.
    let mut list = List::whole(range, matching(typed, items));
    list.is_incomplete = is_cut;
    list
}

/// In the tier section: the paths in the whole vault of the copies of the note that
/// it does not name yet, whether they are written or not; without `.md`.
pub(super) fn missing_copies(place: &Place<'_>, note: &Note) -> Vec<String> {
    let vault = place.vault;
    let Some(own) = vault.full_path(place.file) else {
        return Vec::new();
    };
    let sections = sections(vault, note, &note.lines.index(Encoding::Utf8));
    let here = sections
        .iter()
        .find(|section| section.range.contains(&place.offset));
    let at_end = sections
        .last()
        .filter(|last| last.range.end <= place.offset);
    let Some(section) = here.or(at_end) else {
        return Vec::new();
    };
    let inside = note
        .links
        .iter()
        .filter(|link| section.range.contains(&link.start));
    let named: Vec<String> = inside
        .filter_map(|link| vault.spelled_path(link, place.file))
        .collect();
    let family = vault.tiers().family(&own);
    let copies = family.iter().map(|copy| strip_md(copy).unwrap_or(copy));
    let missing = copies.filter(|copy| !named.iter().any(|named| same(named, copy)));
    missing.map(str::to_owned).collect()
}

/// The copies that the tier section does not name yet, as links.
fn copies(place: &Place<'_>, note: &Note, table: bool) -> Vec<Item> {
    let item = |copy: String| {
        let name = split(&copy).1;
        let link = link::wiki(&Draft {
            path: &format!("/{copy}"),
            alias: name,
            table,
            ..Draft::default()
        });
        Item::new(ItemKind::Value, name, link)
    };
    missing_copies(place, note).into_iter().map(item).collect()
}
