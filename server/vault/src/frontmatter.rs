//! The frontmatter of a note: its entries with exact ranges, and what is
//! wrong with it (P1, P2). All ranges are in bytes of the note's text.
//!
//! The YAML events come from granit-parser, whose spans are exact. Nothing
//! is expanded, so aliases cannot blow up, and the nesting is limited.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};
use rustc_hash::FxHashMap;

/// Nesting beyond this is reported and not read.
const MAX_DEPTH: usize = 64;

/// Where the frontmatter lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// From `---` up to and including the break of the closing line.
    pub whole: Range<usize>,
    /// What stands between the two lines.
    pub content: Range<usize>,
}

/// The entries of a frontmatter in document order.
#[derive(Clone, Debug, Default)]
pub struct Frontmatter {
    /// A parent comes before its children.
    pub entries: Vec<Entry>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Whether the YAML can be read as a mapping. If not, the entries that
    /// could be read are there all the same.
    pub valid: bool,
}

/// A property, or an item of a list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Index of the entry that holds it.
    pub parent: Option<u32>,
    /// 0 for a property of the note.
    pub depth: u8,
    /// `None` for an item of a list.
    pub key: Option<Key>,
    /// The value.
    pub value: Value,
    /// The value in the source with its quotes; empty behind the colon when
    /// no value is written.
    pub range: Range<usize>,
}

/// The key of an entry.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key without quotes and escapes.
    pub name: String,
    /// The key in the source with its quotes.
    pub range: Range<usize>,
}

/// The value of an entry.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, or `null` or `~`.
    Null,
    /// A text, whatever its type.
    Scalar(Scalar),
    /// A list; its items follow.
    List,
    /// A mapping; its entries follow.
    Map,
    /// A reference to an anchor, `*name`. It is not expanded.
    Alias,
}

/// A scalar.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text without quotes and escapes.
    pub text: String,
    /// How it is written.
    pub style: Style,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// Something that makes the YAML unreadable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub range: Range<usize>,
    /// What it is.
    pub kind: ProblemKind,
    /// In plain words, with the remedy.
    pub message: String,
}

/// The kinds of [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// Not YAML.
    Syntax,
    /// A key twice in one mapping.
    DuplicateKey,
    /// A list or a text instead of properties.
    NotAMapping,
    /// Nested too deeply to be read.
    TooDeep,
}

/// Finds the frontmatter (P1): the first line is exactly `---`, and the block
/// ends at the next line that is `---` and blanks. An initial BOM is skipped.
pub fn cut(text: &str) -> Option<Cut> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let rest = text.get(start..)?.strip_prefix("---")?;
    let first = line_break(rest.as_bytes());
    if first == 0 {
        return None;
    }
    let content = start + 3 + first;
    let mut at = content;
    while at < text.len() {
        let line = &text[at..];
        let end = memchr::memchr2(b'\n', b'\r', line.as_bytes()).unwrap_or(line.len());
        if let Some(blanks) = line[..end].strip_prefix("---")
            && blanks.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
        {
            let whole = start..at + end + line_break(&line.as_bytes()[end..]);
            let content = content..at;
            return Some(Cut { whole, content });
        }
        at += end + line_break(&line.as_bytes()[end..]);
    }
    None
}

/// The length of the line break at the start of `bytes`; 0 if there is none.
fn line_break(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => 0,
    }
}

/// Reads the frontmatter. On an error the content is read once more property
/// by property, so that each error is reported and good entries remain.
pub fn parse(text: &str, cut: &Cut) -> Frontmatter {
    let mut front = Frontmatter::default();
    let content = cut.content.clone();
    if let Err(problem) = read(text, content.clone(), &mut front) {
        front = Frontmatter::default();
        for piece in pieces(text, content) {
            let mut part = Frontmatter::default();
            match read(text, piece, &mut part) {
                Ok(()) => front.append(part),
                Err(problem) => front.problems.push(problem),
            }
        }
        if front.problems.is_empty() {
            front.problems.push(problem);
        }
    }
    front.duplicates(text);
    front.valid = front.problems.is_empty();
    front
}

