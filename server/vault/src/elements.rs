//! The elements of a note's body, one in another: what a selection grows by,
//! and what can be folded.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag};

use crate::link::{self, Mask};
use crate::markdown::{OPTIONS, without_links};

/// What an [`Element`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ElementKind {
    /// An item of a list.
    Item,
    /// Another block, such as a paragraph, a list or a row of a table.
    Block,
    /// Emphasis, code, a link and the like in a line.
    Inline,
}

/// An element of a body, without the white space behind it.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    pub(crate) kind: ElementKind,
    pub(crate) range: Range<usize>,
    /// The index of the element that holds it.
    pub(crate) parent: Option<usize>,
}

/// The elements of `text[start..]` in document order, with ranges of `text`.
pub(crate) fn elements(text: &str, start: usize) -> Vec<Element> {
    let wiki = link::wikilinks(text, start..text.len(), Mask::default());
    let body = without_links(text, start, &wiki);
    let body = body.as_deref().unwrap_or(text.get(start..).unwrap_or(""));
    let mut found: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (event, range) in Parser::new_ext(body, OPTIONS).into_offset_iter() {
        let kind = match &event {
            Event::Start(Tag::Item) => ElementKind::Item,
            Event::Start(tag) if is_inline(tag) => ElementKind::Inline,
            Event::Start(_) => ElementKind::Block,
            Event::End(_) => {
                open.pop();
                continue;
            }
            Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_) => ElementKind::Inline,
            _ => continue,
        };
        let range = start + range.start..start + range.end;
        let length = text.get(range.clone()).unwrap_or("").trim_end().len();
        found.push(Element {
            kind,
            range: range.start..range.start + length,
            parent: open.last().copied(),
        });
        if matches!(event, Event::Start(_)) {
            open.push(found.len() - 1);
        }
    }
    found
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
    )
}
