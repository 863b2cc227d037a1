//! How a heading is named by a link (H2–H4).

use crate::path::{fold_hash, hash_bytes, is_inert, lower};

/// The form in which headings and the segments of links are compared (H2):
/// punctuation becomes white space, white space collapses.
pub fn strip(text: &str) -> String {
    let mut stripped = String::with_capacity(text.len());
    for c in text.chars() {
        let c = if is_dropped(c) { ' ' } else { c };
        if !c.is_whitespace() {
            stripped.push(c);
        } else if !stripped.is_empty() && !stripped.ends_with(' ') {
            stripped.push(' ');
        }
    }
    stripped.truncate(stripped.trim_end().len());
    stripped
}

fn is_dropped(c: char) -> bool {
    c.is_ascii_punctuation() && !matches!(c, '-' | '_' | '\'')
}

/// The hash by which headings of one note are compared: of the stripped and
/// folded text. `None` when nothing is left, then nothing can link to it (H5).
pub fn key(text: &str) -> Option<u32> {
    // The usual characters are stripped and folded in one go.
    let mut folded = Vec::with_capacity(text.len() + 8);
    let mut buffer = [0; 4];
    for c in text.chars() {
        let kept = if c.is_ascii() {
            ASCII[c as usize]
        } else if !is_inert(c) {
            let stripped = strip(text);
            return (!stripped.is_empty()).then(|| fold_hash(&stripped));
        } else if c.is_whitespace() {
            b' '
        } else {
            folded.extend_from_slice(lower(c).encode_utf8(&mut buffer).as_bytes());
            continue;
        };
        if kept != b' ' || folded.last().is_some_and(|&last| last != b' ') {
            folded.push(kept);
        }
    }
    let folded = folded.strip_suffix(b" ").unwrap_or(&folded);
    (!folded.is_empty()).then(|| hash_bytes(folded))
}

/// What each ASCII character becomes: itself in lower case, or a blank.
static ASCII: [u8; 128] = {
    let mut table = [b' '; 128];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        let blank = matches!(c, b'\t'..=b'\r' | b' ');
        let dropped = c.is_ascii_punctuation() && !matches!(c, b'-' | b'_' | b'\'');
        if !blank && !dropped {
            table[byte] = c.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// What a subpath (without its first `#`) names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subpath<'a> {
    /// `[[Note#]]`: the note itself.
    Whole,
    /// The keys of the headings on the way (H4).
    Headings(Vec<u32>),
    /// A block id, also behind headings (B3, C14).
    Block(&'a str),
    /// A footnote, as `[^id]` (B4).
    Footnote(&'a str),
}

/// Reads a subpath (H4, B3, B4).
pub fn subpath(text: &str) -> Subpath<'_> {
    let segments = || text.split('#').map(str::trim).filter(|s| !s.is_empty());
    let Some(last) = segments().next_back() else {
        return Subpath::Whole;
    };
    if let Some(id) = last.strip_prefix('^') {
        return Subpath::Block(id);
    }
    if let Some(id) = last.strip_prefix("[^").and_then(|id| id.strip_suffix(']')) {
        return Subpath::Footnote(id);
    }
    // A segment without a key matches no heading, so it must not be skipped.
    Subpath::Headings(segments().map(|s| key(s).unwrap_or(0)).collect())
}

/// Walks headings, given as (level, key) in document order, as H4 says; the
/// index of the one that is named.
pub fn find(headings: impl Iterator<Item = (u8, u32)>, wanted: &[u32]) -> Option<usize> {
    let mut level = 0;
    let mut rest = wanted.iter();
    let mut segment = rest.next()?;
    for (index, (depth, key)) in headings.enumerate() {
        if depth > level && key == *segment {
            level = depth;
            match rest.next() {
                Some(next) => segment = next,
                None => return Some(index),
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripping_follows_h2() {
        for (heading, expected) in [
            ("[[Name]]", "Name"),
            ("[[p/N|A]]", "p N A"),
            ("**Bold** text", "Bold text"),
            ("C++ & C#: why?", "C C why"),
            ("a-b_c's", "a-b_c's"),
            ("#has_/text_of_/abstract", "has_ text_of_ abstract"),
            ("_Value_", "_Value_"),
            ("!!!", ""),
        ] {
            assert_eq!(strip(heading), expected);
        }
        assert_eq!(key("C++ & C why"), key("c c WHY"));
        for heading in [
            "  C++ & C#: why?\t",
            "a-b_c's",
            "[[p/N|A]] ",
            "x",
            "Ü\u{a0}大 µ",
            "É e\u{301}",
        ] {
            assert_eq!(key(heading), Some(fold_hash(&strip(heading))), "{heading}");
        }
        assert_eq!(key("e\u{301}"), key("É"));
        assert_eq!((key("!!! "), key("")), (None, None));
    }

    #[test]
    fn subpaths_follow_h4_b3_b4() {
        assert_eq!(subpath(""), Subpath::Whole);
        assert_eq!(subpath("^id"), Subpath::Block("id"));
        assert_eq!(subpath("H#^id"), Subpath::Block("id"));
        assert_eq!(subpath("[^1]"), Subpath::Footnote("1"));
        let Subpath::Headings(path) = subpath("A##B") else {
            panic!("headings")
        };
        let all = ["A", "C", "B"].map(|h| key(h).unwrap());
        let levels = [1, 2, 3];
        let find = |path: &[u32]| find(levels.into_iter().zip(all), path);
        assert_eq!(find(&path), Some(2));
        assert_eq!(find(&[all[2], all[0]]), None);
    }
}
