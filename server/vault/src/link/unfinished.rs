//! The link that is being written at a place of a text: the same grammar,
//! where the end may be missing.

use std::ops::Range;

use memchr::memmem;

use super::{MAX_LINK, is_escaped};

/// A wiki-link around a cursor, whether it is closed or not. The ranges are
/// bytes of the text that was searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Where it begins, with the `!` of an embed.
    pub start: usize,
    /// Whether a `!` stands before it.
    pub embed: bool,
    /// The path: from the brackets to the first `#`, `|` or the end.
    pub path: Range<usize>,
    /// The subpath behind the first `#`, to the alias or the end.
    pub subpath: Option<Range<usize>>,
    /// The alias behind the first `|`, to the end.
    pub alias: Option<Range<usize>>,
    /// The brackets that close it: both, one of them, or none yet.
    pub close: Range<usize>,
}

/// The wiki-link around `offset`, if one was begun on its line. Behind an open
/// link nothing belongs to it but what was written up to `offset`: the rest of
/// the line is somebody's text.
pub fn unfinished(text: &str, offset: usize) -> Option<Unfinished> {
    let before = text.get(..offset)?;
    let line = memchr::memrchr2(b'\n', b'\r', before.as_bytes()).map_or(0, |at| at + 1);
    let line = line.max(floor(text, offset.saturating_sub(MAX_LINK)));
    let open = line + memmem::rfind(&before.as_bytes()[line..], b"[[")?;
    let inside = open + 2;
    if is_escaped(text.as_bytes(), open) || before[inside..].contains("]]") {
        return None;
    }
    let rest = &text[offset..];
    let end = memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
    let rest = &rest[..floor(rest, end.min(MAX_LINK))];
    let closed = rest
        .find("]]")
        .filter(|&close| rest.find("[[").is_none_or(|open| close < open));
    let (end, close) = match closed {
        Some(close) => (offset + close, offset + close..offset + close + 2),
        // Editors that close single brackets have put one there.
        None if rest.starts_with(']') => (offset, offset..offset + 1),
        None => (offset, offset..offset),
    };
    let embed =
        open > line && text.as_bytes()[open - 1] == b'!' && !is_escaped(text.as_bytes(), open - 1);
    let slice = &text[inside..end];
    let pipe = slice.find('|').map(|at| inside + at);
    let target_end = match pipe {
        Some(pipe) if text[inside..pipe].ends_with('\\') => pipe - 1,
        Some(pipe) => pipe,
        None => end,
    };
    let hash = text[inside..target_end].find('#').map(|at| inside + at);
    Some(Unfinished {
        start: open - usize::from(embed),
        embed,
        path: inside..hash.unwrap_or(target_end),
        subpath: hash.map(|hash| hash + 1..target_end),
        alias: pipe.map(|pipe| pipe + 1..end),
        close,
    })
}

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of the link around `|0`, each in the text without the mark.
    fn read(marked: &str) -> Option<[String; 4]> {
        let offset = marked.find("$0").unwrap();
        let text = marked.replace("$0", "");
        let found = unfinished(&text, offset)?;
        let get = |range: Option<Range<usize>>| range.map_or("-", |range| &text[range]).to_owned();
        let close = text[found.close].to_owned();
        Some([
            text[found.path].to_owned(),
            get(found.subpath),
            get(found.alias),
            close,
        ])
    }

    #[test]
    fn the_rest_of_the_line_belongs_to_a_closed_link_only() {
        let some = |parts: [&str; 4]| Some(parts.map(str::to_owned));
        assert_eq!(read("x [[Na$0"), some(["Na", "-", "-", ""]));
        assert_eq!(read("[[Na$0 and more"), some(["Na", "-", "-", ""]));
        assert_eq!(read("[[Na$0]"), some(["Na", "-", "-", "]"]));
        assert_eq!(read("[[Na$0]] x"), some(["Na", "-", "-", "]]"]));
        assert_eq!(read("[[Na$0me#H|a]] x"), some(["Name", "H", "a", "]]"]));
        assert_eq!(read("| [[Na$0\\|a]] |"), some(["Na", "-", "a", "]]"]));
        assert_eq!(read("[[Na$0 and [[x]]"), some(["Na", "-", "-", ""]));
        assert_eq!(read("![[a#b$0"), some(["a", "b", "-", ""]));
        assert_eq!(read("[[$0"), some(["", "-", "-", ""]));
        assert_eq!(read("[[大😀$0]]"), some(["大😀", "-", "-", "]]"]));
        for none in ["[[a]] $0", "\\[[a$0", "[[a\n$0", "[a$0", "$0[[a]]"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
