//! What is being written at a place of a note.

use std::borrow::Cow;
use std::ops::Range;

use super::Place;
use crate::fact::{LabelKind, RegionKind};
use crate::frontmatter;
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

/// The destination of a Markdown link.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    /// Path and fragment, as far as they belong to the link.
    pub(super) range: Range<usize>,
    pub(super) in_angles: bool,
    /// Whether what ends it is there.
    pub(super) is_closed: bool,
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
    let front = frontmatter::cut(text);
    if let Some(front) = &front {
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
    if in_code(text, note, &line, offset) {
        return None;
    }
    if let Some(link) = link::unfinished(text, offset) {
        return Some(wiki(text, note, link, offset, Quote::Text));
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

fn in_code(text: &str, note: &Note, line: &Range<usize>, offset: usize) -> bool {
    let at = offset as u32;
    let mut regions = note.regions.iter();
    let in_fence = regions.any(|region| {
        region.kind == RegionKind::Code && region.range.start < at && at <= region.range.end
    });
    let own = &text[line.clone()];
    let inside = offset - line.start;
    let is_code = |solid: &Range<usize>| {
        own[solid.start..].starts_with('`') && solid.start < inside && inside < solid.end
    };
    in_fence || own.contains('`') && markdown::structure(own, 0, &[]).solid.iter().any(is_code)
}

fn wiki(text: &str, note: &Note, link: Unfinished, offset: usize, quote: Quote) -> Context {
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
    })
}

/// Whether a place is in a table. A row that is being added to one has no pipe
/// at its end yet.
pub(super) fn in_table(text: &str, note: &Note, offset: usize) -> bool {
    let begins_row = || text[line(text, offset)].trim_start().starts_with('|');
    note.is_in(RegionKind::Table, offset as u32) || begins_row()
}

/// `](` with an open end, or with its `)`.
fn destination(text: &str, line: &Range<usize>, offset: usize) -> Option<Destination> {
    let before = &text[line.start..offset];
    let open = before.rfind("](")?;
    let start = line.start + open + 2;
    let in_angles = start < offset && text[start..].starts_with('<');
    let start = start + usize::from(in_angles);
    let written = text.get(start..offset)?;
    let ends: &[char] = if in_angles {
        &['>', '<']
    } else {
        &[')', ' ', '\t']
    };
    if written.contains(ends) || written.contains("://") {
        return None;
    }
    let rest = &text[offset..line.end];
    let close = rest.find(if in_angles { '>' } else { ')' });
    let close = close.filter(|&close| in_angles || !rest[..close].contains([' ', '\t', '[']));
    before[..open].contains('[').then_some(())?;
    Some(Destination {
        range: start..offset + close.unwrap_or(0),
        in_angles,
        is_closed: close.is_some(),
    })
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
        let range = offset - value.len()..offset;
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

/// What is written in the frontmatter, which may be broken just there.
fn property(text: &str, offset: usize) -> Option<Context> {
    let line = line(text, offset);
    let before = &text[line.start..offset];
    let content = before.trim_start_matches([' ', '\t']);
    let is_indented = content.len() < before.len();
    let named = |key: &str| key.trim().trim_matches(['"', '\'']).to_owned();
    let (key, value) = if let Some(item) = content.strip_prefix('-') {
        (key_above(text, line.start)?, item)
    } else if let Some((key, value)) = content.split_once(':') {
        match value.trim_start().strip_prefix('[') {
            // A list in brackets; `[[` is a link.
            Some(items) if !items.starts_with('[') => {
                (named(key), items.rsplit(',').next().unwrap_or(""))
            }
            _ => (named(key), value),
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
    let start = offset - value.trim_start_matches([' ', '\t']).len();
    let first = text[start..offset].chars().next();
    let quote = first.filter(|c| matches!(c, '"' | '\''));
    if let Some(link) = link::unfinished(text, offset).filter(|link| link.start >= start) {
        let quoted = quote.map_or(Quote::Plain, Quote::In);
        return Some(wiki(text, &Note::default(), link, offset, quoted));
    }
    let start = start + usize::from(quote.is_some());
    if quote.is_some_and(|quote| text[start..offset].contains(quote)) {
        return None;
    }
    let rest = &text[offset..line.end];
    let end = match quote {
        Some(quote) => rest.find(quote).unwrap_or(0),
        None => rest.find([',', ']', '#']).unwrap_or(rest.len()),
    };
    Some(Context::Value(Value {
        key,
        range: start..offset + rest[..end].trim_end().len(),
        quote,
    }))
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
