//! The properties of a note: where its frontmatter lies (P1) and what the
//! YAML in it says, with the place of every key and value (P2).
//!
//! The result is a flat list instead of a tree, because notes are edited by
//! hand and by programs: nesting must not cost stack, and a wrong property
//! must not hide the right ones. Aliases are never expanded, so the size of
//! the result is bounded by that of the source.

mod fault;
mod json;
mod plain;
mod reader;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2;

use fault::pieces;
use reader::Reader;

const BLANKS: [char; 2] = [' ', '\t'];
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// Where the frontmatter of a note lies (P1), in bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// From the opening `---` up to and with the break of the closing line.
    pub whole: Range<usize>,
    /// What stands between the two delimiter lines.
    pub content: Range<usize>,
}

/// The properties of a note as far as they could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontmatter {
    /// All values in document order, a collection before its members.
    pub entries: Vec<Entry>,
    /// What is wrong, in the order of its discovery.
    pub problems: Vec<Problem>,
    /// Whether the app would read this; if not, it reads no property (P2),
    /// and the entries only serve completion.
    pub valid: bool,
}

/// A value and, if it is a property, its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The index of the collection that holds this entry; none at the root.
    pub parent: Option<u32>,
    /// The place among the members of the same collection, from zero.
    pub index: u32,
    /// The number of entries above this one.
    pub depth: u8,
    /// The key of a property; list items have none.
    pub key: Option<Key>,
    /// What is written; after an error in it, what was read up to there.
    pub value: Value,
    /// The bytes of the value with its quotes. A missing value has an empty
    /// range behind the colon, a block scalar that of its lines without the
    /// indicator, and anchors and tags are left out.
    pub range: Range<usize>,
}

/// The key of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The name without quotes and escapes.
    pub name: String,
    /// The bytes of the key with its quotes.
    pub range: Range<usize>,
}

/// What an entry holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing, or one of the spellings of null.
    Null,
    /// A text, number, date or the like; the schema decides which.
    Scalar(Scalar),
    /// A list; its items are the children of the entry.
    List,
    /// A mapping; its properties are the children of the entry.
    Map,
    /// A reference to another value, `*name`, which is not followed.
    Alias,
}

/// A single value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text without quotes and escapes and with lines folded.
    pub text: String,
    /// How it is written.
    pub style: Style,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// As a block behind `|`.
    Literal,
    /// As a block behind `>`.
    Folded,
}

/// Something wrong in the frontmatter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The bytes to underline.
    pub range: Range<usize>,
    /// What kind of mistake it is.
    pub kind: ProblemKind,
    /// What is wrong and what to do, in plain words.
    pub message: String,
}

/// The kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// The text is not YAML.
    Syntax,
    /// A key occurs twice in the same mapping.
    DuplicateKey,
    /// The frontmatter is a list or a single value.
    NotAMapping,
    /// Lists or mappings nest deeper than 64 levels.
    TooDeep,
    /// Aliases repeat too many values, or one that they stand in.
    TooLarge,
}

/// Finds the frontmatter of a note (P1).
pub fn cut(text: &str) -> Option<Cut> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let (first, content) = line_at(text, start);
    if text.get(start..first)? != "---" {
        return None;
    }
    let mut at = content;
    while at < text.len() {
        let (end, next) = line_at(text, at);
        let rest = text.get(at..end)?.strip_prefix("---");
        if rest.is_some_and(|rest| rest.trim_start_matches(BLANKS).is_empty()) {
            return Some(Cut {
                whole: start..next,
                content: content..at,
            });
        }
        at = next;
    }
    None
}

/// Reads the properties of a note. All ranges are bytes of `text`.
pub fn parse(text: &str, cut: &Cut) -> Frontmatter {
    plain::read(text, cut.content.clone()).unwrap_or_else(|| parse_any(text, cut))
}

/// [`parse`] for any YAML.
fn parse_any(text: &str, cut: &Cut) -> Frontmatter {
    let mut reader = Reader::new(text);
    if let Err(problem) = reader.read(cut.content.clone()) {
        // No parser resumes behind an error, so each property is read alone
        // to report them all and to keep the others.
        let pieces = pieces(text, &cut.content);
        if pieces.len() > 1 {
            reader = Reader::new(text);
            for piece in pieces {
                if let Err(problem) = reader.read(piece) {
                    reader.problems.push(Problem {
                        kind: match problem.kind {
                            ProblemKind::NotAMapping => ProblemKind::Syntax,
                            kind => kind,
                        },
                        ..problem
                    });
                }
            }
        }
        let found = |problem: &Problem| problem.kind != ProblemKind::DuplicateKey;
        if !reader.problems.iter().any(found) {
            reader.problems.push(problem);
        }
    }
    reader.finish()
}

