//! Properties: their keys, and values by the type of the key.

use rustc_hash::{FxHashMap, FxHashSet};

use super::context::{Key, Value};
use super::fields::{MAX_NOTES, near};
use super::secrecy::Secrecy;
use super::words::matching;
use super::{Item, ItemKind, List, Place, days, front, tags, used};
use crate::fact::{Form, ValueKind};
use crate::field::canonical_path;
use crate::files::Facts;
use crate::frontmatter::{self, Entry};
use crate::index::FileId;
use crate::link::{self, Draft};
use crate::note::Note;
use crate::path::{fold_hash, split, strip_md};
use crate::properties::scalar;
use crate::query::schemas::{self, Listed};
use crate::said::{is_number, unquoted};
use crate::symbol::Symbol;
use crate::uses;
use crate::vault::Vault;

/// Properties that Obsidian itself reads (P3).
const OWN: [&str; 8] = [
    "tags",
    "aliases",
    "cssclasses",
    "publish",
    "permalink",
    "description",
    "image",
    "cover",
];
/// Old names of properties that Obsidian no longer reads.
const OLD: [&str; 3] = ["tag", "alias", "cssclass"];

/// Keys of schemas, of notes of the same type, of those in the same folder, and
/// of Obsidian, without those that the note has.
pub(super) fn keys(place: &Place<'_>, note: &Note, written: &Key) -> List {
    let vault = place.vault;
    let own = own_keys(place);
    let is_free = |key: &str| !own.iter().any(|own| own.eq_ignore_ascii_case(key));
    let end = if written.has_colon { "" } else { ": " };
    let mut items: Vec<Item> = Vec::new();
    let mut seen: FxHashSet<String> = FxHashSet::default();
    let mut add = |key: &str, detail: String| {
        if is_free(key) && seen.insert(key.to_owned()) {
            let mut item = Item::new(ItemKind::Key, key, format!("{key}{end}"));
            item.detail = detail;
            item.deprecated = OLD.iter().any(|old| old.eq_ignore_ascii_case(key));
            items.push(item);
        }
    };
    for key in declared(place) {
        add(&key.0, key.1);
    }
    let typed = place.typed(written.range.start);
    for (key, count) in counted(vault, alike(place, note)) {
        add(&key, count.to_string());
    }
    let others = near(vault, place.file).into_iter();
    for (key, count) in counted(vault, others.filter(|&file| file != place.file)) {
        add(&key, count.to_string());
    }
    for key in OWN {
        add(key, "Obsidian".to_owned());
    }
    for (key, kind) in &vault.settings().property_types {
        add(key, kind.clone());
    }
    List::new(&written.range, matching(typed, items))
}

/// The keys of some notes, those of most notes first.
fn counted(vault: &Vault, files: impl IntoIterator<Item = FileId>) -> Vec<(String, usize)> {
    let mut counts: FxHashMap<Symbol, usize> = FxHashMap::default();
    let facts = files.into_iter().filter_map(|file| vault.facts(file));
    for property in facts.flat_map(Facts::properties) {
        if property.depth == 0 {
            *counts.entry(property.key).or_default() += 1;
        }
    }
    let counts = counts.into_iter();
    let mut counts: Vec<(String, usize)> = counts
        .map(|(key, count)| (vault.string(key), count))
        .collect();
    counts.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    counts
}

/// Other notes that are of a type of this one and no more secret, as many as are
/// quickly looked at.
fn alike(place: &Place<'_>, note: &Note) -> Vec<FileId> {
    let vault = place.vault;
    let Some((_, front)) = read(place) else {
        return Vec::new();
    };
    let names: Vec<_> = uses::types(vault.settings()).collect();
    let is_type = |entry: &&Entry| {
        let key = entry.key.as_ref();
        key.is_some_and(|key| names.contains(&canonical_path(&key.name)))
    };
    let entries = front.children(None).map(|child| child.1).filter(is_type);
    let values = entries.flat_map(|entry| front.single(entry));
    let names = values.filter_map(|entry| match &entry.value {
        frontmatter::Value::Scalar(scalar) => Some(type_name(&scalar.text)),
        _ => None,
    });
    let names = names.map(|name| fold_hash(strip_md(name).unwrap_or(name)));
    let mut secrecy = Secrecy::new(place, note);
    let mut is_shown = |file: FileId| secrecy.mark(std::iter::once(file), |_| true).is_some();
    let mut files: Vec<FileId> = names
        .flat_map(|name| vault.of_type(name))
        .filter(|&file| file != place.file && is_shown(file))
        .take(MAX_NOTES)
        .collect();
    files.sort_unstable();
    files.dedup();
    files
}

/// The name of a type that a value says: it, or that of the note to which it
/// links.
fn type_name(value: &str) -> &str {
    let value = value.trim();
    link::whole(value).map_or(value, |parts| split(value.get(parts.path).unwrap_or("")).1)
}

/// The keys at the start of the lines of the frontmatter, which may be broken.
fn own_keys<'t>(place: &Place<'t>) -> Vec<&'t str> {
    let Some(cut) = front::cut(place.text, place.offset as usize) else {
        return Vec::new();
    };
    let lines = place.text[cut.content].lines();
    let keys = lines.filter(|line| !line.starts_with([' ', '\t', '-', '#']));
    keys.filter_map(|line| Some(line.split_once(':')?.0.trim()))
        .collect()
}

/// The keys that the note's schemas declare, with what they say of them.
fn declared(place: &Place<'_>) -> Vec<(String, String)> {
    let Some((path, front)) = read(place) else {
        return Vec::new();
    };
    schemas::declared(place.vault, &path, &front)
}

