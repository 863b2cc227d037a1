//! What a place in a note is about, and where else that is spoken of.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::fact::{Label, LabelKind, Link};
use crate::field::canonical;
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
    /// A heading, block or footnote of a note; never [`Anchor::Note`].
    Anchor(FileId, Anchor),
    /// A tag with those below it, by its identity.
    Tag(String),
    /// A property or inline field, by its canonical key.
    Key(String),
    /// A note that is not there, by the folded path of the links (R12).
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
                .with(property.key, |key| canonical(key).into_owned());
            Some((Subject::Key(key), property.key_range()))
        }
        At::Alias(index) => {
            let alias = &note.aliases[index];
            let range = alias.start..alias.start + u32::from(alias.len);
            Some((Subject::File(file), range))
        }
        At::Block(index) => {
            let range = note.blocks()[index].id_range.clone();
            Some((Subject::Anchor(file, Anchor::Block(index)), range))
        }
        At::Label(index) => {
            let label = &note.labels()[index];
            let definition = definition_of(vault, note, label)?;
            Some((
                Subject::Anchor(file, Anchor::Label(definition)),
                label.range.clone(),
            ))
        }
        At::Heading(index) => {
            let range = note.headings[index].range();
            let subject = if is_title(vault, file, note, index) {
                Subject::File(file)
            } else {
                Subject::Anchor(file, Anchor::Heading(index))
            };
            Some((subject, range))
        }
        At::FirstLine => Some((Subject::File(file), note.lines.line_of(0))),
    }
}

/// The index of the footnote or definition that a label names or is.
fn definition_of(vault: &Vault, note: &Note, label: &Label) -> Option<usize> {
    let kind = match label.kind {
        LabelKind::Footnote | LabelKind::FootnoteUse => LabelKind::Footnote,
        LabelKind::Definition | LabelKind::DefinitionUse => LabelKind::Definition,
    };
    note.label(kind, &vault.string(label.id), vault.symbols())
}

/// Whether a heading is the title of its note: the first of level 1, which
/// says or links the name of the note.
pub fn is_title(vault: &Vault, file: FileId, note: &Note, heading: usize) -> bool {
    let Some(own) = vault.files().get(file) else {
        return false;
    };
    let first = note
        .headings
        .iter()
        .position(|heading| heading.level() == 1);
    if first != Some(heading) {
        return false;
    }
    let heading = &note.headings[heading];
    let name = vault.string(own.name);
    let stem = strip_md(&name).unwrap_or(&name);
    crate::heading::key(stem) == Some(heading.key)
        || note.links.iter().any(|link| {
            heading.range().contains(&link.start) && vault.resolve(link, file).file() == Some(file)
        })
}

/// What a link is about.
pub fn of_link(vault: &Vault, source: FileId, link: &Link) -> Option<Subject> {
    match vault.resolve(link, source) {
        Target::External => None,
        Target::Missing(_) => Some(Subject::Missing(missing_key(vault, link))),
        Target::File { file, .. } => Some(match vault.anchor(link, file) {
            Some(Anchor::Note) | None => Subject::File(file),
            Some(anchor) => Subject::Anchor(file, anchor),
        }),
    }
}

/// The identity of a note that is not there: the folded path without `.md`.
fn missing_key(vault: &Vault, link: &Link) -> String {
    let path = vault.string(link.folder) + &vault.string(link.name);
    let path = path.trim_end_matches('/');
    fold(strip_md(path).unwrap_or(path))
}

