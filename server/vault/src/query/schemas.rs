//! Which schemas a note follows, and which schemas cannot be used.

use crate::fact::ValueKind;
use crate::frontmatter::{Entry, Frontmatter, Value};
use crate::link;
use crate::path::{join, same, split};
use crate::query::diagnostics::Diagnostic;
use crate::rule::{self, Rule};
use crate::schema::{Read, Schema, Step};
use crate::settings::Assignment;
use crate::vault::Vault;

/// The property by which a note names its schema.
pub const KEY: &str = "$schema";

/// The schemas that a note follows and that can be used, each once, with their
/// paths: those of the settings, then the one that it names itself.
pub fn schemas<'v>(
    vault: &'v Vault,
    path: &str,
    front: &Frontmatter,
) -> Vec<(&'v str, &'v Schema)> {
    let assigned = vault.settings().schemas.iter();
    let assigned = assigned.filter(|assignment| is_assigned(assignment, path, front));
    let own = name(front).and_then(|(_, name)| named(vault, path, name));
    let files = assigned.map(|assignment| assignment.file.as_str());
    let mut found: Vec<(&str, &Schema)> = Vec::new();
    for file in files.chain(own.map(|own| own.0)) {
        if let Some(Ok(schema)) = vault.schemas().get(file)
            && found.iter().all(|other| other.0 != file)
        {
            found.push((file, schema));
        }
    }
    found
}

/// The schema that a note names, as it is written, and its place.
pub fn name(front: &Frontmatter) -> Option<(&Entry, &str)> {
    let mut properties = front.children(None).map(|property| property.1);
    let is_key = |entry: &&Entry| entry.key.as_ref().is_some_and(|key| key.name == KEY);
    let entry = properties.find(is_key)?;
    match &entry.value {
        Value::Scalar(scalar) => Some((entry, &scalar.text)),
        _ => None,
    }
}

/// The schema of a name in a note: its path from the root of the vault, from
/// the folder of the note, or the name of the only such file.
pub fn named<'v>(vault: &'v Vault, note: &str, name: &str) -> Option<(&'v str, &'v Read)> {
    let name = name.trim();
    let rooted = name.strip_prefix('/').unwrap_or(name);
    let inside = vault.inside_mount(rooted).map(str::to_owned);
    let nearby = join(split(note).0, name);
    let paths = [join("", rooted), nearby, inside];
    let mut paths = paths.into_iter().flatten();
    if let Some(found) = paths.find_map(|path| vault.schemas().find(&path)) {
        return Some(found);
    }
    let all = vault.schemas().iter();
    let mut same_name = all.filter(|schema| split(schema.0).1 == name);
    let first = same_name.next()?;
    same_name.next().is_none().then_some(first)
}

/// Whether the settings say that a note follows a schema.
fn is_assigned(assignment: &Assignment, path: &str, front: &Frontmatter) -> bool {
    let is_there = assignment
        .notes
        .as_ref()
        .is_none_or(|notes| notes.is_match(path));
    is_there
        && assignment
            .property
            .as_ref()
            .is_none_or(|(key, value)| has(front, key, value))
}

/// Whether a property has a value, or an item that is it.
fn has(front: &Frontmatter, key: &str, wanted: &str) -> bool {
    let is_value = |entry: &Entry| match &entry.value {
        Value::Scalar(scalar) => says(&scalar.text, wanted),
        _ => false,
    };
    let is_key = |entry: &Entry| {
        let key_of = entry.key.as_ref();
        key_of.is_some_and(|own| own.name.eq_ignore_ascii_case(key))
    };
    let mut properties = front.children(None).filter(|property| is_key(property.1));
    properties.any(|(index, entry)| {
        let mut items = front.children(Some(index as u32));
        is_value(entry) || entry.value == Value::List && items.any(|item| is_value(item.1))
    })
}

/// Whether a value is a text, or a link to a note of this name.
fn says(value: &str, wanted: &str) -> bool {
    let value = value.trim();
    let linked = link::whole(value).map(|parts| &value[parts.path]);
    let linked = linked.map(|path| path.strip_suffix(".md").unwrap_or(path));
    let is_linked = |path: &str| same(path, wanted) || same(split(path).1, wanted);
    same(value, wanted) || linked.is_some_and(is_linked)
}

