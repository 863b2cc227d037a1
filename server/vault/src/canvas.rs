//! Canvases: JSON files of cards, some of which show a file, others a text
//! with links. What is read of one are its links, with their bytes in the
//! file. A link is written in the text that a string of JSON stands for, so it
//! is looked at, and changed, in that text.

use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::builder::{Builder, MAX_FACT};
use crate::edit::TextEdit;
use crate::fact::{Form, Link};
use crate::lines::Lines;
use crate::note::{Note, ParseOptions, readable};
use crate::symbol::Symbols;

#[derive(Deserialize)]
struct Canvas<'t> {
    #[serde(borrow, default)]
    nodes: Vec<&'t RawValue>,
}

/// A card. What it holds may be anything.
#[derive(Deserialize)]
struct Card<'t> {
    #[serde(borrow, default)]
    file: Option<&'t RawValue>,
    #[serde(borrow, default)]
    subpath: Option<&'t RawValue>,
    /// The picture behind a group of cards.
    #[serde(borrow, default)]
    background: Option<&'t RawValue>,
    #[serde(borrow, default)]
    text: Option<&'t RawValue>,
}

/// The facts of a canvas: its links and lines. What is no canvas has no links.
pub(crate) fn parse(text: &str, symbols: &Symbols, options: &ParseOptions) -> Note {
    let text = readable(text);
    let mut out = Builder::new(text, symbols);
    let source = text.trim_start_matches('\u{feff}');
    let canvas = serde_json::from_str::<Canvas>(source);
    for card in canvas.map_or_else(|_| Vec::new(), |canvas| canvas.nodes) {
        // A card that is damaged hides no others.
        if let Ok(card) = serde_json::from_str::<Card>(card.get()) {
            links(text, &card, options, &mut out);
        }
    }
    out.links.sort_by_key(|link| link.start);
    Note {
        lines: Lines::new(text),
        len: text.len() as u32,
        valid_frontmatter: true,
        links: out.links,
        ..Note::default()
    }
}

fn links(text: &str, card: &Card<'_>, options: &ParseOptions, out: &mut Builder<'_>) {
    let string = |value: Option<&RawValue>| inside(text, value?);
    if let Some(file) = string(card.file) {
        let place = string(card.subpath).and_then(|place| with_place(text, &file, place));
        let (range, subpath) = place.map_or((file.clone(), None), |(range, subpath)| {
            (range, Some(subpath))
        });
        path(text, file, range, subpath.as_deref(), out);
    }
    if let Some(picture) = string(card.background) {
        path(text, picture.clone(), picture, None, out);
    }
    if let Some(written) = string(card.text) {
        let shown = Shown::new(&text[written.clone()]);
        let mut inner = Builder::new(&shown.text, out.symbols);
        inner.body(0, options);
        let raw = |at: u32| written.start + shown.raw(at as usize);
        let found = inner.links.into_iter();
        out.links.extend(found.filter_map(|link| {
            let (start, end) = (raw(link.start), raw(link.range().end));
            let is_one = end - start <= MAX_FACT && !link.is(Link::EXTERNAL);
            is_one.then(|| Link {
                start: start as u32,
                len: (end - start) as u16,
                flags: link.flags | Link::CANVAS,
                ..link
            })
        }));
    }
}

/// Adds a path from the root of the vault, which leads nowhere else.
fn path(
    text: &str,
    written: Range<usize>,
    range: Range<usize>,
    subpath: Option<&str>,
    out: &mut Builder<'_>,
) {
    let path = Shown::new(&text[written]).text;
    if !path.trim().is_empty() && range.len() <= MAX_FACT {
        let path = rooted(&path);
        out.push_link(range, Form::Path, Link::CANVAS, &path, subpath);
    }
}

/// A path as one from the root.
fn rooted(path: &str) -> String {
    format!("/{}", path.trim_start_matches('/'))
}

