//! What is being written at a place of a note.

use std::borrow::Cow;
use std::ops::Range;

use super::destination::{Destination, destination};
use super::{Place, front};
use crate::fact::{LabelKind, RegionKind};
use crate::link::{self, Unfinished};
use crate::markdown;
use crate::note::Note;
use crate::tag;

/// How the text around the cursor is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// It is no property.
    Text,
    /// A property in quotes of this kind.
    In(char),
    /// A property without quotes.
    Plain,
}

/// A wiki-link that is being written, and the part that holds the cursor.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) parts: Unfinished,
    pub(super) part: Part,
    pub(super) quote: Quote,
    pub(super) in_table: bool,
    /// What its property lacks around it.
    pub(super) lacks: Lacks,
}

/// What a value of a property lacks so that YAML reads it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lacks {
    /// The blank behind the `:` or `-` before it, and where it belongs.
    pub(super) blank: Option<usize>,
    /// The quote that would close the one which begins it.
    pub(super) quote: Option<char>,
}

impl Link {
    /// What a piece of the link says: without the escapes of its quotes.
    pub(super) fn read<'t>(&self, piece: &'t str) -> Cow<'t, str> {
        match self.quote {
            Quote::In(quote) => link::unyaml(piece, quote),
            Quote::Text | Quote::Plain => Cow::Borrowed(piece),
        }
    }

    /// The path, as it is looked up.
    pub(super) fn path<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.read(text.get(self.parts.path.clone()).unwrap_or(""))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Path,
    Subpath,
    Alias,
}

/// The key of a property.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) range: Range<usize>,
    /// Whether a `:` follows.
    pub(super) has_colon: bool,
}

/// The value of a property, or an item of its list.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) key: String,
    pub(super) range: Range<usize>,
    pub(super) quote: Option<char>,
    pub(super) lacks: Lacks,
}

/// Words of the format itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    Callouts,
    Languages,
    Tasks,
}

#[derive(Clone, Debug)]
pub(super) enum Context {
    Link(Link),
    Destination(Destination),
    Tag(Range<usize>),
    Label(LabelKind, Range<usize>),
    Word(Words, Range<usize>),
    Key(Key),
    Value(Value),
    Field(Range<usize>),
    FieldValue(String, Range<usize>),
}

/// What is written around the cursor.
pub(super) fn context(place: &Place<'_>, note: &Note) -> Option<Context> {
    let (text, offset) = (place.text, place.offset as usize);
    if let Some(front) = front::cut(text, offset) {
        if front.content.start <= offset && offset <= front.content.end {
            return property(text, offset);
        }
        if offset < front.whole.end {
            return None;
        }
    }
    let line = line(text, offset);
    if let Some(language) = fence(text, note, &line, offset) {
        return Some(Context::Word(Words::Languages, language));
    }
    let begun = link::unfinished(text, offset);
    // A link may hold a `$`; math begins before it or not at all (G8).
    let start = begun.as_ref().map_or(offset, |link| link.start);
    if is_hidden(text, note, &line, offset, start) {
        return None;
    }
    if let Some(link) = begun {
        let lacks = Lacks::default();
        return Some(wiki(text, note, link, offset, Quote::Text, lacks));
    }
    destination(text, &line, offset)
        .map(Context::Destination)
        .or_else(|| label(text, &line, offset))
        .or_else(|| marker(text, &line, offset))
        .or_else(|| tag(text, &line, offset))
        .or_else(|| field(text, &line, offset))
}

/// The line of an offset, without its break.
fn line(text: &str, offset: usize) -> Range<usize> {
    let start = memchr::memrchr2(b'\n', b'\r', &text.as_bytes()[..offset]).map_or(0, |at| at + 1);
    let rest = &text.as_bytes()[offset..];
    let end = memchr::memchr2(b'\n', b'\r', rest).map_or(text.len(), |at| offset + at);
    start..end
}

