//! Diagnostics of whole vaults: of notes that nobody has opened.
//!
//! What is known of a vault is kept by difference. A look goes through the
//! notes that a change since the last one may concern, and can be ended and
//! gone on with later.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;
use vaultmark_vault::index::FileId;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::diagnostics::SIMILAR;
use vaultmark_vault::touched::Touched;
use vaultmark_vault::vault::Vault;

use crate::publish::{self, EMPTY};
use crate::snapshot::Snapshot;
use crate::survey::{Pace, similar, survey};

/// Notes with a property that more notes have are not looked at because of
/// it, unless something is wrong in them already.
const COMMON: usize = 1_000;

/// What is known of the notes of all roots.
#[derive(Debug, Default)]
pub struct Whole(FxHashMap<PathBuf, Known>);

/// What is known of one root.
#[derive(Debug)]
struct Known {
    /// The moment of the last look.
    vault: Arc<Vault>,
    /// The hashes of the lists that are not empty.
    lists: FxHashMap<FileId, u64>,
    /// Notes that are still to be looked at.
    waiting: FxHashSet<FileId>,
}

/// A note that was looked at.
#[derive(Debug)]
pub struct Looked {
    /// The note.
    pub file: FileId,
    /// Its diagnostics, in the protocol's form.
    pub list: Vec<Value>,
    /// Their hash.
    pub hash: u64,
}

impl Whole {
    /// Drops what is known of roots that are closed or are not to be looked at
    /// as a whole any more.
    pub fn retain(&mut self, snapshots: &[Snapshot]) {
        let wanted = |root: &PathBuf| {
            let mut wanted = snapshots.iter();
            wanted.any(|snapshot| snapshot.root == *root && is_wanted(snapshot))
        };
        self.0.retain(|root, _| wanted(root));
    }

    /// Looks at the notes of a root that may have other diagnostics since the
    /// last look, and at others of which somebody lacks the list. `pace`
    /// hears how many of how many were looked at, see [`survey`]. Gives the
    /// notes that are gone since.
    pub fn look(
        &mut self,
        snapshot: &Snapshot,
        others: &[FileId],
        pace: impl Fn(usize, usize) -> Pace + Sync,
        found: impl Fn(Looked) + Sync,
    ) -> Vec<FileId> {
        let known = self.0.entry(snapshot.root.clone());
        let known = known.or_insert_with(|| Known::new(&snapshot.vault));
        let gone = known.step(&snapshot.vault);
        let waiting = known.waiting.iter().chain(others).copied();
        let mut notes: Vec<FileId> = waiting.collect();
        notes.sort_unstable();
        notes.dedup();
        let known = Mutex::new(known);
        let known = || known.lock().unwrap_or_else(PoisonError::into_inner);
        let done = AtomicUsize::new(0);
        let closed = similar(snapshot.vault.files().len());
        survey(
            &snapshot.vault,
            &notes,
            |file| match snapshot.version_of(file) {
                // As when it is asked for by itself.
                Some(_) => SIMILAR,
                None => closed,
            },
            |file| {
                let text = snapshot.text(file);
                if text.is_none() {
                    // It changed on the disk just now, which will be heard of.
                    known().waiting.remove(&file);
                }
                text
            },
            || pace(done.load(Ordering::Relaxed), notes.len()),
            |file, _, wrong| {
                done.fetch_add(1, Ordering::Relaxed);
                let list = match &wrong[..] {
                    [] => Vec::new(),
                    wrong => publish::listed(&snapshot.at(file), wrong),
                };
                let hash = publish::hash(&list);
                let mut known: MutexGuard<'_, &mut Known> = known();
                known.waiting.remove(&file);
                if hash == EMPTY {
                    known.lists.remove(&file);
                } else {
                    known.lists.insert(file, hash);
                }
                drop(known);
                found(Looked { file, list, hash });
            },
        );
        gone
    }

    /// The hashes of the lists of a root that are not empty, as far as is known.
    pub fn lists(&self, snapshot: &Snapshot) -> impl Iterator<Item = (FileId, u64)> {
        let known = self.0.get(&snapshot.root).into_iter();
        known.flat_map(|known| known.lists.iter().map(|(&file, &hash)| (file, hash)))
    }
}

impl Known {
    fn new(vault: &Arc<Vault>) -> Self {
        Self {
            vault: Arc::clone(vault),
            lists: FxHashMap::default(),
            waiting: notes(vault),
        }
    }

    /// Goes on to a newer moment of the root. Gives the notes that are gone.
    fn step(&mut self, vault: &Arc<Vault>) -> Vec<FileId> {
        let touched = Touched::between(&self.vault, vault);
        self.vault = Arc::clone(vault);
        let lists = self.lists.keys().copied();
        let mut gone = touched.gone().to_vec();
        if let Some(touched) = touched.notes(vault, COMMON, lists) {
            let is_note = |file: &FileId| vault.facts(*file).is_some();
            gone.extend(touched.iter().filter(|file| !is_note(file)));
            self.waiting.extend(touched);
        } else {
            self.waiting = notes(vault);
            let known = self.lists.keys();
            gone.extend(known.filter(|file| !self.waiting.contains(file)));
        }
        for file in &gone {
            self.waiting.remove(file);
            self.lists.remove(file);
        }
        gone
    }
}

fn notes(vault: &Vault) -> FxHashSet<FileId> {
    let files = vault.files().iter();
    let notes = files.filter(|file| file.1.facts.is_some());
    notes.map(|file| file.0).collect()
}

/// Whether the settings want all notes of a root to be looked at. Before its
/// notes were read, there is nothing to be said of most of them.
pub fn is_wanted(snapshot: &Snapshot) -> bool {
    snapshot.vault.settings().whole && snapshot.vault.is_complete()
}

/// Whether a file lies in one of these roots, which answer for it.
pub fn is_inside(path: &std::path::Path, roots: &[Snapshot]) -> bool {
    let mut roots = roots.iter().filter(|root| is_wanted(root));
    roots.any(|root| path.starts_with(&root.root))
}
