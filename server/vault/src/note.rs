//! A note: the facts that its text states.
//!
//! [`Note::parse`] is total: every text gives a note. It runs on one note and
//! knows nothing of the others; what a link means is for [`crate::resolve`].

use std::ops::Range;

use crate::builder::Builder;
use crate::fact::{
    Alias, Block, Field, Heading, Label, LabelKind, Link, Property, Region, RegionKind, Said, Tag,
};
use crate::frontmatter;
use crate::heading::{self, Subpath};
use crate::lines::{LineIndex, Lines};
use crate::path::fold_hash;
use crate::properties;
use crate::symbol::{Symbol, Symbols};
use crate::text::Encoding;

/// How notes of a vault are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParseOptions {
    /// Languages of code fences whose links count (beyond Obsidian).
    pub soft_fences: Vec<String>,
}

/// The facts of one note. All lists are in document order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// Where its lines are.
    pub lines: Lines,
    /// Length of the text in bytes.
    pub len: u32,
    /// The frontmatter from `---` behind the closing line; empty if there is none.
    pub frontmatter: Range<u32>,
    /// Whether the frontmatter is YAML that can be read (P2).
    pub valid_frontmatter: bool,
    /// Links and embeds, also in properties.
    pub links: Vec<Link>,
    /// Headings.
    pub headings: Vec<Heading>,
    /// Tags, also in properties.
    pub tags: Vec<Tag>,
    /// Inline fields.
    pub fields: Vec<Field>,
    /// Properties.
    pub properties: Vec<Property>,
    /// Short values of properties and fields.
    pub said: Vec<Said>,
    /// Aliases (P4).
    pub aliases: Vec<Alias>,
    /// Blocks with an id.
    pub blocks: Vec<Block>,
    /// Footnotes and reference definitions, and their uses.
    pub labels: Vec<Label>,
    /// Code blocks, callouts, comments and tables.
    pub regions: Vec<Region>,
}

impl Note {
    /// Reads a note. A BOM is skipped but counts in offsets; text beyond 1 GiB
    /// is not read.
    pub fn parse(text: &str, symbols: &Symbols, options: &ParseOptions) -> Self {
        let text = readable(text);
        let mut out = Builder::new(text, symbols);
        let mut note = Self {
            lines: Lines::new(text),
            len: text.len() as u32,
            valid_frontmatter: true,
            ..Self::default()
        };
        let mut body = if text.starts_with('\u{feff}') { 3 } else { 0 };
        if let Some(cut) = frontmatter::cut(text) {
            body = cut.whole.end;
            note.frontmatter = cut.whole.start as u32..cut.whole.end as u32;
            let front = frontmatter::parse(text, &cut);
            note.valid_frontmatter = front.valid;
            if front.valid {
                properties::facts(text, &front, &mut out);
            }
        }
        out.body(body, options);
        note.links = out.links;
        note.headings = out.headings;
        note.tags = out.tags;
        note.fields = out.fields;
        note.properties = out.properties;
        note.said = out.said;
        note.aliases = out.aliases;
        note.blocks = out.blocks;
        note.labels = out.labels;
        note.regions = out.regions;
        note
    }

    /// Whether an offset lies in a region of a kind.
    pub fn is_in(&self, kind: RegionKind, offset: u32) -> bool {
        let mut regions = self.regions.iter();
        regions.any(|region| region.kind == kind && region.range.contains(&offset))
    }

    /// The property whose value holds `offset`, if it lies in the frontmatter.
    pub fn property_at(&self, offset: u32) -> Option<&Property> {
        if !self.frontmatter.contains(&offset) {
            return None;
        }
        let next = self
            .properties
            .partition_point(|property| property.start <= offset);
        self.properties.get(next.checked_sub(1)?)
    }

    /// The key of the property or field in whose value a link stands.
    pub(crate) fn key_of(&self, link: &Link) -> Option<Symbol> {
        if link.is(Link::PROPERTY) {
            return self.property_at(link.start).map(|property| property.key);
        }
        let before = self
            .fields
            .partition_point(|field| field.start <= link.start);
        let field = &self.fields[before.checked_sub(1)?];
        field.range().contains(&link.start).then_some(field.key)
    }