/// Whether a place is in code or HTML, or one before it in math: there nothing
/// counts (G8, T3).
fn is_hidden(text: &str, note: &Note, line: &Range<usize>, offset: usize, start: usize) -> bool {
    let in_region = note.regions.iter().any(|region| {
        let Range { start: from, end } = region.range;
        match region.kind {
            RegionKind::Code => from < offset as u32 && offset as u32 <= end,
            RegionKind::Opaque => {
                let is_last = start as u32 == end && start == text.len() && start > line.start;
                from < start as u32 && (start as u32) < end || from < end && is_last
            }
            _ => false,
        }
    });
    if in_region {
        return true;
    }
    // Whatever its indentation would mean is known from the note.
    let own = text[line.clone()].trim_start();
    let begin = line.end - own.len();
    if !own.contains(['`', '<', '$']) || offset < begin {
        return false;
    }
    let structure = markdown::structure(own, 0, &[]);
    // A destination in angle brackets looks like HTML until its link is closed.
    let is_destination = |span: &Range<usize>| own[..span.start].ends_with("](");
    let holds = |spans: &[Range<usize>], at: usize| {
        let at = at.saturating_sub(begin);
        let mut spans = spans.iter().filter(|span| !is_destination(span));
        spans.any(|span| span.start < at && at < span.end)
    };
    holds(&structure.solid, offset) || holds(&structure.math, start)
}

fn wiki(
    text: &str,
    note: &Note,
    link: Unfinished,
    offset: usize,
    quote: Quote,
    lacks: Lacks,
) -> Context {
    let part = match (&link.alias, &link.subpath) {
        (Some(alias), _) if offset >= alias.start => Part::Alias,
        (_, Some(subpath)) if offset >= subpath.start => Part::Subpath,
        _ => Part::Path,
    };
    let in_table = in_table(text, note, link.start);
    Context::Link(Link {
        parts: link,
        part,
        quote,
        in_table,
        lacks,
    })
}

/// Whether a place is in a table. A row that is being added to one has no pipe
/// at its end yet.
pub(super) fn in_table(text: &str, note: &Note, offset: usize) -> bool {
    let begins_row = || text[line(text, offset)].trim_start().starts_with('|');
    note.is_in(RegionKind::Table, offset as u32) || begins_row()
}

/// `[^` of a footnote, or `][` of a reference.
fn label(text: &str, line: &Range<usize>, offset: usize) -> Option<Context> {
    let before = &text[line.start..offset];
    let open = before.rfind('[')?;
    let inside = &before[open + 1..];
    if inside.contains([']', '(', ')']) {
        return None;
    }
    let rest = &text[offset..line.end];
    let more = rest.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
    let more = more
        .filter(|&end| rest[end..].starts_with(']'))
        .unwrap_or(0);
    if let Some(id) = inside.strip_prefix('^') {
        let range = offset - id.len()..offset + more;
        return (!id.contains(' ')).then_some(Context::Label(LabelKind::Footnote, range));
    }
    let range = offset - inside.len()..offset + more;
    before[..open]
        .ends_with(']')
        .then_some(Context::Label(LabelKind::Definition, range))
}

/// `> [!` of a callout, or `- [` of a task, with the word up to its `]`.
fn marker(text: &str, line: &Range<usize>, offset: usize) -> Option<Context> {
    let (before, after) = (&text[line.start..offset], &text[offset..line.end]);
    // Nothing but a word may stand before the bracket.
    let closed = |end: usize| {
        if after[end..].starts_with(']') {
            end
        } else {
            0
        }
    };
    let content = before.trim_start_matches([' ', '\t', '>']);
    let is_quote = before.trim_start().starts_with('>');
    if let Some(word) = content.strip_prefix("[!").filter(|_| is_quote) {
        let is_part = |c: char| c.is_alphanumeric() || c == '-';
        let rest = after.find(|c| !is_part(c)).unwrap_or(after.len());
        let range = offset - word.len()..offset + closed(rest);
        let is_word = word.chars().all(is_part);
        return is_word.then_some(Context::Word(Words::Callouts, range));
    }
    let item = content.strip_prefix(['-', '*', '+'])?.strip_prefix(" [")?;
    let state = after.chars().next().filter(|&c| c != ']');
    let end = offset + closed(state.map_or(0, char::len_utf8));
    item.is_empty()
        .then_some(Context::Word(Words::Tasks, offset..end))
}

