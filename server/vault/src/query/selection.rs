//! What a selection grows to, step by step: word, part of a link, link, inline,
//! line, block, property, section, note.

use std::ops::Range;

use crate::elements::{Element, elements};
use crate::fact::{Field, Form, Link, Tag};
use crate::lines::LineIndex;
use crate::link;
use crate::note::{Note, Section};
use crate::relink::linktext;
use crate::text::Encoding;

/// Elements and properties are looked at this deep; a client reads the answer
/// by recursion.
const MAX_DEPTH: usize = 32;
/// Facts may stand in others, such as an image in a link, this deep.
const MAX_NESTING: usize = 16;

/// For each byte offset what a selection there grows to: the smallest first,
/// each inside of the next and less than it, the whole note last. All hold
/// the offset. `text` is the note's text.
pub fn selections(note: &Note, text: &str, offsets: &[u32]) -> Vec<Vec<Range<u32>>> {
    let text = text.get(..note.len as usize).unwrap_or(text);
    let lines = note.lines.index(Encoding::Utf8);
    let source = Source {
        note,
        text,
        sections: note.sections(&lines),
        elements: elements(text, note.body_start(text)),
        lines,
    };
    let steps = offsets.iter().map(|&offset| source.steps(offset));
    steps.collect()
}

/// The note in which selections grow.
struct Source<'a> {
    note: &'a Note,
    text: &'a str,
    lines: LineIndex,
    sections: Vec<Section>,
    elements: Vec<Element>,
}

impl Source<'_> {
    fn steps(&self, offset: u32) -> Vec<Range<u32>> {
        let offset = offset.min(self.note.len);
        let mut found = vec![self.word(offset), self.line(offset)];
        self.links(offset, &mut found);
        self.facts(offset, &mut found);
        self.properties(offset, &mut found);
        self.blocks(offset, &mut found);
        self.in_sections(offset, &mut found);
        let whole = 0..self.note.len;
        found.retain(|range| {
            range.start <= offset
                && offset <= range.end
                && range.start < range.end
                && *range != whole
        });
        found.sort_by_key(|range| (range.len(), range.start));
        let mut steps: Vec<Range<u32>> = Vec::new();
        for range in found {
            let grows = |last: &Range<u32>| {
                range.start <= last.start && last.end <= range.end && range != *last
            };
            if steps.last().is_none_or(grows) {
                steps.push(range);
            }
        }
        steps.push(whole);
        steps
    }

    /// A range without the white space around it.
    fn trimmed(&self, range: &Range<u32>) -> Range<u32> {
        let source = self.text.get(range.start as usize..range.end as usize);
        let source = source.unwrap_or("");
        let start = range.start + (source.len() - source.trim_start().len()) as u32;
        start..start + source.trim().len() as u32
    }

    fn word(&self, offset: u32) -> Range<u32> {
        let (before, after) = self
            .text
            .split_at_checked(offset as usize)
            .unwrap_or_default();
        let start = before.trim_end_matches(is_word).len() as u32;
        let length = after.len() - after.trim_start_matches(is_word).len();
        start..offset + length as u32
    }

    fn line(&self, offset: u32) -> Range<u32> {
        self.trimmed(&self.lines.line_of(offset))
    }

    fn links(&self, offset: u32, found: &mut Vec<Range<u32>>) {
        for link in holding(&self.note.links, offset, Link::range) {
            let whole = link.range();
            match link.form {
                Form::Wiki => {
                    let wide = whole.start as usize..whole.end as usize;
                    let parts = link::parts(self.text, wide);
                    let open = whole.start + 2 + u32::from(link.is(Link::EMBED));
                    let parts = [Some(parts.path), parts.subpath, parts.alias, parts.size];
                    found.extend(parts.into_iter().flatten().map(|part| narrow(&part)));
                    found.push(open..whole.end.saturating_sub(2));
                }
                Form::Markdown | Form::Definition | Form::Path => {
                    if let Some(target) = linktext(self.text, link) {
                        let written = self.text.get(target.clone()).unwrap_or("");
                        let hash = written.find('#').unwrap_or(written.len());
                        let target = narrow(&target);
                        found.push(target.start..target.start + hash as u32);
                        found.push((target.start + hash as u32 + 1).min(target.end)..target.end);
                        found.push(target);
                    }
                    let source = self.text.get(whole.start as usize..whole.end as usize);
                    if let Some(end) = source.and_then(link::label_end) {
                        let start = whole.start + 1 + u32::from(link.is(Link::EMBED));
                        found.push(start..whole.start + end as u32);
                    }
                }
            }
            found.push(whole);
        }
    }

    fn facts(&self, offset: u32, found: &mut Vec<Range<u32>>) {
        let note = self.note;
        found.extend(holding(&note.tags, offset, Tag::range).map(Tag::range));
        for field in holding(&note.fields, offset, Field::range) {
            found.extend([field.key_range(), field.range()]);
        }
    }

    /// The property at the offset, its value, and those that it lies in.
    fn properties(&self, offset: u32, found: &mut Vec<Range<u32>>) {
        if !self.note.frontmatter.contains(&offset) {
            return;
        }
        let properties = &self.note.properties;
        let after = properties.partition_point(|property| property.start <= offset);
        let mut depth = u8::MAX;
        let before = properties.iter().enumerate().take(after).rev();
        for (index, property) in before.take(MAX_DEPTH * MAX_NESTING) {
            if property.depth >= depth {
                continue;
            }
            depth = property.depth;
            let whole = self.note.property_extent(index, self.text);
            let key = property.key_range();
            let value = (key.end + 1).min(whole.end)..whole.end;
            found.extend([key, self.trimmed(&value), whole]);
            if depth == 0 {
                break;
            }
        }
        found.push(self.trimmed(&self.note.frontmatter));
    }

    fn blocks(&self, offset: u32, found: &mut Vec<Range<u32>>) {
        let at = offset as usize;
        let after = self
            .elements
            .partition_point(|element| element.range.start <= at);
        let parent = |&index: &usize| self.elements[index].parent;
        let chain = std::iter::successors(after.checked_sub(1), parent);
        let ranges = chain.map(|index| &self.elements[index].range);
        let holding = ranges.filter(|range| at <= range.end);
        found.extend(holding.take(MAX_DEPTH).map(narrow));
    }

    fn in_sections(&self, offset: u32, found: &mut Vec<Range<u32>>) {
        let after = self
            .sections
            .partition_point(|section| section.range.start <= offset);
        let parent = |&index: &usize| self.sections[index].parent;
        let chain = std::iter::successors(after.checked_sub(1), parent);
        let sections = chain.map(|index| &self.sections[index].range);
        for section in sections {
            found.extend([self.trimmed(section), section.clone()]);
        }
    }
}