/// The bytes of the string that a value is, without its quotes.
fn inside(text: &str, value: &RawValue) -> Option<Range<usize>> {
    let raw = value.get().strip_prefix('"')?.strip_suffix('"')?;
    let start = (raw.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let range = start..start + raw.len();
    text.get(range.clone()).map(|_| range)
}

/// The bytes from the path of a file to the place in it, in whatever order they
/// stand, and the place, if both are near.
fn with_place(
    text: &str,
    file: &Range<usize>,
    place: Range<usize>,
) -> Option<(Range<usize>, String)> {
    let shown = Shown::new(&text[place.clone()]).text;
    let subpath = shown.strip_prefix('#')?.to_owned();
    let range = file.start.min(place.start)..file.end.max(place.end);
    (range.len() <= MAX_FACT).then_some((range, subpath))
}

/// The bytes of the path and of the place in the file, without its `#`, of a
/// card with a file; `source` begins with one of them and ends with the other.
fn card(source: &str, has_place: bool) -> Option<(Range<usize>, Option<Range<usize>>)> {
    if !has_place {
        return Some((0..source.len(), None));
    }
    let mut escaped = false;
    let first = source.bytes().position(|byte| {
        let is_end = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        is_end
    })?;
    // The last string has no bare quote in it.
    let quotes = source.bytes().enumerate().filter(|own| own.1 == b'"');
    let is_bare = |at: &usize| {
        let before = source[..*at].bytes().rev();
        before.take_while(|&byte| byte == b'\\').count() % 2 == 0
    };
    let last = quotes.map(|own| own.0).rfind(is_bare)? + 1;
    let between = source.get(first..last)?.trim_end_matches('"');
    let key = between.trim_end().trim_end_matches(':').trim_end();
    let (path, place) = if key.ends_with("\"subpath\"") {
        (0..first, last..source.len())
    } else {
        (last..source.len(), 0..first)
    };
    let is_marked = source.get(place.clone())?.starts_with('#');
    is_marked.then(|| (path, Some(place.start + 1..place.end)))
}

/// The path that a link spells, as [`crate::vault::Vault::link_path`] gives it;
/// `spelled` reads it from a text with the link.
pub(crate) fn spelled(
    text: &str,
    fact: &Link,
    spelled: impl FnOnce(&str, &Link) -> Option<String>,
) -> Option<String> {
    let source = text.get(fact.start as usize..fact.range().end as usize)?;
    if fact.form == Form::Path {
        let (path, _) = card(source, fact.is(Link::SUBPATH))?;
        let path = rooted(&Shown::new(&source[path]).text);
        return Some(crate::link::normalize(&path).into_owned());
    }
    let shown = Shown::new(source);
    spelled(&shown.text, &shown.link(fact))
}

/// The subpath that a link spells, as [`Link::subpath`] has it; `spelled` reads it
/// from a text with the link.
pub(crate) fn spelled_place(
    text: &str,
    fact: &Link,
    spelled: impl FnOnce(&str, &Link) -> Option<String>,
) -> Option<String> {
    let source = text.get(fact.start as usize..fact.range().end as usize)?;
    if fact.form == Form::Path {
        let (_, place) = card(source, fact.is(Link::SUBPATH))?;
        return Some(Shown::new(&source[place?]).text);
    }
    let shown = Shown::new(source);
    spelled(&shown.text, &shown.link(fact))
}

/// The edits that give a link another path, which `make` finds for one in a
/// text; `None` when the link is not there.
pub(crate) fn relinked(
    text: &str,
    fact: &Link,
    path: &str,
    make: impl FnOnce(&str, &Link) -> Option<Vec<TextEdit>>,
) -> Option<Vec<TextEdit>> {
    edits(text, fact, make, |source| {
        let (old, _) = card(source, fact.is(Link::SUBPATH))?;
        let is_rooted = source[old.clone()].starts_with('/');
        let new = path.strip_prefix('/').filter(|_| !is_rooted);
        Some((old, new.unwrap_or(path).to_owned()))
    })
}

/// The edit that gives a link another subpath, which `make` finds for one in a
/// text.
pub(crate) fn resubpathed(
    text: &str,
    fact: &Link,
    subpath: &str,
    make: impl FnOnce(&str, &Link) -> Option<TextEdit>,
) -> Option<TextEdit> {
    let make = |text: &str, link: &Link| make(text, link).map(|edit| vec![edit]);
    let found = edits(text, fact, make, |source| {
        let (_, place) = card(source, fact.is(Link::SUBPATH))?;
        Some((place?, subpath.to_owned()))
    });
    found?.pop()
}

/// Edits of the text that a link is written in, as those of the file.
fn edits(
    text: &str,
    fact: &Link,
    make: impl FnOnce(&str, &Link) -> Option<Vec<TextEdit>>,
    card: impl FnOnce(&str) -> Option<(Range<usize>, String)>,
) -> Option<Vec<TextEdit>> {
    let source = text.get(fact.start as usize..fact.range().end as usize)?;
    let edit = |range: Range<usize>, new: &str| {
        let [start, end] = [range.start, range.end].map(|at| fact.start + at as u32);
        (start..end, escaped(new))
    };
    if fact.form == Form::Path {
        let (range, new) = card(source)?;
        return Some(vec![edit(range, &new)]);
    }
    let shown = Shown::new(source);
    let found = make(&shown.text, &shown.link(fact))?.into_iter();
    let found = found.map(|(range, new)| {
        let [start, end] = [range.start, range.end].map(|at| shown.raw(at as usize));
        edit(start..end, &new)
    });
    Some(found.collect())
}

/// A text as a string of JSON has it, without quotes.
fn escaped(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(text).to_owned()
}

/// The text that a piece of a string of JSON stands for.
struct Shown {
    text: String,
    /// Behind each escape: the offsets in the text and in the piece.
    escapes: Vec<(usize, usize)>,
}

impl Shown {
    fn new(source: &str) -> Self {
        let mut text = String::with_capacity(source.len());
        let mut escapes = Vec::new();
        let mut rest = source;
        while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
            let (plain, behind) = rest.split_at(at);
            let (c, length) = escape(behind);
            text.push_str(plain);
            text.push(c);
            rest = behind.get(length..).unwrap_or("");
            escapes.push((text.len(), source.len() - rest.len()));
        }
        text.push_str(rest);
        Self { text, escapes }
    }

    /// The offset in the piece of one in the text.
    fn raw(&self, offset: usize) -> usize {
        let before = self.escapes.partition_point(|own| own.0 <= offset);
        let last = before
            .checked_sub(1)
            .and_then(|last| self.escapes.get(last));
        last.map_or(offset, |own| own.1 + offset - own.0)
    }

    /// A link as it stands in the text, when that is all there is.
    fn link(&self, fact: &Link) -> Link {
        Link {
            start: 0,
            len: self.text.len() as u16,
            flags: fact.flags & !Link::CANVAS,
            ..*fact
        }
    }
}

