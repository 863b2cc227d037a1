//! Making a rename ready: texts beside the vault, and the steps.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use rustc_hash::{FxHashMap, FxHashSet};
use vaultmark_vault::path::{above, fold, same, split};

use super::files::{digest, exists, keep, sync_files, sync_folder};
use super::journal::{Journal, Replaced, Step};
use super::store::{State, Store};
use super::{Fault, Moves, verify};

/// The parts of a rename's folder.
pub(super) const PARTS: [&str; 3] = ["old", "new", "parked"];

/// A rename that is made ready.
#[derive(Debug)]
pub struct Stage {
    root: PathBuf,
    folder: PathBuf,
    files: Mutex<Vec<Replaced>>,
    created: Mutex<Vec<Created>>,
    next: AtomicUsize,
}

/// A note that is made: its path, its slot and the digest of its text.
type Created = (String, usize, String);

impl Stage {
    pub(super) fn new(store: &Store) -> Result<Self, Fault> {
        let folder = store.path(State::Staged);
        for part in PARTS {
            let part = folder.join(part);
            let what = || format!("cannot make {}", part.display());
            fs::create_dir_all(&part).with_context(what)?;
        }
        Ok(Self {
            root: store.root().to_path_buf(),
            folder,
            files: Mutex::default(),
            created: Mutex::default(),
            next: AtomicUsize::new(0),
        })
    }

    /// The note of a path from the root, which holds `old` now, is to hold `new`.
    /// Many threads may say so side by side.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn replace(&self, path: &str, old: &[u8], new: &[u8]) -> Result<(), Fault> {
        let slot = self.text(path, new)?;
        let full = self.root.join(path);
        let what = || format!("cannot make ready what {} is to hold", full.display());
        let kept = self.folder.join("old").join(slot.to_string());
        keep(&full, &kept).with_context(what)?;
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.push(Replaced {
            path: path.to_owned(),
            slot,
            before: digest(old),
            after: digest(new),
        });
        Ok(())
    }

    /// A note is to be left at the path of one that moves, who may look at that
    /// as well.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn leave(&self, path: &str, text: &[u8]) -> Result<(), Fault> {
        let slot = self.text(path, text)?;
        let mut created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        created.push((path.to_owned(), slot, digest(text)));
        Ok(())
    }

    /// The slot of a text, with the permissions of the note that is at its path now.
    fn text(&self, path: &str, text: &[u8]) -> Result<usize> {
        let slot = self.next.fetch_add(1, Ordering::Relaxed);
        let full = self.root.join(path);
        let what = || format!("cannot make ready what {} is to hold", full.display());
        let staged = self.folder.join("new").join(slot.to_string());
        let mut file = File::create(&staged).with_context(what)?;
        file.write_all(text).with_context(what)?;
        let permissions = fs::metadata(&full).with_context(what)?.permissions();
        file.set_permissions(permissions).with_context(what)?;
        Ok(slot)
    }

    /// Everything is ready and written down, and lasts.
    pub(super) fn finish(self, what: &str, moves: &Moves) -> Result<Journal, Fault> {
        let mut files = self
            .files
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        files.sort_by(|left, right| left.path.cmp(&right.path));
        let mut created = self
            .created
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        created.sort();
        let slots = files.iter().map(|file| file.slot);
        let slots = slots.chain(created.iter().map(|own| own.1));
        let new = self.folder.join("new");
        let staged = slots.map(|slot| new.join(slot.to_string()));
        let staged: Vec<PathBuf> = staged.collect();
        let failed = || format!("cannot write into {}", self.folder.display());
        sync_files(&self.folder, &staged).with_context(failed)?;
        let steps = steps(&self.root, files.len(), moves, created);
        let journal = Journal::new(what, files, steps);
        verify::moves(&self.root, &journal)?;
        for part in PARTS {
            sync_folder(&self.folder.join(part));
        }
        journal.write(&self.folder)?;
        Ok(journal)
    }
}

/// The steps by which texts are replaced and files move.
fn steps(root: &Path, replaced: usize, moves: &Moves, created: Vec<Created>) -> Vec<Step> {
    let left: FxHashMap<&str, &str> = created.iter().map(|own| (&*own.0, &*own.2)).collect();
    let folders: FxHashMap<&str, &str> = moves.folders.iter().map(pair).collect();
    let alone = moves.files.iter().filter(|own| !is_carried(own, &folders));
    let all: Vec<&(String, String)> = moves.folders.iter().chain(alone).collect();
    let targets: FxHashSet<String> = all.iter().map(|own| fold(&own.1)).collect();
    let must_park = |own: &&(String, String)| targets.contains(&fold(&own.0));
    // Also what changes only its case: on some disks that is one name.
    let (parked, plain): (Vec<_>, Vec<_>) = all.iter().copied().partition(must_park);
    let mut steps: Vec<Step> = missing_folders(root, &all).map(Step::MakeFolder).collect();
    steps.extend((0..replaced).map(Step::Replace));
    let park = |(slot, own): (usize, &&(String, String))| Step::Park {
        from: own.0.clone(),
        slot,
    };
    steps.extend(parked.iter().enumerate().map(park));
    if !parked.is_empty() {
        steps.push(Step::Parked);
    }
    steps.extend(plain.into_iter().map(|(from, to)| Step::Move {
        from: from.clone(),
        to: to.clone(),
        left: left.get(from.as_str()).map(|&digest| digest.to_owned()),
    }));
    let unpark = |(slot, own): (usize, &&(String, String))| Step::Unpark {
        slot,
        to: own.1.clone(),
    };
    steps.extend(parked.iter().enumerate().map(unpark));
    let create = |(path, slot, after)| Step::Create { path, slot, after };
    steps.extend(created.into_iter().map(create));
    let first = parked.len();
    let retire = |(number, folder): (usize, String)| Step::Retire {
        folder,
        slot: first + number,
    };
    steps.extend(left_folders(&all).enumerate().map(retire));
    steps
}

fn pair(own: &(String, String)) -> (&str, &str) {
    (&own.0, &own.1)
}

/// Whether a file goes where the folder that holds it goes.
fn is_carried(own: &(String, String), folders: &FxHashMap<&str, &str>) -> bool {
    above(&own.0).any(|folder| {
        let new = folders.get(folder);
        new.is_some_and(|new| own.1.strip_prefix(new) == own.0.strip_prefix(folder))
    })
}

/// The folders that new paths need, the upper ones first.
fn missing_folders(root: &Path, all: &[&(String, String)]) -> impl Iterator<Item = String> {
    let needed = all.iter().flat_map(|own| above(&own.1));
    let needed: BTreeSet<&str> = needed.collect();
    let missing = needed
        .into_iter()
        .filter(|folder| !exists(&root.join(folder)));
    let missing: Vec<String> = missing.map(str::to_owned).collect();
    missing.into_iter()
}

/// The folders that may be empty afterwards, the lower ones first.
fn left_folders(all: &[&(String, String)]) -> impl Iterator<Item = String> {
    let moved = all
        .iter()
        .filter(|own| !same(split(&own.0).0, split(&own.1).0));
    let left: BTreeSet<&str> = moved.flat_map(|own| above(&own.0)).collect();
    let left: Vec<String> = left.into_iter().rev().map(str::to_owned).collect();
    left.into_iter()
}