/// The facts that hold the offset. They are sorted by start.
fn holding<T>(
    facts: &[T],
    offset: u32,
    range: impl Fn(&T) -> Range<u32>,
) -> impl Iterator<Item = &T> {
    let after = facts.partition_point(|fact| range(fact).start <= offset);
    let before = facts[..after].iter().rev().take(MAX_NESTING);
    before.filter(move |fact| offset <= range(fact).end)
}

fn narrow(range: &Range<usize>) -> Range<u32> {
    range.start as u32..range.end as u32
}

/// Whether a character is part of a word; accents that stand alone are.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::ParseOptions;
    use crate::symbol::Symbols;
    use proptest::prelude::*;

    fn steps(text: &str) -> Vec<String> {
        let at = text.find('$').unwrap() as u32;
        let text = text.replacen('$', "", 1);
        let note = Note::parse(&text, &Symbols::default(), &ParseOptions::default());
        let steps = selections(&note, &text, &[at]).remove(0).into_iter();
        let source = |range: Range<u32>| text[range.start as usize..range.end as usize].to_owned();
        steps.map(source).collect()
    }

    #[test]
    fn a_selection_grows_from_the_word_to_the_note() {
        assert_eq!(
            steps("# A\n\n- see **x [[My No$te#H|it]] y**\n  z\n\n## B\n"),
            [
                "Note",
                "My Note",
                "My Note#H|it",
                "[[My Note#H|it]]",
                "**x [[My Note#H|it]] y**",
                "- see **x [[My Note#H|it]] y**",
                "- see **x [[My Note#H|it]] y**\n  z",
                "# A\n\n- see **x [[My Note#H|it]] y**\n  z\n\n## B",
                "# A\n\n- see **x [[My Note#H|it]] y**\n  z\n\n## B\n",
            ]
        );
        assert_eq!(
            steps("[the te$xt](a.md#b)\n")[..3],
            ["text", "the text", "[the text](a.md#b)"]
        );
        assert_eq!(
            steps("x [t](a.md#b$)\n")[..4],
            ["b", "a.md#b", "[t](a.md#b)", "x [t](a.md#b)"]
        );
    }

    #[test]
    fn a_selection_grows_through_properties() {
        let text = "---\na: 1\nup:\n  - \"[[x$]]\"\n---\nz\n";
        assert_eq!(
            steps(text),
            [
                "x",
                "[[x]]",
                "- \"[[x]]\"",
                "up:\n  - \"[[x]]\"",
                "---\na: 1\nup:\n  - \"[[x]]\"\n---",
                "---\na: 1\nup:\n  - \"[[x]]\"\n---\nz\n",
            ]
        );
        assert_eq!(steps("$"), [""]);
    }

    proptest! {
        #[test]
        fn selections_hold_their_offset_and_grow(
            text in r"(---\n|a: |- |# |> |\*\*|_|\[\[|\]\]|\||#|\[|\]\(|\)|x|y z|é|😀|`|\n|\r\n|\n\n){0,40}",
            at in prop::collection::vec(0usize..60, 1..4),
        ) {
            let note = Note::parse(&text, &Symbols::default(), &ParseOptions::default());
            let is_place = |at: &usize| text.is_char_boundary(*at);
            let offsets: Vec<u32> = at.into_iter().filter(is_place).map(|at| at as u32).collect();
            let found = selections(&note, &text, &offsets);
            prop_assert_eq!(found.len(), offsets.len());
            for (steps, offset) in found.iter().zip(&offsets) {
                prop_assert_eq!(steps.last(), Some(&(0..note.len)));
                for step in steps {
                    prop_assert!(text.get(step.start as usize..step.end as usize).is_some());
                    prop_assert!(step.start <= *offset && *offset <= step.end);
                }
                for pair in steps.windows(2) {
                    prop_assert!(pair[1].start <= pair[0].start && pair[0].end <= pair[1].end);
                    prop_assert!(pair[0].len() < pair[1].len());
                }
            }
        }
    }
}