/// The files in which a subject may occur, in no order.
pub fn files(vault: &Vault, subject: &Subject) -> Vec<FileId> {
    match subject {
        Subject::Tag(tag) => vault.tagged(tag).collect(),
        Subject::Key(key) => vault.with_key(key).collect(),
        Subject::Missing(path) => {
            let name = split(path).1;
            vault
                .linking(fold_hash(strip_md(name).unwrap_or(name)))
                .collect()
        }
        Subject::Anchor(file, Anchor::Label(_)) => vec![*file],
        Subject::File(file) | Subject::Anchor(file, _) => {
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
    let Some(note) = vault.note(file) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut add =
        |range: Range<u32>, definition: bool| found.push(Occurrence { range, definition });
    match subject {
        Subject::File(target) => {
            if *target == file {
                add(title(vault, file, note), true);
            }
            for link in links_to(vault, note, file, *target, seen) {
                // A note's links to its own parts are no mentions of it (G5).
                if !(link.name.is_empty() && link.folder.is_empty()) {
                    add(link.range(), false);
                }
            }
        }
        Subject::Anchor(target, Anchor::Label(index)) => {
            labels(vault, note, *target, file, *index, add);
        }
        Subject::Anchor(target, anchor) => {
            if *target == file {
                add(anchor_range(note, *anchor), true);
            }
            for link in links_to(vault, note, file, *target, seen) {
                if link.is(Link::SUBPATH) && vault.anchor(link, *target) == Some(*anchor) {
                    add(link.range(), false);
                }
            }
        }
        Subject::Tag(wanted) => {
            for tag in &note.tags {
                let holds = |name: &str| with_ancestors(name).any(|tag| same(tag, wanted));
                if vault.symbols().with(tag.name, holds) {
                    add(tag.range(), false);
                }
            }
        }
        Subject::Key(wanted) => {
            let is = |key: &str| canonical(key) == *wanted;
            for property in &note.properties {
                if vault.symbols().with(property.key, is) {
                    add(property.key_range(), false);
                }
            }
            for field in note
                .fields
                .iter()
                .filter(|field| vault.symbols().with(field.key, is))
            {
                add(field.key_range(), false);
            }
        }
        Subject::Missing(path) => {
            let name = split(path).1;
            let key = fold_hash(strip_md(name).unwrap_or(name));
            for link in note
                .links
                .iter()
                .filter(|link| vault.link_key(link) == Some(key))
            {
                if missing_key(vault, link) == *path
                    && matches!(vault.resolve(link, file), Target::Missing(_))
                {
                    add(link.range(), false);
                }
            }
        }
    }
    found.sort_by_key(|occurrence| (occurrence.range.start, occurrence.range.end));
    found.dedup_by(|next, last| next.range == last.range);
    found
}

/// What is known of links from earlier files: most notes link to a hub in the
/// same few ways.
#[derive(Debug, Default)]
pub struct Seen {
    /// Whether the last segment of a path may mean the target.
    names: FxHashMap<Symbol, bool>,
    /// Whether a path leads to the target, from wherever it stands.
    paths: FxHashMap<(Symbol, Symbol), bool>,
}

/// The links of `note` that lead to `target`.
fn links_to<'n>(
    vault: &Vault,
    note: &'n Note,
    file: FileId,
    target: FileId,
    seen: &mut Seen,
) -> Vec<&'n Link> {
    let Some(key) = vault.files().get(target).map(|own| vault.file_key(own)) else {
        return Vec::new();
    };
    let leads = |link: &&Link| {
        if link.name.is_empty() || link.is(Link::EXTERNAL) {
            let within = link.folder.is_empty() && target == file;
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
    note.links.iter().filter(leads).collect()
}

fn labels(
    vault: &Vault,
    note: &Note,
    target: FileId,
    file: FileId,
    index: usize,
    mut add: impl FnMut(Range<u32>, bool),
) {
    for (at, label) in note.labels().iter().enumerate() {
        if target == file && definition_of(vault, note, label) == Some(index) {
            add(label.range.clone(), at == index);
        }
    }
}

/// Where a note is named in itself: its title, else its start.
pub fn title(vault: &Vault, file: FileId, note: &Note) -> Range<u32> {
    let titles = 0..note.headings.len();
    let mut titles = titles.filter(|&heading| note.headings[heading].level() == 1);
    match titles.next() {
        Some(heading) if is_title(vault, file, note, heading) => note.headings[heading].range(),
        _ => 0..0,
    }
}

/// The bytes that name an anchor: the text of a heading, the id of a block.
pub fn anchor_range(note: &Note, anchor: Anchor) -> Range<u32> {
    let range = match anchor {
        Anchor::Note => None,
        Anchor::Heading(index) => note
            .headings
            .get(index)
            .map(super::super::fact::Heading::range),
        Anchor::Block(index) => note.blocks().get(index).map(|block| block.id_range.clone()),
        Anchor::Label(index) => note.labels().get(index).map(|label| label.range.clone()),
    };
    range.unwrap_or(0..0)
}

/// All the bytes that an anchor stands for: the section, the block.
pub fn anchor_extent(note: &Note, anchor: Anchor) -> Range<u32> {
    match anchor {
        Anchor::Note => 0..note.len,
        Anchor::Heading(index) => note.section(index),
        Anchor::Block(index) => match note.blocks().get(index) {
            Some(block) => block.range.start..block.range.end.max(block.id_range.end),
            None => 0..0,
        },
        Anchor::Label(_) => anchor_range(note, anchor),
    }
}