/// The bytes of the text of a scalar without its quotes or, for a block, its
/// indentation and breaks around: here the ranges of links lie. For other
/// entries it is their range.
pub fn inner(text: &str, entry: &Entry) -> Range<usize> {
    let range = entry.range.clone();
    match &entry.value {
        Value::Scalar(scalar) => match scalar.style {
            Style::Plain => range,
            Style::Single | Style::Double if range.len() >= 2 => range.start + 1..range.end - 1,
            _ => trimmed(text, range),
        },
        _ => range,
    }
}

impl Frontmatter {
    /// The path by which the cache of the app names a value (G9): `up`,
    /// `related.0`, `nested.key`. Empty if there is no such entry.
    pub fn key_path(&self, entry: usize) -> String {
        let mut names = Vec::new();
        let mut next = self.entries.get(entry);
        while let Some(entry) = next {
            names.push(match &entry.key {
                Some(key) => Cow::Borrowed(key.name.as_str()),
                None => Cow::Owned(entry.index.to_string()),
            });
            next = entry.parent.and_then(|up| self.entries.get(up as usize));
        }
        names.reverse();
        names.join(".")
    }

    /// The keys on the way to a value, without the numbers of list items.
    pub fn key_names(&self, entry: usize) -> Vec<&str> {
        let mut names = Vec::new();
        let mut next = self.entries.get(entry);
        while let Some(entry) = next {
            names.extend(entry.key.as_ref().map(|key| key.name.as_str()));
            next = entry.parent.and_then(|up| self.entries.get(up as usize));
        }
        names.reverse();
        names
    }

    /// The property of the note itself whose key is the one; the first of several.
    pub fn property(&self, is: impl Fn(&Key) -> bool) -> Option<&Entry> {
        let mut top = self.children(None).map(|child| child.1);
        top.find(|entry| entry.key.as_ref().is_some_and(&is))
    }

    /// The single values of a property: it itself, or the items of its list.
    pub(crate) fn single<'f>(&'f self, entry: &'f Entry) -> impl Iterator<Item = &'f Entry> {
        let at = self.entries.iter().position(|own| std::ptr::eq(own, entry));
        let items = at.into_iter().flat_map(|at| self.children(Some(at as u32)));
        let all = std::iter::once(entry).chain(items.map(|item| item.1));
        all.filter(|entry| matches!(entry.value, Value::Scalar(_)))
    }

    /// The members of a collection, or the properties of the note for `None`,
    /// with their indices in document order.
    pub fn children(&self, parent: Option<u32>) -> impl Iterator<Item = (usize, &Entry)> {
        let first = parent.map_or(0, |parent| parent as usize + 1);
        let owner = first.checked_sub(1).and_then(|at| self.entries.get(at));
        let depth = owner.map_or(0, |owner| owner.depth + 1);
        let entries = self.entries.iter().enumerate().skip(first);
        // A shallower entry ends the subtree; without this stop, visiting
        // every collection would take quadratic time.
        let below = entries.take_while(move |(_, entry)| entry.depth >= depth);
        below.filter(move |(_, entry)| entry.parent == parent)
    }
}

/// Whether YAML, or older YAML, reads a word as something else than a text.
pub(crate) fn is_word(text: &str) -> bool {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The end of the line from `at` without its break, and with it. YAML, like
/// editors, takes a lone CR for a break.
pub(crate) fn line_at(text: &str, at: usize) -> (usize, usize) {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let Some(end) = memchr2(b'\n', b'\r', rest) else {
        return (text.len(), text.len());
    };
    let crlf = rest.get(end..end + 2) == Some(b"\r\n");
    (at + end, at + end + if crlf { 2 } else { 1 })
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let written = text.get(range.clone()).unwrap_or_default();
    let start = range.start + written.len() - written.trim_start_matches(SPACES).len();
    start..start + written.trim_matches(SPACES).len()
}
