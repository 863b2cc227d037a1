//! Where the links of one note lead, each way of writing looked up once.

use rustc_hash::FxHashMap;

use crate::fact::{Form, Heading, Link};
use crate::index::FileId;
use crate::note::Note;
use crate::resolve::Target;
use crate::symbol::Symbol;
use crate::vault::Vault;

/// What a target depends on besides the note: the path, the form, whether the
/// link stands in a fence, and whether in a heading, for the class of what is
/// missing asks that.
type Key = (Symbol, Symbol, Form, bool, bool);

/// Resolves the links of one note.
pub(crate) struct Targets<'a> {
    vault: &'a Vault,
    file: FileId,
    note: &'a Note,
    known: FxHashMap<Key, Target>,
}

impl<'a> Targets<'a> {
    pub(crate) fn new(vault: &'a Vault, file: FileId, note: &'a Note) -> Self {
        let known = FxHashMap::default();
        Self {
            vault,
            file,
            note,
            known,
        }
    }

    /// Where a link of the note leads; see [`Vault::resolve`].
    pub(crate) fn of(&mut self, link: &Link) -> Target {
        if link.is(Link::EXTERNAL) {
            return Target::External;
        }
        let headings = &self.note.headings;
        let before = headings.partition_point(|heading| heading.start <= link.start);
        let holder = before.checked_sub(1).and_then(|last| headings.get(last));
        let stated = holder.map(Heading::range);
        let stated = stated.is_some_and(|heading| heading.contains(&link.start));
        let fence = link.is(Link::FENCE);
        let key = (link.folder, link.name, link.form, fence, stated);
        let (vault, file) = (self.vault, self.file);
        let known = self.known.entry(key);
        known.or_insert_with(|| vault.resolve(link, file)).clone()
    }
}
