//! The parts of a schema, as its keywords have them.

use percent_encoding::percent_decode_str;
use regex::RegexBuilder;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::{MAX_PATTERN, Wrong};

/// Keywords whose value is a part that holds for the same value.
const SAME: [&str; 2] = ["then", "else"];
/// The same of parts that need not hold.
const ASKED: [&str; 2] = ["not", "if"];
/// Keywords whose value is a list of such parts.
const SAME_LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords whose value names such parts.
const SAME_MAPS: [&str; 2] = ["dependentSchemas", "dependencies"];
/// Keywords with a part for all other keys.
const KEYS: [&str; 2] = ["additionalProperties", "unevaluatedProperties"];
/// The keyword with a part for the names of keys.
const NAMES: &str = "propertyNames";
/// Keywords with a part, or a list of parts, for items.
const ITEMS: [&str; 5] = [
    "items",
    "prefixItems",
    "additionalItems",
    "unevaluatedItems",
    "contains",
];
/// Keywords that hold parts for others to refer to.
const SHELVES: [&str; 2] = ["$defs", "definitions"];
/// Keywords that refer to a part.
pub(super) const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// One part of a schema.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    /// Where it stands, as a JSON Pointer.
    pub(super) pointer: String,
    /// Parts that hold for the same value.
    pub(super) same: Vec<u32>,
    /// Parts that need not hold for it and are looked at.
    pub(super) asked: Vec<u32>,
    /// Parts for the values of named keys.
    pub(super) keys: FxHashMap<String, u32>,
    /// Parts for keys of a pattern.
    pub(super) patterns: Vec<(String, u32)>,
    /// Parts for other keys.
    pub(super) any_key: Vec<u32>,
    /// Parts for the names of keys.
    pub(super) names: Vec<u32>,
    /// Parts for items.
    pub(super) items: Vec<u32>,
    /// The place among the parts when each stands behind those it leads to.
    pub(super) rank: u32,
    /// The length of the longest way through parts for the same value.
    pub(super) chain: u32,
}

impl Part {
    /// All parts that are looked at with the same value.
    pub(super) fn aside(&self) -> impl Iterator<Item = u32> {
        self.same.iter().chain(&self.asked).copied()
    }

    /// All parts that may be looked at with the value of a key.
    pub(super) fn below(&self, key: &str) -> Vec<u32> {
        let own = self.keys.get(key);
        let patterns = self.patterns.iter().map(|pattern| &pattern.1);
        let others = patterns.chain(&self.any_key).chain(&self.names);
        own.into_iter().chain(others).copied().collect()
    }

    /// The parts that speak of the value of a key.
    pub(super) fn about(&self, key: &str) -> Vec<u32> {
        let regex = |pattern: &str| RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build();
        let fits = |pattern: &str| regex(pattern).is_ok_and(|regex| regex.is_match(key));
        let patterns = self.patterns.iter().filter(|pattern| fits(&pattern.0));
        let own = self.keys.get(key).into_iter();
        let own: Vec<u32> = own
            .chain(patterns.map(|pattern| &pattern.1))
            .copied()
            .collect();
        if own.is_empty() {
            self.any_key.clone()
        } else {
            own
        }
    }
}

/// Finds the parts of a schema, the whole first.
pub(super) fn parts(schema: &Value) -> Result<Vec<Part>, Wrong> {
    let mut reader = Reader {
        schema,
        parts: Vec::new(),
        known: FxHashMap::default(),
        anchors: FxHashMap::default(),
        waiting: Vec::new(),
        references: Vec::new(),
    };
    reader.part(String::new());
    reader.read()?;
    reader.refer()?;
    Ok(reader.parts)
}

/// Finds the parts of a schema.
struct Reader<'a> {
    schema: &'a Value,
    parts: Vec<Part>,
    known: FxHashMap<String, u32>,
    /// Names that parts have.
    anchors: FxHashMap<&'a str, Vec<u32>>,
    /// Parts that were named and not read yet.
    waiting: Vec<u32>,
    /// Parts that refer to others: by what keyword, and to what.
    references: Vec<(u32, &'static str, &'a str)>,
}

impl<'a> Reader<'a> {
    fn part(&mut self, pointer: String) -> u32 {
        if let Some(&at) = self.known.get(&pointer) {
            return at;
        }
        let at = self.parts.len() as u32;
        self.known.insert(pointer.clone(), at);
        self.parts.push(Part {
            pointer,
            ..Part::default()
        });
        self.waiting.push(at);
        at
    }

    fn read(&mut self) -> Result<(), Wrong> {
        while let Some(at) = self.waiting.pop() {
            let pointer = self.parts[at as usize].pointer.clone();
            let schema = self.schema;
            if let Some(Value::Object(map)) = schema.pointer(&pointer) {
                self.name(at, &pointer, map)?;
                self.lead(at, &pointer, map);
            }
        }
        Ok(())
    }

