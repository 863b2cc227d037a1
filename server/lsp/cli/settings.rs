//! `vaultmark settings`: the settings, for people and for what is made of them.

use std::io::Write;

use anyhow::Result;
use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::options::{SETTINGS, keys};

/// How the settings are listed.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// The tables of `docs/settings.md`.
    Markdown,
    /// A JSON Schema of `.vaultmark.toml`.
    JsonSchema,
    /// The settings of the extension for VS Code, as its manifest has them.
    Vscode,
}

/// Prints the settings.
///
/// # Errors
/// When the output cannot be written.
pub fn run(format: Format, out: &mut dyn Write) -> Result<()> {
    match format {
        Format::Text => {
            for setting in SETTINGS {
                let default = setting.default();
                let about = setting.about;
                writeln!(out, "{} = {default}\n    {about}", setting.key)?;
            }
        }
        Format::Markdown => markdown(out)?,
        Format::JsonSchema => writeln!(out, "{:#}", schema())?,
        Format::Vscode => writeln!(out, "{:#}", vscode())?,
    }
    Ok(())
}

fn markdown(out: &mut dyn Write) -> Result<()> {
    writeln!(out, "| Key | Value | Default | Meaning |")?;
    writeln!(out, "| --- | --- | --- | --- |")?;
    for setting in SETTINGS {
        let default = match setting.default() {
            Value::Null => "–".to_owned(),
            // A bar would end the cell.
            default => format!("`{}`", default.to_string().replace('|', "\\|")),
        };
        let (key, words) = (setting.key, setting.kind.words());
        writeln!(out, "| `{key}` | {words} | {default} | {} |", setting.about)?;
    }
    Ok(())
}

/// One property for each setting; those in a table are in an object.
fn schema() -> Value {
    let object = |properties: Map<String, Value>| json!({"type": "object", "additionalProperties": false, "properties": properties});
    let table = |table: &str| {
        let inner = SETTINGS.iter().filter_map(|setting| {
            let key = setting.key.strip_prefix(table)?.strip_prefix('.')?;
            Some((key.to_owned(), setting.schema("description")))
        });
        object(inner.collect())
    };
    let properties = keys("").into_iter().map(|key| {
        let whole = SETTINGS.iter().find(|setting| setting.key == key);
        let schema = whole.map_or_else(|| table(key), |setting| setting.schema("description"));
        (key.to_owned(), schema)
    });
    let mut schema = object(properties.collect());
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!("Settings of Vaultmark");
    schema
}

fn vscode() -> Value {
    let properties = SETTINGS.iter().enumerate().map(|(at, setting)| {
        let mut schema = setting.schema("markdownDescription");
        schema["scope"] = json!("window");
        schema["order"] = json!(at);
        (format!("vaultmark.{}", setting.key), schema)
    });
    Value::Object(properties.collect())
}
