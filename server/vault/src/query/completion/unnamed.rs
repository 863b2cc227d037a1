//! The blocks of a note that have no id and could get one (B2).

use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::block::{is_fence, item, trimmed};
use crate::link::{self, Mask};
use crate::markdown::{self, BlockKind, BlockSpan};
use crate::note::Note;

/// By so many bytes of its text a block is looked for.
const MAX_TEXT: usize = 400;

/// A block that could get an id.
pub(super) struct Unnamed {
    /// All of it, from the start of its first line to the end of its last one,
    /// with the break.
    pub(super) lines: Range<u32>,
    /// Where its text ends: there the id is written.
    pub(super) end: u32,
    /// What it says, on one line.
    pub(super) text: String,
    /// What is written before the id and behind it.
    around: [String; 2],
}

impl Unnamed {
    /// What is written at the end of the block.
    pub(super) fn with_id(&self, id: &str) -> String {
        let [before, behind] = &self.around;
        format!("{before}^{id}{behind}")
    }
}

/// How a block takes its id.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind its last word.
    Behind,
    /// On a line of its own, between empty ones.
    Below,
}

/// The blocks without an id, in order. Takes linear time.
pub(super) fn unnamed(note: &Note, text: &str) -> Vec<Unnamed> {
    let start = note.body_start(text);
    let wiki = link::wikilinks(text, start..text.len(), Mask::default());
    let structure = markdown::structure(text, start, &wiki);
    let named = note.blocks.iter().filter(|block| !block.misplaced);
    let named: FxHashSet<(u32, u32)> = named
        .map(|block| (block.range.start, block.range.end))
        .collect();
    // An id on a line of its own is a paragraph, too.
    let ids: FxHashSet<u32> = note.blocks.iter().map(|block| block.id_range.end).collect();
    let tables: FxHashSet<usize> = structure.tables.iter().map(|table| table.start).collect();
    let blocks = &structure.blocks;
    let quoted = quoted(blocks);
    let mut found = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let parent = block.parent.map(|parent| &blocks[parent]);
        let is_top = parent.is_none();
        let in_item = parent.is_some_and(|parent| parent.kind == BlockKind::Item);
        let source = trimmed(text, &block.range);
        let (own, range, place) = match block.kind {
            BlockKind::Paragraph if is_top && is_math(&text[source.clone()]) => {
                (source.clone(), source, Place::Below)
            }
            BlockKind::Paragraph if is_top => (source.clone(), source, Place::Behind),
            // The id names the item.
            BlockKind::Paragraph if in_item && is_first(blocks, index) => {
                let item = parent.map_or(source.clone(), |parent| trimmed(text, &parent.range));
                (item, source, Place::Behind)
            }
            BlockKind::Item => {
                let first = blocks
                    .get(index + 1)
                    .filter(|next| next.parent == Some(index));
                if first.is_some_and(|first| first.kind == BlockKind::Paragraph) {
                    continue;
                }
                let end = first.map_or(source.end, |first| first.range.start);
                let written = trimmed(text, &(source.start..end.min(source.end)));
                (source, written, Place::Behind)
            }
            BlockKind::Quote if is_top => (source.clone(), source, Place::Below),
            BlockKind::Other if is_top => {
                let is_table = tables.contains(&block.range.start);
                let is_closed = is_closed_fence(&text[source.clone()]);
                if !is_table && !is_closed {
                    continue;
                }
                (source.clone(), source, Place::Below)
            }
            _ => continue,
        };
        if quoted[index]
            || named.contains(&(own.start as u32, own.end as u32))
            || ids.contains(&(range.end as u32))
        {
            continue;
        }
        found.extend(block_at(text, range, place));
    }
    found
}

