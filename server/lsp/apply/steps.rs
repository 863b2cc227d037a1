//! Each step, forwards and backwards. The disk says whether it was done, so any
//! number of attempts does it once.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::files::{digest_of, exists, move_new, put, put_new, sync_folder};
use super::journal::{Journal, Step};

/// A vault and the rename that is done in it.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    /// The vault.
    pub root: &'a Path,
    /// The folder of the rename.
    pub folder: PathBuf,
    /// What is done.
    pub journal: &'a Journal,
}

impl Ground<'_> {
    /// A place in the folder of the rename.
    pub(super) fn slot(&self, part: &str, slot: usize) -> PathBuf {
        self.folder.join(part).join(slot.to_string())
    }

    fn parked(&self, slot: usize) -> PathBuf {
        self.slot("parked", slot)
    }

    /// Is there when all that was to make way has: what lies in no slot then has
    /// its new path already.
    fn mark(&self) -> PathBuf {
        self.folder.join("parked").join("all")
    }

    /// Whether a step was done. Of folders that may go away, whether they did.
    pub(super) fn is_done(&self, step: &Step) -> bool {
        match step {
            Step::MakeFolder(path) => self.root.join(path).is_dir(),
            Step::Replace(index) => {
                let file = self.journal.files.get(*index);
                file.is_none_or(|file| !exists(&self.slot("new", file.slot)))
            }
            Step::Park { slot, .. } => exists(&self.parked(*slot)) || exists(&self.mark()),
            Step::Parked => exists(&self.mark()),
            Step::Move { from, to, left } => {
                let from = self.root.join(from);
                let is_left = || left.is_some() && digest_of(&from) == *left;
                exists(&self.root.join(to)) && (!exists(&from) || is_left())
            }
            Step::Create { path, after, .. } => {
                digest_of(&self.root.join(path)).as_ref() == Some(after)
            }
            Step::Unpark { slot, .. } => exists(&self.mark()) && !exists(&self.parked(*slot)),
            Step::Retire { slot, .. } => exists(&self.parked(*slot)),
        }
    }

    /// Does a step, unless it was done.
    ///
    /// # Errors
    /// When the disk fails, or something stands in the way.
    pub(super) fn forward(&self, step: &Step) -> io::Result<()> {
        if self.is_done(step) {
            return Ok(());
        }
        let inside = |path: &String| self.root.join(path);
        match step {
            Step::MakeFolder(path) => fs::create_dir(inside(path)),
            Step::Replace(index) => match self.journal.files.get(*index) {
                // Somebody may have saved it since all were looked at.
                Some(file) if digest_of(&inside(&file.path)).as_ref() != Some(&file.before) => {
                    Err(io::Error::other("it was changed just now"))
                }
                Some(file) => put(&self.slot("new", file.slot), &inside(&file.path)),
                None => Ok(()),
            },
            Step::Park { from, slot } => move_new(&inside(from), &self.parked(*slot)),
            Step::Parked => {
                File::create(self.mark())?.sync_all()?;
                sync_folder(&self.folder.join("parked"));
                Ok(())
            }
            Step::Move { from, to, .. } => move_new(&inside(from), &inside(to)),
            Step::Unpark { slot, to } => move_new(&self.parked(*slot), &inside(to)),
            Step::Create { path, slot, .. } => put_new(&self.slot("new", *slot), &inside(path)),
            // Kept with its permissions, for the way back.
            Step::Retire { folder, slot } if is_empty(&inside(folder)) => {
                move_new(&inside(folder), &self.parked(*slot))
            }
            Step::Retire { .. } => Ok(()),
        }
    }

    /// Takes a step back, if it was done; the steps behind it were taken back
    /// before.
    ///
    /// # Errors
    /// When the disk fails, or something stands in the way.
    pub(super) fn backward(&self, step: &Step) -> io::Result<()> {
        let inside = |path: &String| self.root.join(path);
        match step {
            Step::Replace(index) => match self.journal.files.get(*index) {
                Some(file) if digest_of(&inside(&file.path)).as_ref() == Some(&file.after) => {
                    let (old, path) = (self.slot("old", file.slot), inside(&file.path));
                    keep_permissions(&path, &old)?;
                    put(&old, &path)
                }
                _ => Ok(()),
            },
            Step::Create { path, slot, .. } => {
                let slot = self.slot("new", *slot);
                match (self.is_done(step), exists(&slot)) {
                    (true, false) => put_new(&inside(path), &slot),
                    // It is as it was made, so nothing is lost.
                    (true, true) => fs::remove_file(inside(path)),
                    // Somebody removed it; the slot says that it was taken back.
                    (false, false) => File::create(slot).map(drop),
                    (false, true) => Ok(()),
                }
            }
            _ if !self.is_done(step) => Ok(()),
            Step::MakeFolder(path) if is_empty(&inside(path)) => fs::remove_dir(inside(path)),
            // Somebody put something there meanwhile.
            Step::MakeFolder(_) => Ok(()),
            Step::Park { from, slot } => move_new(&self.parked(*slot), &inside(from)),
            Step::Parked => {
                fs::remove_file(self.mark())?;
                sync_folder(&self.folder.join("parked"));
                Ok(())
            }
            Step::Move { from, to, .. } => move_new(&inside(to), &inside(from)),
            Step::Unpark { slot, to } => move_new(&inside(to), &self.parked(*slot)),
            // Somebody made a folder of this name meanwhile.
            Step::Retire { folder, .. } if exists(&inside(folder)) => Ok(()),
            Step::Retire { folder, slot } => move_new(&self.parked(*slot), &inside(folder)),
        }
    }
}

/// Who may read or write a note may have changed since: that stays.
fn keep_permissions(of: &Path, to: &Path) -> io::Result<()> {
    let permissions = fs::metadata(of)?.permissions();
    if fs::metadata(to)?.permissions() != permissions {
        fs::set_permissions(to, permissions)?;
    }
    Ok(())
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
