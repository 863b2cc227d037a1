//! Inline fields: `[key:: value]`, `(key:: value)` and `key:: value` (D1–D3).

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

/// Lines longer than this hold no fields (D2).
const MAX_LINE: usize = 32_768;

/// A field, with ranges in bytes of the text that was searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The key, trimmed.
    pub key: Range<usize>,
    /// The value, trimmed.
    pub value: Range<usize>,
}

/// The fields of one line (without its break). `opaque` says whether a `::`
/// at an offset of the line lies in code or in a link.
pub fn fields(line: &str, opaque: impl Fn(usize) -> bool) -> Vec<Field> {
    if line.len() > MAX_LINE {
        return Vec::new();
    }
    let mut separators: Vec<usize> = Vec::new();
    for at in memmem::find_iter(line.as_bytes(), "::") {
        if !opaque(at) {
            separators.push(at);
        }
    }
    if separators.is_empty() {
        return Vec::new();
    }
    let found = bracketed(line, &separators);
    if found.is_empty() && !is_task(line) {
        return whole_line(line, separators[0]).into_iter().collect();
    }
    found
}

/// D1. The closers of all brackets are found first, so that a line of
/// nothing but openers takes linear time.
fn bracketed(line: &str, separators: &[usize]) -> Vec<Field> {
    let mut found: Vec<Field> = Vec::new();
    let mut closers: Option<Vec<(usize, usize)>> = None;
    // The last bracket before each separator; every byte is looked at once.
    let (mut from, mut last) = (0, None);
    for &at in separators {
        if at < from {
            continue;
        }
        let bracket = line[from..at].rfind(['[', ']', '(', ')']);
        last = bracket.map(|bracket| from + bracket).or(last);
        from = at;
        let Some(opener) = last else {
            continue;
        };
        if !matches!(line.as_bytes()[opener], b'[' | b'(') {
            continue;
        }
        let closers = closers.get_or_insert_with(|| matching(line));
        let Ok(index) = closers.binary_search_by_key(&opener, |pair| pair.0) else {
            continue;
        };
        let closer = closers[index].1;
        let key = trim(line, opener + 1..at);
        if closer >= at + 2 && !key.is_empty() {
            let value = trim(line, at + 2..closer);
            found.push(Field { key, value });
            // A field inside another is dropped.
            (from, last) = (closer, None);
        }
    }
    found
}

/// The brackets of a line that have a closer of their kind, by opener.
fn matching(line: &str) -> Vec<(usize, usize)> {
    let (mut square, mut round, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
    let mut escaped = false;
    for (at, byte) in line.bytes().enumerate() {
        let stack = match byte {
            _ if escaped => {
                escaped = false;
                continue;
            }
            b'\\' => {
                escaped = true;
                continue;
            }
            b'[' | b']' => &mut square,
            b'(' | b')' => &mut round,
            _ => continue,
        };
        if matches!(byte, b'[' | b'(') {
            stack.push(at);
        } else if let Some(opener) = stack.pop() {
            pairs.push((opener, at));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// D2.
fn whole_line(line: &str, separator: usize) -> Option<Field> {
    let before = &line[..separator];
    let start = before.find(|c: char| c.is_alphanumeric() || c == '_')?;
    let key = before.trim_end();
    let key = key.trim_end_matches(['*', '~', '`']);
    let end = key.len();
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '-' | ' ') || is_emoji(c);
    (start < end && key[start..].chars().all(is_key)).then(|| Field {
        key: trim(line, start..end),
        value: trim(line, separator + 2..line.len()),
    })
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{fe0f}' | '\u{200d}')
}

/// Whether the line is a task (M6).
fn is_task(line: &str) -> bool {
    let rest = line.trim_start_matches([' ', '\t', '>']);
    let rest = rest.strip_prefix(['-', '*', '+']).or_else(|| {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        (digits.len() < rest.len())
            .then(|| digits.strip_prefix(['.', ')']))
            .flatten()
    });
    let Some(item) = rest.and_then(|rest| rest.strip_prefix(' ')) else {
        return false;
    };
    let mut chars = item.trim_start().chars();
    chars.next() == Some('[') && chars.next().is_some() && chars.next() == Some(']')
}

/// The canonical form of a key (D3), by which fields and properties meet.
pub fn canonical(key: &str) -> Cow<'_, str> {
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
    };
    if key.bytes().all(plain) {
        return Cow::Borrowed(key);
    }
    let mut name = String::with_capacity(key.len());
    for c in key.trim().chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
            name.push(c.to_ascii_lowercase());
        } else if c.is_whitespace() {
            if !name.ends_with('-') {
                name.push('-');
            }
        } else if c.is_alphanumeric() || is_emoji(c) {
            name.extend(c.to_lowercase());
        }
    }
    Cow::Owned(name)
}

/// The canonical form of the path of a property, such as `nested.key`. No
/// field has a dot in its key, so the two do not meet.
pub fn canonical_path(path: &str) -> Cow<'_, str> {
    if !path.contains('.') {
        return canonical(path);
    }
    let keys = path.split('.').map(canonical);
    let keys: Vec<Cow<'_, str>> = keys.filter(|key| !key.is_empty()).collect();
    Cow::Owned(keys.join("."))
}

fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let slice = text.get(range.clone()).unwrap_or("");
    let start = range.start + (slice.len() - slice.trim_start().len());
    start..start + slice.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<(&str, &str)> {
        let found = fields(line, |_| false);
        found
            .into_iter()
            .map(|field| (&line[field.key], &line[field.value]))
            .collect()
    }

    #[test]
    fn bracketed_fields_follow_d1() {
        assert_eq!(read("[[[[hello:: 16]]"), [("hello", "16")]);
        assert_eq!(read("[key:: [v]]"), [("key", "[v]")]);
        assert_eq!(read(r"[key! :: \[v]"), [("key!", r"\[v")]);
        assert!(read("[key:value]").is_empty());
        assert_eq!(read("a [x::1] (y:: 2) b"), [("x", "1"), ("y", "2")]);
        assert_eq!(read("[Population::]"), [("Population", "")]);
        assert_eq!(read("( #has_/name :: x )"), [("#has_/name", "x")]);
    }

    #[test]
    fn whole_line_fields_follow_d2() {
        assert_eq!(read("**Bold Field**:: x"), [("Bold Field", "x")]);
        assert_eq!(read("> - key :: v "), [("key", "v")]);
        assert_eq!(
            read("### #is_/same_as :: [[x]]"),
            [("is_/same_as", "[[x]]")]
        );
        assert!(read("- [ ] key:: v").is_empty());
        assert!(read("see x: key:: v").is_empty());
        assert!(read(":: v").is_empty());
    }

    #[test]
    fn canonical_keys_follow_d3() {
        assert_eq!(canonical("This is a Test."), "this-is-a-test");
        assert_eq!(canonical("is_/same_as"), "is_same_as");
        assert_eq!(canonical_path("Up Here.x"), "up-here.x");
        assert_eq!(canonical_path("This is a Test."), "this-is-a-test");
    }
}
