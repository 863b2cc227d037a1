//! `vaultmark doctor`: what an issue report needs, and what is to be mended.
//!
//! A report is meant for others: it holds no text of notes and no names of
//! them, and paths below the home of the user begin with `~`.

mod editors;
mod machine;
mod vault;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// What is asked for.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// A folder in the vault; the current one if none is named.
    pub folder: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Looks at the vault around a folder, at the machine and at its editors, and
/// prints what was found. Says whether something is to be mended.
///
/// # Errors
/// When the folder is not there or the output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<bool> {
    let folder = arguments.folder.as_deref().unwrap_or(Path::new("."));
    let folder = folder
        .canonicalize()
        .with_context(|| format!("there is no folder {}", folder.display()))?;
    let mut report = Report::default();
    machine::look(&mut report);
    vault::look(&folder, &mut report)?;
    editors::look(&mut report);
    if arguments.json {
        writeln!(out, "{:#}", report.to_json())?;
    } else {
        report.print(out)?;
    }
    Ok(!report.faults.is_empty())
}

/// What was found.
#[derive(Debug, Default)]
struct Report {
    facts: Vec<Fact>,
    faults: Vec<String>,
}

/// One thing that was found.
#[derive(Debug)]
struct Fact {
    key: &'static str,
    label: &'static str,
    value: Value,
}

impl Report {
    /// Adds a fact: its key in JSON, its name for people, and what it is.
    fn tell(&mut self, key: &'static str, label: &'static str, value: impl Into<Value>) {
        let value = match value.into() {
            Value::String(text) => Value::String(homeless(&text)),
            other => other,
        };
        self.facts.push(Fact { key, label, value });
    }

    /// Adds something that is to be mended, with the remedy.
    fn fault(&mut self, message: &str) {
        self.faults.push(homeless(message));
    }

    fn to_json(&self) -> Value {
        let facts = self.facts.iter();
        let facts = facts.map(|fact| (fact.key.to_owned(), fact.value.clone()));
        let mut object: Map<String, Value> = facts.collect();
        object.insert("faults".to_owned(), self.faults.clone().into());
        Value::Object(object)
    }

    fn print(&self, out: &mut dyn Write) -> std::io::Result<()> {
        for fact in &self.facts {
            let mut label = fact.label;
            for line in lines(&fact.value) {
                writeln!(out, "{label:<16} {line}")?;
                label = "";
            }
        }
        let heading = if self.faults.is_empty() {
            "Nothing is to be mended."
        } else {
            "To be mended:"
        };
        writeln!(out, "\n{heading}")?;
        for fault in &self.faults {
            writeln!(out, "- {fault}")?;
        }
        Ok(())
    }
}

/// A value as lines for people.
fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) if values.is_empty() => vec!["none".to_owned()],
        Value::Array(values) => values.iter().flat_map(lines).collect(),
        Value::Object(table) => {
            let line =
                |(key, value): (&String, &Value)| format!("{key}: {}", lines(value).join(", "));
            table.iter().map(line).collect()
        }
        Value::String(text) => vec![text.clone()],
        Value::Null => vec!["unknown".to_owned()],
        other => vec![other.to_string()],
    }
}

/// A text in which the home of the user is `~`.
fn homeless(text: &str) -> String {
    match std::env::home_dir() {
        Some(home) => without(text, &home),
        None => text.to_owned(),
    }
}

/// A text in which a folder is `~`, where that is the folder and no beginning
/// of another name.
fn without(text: &str, home: &Path) -> String {
    let Some(home) = home.to_str().filter(|home| home.len() > 1) else {
        return text.to_owned();
    };
    let mut parts = text.split(home);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let goes_on = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
        shown.push_str(if part.starts_with(goes_on) { home } else { "~" });
        shown.push_str(part);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_of_the_user_is_not_shown() {
        let home = Path::new("/home/ida");
        for (text, shown) in [
            ("/home/ida/notes", "~/notes"),
            ("in /home/ida: /home/ida/a", "in ~: ~/a"),
            ("/home/idaho/notes", "/home/idaho/notes"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(without(text, home), shown);
        }
        assert_eq!(without("/a", Path::new("/")), "/a");
    }
}
