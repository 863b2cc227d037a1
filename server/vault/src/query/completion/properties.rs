//! Properties: their keys, and values by the type of the key.

use rustc_hash::FxHashMap;

use super::context::{Key, Value};
use super::fields::{linked, near, path_and_name};
use super::words::matching;
use super::{Item, ItemKind, List, Place, days, front, tags};
use crate::fact::{Form, ValueKind};
use crate::field::canonical_path;
use crate::frontmatter;
use crate::link::{self, Draft};
use crate::note::Note;
use crate::properties::scalar;
use crate::query::schemas::{self, Listed};

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

/// Keys of schemas, of notes in the same folder, and of Obsidian, without
/// those that the note has.
pub(super) fn keys(place: &Place<'_>, written: &Key) -> List {
    let vault = place.vault;
    let own = own_keys(place);
    let is_free = |key: &str| !own.iter().any(|own| own.eq_ignore_ascii_case(key));
    let end = if written.has_colon { "" } else { ": " };
    let mut items: Vec<Item> = Vec::new();
    let mut add = |key: &str, detail: String| {
        let is_new = !items.iter().any(|item| item.label == key);
        if is_free(key) && is_new {
            let mut item = Item::new(ItemKind::Key, key, format!("{key}{end}"));
            item.detail = detail;
            item.deprecated = OLD.iter().any(|old| old.eq_ignore_ascii_case(key));
            items.push(item);
        }
    };
    for key in declared(place) {
        add(&key.0, key.1);
    }
    let mut counts: FxHashMap<String, usize> = FxHashMap::default();
    for file in near(vault, place.file)
        .into_iter()
        .filter(|&file| file != place.file)
    {
        let Some(facts) = vault.facts(file) else {
            continue;
        };
        for property in facts.properties().filter(|property| property.depth == 0) {
            *counts.entry(vault.string(property.key)).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    for (key, count) in counts {
        add(&key, count.to_string());
    }
    for key in OWN {
        add(key, "Obsidian".to_owned());
    }
    let types = vault.settings().property_types.iter();
    for (key, kind) in types {
        add(key, kind.clone());
    }
    List::new(
        &written.range,
        matching(place.typed(written.range.start), items),
    )
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
    }
    if written.quote.is_none() && is_usual(place, &written.key, ValueKind::Checkbox) {
        items.extend(["true", "false"].map(|value| Item::new(ItemKind::Value, value, value)));
    }
    if is_usual(place, &written.key, ValueKind::Date) {
        // The nearest days are enough for somebody who types no name.
        let is_name = typed.starts_with(char::is_alphabetic);
        let count = if is_name { usize::MAX } else { 3 };
        items.extend(days::names(place.today).into_iter().take(count).map(|day| {
            let date = day.1.to_string();
            let mut item = Item::new(ItemKind::Value, &*day.0, &*date);
            item.matched = format!("{} {date}", day.0);
            item.detail = date;
            item
        }));
    }
    let (found, is_cut) = linked(place, note, &written.key, typed);
    for own in found {
        let Some((path, name)) = path_and_name(place, own.file, Form::Wiki) else {
            continue;
        };
        let link = link::wiki(&Draft {
            path: &path,
            alias: if path.contains('/') { &name } else { "" },
            ..Draft::default()
        });
        let mut item = Item::new(ItemKind::Value, name, text(written, &link));
        item.detail = format!("{}{}", own.count, own.mark);
        item.target = Some((own.file, String::new()));
        items.push(item);
    }
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

/// Whether most values of a key are of a kind, or it is declared so.
fn is_usual(place: &Place<'_>, key: &str, kind: ValueKind) -> bool {
    let vault = place.vault;
    let mut types = vault.settings().property_types.iter();
    if let Some((_, declared)) = types.find(|own| own.0.eq_ignore_ascii_case(key)) {
        return match &**declared {
            "checkbox" => kind == ValueKind::Checkbox,
            "date" => kind == ValueKind::Date,
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
