//! The facts of a closed note in one piece of memory.
//!
//! A vault of 100,000 notes has millions of facts, of which a query looks at
//! few. Packed they take a third of the memory: offsets become differences,
//! numbers of one byte mostly, and a note needs one allocation instead of ten.
//! What is packed comes back as it was; each list can be read without the
//! others.

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use crate::fact::{
    Alias, Block, Field, Form, Heading, Label, LabelKind, Link, Property, Region, RegionKind, Said,
    Tag, ValueKind,
};
use crate::lines::{Lines, pull, push};
use crate::note::Note;
use crate::symbol::Symbol;

/// The lists of a packed note, in their order.
#[derive(Clone, Copy)]
enum List {
    Links,
    Headings,
    Tags,
    Fields,
    Properties,
    Said,
    Aliases,
    Blocks,
    Labels,
    Regions,
    Lines,
}

const LISTS: usize = List::Lines as usize + 1;

/// A packed note; see the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packed(Arc<[u8]>);

impl Packed {
    /// A hash of everything.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = rustc_hash::FxHasher::default();
        self.0.hash(&mut hasher);
        hasher.finish()
    }
}

/// Writes lists, one after the other.
struct Writer {
    bytes: Vec<u8>,
    last: u32,
}

impl Writer {
    fn number(&mut self, value: u32) {
        push(&mut self.bytes, value);
    }

    /// An offset, as the difference to the one before. Lists are sorted, and a
    /// wrong order would only cost room.
    fn offset(&mut self, value: u32) {
        self.number(value.wrapping_sub(self.last));
        self.last = value;
    }

    fn range(&mut self, range: &Range<u32>) {
        self.offset(range.start);
        self.number(range.end.wrapping_sub(range.start));
    }

    /// A hash, of which all bytes are as likely.
    fn key(&mut self, key: u32) {
        self.bytes.extend(key.to_le_bytes());
    }

    fn symbol(&mut self, symbol: Symbol) {
        // None is the most frequent symbol.
        self.number(symbol.number().wrapping_add(1));
    }
}

/// Reads one list to its end.
#[derive(Clone)]
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    last: u32,
}

impl Reader<'_> {
    fn number(&mut self) -> u32 {
        pull(self.bytes, &mut self.at)
    }

    fn offset(&mut self) -> u32 {
        self.last = self.last.wrapping_add(self.number());
        self.last
    }

    fn range(&mut self) -> Range<u32> {
        let start = self.offset();
        start..start.wrapping_add(self.number())
    }

    fn key(&mut self) -> u32 {
        let key = self.bytes.get(self.at..self.at + 4).unwrap_or_default();
        self.at += 4;
        key.try_into().map_or(0, u32::from_le_bytes)
    }

    fn symbol(&mut self) -> Symbol {
        Symbol::from_number(self.number().wrapping_sub(1))
    }

    fn facts<T>(mut self, mut read: impl FnMut(&mut Self) -> T) -> impl Iterator<Item = T> {
        std::iter::from_fn(move || (self.at < self.bytes.len()).then(|| read(&mut self)))
    }
}

