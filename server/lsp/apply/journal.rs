//! What a rename does, step by step, as it is written to the disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::files::sync_folder;
use crate::disk;

/// The form of the file.
const VERSION: u32 = 1;
/// Its name.
const NAME: &str = "journal.json";

/// A note that gets another text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Replaced {
    /// Its path before the rename.
    pub path: String,
    /// The number of its texts in the folder of the rename.
    pub slot: usize,
    /// The digest of what it held.
    pub before: String,
    /// The digest of what it gets.
    pub after: String,
}

/// One step. Paths are from the root of the vault; a slot is the number of a
/// place in the folder of the rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Step {
    /// A folder is made that was not there.
    MakeFolder(String),
    /// A note gets its new text; by its index in the journal.
    Replace(usize),
    /// A file or folder makes way for another one.
    Park { from: String, slot: usize },
    /// All that was to make way has.
    Parked,
    /// A file or folder moves.
    Move {
        from: String,
        to: String,
        /// The digest of the note that is made in its place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<String>,
    },
    /// What made way gets its new path.
    Unpark { slot: usize, to: String },
    /// A note is made where another one moved away, with the digest of its text.
    Create {
        path: String,
        slot: usize,
        after: String,
    },
    /// A folder that is empty now goes away.
    Retire { folder: String, slot: usize },
}

/// A rename, from beginning to end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journal {
    version: u32,
    /// What it is, in words.
    pub what: String,
    /// The notes that get other texts.
    pub files: Vec<Replaced>,
    /// What is done, in order.
    pub steps: Vec<Step>,
}

impl Journal {
    pub(super) fn new(what: &str, files: Vec<Replaced>, steps: Vec<Step>) -> Self {
        Self {
            version: VERSION,
            what: what.to_owned(),
            files,
            steps,
        }
    }

    /// Writes it into the folder of the rename, to last.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        let what = || format!("cannot write {}", path.display());
        let bytes = serde_json::to_vec(self).with_context(what)?;
        let mut file = File::create(&path).with_context(what)?;
        file.write_all(&bytes).with_context(what)?;
        file.sync_all().with_context(what)?;
        sync_folder(folder);
        Ok(())
    }

    /// Reads it from the folder of a rename of the vault at `root`. Somebody else
    /// may have written it, so it may not lead out of the vault.
    pub(super) fn read(root: &Path, folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let what = || format!("cannot read {}", path.display());
        let bytes = fs::read(&path).with_context(what)?;
        let journal: Self = serde_json::from_slice(&bytes).with_context(what)?;
        if journal.version != VERSION {
            bail!(
                "{}: it is of another version of vaultmark; use that one",
                what()
            );
        }
        let is_known = |step: &Step| match step {
            Step::Replace(index) => *index < journal.files.len(),
            _ => true,
        };
        if !journal.steps.iter().all(is_known) || !journal.paths().all(is_inside) {
            bail!("{}: it is damaged; nothing is done with it", path.display());
        }
        if let Some(behind) = journal
            .paths()
            .find(|path| disk::is_behind_link(root, path))
        {
            bail!(
                "{}: `{behind}` lies behind a symbolic link, where Vaultmark changes nothing",
                path.display()
            );
        }
        Ok(journal)
    }

    /// All paths that it names.
    fn paths(&self) -> impl Iterator<Item = &str> {
        let texts = self.files.iter().map(|file| file.path.as_str());
        let others = self.steps.iter().flat_map(|step| {
            let both = match step {
                Step::Replace(_) | Step::Parked => [None, None],
                Step::MakeFolder(path)
                | Step::Park { from: path, .. }
                | Step::Unpark { to: path, .. }
                | Step::Create { path, .. }
                | Step::Retire { folder: path, .. } => [Some(path), None],
                Step::Move { from, to, .. } => [Some(from), Some(to)],
            };
            both.into_iter().flatten().map(String::as_str)
        });
        texts.chain(others)
    }
}

/// Whether a path names something in the vault that the vault can see.
fn is_inside(path: &str) -> bool {
    let is_name = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    path.split('/').all(is_name) && !Path::new(path).is_absolute()
}