/// The character that an escape stands for, and the length of the escape.
fn escape(source: &str) -> (char, usize) {
    let unit = |at: usize| {
        let digits = source.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    if let Some(first) = unit(0) {
        let units = [first, unit(6).unwrap_or_default()];
        let c = char::decode_utf16(units).next().and_then(Result::ok);
        let length = if c.is_some_and(|c| c > '\u{ffff}') {
            12
        } else {
            6
        };
        return (c.unwrap_or(char::REPLACEMENT_CHARACTER), length);
    }
    let Some(c) = source.chars().nth(1) else {
        return ('\\', 1);
    };
    let meant = match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    };
    (meant, 1 + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::applied;
    use crate::relink::{relink, resubpath};
    use proptest::prelude::*;

    fn read(text: &str) -> (Note, Symbols) {
        let symbols = Symbols::default();
        (parse(text, &symbols, &ParseOptions::default()), symbols)
    }

    #[test]
    fn links_of_cards_are_found_and_changed_where_they_stand() {
        for (text, path, expected) in [
            (
                r#"{"nodes":[{"file":"a/Old.md"}]}"#,
                "/New.md",
                r#"{"nodes":[{"file":"New.md"}]}"#,
            ),
            (
                r##"{"nodes":[{"file":"Old.md","color":"1", "subpath" : "#H \"x\""}]}"##,
                "/N\"w.md",
                r##"{"nodes":[{"file":"N\"w.md","color":"1", "subpath" : "#H \"x\""}]}"##,
            ),
            (
                r##"{"nodes":[{"subpath":"#H","x":"\"","file":"Old.md"}]}"##,
                "/b/New.md",
                r##"{"nodes":[{"subpath":"#H","x":"\"","file":"b/New.md"}]}"##,
            ),
            (
                r#"{"nodes":[{"text":"é\n\u00e9[[Old|\"x\"]]\n"}]}"#,
                "N\"w",
                r#"{"nodes":[{"text":"é\n\u00e9[[N\"w|\"x\"]]\n"}]}"#,
            ),
            (
                r#"{"nodes":[{"text":"|[[Old\\|Old]]|\n|-|"}]}"#,
                "b/New",
                r#"{"nodes":[{"text":"|[[b/New\\|New]]|\n|-|"}]}"#,
            ),
            (
                r#"{"nodes":[{"text":"![x](Old.md \"t\")"}]}"#,
                "N w.md",
                r#"{"nodes":[{"text":"![x](N%20w.md \"t\")"}]}"#,
            ),
            (
                r#"{"nodes":[{"type":"group","background":"\u006fld.png"}]}"#,
                "/b.png",
                r#"{"nodes":[{"type":"group","background":"b.png"}]}"#,
            ),
        ] {
            let (note, _) = read(text);
            let link = note.links.first().unwrap_or_else(|| panic!("{text}"));
            let names = [["Old".to_owned(), "New".to_owned()]];
            let edits = relink(text, link, path, &names).unwrap();
            assert_eq!(applied(text, &edits), expected);
        }
        let text = r##"{"nodes":[{"file":"Old.md","subpath":"#A#B"},{"text":"[[Old#A]]"}]}"##;
        let (note, symbols) = read(text);
        let edits = note.links.iter();
        let edits = edits.map(|link| resubpath(text, link, "C\\").unwrap());
        let expected = r##"{"nodes":[{"file":"Old.md","subpath":"#C\\"},{"text":"[[Old#C\\]]"}]}"##;
        assert_eq!(applied(text, &edits.collect::<Vec<_>>()), expected);
        assert_eq!(symbols.string(note.links[0].subpath), "A#B");
    }

    #[test]
    fn what_is_no_canvas_has_no_links() {
        for text in [
            "",
            "[[a]]",
            "{",
            r#"{"nodes":{"file":"a.md"}}"#,
            r#"{"nodes":[1,{"file":2,"text":null},{"text":"`[[a]]` [x](https://x.y)"}]}"#,
        ] {
            assert!(read(text).0.links.is_empty(), "{text}");
        }
        let damaged = r#"{"nodes":["[[a]]",{"file":"b.md","file":"c.md"},{"file":"d.md"}]}"#;
        assert_eq!(read(damaged).0.links.len(), 1);
    }

    proptest! {
        #[test]
        fn offsets_of_what_is_shown_are_those_of_what_is_written(text in "[a\"\\\\\n\té😀/]{0,20}") {
            let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
            let all = units.collect::<Vec<_>>().concat();
            for written in [escaped(&text), all] {
                let shown = Shown::new(&written);
                prop_assert_eq!(&shown.text, &text);
                for (at, c) in text.char_indices() {
                    let range = shown.raw(at)..shown.raw(at + c.len_utf8());
                    prop_assert_eq!(Shown::new(&written[range]).text, c.to_string());
                }
            }
        }
    }
}
