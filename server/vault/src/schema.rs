//! Schemas of properties: JSON Schema, as files of the vault.
//!
//! Nothing is ever fetched: a schema refers to itself only. One that cannot be
//! used says why and where, and the others are in force. Validating a note
//! takes a bounded number of steps and a bounded stack.

mod graph;
mod parts;
mod place;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::Value;

use self::graph::Graph;
use crate::lines::Lines;

/// Files whose name ends so are schemas.
pub const SUFFIX: &str = ".schema.json";
/// Larger files, in bytes, are not read as schemas.
pub const MAX_SCHEMA: usize = 1 << 20;
/// More questions about what other parts left out take exponential time.
const MAX_UNEVALUATED: usize = 4;
/// Of so many mistakes of a note each is reported.
const MAX_ERRORS: usize = 100;
/// Lists and objects of a schema may lie so deep in each other.
const MAX_NESTING: usize = 64;
/// Memory, in bytes, that one pattern may take.
const MAX_PATTERN: usize = 1 << 20;
/// The standards of JSON Schema, by the address that `$schema` names.
const STANDARDS: [(&str, Draft); 5] = [
    ("json-schema.org/draft-04/schema", Draft::Draft4),
    ("json-schema.org/draft-06/schema", Draft::Draft6),
    ("json-schema.org/draft-07/schema", Draft::Draft7),
    ("json-schema.org/draft/2019-09/schema", Draft::Draft201909),
    ("json-schema.org/draft/2020-12/schema", Draft::Draft202012),
];

/// A schema that can be used.
#[derive(Clone, Debug)]
pub struct Schema {
    value: Value,
    graph: Graph,
    validator: Validator,
}

/// Why a schema cannot be used.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The bytes of the schema's text that are wrong.
    pub range: Range<u32>,
    /// What is wrong, in plain words.
    pub message: String,
    /// The lines of the schema's text.
    pub lines: Lines,
}

/// A part of a schema that is wrong.
struct Wrong {
    /// Where it stands, as a JSON Pointer.
    pointer: String,
    message: String,
}

impl Wrong {
    fn new(pointer: &str, message: String) -> Self {
        Self {
            pointer: pointer.to_owned(),
            message,
        }
    }
}

/// A step from a value to one in it: a key, or none to the items of a list.
pub type Step<'k> = Option<&'k str>;

/// What was read of a file that is a schema.
pub type Read = Result<Schema, Fault>;

/// The schemas of a vault, by path. A clone costs little.
#[derive(Clone, Debug, Default)]
pub struct Schemas(Arc<BTreeMap<String, Arc<Read>>>);

/// Reads the text of a schema.
///
/// # Errors
/// When it is no JSON or no schema, leads out of itself or back to where it
/// began, or is too large.
pub fn read(text: &str) -> Read {
    let fault = |range: Range<usize>, message: String| Fault {
        range: range.start as u32..range.end as u32,
        message,
        lines: Lines::new(text),
    };
    if text.len() > MAX_SCHEMA {
        let message = format!("larger than {} KB; it is not read", MAX_SCHEMA >> 10);
        return Err(unread(&message));
    }
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: Value = serde_json::from_str(plain).map_err(|error| {
        let at = place::offset(plain, error.line(), error.column());
        let start = at + text.len() - plain.len();
        let end = start + text[start..].chars().next().map_or(0, char::len_utf8);
        fault(start..end, format!("not JSON: {}", without_place(&error)))
    })?;
    compile(value).map_err(|wrong| {
        let range = place::range(plain, &wrong.pointer);
        let shift = text.len() - plain.len();
        fault(range.start + shift..range.end + shift, wrong.message)
    })
}

/// A schema whose text cannot be had.
pub fn unread(message: &str) -> Fault {
    Fault {
        range: 0..0,
        message: message.to_owned(),
        lines: Lines::new(""),
    }
}

/// The words of an error without the place that it ends with.
fn without_place(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    words.strip_suffix(&place).unwrap_or(&words).to_owned()
}

