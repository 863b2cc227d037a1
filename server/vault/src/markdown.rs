//! What `CommonMark` says of the body of a note: structure, not links.
//!
//! `pulldown-cmark` finds headings, code, HTML, math, tables, Markdown links
//! and footnotes. It is not asked for wiki-links: it loses those with a bare
//! `|` in a table, so [`crate::link`] is the authority for them.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::fact::{LabelKind, RegionKind};
use crate::link;

/// What notes have beyond `CommonMark`.
pub(crate) const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_MATH)
    .union(Options::ENABLE_STRIKETHROUGH);

/// A Markdown link, or an autolink.
pub(crate) struct MarkdownLink {
    pub(crate) range: Range<usize>,
    pub(crate) image: bool,
    pub(crate) form: LinkType,
    pub(crate) id: String,
    /// End of the last thing that its text holds.
    pub(crate) label_end: usize,
}

/// A block that may have a block id, or that may stand before one.
#[derive(Clone, Debug)]
pub(crate) struct BlockSpan {
    pub(crate) kind: BlockKind,
    pub(crate) range: Range<usize>,
    pub(crate) parent: Option<usize>,
    /// The block before it in the same parent.
    pub(crate) before: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Paragraph,
    Item,
    Quote,
    Other,
}

/// The structure of one text. All lists are in document order.
#[derive(Default)]
pub(crate) struct Structure {
    /// Level and range of the whole heading.
    pub(crate) headings: Vec<(u8, Range<usize>)>,
    pub(crate) solid: Vec<Range<usize>>,
    pub(crate) math: Vec<Range<usize>>,
    pub(crate) links: Vec<MarkdownLink>,
    pub(crate) tables: Vec<Range<usize>>,
    pub(crate) regions: Vec<(RegionKind, Range<usize>, String)>,
    pub(crate) labels: Vec<(LabelKind, Range<usize>, String)>,
    /// Span of the definition, its id.
    pub(crate) definitions: Vec<(Range<usize>, String)>,
    pub(crate) blocks: Vec<BlockSpan>,
    /// See [`crate::tag::Places`].
    pub(crate) edges: Vec<usize>,
    pub(crate) limits: Vec<(usize, usize)>,
}

/// Reads `text[start..]`; ranges are ranges of `text`. `wiki` are brackets
/// there that may be wiki-links, in order.
pub(crate) fn structure(text: &str, start: usize, wiki: &[link::Found]) -> Structure {
    let body = without_links(text, start, wiki);
    let body = body.as_deref().unwrap_or(text.get(start..).unwrap_or(""));
    let mut events = Parser::new_ext(body, OPTIONS).into_offset_iter();
    let mut walk = Walk {
        text,
        out: Structure::default(),
        open_links: Vec::new(),
        open_blocks: Vec::new(),
        last_top: None,
    };
    for (event, range) in events.by_ref() {
        walk.event(event, start + range.start..start + range.end);
    }
    let mut out = walk.out;
    out.definitions = events
        .reference_definitions()
        .iter()
        .map(|(id, def)| {
            let span = start + def.span.start..start + def.span.end;
            (span, id.to_owned())
        })
        .collect();
    out.definitions.sort_unstable_by_key(|def| def.0.start);
    out.edges.sort_unstable();
    out.limits.sort_unstable();
    out
}

/// `text[start..]` with commas for the brackets of wiki-links, and letters for
/// what has a meaning in Markdown between them. The structure stays as it is,
/// for the parser knows nothing of these links, but reads them as brackets in
/// brackets and emphasis in the middle of paths, which takes it most of its
/// time. `None` when there is nothing to replace.
pub(crate) fn without_links(text: &str, start: usize, wiki: &[link::Found]) -> Option<String> {
    let is_simple = |byte: &u8| !matches!(byte, b'[' | b']' | b'`' | b'$' | b'<' | b'\\');
    let mut body: Option<Vec<u8>> = None;
    for found in wiki {
        let open = found.range.start + usize::from(found.embed);
        let inside = open + 2..found.range.end - 2;
        if text.as_bytes()[inside.clone()].iter().all(is_simple) {
            let body = body.get_or_insert_with(|| text.as_bytes()[start..].to_vec());
            let (open, inside) = (open - start, inside.start - start..inside.end - start);
            body[open..open + 2].fill(b',');
            body[inside.end..inside.end + 2].fill(b',');
            for byte in &mut body[inside] {
                if matches!(byte, b'_' | b'*' | b'~' | b'=' | b'^' | b':' | b'&' | b'#') {
                    *byte = b'x';
                }
            }
        }
    }
    body.and_then(|body| String::from_utf8(body).ok())
}