/// The language behind the opening line of a fence.
fn fence(text: &str, note: &Note, line: &Range<usize>, offset: usize) -> Option<Range<usize>> {
    let before = &text[line.start..offset];
    let content = before.trim_start_matches([' ', '\t', '>']);
    let mark = content.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let word = content.trim_start_matches(mark);
    let is_word = word
        .chars()
        .all(|c| c.is_alphanumeric() || "+#-_.".contains(c));
    let is_fence = content.len() - word.len() >= 3 && is_word && offset == line.end;
    let is_inside = || {
        let at = line.start as u32;
        let mut regions = note.regions.iter();
        regions.any(|region| {
            region.kind == RegionKind::Code && region.range.start < at && at < region.range.end
        })
    };
    (is_fence && !is_inside()).then(|| offset - word.len()..offset)
}

fn tag(text: &str, line: &Range<usize>, offset: usize) -> Option<Context> {
    let before = &text[line.start..offset];
    let hash = before.rfind('#')?;
    let name = &before[hash + 1..];
    let may_begin = before[..hash]
        .chars()
        .next_back()
        .is_none_or(|c| c.is_whitespace() || matches!(c, '|' | '[' | ']' | '>' | '*' | '_' | '='));
    if !may_begin || !name.chars().all(tag::is_name) {
        return None;
    }
    let rest = &text[offset..line.end];
    let more = rest.find(|c| !tag::is_name(c)).unwrap_or(rest.len());
    Some(Context::Tag(line.start + hash + 1..offset + more))
}

/// The key of an inline field at the start of a line or bracket, or its value.
fn field(text: &str, line: &Range<usize>, offset: usize) -> Option<Context> {
    let before = &text[line.start..offset];
    let marks = [' ', '\t', '#', '-', '*', '>'];
    let bracketed = |text: &str| {
        let start = text.rfind(['[', '(']).map_or(0, |at| at + 1);
        start..text.len()
    };
    if let Some(at) = before.rfind("::") {
        let key = &before[bracketed(&before[..at])];
        let key = key[..key.find("::").unwrap_or(key.len())].trim_start_matches(marks);
        let value = before[at + 2..].trim_start();
        let is_open = !key.is_empty() && !value.contains([']', ')', '[', '(']);
        let close = match before[..bracketed(&before[..at]).start].chars().next_back() {
            Some('[') => Some(']'),
            Some('(') => Some(')'),
            _ => None,
        };
        let more = value_end(&text[offset..line.end], close);
        let range = offset - value.len()..offset + more;
        return is_open.then(|| Context::FieldValue(key.trim_end().to_owned(), range));
    }
    let word = &before[bracketed(before)];
    let word = word.trim_start_matches(marks);
    let rest = before[..before.len() - word.len()].trim_end_matches(['[', '(']);
    let is_first =
        rest.trim_matches(marks).is_empty() || before.trim_end_matches(word).ends_with(['[', '(']);
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let is_key = !word.is_empty() && word.chars().all(is_word);
    // Editors that close brackets have put one there.
    let is_end = offset == line.end || text[offset..].starts_with([']', ')']);
    (is_first && is_key && is_end).then(|| Context::Field(offset - word.len()..offset))
}

/// How much of the rest of a line belongs to the value of an inline field, which
/// may stand in brackets. Links behind the cursor are left.
fn value_end(rest: &str, close: Option<char>) -> usize {
    let end = match close {
        Some(close) => rest.find(close).unwrap_or(0),
        None => rest.len(),
    };
    let value = rest[..end].trim_end();
    if value.contains(['[', '(', '|']) {
        0
    } else {
        value.len()
    }
}