/// The content split at lines that begin like a property.
fn pieces(text: &str, content: Range<usize>) -> Vec<Range<usize>> {
    let mut starts = vec![content.start];
    let mut at = content.start;
    while at < content.end {
        let line = &text[at..content.end];
        let end = memchr::memchr2(b'\n', b'\r', line.as_bytes()).unwrap_or(line.len());
        let first = line.chars().next();
        let opens = first.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '"' | '\''));
        if at > content.start && opens && line[..end].contains(':') {
            starts.push(at);
        }
        at += end + line_break(&line.as_bytes()[end..]).max(1);
    }
    starts.push(content.end);
    let pairs = starts.windows(2).map(|pair| pair[0]..pair[1]);
    pairs.filter(|piece| !piece.is_empty()).collect()
}

/// A collection that is being read.
struct Open {
    entry: Option<u32>,
    is_map: bool,
    key: Option<Key>,
}

fn read(text: &str, within: Range<usize>, front: &mut Frontmatter) -> Result<(), Problem> {
    let source = &text[within.clone()];
    let base = within.start;
    let mut open: Vec<Open> = Vec::new();
    // Depth of a key that is no scalar: it and its value have no name.
    let mut skipped = 0;
    for event in Parser::new_from_str(source) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or(0).min(source.len());
            syntax(text, &within, base + at, &error.info())
        })?;
        let range = span.byte_range().unwrap_or(0..0);
        let range = base + range.start.min(source.len())..base + range.end.min(source.len());
        if open.len() > MAX_DEPTH {
            return Err(Problem {
                range: within,
                kind: ProblemKind::TooDeep,
                message: "these properties are nested too deeply; use fewer levels".to_owned(),
            });
        }
        let value = match event {
            Event::SequenceEnd | Event::MappingEnd => {
                let closed = open.pop();
                if skipped > 0 {
                    skipped -= 1;
                } else if let Some(entry) = closed.and_then(|closed| closed.entry) {
                    front.entries[entry as usize].range.end =
                        trim_end(text, range.end, &front.entries[entry as usize].range);
                }
                continue;
            }
            Event::Scalar(value, style, ..) => scalar(&value, style, &range),
            Event::Alias(_) | Event::UnresolvedAlias(_) => Value::Alias,
            Event::SequenceStart(..) => Value::List,
            Event::MappingStart(..) => Value::Map,
            _ => continue,
        };
        let is_map = matches!(value, Value::Map);
        let nests = is_map || matches!(value, Value::List);
        if open.is_empty() && front.entries.is_empty() && !is_map {
            if matches!(value, Value::Null) {
                return Ok(());
            }
            return Err(Problem {
                range: trimmed(text, within),
                kind: ProblemKind::NotAMapping,
                message: "the frontmatter is not a list of properties; write `name: value`"
                    .to_owned(),
            });
        }
        if skipped > 0 {
            skipped += usize::from(nests);
        } else if let Some(top) = open.last_mut() {
            if top.is_map && top.key.is_none() {
                let name = match value {
                    Value::Scalar(scalar) => scalar.text,
                    Value::Null => text[range.clone()].to_owned(),
                    _ => String::new(),
                };
                top.key = Some(Key { name, range });
                skipped = usize::from(nests);
                if nests {
                    open.push(Open {
                        entry: None,
                        is_map,
                        key: None,
                    });
                }
                continue;
            }
            let (parent, key) = (top.entry, top.key.take());
            let depth = (open.len() - 1) as u8;
            let index = front.entries.len() as u32;
            front.entries.push(Entry {
                parent,
                depth,
                key,
                value,
                range,
            });
            if nests {
                open.push(Open {
                    entry: Some(index),
                    is_map,
                    key: None,
                });
            }
            continue;
        }
        if nests {
            open.push(Open {
                entry: None,
                is_map,
                key: None,
            });
        }
    }
    Ok(())
}

fn scalar(text: &str, style: ScalarStyle, range: &Range<usize>) -> Value {
    let style = match style {
        ScalarStyle::Plain if range.is_empty() => return Value::Null,
        ScalarStyle::Plain if matches!(text, "" | "~" | "null" | "Null" | "NULL") => {
            return Value::Null;
        }
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
        ScalarStyle::Plain => Style::Plain,
    };
    let text = text.to_owned();
    Value::Scalar(Scalar { text, style })
}

