//! Reads frontmatter of the usual plain kind: `key: value` lines, and lists of
//! one value a line.
//!
//! Nine of ten notes have no other, and a general parser takes a fourth of the
//! time that a whole vault needs for what can be seen at a glance. At the
//! first line that may mean anything else this gives up, and the parser reads
//! the note; a property test holds the two together.

use std::ops::Range;

use super::{Entry, Frontmatter, Key, Scalar, Style, Value, line_at};

/// Notes with more properties are left to the parser, which finds the ones
/// of equal names in less than quadratic time.
const MAX_KEYS: usize = 64;
/// The parser refuses keys of more than a thousand characters.
const MAX_KEY: usize = 256;

/// What the parser would say of `text[content]`, if it is plain.
pub(super) fn read(text: &str, content: Range<usize>) -> Option<Frontmatter> {
    text.get(content.clone())?;
    let mut entries: Vec<Entry> = Vec::with_capacity(16);
    let mut keys: Vec<&str> = Vec::with_capacity(16);
    // The list that is open, its indentation, and whether it may begin here.
    let mut list: Option<(usize, usize)> = None;
    let mut may_begin = false;
    let mut at = content.start;
    while at < content.end {
        let start = at;
        let (end, next) = line_at(text, at);
        at = next;
        let line = text.get(start..end.min(content.end))?;
        if line.is_empty() {
            continue;
        }
        if !is_printable(line) {
            return None;
        }
        let indent = line.bytes().take_while(|&byte| byte == b' ').count();
        if let Some(item) = line[indent..].strip_prefix("- ") {
            let (owner, depth) = match list {
                Some(list) => list,
                None if may_begin => (entries.len() - 1, indent),
                None => return None,
            };
            if depth != indent {
                return None;
            }
            let (value, range) = value(item, start + indent + 2)?;
            let owning = entries.get_mut(owner)?;
            if list.is_none() {
                owning.value = Value::List;
                // The parser lets a list without indentation begin at its first value.
                owning.range.start = if indent > 0 {
                    start + indent
                } else {
                    range.start
                };
            }
            owning.range.end = range.end;
            let index = (entries.len() - owner - 1) as u32;
            let parent = Some(owner as u32);
            entries.push(entry(parent, index, None, value, range));
            list = Some((owner, depth));
            continue;
        }
        let colon = memchr::memchr(b':', line.as_bytes())?;
        let name = &line[..colon];
        if !is_key(name) || keys.contains(&name) || keys.len() == MAX_KEYS {
            return None;
        }
        keys.push(name);
        let rest = &line[colon + 1..];
        let behind = start + colon + 1;
        may_begin = rest.trim_start_matches(' ').is_empty();
        list = None;
        let mut items = Vec::new();
        let (value, range) = if may_begin {
            (Value::Null, behind..behind)
        } else if rest.trim_matches(' ').starts_with('[') {
            items = flow_items(rest, behind)?;
            let value = rest.trim_start_matches(' ');
            let begin = behind + rest.len() - value.len();
            let end = begin + value.trim_end_matches(' ').len();
            (Value::List, begin..end)
        } else {
            value(rest.strip_prefix(' ')?, behind + 1)?
        };
        let key = Key {
            name: name.to_owned(),
            range: start..start + colon,
        };
        let index = keys.len() as u32 - 1;
        let owner = entries.len() as u32;
        entries.push(entry(None, index, Some(key), value, range));
        for (index, (value, range)) in (0..).zip(items) {
            entries.push(entry(Some(owner), index, None, value, range));
        }
    }
    Some(Frontmatter {
        entries,
        problems: Vec::new(),
        valid: true,
    })
}

fn entry(
    parent: Option<u32>,
    index: u32,
    key: Option<Key>,
    value: Value,
    range: Range<usize>,
) -> Entry {
    Entry {
        parent,
        index,
        depth: u8::from(parent.is_some()),
        key,
        value,
        range,
    }
}

/// Whether `name` is a key and nothing else, whatever stands around it.
fn is_key(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' ' | b'-');
    name.len() <= MAX_KEY
        && name.bytes().all(plain)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && !name.ends_with(' ')
}

/// A value that ends with its line, and its range; `written` begins at `at`.
fn value(written: &str, at: usize) -> Option<(Value, Range<usize>)> {
    let value = written.trim_start_matches(' ');
    let start = at + written.len() - value.len();
    let value = value.trim_end_matches(' ');
    let range = start..start + value.len();
    let quoted = |quote: char| {
        let inside = value.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inside.contains([quote, '\\'])).then(|| inside.to_owned())
    };
    let (text, style) = match value.as_bytes().first()? {
        b'"' => (quoted('"')?, Style::Double),
        b'\'' => (quoted('\'')?, Style::Single),
        _ => (plain(value)?.to_owned(), Style::Plain),
    };
    if style == Style::Plain && matches!(value, "null" | "Null" | "NULL") {
        return Some((Value::Null, range));
    }
    Some((Value::Scalar(Scalar { text, style }), range))
}