impl Packed {
    /// Whether this is the same piece of memory.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn new(note: &Note) -> Self {
        let mut out = Writer {
            bytes: Vec::with_capacity(note.links.len() * 12 + 256),
            last: 0,
        };
        let mut lengths = [0; LISTS];
        let mut write = |list: List, write: &dyn Fn(&mut Writer)| {
            let start = out.bytes.len();
            out.last = 0;
            write(&mut out);
            lengths[list as usize] = out.bytes.len() - start;
        };
        write(List::Links, &|out| {
            for fact in &note.links {
                link(fact, out);
            }
        });
        write(List::Headings, &|out| {
            for heading in &note.headings {
                out.offset(heading.start);
                out.number(heading.bits());
                out.key(heading.key);
                out.symbol(heading.title);
            }
        });
        write(List::Tags, &|out| {
            for tag in &note.tags {
                out.offset(tag.start);
                out.number(u32::from(tag.len) << 1 | u32::from(tag.property));
                out.symbol(tag.name);
            }
        });
        write(List::Fields, &|out| {
            for fact in &note.fields {
                field(fact, out);
            }
        });
        write(List::Properties, &|out| {
            for property in &note.properties {
                out.offset(property.start);
                out.number(u32::from(property.key_len));
                out.number(u32::from(property.depth) << 4 | property.kind as u32);
                out.symbol(property.key);
            }
        });
        write(List::Said, &|out| {
            for said in &note.said {
                out.symbol(said.key);
                out.symbol(said.text);
            }
        });
        write(List::Aliases, &|out| {
            for alias in &note.aliases {
                out.offset(alias.start);
                out.number(u32::from(alias.len));
                out.symbol(alias.name);
            }
        });
        write(List::Blocks, &|out| {
            for block in &note.blocks {
                out.symbol(block.id);
                out.key(block.key);
                out.range(&block.id_range);
                out.range(&block.range);
                out.symbol(block.text);
                out.number(u32::from(block.misplaced));
            }
        });
        write(List::Labels, &|out| {
            for label in &note.labels {
                out.number(label.kind as u32);
                out.range(&label.range);
                out.symbol(label.id);
                out.key(label.key);
            }
        });
        write(List::Regions, &|out| {
            for region in &note.regions {
                out.number(region.kind as u32);
                out.range(&region.range);
                out.symbol(region.info);
            }
        });
        write(List::Lines, &|out| out.bytes.extend(note.lines.bytes()));
        let mut packed = Vec::with_capacity(out.bytes.len() + 32);
        for number in [note.len, note.frontmatter.start, note.frontmatter.end] {
            push(&mut packed, number);
        }
        push(
            &mut packed,
            note.lines.wide() << 1 | u32::from(note.valid_frontmatter),
        );
        for length in lengths {
            push(&mut packed, length as u32);
        }
        packed.extend(out.bytes);
        Self(packed.into())
    }

    /// The bytes of a list.
    fn list(&self, list: List) -> Reader<'_> {
        let mut at = 0;
        for _ in 0..4 {
            pull(&self.0, &mut at);
        }
        let lengths: [usize; LISTS] = std::array::from_fn(|_| pull(&self.0, &mut at) as usize);
        let start = at + lengths[..list as usize].iter().sum::<usize>();
        let bytes = self.0.get(start..start + lengths[list as usize]);
        Reader {
            bytes: bytes.unwrap_or_default(),
            at: 0,
            last: 0,
        }
    }

    pub(crate) fn links(&self) -> impl Iterator<Item = Link> + '_ {
        self.list(List::Links).facts(read_link)
    }

    pub(crate) fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        self.list(List::Tags).facts(|from| {
            let start = from.offset();
            let bits = from.number();
            Tag {
                start,
                len: (bits >> 1) as u16,
                property: bits & 1 == 1,
                name: from.symbol(),
            }
        })
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        self.list(List::Fields).facts(read_field)
    }

    pub(crate) fn properties(&self) -> impl Iterator<Item = Property> + '_ {
        self.list(List::Properties).facts(|from| {
            let start = from.offset();
            let key_len = from.number() as u16;
            let bits = from.number();
            Property {
                start,
                key_len,
                kind: ValueKind::from_number(bits & 15),
                depth: (bits >> 4) as u8,
                key: from.symbol(),
            }
        })
    }

    /// The length of the text in bytes.
    pub(crate) fn text_length(&self) -> u32 {
        pull(&self.0, &mut 0)
    }

    pub(crate) fn lines(&self) -> Lines {
        let mut at = 0;
        for _ in 0..3 {
            pull(&self.0, &mut at);
        }
        let wide = pull(&self.0, &mut at) >> 1;
        Lines::from_bytes(self.list(List::Lines).bytes, wide)
    }

    /// The note as it was before it was packed.
    pub(crate) fn note(&self) -> Note {
        let mut at = 0;
        let [len, start, end, bits] = std::array::from_fn(|_| pull(&self.0, &mut at));
        let headings = self.list(List::Headings).facts(|from| {
            let start = from.offset();
            let bits = from.number();
            Heading::from_bits(start, bits, from.key(), from.symbol())
        });
        let said = self.list(List::Said).facts(|from| Said {
            key: from.symbol(),
            text: from.symbol(),
        });
        let aliases = self.list(List::Aliases).facts(|from| Alias {
            start: from.offset(),
            len: from.number() as u16,
            name: from.symbol(),
        });
        let blocks = self.list(List::Blocks).facts(|from| Block {
            id: from.symbol(),
            key: from.key(),
            id_range: from.range(),
            range: from.range(),
            text: from.symbol(),
            misplaced: from.number() == 1,
        });
        let labels = self.list(List::Labels).facts(|from| Label {
            kind: match from.number() {
                0 => LabelKind::Footnote,
                1 => LabelKind::FootnoteUse,
                2 => LabelKind::Definition,
                _ => LabelKind::DefinitionUse,
            },
            range: from.range(),
            id: from.symbol(),
            key: from.key(),
        });
        let regions = self.list(List::Regions).facts(|from| Region {
            kind: match from.number() {
                0 => RegionKind::Code,
                1 => RegionKind::Callout,
                2 => RegionKind::Comment,
                3 => RegionKind::Table,
                _ => RegionKind::Opaque,
            },
            range: from.range(),
            info: from.symbol(),
        });
        Note {
            lines: self.lines(),
            len,
            frontmatter: start..end,
            valid_frontmatter: bits & 1 == 1,
            links: self.links().collect(),
            headings: headings.collect(),
            tags: self.tags().collect(),
            fields: self.fields().collect(),
            properties: self.properties().collect(),
            said: said.collect(),
            aliases: aliases.collect(),
            blocks: blocks.collect(),
            labels: labels.collect(),
            regions: regions.collect(),
        }
    }

    /// The bytes that it takes, for measuring memory.
    pub(crate) fn size(&self) -> usize {
        // With the two counts of the shared pointer.
        self.0.len() + 16
    }
}

