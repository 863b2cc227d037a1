//! The text of an open note: a rope with the line and column arithmetic of
//! an editor protocol.
//!
//! Everything in the vault counts in bytes; editors count in lines and in
//! columns of an agreed encoding. This module is the only place where one is
//! turned into the other. Positions come from outside and may be stale, so
//! every operation clamps and none can fail.

use std::ops::Range;

use ropey::{Rope, RopeSlice};

/// The unit in which an editor counts the columns of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Columns are bytes.
    Utf8,
    /// Columns are UTF-16 code units; what the protocol assumes unasked.
    #[default]
    Utf16,
    /// Columns are Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// The number of columns that `c` takes.
    pub fn width(self, c: char) -> u32 {
        match self {
            Self::Utf8 => c.len_utf8() as u32,
            Self::Utf16 => c.len_utf16() as u32,
            Self::Utf32 => 1,
        }
    }
}

/// A place in a text as editors name it; both numbers count from zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineCol {
    /// The line; lines end at LF, CRLF and CR, and at nothing else.
    pub line: u32,
    /// The column, in units of an [`Encoding`].
    pub column: u32,
}

/// A text that can be edited in place and copied at almost no cost.
#[derive(Clone, Debug, Default)]
pub struct Text(Rope);

impl Text {
    /// A text with the content of `text`.
    pub fn new(text: &str) -> Self {
        Self(Rope::from_str(text))
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        self.0.len_bytes()
    }

    /// Whether the text has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole text.
    pub fn to_text(&self) -> String {
        collect(self.0.slice(..))
    }

    /// The number of lines, at least one: a break at the end of the text is
    /// followed by an empty line.
    pub fn line_count(&self) -> usize {
        self.0.len_lines()
    }

    /// Whether the line of `at` exists; its column is not looked at.
    pub fn contains(&self, at: LineCol) -> bool {
        (at.line as usize) < self.line_count()
    }

    /// The byte offset of `at`.
    ///
    /// A line beyond the last one means the end of the text, a column beyond
    /// its line the end of that line before the break, and a column inside a
    /// character the start of that character.
    pub fn offset(&self, at: LineCol, encoding: Encoding) -> usize {
        if !self.contains(at) {
            return self.len();
        }
        let column = at.column as usize;
        let Range { start, end } = self.line_range(at.line as usize);
        let (first, last) = (self.char_at(start), self.char_at(end));
        let char = match encoding {
            Encoding::Utf8 => self.char_at(start.saturating_add(column).min(end)),
            Encoding::Utf16 => {
                let unit = self.0.char_to_utf16_cu(first).saturating_add(column);
                let unit = unit.min(self.0.char_to_utf16_cu(last));
                self.0.utf16_cu_to_char(unit)
            }
            Encoding::Utf32 => first.saturating_add(column).min(last),
        };
        self.0.char_to_byte(char)
    }

    /// The line and column of the byte `offset`.
    ///
    /// An offset beyond the text means its end, and one inside a character
    /// the start of that character. Between CR and LF is still the end of
    /// their line, where an editor can place its cursor.
    pub fn line_col(&self, offset: usize, encoding: Encoding) -> LineCol {
        let offset = self.floor(offset);
        let line = self.0.byte_to_line(offset);
        let Range { start, end } = self.line_range(line);
        let offset = offset.min(end);
        let column = match encoding {
            Encoding::Utf8 => offset - start,
            Encoding::Utf16 => self.utf16_at(offset) - self.utf16_at(start),
            Encoding::Utf32 => self.char_at(offset) - self.char_at(start),
        };
        LineCol {
            line: line as u32,
            column: column as u32,
        }
    }

    /// Puts `text` in place of the bytes of `range`.
    ///
    /// The ends of the range are put in order, and each is moved down to the
    /// end of the text or the start of a character.
    pub fn replace(&mut self, range: Range<usize>, text: &str) {
        let chars = self.chars_of(range);
        let at = chars.start;
        self.0.remove(chars);
        self.0.insert(at, text);
    }

    /// The bytes of `range`, whose ends are adjusted as in
    /// [`replace`](Self::replace).
    pub fn slice(&self, range: Range<usize>) -> String {
        collect(self.0.slice(self.chars_of(range)))
    }

