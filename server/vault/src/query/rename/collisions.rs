//! What stands in the way of moves: files that are there, folders that are none,
//! and names that no disk takes.

use rustc_hash::{FxHashMap, FxHashSet};

use super::folders::FolderMoves;
use super::names::MAX_NAME;
use super::{Move, Refusal};
use crate::index::FileId;
use crate::path::{above, fold, same, strip_md};
use crate::vault::Vault;

/// Files and folders that get other paths, before it is known whether they can.
pub(super) struct Ground<'a> {
    pub(super) vault: &'a Vault,
    /// New path of each file.
    pub(super) files: &'a FxHashMap<FileId, String>,
    pub(super) folders: &'a FolderMoves,
}

impl Ground<'_> {
    /// Whether all of these moves can be made; `family` if notes are not to
    /// become copies of others.
    ///
    /// # Errors
    /// A [`Refusal`] with all files that stand in the way.
    pub(super) fn check(&self, moves: &[Move], family: bool) -> Result<(), Refusal> {
        lengths(moves)?;
        refuse(self.taken(moves), Refusal::Taken)?;
        refuse(self.below_files(moves), Refusal::BelowFile)?;
        refuse(self.unread(moves), Refusal::Unreadable)?;
        if family {
            refuse(self.adopted(moves), Refusal::Adopted)?;
        }
        Ok(())
    }

    /// Whether a file gets another path than this one, in whatever case.
    fn makes_way(&self, file: FileId, path: &str) -> bool {
        let new = self.files.get(&file);
        new.is_some_and(|new| !same(new, path))
    }

    fn taken(&self, moves: &[Move]) -> Vec<String> {
        let vault = self.vault;
        let mut new_paths = FxHashSet::default();
        let mut is_taken = |own: &&Move| {
            let mut twins = vault.twins(&own.to);
            let is_free = twins.all(|twin| twin == own.file || self.makes_way(twin, &own.to));
            let is_new = new_paths.insert(fold(&own.to));
            let is_folder = vault.has_folder(&format!("{}{}", vault.mount(), own.to));
            !is_free || !is_new || is_folder && !self.folders.is_leaving(&own.to)
        };
        let taken = moves.iter().filter(|own| is_taken(own));
        taken.map(|own| own.to.clone()).collect()
    }

    /// Files that would have to be folders.
    fn below_files(&self, moves: &[Move]) -> Vec<String> {
        let new_paths: FxHashSet<String> = moves.iter().map(|own| fold(&own.to)).collect();
        let mut known = FxHashSet::default();
        let mut found = Vec::new();
        for own in moves {
            for folder in above(&own.to).take_while(|&folder| known.insert(folder)) {
                let mut twins = self.vault.twins(folder);
                if twins.any(|twin| !self.makes_way(twin, folder))
                    || new_paths.contains(&fold(folder))
                {
                    found.push(folder.to_owned());
                }
            }
        }
        found
    }

    fn unread(&self, moves: &[Move]) -> Vec<String> {
        let is_unread =
            |own: &&Move| strip_md(&own.from).is_some() && self.vault.facts(own.file).is_none();
        let unread = moves.iter().filter(is_unread);
        unread.map(|own| own.from.clone()).collect()
    }

    /// Notes of other tiers that would become copies of one that moves, or it a
    /// copy of them: they are of the family that it comes to, and not of its own.
    fn adopted(&self, moves: &[Move]) -> Vec<String> {
        let (vault, tiers) = (self.vault, self.vault.tiers());
        let mut families: FxHashMap<String, Option<String>> = FxHashMap::default();
        let mut found = Vec::new();
        for own in moves {
            let [old, new] = [&own.from, &own.to].map(|path| format!("{}{path}", vault.mount()));
            let Some((tier, new)) = tiers.base(&new) else {
                continue;
            };
            // A folder may be spelled in another case in another tier.
            let old = tiers.base(&old).map(|own| fold(own.1));
            if old.as_deref() == Some(&*fold(new)) {
                continue;
            }
            let is_other = |known: &Option<String>| *known != old;
            if families.get(&fold(new)).is_some_and(is_other) {
                found.push(own.to.clone());
            }
            families.insert(fold(new), old);
            for other in (0..tiers.0.len()).filter(|&other| other != tier) {
                let path = tiers.at(new, other);
                let path = path.as_deref().and_then(|path| vault.inside_mount(path));
                let Some(path) = path else { continue };
                // Of those that move only where they come to counts.
                let stay = vault.twins(path);
                let stay = stay.filter(|twin| !self.files.contains_key(twin));
                found.extend(stay.filter_map(|twin| vault.path(twin)));
            }
        }
        found
    }
}

fn refuse(mut paths: Vec<String>, refusal: fn(Vec<String>) -> Refusal) -> Result<(), Refusal> {
    if paths.is_empty() {
        return Ok(());
    }
    paths.sort();
    paths.dedup();
    Err(refusal(paths))
}

/// Also a copy may have a name that is too long, by the suffix of its tier.
fn lengths(moves: &[Move]) -> Result<(), Refusal> {
    let mut names = moves.iter().flat_map(|own| own.to.split('/'));
    match names.find(|name| name.len() > MAX_NAME) {
        None => Ok(()),
        Some(name) => {
            let why =
                format!("`{name}` would be longer than {MAX_NAME} bytes, which no disk takes");
            Err(Refusal::Name(why, None))
        }
    }
}
