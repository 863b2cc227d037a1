//! Renaming a value of a property that is a name, such as `town` in
//! `type: town`, in all notes.

use super::keys::{is_field, spelled};
use super::place::{Cursor, Prepared, Subject};
use super::refusal::list;
use super::site::{Site, What};
use super::{Part, Plan, Refusal, chains};
use crate::fact::{Field, Link, ValueKind};
use crate::field::canonical_path;
use crate::files::Facts;
use crate::frontmatter::{self, Entry, Frontmatter, Style, Value};
use crate::index::FileId;
use crate::properties::kind;
use crate::query::Texts;
use crate::vault::Vault;

/// Properties whose values are facts of their own.
const OTHERS: [&str; 4] = ["tags", "tag", "aliases", "alias"];

/// The value under the cursor, if it is a text of one line and no link.
pub(super) fn of_value(cursor: &Cursor<'_>) -> Option<Prepared> {
    let offset = cursor.offset as usize;
    if !cursor.note.valid_frontmatter || !cursor.note.frontmatter.contains(&cursor.offset) {
        return None;
    }
    let cut = frontmatter::cut(cursor.text)?;
    let front = frontmatter::parse(cursor.text, &cut);
    let is_here = |entry: &Entry| {
        let is_value = matches!(entry.value, Value::Scalar(_));
        is_value && entry.range.start <= offset && offset <= entry.range.end
    };
    let index = front.entries.iter().position(is_here)?;
    let entry = front.entries.get(index)?;
    let name = name(entry)?;
    let key = front.key_names(index).join(".");
    let owner = key.split('.').next().unwrap_or("");
    let is_other = OTHERS.iter().any(|own| own.eq_ignore_ascii_case(owner));
    let range = entry.range.start as u32..entry.range.end as u32;
    let is_inside = |link: &Link| range.start <= link.start && link.start < range.end;
    let is_line = !cursor.slice(&range).contains(['\n', '\r']);
    let has_links = cursor.note.links.iter().any(is_inside);
    (is_line && !is_other && !has_links).then(|| Prepared {
        subject: Subject::Value(key, name.to_owned()),
        range: cursor.unquoted(range.clone()),
        name: name.to_owned(),
    })
}

/// A value that is a text.
fn name(entry: &Entry) -> Option<&str> {
    let Value::Scalar(scalar) = &entry.value else {
        return None;
    };
    let is_text = kind(entry) == ValueKind::Text && !scalar.text.is_empty();
    is_text.then_some(scalar.text.as_str())
}

/// The plan by which a value of a property, by the path of its keys, is called
/// `new` in all notes that have it.
pub(super) fn renamed(
    vault: &Vault,
    key: &str,
    old: &str,
    new: &str,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    let new = new.trim();
    if new.is_empty() || new.contains(char::is_control) {
        let why = "A value is one line of text".to_owned();
        return Err(Refusal::Name(why, None));
    }
    if new.starts_with(['[', '!']) {
        let why = "A name that is to be a link is no name of a value: write the link where it is to stand".to_owned();
        return Err(Refusal::Name(why, None));
    }
    if old == new {
        return Err(Refusal::Same);
    }
    let canonical = canonical_path(key);
    let mut values = Values {
        vault,
        key: spelled(key),
        canonical: &canonical,
        names: [old, new],
        plan: Plan::default(),
        is_there: false,
        in_text: false,
        kept: Vec::new(),
    };
    for file in vault.with_key(&canonical) {
        values.file(file, texts)?;
    }
    values.done(key, texts)
}

struct Values<'a> {
    vault: &'a Vault,
    /// [`spelled`] of the path of keys.
    key: String,
    canonical: &'a str,
    names: [&'a str; 2],
    plan: Plan,
    /// Whether the property has the new value somewhere already.
    is_there: bool,
    /// Whether a field has the old one.
    in_text: bool,
    /// Notes in which the value is written as a block.
    kept: Vec<String>,
}

