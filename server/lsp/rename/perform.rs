//! A rename that Vaultmark does itself, on the disk: for the command line, and
//! for editors that cannot move files.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use vaultmark_vault::edit::{TextEdit, applied};
use vaultmark_vault::index::FileId;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::rename::{Edit, Plan, Refusal};

use crate::apply::{self, Fault, Moves, Watch};
use crate::rename::check;
use crate::snapshot::Snapshot;

/// Reading and writing wait for the disk more than for the processor.
const THREADS: usize = 16;

/// A note that gets another text.
#[derive(Debug)]
pub struct Rewritten<'t> {
    /// Its path before the rename, from the root.
    pub path: &'t str,
    /// Its text.
    pub old: &'t str,
    /// The text it gets.
    pub new: &'t str,
    /// What differs.
    pub edits: &'t [Edit],
}

/// Gives all notes of a plan with their new texts to `work`, side by side and in
/// no order. What it is given is what [`perform`] writes.
///
/// # Errors
/// [`Fault::Refused`] when notes cannot be read or changed, with all of them, and
/// what `work` gives.
pub fn each(
    snapshot: &Snapshot,
    plan: &Plan,
    work: impl Fn(&Rewritten<'_>) -> Result<(), Fault> + Sync,
) -> Result<(), Fault> {
    let files: Vec<FileId> = plan.files().collect();
    let next = AtomicUsize::new(0);
    let failed: Mutex<Vec<(FileId, Fault)>> = Mutex::default();
    let refused: Mutex<[Vec<String>; 2]> = Mutex::default();
    let one = |file: FileId| -> Result<(), Fault> {
        let path = snapshot.vault.path(file).unwrap_or_default();
        let refuse = |index: usize| {
            let mut refused = refused.lock().unwrap_or_else(PoisonError::into_inner);
            refused[index].push(path.clone());
            Ok(())
        };
        let Some(old) = snapshot.text(file) else {
            return refuse(0);
        };
        let Ok(edits) = plan.edits(&snapshot.vault, file, &old) else {
            return refuse(1);
        };
        if edits.is_empty() {
            return Ok(());
        }
        let bare = edits.iter().map(|own| (own.range.clone(), own.new.clone()));
        let new = applied(&old, &bare.collect::<Vec<TextEdit>>());
        work(&Rewritten {
            path: &path,
            old: &old,
            new: &new,
            edits: &edits,
        })
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS.min(files.len()) {
            scope.spawn(|| {
                while let Some(&file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(fault) = one(file) {
                        // Nothing more needs to be made ready.
                        next.store(files.len(), Ordering::Relaxed);
                        let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        failed.push((file, fault));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_by_key(|own| own.0);
    if let Some((_, fault)) = failed.into_iter().next() {
        return Err(fault);
    }
    let [mut unreadable, mut changed] =
        refused.into_inner().unwrap_or_else(PoisonError::into_inner);
    unreadable.sort();
    changed.sort();
    let refusal = if !unreadable.is_empty() {
        Refusal::Unreadable(unreadable)
    } else if !changed.is_empty() {
        Refusal::Changed(changed)
    } else {
        return Ok(());
    };
    Err(Fault::Refused(refusal.to_string()))
}

/// Does a rename, so that it can be undone; `what` says in words what it is, and
/// `seen` is given each note that is written. See [`apply`] for what happens in a
/// crash.
///
/// # Errors
/// Every [`Fault`]; nothing is done by halves.
pub fn perform(
    snapshot: &Snapshot,
    plan: &Plan,
    what: &str,
    seen: impl Fn(&Rewritten<'_>) + Sync,
    watch: Watch<'_>,
) -> Result<(), Fault> {
    check::disk(snapshot, plan).map_err(Fault::Refused)?;
    let moves = Moves {
        files: pairs(plan),
        folders: plan.folders.clone(),
    };
    let stage = |stage: &apply::Stage| {
        each(snapshot, plan, |note| {
            seen(note);
            stage.replace(note.path, note.old.as_bytes(), note.new.as_bytes())
        })
    };
    apply::apply(snapshot.root(), what, &moves, stage, watch)
}

fn pairs(plan: &Plan) -> Vec<(String, String)> {
    let moves = plan.moves.iter();
    moves
        .map(|own| (own.from.clone(), own.to.clone()))
        .collect()
}
