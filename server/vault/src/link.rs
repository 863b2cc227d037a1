//! The one grammar of links (G1–G10): what a link says and where.
//!
//! [`wikilinks`] finds the links of a text; [`Parts`] splits one of them.
//! The same functions serve every feature, so that definition, completion and
//! rename can never disagree on where a target begins.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

mod unfinished;
mod write;

pub use unfinished::{Unfinished, unfinished};
pub use write::{
    Draft, encode, heading_chain, heading_subpath, label, markdown, new, quote_for, quoted, unyaml,
    wiki, write, yaml,
};

/// A link longer than this is text: no file system has such a path.
pub const MAX_LINK: usize = u16::MAX as usize;

/// A wiki-link found in a text, with ranges in bytes of that text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// From `[[` (or the `!` of an embed) behind `]]`.
    pub range: Range<usize>,
    /// Whether a `!` stands before it (G1).
    pub embed: bool,
    /// What stands between the brackets.
    pub parts: Parts,
}

/// The parts of one link, with ranges in bytes of the text that was split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The linkpath, trimmed; empty in `[[#Heading]]`.
    pub path: Range<usize>,
    /// The subpath behind the first `#`, trimmed.
    pub subpath: Option<Range<usize>>,
    /// The alias behind the first `|`, trimmed.
    pub alias: Option<Range<usize>>,
    /// The size of an embed: a last segment such as `200` or `200x100` (G6).
    pub size: Option<Range<usize>>,
    /// Whether the separator before the alias is written `\|` (G3).
    pub escaped_pipe: bool,
}

/// Parts of a text in which brackets are no links (G8). Both lists are sorted
/// and each is disjoint.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mask<'a> {
    /// Code and HTML: no bracket in it opens or closes a link.
    pub solid: &'a [Range<usize>],
    /// Math: no link begins in it. Math that seems to begin inside a link is
    /// none, for `$` is an ordinary character there.
    pub math: &'a [Range<usize>],
}

/// Finds the wiki-links of `text[within]` in order (G2), with ranges of `text`.
pub fn wikilinks(text: &str, within: Range<usize>, mask: Mask<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let bytes = text.as_bytes();
    let Some(slice) = bytes.get(within.clone()) else {
        return found;
    };
    let Mask {
        mut solid,
        mut math,
    } = mask;
    let mut open: Option<usize> = None;
    let mut line_end = 0;
    // Only brackets matter, so the scan jumps from one to the next; each
    // byte is looked at a bounded number of times (linear time).
    for at in memchr::memchr2_iter(b'[', b']', slice).map(|at| at + within.start) {
        if let Some(start) = open
            && (at >= line_end || at - start > MAX_LINK)
        {
            open = None;
        }
        if at + 1 >= within.end || bytes[at + 1] != bytes[at] || inside(&mut solid, at) {
            continue;
        }
        if bytes[at] == b'[' {
            let in_math = inside(&mut math, at)
                && math.first().is_some_and(|math| {
                    found.last().is_none_or(|link| math.start >= link.range.end)
                });
            if in_math || is_escaped(bytes, at) {
                continue;
            }
            if at >= line_end {
                line_end = memchr::memchr2(b'\n', b'\r', &bytes[at..within.end])
                    .map_or(within.end, |length| at + length);
            }
            // A later `[[` wins over an unclosed one (G2.2).
            open = Some(at);
        } else if let Some(start) = open {
            // The link to a footnote, `[[Note#[^1]]]`, ends with the last `]` (B4).
            let is_footnote = bytes.get(at + 2) == Some(&b']')
                && at + 2 < within.end
                && opens_footnote(&bytes[start..at]);
            let at = at + usize::from(is_footnote);
            let between = start + 2..at;
            if between.start <= between.end {
                open = None;
                let embed = start > within.start
                    && bytes[start - 1] == b'!'
                    && !is_escaped(bytes, start - 1);
                let parts = split(text, between, embed);
                if !parts.is_blank() {
                    found.push(Found {
                        range: start - usize::from(embed)..at + 2,
                        embed,
                        parts,
                    });
                }
            }
        }
    }
    found
}

