//! Renames on the disk: notes get new texts, files and folders move, and
//! whatever happens meanwhile, the vault is whole before or whole after.
//!
//! Everything is made ready first, in the folder `.vaultmark` of the vault: the
//! new texts, the old ones, and a journal of steps. Of each step the disk itself
//! says whether it was done, so that a run that was killed can be finished or
//! taken back. How far a rename is, is the name of the folder that holds it, which
//! changes at once: see [`store`].
//!
//! Notes are replaced, never written into. The old text of a note is its old file
//! itself under a second name, where the disk has such, so undoing brings back
//! every byte and costs no copy.

mod files;
mod journal;
pub mod repositories;
mod run;
mod stage;
mod steps;
pub mod store;
mod verify;

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use store::{State, Store};

pub use run::{Done, resume, undo};
pub use stage::Stage;

/// Why nothing was done, or not all.
#[derive(Debug)]
pub enum Fault {
    /// In words with the remedy; nothing was changed.
    Refused(String),
    /// The disk failed; what was done is said.
    Failed(anyhow::Error),
    /// The caller ended the work, which is left as it is.
    Stopped,
}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// Is told before each step how many were done, of how many. Who breaks leaves
/// everything as a killed process would.
pub type Watch<'w> = &'w dyn Fn(usize, usize) -> ControlFlow<()>;

/// Files and folders that move, with their paths from the root.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    /// Each file with its new path, also those in folders that move whole.
    pub files: Vec<(String, String)>,
    /// Folders that move with all that is in them; none of them lies in another
    /// one, or has to do with the other files.
    pub folders: Vec<(String, String)>,
}

/// Makes a rename: `stage` gives the new texts, then all is held against the disk
/// once more and done. `what` says in words what it is.
///
/// # Errors
/// Every [`Fault`]; what was done is taken back, as far as the disk lets it.
pub fn apply(
    root: &Path,
    what: &str,
    moves: &Moves,
    stage: impl FnOnce(&Stage) -> Result<(), Fault>,
    watch: Watch<'_>,
) -> Result<(), Fault> {
    let begin = Instant::now();
    let store = Store::open(root)?;
    store.refuse_interrupted()?;
    store.discard(State::Staged)?;
    let staged = Stage::new(&store).and_then(|own| {
        stage(&own)?;
        own.finish(what, moves)
    });
    let ready = begin.elapsed();
    let done = staged.and_then(|journal| run::apply(&store, &journal, watch));
    tracing::info!(?ready, whole = ?begin.elapsed(), "renamed on the disk");
    match done {
        Err(Fault::Refused(why)) => {
            store.discard(State::Staged)?;
            Err(Fault::Refused(why))
        }
        done => done,
    }
}

#[cfg(test)]
mod tests;
