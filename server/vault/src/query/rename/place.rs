//! What a cursor says is to be renamed.

use std::ops::Range;

use super::names::{destination, own_name};
use super::{Options, Plan, Refusal, alias, anchors, keys, labels, missing, moves, tags, values};
use crate::fact::{Form, Link, Tag};
use crate::index::FileId;
use crate::link;
use crate::note::{Anchor, Note};
use crate::path::{stem, strip_md};
use crate::query::Texts;
use crate::query::at::{At, at as fact_at};
use crate::query::subject::title_heading;
use crate::relink::linktext;
use crate::resolve::Target;
use crate::vault::Vault;

/// A thing that can be renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A note or another file.
    File(FileId),
    /// A heading, by its note and its index there.
    Heading(FileId, usize),
    /// A block, by its note and its index there.
    Block(FileId, usize),
    /// A tag, by its identity.
    Tag(String),
    /// A property or inline field of any note, by the path of its keys as one
    /// of them is written.
    Key(String),
    /// An alias, by its note and its index there.
    Alias(FileId, usize),
    /// A footnote or the label of reference links, by its note and the index
    /// of one of its places there.
    Label(FileId, usize),
    /// A note or file that is not there, by its identity: its folded path in
    /// the whole vault without `.md`. A bare name has no folder.
    Missing(String),
    /// A value of a property of any note: the path of its keys, and the value.
    Value(String, String),
}

/// What a rename would begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// What would be renamed.
    pub subject: Subject,
    /// The bytes that name it at the cursor.
    pub range: Range<u32>,
    /// Its name today.
    pub name: String,
}

/// A cursor in a note.
pub(super) struct Cursor<'a> {
    pub(super) vault: &'a Vault,
    pub(super) file: FileId,
    pub(super) note: &'a Note,
    pub(super) text: &'a str,
    pub(super) offset: u32,
}

impl Cursor<'_> {
    pub(super) fn slice(&self, range: &Range<u32>) -> &str {
        let slice = self.text.get(range.start as usize..range.end as usize);
        slice.unwrap_or("")
    }

    /// What is renamed where these bytes are its name.
    pub(super) fn named(&self, subject: Subject, range: Range<u32>) -> Prepared {
        let name = self.slice(&range).to_owned();
        Prepared {
            subject,
            range,
            name,
        }
    }

    /// Bytes without the quotes of YAML around them.
    pub(super) fn unquoted(&self, range: Range<u32>) -> Range<u32> {
        let written = self.slice(&range);
        let is_quoted = written.len() > 1 && written.starts_with(['"', '\'']);
        let inset = u32::from(is_quoted);
        range.start + inset..range.end - inset
    }
}

/// What is renamed at a byte offset of a note.
///
/// # Errors
/// [`Refusal::NothingHere`] where nothing is; [`Refusal::Unreadable`];
/// [`Refusal::Name`] where the name of today stands in the way.
pub fn prepare(
    vault: &Vault,
    file: FileId,
    offset: u32,
    texts: &dyn Texts,
) -> Result<Prepared, Refusal> {
    let unreadable = || Refusal::Unreadable(vec![vault.path(file).unwrap_or_default()]);
    let note = vault.note(file).ok_or_else(unreadable)?;
    let text = texts.text(file).ok_or_else(unreadable)?;
    let cursor = Cursor {
        vault,
        file,
        note: &note,
        text: &text,
        offset,
    };
    let mut found = match fact_at(&note, offset) {
        Some(fact) => of_fact(&cursor, fact)?,
        None => values::of_value(&cursor).ok_or(Refusal::NothingHere)?,
    };
    // The cursor may stand before the name, on the marks of a heading or tag.
    let Range { start, end } = found.range;
    found.range = start.min(offset)..end.max(offset);
    Ok(found)
}

fn of_fact(cursor: &Cursor<'_>, fact: At) -> Result<Prepared, Refusal> {
    let Cursor {
        vault, file, note, ..
    } = *cursor;
    let found = match fact {
        At::Link(index) => {
            let link = note.links.get(index);
            let link = link.and_then(|link| of_link(vault, file, link, cursor.offset, cursor.text));
            labels::of_definition(cursor).or(link)
        }
        At::Tag(index) => note.tags.get(index).map(|tag| of_tag(cursor, tag)),
        At::Block(index) => note.blocks.get(index).map(|block| {
            let range = block.id_range.start + 1..block.id_range.end;
            cursor.named(Subject::Block(file, index), range)
        }),
        At::Heading(index) => note.headings.get(index).map(|heading| {
            let range = heading.range();
            if title_heading(vault, file, note) == Some(index) {
                of_file(cursor, range)
            } else {
                cursor.named(Subject::Heading(file, index), range)
            }
        }),
        At::FirstLine => {
            let line = note.lines.line_of(0);
            let end = line.start + cursor.slice(&line).trim_end().len() as u32;
            Some(of_file(cursor, line.start..end))
        }
        At::Property(index) => {
            let property = note.properties.get(index);
            let found = property.map(|property| keys::of_property(cursor, property));
            found.transpose()?
        }
        At::Field(index) => note.fields.get(index).map(|field| {
            let range = field.key_range();
            let key = cursor.slice(&range).to_owned();
            cursor.named(Subject::Key(key), range)
        }),
        At::Alias(index) => alias::of_alias(cursor, index),
        At::Label(index) => labels::of_label(cursor, index),
    };
    found.ok_or(Refusal::NothingHere)
}