/// Whether what stands in a link so far ends with a footnote that is not closed.
fn opens_footnote(inside: &[u8]) -> bool {
    let open = memmem::rfind(inside, b"#[^");
    open.is_some_and(|open| !inside[open..].contains(&b']'))
}

/// The parts of `text` if it is one wiki-link as a whole (G9).
pub fn whole(text: &str) -> Option<Parts> {
    let mut found = wikilinks(text, 0..text.len(), Mask::default());
    let found = found.pop().filter(|link| link.range == (0..text.len()))?;
    Some(found.parts)
}

/// Whether `at` lies in one of the sorted `ranges`; those before it are cut
/// off, so that a rising series of questions is linear.
pub(crate) fn inside(ranges: &mut &[Range<usize>], at: usize) -> bool {
    while let Some(first) = ranges.first() {
        if at < first.end {
            return at >= first.start;
        }
        *ranges = &ranges[1..];
    }
    false
}

/// Splits the wiki-link at `range` (with its brackets) of `text`.
pub fn parts(text: &str, range: Range<usize>) -> Parts {
    let slice = text.get(range.clone()).unwrap_or("");
    let embed = slice.starts_with('!');
    let start = range.start + (2 + usize::from(embed)).min(slice.len());
    let end = range.end.saturating_sub(2).max(start);
    split(text, start..end, embed)
}

/// Splits what stands between the brackets: the first unescaped `|` begins the
/// alias, the first `#` before it the subpath (G3), and white space goes (G4).
/// Only an embed has a size (G6): `[[Note|100]]` shows `100`.
fn split(text: &str, inside: Range<usize>, embed: bool) -> Parts {
    let slice = text.get(inside.clone()).unwrap_or("");
    let mut parts = Parts::default();
    let mut target = inside.clone();
    if let Some(pipe) = memchr::memchr(b'|', slice.as_bytes()) {
        let mut rest = inside.start + pipe + 1..inside.end;
        target.end = inside.start + pipe;
        if slice[..pipe].ends_with('\\') {
            parts.escaped_pipe = true;
            target.end -= 1;
        }
        let alias = &text[rest.clone()];
        let last = memchr::memrchr(b'|', alias.as_bytes()).map_or(0, |last| last + 1);
        if embed && is_size(alias[last..].trim()) {
            parts.size = Some(trim(text, rest.start + last..rest.end));
            rest.end = rest.start + last.saturating_sub(1);
        }
        if last > 0 || parts.size.is_none() {
            parts.alias = Some(trim(text, rest));
        }
    }
    if let Some(hash) = memchr::memchr(b'#', text[target.clone()].as_bytes()) {
        let hash = target.start + hash;
        parts.subpath = Some(trim(text, hash + 1..target.end));
        target.end = hash;
    }
    parts.path = trim(text, target);
    parts
}

impl Parts {
    /// Whether neither a path nor a subpath is written (G5).
    pub fn is_blank(&self) -> bool {
        self.path.is_empty() && self.subpath.as_ref().is_none_or(Range::is_empty)
    }
}

fn is_size(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('x') {
        Some((width, height)) => number(width) && number(height),
        None => number(text),
    }
}

fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let is_plain = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_graphic);
    if range.len() > 1 && is_plain(range.start) && is_plain(range.end - 1) {
        return range;
    }
    let slice = text.get(range.clone()).unwrap_or("");
    let start = range.start + (slice.len() - slice.trim_start().len());
    start..start + slice.trim().len()
}

/// Whether an odd number of backslashes stands before `at`.
fn is_escaped(bytes: &[u8], at: usize) -> bool {
    let run = bytes[..at].iter().rev().take_while(|&&byte| byte == b'\\');
    run.count() % 2 == 1
}

