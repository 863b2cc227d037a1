//! Tags in the text of a note (T1, T2) and their identity (T4).

use std::borrow::Cow;
use std::ops::Range;

use crate::link::inside;

/// A tag longer than this is text: each of its segments is counted.
pub const MAX_TAG: usize = 256;

/// How far around a tag the other marker of an emphasis is looked for.
const MAX_REACH: usize = 256;

/// Whether `c` may stand in the name of a tag (T1).
pub fn is_name(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/');
    }
    !(c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{2000}'..='\u{206f}' | '\u{2e00}'..='\u{2e7f}' | '\u{feff}'))
}

/// The length in bytes of the name at the start of `text`; `None` when there
/// is none, or only ASCII digits (T1).
pub fn name_length(text: &str) -> Option<usize> {
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let name = &text[..end];
    name.bytes()
        .any(|byte| !byte.is_ascii_digit())
        .then_some(end)
}

/// What identifies a tag (T4): no `#`, no empty segments, first casing kept.
pub fn identity(name: &str) -> Cow<'_, str> {
    let name = name.strip_prefix('#').unwrap_or(name);
    if !name.ends_with('/') && !name.starts_with('/') && !name.contains("//") {
        return Cow::Borrowed(name);
    }
    let segments: Vec<&str> = name.split('/').filter(|s| !s.is_empty()).collect();
    Cow::Owned(segments.join("/"))
}

/// A tag and the tags above it: `a/b/c`, `a/b`, `a`.
pub fn with_ancestors(identity: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(identity), |tag| tag.rsplit_once('/').map(|(up, _)| up))
}

/// Where tags may not stand, and the edges at which one may begin (T2, T3).
pub struct Places<'a> {
    /// Ranges that hold no tag, sorted by start and disjoint.
    pub closed: &'a [Range<usize>],
    /// Sorted offsets where an inline node begins or ends.
    pub edges: &'a [usize],
    /// `(from, end)`: a tag that begins in `from` ends before `end`, because
    /// an emphasis of `_` that began before it closes there. Sorted.
    pub limits: &'a [(usize, usize)],
    /// Ranges of tables, where `|` is an edge. Sorted.
    pub tables: &'a [Range<usize>],
}

/// The tags of `text[within]`, as ranges with their `#`, in order.
pub fn tags(text: &str, within: Range<usize>, places: &Places<'_>) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut closed, mut tables) = (places.closed, places.tables);
    for at in memchr::memchr_iter(b'#', &bytes[within.clone()]).map(|at| at + within.start) {
        if inside(&mut closed, at) || found.last().is_some_and(|tag| tag.end > at) {
            continue;
        }
        let after_tag = found.last().is_some_and(|tag| tag.end == at);
        let in_table = inside(&mut tables, at);
        if !(at == within.start
            || after_tag
            || places.edges.binary_search(&at).is_ok()
            || may_precede(text, at, in_table)
            || is_behind_marker(text, at, places.closed))
        {
            continue;
        }
        let mut end = text.len();
        if let Ok(limit) = places.limits.binary_search_by_key(&at, |limit| limit.0) {
            end = places.limits[limit].1;
        }
        if let Some(length) = text.get(at + 1..end).and_then(name_length) {
            found.push(at..at + 1 + length);
        }
    }
    found
}

/// Whether the character before `at` lets a tag begin (T2, in the simple
/// form that the rule allows).
fn may_precede(text: &str, at: usize, in_table: bool) -> bool {
    match text[..at].chars().next_back() {
        None | Some('[' | ']') => true,
        Some('|') => in_table,
        Some('>') => is_quote_marker(text, at),
        // U+FEFF opens lines of some notes; it is no character of the text.
        Some(c) => c.is_whitespace() || c == '\u{feff}',
    }
}