fn link(link: &Link, out: &mut Writer) {
    out.offset(link.start);
    out.number(u32::from(link.len));
    out.number(u32::from(link.flags) << 2 | link.form as u32);
    out.symbol(link.folder);
    out.symbol(link.name);
    out.symbol(link.subpath);
}

fn field(field: &Field, out: &mut Writer) {
    let is_spelled = !field.spelling.is_empty();
    out.offset(field.start);
    out.number(u32::from(field.key_len) << 1 | u32::from(is_spelled));
    out.number(u32::from(field.len));
    out.symbol(field.key);
    if is_spelled {
        out.symbol(field.spelling);
    }
}

fn read_field(from: &mut Reader<'_>) -> Field {
    let start = from.offset();
    let bits = from.number();
    Field {
        start,
        key_len: (bits >> 1) as u16,
        len: from.number() as u16,
        key: from.symbol(),
        spelling: if bits & 1 == 1 {
            from.symbol()
        } else {
            Symbol::EMPTY
        },
    }
}

fn read_link(from: &mut Reader<'_>) -> Link {
    let start = from.offset();
    let len = from.number() as u16;
    let bits = from.number();
    Link {
        start,
        len,
        form: match bits & 3 {
            0 => Form::Wiki,
            1 => Form::Markdown,
            2 => Form::Definition,
            _ => Form::Path,
        },
        flags: (bits >> 2) as u8,
        folder: from.symbol(),
        name: from.symbol(),
        subpath: from.symbol(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::ParseOptions;
    use crate::symbol::Symbols;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            text in r#"(---\n|a: \[\[x\]\]\n|aliases: \[p, "q"\]\ntags: t\n|b:\n  c: 1\n|\[\[p/N#H\|a\]\]|!\[\[\.\./i\.png\|9\]\]|\[m\]\(u/v\.md\)|\[r\]: w\n|\[r\]|# H|\n|\n\n|#t/u |k:: v|\[k:: v\]| \^id\n|\[\^1\]|\[\^1\]: f\n|> \[!n\] |```\n|%%|\|x\|\n\|-\|\n|é|大|😀|\r\n){0,40}"#,
        ) {
            let note = Note::parse(&text, &Symbols::default(), &ParseOptions::default());
            let packed = Packed::new(&note);
            prop_assert_eq!(packed.note(), note);
        }
    }
}