struct Walk<'a> {
    text: &'a str,
    out: Structure,
    open_links: Vec<usize>,
    open_blocks: Vec<(usize, Option<usize>)>,
    last_top: Option<usize>,
}

impl Walk<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        if let Some(&link) = self.open_links.last()
            && !matches!(event, Event::End(TagEnd::Link | TagEnd::Image))
        {
            self.out.links[link].label_end = range.end;
        }
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(end) => self.end(end),
            Event::Code(_) | Event::InlineHtml(_) => {
                self.out.edges.push(range.end);
                self.opaque(&range);
                self.out.solid.push(range);
            }
            // HTML blocks come whole; see `start`.
            Event::InlineMath(_) | Event::DisplayMath(_) => {
                self.out.edges.push(range.end);
                self.opaque(&range);
                self.out.math.push(range);
            }
            Event::FootnoteReference(id) => {
                let label = (LabelKind::FootnoteUse, range, id.into_string());
                self.out.labels.push(label);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        let mut block = None;
        match tag {
            Tag::Heading { level, .. } => {
                block = Some(BlockKind::Other);
                self.out.headings.push((level as u8, range.clone()));
            }
            Tag::CodeBlock(kind) => {
                block = Some(BlockKind::Other);
                self.out.solid.push(range.clone());
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or(""),
                    CodeBlockKind::Indented => "",
                };
                let region = (RegionKind::Code, range.clone(), info.to_owned());
                self.out.regions.push(region);
            }
            Tag::HtmlBlock => {
                block = Some(BlockKind::Other);
                self.out.solid.push(range.clone());
                let region = (RegionKind::Opaque, range.clone(), String::new());
                self.out.regions.push(region);
            }
            Tag::Table(_) => {
                block = Some(BlockKind::Other);
                self.out.tables.push(range.clone());
                let region = (RegionKind::Table, range.clone(), String::new());
                self.out.regions.push(region);
            }
            Tag::BlockQuote(_) => {
                block = Some(BlockKind::Quote);
                if let Some(kind) = callout(&self.text[range.clone()]) {
                    let region = (RegionKind::Callout, range.clone(), kind.to_owned());
                    self.out.regions.push(region);
                }
            }
            Tag::Paragraph => block = Some(BlockKind::Paragraph),
            Tag::Item => block = Some(BlockKind::Item),
            Tag::List(_) => block = Some(BlockKind::Other),
            Tag::FootnoteDefinition(id) => {
                block = Some(BlockKind::Other);
                let whole = range.start..range.start + self.text[range.clone()].trim_end().len();
                let label = (LabelKind::Footnote, whole, id.into_string());
                self.out.labels.push(label);
            }
            Tag::Emphasis => self.emphasis(&range, 1),
            Tag::Strong | Tag::Strikethrough => self.emphasis(&range, 2),
            Tag::Link { link_type, id, .. } | Tag::Image { link_type, id, .. } => {
                self.link(&range, link_type, id.into_string());
            }
            _ => {}
        }
        if let Some(kind) = block {
            self.block(kind, range);
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Link | TagEnd::Image => {
                let inner = self.open_links.pop().map(|link| &self.out.links[link]);
                let inner_end = inner.map_or(0, |link| link.range.end);
                if let Some(&link) = self.open_links.last() {
                    self.out.links[link].label_end = inner_end;
                }
            }
            TagEnd::Heading(_)
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock
            | TagEnd::Table
            | TagEnd::BlockQuote(_)
            | TagEnd::Paragraph
            | TagEnd::Item
            | TagEnd::List(_)
            | TagEnd::FootnoteDefinition => {
                self.open_blocks.pop();
            }
            _ => {}
        }
    }

    fn block(&mut self, kind: BlockKind, range: Range<usize>) {
        let index = self.out.blocks.len();
        let (parent, before) = match self.open_blocks.last_mut() {
            Some((parent, last)) => (Some(*parent), last.replace(index)),
            None => (None, self.last_top.replace(index)),
        };
        self.out.blocks.push(BlockSpan {
            kind,
            range,
            parent,
            before,
        });
        self.open_blocks.push((index, None));
    }

    fn emphasis(&mut self, range: &Range<usize>, marker: usize) {
        let (inner_start, inner_end) = (range.start + marker, range.end.saturating_sub(marker));
        self.out.edges.extend([range.end, inner_start, inner_end]);
        if self.text.as_bytes().get(range.start) == Some(&b'_') {
            self.out.limits.push((inner_start, inner_end));
        }
    }

    /// Remembers what its own line does not show to be no text.
    fn opaque(&mut self, range: &Range<usize>) {
        if self.text[range.clone()].contains(['\n', '\r']) {
            let region = (RegionKind::Opaque, range.clone(), String::new());
            self.out.regions.push(region);
        }
    }

    fn link(&mut self, range: &Range<usize>, form: LinkType, id: String) {
        let image = self.text[range.clone()].starts_with('!');
        self.open_links.push(self.out.links.len());
        self.out.edges.push(range.end);
        self.out.links.push(MarkdownLink {
            range: range.clone(),
            image,
            form,
            id,
            label_end: range.start + usize::from(image),
        });
    }
}

