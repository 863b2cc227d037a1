//! What the values of properties mean, and what is odd about it.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::Check;
use super::fix::{listed, quoted};
use crate::fact::{Link, ValueKind};
use crate::field::canonical_path;
use crate::frontmatter::{Entry, Frontmatter, Style, Value, inner};
use crate::link::{self, Mask};
use crate::properties::kind;
use crate::query::Location;
use crate::rule::Rule;

/// Keys that Obsidian gave up, and what it reads now (P3).
const DEPRECATED: [(&str, &str); 3] = [
    ("tag", "tags"),
    ("alias", "aliases"),
    ("cssclass", "cssclasses"),
];
/// Integers beyond this lose digits in programs that count in floating point.
const MAX_EXACT: u64 = 1 << 53;
/// A key counts as common from this many uses on.
const COMMON: u32 = 50;
/// Of a hundred uses so many must agree before another shape is odd.
const AGREEING: u32 = 95;
/// A key so many times rarer than another spelling of it is a variant.
const RARER: usize = 3;

impl Check<'_> {
    pub(super) fn values(&mut self, front: &Frontmatter) {
        for (index, entry) in front.entries.iter().enumerate() {
            self.key(entry);
            self.text_around_link(front, entry);
            self.type_of(front, index, entry);
            self.scalar(entry);
            if entry.value == Value::List {
                self.items(front, index);
            }
        }
        if front.valid {
            self.dates(front);
            self.identifier(front);
        }
    }

    fn key(&mut self, entry: &Entry) {
        let Some(key) = &entry.key else { return };
        let is = |name: &&(&str, &str)| key.name.eq_ignore_ascii_case(name.0);
        if let Some((old, new)) = DEPRECATED.iter().find(is) {
            let message = format!("Obsidian no longer reads `{old}`: write `{new}`, with a list");
            self.report(key.range.clone(), Rule::DeprecatedKey, message);
            self.rename_deprecated(entry, new);
        } else if self.vault.is_complete() && entry.depth == 0 {
            self.variant(&key.name, &key.range);
        }
    }

    /// The key that Obsidian reads now, with a list.
    fn rename_deprecated(&mut self, entry: &Entry, new: &str) {
        let Some(key) = &entry.key else { return };
        let mut edits = vec![(key.range.clone(), new.to_owned())];
        if matches!(entry.value, Value::Scalar(_)) {
            let Some(list) = listed(&self.text[entry.range.clone()]) else {
                return;
            };
            edits.push((entry.range.clone(), list));
        }
        // Where the new key is set as well, only the writer can join the two.
        let is_new = |property: &crate::fact::Property| {
            let is = |key: &str| key.eq_ignore_ascii_case(new);
            self.vault.symbols().with(property.key, is)
        };
        if !self.note.properties.iter().any(is_new) {
            self.fix(format!("Write `{new}`"), &edits, true);
        }
    }

    /// A key that is a rare spelling of a common one.
    fn variant(&mut self, name: &str, range: &Range<usize>) {
        let own = self.vault.key_count(&canonical_path(name));
        let plain = name.trim_end_matches('_');
        let mut spellings = vec![plain.to_owned(), format!("{plain}_")];
        for blank in ["_", "-", " ", ""] {
            spellings.push(plain.replace(['_', '-', ' '], blank));
        }
        let common = spellings.into_iter().filter(|spelling| spelling != name);
        let counted =
            common.map(|spelling| (self.vault.key_count(&canonical_path(&spelling)), spelling));
        let Some((count, spelling)) = counted.max() else {
            return;
        };
        if canonical_path(&spelling) != canonical_path(name) && count >= 10 && count >= own * RARER
        {
            let message = format!(
                "`{name}` is set in {own} of the notes, `{spelling}` in {count}: use one spelling"
            );
            self.report(range.clone(), Rule::KeyVariant, message);
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
            let message =
                format!("A property is a link only if it is nothing else: write just `\"{link}\"`");
            self.report(entry.range.clone(), Rule::TextAroundLink, message);
            let edit = (entry.range.clone(), quoted(link));
            self.fix("Keep just the link", &[edit], false);
        }
    }

    /// P5: the declared type, else the shape that nearly all notes have.
    fn type_of(&mut self, front: &Frontmatter, index: usize, entry: &Entry) {
        let Some(key) = &entry.key else { return };
        if matches!(entry.value, Value::Null | Value::Alias) {
            return;
        }
        let own = kind(entry);
        let types = self.vault.settings().property_types.iter();
        let mut types = types.filter(|(name, _)| name.eq_ignore_ascii_case(&key.name));
        let declared = types.next().map(|(_, declared)| declared.as_str());
        let usual = match &*key.name.to_ascii_lowercase() {
            "tags" => Some("tags"),
            "aliases" => Some("aliases"),
            "cssclasses" => Some("multitext"),
            _ => None,
        };
        let Some(declared) = declared.or(usual).filter(|_| entry.depth == 0) else {
            self.shape(front, index, entry, own);
            return;
        };
        if own == ValueKind::Text && declared == "tags" && self.slice_of(entry).contains([',', ' '])
        {
            let message =
                "Obsidian reads this as one tag with a space in it: write a list, one tag an item";
            self.report(entry.range.clone(), Rule::TagsInOneText, message);
            let tags = self.slice_of(entry).split([',', ' ']);
            let tags = tags.map(|tag| tag.trim_start_matches('#'));
            let tags: Vec<&str> = tags.filter(|tag| !tag.is_empty()).collect();
            let edit = (entry.range.clone(), format!("[{}]", tags.join(", ")));
            self.fix("Write the tags as a list", &[edit], true);
            return;
        }
        let is_single = matches!(
            own,
            ValueKind::Text
                | ValueKind::Link
                | ValueKind::Number
                | ValueKind::Date
                | ValueKind::DateTime
                | ValueKind::Checkbox
        );
        let (fits, wanted) = match declared {
            "number" => (own == ValueKind::Number, "a number"),
            "checkbox" => (own == ValueKind::Checkbox, "`true` or `false`"),
            "date" => (own == ValueKind::Date, "a date such as 2024-01-31"),
            "datetime" => (
                matches!(own, ValueKind::DateTime | ValueKind::Date),
                "a date and time such as 2024-01-31T12:00:00",
            ),
            "text" => (is_single, "a text"),
            "multitext" | "aliases" => (own == ValueKind::List, "a list"),
            "tags" => (
                matches!(own, ValueKind::List | ValueKind::Text),
                "a list of tags",
            ),
            _ => (true, ""),
        };
        if !fits {
            let message = format!(
                "`{}` is to be {wanted}, and this is {}",
                key.name,
                word(own)
            );
            self.report(entry.range.clone(), Rule::PropertyType, message);
            let written = &self.text[entry.range.clone()];
            if is_single
                && wanted == "a list"
                && let Some(list) = listed(written)
            {
                self.fix("Make a list of it", &[(entry.range.clone(), list)], true);
            }
        }
    }

    fn shape(&mut self, front: &Frontmatter, index: usize, entry: &Entry, own: ValueKind) {
        let Some(key) = &entry.key else { return };
        let path: Vec<&str> = front.key_names(index);
        let name = canonical_path(&path.join(".")).into_owned();
        let kinds: Vec<(ValueKind, u32)> = self
            .vault
            .key_kinds(&name)
            .filter(|kind| kind.0 != ValueKind::Empty)
            .collect();
        let all: u32 = kinds.iter().map(|kind| kind.1).sum();
        let Some(&(usual, count)) = kinds.iter().max_by_key(|kind| kind.1) else {
            return;
        };
        let agree = u64::from(count) * 100 >= u64::from(all) * u64::from(AGREEING);
        if all < COMMON || !agree || usual == own || alike(usual, own) || !self.vault.is_complete()
        {
            return;
        }
        let items = front.children(Some(index as u32));
        let numbers = items
            .map(|item| kind(item.1) == ValueKind::Number)
            .collect::<Vec<_>>();
        let hint = if usual == ValueKind::Number && numbers == [true, true] {
            ": write the decimal point as `.`"
        } else {
            ""
        };
        let message = format!(
            "`{}` is {} in {count} of {all} notes, and {} here{hint}",
            key.name,
            word(usual),
            word(own)
        );
        self.report(entry.range.clone(), Rule::PropertyShape, message);
    }

    fn scalar(&mut self, entry: &Entry) {
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
        if digits.len() > 1 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            if digits.starts_with('0') {
                let message = format!(
                    "Some programs drop the zero or read an octal number: quote it, `\"{text}\"`"
                );
                self.report(entry.range.clone(), Rule::NumberTrap, message);
                self.fix("Quote it", &[(entry.range.clone(), quoted(text))], false);
            } else if digits
                .parse::<u64>()
                .map_or(true, |number| number > MAX_EXACT)
            {
                let message =
                    format!("Some programs round so large a number: quote it, `\"{text}\"`");
                self.report(entry.range.clone(), Rule::NumberTrap, message);
                self.fix("Quote it", &[(entry.range.clone(), quoted(text))], false);
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
        for (_, item) in front
            .children(Some(index as u32))
            .filter(|item| item.1.key.is_none())
        {
            match &item.value {
                Value::Null if item.range.is_empty() => {
                    let at = item.range.start.saturating_sub(1).max(list.range.start);
                    self.report(
                        at..item.range.start,
                        Rule::EmptyItem,
                        "This item is empty: write its value, or remove it",
                    );
                    let line = self.lines.line_of(item.range.start as u32);
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
            let find = |name: &str| {
                front
                    .children(None)
                    .map(|child| child.1)
                    .find(|entry| entry.key.as_ref().is_some_and(|key| key.name == name))
            };
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
            let mut properties = front.children(None).map(|child| child.1);
            let named = |entry: &&Entry| {
                entry
                    .key
                    .as_ref()
                    .is_some_and(|key| key.name == rule.property)
            };
            let Some(entry) = properties.find(named) else {
                continue;
            };
            let Value::Scalar(scalar) = &entry.value else {
                continue;
            };
            let Some(id) = scalar.text.strip_prefix(&rule.prefix) else {
                continue;
            };
            let own = self
                .note
                .links
                .iter()
                .filter(|link| !link.is(Link::PROPERTY) && self.is_statement(link));
            let ids = own.filter_map(|link| {
                let name = vault.string(link.name);
                let rest = name
                    .strip_prefix(&rule.link)?
                    .rsplit_once(',')?
                    .1
                    .to_owned();
                let is_number = rest.bytes().all(|byte| byte.is_ascii_digit());
                (is_number && !rest.is_empty()).then(|| (link.range(), rest))
            });
            let mut ids = ids.collect::<Vec<_>>();
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
    /// alone behind `#is_/same_as ::` (T7).
    fn is_statement(&self, link: &Link) -> bool {
        let start = self.lines.line_of(link.start).start;
        self.slice(&(start..link.start)).contains("same_as ::")
    }

    fn slice_of(&self, entry: &Entry) -> &str {
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

/// Kinds that differ in the value and not in the shape: one value or several
/// is how many imports write a property.
fn alike(usual: ValueKind, own: ValueKind) -> bool {
    use ValueKind as K;
    let time = |kind| matches!(kind, K::Date | K::DateTime);
    time(usual) && time(own)
        || matches!(
            (usual, own),
            (
                K::Text,
                K::Number | K::Date | K::Link | K::DateTime | K::Checkbox
            )
        )
}

fn word(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Empty => "empty",
        ValueKind::Text => "a text",
        ValueKind::Number => "a number",
        ValueKind::Checkbox => "a checkbox",
        ValueKind::Date => "a date",
        ValueKind::DateTime => "a date and time",
        ValueKind::Link => "a link",
        ValueKind::List => "a list",
        ValueKind::Map => "a group",
    }
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