/// A collection ends behind its last character and not at the next token.
fn trim_end(text: &str, end: usize, range: &Range<usize>) -> usize {
    let source = text.get(range.start..end).unwrap_or("");
    range.start + source.trim_end().len()
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let source = &text[range.clone()];
    let start = range.start + (source.len() - source.trim_start().len());
    start..start + source.trim().len()
}

/// A syntax error: from where the parser stopped to the end of that line.
fn syntax(text: &str, within: &Range<usize>, at: usize, reason: &str) -> Problem {
    let mut at = at.clamp(within.start, within.end);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let rest = &text.as_bytes()[at..within.end];
    let mut end = at + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    if at == end {
        // The parser often stops at a line's end; show what is before it.
        end = within.start + text[within.start..at].trim_end().len();
        let line = text[within.start..end].rfind(['\n', '\r']);
        at = line.map_or(within.start, |line| within.start + line + 1);
    }
    let message = format!("this is not valid YAML: {reason}; quote the value if it is a text");
    let kind = ProblemKind::Syntax;
    Problem {
        range: at..end.max(at),
        kind,
        message,
    }
}

impl Frontmatter {
    fn append(&mut self, mut part: Self) {
        let base = self.entries.len() as u32;
        for entry in &mut part.entries {
            entry.parent = entry.parent.map(|parent| parent + base);
        }
        self.entries.append(&mut part.entries);
    }

    /// A key twice in one mapping makes the YAML invalid (P2).
    fn duplicates(&mut self, text: &str) {
        let mut seen: FxHashMap<(Option<u32>, &str), usize> = FxHashMap::default();
        let mut problems = Vec::new();
        // Lines are counted once, from one duplicate's first to the next.
        for entry in &self.entries {
            let Some(key) = &entry.key else { continue };
            if let Some(first) = seen.get(&(entry.parent, key.name.as_str())) {
                problems.push((key.range.clone(), key.name.clone(), *first));
            } else {
                seen.insert((entry.parent, key.name.as_str()), key.range.start);
            }
        }
        let (mut line, mut from) = (1, 0);
        problems.sort_by_key(|problem| problem.2);
        for (range, name, first) in problems {
            line += memchr::memchr2_iter(b'\n', b'\r', &text.as_bytes()[from..first])
                .filter(|at| text.as_bytes().get(from + at..from + at + 2) != Some(b"\r\n"))
                .count();
            from = first;
            let message =
                format!("`{name}` is written on line {line} already; keep one of the two");
            let kind = ProblemKind::DuplicateKey;
            self.problems.push(Problem {
                range,
                kind,
                message,
            });
        }
        self.problems.sort_by_key(|problem| problem.range.start);
    }

    /// The name of an entry with those above it: `up`, `related.0`, `nested.key`.
    pub fn key_path(&self, entry: usize) -> String {
        let mut names = Vec::new();
        let mut at = Some(entry);
        while let Some(entry) = at.and_then(|at| self.entries.get(at)) {
            let index = at.unwrap_or(0);
            if let Some(key) = &entry.key {
                names.push(key.name.clone());
            } else {
                let before = self.entries[..index].iter().rev();
                let same = before
                    .take_while(|other| other.depth >= entry.depth)
                    .filter(|other| other.parent == entry.parent);
                names.push(same.count().to_string());
            }
            at = entry.parent.map(|parent| parent as usize);
        }
        names.reverse();
        names.join(".")
    }
}

/// The source of a scalar without its quotes, for block scalars the content:
/// where the ranges of a link lie.
pub fn inner(text: &str, entry: &Entry) -> Range<usize> {
    let range = &entry.range;
    match &entry.value {
        Value::Scalar(Scalar {
            style: Style::Single | Style::Double,
            ..
        }) if range.len() >= 2 => range.start + 1..range.end - 1,
        Value::Scalar(Scalar {
            style: Style::Literal | Style::Folded,
            ..
        }) => {
            let source = &text[range.clone()];
            let header = source.starts_with(['|', '>']);
            let skip = if header {
                source.find(['\n', '\r']).unwrap_or(0)
            } else {
                0
            };
            trimmed(text, range.start + skip..range.end)
        }
        _ => range.clone(),
    }
}

#[cfg(test)]
#[path = "frontmatter_tests.rs"]
mod tests;