/// The type of the callout that a quote is (M1).
fn callout(quote: &str) -> Option<&str> {
    // Only the quote's own marker is passed: those inside it are other quotes.
    let inside = quote.strip_prefix('>')?;
    let inside = inside.strip_prefix(' ').unwrap_or(inside);
    let inside = inside.strip_prefix("[!")?;
    let line = inside.lines().next()?;
    line.split_once(']').map(|(kind, _)| kind)
}

/// The text of a heading whose source is `text[range]`, without its `#`s or
/// its underline (H1).
pub(crate) fn heading_text(text: &str, range: &Range<usize>) -> Range<usize> {
    let source = text.get(range.clone()).unwrap_or("");
    let lead = source.len() - source.trim_start_matches([' ', '\t']).len();
    let source = source.trim_end();
    let marks = source[lead.min(source.len())..]
        .bytes()
        .take_while(|&byte| byte == b'#')
        .count();
    let (start, end) = if marks > 0 {
        let inside = &source[lead + marks..];
        let open = inside.trim_end_matches('#');
        // Closing `#`s count only behind a blank.
        let closed = open.is_empty() || open.ends_with([' ', '\t']);
        let end = if closed {
            open.trim_end().len()
        } else {
            inside.len()
        };
        let start = inside.len() - inside.trim_start().len();
        (lead + marks + start.min(end), lead + marks + end)
    } else {
        let end = source.rfind(['\n', '\r']).unwrap_or(source.len());
        (
            lead.min(end),
            source[..end].trim_end().len().max(lead.min(end)),
        )
    };
    range.start + start..range.start + end
}

/// The `%%` comments of `text[start..]` (M2). Exactly two `%` count; one that
/// does not start its line must end on it.
pub(crate) fn comments(text: &str, start: usize, mut solid: &[Range<usize>]) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut open: Option<(usize, usize, bool)> = None;
    let (mut skip, mut line_end) = (start, start);
    for at in memchr::memchr_iter(b'%', &bytes[start.min(bytes.len())..]).map(|at| at + start) {
        if at < skip {
            continue;
        }
        let run = bytes[at..].iter().take_while(|&&byte| byte == b'%').count();
        skip = at + run;
        if run != 2 || crate::link::inside(&mut solid, at) {
            continue;
        }
        if let Some((from, its_end, block)) = open
            && (block || at < its_end)
        {
            found.push(from..at + 2);
            open = None;
            continue;
        }
        if at >= line_end {
            let end = memchr::memchr2(b'\n', b'\r', &bytes[at..]);
            line_end = end.map_or(bytes.len(), |n| at + n);
        }
        let block = at == start || matches!(bytes[at - 1], b'\n' | b'\r');
        open = Some((at, line_end, block));
    }
    if let Some((from, _, true)) = open {
        found.push(from..text.len());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_structure_does_not_depend_on_wiki_links(
            text in r"(\[\[|\]\]|a|b c|!|\*|_|\*\*|`|\$|\||\n|\n\n|# |- |> |    |<b>|<!--|-->|\(x\)|\[r\]|\[r\]: u|=|\n---\n|\|-\|\n|\\){0,24}",
        ) {
            let found = link::wikilinks(&text, 0..text.len(), link::Mask::default());
            let (with, without) = (structure(&text, 0, &[]), structure(&text, 0, &found));
            prop_assert_eq!(with.headings, without.headings);
            prop_assert_eq!(with.solid, without.solid);
            prop_assert_eq!(with.math, without.math);
            prop_assert_eq!(with.tables, without.tables);
            prop_assert_eq!(with.regions, without.regions);
            let ranges = |blocks: &[BlockSpan]| -> Vec<_> {
                blocks.iter().map(|block| (block.kind, block.range.clone())).collect()
            };
            prop_assert_eq!(ranges(&with.blocks), ranges(&without.blocks));
        }
    }
}
