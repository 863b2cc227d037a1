//! The facts of the frontmatter: properties, and the links, tags and aliases
//! in their values (P1–P5, G9, T5).

use std::borrow::Cow;
use std::ops::Range;

use crate::builder::{Builder, MAX_FACT};
use crate::fact::{Alias, Form, Link, Property, Said, Tag, ValueKind};
use crate::frontmatter::{self, Entry, Frontmatter, Style, Value};
use crate::link;
use crate::said;
use crate::symbol::Symbol;
use crate::tag;

/// A property whose path of keys is longer has no fact: nested keys of great
/// length would take quadratic room.
const MAX_KEY: usize = 256;

/// Keys whose items are never links, even when they look so (G9).
const PLAIN: [&str; 3] = ["aliases", "cssclasses", "tags"];

/// Keys whose items are names, and those that no other note has.
const NAMES: [&str; 5] = ["aliases", "alias", "tags", "tag", "permalink"];

/// Adds the facts of a valid frontmatter to a note. Invalid YAML has none
/// (P2): that is how the application reads it, too.
pub(crate) fn facts(text: &str, front: &Frontmatter, out: &mut Builder<'_>) {
    // The names of each entry: of the top-level property that it belongs to,
    // and of itself with all keys above, without the numbers of list items.
    let mut names: Vec<(&str, Cow<'_, str>, Symbol)> = Vec::with_capacity(front.entries.len());
    for entry in &front.entries {
        let parent = entry.parent.and_then(|parent| names.get(parent as usize));
        let own = entry.key.as_ref().map_or("", |key| key.name.as_str());
        let (owner, path, mut symbol) = match parent {
            None => (own, Cow::Borrowed(own), Symbol::EMPTY),
            Some((owner, path, symbol)) if own.is_empty() => (*owner, path.clone(), *symbol),
            Some((owner, path, _)) => {
                let path = Cow::Owned(format!("{path}.{own}"));
                (*owner, path, Symbol::EMPTY)
            }
        };
        if let Some(key) = &entry.key
            && key.range.len() <= MAX_FACT
            && path.len() <= MAX_KEY
        {
            symbol = out.symbols.intern(&path);
            out.properties.push(Property {
                start: key.range.start as u32,
                key_len: key.range.len() as u16,
                kind: kind(entry),
                depth: entry.depth,
                key: symbol,
            });
        }
        names.push((owner, path, symbol));
        let Value::Scalar(scalar) = &entry.value else {
            continue;
        };
        let is = |name: &str| owner.eq_ignore_ascii_case(name);
        if is("tags") || is("tag") {
            tags(text, entry, out);
        } else if is("aliases") || is("alias") {
            let is_text = scalar.style != Style::Plain || kind(entry) == ValueKind::Text;
            if is_text && !scalar.text.is_empty() && entry.range.len() <= MAX_FACT {
                out.aliases.push(Alias {
                    start: entry.range.start as u32,
                    len: entry.range.len() as u16,
                    name: out.symbols.intern(&scalar.text),
                });
            }
        }
        if !PLAIN.iter().any(|name| is(name)) {
            property_link(text, entry, &scalar.text, out);
        }
        let is_quoted = scalar.style != Style::Plain;
        if !NAMES.iter().any(|name| is(name))
            && !symbol.is_empty()
            && let Some(kept) = said::in_property(owner, &scalar.text, kind(entry), is_quoted)
        {
            let text = out.symbols.intern(&kept);
            out.said.push(Said { key: symbol, text });
        }
    }
}

/// A value that as a whole is one link (G9).
fn property_link(text: &str, entry: &Entry, value: &str, out: &mut Builder<'_>) {
    let value = value.trim();
    if !value.starts_with(['[', '!']) {
        return;
    }
    let raw = trimmed(text, frontmatter::inner(text, entry));
    let source = &text[raw.clone()];
    let mut flags = Link::PROPERTY;
    if source != value {
        flags |= Link::ESCAPED;
    }
    if value.starts_with("[[") || value.starts_with("![[") {
        if raw.len() <= MAX_FACT
            && let Some(parts) = link::whole(value)
            && (flags & Link::ESCAPED == 0 || link::whole(source).is_some())
        {
            out.link(raw, Form::Wiki, flags, value, &parts);
        }
    } else if let Some(label_end) = link::label_end(value)
        && let Some(destination) = link::markdown_destination(value, 0..value.len(), label_end)
    {
        out.markdown_link(raw, Form::Markdown, flags, &value[destination]);
    }
}

/// T5, with the lenient reading of one string that holds several tags.
fn tags(text: &str, entry: &Entry, out: &mut Builder<'_>) {
    let inner = frontmatter::inner(text, entry);
    let source = &text[inner.clone()];
    let in_list = entry.key.is_none();
    let mut at = 0;
    for item in source.split([',', ' ']) {
        let range = inner.start + at..inner.start + at + item.len();
        at += item.len() + 1;
        let name = item.strip_prefix('#').unwrap_or(item);
        // An item with a space is no tag.
        let whole = !in_list || item.len() == source.len();
        if whole && range.len() <= tag::MAX_TAG && tag::name_length(name) == Some(name.len()) {
            out.tags.push(Tag {
                start: range.start as u32,
                len: range.len() as u16,
                property: true,
                name: out.symbols.intern(&tag::identity(name)),
            });
        }
    }
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let slice = &text[range.clone()];
    let start = range.start + (slice.len() - slice.trim_start().len());
    start..start + slice.trim().len()
}

/// What a value looks like (P5; YAML 1.2 core for plain scalars).
pub fn kind(entry: &Entry) -> ValueKind {
    let scalar = match &entry.value {
        Value::Null => return ValueKind::Empty,
        Value::List => return ValueKind::List,
        Value::Map => return ValueKind::Map,
        Value::Alias => return ValueKind::Text,
        Value::Scalar(scalar) => scalar,
    };
    let value = scalar.text.trim();
    if value.starts_with("[[") && value.ends_with("]]") {
        return ValueKind::Link;
    }
    if let Some(kind) = date(value) {
        return kind;
    }
    if scalar.style == Style::Plain {
        if matches!(
            value,
            "true" | "True" | "TRUE" | "false" | "False" | "FALSE"
        ) {
            return ValueKind::Checkbox;
        }
        let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
        let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        if numeric && value.parse::<f64>().is_ok() {
            return ValueKind::Number;
        }
    }
    ValueKind::Text
}

/// A text of one line as a YAML scalar that says it, plain where that is possible
/// also in a list of one line.
pub(crate) fn scalar(text: &str) -> String {
    let probe = format!("---\na: [{text}]\nb: {text}\n---\n");
    let is_plain = frontmatter::cut(&probe).is_some_and(|cut| {
        let front = frontmatter::parse(&probe, &cut);
        let is_it = |entry: &Entry| kind(entry) == ValueKind::Text;
        let read = front.to_json();
        let says = |value: &serde_json::Value| value.as_str() == Some(text);
        front.valid
            && front.entries.len() == 3
            && front.entries.iter().skip(1).all(is_it)
            && says(&read["a"][0])
            && says(&read["b"])
    });
    if is_plain && !frontmatter::is_word(text) {
        text.to_owned()
    } else {
        link::quoted(text)
    }
}

/// `YYYY-MM-DD`, or with a time behind `T` or a space.
fn date(value: &str) -> Option<ValueKind> {
    let bytes = value.as_bytes();
    let shape = |pattern: &str, bytes: &[u8]| {
        pattern.len() <= bytes.len()
            && pattern
                .bytes()
                .zip(bytes)
                .all(|(expected, byte)| match expected {
                    b'0' => byte.is_ascii_digit(),
                    b'T' => matches!(byte, b'T' | b't' | b' '),
                    other => other == *byte,
                })
    };
    let number = |range: Range<usize>| value.get(range).and_then(|n| n.parse::<u32>().ok());
    if !shape("0000-00-00", bytes) {
        return None;
    }
    let (year, month) = (number(0..4)?, number(5..7)?);
    let days = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&number(8..10)?) {
        return None;
    }
    if bytes.len() == 10 {
        return Some(ValueKind::Date);
    }
    let is_time = shape("0000-00-00T00:00", bytes) && number(11..13)? < 25 && number(14..16)? < 60;
    is_time.then_some(ValueKind::DateTime)
}
