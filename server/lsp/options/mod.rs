//! Each setting, once: its key, what it may be, its default and what it means.
//! What is known as a key, what `vaultmark settings` prints, the settings of the
//! extension for VS Code and `docs/settings.md` come from here.

mod table;

use serde_json::{Map, Value, json};
use vaultmark_vault::rule::{Rule, Severity};
use vaultmark_vault::settings::Settings;

pub use table::SETTINGS;

/// A setting.
#[derive(Debug)]
pub struct Setting {
    /// Its key; of one in a table, that of the table and a dot before.
    pub key: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it means, in Markdown, without links.
    pub about: &'static str,
    /// Its value in these settings; null where it is found by itself.
    value: fn(&Settings) -> Value,
}

/// What a setting may be.
#[derive(Debug)]
pub enum Kind {
    /// On or off.
    Flag,
    /// A text.
    Text,
    /// A whole number from the first to the second.
    Number(u32, u32),
    /// One of some words, each with what it means.
    Choice(&'static [(&'static str, &'static str)]),
    /// A list of texts.
    Names,
    /// A list of lists of two texts.
    Pairs,
    /// Rules and how serious a breach of them is.
    Rules,
    /// A list of patterns of notes, each with rules.
    RulesFor,
    /// A list of tables.
    Tables(&'static [Column]),
}

/// A key of the tables of a setting.
#[derive(Debug)]
pub struct Column {
    key: &'static str,
    is_needed: bool,
    about: &'static str,
}

/// The keys in a table of settings, such as `rename`; of the outermost one if
/// it is empty.
pub fn keys(table: &str) -> Vec<&'static str> {
    let inner = SETTINGS.iter().filter_map(|setting| {
        let rest = match table {
            "" => setting.key,
            _ => setting.key.strip_prefix(table)?.strip_prefix('.')?,
        };
        rest.split('.').next()
    });
    let mut keys: Vec<&str> = inner.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

impl Setting {
    /// What is in force where nobody sets it; null where it is found by itself.
    pub fn default(&self) -> Value {
        (self.value)(&Settings::default())
    }

    /// Its JSON Schema, with the default; `about` is the name of the key for what
    /// it means.
    pub fn schema(&self, about: &str) -> Value {
        let mut schema = self.kind.schema(about);
        let default = self.default();
        if default.is_null() {
            schema["type"] = json!([schema["type"], "null"]);
        }
        schema["default"] = default;
        schema[about] = json!(self.about);
        schema
    }
}

impl Kind {
    fn schema(&self, about: &str) -> Value {
        match self {
            Self::Flag => json!({"type": "boolean"}),
            Self::Text => json!({"type": "string"}),
            Self::Number(least, most) => {
                json!({"type": "integer", "minimum": least, "maximum": most})
            }
            Self::Choice(words) => {
                let [names, meanings]: [Vec<&str>; 2] = [
                    words.iter().map(|word| word.0).collect(),
                    words.iter().map(|word| word.1).collect(),
                ];
                json!({"type": "string", "enum": names, "enumDescriptions": meanings})
            }
            Self::Names => json!({"type": "array", "items": {"type": "string"}}),
            Self::Pairs => json!({"type": "array", "items": {
                "type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2,
            }}),
            Self::Rules => rules(about),
            Self::RulesFor => json!({"type": "array", "items": {
                "type": "object",
                "required": ["notes", "rules"],
                "additionalProperties": false,
                "properties": {"notes": {"type": "string"}, "rules": any_rules()},
            }}),
            Self::Tables(columns) => {
                let needed = columns.iter().filter(|column| column.is_needed);
                let needed: Vec<&str> = needed.map(|column| column.key).collect();
                let all = columns.iter().map(|column| {
                    let schema = json!({"type": "string", about: column.about});
                    (column.key.to_owned(), schema)
                });
                json!({"type": "array", "items": {
                    "type": "object",
                    "required": needed,
                    "additionalProperties": false,
                    "properties": Value::Object(all.collect()),
                }})
            }
        }
    }

    /// What it may be, in Markdown.
    pub fn words(&self) -> String {
        match self {
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Number(least, u32::MAX) => format!("{least} or more"),
            Self::Number(least, most) => format!("{least} to {most}"),
            Self::Choice(words) => {
                let words = words.iter().map(|word| format!("`\"{}\"`", word.0));
                words.collect::<Vec<_>>().join(", ")
            }
            Self::Names => "list of texts".to_owned(),
            Self::Pairs => "list of pairs".to_owned(),
            Self::Rules => "table of rules".to_owned(),
            Self::RulesFor => "list of tables with `notes` and `rules`".to_owned(),
            Self::Tables(columns) => {
                let keys = columns.iter().map(|column| format!("`{}`", column.key));
                let keys: Vec<String> = keys.collect();
                format!("list of tables with {}", keys.join(", "))
            }
        }
    }
}

/// What a rule can be set to.
fn severities() -> Value {
    let names = Severity::NAMES.iter().map(|known| known.0);
    json!(names.chain(["off"]).collect::<Vec<_>>())
}

/// The codes of all rules, and what stands for all of them.
fn codes() -> Vec<&'static str> {
    let codes = Rule::ALL.iter().map(|rule| rule.code());
    ["*"].into_iter().chain(codes).collect()
}

/// The JSON Schema of a table of rules, which says what they are.
fn rules(about: &str) -> Value {
    let rules = codes().into_iter().map(|code| {
        let meaning = Rule::of(code).map_or("all that is wrong", |rule| rule.about());
        let schema = json!({
            "type": "string", "enum": severities(), about: format!("It reports {meaning}."),
        });
        (code.to_owned(), schema)
    });
    let properties: Map<String, Value> = rules.collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

/// The same in few words.
fn any_rules() -> Value {
    json!({
        "type": "object",
        "propertyNames": {"enum": codes()},
        "additionalProperties": {"type": "string", "enum": severities()},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::load;

    /// The settings of a client that sets only this.
    fn only(key: &str, value: Value) -> Value {
        let parts = key.rsplit('.');
        parts.fold(value, |value, part| json!({part: value}))
    }

    #[test]
    fn each_setting_takes_its_default_and_nothing_of_another_kind() {
        let root = tempfile::tempdir().unwrap();
        let problems = |client: &Value| load(root.path(), client).problems;
        for setting in SETTINGS {
            let (key, default) = (setting.key, setting.default());
            let expected = load(root.path(), &Value::Null).settings;
            let loaded = load(root.path(), &only(key, default.clone()));
            assert_eq!(loaded.problems, [""; 0], "{key} = {default}");
            assert_eq!(loaded.settings, expected, "{key} = {default}");
            let bad = only(key, json!(1.5));
            assert_eq!(problems(&bad).len(), 1, "{key}");
            let schema = jsonschema::validator_for(&setting.schema("description")).unwrap();
            assert!(schema.is_valid(&default), "{key} = {default}");
            assert!(!schema.is_valid(&json!(1.5)), "{key}");
        }
        assert_eq!(keys("rename").len(), 8);
        let unknown = problems(&json!({"renam": {}}));
        assert!(unknown[0].contains("did you mean `rename`?"), "{unknown:?}");
    }
}