/// The destination of an inline Markdown link `[text](dest "title")`, as a
/// range of `text`; `None` when the link has another form or no destination.
/// Angle brackets are left out (G10). `label_end` is an offset in the link at
/// or before the `](`, and behind everything that the link's text holds.
pub fn markdown_destination(
    text: &str,
    range: Range<usize>,
    label_end: usize,
) -> Option<Range<usize>> {
    let slice = text.get(label_end..range.end)?;
    let open = memmem::find(slice.as_bytes(), b"](")? + 2;
    let rest = slice.get(open..)?;
    let lead = open + (rest.len() - rest.trim_start().len());
    let rest = slice.get(lead..)?;
    let (start, length) = if let Some(inner) = rest.strip_prefix('<') {
        (lead + 1, inner.find('>')?)
    } else {
        let end = rest.find(|c: char| c.is_ascii_whitespace());
        (lead, end.unwrap_or(rest.len().checked_sub(1)?))
    };
    (length > 0).then(|| label_end + start..label_end + start + length)
}

/// Where the text of the Markdown link that `link` consists of ends: at its
/// `]`. `None` when `link` is not one Markdown link as a whole (G9).
pub fn label_end(link: &str) -> Option<usize> {
    let mut depth = 0;
    let mut escaped = false;
    let start = usize::from(link.starts_with('!'));
    if !link[start..].starts_with('[') || !link.ends_with(')') {
        return None;
    }
    for (at, byte) in link.bytes().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && byte == b']' {
            let rest = &link[at + 1..];
            let whole = rest.starts_with('(') && rest.find(')') == Some(rest.len() - 1);
            return whole.then_some(at);
        }
    }
    None
}

/// The path of a link in the form in which it is looked up (R2): blanks are
/// spaces, `\` is `/`, runs of `/` are one, white space around it is gone.
pub fn normalize(path: &str) -> Cow<'_, str> {
    let path = path.trim();
    let odd = |c| matches!(c, '\\' | '\u{a0}' | '\u{202f}');
    let is_odd = if path.is_ascii() {
        memchr::memchr(b'\\', path.as_bytes()).is_some()
    } else {
        path.contains(odd)
    };
    let doubled = |at: usize| path.as_bytes().get(at + 1) == Some(&b'/');
    if !is_odd && !memchr::memchr_iter(b'/', path.as_bytes()).any(doubled) {
        return Cow::Borrowed(path);
    }
    let mut normal = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '/' | '\\' if normal.ends_with('/') => {}
            '\\' => normal.push('/'),
            '\u{a0}' | '\u{202f}' => normal.push(' '),
            c => normal.push(c),
        }
    }
    Cow::Owned(normal.trim().to_owned())
}

/// Whether a Markdown destination stays inside the vault (G10): it is
/// explicitly relative or has no `:`.
pub fn is_internal(destination: &str) -> bool {
    destination.starts_with("./") || destination.starts_with("../") || !destination.contains(':')
}

