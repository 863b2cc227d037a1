//! Where the lines and the wide characters of a text are, in few bytes.
//!
//! A closed note keeps no text, and yet every fact in it must be given to an
//! editor as line and column in any encoding. So each note keeps the lengths
//! of its lines and the places of its characters beyond ASCII, both as
//! differences of variable length: about one byte for each.

use crate::text::{Encoding, LineCol};

/// The table of one text. Lines end at LF, CRLF and CR, and nowhere else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Length of every line with its break, then the wide characters: bytes
    /// between one and the next, times three, plus their UTF-8 length less 2.
    packed: Box<[u8]>,
    /// Where the wide characters begin in `packed`.
    wide: u32,
}

impl Lines {
    /// The table of `text`.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut packed = Vec::with_capacity(bytes.len() / 24);
        let mut start = 0;
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                push(&mut packed, (at + 1 - start) as u32);
                start = at + 1;
            }
        }
        push(&mut packed, (bytes.len() - start) as u32);
        let wide = packed.len() as u32;
        let mut end = 0;
        while let Some(gap) = bytes.get(end..).and_then(first_wide) {
            let length = match bytes[end + gap] {
                0xf0.. => 4,
                0xe0.. => 3,
                _ => 2,
            };
            push(&mut packed, gap as u32 * 3 + length - 2);
            end += gap + length as usize;
        }
        let packed = packed.into_boxed_slice();
        Self { packed, wide }
    }

    /// A reader of line-columns. It is fast when asked in rising order.
    pub fn cursor(&self, encoding: Encoding) -> Cursor<'_> {
        Cursor {
            table: self,
            encoding,
            state: State::at_start(self),
        }
    }

    /// The line-column of one byte offset.
    pub fn line_col(&self, offset: u32, encoding: Encoding) -> LineCol {
        self.cursor(encoding).line_col(offset)
    }

    /// The bytes of the line that holds `offset`, with its break.
    pub fn line_of(&self, offset: u32) -> std::ops::Range<u32> {
        let mut cursor = self.cursor(Encoding::Utf8);
        cursor.line_col(offset);
        let start = cursor.state.line_start;
        start..start + cursor.state.line_length
    }

    /// The number of bytes of the table, for measuring memory.
    pub fn size(&self) -> usize {
        self.packed.len()
    }
}

/// Reads line-columns from [`Lines`]; see [`Lines::cursor`].
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    table: &'a Lines,
    encoding: Encoding,
    state: State,
}

#[derive(Clone, Copy, Debug)]
struct State {
    /// Where the next line length, and the next wide character, are packed.
    next_line: usize,
    next_wide: usize,
    line: u32,
    line_start: u32,
    line_length: u32,
    /// End of the last wide character that was passed.
    wide_end: u32,
    /// Bytes that the wide characters passed on this line have more than columns.
    surplus: u32,
}

impl State {
    fn at_start(table: &Lines) -> Self {
        let mut next_line = 0;
        let line_length = pull(&table.packed, &mut next_line);
        Self {
            next_line,
            next_wide: table.wide as usize,
            line: 0,
            line_start: 0,
            line_length,
            wide_end: 0,
            surplus: 0,
        }
    }
}

impl Cursor<'_> {
    /// The line-column of a byte offset. An offset inside a character gives
    /// its start, one beyond the text its end.
    pub fn line_col(&mut self, offset: u32) -> LineCol {
        let behind = offset < self.state.line_start
            || (self.encoding != Encoding::Utf8 && offset < self.state.wide_end);
        if behind {
            self.state = State::at_start(self.table);
        }
        let state = &mut self.state;
        let packed = &self.table.packed;
        while offset >= state.line_start + state.line_length
            && state.next_line < self.table.wide as usize
        {
            state.line += 1;
            state.line_start += state.line_length;
            state.line_length = pull(packed, &mut state.next_line);
            state.surplus = 0;
        }
        let offset = offset.min(state.line_start + state.line_length);
        let mut inside = 0;
        if self.encoding != Encoding::Utf8 {
            while state.next_wide < packed.len() {
                let mut next = state.next_wide;
                let value = pull(packed, &mut next);
                let (gap, length) = (value / 3, value % 3 + 2);
                let start = state.wide_end + gap;
                if start + length > offset {
                    inside = offset.saturating_sub(start);
                    break;
                }
                state.next_wide = next;
                state.wide_end = start + length;
                if start >= state.line_start {
                    let wide = if length == 4 && self.encoding == Encoding::Utf16 {
                        2
                    } else {
                        1
                    };
                    state.surplus += length - wide;
                }
            }
        }
        LineCol {
            line: state.line,
            column: offset - inside - state.line_start - state.surplus,
        }
    }
}

/// Where the first character beyond ASCII begins.
fn first_wide(bytes: &[u8]) -> Option<usize> {
    let (eights, rest) = bytes.as_chunks::<8>();
    let upper_bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight) & 0x8080_8080_8080_8080;
    match eights.iter().position(|eight| upper_bits(eight) != 0) {
        Some(at) => Some(at * 8 + upper_bits(&eights[at]).trailing_zeros() as usize / 8),
        None => rest
            .iter()
            .position(|byte| !byte.is_ascii())
            .map(|at| eights.len() * 8 + at),
    }
}

fn push(packed: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        packed.push(value as u8 | 0x80);
        value >>= 7;
    }
    packed.push(value as u8);
}

fn pull(packed: &[u8], at: &mut usize) -> u32 {
    let mut value = 0;
    let mut shift = 0;
    while let Some(&byte) = packed.get(*at) {
        *at += 1;
        value |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 28 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_table_agrees_with_the_rope(text in "(a|\n|\r\n|\r|é|大|😀|\u{2028}| ){0,60}") {
            let (lines, rope) = (Lines::new(&text), Text::new(&text));
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                let mut cursor = lines.cursor(encoding);
                for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
                    // No fact ends between CR and LF.
                    if c == '\n' && text[..at].ends_with('\r') {
                        continue;
                    }
                    let expected = rope.line_col(at, encoding);
                    prop_assert_eq!(cursor.line_col(at as u32), expected);
                    prop_assert_eq!(lines.line_col(at as u32, encoding), expected);
                }
                prop_assert_eq!(cursor.line_col(0), LineCol::default());
            }
        }
    }
}
