//! Properties against their schemas.

#[cfg(test)]
mod tests;
mod words;

use std::collections::HashSet;
use std::ops::Range;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use self::words::{near, sentence};
use super::Check;
use crate::frontmatter::{Cut, Entry, Frontmatter, Style, Value, is_word};
use crate::query::schemas::{KEY, name, named, schemas, way};
use crate::rule::Rule;
use crate::schema::{SUFFIX, Schema};

/// A step from a collection to its member.
#[derive(PartialEq, Eq, Hash)]
enum Step<'f> {
    Key(&'f str),
    Item(u32),
}

/// The entries of the frontmatter by the collection that holds each.
struct Places<'f> {
    front: &'f Frontmatter,
    members: FxHashMap<(Option<u32>, Step<'f>), u32>,
}

impl<'f> Places<'f> {
    fn new(front: &'f Frontmatter) -> Self {
        let members = (0..).zip(&front.entries).map(|(at, entry)| {
            let step = match &entry.key {
                Some(key) => Step::Key(&key.name),
                None => Step::Item(entry.index),
            };
            ((entry.parent, step), at)
        });
        Self {
            front,
            members: members.collect(),
        }
    }

    /// The member of a collection, or of the root, with this key.
    fn member(&self, parent: Option<u32>, key: &str) -> Option<u32> {
        self.members.get(&(parent, Step::Key(key))).copied()
    }

    /// The entry of a JSON Pointer; none for the root.
    fn entry(&self, pointer: &str) -> Option<u32> {
        let mut at = None;
        for segment in pointer.split('/').skip(1) {
            let parent = at.and_then(|at: u32| self.get(at));
            let name = segment.replace("~1", "/").replace("~0", "~");
            let step = match (parent.map(|parent| &parent.value), name.parse()) {
                (Some(Value::List), Ok(index)) => Step::Item(index),
                _ => Step::Key(&name),
            };
            at = Some(*self.members.get(&(at, step))?);
        }
        at
    }

    fn get(&self, at: u32) -> Option<&'f Entry> {
        self.front.entries.get(at as usize)
    }

    /// How messages call an entry.
    fn title(&self, at: Option<u32>) -> String {
        let Some(at) = at else {
            return "the note".to_owned();
        };
        let names = self.front.key_names(at as usize).join(".");
        match self.get(at) {
            Some(Entry { key: None, .. }) => format!("an item of `{names}`"),
            _ => format!("`{names}`"),
        }
    }
}

/// So many keys of a collection are looked at for the one that was meant.
const MAX_KNOWN: usize = 200;