/// What is written in the frontmatter, which may be broken just there.
fn property(text: &str, offset: usize) -> Option<Context> {
    let line = line(text, offset);
    let before = &text[line.start..offset];
    let content = before.trim_start_matches([' ', '\t']);
    let is_indented = content.len() < before.len();
    let named = |key: &str| key.trim().trim_matches(['"', '\'']).to_owned();
    // The value begins behind its mark, as far as it goes on to the cursor.
    let (key, mark, value) = if let Some(item) = content.strip_prefix('-') {
        (key_above(text, line.start)?, item.len(), item)
    } else if let Some((key, value)) = content.split_once(':') {
        match value.trim_start().strip_prefix('[') {
            // A list in brackets; `[[` is a link.
            Some(items) if !items.starts_with('[') => (named(key), value.len(), last_item(items)),
            _ => (named(key), value.len(), value),
        }
    } else if !is_indented && !content.contains(['"', '\'', '[', '{', '#']) {
        let rest = &text[offset..line.end];
        let word = rest.find(':').filter(|&colon| !rest[..colon].contains(' '));
        return Some(Context::Key(Key {
            range: line.start..offset + word.unwrap_or(0),
            has_colon: word.is_some(),
        }));
    } else {
        return None;
    };
    let mark = offset - mark;
    let is_apart = mark < offset && text[mark..].starts_with([' ', '\t']);
    let blank = (!is_apart).then_some(mark);
    let start = offset - value.trim_start_matches([' ', '\t']).len();
    let first = text[start..offset].chars().next();
    let quote = first.filter(|c| matches!(c, '"' | '\''));
    let rest = &text[offset..line.end];
    // What closes a quote may stand behind other values of the line.
    let lacking = |at: usize| quote.filter(|&own| quote_end(&text[at..line.end], own).is_none());
    if let Some(link) = link::unfinished(text, offset).filter(|link| link.start >= start) {
        let quoted = quote.map_or(Quote::Plain, Quote::In);
        let quote = lacking(link.close.end);
        let lacks = Lacks { blank, quote };
        return Some(wiki(text, &Note::default(), link, offset, quoted, lacks));
    }
    let start = start + usize::from(quote.is_some());
    if quote.is_some_and(|quote| text[start..offset].contains(quote)) {
        return None;
    }
    let open = lacking(offset);
    let end = match quote {
        Some(quote) => quote_end(rest, quote).unwrap_or(0),
        None => rest.find([',', ']', '#']).unwrap_or(rest.len()),
    };
    Some(Context::Value(Value {
        key,
        range: start..offset + rest[..end].trim_end().len(),
        quote,
        lacks: Lacks { blank, quote: open },
    }))
}

/// The last item that is begun in a list in brackets: a comma in quotes or in a
/// link parts no items.
fn last_item(items: &str) -> &str {
    let (mut start, mut at) = (0, 0);
    let mut in_link = false;
    while let Some(c) = items[at..].chars().next() {
        let rest = &items[at..];
        let is_first = items[start..at].trim().is_empty();
        at += match c {
            '"' | '\'' if is_first => {
                let Some(end) = quote_end(&rest[1..], c) else {
                    return &items[start..];
                };
                end + 2
            }
            ',' if !in_link => {
                start = at + 1;
                1
            }
            c => {
                in_link = rest.starts_with("[[") || in_link && !rest.starts_with("]]");
                c.len_utf8()
            }
        };
    }
    &items[start..]
}

/// Where the quotes of a value end that go on in the rest of a line; `None` if
/// the next ones belong to another value.
fn quote_end(rest: &str, quote: char) -> Option<usize> {
    let mut at = 0;
    loop {
        at += rest[at..].find([quote, '\\'])?;
        let behind = &rest[at + 1..];
        let is_escape = match quote {
            '"' => rest[at..].starts_with('\\'),
            _ => rest[at..].starts_with("''"),
        };
        if !is_escape && rest[at..].starts_with(quote) {
            let ends = [' ', '\t', ',', ']', '}', '#'];
            return (behind.is_empty() || behind.starts_with(ends)).then_some(at);
        }
        let skipped = behind.chars().next().filter(|_| is_escape);
        at += 1 + skipped.map_or(0, char::len_utf8);
    }
}

/// The key of the list that the line at `start` is an item of.
fn key_above(text: &str, start: usize) -> Option<String> {
    let mut lines = text[..start].lines().rev();
    let line = lines.find(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('-')
    })?;
    let (key, value) = line.split_once(':')?;
    let key = key.trim().trim_matches(['"', '\'']);
    value.trim().is_empty().then(|| key.to_owned())
}