fn compile(value: Value) -> Result<Schema, Wrong> {
    if !value.is_object() && !value.is_boolean() {
        return Err(Wrong::new("", "a schema is an object".to_owned()));
    }
    if nesting(&value) > MAX_NESTING {
        let message = format!("lists and objects nest deeper than {MAX_NESTING} levels");
        return Err(Wrong::new("", message));
    }
    if unevaluated(&value) > MAX_UNEVALUATED {
        let message = format!(
            "`unevaluatedProperties` and `unevaluatedItems` stand in it more than {MAX_UNEVALUATED} times; each may triple the work"
        );
        return Err(Wrong::new("", message));
    }
    let draft = draft(&value)?;
    let graph = Graph::new(&value)?;
    let validator = jsonschema::options()
        .with_draft(draft)
        .offline()
        // The other engine may take exponential time.
        .with_pattern_options(PatternOptions::regex().size_limit(MAX_PATTERN))
        .should_validate_formats(true)
        .build(&value)
        .map_err(|error| wrong(&error))?;
    Ok(Schema {
        value,
        graph,
        validator,
    })
}

/// How often a schema asks what its other parts left out: the validator goes
/// through those once more for each.
fn unevaluated(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(unevaluated).sum(),
        Value::Object(map) => {
            let asks = ["unevaluatedProperties", "unevaluatedItems"];
            let own = asks.iter().filter(|key| map.contains_key(**key)).count();
            own + map.values().map(unevaluated).sum::<usize>()
        }
        _ => 0,
    }
}

/// How many lists and objects lie in each other. The parser allows 128.
fn nesting(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(nesting).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(nesting).max().unwrap_or(0),
        _ => 0,
    }
}

/// The standard that a schema follows; the newest unless it says another.
fn draft(value: &Value) -> Result<Draft, Wrong> {
    let Some(named) = value.get("$schema") else {
        return Ok(Draft::Draft202012);
    };
    let address = named.as_str().unwrap_or_default().trim_end_matches('#');
    let address = address.split_once("://").map_or("", |(_, rest)| rest);
    let standard = STANDARDS.iter().find(|standard| standard.0 == address);
    standard.map(|standard| standard.1).ok_or_else(|| {
        let message = format!(
            "{named} is none of the standards that are known here, and nothing is fetched: write \"https://json-schema.org/draft/2020-12/schema\", or leave it out"
        );
        Wrong::new("/$schema", message)
    })
}

/// What the validator finds wrong in a schema itself.
fn wrong(error: &ValidationError) -> Wrong {
    let (inside, keyword) = (error.instance_path().as_str(), error.schema_path().as_str());
    match error.kind() {
        // The patterns of a schema are of no schema themselves.
        jsonschema::error::ValidationErrorKind::Format { format } if format == "regex" => {
            let message = "this pattern cannot be used: it is no regular expression, is too large, or looks around or back, which could take for ever";
            Wrong::new(
                if inside.is_empty() { keyword } else { inside },
                message.to_owned(),
            )
        }
        _ => Wrong::new(inside, format!("not a JSON Schema: {}", error.masked())),
    }
}

impl Schema {
    /// What is wrong with properties, in the order of the schema, as far as
    /// somebody would read it. `None` when
    /// looking would take too long.
    pub fn errors<'v>(&'v self, value: &'v Value) -> Option<Vec<ValidationError<'v>>> {
        let is_quick = self.graph.is_quick(value);
        is_quick.then(|| self.validator.iter_errors(value).take(MAX_ERRORS).collect())
    }

    /// The parts of the schema that speak of the value at the end of a way from
    /// the root.
    pub fn parts<'s>(&'s self, way: &[Step<'_>]) -> impl Iterator<Item = &'s Value> + use<'s> {
        let pointers = self.graph.pointers(way).into_iter();
        pointers.filter_map(|pointer| self.value.pointer(pointer))
    }
}

impl Schemas {
    /// What was read of the file of a path, with the path.
    pub fn find(&self, path: &str) -> Option<(&str, &Read)> {
        let (path, read) = self.0.get_key_value(path)?;
        Some((path, read))
    }

    /// What was read of the file of a path.
    pub fn get(&self, path: &str) -> Option<&Read> {
        self.find(path).map(|found| found.1)
    }

    /// All of them, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Read)> {
        self.0.iter().map(|(path, read)| (path.as_str(), &**read))
    }

    /// Whether nothing was changed between two moments of one vault.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A file is a schema and says this; `None`: it is none, or gone.
    pub(crate) fn set(&mut self, path: &str, read: Option<Arc<Read>>) {
        if read.is_none() && !self.0.contains_key(path) {
            return;
        }
        let schemas = Arc::make_mut(&mut self.0);
        match read {
            Some(read) => schemas.insert(path.to_owned(), read),
            None => schemas.remove(path),
        };
    }
}