fn read(place: &Place<'_>) -> Option<(String, frontmatter::Frontmatter)> {
    let cut = front::cut(place.text, place.offset as usize)?;
    let path = place.vault.path(place.file)?;
    Some((path, frontmatter::parse(place.text, &cut)))
}

/// Values for a key: those of its schema, by its type, and those that other
/// notes have.
pub(super) fn values(place: &Place<'_>, note: &Note, written: &Value) -> List {
    let vault = place.vault;
    let typed = place.typed(written.range.start);
    let key = canonical_path(&written.key).into_owned();
    if matches!(&*key, "tags" | "tag") {
        let found = tags::found(place, note, typed.trim_start_matches('#'));
        // Without quotes a `#` would begin a comment.
        let is_marked = typed.starts_with('#');
        let kept = if is_marked && written.quote.is_some() {
            "#"
        } else {
            ""
        };
        let items = found.iter().map(|(name, uses, mark)| {
            let mut item = Item::new(
                ItemKind::Tag,
                &**name,
                text(written, &format!("{kept}{name}")),
            );
            if is_marked {
                item.matched = format!("#{name}");
            }
            item.detail = format!("{uses}{mark}");
            complete(written, &mut item);
            item
        });
        return List::new(&written.range, items.collect());
    }
    let mut items: Vec<Item> = Vec::new();
    let mut declared = Vec::new();
    if let Some((path, front)) = read(place) {
        for value in schemas::values(vault, &path, &front, &written.key) {
            match value {
                Listed::Text(value) => {
                    let new = text(written, &value);
                    items.push(Item::new(ItemKind::Value, value, new));
                }
                // In quotes it would be a text.
                Listed::Other(value) if written.quote.is_none() => {
                    items.push(Item::new(ItemKind::Value, &*value, &*value));
                }
                Listed::Other(_) => {}
            }
        }
        declared = schemas::kinds(vault, &path, &front, &written.key);
    }
    items.extend(typical(place, written, typed, &declared));
    let link = |path: &str, name: &str| {
        let link = link::wiki(&Draft {
            path,
            alias: if path.contains('/') { name } else { "" },
            ..Draft::default()
        });
        text(written, &link)
    };
    let said = |said: &str| match unquoted(said) {
        (text, true) if written.quote.is_none() => link::quoted(text),
        (text, false) if written.quote.is_none() && is_number(text) => text.to_owned(),
        (said, _) => text(written, said),
    };
    let key = (&*written.key, typed);
    let (found, is_cut) = used::values(place, note, key, Form::Wiki, &link, &said);
    let mut seen: FxHashSet<String> = items.iter().map(|item| item.label.clone()).collect();
    items.extend(
        found
            .into_iter()
            .filter(|item| seen.insert(item.label.clone())),
    );
    for item in &mut items {
        complete(written, item);
    }
    // Behind a quote that is closed nothing may follow.
    let mut list = List::whole(&written.range, matching(typed, items));
    list.is_incomplete = is_cut;
    list
}

/// A text as it stands in the quotes that were typed, or in some where it needs
/// them.
fn text(written: &Value, text: &str) -> String {
    match written.quote {
        Some(_) => link::yaml(text, written.quote),
        None => scalar(text),
    }
}

/// Adds what the property lacks around its value.
fn complete(written: &Value, item: &mut Item) {
    item.new.extend(written.lacks.quote);
    match written.lacks.blank {
        Some(at) if at == written.range.start => item.new.insert(0, ' '),
        Some(at) => item.additional.push((at as u32..at as u32, " ".to_owned())),
        None => {}
    }
}

/// Values that are of the kind that a key has: checkboxes and days.
fn typical(place: &Place<'_>, written: &Value, typed: &str, declared: &[ValueKind]) -> Vec<Item> {
    let is = |kind| match declared {
        [] => is_usual(place, &written.key, kind),
        declared => declared.contains(&kind),
    };
    let mut items = Vec::new();
    if written.quote.is_none() && is(ValueKind::Checkbox) {
        items.extend(["true", "false"].map(|value| Item::new(ItemKind::Value, value, value)));
    }
    let time = match (is(ValueKind::Date), is(ValueKind::DateTime)) {
        (true, _) => "",
        (false, false) => return items,
        (false, true) if declared.is_empty() => "T00:00:00",
        // A schema wants a zone.
        (false, true) => "T00:00:00Z",
    };
    // The nearest days are enough for somebody who types no name.
    let is_name = typed.starts_with(char::is_alphabetic);
    let count = if is_name { usize::MAX } else { 3 };
    items.extend(days::names(place.today).into_iter().take(count).map(|day| {
        let date = format!("{}{time}", day.1);
        let mut item = Item::new(ItemKind::Value, &*day.0, &*date);
        item.matched = format!("{} {date}", day.0);
        item.detail = date;
        item
    }));
    items
}

/// Whether most values of a key are of a kind, or it is declared so.
fn is_usual(place: &Place<'_>, key: &str, kind: ValueKind) -> bool {
    let vault = place.vault;
    let mut types = vault.settings().property_types.iter();
    if let Some((_, declared)) = types.find(|own| own.0.eq_ignore_ascii_case(key)) {
        return match &**declared {
            "checkbox" => kind == ValueKind::Checkbox,
            "date" => kind == ValueKind::Date,
            "datetime" => kind == ValueKind::DateTime,
            _ => false,
        };
    }
    let kinds: Vec<(ValueKind, u32)> = vault.key_kinds(&canonical_path(key)).collect();
    // The value that is written counts as empty yet.
    let filled = kinds.iter().filter(|kind| kind.0 != ValueKind::Empty);
    let all: u32 = filled.map(|kind| kind.1).sum();
    let own = kinds
        .iter()
        .find(|own| own.0 == kind)
        .map_or(0, |own| own.1);
    own * 2 > all
}
