//! The links of a note as an editor underlines them.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::fact::{Form, Link};
use crate::index::FileId;
use crate::note::Note;
use crate::query::Texts;
use crate::query::subject::anchor_range;
use crate::relink::linktext;
use crate::resolve::Target;
use crate::symbol::Symbol;
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
    let mut places = Places::default();
    for fact in &note.links {
        let Some(range) = linktext(&text, fact) else {
            continue;
        };
        let goal = match vault.resolve(fact, file) {
            Target::Missing(_) => continue,
            Target::External => Goal::Address(text[range.clone()].to_owned()),
            Target::File { file: target, .. } => {
                Goal::File(target, places.start(vault, fact, target))
            }
        };
        let range = range.start as u32..range.end as u32;
        found.push(DocumentLink { range, goal });
    }
    // An image in a link begins behind the link, and its path before.
    found.sort_by_key(|link| link.range.start);
    found
}

/// Where in other notes links lead to. A note is unpacked once for all the
/// links to it, and each subpath looked for once.
#[derive(Default)]
struct Places {
    notes: FxHashMap<FileId, Option<Arc<Note>>>,
    starts: FxHashMap<(FileId, Symbol, bool), u32>,
}

impl Places {
    fn start(&mut self, vault: &Vault, link: &Link, target: FileId) -> u32 {
        if !link.is(Link::SUBPATH) {
            return 0;
        }
        let key = (target, link.subpath, link.form == Form::Wiki);
        let Self { notes, starts } = self;
        *starts.entry(key).or_insert_with(|| {
            let note = notes.entry(target).or_insert_with(|| vault.note(target));
            let note = note.as_deref();
            let anchor = note.and_then(|note| Some((note, vault.anchor_in(link, note)?)));
            anchor.map_or(0, |(note, anchor)| anchor_range(note, anchor).start)
        })
    }
}
