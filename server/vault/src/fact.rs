//! The facts that are kept of a note: small, and without text.
//!
//! A vault of 100,000 notes has two million links, so a fact holds symbols
//! and offsets only. What else a query wants to know, such as the ranges of
//! the parts of a link, is read from the note's text on demand. Offsets and
//! lengths are in bytes of the text, a BOM included.

use std::ops::Range;

use crate::symbol::Symbol;

/// How a link is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `[[path#subpath|alias]]`
    Wiki,
    /// `[text](destination)`
    Markdown,
    /// `[id]: destination`
    Definition,
    /// The path of a file from the root of the vault, in a canvas.
    Path,
}

/// A link or an embed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it begins, with the `!` of an embed.
    pub start: u32,
    /// Its length; see [`crate::link::MAX_LINK`].
    pub len: u16,
    /// How it is written.
    pub form: Form,
    /// Flags, such as [`Link::EMBED`].
    pub flags: u8,
    /// The folder part of its normalized path with the final `/`; a leading
    /// `/` and leading `./` and `../` stay.
    pub folder: Symbol,
    /// The last segment of its path.
    pub name: Symbol,
    /// The subpath without its first `#`.
    pub subpath: Symbol,
}

impl Link {
    /// A `!` stands before it.
    pub const EMBED: u8 = 1;
    /// It is the value of a property (G9).
    pub const PROPERTY: u8 = 2;
    /// It stands in a code fence whose links count (beyond Obsidian).
    pub const FENCE: u8 = 4;
    /// It is written with escapes of YAML.
    pub const ESCAPED: u8 = 8;
    /// It leads out of the vault; it has no name.
    pub const EXTERNAL: u8 = 16;
    /// It stands in a table.
    pub const TABLE: u8 = 32;
    /// A `#` is written.
    pub const SUBPATH: u8 = 64;
    /// It stands in a canvas, in a string of JSON.
    pub const CANVAS: u8 = 128;

    /// Whether the flag is set.
    pub fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The whole link.
    pub fn range(&self) -> Range<u32> {
        self.start..self.start + u32::from(self.len)
    }
}

/// A heading. `[start, start + len)` is its text without the `#`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Where its text begins.
    pub start: u32,
    /// Length, comment flag and level, packed.
    bits: u32,
    /// The key by which links name it; `None` when nothing can (H5). See
    /// [`crate::heading::key`].
    pub key: u32,
    /// Its text, for workspace symbols. Empty when it holds a link or a field:
    /// such headings are statements and not titles.
    pub title: Symbol,
}

impl Heading {
    /// A heading; `key` 0 says that nothing can link to it.
    pub fn new(range: &Range<usize>, level: u8, hidden: bool, key: u32, title: Symbol) -> Self {
        let len = (range.len() as u32).min((1 << 28) - 1);
        Self {
            start: range.start as u32,
            bits: len << 4 | u32::from(hidden) << 3 | u32::from(level & 7),
            key,
            title,
        }
    }

    /// Length, comment flag and level as they are packed.
    pub(crate) fn bits(&self) -> u32 {
        self.bits
    }

    /// The heading with these [`Heading::bits`].
    pub(crate) fn from_bits(start: u32, bits: u32, key: u32, title: Symbol) -> Self {
        Self {
            start,
            bits,
            key,
            title,
        }
    }

    /// The text of the heading.
    pub fn range(&self) -> Range<u32> {
        self.start..self.start + (self.bits >> 4)
    }

    /// 1 to 6.
    pub fn level(&self) -> u8 {
        (self.bits & 7) as u8
    }

    /// Whether it stands in a `%%` comment: it is no part of the outline (M2).
    pub fn is_hidden(&self) -> bool {
        self.bits & 8 != 0
    }
}

/// A tag, in the text or in the property `tags`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Where it begins, with its `#` if it has one.
    pub start: u32,
    /// Its length.
    pub len: u16,
    /// Whether it is written in the frontmatter.
    pub property: bool,
    /// Its identity (T4).
    pub name: Symbol,
}

impl Tag {
    /// The whole tag.
    pub fn range(&self) -> Range<u32> {
        self.start..self.start + u32::from(self.len)
    }
}