impl Check<'_> {
    /// Validates the properties by all schemas that the note follows.
    pub(super) fn schema(&mut self, path: &str, cut: &Cut, front: &Frontmatter) {
        if !front.valid {
            return;
        }
        self.named_schema(path, front);
        let vault = self.vault;
        let followed = schemas(vault, path, front);
        if followed.is_empty() {
            return;
        }
        let value = front.to_json();
        let places = Places::new(front);
        for (file, schema) in followed {
            self.validate(
                &Against {
                    cut,
                    places: &places,
                    file,
                    schema,
                },
                value.clone(),
            );
        }
    }

    /// A schema that the note names and that cannot be used.
    fn named_schema(&mut self, path: &str, front: &Frontmatter) {
        let Some((entry, name)) = name(front).filter(|_| self.vault.is_complete()) else {
            return;
        };
        let message = match named(self.vault, path, name) {
            Some((_, Ok(_))) => return,
            Some((file, Err(fault))) => format!(
                "The schema `{file}` is not used, and the properties are not checked: {}",
                fault.message
            ),
            None => {
                let all = self.vault.schemas().iter();
                match near(name, all.map(|schema| schema.0)) {
                    Some(near) => format!("There is no schema `{name}`: did you mean `{near}`?"),
                    None => format!(
                        "There is no schema `{name}` in this folder: give its path from the root, or from this note; its name ends with `{SUFFIX}`, or the settings name it"
                    ),
                }
            }
        };
        self.report(entry.range.clone(), Rule::SchemaMissing, message);
    }

    fn validate(&mut self, against: &Against<'_, '_>, mut value: Json) {
        let is_known = |part: &Json| part.pointer("/properties/$schema").is_some();
        if let Some(map) = value.as_object_mut()
            && !against.schema.parts(&[]).any(is_known)
        {
            // It speaks of the note, and is none of its properties.
            map.remove(KEY);
        }
        let Some(errors) = against.schema.errors(&value) else {
            let message = format!(
                "This note is not checked by `{}`: its references would have to be followed too many times",
                against.file
            );
            self.report(against.opening(), Rule::Schema, message);
            return;
        };
        for error in &errors {
            let at = against.places.entry(error.instance_path().as_str());
            // What an alias stands for is not known here.
            let entry = at.and_then(|at| against.places.get(at));
            if entry.is_none_or(|entry| entry.value != Value::Alias) {
                self.breach(against, error, at, entry);
            }
        }
    }

    fn breach(
        &mut self,
        against: &Against<'_, '_>,
        error: &ValidationError<'_>,
        at: Option<u32>,
        entry: Option<&Entry>,
    ) {
        let title = against.places.title(at);
        let file = against.file;
        let mut report = |range: Range<usize>, words: String| {
            let mut letters = words.chars();
            let first = letters.next().map(char::to_uppercase);
            let first: String = first.into_iter().flatten().collect();
            let message = format!("{first}{} (`{file}`)", letters.as_str());
            self.report(range, Rule::Schema, message);
        };
        match error.kind() {
            Kind::Required { property } => {
                let missing = property.as_str().unwrap_or_default();
                let range = entry.map_or_else(|| against.opening(), key_range);
                report(range, format!("{title} needs the property `{missing}`"));
                if at.is_none() {
                    self.add(against, missing);
                }
            }
            Kind::AdditionalProperties { unexpected }
            | Kind::UnevaluatedProperties { unexpected } => {
                let mut known = against.keys(at);
                // Each is compared with each.
                known.truncate(MAX_KNOWN);
                for key in unexpected.iter().take(MAX_KNOWN) {
                    let member = against.places.member(at, key);
                    let Some(member) = member.and_then(|member| against.places.get(member)) else {
                        continue;
                    };
                    let others = known.iter().copied().filter(|other| other != key);
                    let remedy = match near(key, others) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "remove it, or add it to the schema".to_owned(),
                    };
                    let words = format!(
                        "`{key}` is none of the properties that {title} may have: {remedy}"
                    );
                    report(key_range(member), words);
                }
            }
            Kind::PropertyNames { error } => {
                let name = error.instance().as_str().unwrap_or_default();
                let member = against.places.member(at, name);
                let member = member.and_then(|member| against.places.get(member));
                let range = member.map_or_else(|| against.opening(), key_range);
                report(range, sentence(error, &format!("the key `{name}`")));
            }
            _ => {
                let range = entry.map_or_else(|| against.opening(), value_range);
                report(range, sentence(error, &title));
                if let (Kind::Enum { options }, Some(entry)) = (error.kind(), entry) {
                    self.choose(entry, options);
                }
            }
        }
    }

    /// The value of the enumeration that was probably meant.
    fn choose(&mut self, entry: &Entry, options: &Json) {
        let Value::Scalar(scalar) = &entry.value else {
            return;
        };
        let options = options.as_array().into_iter().flatten();
        let Some(near) = near(&scalar.text, options.filter_map(Json::as_str)) else {
            return;
        };
        let new = match scalar.style {
            Style::Plain if is_plain(near) => near.to_owned(),
            Style::Single if !near.contains(char::is_control) => {
                format!("'{}'", near.replace('\'', "''"))
            }
            Style::Literal | Style::Folded => return,
            // A text of JSON is one of YAML.
            _ => Json::from(near).to_string(),
        };
        self.fix(
            format!("Change it to `{near}`"),
            &[(entry.range.clone(), new)],
            false,
        );
    }

    /// The line of a property that is missing, before the closing `---`.
    fn add(&mut self, against: &Against<'_, '_>, key: &str) {
        let content = against.cut.content.clone();
        let break_at = against.opening().end;
        let line_break = self.text.get(break_at..content.start).unwrap_or("\n");
        let line_break = line_break.trim_start_matches([' ', '\t']);
        let first = against.places.front.entries.first();
        // In braces or indented, a line of its own would not belong to it.
        let begins = |entry: &Entry| {
            let start = entry.key.as_ref().map_or(0, |key| key.range.start);
            self.text[..start].ends_with(['\n', '\r'])
        };
        if !first.is_none_or(begins) || self.text[content.clone()].trim_start().starts_with('{') {
            return;
        }
        let value = against.schema.parts(&[Some(key)]).find_map(|part| {
            let options = part.get("enum").and_then(|options| options.get(0));
            part.get("default").or(part.get("const")).or(options)
        });
        let written = match value {
            Some(Json::String(text)) if is_plain(text) => format!(" {text}"),
            Some(value) => format!(" {value}"),
            None => String::new(),
        };
        let name = if is_plain(key) {
            key.to_owned()
        } else {
            Json::from(key).to_string()
        };
        let line = format!("{name}:{written}{line_break}");
        self.fix(
            format!("Add `{key}`"),
            &[(content.end..content.end, line)],
            false,
        );
    }
}

/// What a note is validated against, and where its values stand.
struct Against<'a, 'f> {
    cut: &'a Cut,
    places: &'a Places<'f>,
    file: &'a str,
    schema: &'a Schema,
}

impl<'a> Against<'a, '_> {
    /// The opening line of the frontmatter, without its break.
    fn opening(&self) -> Range<usize> {
        self.cut.whole.start..self.cut.whole.start + 3
    }

    /// The properties that the schema knows of in a collection.
    fn keys(&self, at: Option<u32>) -> Vec<&'a str> {
        let way = at.map(|at| way(self.places.front, at as usize));
        let parts = self.schema.parts(&way.unwrap_or_default());
        let known = parts.filter_map(|part| part.get("properties")?.as_object());
        let keys: HashSet<&str> = known
            .flat_map(|map| map.keys().map(String::as_str))
            .collect();
        let mut keys: Vec<&str> = keys.into_iter().collect();
        keys.sort_unstable();
        keys
    }
}

fn key_range(entry: &Entry) -> Range<usize> {
    entry
        .key
        .as_ref()
        .map_or_else(|| entry.range.clone(), |key| key.range.clone())
}

/// The bytes of a value; of its key, if there is none.
fn value_range(entry: &Entry) -> Range<usize> {
    if entry.range.is_empty() {
        key_range(entry)
    } else {
        entry.range.clone()
    }
}

/// Whether YAML reads a text without quotes as itself.
fn is_plain(text: &str) -> bool {
    let is_inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '/');
    text.starts_with(char::is_alphabetic)
        && !text.ends_with(' ')
        && text.chars().all(is_inner)
        && !is_word(text)
}