/// The items of a list in brackets that holds plain words; `written` begins at
/// `at`.
fn flow_items(written: &str, at: usize) -> Option<Vec<(Value, Range<usize>)>> {
    let inside = written.strip_prefix(' ')?.trim_matches(' ');
    let inside = inside.strip_prefix('[')?.strip_suffix(']')?;
    let mut at = at + written.len() - written.trim_start_matches(' ').len() + 1;
    if inside.trim_matches(' ').is_empty() {
        return Some(Vec::new());
    }
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | ' ' | '-');
    let items = inside.split(',').map(|item| {
        let found = item.chars().all(is_word).then(|| value(item, at));
        at += item.len() + 1;
        found.flatten()
    });
    items.collect()
}

/// A scalar without quotes in which nothing has a meaning of its own.
fn plain(value: &str) -> Option<&str> {
    let first = value.chars().next()?;
    let begins = first.is_alphanumeric() || matches!(first, '_' | '/' | '.' | '(' | '+');
    let ends_key = |at: usize| matches!(value.as_bytes().get(at + 1), None | Some(b' '));
    let begins_comment = |at: usize| value.as_bytes()[at - 1] == b' ';
    let bytes = value.as_bytes();
    (begins
        && !memchr::memchr_iter(b':', bytes).any(ends_key)
        && !memchr::memchr_iter(b'#', bytes).any(begins_comment))
    .then_some(value)
}

/// Whether every character is one that YAML allows and no break.
fn is_printable(line: &str) -> bool {
    let ascii = |byte: u8| byte >= b' ' && byte != 0x7f;
    let wide = |c: char| {
        !matches!(
            c,
            '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
    };
    line.bytes().all(ascii) && (line.is_ascii() || line.chars().all(wide))
}

#[cfg(test)]
mod tests {
    use super::super::{Cut, parse_any};
    use super::*;
    use proptest::prelude::*;

    fn agrees(content: &str) -> bool {
        let text = format!("---\n{content}---\n");
        let content = 4..4 + content.len();
        let whole = 0..text.len();
        match read(&text, content.clone()) {
            Some(read) => {
                assert_eq!(read, parse_any(&text, &Cut { whole, content }), "{text}");
                true
            }
            None => false,
        }
    }

    #[test]
    fn usual_frontmatter_is_plain_and_unusual_is_not() {
        for plain in [
            "",
            "a: b\n",
            "\na: b c  \nb:\n  - \"[[x|y: z]]\"\n  - 1.5\n\nc:\n- 'q'\nd:\n",
            "a: [b, has_/c, 1.5]\nd:  [ ] \n",
            "a: http://x.y/#z\nb: 1958-02-01T00:00:00Z\nCommons category: ü大 #\r\nc: null\n",
        ] {
            // A `#` behind a blank begins a comment.
            assert_eq!(agrees(plain), !plain.contains(" #"), "{plain}");
        }
        for other in [
            "a: b: c\n",
            "a: [x,]\n",
            "a: [x: y]\n",
            "a: [-x]\n",
            "a: [[x]]\n",
            "a: [x] y\n",
            "a: {}\n",
            "a: &x y\n",
            "a: \"\\n\"\n",
            "a: b\n c\n",
            "a: b\na: c\n",
            "- a\n",
            "a:\n  b: c\n",
            "a: >-\n  x\n",
            "a:\tb\n",
            "a\n",
            "a: b\n- c\n",
            "a:\n - b\n  - c\n",
            "a: 'b\n",
            "a: ~\n",
            "# c\n",
            "a:b\n",
            "...\n",
        ] {
            assert!(!agrees(other), "{other}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn what_is_plain_is_read_as_the_parser_does(
            content in "((a|b|c d|-|- |  |    |a: |b:|: |:| |\n|\r\n|\"|'|#|\\[|\\]|,|null|Null|1|~|\\.|/|\\(|é|\u{a0}|\u{feff}|\\\\|\\?|>|\\||&|!|%|@|`|\\{|\\+|_)*\n){0,5}",
        ) {
            agrees(&content);
        }

        #[test]
        fn what_looks_plain_is_read_as_the_parser_does(
            content in "((a|b|c|d|e f): {0,2}(x|\"y\"|'z'|1|null|x y|q:r|a#b|é|-1|\\[x, y z\\]|\\[\\]|\\[ null,1 ,-\\]|\\[a-\\]|\\.|\\(|/)? {0,2}(\n|\r\n|\n\n)|(a|b|c):\n( {0,2}- (x|\"y\"|'z'|1|u:v|a: b|null|- x) {0,1}\n){0,3}){0,6}",
        ) {
            agrees(&content);
        }
    }
}