    /// What a part is called and what it refers to.
    fn name(&mut self, at: u32, pointer: &str, map: &'a Map<String, Value>) -> Result<(), Wrong> {
        for key in ["$anchor", "$dynamicAnchor"] {
            let name = map.get(key).and_then(Value::as_str);
            self.anchors
                .entry(name.unwrap_or_default())
                .or_default()
                .push(at);
        }
        for key in ["$id", "id"] {
            match map.get(key).and_then(Value::as_str) {
                Some(id) if id.starts_with('#') => {
                    self.anchors.entry(&id[1..]).or_default().push(at);
                }
                Some(_) if at != 0 => {
                    let message = "only the whole schema may have an address: give this part a name with `$anchor`";
                    return Err(Wrong::new(&format!("{pointer}/{key}"), message.to_owned()));
                }
                _ => {}
            }
        }
        for key in REFERENCES {
            if let Some(target) = map.get(key).and_then(Value::as_str) {
                self.references.push((at, key, target));
            }
        }
        Ok(())
    }

    fn lead(&mut self, at: u32, pointer: &str, map: &'a Map<String, Value>) {
        let is_part = |value: &Value| value.is_object() || value.is_boolean();
        for (key, value) in map {
            let key = key.as_str();
            let below = format!("{pointer}/{}", escaped(key));
            // One part, a list of them, or names with a part each.
            let mut found: Vec<(&str, u32)> = Vec::new();
            if let Value::Array(list) = value
                && (SAME_LISTS.contains(&key) || ITEMS.contains(&key))
            {
                let parts = (0..list.len()).map(|index| format!("{below}/{index}"));
                found.extend(parts.map(|part| ("", self.part(part))));
            } else if let Value::Object(named) = value
                && (SAME_MAPS.contains(&key)
                    || SHELVES.contains(&key)
                    || matches!(key, "properties" | "patternProperties"))
            {
                for (name, _) in named.iter().filter(|part| is_part(part.1)) {
                    let part = self.part(format!("{below}/{}", escaped(name)));
                    found.push((name, part));
                }
            } else if is_part(value)
                && (SAME.contains(&key)
                    || ASKED.contains(&key)
                    || KEYS.contains(&key)
                    || ITEMS.contains(&key)
                    || key == NAMES)
            {
                found.push(("", self.part(below)));
            }
            let parts = found.iter().map(|part| part.1);
            let own = &mut self.parts[at as usize];
            match key {
                "properties" => {
                    let named = found.iter();
                    own.keys
                        .extend(named.map(|(name, part)| ((*name).to_owned(), *part)));
                }
                "patternProperties" => {
                    let named = found.iter();
                    own.patterns
                        .extend(named.map(|(name, part)| ((*name).to_owned(), *part)));
                }
                NAMES => own.names.extend(parts),
                _ if ASKED.contains(&key) => own.asked.extend(parts),
                _ if KEYS.contains(&key) => own.any_key.extend(parts),
                _ if ITEMS.contains(&key) => own.items.extend(parts),
                _ if SHELVES.contains(&key) => {}
                _ => own.same.extend(parts),
            }
        }
    }

    /// Follows the references, also those of parts that only references find.
    fn refer(&mut self) -> Result<(), Wrong> {
        let mut next = 0;
        while let Some(&(at, key, target)) = self.references.get(next) {
            next += 1;
            let wrong = |message: String| {
                let pointer = &self.parts[at as usize].pointer;
                Wrong::new(&format!("{pointer}/{key}"), message)
            };
            let Some(fragment) = target.strip_prefix('#') else {
                return Err(wrong(format!(
                    "`{target}` lies outside of this file, and nothing is fetched: copy it into `$defs` and refer to `#/$defs/…`"
                )));
            };
            let decoded = percent_decode_str(fragment).decode_utf8_lossy();
            let targets = if decoded.is_empty() || decoded.starts_with('/') {
                let is_there = self.schema.pointer(&decoded).is_some();
                let known = is_there.then(|| vec![self.part(decoded.into_owned())]);
                known.unwrap_or_default()
            } else {
                self.anchors.get(&*decoded).cloned().unwrap_or_default()
            };
            if targets.is_empty() {
                let pointer = &self.parts[at as usize].pointer;
                return Err(Wrong::new(
                    &format!("{pointer}/{key}"),
                    format!("there is no `{target}` in this schema"),
                ));
            }
            self.parts[at as usize].same.extend(targets);
            self.read()?;
        }
        Ok(())
    }
}

/// A key as a segment of a JSON Pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