/// Whether the `_` or `==` before `at` is a marker of an emphasis or highlight
/// that has its partner on the line (T2, M3). `CommonMark` knows no `==`, and no
/// `_` that opens inside of a word.
fn is_behind_marker(text: &str, at: usize, closed: &[Range<usize>]) -> bool {
    let bytes = text.as_bytes();
    let from = at.saturating_sub(MAX_REACH);
    let from = memchr::memrchr2(b'\n', b'\r', &bytes[from..at]).map_or(from, |n| from + n + 1);
    let is_closed = |place: usize| {
        let index = closed.partition_point(|range| range.end <= place);
        closed.get(index).is_some_and(|range| range.start <= place)
    };
    let is_blank = |place: usize| bytes.get(place).is_none_or(u8::is_ascii_whitespace);
    if bytes[..at].ends_with(b"==") {
        let markers = memchr::memmem::find_iter(&bytes[from..at - 2], b"==");
        let before = markers.filter(|marker| !is_closed(from + marker)).count();
        let line = &bytes[at..bytes.len().min(at + MAX_REACH)];
        let line = &line[..memchr::memchr2(b'\n', b'\r', line).unwrap_or(line.len())];
        let mut after = memchr::memmem::find_iter(line, b"==");
        return before % 2 == 1 || after.any(|marker| !is_blank(at + marker - 1));
    }
    if !bytes[..at].ends_with(b"_") {
        return false;
    }
    let is_word = |place: usize| {
        bytes
            .get(place)
            .is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80)
    };
    let mut open = false;
    for marker in memchr::memchr_iter(b'_', &bytes[from..at - 1]).map(|n| from + n) {
        if !is_closed(marker) {
            // One that could close may open as well.
            open = if open {
                is_word(marker + 1)
            } else {
                !is_blank(marker + 1)
            };
        }
    }
    open && !is_blank(at.wrapping_sub(2))
}

/// Whether only quote markers and blanks stand between the line's start and `at`.
fn is_quote_marker(text: &str, at: usize) -> bool {
    let before = text[..at].bytes().rev();
    let mut rest = before.skip_while(|byte| matches!(byte, b'>' | b' ' | b'\t'));
    rest.next().is_none_or(|byte| matches!(byte, b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let places = Places {
            closed: &[],
            edges: &[],
            limits: &[],
            tables: &[],
        };
        let tags = tags(text, 0..text.len(), &places);
        tags.into_iter().map(|tag| &text[tag]).collect()
    }

    #[test]
    fn names_follow_t1() {
        assert!(found("#1984").is_empty());
        for tag in [
            "#y1984",
            "#1984s",
            "#123-456",
            "#12_34",
            "#123/456",
            "#١٢٣",
            "#½",
            "#🇩🇪",
            "#、a",
        ] {
            assert_eq!(found(tag), [tag]);
        }
        assert_eq!(found("#a— #b… #c\u{a0}d #e. x"), ["#a", "#b", "#c", "#e"]);
        assert_eq!(found("#is_/same_as :: x"), ["#is_/same_as"]);
    }

    #[test]
    fn places_follow_t2() {
        for text in [
            "(#a)", "\"#a\"", ".#a", "/#a", "'#a", "##a", "a#b", "1#a", "\\#a", "# a",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
        for text in ["_#a", "a_#b_c", "==#a", "== #a", "x==#a", "a _ b_#c"] {
            assert_eq!(found(text).len(), usize::from(text == "== #a"), "{text}");
        }
        assert_eq!(found("==#a== b"), ["#a"]);
        assert_eq!(found("==x==#a"), ["#a"]);
        assert_eq!(found("snake_case_#a"), ["#a"]);
        assert_eq!(found("#a#b"), ["#a", "#b"]);
        assert_eq!(found("#12#b"), [""; 0]);
        assert_eq!(found(">#a\n- #b [#c]"), ["#a", "#b", "#c"]);
        assert!(found("x>#a").is_empty());
    }

    #[test]
    fn identity_follows_t4() {
        assert_eq!(identity("#a//b/"), "a/b");
        assert_eq!(
            with_ancestors("a/b/c").collect::<Vec<_>>(),
            ["a/b/c", "a/b", "a"]
        );
    }
}