/// Decodes a Markdown destination as `decodeURI` does: reserved characters
/// stay encoded, and a malformed text stays as it is (G10).
pub fn decode(destination: &str) -> String {
    const RESERVED: &[u8] = b"#/?:@&=+$,;";
    let bytes = destination.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let Some(byte) = destination
                .get(at + 1..at + 3)
                .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
                .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            else {
                return destination.to_owned();
            };
            if RESERVED.contains(&byte) {
                decoded.extend_from_slice(&bytes[at..at + 3]);
            } else {
                decoded.push(byte);
            }
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| destination.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let links = wikilinks(text, 0..text.len(), Mask::default());
        links.iter().map(|link| &text[link.range.clone()]).collect()
    }

    fn read(link: &str) -> (&str, Option<&str>, Option<&str>, Option<&str>) {
        let parts = parts(link, 0..link.len());
        let get = |range: Option<Range<usize>>| range.map(|range| &link[range]);
        (
            &link[parts.path],
            get(parts.subpath),
            get(parts.alias),
            get(parts.size),
        )
    }

    #[test]
    fn scanning_follows_g2() {
        assert_eq!(found("[[Nested [[Inner]] x]]"), ["[[Inner]]"]);
        assert_eq!(found("[[[a]]"), ["[[a]]"]);
        assert_eq!(found("[[a]]]"), ["[[a]]"]);
        assert_eq!(found("[[a#[^1]]] [[#[^1]]]"), ["[[a#[^1]]]", "[[#[^1]]]"]);
        assert_eq!(found("[[Sq]uare]]"), ["[[Sq]uare]]"]);
        assert_eq!(found("[[a]][link2]]"), ["[[a]]"]);
        assert_eq!(found("![[a]] and [[b"), ["![[a]]"]);
        assert_eq!(found(r"\[[a]] \![[b]]"), ["[[b]]"]);
        assert_eq!(found("[[a\nb]] [[c]]"), ["[[c]]"]);
        assert!(found("[[]] [[ ]] [[|x]]").is_empty());
        assert_eq!(found("[[#H]] [[Note#]]"), ["[[#H]]", "[[Note#]]"]);
    }

    #[test]
    fn code_neither_opens_nor_closes_a_link_and_math_does_not_open_one() {
        type At = Option<(usize, usize)>;
        let masked = |text: &'static str, solid: At, math: At| {
            let ranges = |at: At| at.map(|(start, end)| start..end).into_iter().collect();
            let (solid, math): (Vec<_>, Vec<_>) = (ranges(solid), ranges(math));
            let (solid, math) = (&solid, &math);
            let links = wikilinks(text, 0..text.len(), Mask { solid, math });
            let links = links.iter().map(|link| &text[link.range.clone()]);
            links.collect::<Vec<_>>()
        };
        assert!(masked("[[a`b]] x `c", Some((3, 11)), None).is_empty());
        assert!(masked("$[[a]]$", None, Some((0, 7))).is_empty());
        assert_eq!(
            masked("[[a$b]] [[c$d]]", None, Some((3, 12))),
            ["[[a$b]]", "[[c$d]]"]
        );
    }

    #[test]
    fn splitting_follows_g3_to_g6() {
        assert_eq!(read("[[ foo ]]"), ("foo", None, None, None));
        assert_eq!(
            read("[[p/N#A#B|x|y]]"),
            ("p/N", Some("A#B"), Some("x|y"), None)
        );
        assert_eq!(read(r"[[a\|b]]"), ("a", None, Some("b"), None));
        assert_eq!(
            read("![[i.png|100x145]]"),
            ("i.png", None, None, Some("100x145"))
        );
        assert_eq!(
            read("![[i.png|c|9]]"),
            ("i.png", None, Some("c"), Some("9"))
        );
        assert_eq!(read("[[n|100]]"), ("n", None, Some("100"), None));
        assert_eq!(read("[[n|c|9]]"), ("n", None, Some("c|9"), None));
        assert_eq!(read("[[#^id]]"), ("", Some("^id"), None, None));
    }

    #[test]
    fn writing_gives_back_what_was_read() {
        for link in [
            "[[a]]",
            "![[a#b|c]]",
            r"[[a\|b]]",
            "![[i|c|9]]",
            "[[#^x]]",
            "[[a|b|c]]",
        ] {
            let parts = parts(link, 0..link.len());
            assert_eq!(write(link, &parts, link.starts_with('!')), link);
        }
    }

    #[test]
    fn paths_are_looked_up_as_r2_says() {
        assert_eq!(normalize(r" /_public/\Earth\a "), "/_public/Earth/a");
        assert_eq!(normalize("a\u{a0}b//c"), "a b/c");
        assert_eq!(normalize("a/b"), "a/b");
    }

    #[test]
    fn markdown_destinations_follow_g10() {
        let dest = |text: &'static str| {
            markdown_destination(text, 0..text.len(), 0).map(|range| &text[range])
        };
        assert_eq!(dest("[x](a%20b.md)"), Some("a%20b.md"));
        assert_eq!(dest("[x](<a b.md> \"t\")"), Some("a b.md"));
        assert_eq!(dest("![x](./y.png 't')"), Some("./y.png"));
        assert_eq!(dest("[x](y.md 'a](b')"), Some("y.md"));
        assert_eq!(dest("[x]()"), None);
        assert_eq!(label_end("[a [b]](c)"), Some(6));
        assert_eq!(label_end("[a](b) c)"), None);
        assert_eq!(label_end("![a](b)"), Some(3));
        assert_eq!(decode("a%20b%23c"), "a b%23c");
        assert_eq!(decode("50%"), "50%");
        assert!(is_internal("./a:b") && !is_internal("https://x"));
    }
}