    /// A property with its value, without white space at the end. `text` is
    /// the note's text.
    pub fn property_extent(&self, index: usize, text: &str) -> Range<u32> {
        let Some(property) = self.properties.get(index) else {
            return 0..0;
        };
        let mut after = self.properties[index + 1..].iter();
        let next = after.find(|next| next.depth <= property.depth);
        let end = next.map_or(self.frontmatter.end, |next| next.start);
        let source = text.get(property.start as usize..end as usize);
        let mut source = source.unwrap_or("").trim_end();
        if next.is_none() {
            source = source.strip_suffix("---").unwrap_or(source).trim_end();
        }
        property.start..property.start + source.len() as u32
    }

    /// The section that begins with the heading at `index` of `headings`: to
    /// the next heading of the same or a higher level (H4).
    pub fn section(&self, index: usize) -> Range<u32> {
        self.section_in(index, &self.lines.index(Encoding::Utf8))
    }

    /// [`Note::section`] for many questions; `lines` reads the note's lines.
    pub fn section_in(&self, index: usize, lines: &LineIndex) -> Range<u32> {
        let Some(heading) = self.headings.get(index) else {
            return 0..self.len;
        };
        let start = lines.line_of(heading.start).start;
        let mut after = self.headings[index + 1..].iter();
        let next = after.find(|next| next.level() <= heading.level());
        let end = next.map_or(self.len, |next| lines.line_of(next.start).start);
        start..end
    }

    /// All sections at once, by index of `headings`: what [`Note::section_in`]
    /// gives, and the section that holds it. Takes linear time.
    pub fn sections(&self, lines: &LineIndex) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::with_capacity(self.headings.len());
        let mut open: Vec<usize> = Vec::new();
        for (index, heading) in self.headings.iter().enumerate() {
            let start = lines.line_of(heading.start).start;
            while let Some(&last) = open.last()
                && self.headings[last].level() >= heading.level()
            {
                sections[last].range.end = start;
                open.pop();
            }
            sections.push(Section {
                range: start..self.len,
                parent: open.last().copied(),
            });
            open.push(index);
        }
        sections
    }

    /// Where the body begins: behind the frontmatter or a BOM.
    pub(crate) fn body_start(&self, text: &str) -> usize {
        let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
        bom.max(self.frontmatter.end as usize)
    }

    /// What a subpath (without its first `#`) names in this note.
    pub fn anchor(&self, subpath: &str) -> Option<Anchor> {
        match heading::subpath(subpath) {
            Subpath::Whole => Some(Anchor::Note),
            Subpath::Headings(wanted) => {
                let headings = self.headings.iter().map(|h| (h.level(), h.key));
                heading::find(headings, &wanted).map(Anchor::Heading)
            }
            Subpath::Block(id) => {
                let key = fold_hash(id);
                let placed = |block: &Block| !block.misplaced && block.key == key;
                let found = self.blocks.iter().position(placed);
                let any = || self.blocks.iter().position(|block| block.key == key);
                found.or_else(any).map(Anchor::Block)
            }
            Subpath::Footnote(id) => self
                .label(LabelKind::Footnote, fold_hash(id))
                .map(Anchor::Label),
        }
    }

    /// The heading that the fragment of a Markdown link names in the way of
    /// other tools: `#see-also` for `See also` (R10).
    pub fn slug(&self, fragment: &str, symbols: &Symbols) -> Option<Anchor> {
        let slug = |text: &str| heading::key(&text.replace('-', " "));
        let wanted = slug(fragment)?;
        let named = |heading: &Heading| {
            heading.key == wanted || symbols.with(heading.title, slug) == Some(wanted)
        };
        self.headings.iter().position(named).map(Anchor::Heading)
    }

    /// The index in `labels` of the first label of this kind and key.
    pub fn label(&self, kind: LabelKind, key: u32) -> Option<usize> {
        let is = |label: &Label| label.kind == kind && label.key == key;
        self.labels.iter().position(is)
    }
}

/// As much of a text as is read: offsets in it fit into 32 bits.
pub(crate) fn readable(text: &str) -> &str {
    let mut limit = text.len().min(u32::MAX as usize / 4);
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    &text[..limit]
}

/// A section of a note; see [`Note::sections`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// From the line of its heading to the next heading of the same or a
    /// higher level.
    pub range: Range<u32>,
    /// The index of the heading whose section holds this one.
    pub parent: Option<usize>,
}

/// A place in a note that a subpath names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// The note as a whole.
    Note,
    /// Index in [`Note::headings`].
    Heading(usize),
    /// Index in [`Note::blocks`].
    Block(usize),
    /// Index in [`Note::labels`].
    Label(usize),
}

#[cfg(test)]
#[path = "note_tests.rs"]
mod tests;
