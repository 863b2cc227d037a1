//! Block ids: which `^id` are definitions, and of what (B1, B2).

use std::ops::Range;

use crate::link::inside;
use crate::markdown::{BlockKind, BlockSpan, Structure};

/// How far up the nesting a block id is looked for; deeper text has none.
const MAX_DEPTH: usize = 64;

/// A block id and what it names.
pub(crate) struct Named {
    /// The id with its `^`.
    pub(crate) id: Range<usize>,
    pub(crate) block: Range<usize>,
    /// See [`crate::fact::Block::misplaced`].
    pub(crate) misplaced: bool,
}

/// The block ids of `text[start..]`, in order.
pub(crate) fn block_ids(text: &str, start: usize, structure: &Structure) -> Vec<Named> {
    let bytes = text.as_bytes();
    let (mut solid, mut math) = (&structure.solid[..], &structure.math[..]);
    let mut found = Vec::new();
    for at in memchr::memchr_iter(b'^', &bytes[start.min(bytes.len())..]).map(|at| at + start) {
        let name = bytes[at + 1..].iter();
        let length = name
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
            .count();
        let id = at..at + 1 + length;
        let blank_before = at == start || matches!(bytes[at - 1], b' ' | b'\t' | b'\n' | b'\r');
        if length == 0 || !blank_before || inside(&mut solid, at) || inside(&mut math, at) {
            continue;
        }
        let after = bytes[id.end..].iter();
        let rest = after
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        if !matches!(bytes.get(id.end + rest), None | Some(b'\n' | b'\r')) {
            continue;
        }
        if let Some((block, misplaced)) = named(text, &structure.blocks, &id) {
            found.push(Named {
                id,
                block,
                misplaced,
            });
        }
    }
    found
}

fn named(text: &str, blocks: &[BlockSpan], id: &Range<usize>) -> Option<(Range<usize>, bool)> {
    let mut index = blocks
        .partition_point(|block| block.range.start <= id.start)
        .checked_sub(1)?;
    let mut steps = 0;
    while blocks[index].range.end <= id.start {
        index = blocks[index].parent?;
        steps += 1;
        if steps > MAX_DEPTH {
            return None;
        }
    }
    let block = &blocks[index];
    let ancestors = std::iter::successors(block.parent, |&parent| blocks[parent].parent);
    // Parts of a quote have no ids.
    if ancestors
        .take(MAX_DEPTH)
        .any(|up| blocks[up].kind == BlockKind::Quote)
    {
        return None;
    }
    match block.kind {
        BlockKind::Item => Some((trimmed(text, &block.range), false)),
        BlockKind::Paragraph => {
            let source = trimmed(text, &block.range);
            if source.end != id.end {
                let line = text[..id.start].rfind(['\n', '\r']);
                let start = line.map_or(0, |line| line + 1).max(source.start);
                return Some((start..id.end, true));
            }
            let parent = block.parent.map(|parent| &blocks[parent]);
            let item = parent.filter(|parent| parent.kind == BlockKind::Item);
            let named = match (item, source.start == id.start) {
                (Some(item), _) => trimmed(text, &item.range),
                (None, true) => trimmed(text, &blocks[block.before?].range),
                (None, false) => source,
            };
            Some((named, false))
        }
        BlockKind::Quote | BlockKind::Other => None,
    }
}

/// The beginning of the text of a block, of at most so many characters, without
/// the marks around it and its id.
pub(crate) fn shown(source: &str, most: usize) -> &str {
    let is_said = |line: &&str| line.contains(char::is_alphanumeric) && !is_fence(line);
    let line = source.lines().find(is_said).unwrap_or("");
    let line = line.trim_start_matches(['>', ' ', '\t', '|']);
    let line = item(line).unwrap_or(line);
    let line = line.split(" ^").next().unwrap_or(line).trim_end();
    let end = line.char_indices().nth(most);
    line[..end.map_or(line.len(), |end| end.0)].trim_end()
}

/// Whether a line opens or ends a fence.
pub(crate) fn is_fence(line: &str) -> bool {
    let line = line.trim();
    line == "$$" || ["```", "~~~"].iter().any(|mark| line.starts_with(mark))
}

/// What stands in a list item, behind its mark.
pub(crate) fn item(line: &str) -> Option<&str> {
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = if numbered.len() < line.len() {
        numbered.strip_prefix(['.', ')'])?
    } else {
        line.strip_prefix(['-', '*', '+'])?
    };
    rest.starts_with([' ', '\t']).then(|| rest.trim_start())
}

/// A range without the blanks at its end.
pub(crate) fn trimmed(text: &str, range: &Range<usize>) -> Range<usize> {
    let source = text.get(range.clone()).unwrap_or("");
    range.start..range.start + source.trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::structure;

    fn ids(text: &str) -> Vec<(&str, &str)> {
        let found = block_ids(text, 0, &structure(text, 0, &[]));
        let found = found.into_iter().filter(|named| !named.misplaced);
        let pair = |named: Named| (&text[named.id], &text[named.block]);
        found.map(pair).collect()
    }

    #[test]
    fn places_follow_b2() {
        assert_eq!(ids("One\ntwo ^a-1\n"), [("^a-1", "One\ntwo ^a-1")]);
        assert_eq!(ids("One ^a\ntwo\n"), []);
        let inside = "x\nOne ^a\ntwo\n";
        let misplaced = &block_ids(inside, 0, &structure(inside, 0, &[]))[0];
        assert!(misplaced.misplaced && &inside[misplaced.block.clone()] == "One ^a");
        assert_eq!(ids("- x ^a\n- y\n"), [("^a", "- x ^a")]);
        assert_eq!(ids("- x\n  - y ^b\n"), [("^b", "- y ^b")]);
        assert_eq!(ids("> q\n> r\n\n^q\n"), [("^q", "> q\n> r")]);
        assert_eq!(ids("|a|\n|-|\n|b|\n\n^t\n\nx"), [("^t", "|a|\n|-|\n|b|")]);
        assert_eq!(ids("para\n^p"), [("^p", "para\n^p")]);
        assert_eq!(shown("> [!note] Title ^x", 40), "[!note] Title");
        assert_eq!(shown("```rust\nlet x;\n```", 40), "let x;");
        assert_eq!(shown("1. **One** ^x", 40), "**One**");
        assert_eq!(shown("***", 40), "");
        assert!(ids("text^no `^no` x ^no_ \n> in ^no\n").is_empty());
    }
}
