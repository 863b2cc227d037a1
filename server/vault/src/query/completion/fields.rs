//! Inline fields: their keys, and the values that a key has elsewhere.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::context::in_table;
use super::secrecy::Secrecy;
use super::words::matching;
use super::{Item, ItemKind, List, MAX_ITEMS, Place};
use crate::fact::Form;
use crate::field::canonical_path;
use crate::index::FileId;
use crate::link::{self, Draft};
use crate::note::Note;
use crate::path::{same, split, stem, strip_md};
use crate::query::definition::Keys;
use crate::query::rank::{Typed, Way};
use crate::query::tiers::sections;
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
    vault.beside(file).take(MAX_NOTES).collect()
}

/// Notes that this key names elsewhere, in fields and in properties.
pub(super) fn values(place: &Place<'_>, note: &Note, key: &str, range: &Range<usize>) -> List {
    let typed = place.typed(range.start);
    let table = in_table(place.text, note, range.start);
    let copies = copies(place, note, table);
    if !copies.is_empty() {
        return List::new(range, matching(typed, copies));
    }
    let vault = place.vault;
    let (found, is_cut) = linked(place, note, key, typed);
    let items = found.into_iter().filter_map(|own| {
        let form = vault.new_form();
        let (path, name) = path_and_name(place, own.file, form)?;
        let draft = Draft {
            path: &path,
            alias: if path.contains('/') { &name } else { "" },
            table,
            ..Draft::default()
        };
        let new = link::new(form, &draft);
        let mut item = Item::new(ItemKind::Value, name, new);
        item.detail = format!("{}{}", own.count, own.mark);
        item.target = Some((own.file, String::new()));
        Some(item)
    });
    let mut list = List::new(range, matching(typed, items.collect()));
    list.is_incomplete = is_cut;
    list
}

/// In the tier section: the copies of the note that it does not name yet,
/// whether they are written or not.
fn copies(place: &Place<'_>, note: &Note, table: bool) -> Vec<Item> {
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
    let item = |copy: &str| {
        let name = split(copy).1;
        let link = link::wiki(&Draft {
            path: &format!("/{copy}"),
            alias: name,
            table,
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

/// A note that values of a key lead to.
pub(super) struct Linked {
    pub(super) file: FileId,
    /// How many of them do.
    pub(super) count: usize,
    /// What is said of its secrecy.
    pub(super) mark: &'static str,
}

/// The notes that links in values of a key lead to and whose names match what
/// was typed, the commonest first among equals; and whether there are more. A
/// more secret note is named only where the settings say so.
pub(super) fn linked(
    place: &Place<'_>,
    note: &Note,
    key: &str,
    typed: &str,
) -> (Vec<Linked>, bool) {
    let vault = place.vault;
    let key = canonical_path(key);
    let mut counts: FxHashMap<FileId, usize> = FxHashMap::default();
    let mut files = vault.with_key(&key);
    let mut keys = Keys::new(vault, vec![Cow::Borrowed(&*key)]);
    for file in files.by_ref().take(MAX_NOTES) {
        let Some(note) = vault.note(file) else {
            continue;
        };
        for link in &note.links {
            if keys.are_of(&note, link)
                && let Some(target) = vault.resolve(link, file).file()
            {
                *counts.entry(target).or_default() += 1;
            }
        }
        if (place.stop)() {
            break;
        }
    }
    let mut typed = Typed::new(typed);
    let mut secrecy = Secrecy::new(place, note);
    let found = counts.into_iter().filter_map(|(file, count)| {
        let name = vault.string(vault.files().get(file)?.name);
        let way = typed.matches(strip_md(&name).unwrap_or(&name))?;
        let mark = secrecy.mark(std::iter::once(file), |_| true)?;
        Some((way, Linked { file, count, mark }))
    });
    let mut found: Vec<(Way, Linked)> = found.collect();
    found.sort_by_cached_key(|(way, own)| (*way, Reverse(own.count), vault.path(own.file)));
    let is_cut = found.len() > MAX_ITEMS || files.next().is_some();
    found.truncate(MAX_ITEMS);
    (found.into_iter().map(|found| found.1).collect(), is_cut)
}