impl Values<'_> {
    fn file(&mut self, file: FileId, texts: &dyn Texts) -> Result<(), Refusal> {
        let Some(facts) = self.vault.facts(file) else {
            return Ok(());
        };
        let symbols = self.vault.symbols();
        let may_hold = |kind: ValueKind| matches!(kind, ValueKind::Text | ValueKind::List);
        let has_property = facts
            .properties()
            .any(|own| may_hold(own.kind) && symbols.with(own.key, |key| spelled(key) == self.key));
        let fields: Vec<Field> = self.fields(facts);
        if !has_property && fields.is_empty() {
            return Ok(());
        }
        let path = || vec![self.vault.path(file).unwrap_or_default()];
        let text = texts.text(file);
        let text = text.ok_or_else(|| Refusal::Unreadable(path()))?;
        if has_property {
            let cut = frontmatter::cut(&text).ok_or_else(|| Refusal::Changed(path()))?;
            self.properties(file, &frontmatter::parse(&text, &cut));
        }
        for field in fields {
            self.field(file, &text, &field)?;
        }
        Ok(())
    }

    fn fields(&self, facts: &Facts) -> Vec<Field> {
        let is_it = |key: &str| key == self.canonical;
        let symbols = self.vault.symbols();
        let fields = facts.fields();
        fields
            .filter(|field| symbols.with(field.key, is_it))
            .collect()
    }

    fn properties(&mut self, file: FileId, front: &Frontmatter) {
        for (index, entry) in front.entries.iter().enumerate() {
            let Some(name) = name(entry).filter(|name| self.names.contains(name)) else {
                continue;
            };
            if spelled(&front.key_names(index).join(".")) != self.key {
                continue;
            }
            if name == self.names[1] {
                self.is_there = true;
                continue;
            }
            let is_block = matches!(&entry.value, Value::Scalar(scalar)
                if matches!(scalar.style, Style::Literal | Style::Folded));
            if is_block {
                self.kept.extend(self.vault.path(file));
                continue;
            }
            let what = What::Value {
                range: entry.range.start as u32..entry.range.end as u32,
                old: name.to_owned(),
                new: self.names[1].to_owned(),
            };
            let part = Part::Value;
            self.plan.add(file, Site { part, what });
        }
    }

    /// `type:: town`
    fn field(&mut self, file: FileId, text: &str, field: &Field) -> Result<(), Refusal> {
        let [old, new] = self.names;
        let range = field.range();
        let behind = text.get(field.key_range().end as usize..range.end as usize);
        let value = behind.and_then(|behind| behind.split_once("::"));
        let value = value.map_or("", |cut| cut.1).trim();
        self.is_there |= value == new;
        if value != old {
            return Ok(());
        }
        if !is_field("x", new) {
            let path = self.vault.path(file).unwrap_or_default();
            let why = format!(
                "`{path}` has the value in its text, where `{new}` cannot stand behind `::`"
            );
            return Err(Refusal::Name(why, None));
        }
        let range = range.end - old.len() as u32..range.end;
        let site = Site::text(Part::Value, range, old, new.to_owned());
        self.plan.add(file, site);
        self.in_text = true;
        Ok(())
    }

    fn done(mut self, key: &str, texts: &dyn Texts) -> Result<Plan, Refusal> {
        let [old, new] = self.names;
        if self.plan.is_empty() {
            return Err(Refusal::Missing(format!("`{key}: {old}` on one line")));
        }
        if self.is_there {
            self.plan.warnings.push(format!(
                "`{key}` has the value `{new}` already: the two become one, which no renaming parts again."
            ));
        }
        if !self.kept.is_empty() {
            self.kept.sort();
            self.kept.dedup();
            let notes = list(&self.kept);
            self.plan.warnings.push(format!(
                "In {notes} the value is written as a block, and stays."
            ));
        }
        if self.in_text {
            chains::follow(self.vault, &mut self.plan, texts)?;
        }
        Ok(self.plan)
    }
}
