//! What a place in a note is about, and where else that is spoken of.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::fact::{Form, Label, LabelKind, Link};
use crate::field::canonical_path;
use crate::files::Facts;
use crate::heading;
use crate::index::FileId;
use crate::note::{Anchor, Note};
use crate::path::{fold, fold_hash, same, split, strip_md};
use crate::query::at::{At, at};
use crate::resolve::Target;
use crate::symbol::Symbol;
use crate::tag::with_ancestors;
use crate::vault::Vault;

/// A thing that notes speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A note or another file.
    File(FileId),
    /// A note by its title, which is one of its headings as well.
    Title(FileId, usize),
    /// A heading, block or footnote of a note; never [`Anchor::Note`].
    Anchor(FileId, Anchor),
    /// A tag with those below it, by its identity.
    Tag(String),
    /// A property or inline field, by its canonical key.
    Key(String),
    /// A note that is not there, by its identity; see [`missing`].
    Missing(String),
}

/// Where a subject occurs in a note, and whether it is defined there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The bytes of the link, tag, key or heading.
    pub range: Range<u32>,
    /// Whether this is what the others refer to.
    pub definition: bool,
}

/// The subject at a byte offset of a note, and the range that names it.
pub fn subject(vault: &Vault, file: FileId, offset: u32) -> Option<(Subject, Range<u32>)> {
    let note = vault.note(file)?;
    let note = &*note;
    match at(note, offset)? {
        At::Link(index) => {
            let link = &note.links[index];
            Some((of_link(vault, file, link)?, link.range()))
        }
        At::Tag(index) => {
            let tag = &note.tags[index];
            Some((Subject::Tag(vault.string(tag.name)), tag.range()))
        }
        At::Field(index) => {
            let field = &note.fields[index];
            Some((Subject::Key(vault.string(field.key)), field.key_range()))
        }
        At::Property(index) => {
            let property = &note.properties[index];
            let key = vault
                .symbols()
                .with(property.key, |key| canonical_path(key).into_owned());
            Some((Subject::Key(key), property.key_range()))
        }
        At::Alias(index) => Some((Subject::File(file), note.aliases[index].range())),
        At::Block(index) => {
            let range = note.blocks[index].id_range.clone();
            Some((Subject::Anchor(file, Anchor::Block(index)), range))
        }
        At::Label(index) => {
            let label = &note.labels[index];
            let definition = definition_of(note, label)?;
            Some((
                Subject::Anchor(file, Anchor::Label(definition)),
                label.range.clone(),
            ))
        }
        At::Heading(index) => {
            let range = note.headings[index].range();
            let subject = if title_heading(vault, file, note) == Some(index) {
                Subject::Title(file, index)
            } else {
                Subject::Anchor(file, Anchor::Heading(index))
            };
            Some((subject, range))
        }
        At::FirstLine => Some((Subject::File(file), note.lines.line_of(0))),
    }
}

/// The index of the footnote or definition that a label names or is.
fn definition_of(note: &Note, label: &Label) -> Option<usize> {
    note.label(definition_kind(label.kind), label.key)
}

/// What a label of this kind names or is.
fn definition_kind(kind: LabelKind) -> LabelKind {
    match kind {
        LabelKind::Footnote | LabelKind::FootnoteUse => LabelKind::Footnote,
        LabelKind::Definition | LabelKind::DefinitionUse => LabelKind::Definition,
    }
}

/// The heading that is the title of its note: the first of level 1, if it is
/// the first of all, or says or links the name of the note.
pub fn title_heading(vault: &Vault, file: FileId, note: &Note) -> Option<usize> {
    let mut headings = note.headings.iter();
    let first = headings.position(|heading| heading.level() == 1)?;
    (first == 0 || is_named(vault, file, note, first)).then_some(first)
}

/// Whether a heading says or links the name of its note.
fn is_named(vault: &Vault, file: FileId, note: &Note, heading: usize) -> bool {
    let Some(own) = vault.files().get(file) else {
        return false;
    };
    let heading = &note.headings[heading];
    let is_name = |name: &str| heading::key(strip_md(name).unwrap_or(name)) == Some(heading.key);
    vault.symbols().with(own.name, is_name)
        || note.links.iter().any(|link| {
            heading.range().contains(&link.start) && vault.resolve(link, file).file() == Some(file)
        })
}

/// What a link is about.
pub fn of_link(vault: &Vault, source: FileId, link: &Link) -> Option<Subject> {
    match vault.resolve(link, source) {
        Target::External => None,
        Target::Missing(_) => Some(Subject::Missing(missing(vault, link, source))),
        Target::File { file, .. } => Some(match vault.anchor(link, file) {
            Some(Anchor::Note) | None => Subject::File(file),
            Some(anchor) => Subject::Anchor(file, anchor),
        }),
    }
}

