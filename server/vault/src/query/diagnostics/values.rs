//! What the values of properties mean, and what is odd about it.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::Check;
use crate::fact::{Link, ValueKind};
use crate::frontmatter::{Entry, Frontmatter, Style, Value, inner};
use crate::link::{self, Mask, quoted};
use crate::properties::kind;
use crate::query::Location;
use crate::rule::Rule;

/// Integers beyond this lose digits in programs that count in floating point.
const MAX_EXACT: u64 = 1 << 53;

impl Check<'_> {
    pub(super) fn values(&mut self, front: &Frontmatter) {
        for (index, entry) in front.entries.iter().enumerate() {
            self.key(front, entry);
            self.text_around_link(front, entry);
            self.type_of(front, index, entry);
            self.scalar(front, index, entry);
            if entry.value == Value::List {
                self.items(front, index);
            }
        }
        if front.valid {
            self.dates(front);
            self.identifier(front);
        }
    }

    /// G9: a property is a link only as a whole.
    fn text_around_link(&mut self, front: &Frontmatter, entry: &Entry) {
        let Value::Scalar(scalar) = &entry.value else {
            return;
        };
        let value = scalar.text.trim();
        let owner = owner(front, entry);
        if !value.contains("[[") || matches!(owner, "aliases" | "tags" | "cssclasses") {
            return;
        }
        if link::whole(value).is_some() {
            return;
        }
        let links = link::wikilinks(value, 0..value.len(), Mask::default());
        if let Some(first) = links.first() {
            let link = &value[first.range.clone()];
            let is_block = matches!(scalar.style, Style::Literal | Style::Folded);
            let remedy = if links.len() > 1 {
                "write a list of them".to_owned()
            } else {
                format!("write just `\"{link}\"`")
            };
            let message = format!("A property is a link only if it is nothing else: {remedy}");
            self.report(entry.range.clone(), Rule::TextAroundLink, message);
            if links.len() == 1 && !is_block {
                let edit = (entry.range.clone(), quoted(link));
                self.fix("Keep just the link", &[edit], false);
            }
        }
    }

    fn scalar(&mut self, front: &Frontmatter, index: usize, entry: &Entry) {
        let Value::Scalar(scalar) = &entry.value else {
            return;
        };
        let text = scalar.text.trim();
        if looks_like_date(text) && !matches!(kind(entry), ValueKind::Date | ValueKind::DateTime) {
            let message = format!("There is no day `{}`", text.get(..10).unwrap_or(text));
            self.report(entry.range.clone(), Rule::ImpossibleDate, message);
        }
        if scalar.style != Style::Plain {
            return;
        }
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let is_number =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if let Some((whole, decimals)) = digits.split_once(',')
            && is_number(whole)
            && is_number(decimals)
        {
            let message = "A number has a point before its decimals; with a comma it is a text";
            self.report(entry.range.clone(), Rule::NumberTrap, message);
        }
        // ISO 8601 writes a year with a sign, and four digits at least.
        let is_year = digits.len() == 4 && digits.len() < text.len();
        if digits.len() > 1 && is_number(digits) && !is_year {
            let is_large = digits
                .parse::<u64>()
                .map_or(true, |number| number > MAX_EXACT);
            let trap = if digits.starts_with('0') {
                "Some programs drop the zero or read an octal number"
            } else {
                "Some programs round so large a number"
            };
            if is_large || digits.starts_with('0') {
                let range = entry.range.clone();
                if self.may_be_text(front, index, entry) {
                    let message = format!("{trap}: quote it, `\"{text}\"`");
                    self.report(range.clone(), Rule::NumberTrap, message);
                    self.fix("Quote it", &[(range, quoted(text))], false);
                } else {
                    self.report(
                        range,
                        Rule::NumberTrap,
                        format!("{trap}: write another one"),
                    );
                }
            }
        }
        let lower = text.to_ascii_lowercase();
        if matches!(&*lower, "yes" | "no" | "on" | "off" | "y" | "n") {
            let message = format!(
                "Older YAML reads this as true or false: quote it, `\"{text}\"`, or write `true` or `false`"
            );
            self.report(entry.range.clone(), Rule::WordTrap, message);
            self.fix("Quote it", &[(entry.range.clone(), quoted(text))], false);
        }
    }

    fn items(&mut self, front: &Frontmatter, index: usize) {
        let mut seen: FxHashMap<&str, Range<usize>> = FxHashMap::default();
        let list = &front.entries[index];
        let is_tags = matches!(&list.key, Some(key) if key.name.eq_ignore_ascii_case("tags"));
        for (_, item) in front
            .children(Some(index as u32))
            .filter(|item| item.1.key.is_none())
        {
            match &item.value {
                Value::Null if item.range.is_empty() => {
                    // In `tags` it may be a comment, which is reported as such.
                    let line = self.lines.line_of(item.range.start as u32);
                    if is_tags && self.slice(&line).contains('#') {
                        continue;
                    }
                    let at = item.range.start.saturating_sub(1).max(list.range.start);
                    self.report(
                        at..item.range.start,
                        Rule::EmptyItem,
                        "This item is empty: write its value, or remove it",
                    );
                    let line = line.start as usize..line.end as usize;
                    if self.text[line.clone()].trim() == "-" {
                        self.fix("Remove the item", &[(line, String::new())], true);
                    }
                }
                Value::Scalar(scalar) if kind(item) != ValueKind::Number => {
                    if let Some(first) = seen.get(scalar.text.as_str()).cloned() {
                        let message = format!("`{}` is in this list already", scalar.text);
                        self.report(item.range.clone(), Rule::DuplicateItem, message);
                        if let Some(line) = self.item_line(&item.range) {
                            self.fix("Remove the item", &[(line, String::new())], true);
                        }
                        let range = first.start as u32..first.end as u32;
                        self.relate(
                            Location {
                                file: self.file,
                                range,
                            },
                            "first here",
                        );
                    } else {
                        seen.insert(&scalar.text, item.range.clone());
                    }
                }
                _ => {}
            }
        }
    }

    /// Pairs of properties that begin and end something.
    fn dates(&mut self, front: &Frontmatter) {
        let vault = self.vault;
        for (start, end) in &vault.settings().date_pairs {
            let find = |name: &str| front.property(|key| key.name == name);
            let (Some(first), Some(last)) = (find(start), find(end)) else {
                continue;
            };
            let (Some(from), Some(to)) = (day(first), day(last)) else {
                continue;
            };
            if to < from {
                let message = format!("`{end}` lies before `{start}`");
                self.report(last.range.clone(), Rule::DateOrder, message);
                let range = first.range.start as u32..first.range.end as u32;
                self.relate(
                    Location {
                        file: self.file,
                        range,
                    },
                    "the start",
                );
            }
        }
    }

    /// An identifier in a property, and the links of the note that repeat it.
    fn identifier(&mut self, front: &Frontmatter) {
        let vault = self.vault;
        for rule in &vault.settings().identifiers {
            let Some(entry) = front.property(|key| key.name == rule.property) else {
                continue;
            };
            let Value::Scalar(scalar) = &entry.value else {
                continue;
            };
            let Some(id) = scalar.text.strip_prefix(&rule.prefix) else {
                continue;
            };
            let links = self.note.links.iter();
            let own = links.filter(|link| self.is_statement(link));
            let ids = own.filter_map(|link| {
                let name = vault.string(link.name);
                Some((link.range(), rule.number(&name)?.to_owned()))
            });
            let mut ids = ids.collect::<Vec<_>>();
            // A property often says again what the text says.
            ids.dedup_by(|next, first| next.1 == first.1);
            if ids.len() == 1
                && let Some((place, other)) = ids.pop().filter(|found| found.1 != id)
            {
                let message = format!(
                    "`{}` says {}, and the link of the note {}{other}",
                    rule.property, scalar.text, rule.prefix
                );
                self.report(entry.range.clone(), Rule::IdMismatch, message);
                self.relate(
                    Location {
                        file: self.file,
                        range: place,
                    },
                    "this link",
                );
            }
        }
    }

    /// Whether a link is said to be the same thing as the note: it stands
    /// alone behind `#is_/same_as ::` (T7), or in a property such as `is_same_as`.
    fn is_statement(&self, link: &Link) -> bool {
        if link.is(Link::PROPERTY) {
            let key = self.note.property_at(link.start).map(|own| own.key);
            let is = |key: &str| key.ends_with("same_as");
            return key.is_some_and(|key| self.vault.symbols().with(key, is));
        }
        let start = self.lines.line_of(link.start).start;
        self.slice(&(start..link.start)).contains("same_as ::")
    }

    pub(super) fn slice_of(&self, entry: &Entry) -> &str {
        self.text.get(inner(self.text, entry)).unwrap_or("").trim()
    }
}

/// The name of the top-level property that an entry belongs to.
fn owner<'f>(front: &'f Frontmatter, entry: &'f Entry) -> &'f str {
    let mut entry = entry;
    while let Some(up) = entry
        .parent
        .and_then(|parent| front.entries.get(parent as usize))
    {
        entry = up;
    }
    entry.key.as_ref().map_or("", |key| &key.name)
}

fn looks_like_date(text: &str) -> bool {
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() >= 10
        && text.bytes().take(10).enumerate().all(shape)
        && matches!(text.as_bytes().get(10), None | Some(b'T' | b't' | b' '))
}

/// Year, month and day of a date, the year with its sign.
fn day(entry: &Entry) -> Option<(i64, u8, u8)> {
    let Value::Scalar(scalar) = &entry.value else {
        return None;
    };
    let text = scalar.text.trim();
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut parts = rest.splitn(3, '-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month = parts.next()?.get(..2)?.parse().ok()?;
    let day = parts.next()?.get(..2)?.parse().ok()?;
    Some((sign * year, month, day))
}
