//! Collects the facts of one text: the step from structure to facts.

use std::ops::Range;

use memchr::memmem;
use pulldown_cmark::LinkType;

use crate::block::{block_ids, shown};
use crate::fact::{
    Alias, Block, Field, Form, Heading, Label, LabelKind, Link, Property, Region, RegionKind, Said,
    Tag,
};
use crate::field;
use crate::heading;
use crate::link::{self, Found, Mask, Parts, inside};
use crate::markdown::{self, Structure};
use crate::note::ParseOptions;
use crate::path::{fold_hash, split};
use crate::said;
use crate::symbol::{Symbol, Symbols};
use crate::tag;

/// Facts longer than this are text: their length must fit into 16 bits.
pub(crate) const MAX_FACT: usize = u16::MAX as usize;

/// File names longer than this do not exist, nor do longer paths.
const MAX_NAME: usize = 255;
const MAX_PATH: usize = 4_096;

/// So many characters of a block are kept, to find it by them.
const MAX_SHOWN: usize = 30;

/// Longer keys of fields are not kept as they are written.
const MAX_KEY: usize = 64;

/// Most notes have no more facts of a kind.
const USUAL: usize = 16;

/// Collects the facts of one text.
pub(crate) struct Builder<'a> {
    pub(crate) text: &'a str,
    pub(crate) symbols: &'a Symbols,
    pub(crate) links: Vec<Link>,
    pub(crate) headings: Vec<Heading>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) fields: Vec<Field>,
    pub(crate) properties: Vec<Property>,
    pub(crate) said: Vec<Said>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) labels: Vec<Label>,
    pub(crate) regions: Vec<Region>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(text: &'a str, symbols: &'a Symbols) -> Self {
        Self {
            text,
            symbols,
            links: Vec::with_capacity(USUAL),
            headings: Vec::with_capacity(USUAL),
            tags: Vec::with_capacity(USUAL),
            fields: Vec::with_capacity(USUAL),
            properties: Vec::with_capacity(USUAL),
            said: Vec::with_capacity(USUAL),
            aliases: Vec::new(),
            blocks: Vec::new(),
            labels: Vec::new(),
            regions: Vec::new(),
        }
    }

    /// Adds a link whose parts are ranges of `source`.
    pub(crate) fn link(
        &mut self,
        range: Range<usize>,
        form: Form,
        flags: u8,
        source: &str,
        parts: &Parts,
    ) {
        let subpath = parts.subpath.clone().map(|range| &source[range]);
        self.push_link(range, form, flags, &source[parts.path.clone()], subpath);
    }

    /// Adds a Markdown link from its destination as written (G10).
    pub(crate) fn markdown_link(
        &mut self,
        range: Range<usize>,
        form: Form,
        flags: u8,
        destination: &str,
    ) {
        if range.len() > MAX_FACT {
            return;
        }
        if !link::is_internal(destination) {
            self.links.push(Link {
                start: range.start as u32,
                len: range.len() as u16,
                form,
                flags: flags | Link::EXTERNAL | self.embed(&range),
                folder: Symbol::EMPTY,
                name: Symbol::EMPTY,
                subpath: Symbol::EMPTY,
            });
            return;
        }
        let target = link::decode(destination);
        let (path, subpath) = match target.split_once('#') {
            Some((path, subpath)) => (path, Some(subpath.trim())),
            None => (&target[..], None),
        };
        if !path.trim().is_empty() || subpath.is_some_and(|subpath| !subpath.is_empty()) {
            self.push_link(range, form, flags, path, subpath);
        }
    }

    fn embed(&self, range: &Range<usize>) -> u8 {
        u8::from(self.text.as_bytes().get(range.start) == Some(&b'!')) * Link::EMBED
    }

    pub(crate) fn push_link(
        &mut self,
        range: Range<usize>,
        form: Form,
        flags: u8,
        path: &str,
        subpath: Option<&str>,
    ) {
        let path = link::normalize(path);
        let (folder, name) = split(&path);
        // No file system has such names, and the table of strings keeps all.
        if name.len() > MAX_NAME || folder.len() + subpath.map_or(0, str::len) > MAX_PATH {
            return;
        }
        let written = u8::from(subpath.is_some()) * Link::SUBPATH;
        self.links.push(Link {
            start: range.start as u32,
            len: range.len() as u16,
            form,
            flags: flags | written | self.embed(&range),
            folder: self.symbols.intern(folder),
            name: self.symbols.intern(name),
            subpath: self.symbols.intern(subpath.unwrap_or("")),
        });
    }

    pub(crate) fn body(&mut self, start: usize, options: &ParseOptions) {
        let text = self.text;
        let mut found = link::wikilinks(text, start..text.len(), Mask::default());
        let structure = markdown::structure(text, start, &found);
        if !structure.solid.is_empty() || !structure.math.is_empty() {
            let mask = Mask {
                solid: &structure.solid,
                math: &structure.math,
            };
            found = link::wikilinks(text, start..text.len(), mask);
        }
        let first_link = self.links.len();
        let mut closed = structure.solid.clone();
        let wiki = self.wikilinks(found, &structure);
        self.markdown_links(&structure, &wiki, &mut closed);
        self.fences(&structure, options);
        self.links[first_link..].sort_by_key(|link| link.start);
        hide_math(&structure, &wiki, &mut closed);
        let comments = markdown::comments(text, start, &structure.solid);
        closed.extend(wiki.iter().cloned());
        closed.sort_unstable_by_key(|range| (range.start, range.end));
        closed.dedup_by(|next, last| {
            let joined = next.start < last.end;
            last.end = if joined {
                last.end.max(next.end)
            } else {
                last.end
            };
            joined
        });
        self.tags(start, &structure, &wiki, &closed);
        self.fields(start, &closed);
        self.headings(&structure, &comments);
        self.rare(start, &structure, &comments, &wiki);
    }

    fn wikilinks(&mut self, found: Vec<Found>, structure: &Structure) -> Vec<Range<usize>> {
        let (text, mut tables) = (self.text, &structure.tables[..]);
        let links = found.into_iter().map(|found| {
            let table = u8::from(inside(&mut tables, found.range.start)) * Link::TABLE;
            if found.range.len() <= MAX_FACT {
                let range = found.range.clone();
                self.link(range, Form::Wiki, table, text, &found.parts);
            }
            found.range
        });
        links.collect()
    }

    /// Markdown links, and where tags may not stand because of them (T3).
    fn markdown_links(
        &mut self,
        structure: &Structure,
        wiki: &[Range<usize>],
        closed: &mut Vec<Range<usize>>,
    ) {
        let text = self.text;
        for found in &structure.links {
            let range = &found.range;
            let before = wiki.partition_point(|link| link.end <= range.start);
            // A link inside a wiki-link is text of its alias.
            if wiki
                .get(before)
                .is_some_and(|link| link.start <= range.start)
            {
                continue;
            }
            match found.form {
                LinkType::Inline => {
                    let label_end = found.label_end.min(range.end);
                    closed.push(if found.image {
                        range.clone()
                    } else {
                        label_end..range.end
                    });
                    let destination = link::markdown_destination(text, range.clone(), label_end);
                    if let Some(destination) = destination {
                        let destination = &text[destination];
                        self.markdown_link(range.clone(), Form::Markdown, 0, destination);
                    }
                }
                LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut => {
                    self.label(LabelKind::DefinitionUse, range, &found.id);
                }
                LinkType::Autolink | LinkType::Email => closed.push(range.clone()),
                _ => {}
            }
        }
        for (span, id) in &structure.definitions {
            closed.push(span.clone());
            self.label(LabelKind::Definition, span, id);
            let source = text.get(span.clone()).unwrap_or("");
            if let Some(colon) = memmem::find(source.as_bytes(), b"]:") {
                let rest = source[colon + 2..].trim_start();
                let destination = match rest.strip_prefix('<') {
                    Some(inside) => inside.split('>').next(),
                    None => rest.split_whitespace().next(),
                };
                let destination = destination.unwrap_or("");
                if !destination.is_empty() {
                    self.markdown_link(span.clone(), Form::Definition, 0, destination);
                }
            }
        }
    }

    /// Links in the fences that the settings list.
    fn fences(&mut self, structure: &Structure, options: &ParseOptions) {
        for (kind, range, info) in &structure.regions {
            if *kind == RegionKind::Code && options.soft_fences.iter().any(|soft| soft == info) {
                for found in link::wikilinks(self.text, range.clone(), Mask::default()) {
                    if found.range.len() <= MAX_FACT {
                        let range = found.range;
                        self.link(range, Form::Wiki, Link::FENCE, self.text, &found.parts);
                    }
                }
            }
        }
    }

    fn tags(
        &mut self,
        start: usize,
        structure: &Structure,
        wiki: &[Range<usize>],
        closed: &[Range<usize>],
    ) {
        let mut edges = structure.edges.clone();
        edges.extend(wiki.iter().map(|link| link.end));
        edges.sort_unstable();
        let places = tag::Places {
            closed,
            edges: &edges,
            limits: &structure.limits,
            tables: &structure.tables,
        };
        for range in tag::tags(self.text, start..self.text.len(), &places) {
            if range.len() <= tag::MAX_TAG {
                let name = tag::identity(&self.text[range.clone()]);
                self.tags.push(Tag {
                    start: range.start as u32,
                    len: range.len() as u16,
                    property: false,
                    name: self.symbols.intern(&name),
                });
            }
        }
    }

    fn fields(&mut self, start: usize, closed: &[Range<usize>]) {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let mut done = start;
        for at in memmem::find_iter(&bytes[start..], b"::").map(|at| at + start) {
            if at < done {
                continue;
            }
            let from =
                memchr::memrchr2(b'\n', b'\r', &bytes[done..at]).map_or(done, |n| done + n + 1);
            let to = memchr::memchr2(b'\n', b'\r', &bytes[at..]).map_or(text.len(), |n| at + n);
            done = to;
            let opaque = |offset: usize| {
                let index = closed.partition_point(|range| range.end <= from + offset);
                closed
                    .get(index)
                    .is_some_and(|range| range.start <= from + offset)
            };
            for field in field::fields(&text[from..to], opaque) {
                self.field(from, &field);
            }
        }
    }

    /// Adds a field whose ranges are those of a text from `from` on.
    fn field(&mut self, from: usize, field: &field::Field) {
        let text = self.text;
        let get = |range: &Range<usize>| &text[from + range.start..from + range.end];
        let written = get(&field.key);
        let name = field::canonical(written);
        if name.is_empty() {
            return;
        }
        let start = from + field.key.start;
        // A tag has its own spelling.
        let is_tag = text[..start].ends_with('#');
        let is_plain = *name == *written || is_tag || written.len() > MAX_KEY;
        let key = self.symbols.intern(&name);
        self.fields.push(Field {
            start: start as u32,
            key_len: field.key.len() as u16,
            len: (field.value.end.max(field.key.end) - field.key.start) as u16,
            key,
            spelling: self.symbols.intern(if is_plain { "" } else { written }),
        });
        if let Some(value) = said::in_field(&name, get(&field.value)) {
            let text = self.symbols.intern(value);
            self.said.push(Said { key, text });
        }
    }

    fn headings(&mut self, structure: &Structure, comments: &[Range<usize>]) {
        let mut comments = comments;
        for (level, range) in &structure.headings {
            let source = markdown::heading_text(self.text, range);
            let text = &self.text[source.clone()];
            let hidden = inside(&mut comments, range.start);
            let plain = !text.contains("[[") && !text.contains("::");
            let title = if plain && text.len() <= 256 { text } else { "" };
            self.headings.push(Heading::new(
                &source,
                *level,
                hidden,
                heading::key(text).unwrap_or(0),
                self.symbols.intern(title),
            ));
        }
    }

    fn rare(
        &mut self,
        start: usize,
        structure: &Structure,
        comments: &[Range<usize>],
        mut wiki: &[Range<usize>],
    ) {
        let range32 = |range: &Range<usize>| range.start as u32..range.end as u32;
        for named in block_ids(self.text, start, structure) {
            let id = &self.text[named.id.start + 1..named.id.end];
            let source = self.text.get(named.block.clone()).unwrap_or("");
            self.blocks.push(Block {
                id: self.symbols.intern(id),
                key: fold_hash(id),
                id_range: range32(&named.id),
                range: range32(&named.block),
                text: self.symbols.intern(shown(source, MAX_SHOWN)),
                misplaced: named.misplaced,
            });
        }
        let mut labels: Vec<_> = structure.labels.iter().collect();
        labels.sort_by_key(|label| label.1.start);
        for (kind, range, id) in labels {
            // In a wiki-link a footnote is one of the note that it names.
            if !inside(&mut wiki, range.start) {
                self.label(*kind, range, id);
            }
        }
        self.labels.sort_by_key(|label| label.range.start);
        let regions = structure.regions.iter().map(|(kind, range, info)| Region {
            kind: *kind,
            range: range32(range),
            info: self.symbols.intern(info),
        });
        let comments = comments.iter().map(|range| Region {
            kind: RegionKind::Comment,
            range: range32(range),
            info: Symbol::EMPTY,
        });
        self.regions.extend(regions.chain(comments));
        self.regions.sort_by_key(|region| region.range.start);
    }

    fn label(&mut self, kind: LabelKind, range: &Range<usize>, id: &str) {
        self.labels.push(Label {
            kind,
            range: range.start as u32..range.end as u32,
            id: self.symbols.intern(id),
            key: fold_hash(id),
        });
    }
}

/// Math hides tags, unless it seems to begin inside a link (G8).
fn hide_math(structure: &Structure, wiki: &[Range<usize>], closed: &mut Vec<Range<usize>>) {
    for math in &structure.math {
        let before = wiki.partition_point(|link| link.end <= math.start);
        if wiki.get(before).is_none_or(|link| link.start > math.start) {
            closed.push(math.clone());
        }
    }
}