fn block_at(text: &str, range: Range<usize>, place: Place) -> Option<Unnamed> {
    let source = text.get(range.clone())?;
    let said = said(source);
    if said.is_empty() {
        return None;
    }
    let line = memchr::memrchr2(b'\n', b'\r', &text.as_bytes()[..range.start]);
    let rest = &text[range.end..];
    let breaks = memchr::memchr2(b'\n', b'\r', rest.as_bytes());
    let end = breaks.map_or(text.len(), |at| {
        let wide = usize::from(rest[at..].starts_with("\r\n"));
        range.end + at + 1 + wide
    });
    let line_break = if text[..end].ends_with("\r\n") || source.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    // What follows must not touch the line of the id.
    let next = text[end..].lines().next().unwrap_or("");
    let around = match place {
        Place::Behind => [" ".to_owned(), String::new()],
        Place::Below => {
            let behind = if next.trim().is_empty() {
                ""
            } else {
                line_break
            };
            [line_break.repeat(2), behind.to_owned()]
        }
    };
    Some(Unnamed {
        lines: line.map_or(0, |line| line + 1) as u32..end as u32,
        end: range.end as u32,
        text: said,
        around,
    })
}

/// What a block says: its lines without the marks around them.
fn said(source: &str) -> String {
    let mut said = String::new();
    for line in source.lines().filter(|line| !is_fence(line)) {
        let line = line.trim_start_matches(['>', '|', ' ', '\t']).trim_end();
        let is_rule = !line.contains(char::is_alphanumeric) && line.contains('-');
        if line.is_empty() || is_rule {
            continue;
        }
        if !said.is_empty() {
            said.push(' ');
        }
        said.push_str(if said.is_empty() {
            item(line).unwrap_or(line)
        } else {
            line
        });
        if said.len() > MAX_TEXT {
            break;
        }
    }
    said
}

/// Whether a block is the first of its parent.
fn is_first(blocks: &[BlockSpan], index: usize) -> bool {
    blocks[index].before.is_none()
}

/// Which blocks are parts of a quote: such have no ids.
fn quoted(blocks: &[BlockSpan]) -> Vec<bool> {
    let mut quoted: Vec<bool> = Vec::with_capacity(blocks.len());
    for block in blocks {
        let is_quote = |parent: usize| quoted[parent] || blocks[parent].kind == BlockKind::Quote;
        quoted.push(block.parent.is_some_and(is_quote));
    }
    quoted
}

fn is_math(source: &str) -> bool {
    source.len() > 3 && source.starts_with("$$") && source.ends_with("$$")
}

/// Whether this is code between two fences, of which the second is there.
fn is_closed_fence(source: &str) -> bool {
    let mark = source.chars().next().filter(|c| matches!(c, '`' | '~'));
    let Some((mark, last)) = mark.zip(source.lines().next_back()) else {
        return false;
    };
    let length = |line: &str| line.len() - line.trim_start_matches(mark).len();
    let last = last.trim();
    let is_last = length(last) == last.len() && length(last) >= length(source);
    length(source) >= 3 && is_last && source.lines().nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::note::{Anchor, ParseOptions};
    use crate::symbol::Symbols;

    fn parse(text: &str) -> Note {
        Note::parse(text, &Symbols::default(), &ParseOptions::default())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn an_id_names_the_block_that_it_was_made_for(
            text in r"(one\n|two words\n|\n|> quote\n|> > in it\n|> \[!tip\] Of\n|- item\n|  more\n|  - below\n|1\. first\n|```\ncode\n```\n|~~~\n|\|a\|b\|\n\|-\|-\|\n\|c\|d\|\n|\$\$\nx\n\$\$\n|\$\$y\$\$\n|# H\n|---\n|\^id\n|x \^id2\n|    code\n|\[\^1\]: f\n|<b>\n){0,12}",
            is_wide in any::<bool>(),
        ) {
            let text = if is_wide { text.replace('\n', "\r\n") } else { text };
            let note = parse(&text);
            let placed = |note: &Note| note.blocks.iter().filter(|own| !own.misplaced).count();
            for block in unnamed(&note, &text) {
                let mut after = text.clone();
                after.insert_str(block.end as usize, &block.with_id("zz9"));
                let new = parse(&after);
                let Some(Anchor::Block(index)) = new.anchor("^zz9") else {
                    return Err(TestCaseError::fail(format!("{after:?}")));
                };
                let named = &new.blocks[index];
                let begins = block.lines.contains(&named.range.start);
                prop_assert!(begins && named.range.end >= block.end && !named.misplaced, "{after:?}");
                prop_assert!(placed(&new) > placed(&note), "{after:?}");
            }
        }
    }
}