/// The identity of a note that is not there (R12): its folded path without
/// `.md`, from the root of the whole vault. A bare name has no folder yet.
pub(crate) fn missing(vault: &Vault, link: &Link, source: FileId) -> String {
    let path = vault.spelled_path(link, source);
    let path = path.unwrap_or_else(|| vault.link_path(link));
    let path = path.trim_matches('/');
    fold(strip_md(path).unwrap_or(path))
}

/// The key under which links to a missing note stand.
pub(crate) fn name_key(path: &str) -> u32 {
    fold_hash(split(path).1)
}

/// The files in which a subject may occur, in no order.
pub fn files(vault: &Vault, subject: &Subject) -> Vec<FileId> {
    match subject {
        Subject::Tag(tag) => vault.tagged(tag).collect(),
        Subject::Key(key) => vault.with_key(key).collect(),
        Subject::Missing(path) => vault.linking(name_key(path)).collect(),
        Subject::Anchor(file, Anchor::Label(_)) => vec![*file],
        Subject::File(file) | Subject::Title(file, _) | Subject::Anchor(file, _) => {
            let Some(own) = vault.files().get(*file) else {
                return Vec::new();
            };
            let mut files: Vec<FileId> = vault.linking(vault.file_key(own)).collect();
            if !files.contains(file) {
                files.push(*file);
            }
            files
        }
    }
}

/// Where the subject occurs in one file, in order. `seen` is kept from file
/// to file of one question about one subject.
pub fn occurrences(
    vault: &Vault,
    subject: &Subject,
    file: FileId,
    seen: &mut Seen,
) -> Vec<Occurrence> {
    let Some(facts) = vault.facts(file) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut add =
        |range: Range<u32>, definition: bool| found.push(Occurrence { range, definition });
    match subject {
        Subject::File(target) => {
            if *target == file {
                add(title(vault, file, &facts.note()), true);
            }
            for link in links_to(vault, facts, file, *target, seen) {
                // A note's links to its own parts are no mentions of it (G5).
                if !is_within(&link) {
                    add(link.range(), false);
                }
            }
        }
        Subject::Title(target, heading) => {
            let anchor = Anchor::Heading(*heading);
            if *target == file {
                add(anchor_range(&facts.note(), anchor), true);
            }
            for link in links_to(vault, facts, file, *target, seen) {
                if !is_within(&link) || seen.names(vault, &link, *target, anchor) {
                    add(link.range(), false);
                }
            }
        }
        Subject::Anchor(target, Anchor::Label(index)) => {
            let note = facts.note();
            let named = note.labels.get(*index).filter(|_| *target == file);
            let is_same = |label: &Label| {
                let named = named.map(|named| (definition_kind(named.kind), named.key));
                named == Some((definition_kind(label.kind), label.key))
            };
            let labels = note.labels.iter().enumerate();
            for (at, label) in labels.filter(|label| is_same(label.1)) {
                add(label.range.clone(), at == *index);
            }
        }
        Subject::Anchor(target, anchor) => {
            if *target == file {
                add(anchor_range(&facts.note(), *anchor), true);
            }
            for link in links_to(vault, facts, file, *target, seen) {
                if seen.names(vault, &link, *target, *anchor) {
                    add(link.range(), false);
                }
            }
        }
        Subject::Tag(wanted) => tags(vault, facts, wanted, seen, add),
        Subject::Key(wanted) => keys(vault, facts, wanted, seen, add),
        Subject::Missing(path) => {
            let key = name_key(path);
            let links = facts
                .links()
                .filter(|link| vault.link_key(link) == Some(key));
            for link in links.filter(|link| missing(vault, link, file) == *path) {
                if matches!(vault.resolve(&link, file), Target::Missing(_)) {
                    add(link.range(), false);
                }
            }
        }
    }
    found.sort_by_key(|occurrence| (occurrence.range.start, occurrence.range.end));
    found.dedup_by(|next, last| next.range == last.range);
    found
}

/// Whether a link leads within its own note by its form: `[[#Heading]]`.
fn is_within(link: &Link) -> bool {
    link.name.is_empty() && link.folder.is_empty()
}

