//! Where the links of one note lead, each way of writing looked up once.

use rustc_hash::FxHashMap;

use crate::fact::{Form, Heading, Link};
use crate::index::FileId;
use crate::note::Note;
use crate::resolve::{Missing, Target};
use crate::symbol::Symbol;
use crate::vault::Vault;

/// What a link to a file says of it, besides the note in which it stands.
type Spelling = (Symbol, Symbol, Form);

/// Resolves the links of one note.
pub(crate) struct Targets<'a> {
    vault: &'a Vault,
    file: FileId,
    note: &'a Note,
    files: FxHashMap<Spelling, (FileId, bool)>,
    /// The class of what is missing also depends on whether the link stands in a
    /// fence, and whether in a heading.
    missing: FxHashMap<(Spelling, bool, bool), Missing>,
}

impl<'a> Targets<'a> {
    pub(crate) fn new(vault: &'a Vault, file: FileId, note: &'a Note) -> Self {
        Self {
            vault,
            file,
            note,
            files: FxHashMap::default(),
            missing: FxHashMap::default(),
        }
    }

    /// Where a link of the note leads; see [`Vault::resolve`].
    pub(crate) fn of(&mut self, link: &Link) -> Target {
        if link.is(Link::EXTERNAL) {
            return Target::External;
        }
        let spelling = (link.folder, link.name, link.form);
        if let Some(&(file, ambiguous)) = self.files.get(&spelling) {
            return Target::File { file, ambiguous };
        }
        let key = (spelling, link.is(Link::FENCE), self.is_in_heading(link));
        if let Some(&class) = self.missing.get(&key) {
            return Target::Missing(class);
        }
        let target = self.vault.resolve(link, self.file);
        match target {
            Target::File { file, ambiguous } => {
                self.files.insert(spelling, (file, ambiguous));
            }
            Target::Missing(class) => {
                self.missing.insert(key, class);
            }
            Target::External => {}
        }
        target
    }

    fn is_in_heading(&self, link: &Link) -> bool {
        let headings = &self.note.headings;
        let before = headings.partition_point(|heading| heading.start <= link.start);
        let holder = before.checked_sub(1).and_then(|last| headings.get(last));
        let range = holder.map(Heading::range);
        range.is_some_and(|heading| heading.contains(&link.start))
    }
}
