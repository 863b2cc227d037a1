//! Where the lines and the wide characters of a text are, in few bytes.
//!
//! A closed note keeps no text, and yet every fact in it must be given to an
//! editor as line and column in any encoding. So each note keeps the lengths
//! of its lines and the places of its characters beyond ASCII, both as
//! differences of variable length: about one byte for each.

use std::ops::Range;

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

    /// An index of line-columns. Making it takes time with the length of the
    /// text, asking it hardly any: one serves a whole answer.
    pub fn index(&self, encoding: Encoding) -> LineIndex {
        LineIndex::new(self, encoding)
    }

    /// The line-column of one byte offset.
    pub fn line_col(&self, offset: u32, encoding: Encoding) -> LineCol {
        self.index(encoding).line_col(offset)
    }

    /// The bytes of the line that holds `offset`, with its break.
    pub fn line_of(&self, offset: u32) -> Range<u32> {
        self.index(Encoding::Utf8).line_of(offset)
    }

    /// The table as it is kept; see [`Lines::from_bytes`].
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.packed
    }

    /// Where the wide characters begin in [`Lines::bytes`].
    pub(crate) fn wide(&self) -> u32 {
        self.wide
    }

    /// The table of which these are [`Lines::bytes`] and [`Lines::wide`].
    pub(crate) fn from_bytes(bytes: &[u8], wide: u32) -> Self {
        let packed = bytes.into();
        Self { packed, wide }
    }
}

/// Line-columns of a text in one encoding; see [`Lines::index`].
#[derive(Clone, Debug)]
pub struct LineIndex {
    /// Where each line begins, and the end of the text.
    starts: Vec<u32>,
    /// The wide characters; none are looked at when columns are bytes.
    wide: Vec<Wide>,
}

#[derive(Clone, Copy, Debug)]
struct Wide {
    start: u32,
    end: u32,
    /// How many bytes more than columns it and all before it have.
    surplus: u32,
}

impl LineIndex {
    fn new(table: &Lines, encoding: Encoding) -> Self {
        let (mut at, wide_start) = (0, table.wide as usize);
        let (mut starts, mut end) = (vec![0], 0);
        while at < wide_start {
            end += pull(&table.packed, &mut at);
            starts.push(end);
        }
        let (mut wide, mut end, mut surplus) = (Vec::new(), 0, 0);
        while at < table.packed.len() && encoding != Encoding::Utf8 {
            let value = pull(&table.packed, &mut at);
            let (start, length) = (end + value / 3, value % 3 + 2);
            let is_pair = length == 4 && encoding == Encoding::Utf16;
            surplus += length - if is_pair { 2 } else { 1 };
            end = start + length;
            wide.push(Wide {
                start,
                end,
                surplus,
            });
        }
        Self { starts, wide }
    }

    /// The number of the line that holds `offset`.
    fn line(&self, offset: u32) -> usize {
        let lines = self.starts.len().saturating_sub(1).max(1);
        let after = self.starts[..lines].partition_point(|&start| start <= offset);
        after.saturating_sub(1)
    }

    /// The bytes of the line that holds `offset`, with its break.
    pub fn line_of(&self, offset: u32) -> Range<u32> {
        let line = self.line(offset);
        let start = self.starts[line];
        start..self.starts.get(line + 1).copied().unwrap_or(start)
    }

    /// The line-column of a byte offset. An offset inside a character gives
    /// its start, one beyond the text its end.
    pub fn line_col(&self, offset: u32) -> LineCol {
        let line = self.line(offset);
        let start = self.starts[line];
        let offset = offset.min(self.starts.get(line + 1).copied().unwrap_or(start));
        let columns = |offset: u32| {
            let after = self.wide.partition_point(|wide| wide.start < offset);
            match after.checked_sub(1).map(|last| (last, self.wide[last])) {
                None => offset,
                Some((_, wide)) if wide.end <= offset => offset - wide.surplus,
                Some((last, wide)) => {
                    let before = last.checked_sub(1).map(|before| self.wide[before]);
                    wide.start - before.map_or(0, |before| before.surplus)
                }
            }
        };
        LineCol {
            line: line as u32,
            column: columns(offset) - columns(start),
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

/// Writes a number in one to five bytes.
pub(crate) fn push(packed: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        packed.push(value as u8 | 0x80);
        value >>= 7;
    }
    packed.push(value as u8);
}

/// Reads a number that [`push`] wrote; 0 behind the end.
pub(crate) fn pull(packed: &[u8], at: &mut usize) -> u32 {
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
            let (table, rope) = (Lines::new(&text), Text::new(&text));
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                let lines = table.index(encoding);
                for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
                    // No fact ends between CR and LF.
                    if c == '\n' && text[..at].ends_with('\r') {
                        continue;
                    }
                    let expected = rope.line_col(at, encoding);
                    prop_assert_eq!(lines.line_col(at as u32), expected);
                    prop_assert_eq!(table.line_col(at as u32, encoding), expected);
                }
                prop_assert_eq!(lines.line_col(0), LineCol::default());
            }
        }
    }
}
