//! The links of a note as an editor underlines them.

use std::ops::Range;

use crate::fact::{Form, Link};
use crate::index::FileId;
use crate::link;
use crate::note::Anchor;
use crate::query::Texts;
use crate::query::subject::anchor_range;
use crate::resolve::Target;
use crate::vault::Vault;

/// Where a click leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Into a file, at a byte offset.
    File(FileId, u32),
    /// To this address outside of the vault.
    Address(String),
}

/// A link that can be clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentLink {
    /// The path and subpath, without brackets and alias.
    pub range: Range<u32>,
    /// Where it leads.
    pub goal: Goal,
}

/// The resolved links of a note, in order.
pub fn document_links(vault: &Vault, file: FileId, texts: &dyn Texts) -> Vec<DocumentLink> {
    let (Some(note), Some(text)) = (vault.note(file), texts.text(file)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for fact in &note.links {
        let Some(range) = linktext(&text, fact) else {
            continue;
        };
        let goal = match vault.resolve(fact, file) {
            Target::Missing(_) => continue,
            Target::External => Goal::Address(text[range.clone()].to_owned()),
            Target::File { file: target, .. } => {
                let anchor = vault.anchor(fact, target).unwrap_or(Anchor::Note);
                let start = vault
                    .note(target)
                    .map_or(0, |note| anchor_range(&note, anchor).start);
                Goal::File(target, start)
            }
        };
        let range = range.start as u32..range.end as u32;
        found.push(DocumentLink { range, goal });
    }
    // An image in a link begins behind the link, and its path before.
    found.sort_by_key(|link| link.range.start);
    found
}

/// The bytes of a link's path and subpath in its note's text.
pub fn linktext(text: &str, fact: &Link) -> Option<Range<usize>> {
    let whole = fact.start as usize..fact.start as usize + usize::from(fact.len);
    let source = text.get(whole.clone())?;
    match fact.form {
        Form::Wiki => {
            let parts = link::parts(text, whole);
            let end = parts.subpath.map_or(parts.path.end, |subpath| subpath.end);
            // `[[#H]]` has no path; its subpath begins behind the `#`.
            Some(parts.path.start.min(end)..end)
        }
        Form::Markdown => {
            let label = link::label_end(source).unwrap_or(0);
            link::markdown_destination(text, whole.clone(), whole.start + label)
        }
        Form::Definition => {
            let colon = memchr::memmem::find(source.as_bytes(), b"]:")? + 2;
            let rest = &source[colon..];
            let start = whole.start + colon + rest.len() - rest.trim_start().len();
            let rest = text[start..whole.end].strip_prefix('<');
            if let Some(inside) = rest {
                Some(start + 1..start + 1 + inside.find('>')?)
            } else {
                let length = text[start..whole.end].find(char::is_whitespace);
                Some(start..length.map_or(whole.end, |length| start + length))
            }
        }
    }
}
