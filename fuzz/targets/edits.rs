//! Any edits of an open text do the same as on a `String`, and byte offsets
//! and places turn into each other in all encodings, for the rope as for the
//! table of lines that a closed note keeps.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use vaultmark_vault::lines::Lines;
use vaultmark_vault::text::{Encoding, LineCol, Text};

/// A text that is repeated, what is done to it, and a place to ask for.
#[derive(Arbitrary, Debug)]
struct Input {
    text: String,
    times: u8,
    edits: Vec<Edit>,
    line: u16,
    column: u32,
}

/// Puts `text` in place of the bytes between the two offsets.
#[derive(Arbitrary, Debug)]
struct Edit {
    start: u16,
    end: u16,
    text: String,
}

/// Texts of more bytes are not repeated: the rope has several chunks by then.
const LONG: usize = 3 << 10;

const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

fuzz_target!(|input: Input| {
    let most = LONG / input.text.len().max(1);
    let mut source = input.text.repeat(usize::from(input.times).min(most).max(1));
    let mut text = Text::new(&source);
    for edit in &input.edits {
        replace(&mut source, &mut text, edit);
    }
    let lines = Lines::new(&source);
    for encoding in ENCODINGS {
        places_agree(&source, &text, &lines, encoding);
        let at = LineCol {
            line: u32::from(input.line),
            column: input.column,
        };
        any_place_is_clamped(&source, &text, at, encoding);
    }
});

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn replace(source: &mut String, text: &mut Text, edit: &Edit) {
    let (start, end) = (usize::from(edit.start), usize::from(edit.end));
    let (low, high) = (floor(source, start), floor(source, end));
    let range = low.min(high)..low.max(high);
    assert_eq!(text.slice(start..end), &source[range.clone()]);
    text.replace(start..end, &edit.text);
    source.replace_range(range, &edit.text);
    assert_eq!(text.to_text(), *source);
    assert_eq!(text.len(), source.len());
    assert_eq!(text.line_count(), Text::new(source).line_count());
}

/// Walks through the text and counts lines and columns on the way.
fn places_agree(source: &str, text: &Text, lines: &Lines, encoding: Encoding) {
    let cursor = lines.cursor(encoding);
    let mut at = LineCol::default();
    let mut chars = source.char_indices().peekable();
    let mut in_break = false;
    while let Some((offset, c)) = chars.next() {
        assert_eq!(text.line_col(offset, encoding), at, "{offset}");
        // Between CR and LF is the end of the line before them.
        let back = offset - usize::from(in_break);
        assert_eq!(text.offset(at, encoding), back, "{offset}");
        if !in_break {
            // No fact ends between the two, so the table need not know.
            assert_eq!(cursor.line_col(offset as u32), at, "{offset}");
        }
        in_break = c == '\r' && chars.peek().is_some_and(|next| next.1 == '\n');
        if c == '\n' || c == '\r' && !in_break {
            at.line += 1;
            at.column = 0;
        } else if c != '\r' {
            at.column += encoding.width(c);
        }
    }
    let end = source.len();
    assert_eq!(text.line_col(end, encoding), at);
    assert_eq!(text.offset(at, encoding), end);
    assert_eq!(cursor.line_col(end as u32), at);
    assert_eq!(text.line_count(), at.line as usize + 1);
}

fn any_place_is_clamped(source: &str, text: &Text, at: LineCol, encoding: Encoding) {
    let offset = text.offset(at, encoding);
    assert!(source.is_char_boundary(offset), "{offset}");
    if text.contains(at) {
        let place = text.line_col(offset, encoding);
        assert_eq!(place.line, at.line);
        assert!(place.column <= at.column);
    } else {
        assert_eq!(offset, source.len());
    }
}
