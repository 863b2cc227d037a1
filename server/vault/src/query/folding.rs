//! What can be folded away: sections, frontmatter, callouts, code, tables,
//! list items with more below them, and comments.

use std::cmp::Reverse;
use std::ops::Range;

use crate::elements::{ElementKind, elements};
use crate::fact::RegionKind;
use crate::lines::LineIndex;
use crate::note::Note;
use crate::text::Encoding;

/// A part of a note of at least two lines, of which the first stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// From its first byte to its last, without the blank lines behind it.
    pub range: Range<u32>,
    /// Whether it is a `%%` comment (M2).
    pub comment: bool,
}

/// The folds of a note by their start: any two lie in one another or apart,
/// and no two begin on one line. Of more than `most` the outer ones are given.
/// `text` is the note's text.
pub fn folds(note: &Note, text: &str, most: usize) -> Vec<Fold> {
    let text = text.get(..note.len as usize).unwrap_or(text);
    let lines = note.lines.index(Encoding::Utf8);
    let trimmed = |range: Range<u32>| {
        let source = text.get(range.start as usize..range.end as usize);
        range.start..range.start + source.unwrap_or("").trim_end().len() as u32
    };
    let fold = |range: Range<u32>, comment| Fold {
        range: trimmed(range),
        comment,
    };
    let shown = note.sections(&lines).into_iter().zip(&note.headings);
    let shown = shown.filter(|(_, heading)| !heading.is_hidden());
    let sections = shown.map(|(section, _)| fold(section.range, false));
    let regions = note.regions.iter().map(|region| {
        let comment = region.kind == RegionKind::Comment;
        fold(region.range.clone(), comment)
    });
    let items = elements(text, note.body_start(text)).into_iter();
    let items = items.filter(|element| element.kind == ElementKind::Item);
    let items = items.map(|item| fold(item.range.start as u32..item.range.end as u32, false));
    let mut found = vec![fold(note.frontmatter.clone(), false)];
    found.extend(sections);
    found.extend(regions);
    found.extend(items);
    outer(nested(found, &lines), most)
}

/// The folds with how deep they lie, in order. One that begins on the line of
/// another one goes, and what reaches beyond the one around it ends with that:
/// the section of a heading in a quote does not end in the quote.
fn nested(mut found: Vec<Fold>, lines: &LineIndex) -> Vec<(usize, Fold)> {
    let line = |at: u32| lines.line_of(at).start;
    found.retain(|fold| !fold.range.is_empty());
    found.sort_by_key(|fold| (line(fold.range.start), Reverse(fold.range.end)));
    let mut open: Vec<Range<u32>> = Vec::new();
    let mut kept = Vec::new();
    for mut fold in found {
        let first = line(fold.range.start);
        while open.last().is_some_and(|outer| line(outer.end - 1) < first) {
            open.pop();
        }
        if let Some(outer) = open.last() {
            if line(outer.start) == first {
                continue;
            }
            fold.range.end = fold.range.end.min(outer.end);
        }
        if fold.range.end > fold.range.start && line(fold.range.end - 1) > first {
            open.push(fold.range.clone());
            kept.push((open.len(), fold));
        }
    }
    kept
}

/// At most `most` of the folds, those that lie least deep.
fn outer(mut found: Vec<(usize, Fold)>, most: usize) -> Vec<Fold> {
    if found.len() > most {
        found.sort_by_key(|fold| fold.0);
        found.truncate(most);
        found.sort_by_key(|fold| fold.1.range.start);
    }
    found.into_iter().map(|(_, fold)| fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::ParseOptions;
    use crate::symbol::Symbols;
    use proptest::prelude::*;

    fn found(text: &str, most: usize) -> Vec<&str> {
        let note = Note::parse(text, &Symbols::default(), &ParseOptions::default());
        let folds = folds(&note, text, most).into_iter();
        let source = |fold: Fold| &text[fold.range.start as usize..fold.range.end as usize];
        folds.map(source).collect()
    }

    #[test]
    fn every_part_of_more_than_a_line_folds() {
        let parts = [
            "---\na: 1\n---",
            "> [!note]\n> x",
            "```x\ny\n```",
            "|a|\n|-|\n|b|",
            "- a\n  - b",
            "%% c\n\nd %%",
        ];
        let text = format!("{}\n", parts.join("\n\n"));
        assert_eq!(found(&text, 100), parts);
    }

    #[test]
    fn sections_end_before_the_blank_lines_behind_them() {
        let text = "# A\n\n## B\n\nx\n\n\n## C\n\n# D\n\n";
        assert_eq!(
            found(text, 100),
            ["# A\n\n## B\n\nx\n\n\n## C", "## B\n\nx"]
        );
        assert_eq!(found(text, 1), ["# A\n\n## B\n\nx\n\n\n## C"]);
        let quoted = "> [!note]\n> # A\n> x\n\ny\n";
        assert_eq!(found(quoted, 9), ["> [!note]\n> # A\n> x", "> # A\n> x"]);
    }

    #[test]
    fn a_heading_in_a_comment_folds_with_it_alone() {
        assert_eq!(found("%%\n# A\nx\n%%\n\ny\n", 9), ["%%\n# A\nx\n%%"]);
        assert!(folds(&Note::default(), "", 9).is_empty());
    }

    proptest! {
        #[test]
        fn folds_nest(
            text in r"(# |## |> |- |  |%%|```|\[!a\] |x|\||-|\n|\r\n|\n\n|---\n|é|\[\[a\]\]){0,40}",
            most in 0usize..6,
        ) {
            let note = Note::parse(&text, &Symbols::default(), &ParseOptions::default());
            let lines = note.lines.index(Encoding::Utf8);
            let line = |at: u32| lines.line_of(at).start;
            let all = folds(&note, &text, usize::MAX);
            let mut open: Vec<(u32, u32)> = Vec::new();
            for fold in &all {
                prop_assert!(text.get(fold.range.start as usize..fold.range.end as usize).is_some());
                let (first, last) = (line(fold.range.start), line(fold.range.end - 1));
                prop_assert!(first < last);
                while open.last().is_some_and(|outer| outer.1 < first) {
                    open.pop();
                }
                if let Some(outer) = open.last() {
                    prop_assert!(outer.0 < first && last <= outer.1, "{all:?}");
                }
                open.push((first, last));
            }
            let some = folds(&note, &text, most);
            prop_assert_eq!(some.len(), all.len().min(most));
            prop_assert!(some.iter().all(|fold| all.contains(fold)));
        }
    }
}
