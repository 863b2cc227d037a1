//! Inline fields: their keys, and the values that a key has elsewhere.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::words::matching;
use super::{Item, ItemKind, List, MAX_ITEMS, Place};
use crate::fact::Form;
use crate::field::canonical_path;
use crate::index::FileId;
use crate::link::{self, Draft};
use crate::path::{same, split, stem, strip_md};
use crate::query::tiers::sections;
use crate::resolve::Target;
use crate::text::Encoding;
use crate::vault::Vault;

/// Of so many notes with a key the values are looked at.
const MAX_NOTES: usize = 400;

/// Keys that notes of the same folder have, those of most notes first.
pub(super) fn keys(place: &Place<'_>, range: &Range<usize>) -> List {
    let vault = place.vault;
    let mut counts: FxHashMap<String, usize> = FxHashMap::default();
    for file in near(vault, place.file) {
        let Some(facts) = vault.facts(file) else {
            continue;
        };
        for field in facts.fields() {
            *counts.entry(vault.string(field.key)).or_default() += 1;
        }
    }
    let typed = place.typed(range.start);
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.retain(|key| key.0 != typed);
    counts.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    let items = counts.into_iter().map(|(key, count)| {
        let mut item = Item::new(ItemKind::Key, &*key, format!("{key}:: "));
        item.detail = count.to_string();
        item
    });
    List::new(range, matching(typed, items.collect()))
}

/// The notes of the same folder, as many as are quickly looked at.
pub(super) fn near(vault: &Vault, file: FileId) -> Vec<FileId> {
    let own = vault.files().get(file).map(|file| file.folder);
    let near = vault
        .files()
        .iter()
        .filter(|(_, file)| Some(file.folder) == own);
    near.map(|near| near.0).take(MAX_NOTES).collect()
}

/// Notes that this key names elsewhere, in fields and in properties.
pub(super) fn values(place: &Place<'_>, key: &str, range: &Range<usize>) -> List {
    let typed = place.typed(range.start);
    let copies = copies(place);
    if !copies.is_empty() {
        return List::new(range, matching(typed, copies));
    }
    let vault = place.vault;
    let found = linked(place, key);
    let items = found.into_iter().filter_map(|(file, count)| {
        let form = vault.new_form();
        let (path, name) = path_and_name(place, file, form)?;
        let draft = Draft {
            path: &path,
            alias: if path.contains('/') { &name } else { "" },
            ..Draft::default()
        };
        let new = link::new(form, &draft);
        let mut item = Item::new(ItemKind::Value, name, new);
        item.detail = count.to_string();
        item.target = Some((file, String::new()));
        Some(item)
    });
    List::new(range, matching(typed, items.collect()))
}

/// In the tier section: the copies of the note that it does not name yet,
/// whether they are written or not.
fn copies(place: &Place<'_>) -> Vec<Item> {
    let vault = place.vault;
    let (Some(note), Some(own)) = (vault.note(place.file), vault.full_path(place.file)) else {
        return Vec::new();
    };
    let sections = sections(vault, &note, &note.lines.index(Encoding::Utf8));
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
    let item = |copy: &str| {
        let name = split(copy).1;
        let link = link::wiki(&Draft {
            path: &format!("/{copy}"),
            alias: name,
            ..Draft::default()
        });
        Item::new(ItemKind::Value, name, link)
    };
    missing.map(item).collect()
}

/// The path that leads to a file, and its name.
pub(super) fn path_and_name(
    place: &Place<'_>,
    file: FileId,
    form: Form,
) -> Option<(String, String)> {
    let vault = place.vault;
    let format = vault.settings().obsidian.new_link_format;
    let path = vault.linkpath(place.file, file, format, form)?;
    let name = stem(&path).to_owned();
    Some((path, name))
}

/// The notes that links in values of a key lead to, and how many do, the
/// commonest first. A more secret note is named only where the settings say so.
pub(super) fn linked(place: &Place<'_>, key: &str) -> Vec<(FileId, usize)> {
    let vault = place.vault;
    let wanted = canonical_path(key);
    let mut counts: FxHashMap<FileId, usize> = FxHashMap::default();
    for file in vault.with_key(&wanted).take(MAX_NOTES) {
        let Some(note) = vault.note(file) else {
            continue;
        };
        let is_key = |key| {
            vault
                .symbols()
                .with(key, |key| canonical_path(key) == wanted)
        };
        for link in &note.links {
            let property = note.property_at(link.start);
            let in_property = property.is_some_and(|property| is_key(property.key));
            let mut fields = note.fields.iter();
            let mut in_field =
                || fields.any(|field| field.range().contains(&link.start) && is_key(field.key));
            if (in_property || in_field())
                && let Target::File { file: target, .. } = vault.resolve(link, file)
                && vault.may_name(place.file, target)
            {
                *counts.entry(target).or_default() += 1;
            }
        }
        if (place.stop)() {
            break;
        }
    }
    let mut counts: Vec<(FileId, usize)> = counts.into_iter().collect();
    counts.sort_by_cached_key(|&(file, count)| (usize::MAX - count, vault.path(file)));
    counts.truncate(MAX_ITEMS);
    counts
}
