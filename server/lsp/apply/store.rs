//! The folder `.vaultmark` of a vault, in which a rename is made ready and kept.
//!
//! A rename is in one folder there, whose name says how far it is: `staged` while
//! it is made ready and nothing of the vault was touched; `running` while it is
//! done; `last` when it was, until the next one; `undoing` while it is taken back;
//! `gone` when it is of no use any more. Whoever writes holds the lock, which ends
//! with the process: a rename that is `running` or `undoing` without one was
//! interrupted.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use super::Fault;
use super::files::{exists, sync_folder};

/// The folder; the walk over a vault leaves it out.
const FOLDER: &str = ".vaultmark";

/// How far a rename is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is made ready.
    Staged,
    /// It is being done, or was interrupted.
    Running,
    /// It was done and can be taken back.
    Last,
    /// It is being taken back, or that was interrupted.
    Undoing,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Running => "running",
            Self::Last => "last",
            Self::Undoing => "undoing",
        }
    }
}

/// The folder of a vault, held by this process alone.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    folder: PathBuf,
    _lock: File,
}

impl Store {
    /// Makes the folder if it is not there, and takes it.
    ///
    /// # Errors
    /// When another process has it, or it cannot be made.
    pub fn open(root: &Path) -> Result<Self, Fault> {
        let folder = root.join(FOLDER);
        let what = || format!("cannot make {}", folder.display());
        match make(&folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(anyhow!(error).context(what()).into());
            }
            Err(_) => {}
            Ok(()) => sync_folder(root),
        }
        if !fs::symlink_metadata(&folder).is_ok_and(|data| data.is_dir()) {
            let path = folder.display();
            return Err(Fault::Refused(format!(
                "{path} must be a folder, for Vaultmark keeps the last rename there. Move it away."
            )));
        }
        // A vault may come from somebody else.
        if let Some(link) = link_in(&folder) {
            let path = link.display();
            return Err(Fault::Refused(format!(
                "{path} is a symbolic link, and Vaultmark makes none. Remove it."
            )));
        }
        let ignore = folder.join(".gitignore");
        if !exists(&ignore) {
            fs::write(&ignore, "*\n").with_context(what)?;
        }
        let mut options = OpenOptions::new();
        let lock = options.write(true).create(true).truncate(false);
        let lock = lock.open(lock_of(&folder)).with_context(what)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Fault::Refused(
                    "Another process renames something in this vault. Try again when it is done."
                        .to_owned(),
                ));
            }
            // Where files cannot be locked, the user must see to it.
            Err(fs::TryLockError::Error(error)) => tracing::warn!(%error, "no lock"),
        }
        Ok(Self {
            root: root.to_path_buf(),
            folder,
            _lock: lock,
        })
    }

    /// The vault.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of a rename that is so far.
    pub fn path(&self, state: State) -> PathBuf {
        self.folder.join(state.name())
    }

    /// Whether there is a rename that is so far.
    pub fn has(&self, state: State) -> bool {
        exists(&self.path(state))
    }

    /// Nothing can begin where something was interrupted.
    ///
    /// # Errors
    /// In words, when a rename or undoing one was.
    pub fn refuse_interrupted(&self) -> Result<(), Fault> {
        match told(&self.folder) {
            Some(message) => Err(Fault::Refused(message)),
            None => Ok(()),
        }
    }

    /// A rename is so far now; what was so far before goes. It lasts.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn turn(&self, from: State, to: State) -> Result<()> {
        self.discard(to)?;
        let what = || format!("cannot rename {}", self.path(from).display());
        fs::rename(self.path(from), self.path(to)).with_context(what)?;
        sync_folder(&self.folder);
        Ok(())
    }

    /// Removes a rename that is of no use any more.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn discard(&self, state: State) -> Result<()> {
        let gone = self.folder.join("gone");
        let removed = |path: &Path| match fs::remove_dir_all(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        let what = || format!("cannot remove {}", gone.display());
        removed(&gone).with_context(what)?;
        if self.has(state) {
            // At once: half a rename must not look like a whole one.
            fs::rename(self.path(state), &gone).with_context(what)?;
            removed(&gone).with_context(what)?;
        }
        Ok(())
    }
}

/// Makes the folder. It holds what secret notes held, so only its owner may look.
fn make(folder: &Path) -> io::Result<()> {
    #[allow(unused_mut, reason = "only Unix sets something")]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// A symbolic link in the folder, or in that of a rename: through it something
/// outside of the vault would be written or moved.
fn link_in(folder: &Path) -> Option<PathBuf> {
    let states = [State::Staged, State::Running, State::Last, State::Undoing];
    let names = states.iter().map(|state| state.name());
    let folders = names.flat_map(|name| {
        let parts = ["", "new", "old", "parked", "journal.json"];
        parts.map(|part| Path::new(name).join(part))
    });
    let files = ["lock", ".gitignore", "gone"].map(PathBuf::from);
    let mut all = files.into_iter().chain(folders).map(|own| folder.join(own));
    // A final `/` would lead through the link.
    all.find(|path| {
        let path: PathBuf = path.components().collect();
        fs::symlink_metadata(path).is_ok_and(|data| data.is_symlink())
    })
}

fn lock_of(folder: &Path) -> PathBuf {
    folder.join("lock")
}

/// What the user must know of a vault where a rename was interrupted, if one was.
pub fn interrupted(root: &Path) -> Option<String> {
    let folder = root.join(FOLDER);
    let message = told(&folder)?;
    let lock = File::open(lock_of(&folder)).ok();
    // It may be under way just now.
    let is_free = lock.is_none_or(|lock| lock.try_lock().is_ok());
    is_free.then_some(message)
}

fn told(folder: &Path) -> Option<String> {
    let is = |state: State| exists(&folder.join(state.name()));
    let message = if is(State::Undoing) {
        "A rename was being taken back and that was interrupted. Run `vaultmark undo` to finish it."
    } else if is(State::Running) {
        "A rename was interrupted. Run `vaultmark undo` to roll it back, or `vaultmark rename --resume` to finish it."
    } else {
        return None;
    };
    Some(message.to_owned())
}