fn of_file(cursor: &Cursor<'_>, range: Range<u32>) -> Prepared {
    Prepared {
        subject: Subject::File(cursor.file),
        range,
        name: own_name(cursor.vault, cursor.file),
    }
}

/// The cursor in a segment of a tag means the tag up to it.
fn of_tag(cursor: &Cursor<'_>, tag: &Tag) -> Prepared {
    let written = cursor.slice(&tag.range());
    let lead = written.len() - written.trim_start_matches(['#', '"', '\'']).len();
    let start = tag.start + lead as u32;
    let behind = &written[lead..];
    let from = (cursor.offset.saturating_sub(start) as usize).min(behind.len());
    let end = behind
        .get(from..)
        .and_then(|rest| rest.find(['/', '"', '\'']).map(|at| from + at))
        .unwrap_or_else(|| behind.trim_end_matches(['"', '\'', '/']).len());
    let name = behind.get(..end).unwrap_or(behind).to_owned();
    Prepared {
        subject: Subject::Tag(crate::tag::identity(&name).into_owned()),
        range: start..start + name.len() as u32,
        name,
    }
}

/// Of a link the path names the file, the subpath a place in it.
fn of_link(
    vault: &Vault,
    source: FileId,
    link: &Link,
    offset: u32,
    text: &str,
) -> Option<Prepared> {
    let resolved = match vault.resolve(link, source) {
        Target::External => return None,
        target => target.file(),
    };
    // The copy of a note that is here stands for those that are not.
    let target = resolved.or_else(|| missing::copy(vault, source, link));
    let range = linktext(text, link)?;
    let written = text.get(range.clone())?;
    let hash = written.find('#').or_else(|| {
        // The linktext of `[[#Heading]]` begins behind its `#`.
        let is_own = link.name.is_empty() && link.folder.is_empty();
        is_own.then_some(0)
    });
    let wide = |from: usize, to: usize| (range.start + from) as u32..(range.start + to) as u32;
    let at = (offset as usize).saturating_sub(range.start);
    // The cursor may stand in the alias; the range must hold it.
    let holding = |range: Range<u32>| {
        if range.start <= offset && offset <= range.end {
            range
        } else {
            link.range()
        }
    };
    if let Some(hash) = hash.filter(|&hash| at > hash || link.name.is_empty()) {
        let file = resolved?;
        let segment = written[..].rfind('#').map_or(0, |at| at + 1).max(hash);
        let named = holding(wide(segment, written.len()));
        return Some(match vault.anchor(link, file)? {
            Anchor::Heading(index) => Prepared {
                subject: Subject::Heading(file, index),
                range: named,
                name: plain(&written[segment..], link),
            },
            Anchor::Block(index) => Prepared {
                subject: Subject::Block(file, index),
                range: named,
                name: written[segment..].trim_start_matches('^').to_owned(),
            },
            Anchor::Note | Anchor::Label(_) => return None,
        });
    }
    let path = &written[..hash.unwrap_or(written.len())];
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    let end = strip_md(path).map_or(path.len(), str::len);
    let range = holding(wide(name.min(end), end));
    let (subject, name) = match target {
        Some(file) => (Subject::File(file), own_name(vault, file)),
        None => (
            Subject::Missing(missing::identity(vault, source, link)?),
            plain(&path[name.min(end)..end], link),
        ),
    };
    Some(Prepared {
        subject,
        range,
        name,
    })
}

fn plain(written: &str, link: &Link) -> String {
    match link.form {
        Form::Wiki => written.trim().to_owned(),
        Form::Markdown | Form::Definition | Form::Path => link::decode(written),
    }
}

/// The folder beside a folder note, and where it would go, if it went along
/// when this thing gets a new name.
pub fn folder_beside(vault: &Vault, subject: &Subject, new: &str) -> Option<(String, String)> {
    let Subject::File(file) = subject else {
        return None;
    };
    let to = destination(vault, *file, new).ok()?;
    moves::folder_of_note(vault, &vault.path(*file)?, &to)
}

/// The plan by which a thing gets a new name.
///
/// # Errors
/// Every [`Refusal`].
pub fn at(
    vault: &Vault,
    subject: &Subject,
    new: &str,
    options: Options,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    match subject {
        Subject::File(file) => {
            let from = vault.path(*file).ok_or(Refusal::NothingHere)?;
            let to = destination(vault, *file, new)?;
            if stem(&from) == new.trim() || from == to {
                return Err(Refusal::Same);
            }
            moves::moved(vault, &[(from, to)], options, texts)
        }
        Subject::Heading(file, index) => {
            anchors::heading(vault, *file, *index, new, options, texts)
        }
        Subject::Block(file, index) => anchors::block(vault, *file, *index, new, texts),
        Subject::Tag(old) => tags::renamed(vault, old, new, texts),
        Subject::Key(old) => keys::renamed(vault, old, new, texts),
        Subject::Alias(file, index) => alias::renamed(vault, *file, *index, new, options, texts),
        Subject::Label(file, index) => labels::renamed(vault, *file, *index, new, texts),
        Subject::Missing(old) => missing::renamed(vault, old, new, texts),
        Subject::Value(key, old) => values::renamed(vault, key, old, new, texts),
    }
}