fn tags(
    vault: &Vault,
    facts: &Facts,
    wanted: &str,
    seen: &mut Seen,
    mut add: impl FnMut(Range<u32>, bool),
) {
    let holds = |name: &str| with_ancestors(name).any(|tag| same(tag, wanted));
    for tag in facts.tags() {
        let known = seen.names.entry(tag.name);
        if *known.or_insert_with(|| vault.symbols().with(tag.name, holds)) {
            add(tag.range(), false);
        }
    }
}

fn keys(
    vault: &Vault,
    facts: &Facts,
    wanted: &str,
    seen: &mut Seen,
    mut add: impl FnMut(Range<u32>, bool),
) {
    let mut is_key = |symbol: Symbol| {
        let is = |key: &str| canonical_path(key) == wanted;
        let known = seen.names.entry(symbol);
        *known.or_insert_with(|| vault.symbols().with(symbol, is))
    };
    for property in facts.properties().filter(|property| is_key(property.key)) {
        add(property.key_range(), false);
    }
    for field in facts.fields().filter(|field| is_key(field.key)) {
        add(field.key_range(), false);
    }
}

/// What is known from earlier files of one question: most notes link to a hub
/// in the same few ways.
#[derive(Debug, Default)]
pub struct Seen {
    /// Whether the last segment of a path may mean the target, or whether a
    /// tag or key is the one that is asked for.
    names: FxHashMap<Symbol, bool>,
    /// Whether a path leads to the target, from wherever it stands.
    paths: FxHashMap<(Symbol, Symbol), bool>,
    /// Whether a subpath names the anchor; wiki-links and others differ.
    subpaths: FxHashMap<(bool, Symbol), bool>,
    target: Option<Arc<Note>>,
}

impl Seen {
    /// Whether a link to `target` names this place in it.
    fn names(&mut self, vault: &Vault, link: &Link, target: FileId, anchor: Anchor) -> bool {
        if !link.is(Link::SUBPATH) {
            return false;
        }
        let known = (link.form == Form::Wiki, link.subpath);
        if let Some(&names) = self.subpaths.get(&known) {
            return names;
        }
        if self.target.is_none() {
            self.target = vault.note(target);
        }
        let note = self.target.as_ref();
        let names = note.and_then(|note| vault.anchor_in(link, note)) == Some(anchor);
        self.subpaths.insert(known, names);
        names
    }
}

/// The links of a note that lead to `target`. `seen` is as in [`occurrences`].
pub(crate) fn links_to(
    vault: &Vault,
    facts: &Facts,
    file: FileId,
    target: FileId,
    seen: &mut Seen,
) -> Vec<Link> {
    let Some(key) = vault.files().get(target).map(|own| vault.file_key(own)) else {
        return Vec::new();
    };
    let leads = |link: &Link| {
        if link.name.is_empty() || link.is(Link::EXTERNAL) {
            let within = is_within(link) && target == file;
            return (within || vault.link_key(link) == Some(key))
                && vault.resolve(link, file).file() == Some(target);
        }
        let named = seen.names.entry(link.name);
        if !*named.or_insert_with(|| vault.link_key(link) == Some(key)) {
            return false;
        }
        if let Some(&leads) = seen.paths.get(&(link.folder, link.name)) {
            return leads;
        }
        let leads = vault.resolve(link, file).file() == Some(target);
        if vault.is_same_everywhere(link) {
            seen.paths.insert((link.folder, link.name), leads);
        }
        leads
    };
    facts.links().filter(leads).collect()
}

/// Where a note is named in itself: its title, else its start.
pub fn title(vault: &Vault, file: FileId, note: &Note) -> Range<u32> {
    let heading = title_heading(vault, file, note);
    heading.map_or(0..0, |heading| note.headings[heading].range())
}

/// The bytes that name an anchor: the text of a heading, the id of a block.
pub fn anchor_range(note: &Note, anchor: Anchor) -> Range<u32> {
    let range = match anchor {
        Anchor::Note => None,
        Anchor::Heading(index) => note
            .headings
            .get(index)
            .map(super::super::fact::Heading::range),
        Anchor::Block(index) => note.blocks.get(index).map(|block| block.id_range.clone()),
        Anchor::Label(index) => note.labels.get(index).map(|label| label.range.clone()),
    };
    range.unwrap_or(0..0)
}

/// All the bytes that an anchor stands for: the section, the block.
pub fn anchor_extent(note: &Note, anchor: Anchor) -> Range<u32> {
    match anchor {
        Anchor::Note => 0..note.len,
        Anchor::Heading(index) => note.section(index),
        Anchor::Block(index) => match note.blocks.get(index) {
            Some(block) => block.range.start..block.range.end.max(block.id_range.end),
            None => 0..0,
        },
        Anchor::Label(_) => anchor_range(note, anchor),
    }
}
