//! What a cursor says is to be renamed.

use std::ops::Range;

use super::names::{destination, own_name};
use super::{Options, Plan, Refusal, moves, parts, tags};
use crate::fact::{Form, Link};
use crate::index::FileId;
use crate::link;
use crate::note::Anchor;
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

/// What is renamed at a byte offset of a note.
///
/// # Errors
/// [`Refusal::NothingHere`] where nothing is; [`Refusal::Unreadable`].
pub fn prepare(
    vault: &Vault,
    file: FileId,
    offset: u32,
    texts: &dyn Texts,
) -> Result<Prepared, Refusal> {
    let unreadable = || Refusal::Unreadable(vec![vault.path(file).unwrap_or_default()]);
    let note = vault.note(file).ok_or_else(unreadable)?;
    let text = texts.text(file).ok_or_else(unreadable)?;
    let slice = |range: &Range<u32>| {
        let slice = text.get(range.start as usize..range.end as usize);
        slice.unwrap_or("").to_owned()
    };
    let whole = |subject, range: Range<u32>| {
        let name = slice(&range);
        Prepared {
            subject,
            range,
            name,
        }
    };
    let fact = fact_at(&note, offset).ok_or(Refusal::NothingHere)?;
    let mut found = match fact {
        At::Link(index) => {
            let link = note.links.get(index).ok_or(Refusal::NothingHere)?;
            of_link(vault, file, link, offset, &text).ok_or(Refusal::NothingHere)?
        }
        At::Tag(index) => {
            let tag = note.tags.get(index).ok_or(Refusal::NothingHere)?;
            let written = slice(&tag.range());
            let lead = written.len() - written.trim_start_matches(['#', '"', '\'']).len();
            let start = tag.start + lead as u32;
            // The cursor in a segment means the tag up to it.
            let behind = &written[lead..];
            let from = (offset.saturating_sub(start) as usize).min(behind.len());
            let end = behind
                .get(from..)
                .and_then(|rest| rest.find(['/', '"', '\'']).map(|at| from + at))
                .unwrap_or_else(|| behind.trim_end_matches(['"', '\'', '/']).len());
            let name = behind.get(..end).unwrap_or(behind).to_owned();
            let subject = Subject::Tag(crate::tag::identity(&name).into_owned());
            let range = start..start + name.len() as u32;
            Prepared {
                subject,
                range,
                name,
            }
        }
        At::Block(index) => {
            let block = note.blocks.get(index).ok_or(Refusal::NothingHere)?;
            let range = block.id_range.start + 1..block.id_range.end;
            whole(Subject::Block(file, index), range)
        }
        At::Heading(index) if title_heading(vault, file, &note) != Some(index) => {
            let heading = note.headings.get(index).ok_or(Refusal::NothingHere)?;
            whole(Subject::Heading(file, index), heading.range())
        }
        At::Heading(index) => {
            let range = note.headings.get(index).map(crate::fact::Heading::range);
            Prepared {
                subject: Subject::File(file),
                range: range.unwrap_or_default(),
                name: own_name(vault, file),
            }
        }
        At::FirstLine => {
            let line = note.lines.line_of(0);
            let written = slice(&line);
            let end = line.start + written.trim_end().len() as u32;
            Prepared {
                subject: Subject::File(file),
                range: line.start..end,
                name: own_name(vault, file),
            }
        }
        At::Field(_) | At::Property(_) | At::Alias(_) | At::Label(_) => {
            return Err(Refusal::NothingHere);
        }
    };
    // The cursor may stand before the name, on the marks of a heading or tag.
    let Range { start, end } = found.range;
    found.range = start.min(offset)..end.max(offset);
    Ok(found)
}

/// Of a link the path names the file, the subpath a place in it.
fn of_link(
    vault: &Vault,
    source: FileId,
    link: &Link,
    offset: u32,
    text: &str,
) -> Option<Prepared> {
    let Target::File { file, .. } = vault.resolve(link, source) else {
        return None;
    };
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
    Some(Prepared {
        subject: Subject::File(file),
        range: holding(wide(name.min(end), end)),
        name: own_name(vault, file),
    })
}

fn plain(written: &str, link: &Link) -> String {
    match link.form {
        Form::Wiki => written.trim().to_owned(),
        Form::Markdown | Form::Definition => link::decode(written),
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
        Subject::Heading(file, index) => parts::heading(vault, *file, *index, new, texts),
        Subject::Block(file, index) => parts::block(vault, *file, *index, new, texts),
        Subject::Tag(old) => tags::renamed(vault, old, new, texts),
    }
}