    /// The bytes of an existing line without its break.
    fn line_range(&self, line: usize) -> Range<usize> {
        let start = self.0.line_to_byte(line);
        if line + 1 == self.line_count() {
            return start..self.len();
        }
        let mut end = self.0.line_to_byte(line + 1);
        let mut strip = |byte| {
            if end > start && self.0.get_byte(end - 1) == Some(byte) {
                end -= 1;
            }
        };
        strip(b'\n');
        strip(b'\r');
        start..end
    }

    /// The index of the character that holds the byte `offset`, clamped.
    /// The rope counts in characters and panics beyond its end.
    fn char_at(&self, offset: usize) -> usize {
        self.0.byte_to_char(offset.min(self.len()))
    }

    fn utf16_at(&self, offset: usize) -> usize {
        self.0.char_to_utf16_cu(self.char_at(offset))
    }

    fn floor(&self, offset: usize) -> usize {
        self.0.char_to_byte(self.char_at(offset))
    }

    fn chars_of(&self, range: Range<usize>) -> Range<usize> {
        let (start, end) = (self.char_at(range.start), self.char_at(range.end));
        start.min(end)..start.max(end)
    }
}

/// `Rope::to_string` grows its buffer step by step and takes twice the time.
fn collect(slice: RopeSlice<'_>) -> String {
    let mut text = String::with_capacity(slice.len_bytes());
    text.extend(slice.chunks());
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

    fn at(line: u32, column: u32) -> LineCol {
        LineCol { line, column }
    }

    /// The same by counting: line breaks one by one, then the columns.
    fn naive(text: &str, offset: usize, encoding: Encoding) -> LineCol {
        let mut place = LineCol::default();
        let mut chars = text[..offset].chars().peekable();
        while let Some(c) = chars.next() {
            let rest = chars.peek().copied();
            let rest = rest.or_else(|| text[offset..].chars().next());
            if c == '\n' || (c == '\r' && rest != Some('\n')) {
                place = at(place.line + 1, 0);
            } else if c != '\r' {
                place.column += encoding.width(c);
            }
        }
        place
    }

    fn inside_break(text: &str, offset: usize) -> bool {
        text[..offset].ends_with('\r') && text[offset..].starts_with('\n')
    }

    fn floor(text: &str, offset: usize) -> usize {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    #[test]
    fn only_lf_crlf_and_cr_end_a_line() {
        // Another crate that turns on the rope's `unicode_lines` fails here.
        let count = |text| Text::new(text).line_count();
        assert_eq!(count("a\u{2028}b\u{85}c\u{b}d\u{c}e\u{2029}"), 1);
        assert_eq!(count("a\nb\r\nc\rd"), 4);
        assert_eq!(count("a\n\r"), 3);
        assert_eq!((count(""), count("a\n")), (1, 2));
    }

    #[test]
    fn positions_beyond_the_text_are_clamped() {
        let text = Text::new("a\r\nb\rc\nd");
        let offset = |line, column| text.offset(at(line, column), Encoding::Utf16);
        assert_eq!([offset(0, 9), offset(1, 9), offset(2, 9)], [1, 4, 6]);
        assert_eq!([offset(3, u32::MAX), offset(4, 0)], [8, 8]);
        assert_eq!(offset(u32::MAX, u32::MAX), 8);
        assert_eq!(text.line_col(usize::MAX, Encoding::Utf8), at(3, 1));
        assert!(text.contains(at(3, 9)) && !text.contains(at(4, 0)));
        assert!(Text::default().contains(at(0, 0)) && Text::default().is_empty());
    }

    #[test]
    fn a_place_inside_a_character_is_rounded_down() {
        let text = Text::new("x😀é");
        assert_eq!(text.offset(at(0, 2), Encoding::Utf16), 1);
        assert_eq!(text.offset(at(0, 3), Encoding::Utf16), 5);
        assert_eq!(text.offset(at(0, 4), Encoding::Utf8), 1);
        assert_eq!(text.offset(at(0, 2), Encoding::Utf32), 5);
        assert_eq!(text.line_col(3, Encoding::Utf16), at(0, 1));
        assert_eq!(text.line_col(6, Encoding::Utf16), at(0, 3));
    }

    #[test]
    fn between_cr_and_lf_is_the_end_of_the_line() {
        let text = Text::new("ab\r\nc");
        for encoding in ENCODINGS {
            let place = |offset| text.line_col(offset, encoding);
            assert_eq!(
                [place(2), place(3), place(4)],
                [at(0, 2), at(0, 2), at(1, 0)]
            );
        }
        let mut halves = Text::new("a\nb");
        halves.replace(1..1, "\r");
        assert_eq!(halves.line_count(), 2);
        halves.replace(2..2, "x");
        assert_eq!(halves.line_count(), 3);
    }

    #[test]
    fn edits_take_any_range() {
        let edit = |range, insert| {
            let mut text = Text::new("a😀b");
            text.replace(range, insert);
            text.to_text()
        };
        assert_eq!(edit(0..1, ""), "😀b");
        assert_eq!(edit(Range { start: 6, end: 5 }, "c"), "a😀c");
        assert_eq!(edit(3..4, "c"), "ac😀b");
        assert_eq!(edit(2..5, "c"), "acb");
        assert_eq!(
            edit(
                Range {
                    start: usize::MAX,
                    end: 0
                },
                "c"
            ),
            "c"
        );
        assert_eq!(edit(99..usize::MAX, "c"), "a😀bc");
        let text = Text::new("a😀b");
        assert_eq!(text.slice(1..5), "😀");
        assert_eq!(text.slice(Range { start: 6, end: 1 }), "😀b");
        assert_eq!((text.len(), text.slice(9..99)), (6, String::new()));
    }

    #[test]
    fn a_copy_does_not_see_later_edits() {
        let mut text = Text::new("old");
        let copy = text.clone();
        text.replace(0..3, "new");
        assert_eq!(
            (copy.to_text(), text.to_text()),
            ("old".into(), "new".into())
        );
    }

    #[test]
    fn long_texts_agree_with_counting() {
        // Longer than one chunk of the rope, with a break at every alignment.
        let line = |n: usize| format!("{}é😀{}", "x".repeat(n % 7), ["\n", "\r\n", "\r"][n % 3]);
        let source: String = (0..600).map(line).collect();
        let text = Text::new(&source);
        assert_eq!(text.to_text(), source);
        for (offset, _) in source.char_indices().step_by(17) {
            for encoding in ENCODINGS {
                let place = naive(&source, offset, encoding);
                assert_eq!(text.line_col(offset, encoding), place, "{offset}");
            }
        }
    }

    fn piece() -> impl Strategy<Value = String> {
        let atoms = [
            "a", "bc ", "\n", "\r\n", "\r", "😀", "漢字", "e\u{301}", "\u{2028}", "é",
        ];
        let atoms = prop::sample::select(atoms.to_vec());
        prop::collection::vec(atoms, 0..24).prop_map(|atoms| atoms.concat())
    }

    proptest! {
        #[test]
        fn places_agree_with_counting(source in piece()) {
            let text = Text::new(&source);
            for encoding in ENCODINGS {
                for offset in 0..=source.len() {
                    let place = text.line_col(offset, encoding);
                    let start = floor(&source, offset);
                    prop_assert_eq!(place, naive(&source, start, encoding));
                    let back = text.offset(place, encoding);
                    prop_assert_eq!(back, start - usize::from(inside_break(&source, start)));
                }
            }
        }

        #[test]
        fn edits_agree_with_a_string(
            first in piece(),
            edits in prop::collection::vec((0..90_usize, 0..90_usize, piece()), 0..12),
        ) {
            let (mut source, mut text) = (first.clone(), Text::new(&first));
            for (start, end, insert) in edits {
                let (low, high) = (floor(&source, start), floor(&source, end));
                let range = low.min(high)..low.max(high);
                prop_assert_eq!(text.slice(start..end), &source[range.clone()]);
                text.replace(start..end, &insert);
                source.replace_range(range, &insert);
                prop_assert_eq!(text.to_text(), source.as_str());
                prop_assert_eq!(text.line_count(), Text::new(&source).line_count());
            }
        }

        #[test]
        fn any_place_is_clamped(source in piece(), line in 0..9_u32, column in 0..40_u32) {
            for encoding in ENCODINGS {
                let text = Text::new(&source);
                let offset = text.offset(at(line, column), encoding);
                prop_assert!(source.is_char_boundary(offset));
                if text.contains(at(line, column)) {
                    let place = text.line_col(offset, encoding);
                    prop_assert_eq!(place.line, line);
                    prop_assert!(place.column <= column);
                }
            }
        }
    }
}