/// The schemas that cannot be used, by path, with what is wrong in each. That
/// is said once, at the file, however many notes follow it. Of a file that is a
/// schema by its name alone nothing is said unless some note names a schema: it
/// may be there for another program.
pub fn bad_schemas(vault: &Vault) -> Vec<(&str, &Read, Diagnostic)> {
    let overrides = &vault.settings().rules;
    let is_named = vault.spelling_uses(KEY) > 0;
    let is_assigned = |path: &str| {
        let mut schemas = vault.settings().schemas.iter();
        schemas.any(|own| own.file == path)
    };
    let used = vault.schemas().iter();
    let used = used.filter(|schema| is_named || is_assigned(schema.0));
    let bad = used.filter_map(|(path, read)| {
        let fault = read.as_ref().err()?;
        let diagnostic = Diagnostic {
            range: fault.range.clone(),
            rule: Rule::BadSchema,
            severity: rule::severity(overrides, Rule::BadSchema, path)?,
            message: format!("This schema is not used: {}", fault.message),
            related: Vec::new(),
            fix: None,
        };
        Some((path, read, diagnostic))
    });
    bad.collect()
}

/// The way to an entry, as schemas go it.
pub fn way(front: &Frontmatter, entry: usize) -> Vec<Step<'_>> {
    let up = |entry: &&Entry| front.entries.get(entry.parent? as usize);
    let entries = std::iter::successors(front.entries.get(entry), up);
    let steps = entries.map(|entry| entry.key.as_ref().map(|key| key.name.as_str()));
    let mut way: Vec<Step<'_>> = steps.collect();
    way.reverse();
    way
}

/// What the schemas of a note say of one of its properties, as Markdown.
pub fn about(vault: &Vault, path: &str, front: &Frontmatter, entry: usize) -> Option<String> {
    let way = way(front, entry);
    let mut texts: Vec<String> = Vec::new();
    for (_, schema) in schemas(vault, path, front) {
        for part in schema.parts(&way) {
            let word = |key: &str| part.get(key).and_then(serde_json::Value::as_str);
            let title = word("title").map(|title| format!("**{title}**"));
            let description = word("description").map(str::to_owned);
            let said = [title, description].into_iter().flatten();
            texts.extend(said.filter(|text| !text.is_empty()));
        }
    }
    texts.dedup();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

/// The properties that the schemas of a note declare, each with its title or
/// the first line of its description.
pub fn declared(vault: &Vault, path: &str, front: &Frontmatter) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (_, schema) in schemas(vault, path, front) {
        let parts = schema.parts(&[]);
        let keys = parts.filter_map(|part| part.get("properties")?.as_object());
        for (key, part) in keys.flatten() {
            let word = |name: &str| part.get(name).and_then(serde_json::Value::as_str);
            let about = word("title").or_else(|| word("description"));
            let about = about.and_then(|about| about.lines().next());
            found.push((key.clone(), about.unwrap_or_default().to_owned()));
        }
    }
    found.sort();
    found.dedup_by(|next, last| next.0 == last.0);
    found
}

/// A value that a schema lists, as YAML has it without quotes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Listed {
    /// A text of one line, which may need quotes.
    Text(String),
    /// A number, `true` or `false`.
    Other(String),
}

/// The values that the schemas of a note list for a property or its items.
pub fn values(vault: &Vault, path: &str, front: &Frontmatter, key: &str) -> Vec<Listed> {
    let mut found: Vec<Listed> = Vec::new();
    for (_, schema) in schemas(vault, path, front) {
        for way in [&[Some(key)][..], &[Some(key), None]] {
            for part in schema.parts(way) {
                let listed = part.get("enum").and_then(serde_json::Value::as_array);
                let values = listed.into_iter().flatten().chain(part.get("const"));
                found.extend(values.filter_map(|value| match value {
                    serde_json::Value::String(text) => {
                        let is_line = !text.is_empty() && !text.contains(char::is_control);
                        is_line.then(|| Listed::Text(text.clone()))
                    }
                    serde_json::Value::Number(_) | serde_json::Value::Bool(_) => {
                        Some(Listed::Other(value.to_string()))
                    }
                    _ => None,
                }));
            }
        }
    }
    let mut seen = rustc_hash::FxHashSet::default();
    found.retain(|value| seen.insert(value.clone()));
    found
}

/// What the values of a property, or the items of its list, are by the schemas of
/// a note, as far as something can be offered for it.
pub fn kinds(vault: &Vault, path: &str, front: &Frontmatter, key: &str) -> Vec<ValueKind> {
    let mut found: Vec<ValueKind> = Vec::new();
    for (_, schema) in schemas(vault, path, front) {
        for way in [&[Some(key)][..], &[Some(key), None]] {
            for part in schema.parts(way) {
                let says = |key: &str, word: &str| match part.get(key) {
                    Some(serde_json::Value::Array(words)) => words.iter().any(|own| own == word),
                    own => own.is_some_and(|own| own == word),
                };
                let kinds = [
                    (says("type", "boolean"), ValueKind::Checkbox),
                    (says("format", "date"), ValueKind::Date),
                    (says("format", "date-time"), ValueKind::DateTime),
                ];
                found.extend(kinds.iter().filter(|kind| kind.0).map(|kind| kind.1));
            }
        }
    }
    found
}