/// An inline field (D1, D2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where the key begins.
    pub start: u32,
    /// The length of the key.
    pub key_len: u16,
    /// From the start of the key to the end of the value.
    pub len: u16,
    /// The key in canonical form (D3).
    pub key: Symbol,
    /// The key as it is written; empty where that is the canonical form, or a
    /// tag.
    pub spelling: Symbol,
}

impl Field {
    /// The key.
    pub fn key_range(&self) -> Range<u32> {
        self.start..self.start + u32::from(self.key_len)
    }

    /// The key with its value.
    pub fn range(&self) -> Range<u32> {
        self.start..self.start + u32::from(self.len)
    }
}

/// What the value of a property looks like (P5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ValueKind {
    Empty,
    Text,
    Number,
    Checkbox,
    Date,
    DateTime,
    Link,
    List,
    Map,
}

impl ValueKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Empty,
        Self::Text,
        Self::Number,
        Self::Checkbox,
        Self::Date,
        Self::DateTime,
        Self::Link,
        Self::List,
        Self::Map,
    ];

    /// The kind in words that follow "is".
    pub fn words(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Checkbox => "a checkbox",
            Self::Date => "a date",
            Self::DateTime => "a date and time",
            Self::Link => "a link",
            Self::List => "a list",
            Self::Map => "a group",
        }
    }

    /// The kind whose number this is.
    pub(crate) fn from_number(number: u32) -> Self {
        let kind = Self::ALL.get(number as usize);
        kind.copied().unwrap_or(Self::Text)
    }
}

/// A property. Its value ends before the next property or with the frontmatter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// Where the key begins.
    pub start: u32,
    /// The length of the key, with its quotes.
    pub key_len: u16,
    /// What its value looks like.
    pub kind: ValueKind,
    /// 0 for a property of the note, more for one inside another.
    pub depth: u8,
    /// The key path as written, such as `nested.key`.
    pub key: Symbol,
}

impl Property {
    /// The key.
    pub fn key_range(&self) -> Range<u32> {
        self.start..self.start + u32::from(self.key_len)
    }
}

/// A short text or number that is the value of a property or field, or an item
/// of its list; the module `said` says which are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The key path of the property, or the canonical key of the field.
    pub key: Symbol,
    /// The text.
    pub text: Symbol,
}

/// An item of `aliases` (P4), with its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Where it begins.
    pub start: u32,
    /// Its length.
    pub len: u16,
    /// The alias.
    pub name: Symbol,
}

impl Alias {
    /// The whole item.
    pub fn range(&self) -> Range<u32> {
        self.start..self.start + u32::from(self.len)
    }
}

/// A block with an id (B1, B2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The id without `^`.
    pub id: Symbol,
    /// The hash of the folded id, by which links find it.
    pub key: u32,
    /// The id with its `^`.
    pub id_range: Range<u32>,
    /// The block that it names.
    pub range: Range<u32>,
    /// The beginning of its text, by which it is looked for.
    pub text: Symbol,
    /// Whether it ends a line inside of a paragraph, where Obsidian sees no
    /// block id. Links find it all the same, if there is no other of the id.
    pub misplaced: bool,
}

/// What a [`Label`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LabelKind {
    /// `[^id]: text`
    Footnote,
    /// `[^id]`
    FootnoteUse,
    /// `[id]: destination`
    Definition,
    /// `[text][id]`, `[id][]` or `[id]`
    DefinitionUse,
}

/// A footnote, a reference definition (M5, G10), or a use of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Which of them.
    pub kind: LabelKind,
    /// The whole of it.
    pub range: Range<u32>,
    /// The id as written.
    pub id: Symbol,
    /// The hash of the folded id, by which uses find it (B4).
    pub key: u32,
}

/// What a [`Region`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegionKind {
    /// A code block.
    Code,
    /// `> [!type]` (M1).
    Callout,
    /// `%%` to `%%` (M2).
    Comment,
    /// A table (M9).
    Table,
    /// An HTML block, or math, code or HTML within a paragraph that reaches over
    /// more than a line: no link or tag in it counts (G8, T3).
    Opaque,
}

/// What a name in the outline of a note or among those of a vault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SymbolKind {
    Note,
    Alias,
    Heading,
    Tag,
    Property,
    Field,
    Block,
}

/// A part of a note that is more than a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// What it is.
    pub kind: RegionKind,
    /// From its first to its last byte.
    pub range: Range<u32>,
    /// Language of a code block or type of a callout.
    pub info: Symbol,
}
