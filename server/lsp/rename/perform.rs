//! A rename that Vaultmark does itself, on the disk: for the command line, and
//! for editors that cannot move files.

use vaultmark_vault::edit::{TextEdit, applied};
use vaultmark_vault::index::FileId;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::rename::{Edit, Plan, Refusal, gathered};

use crate::apply::{self, Fault, Moves, Watch};
use crate::rename::{check, pool};
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
/// no order. What it is given is what [`perform`] writes. `watch` is told now and
/// then how many notes are done, and may end it.
///
/// # Errors
/// [`Fault::Refused`] when notes cannot be read or changed, with all of them, and
/// what `work` gives.
pub fn each(
    snapshot: &Snapshot,
    plan: &Plan,
    watch: Watch<'_>,
    work: impl Fn(&Rewritten<'_>) -> Result<(), Fault> + Sync,
) -> Result<(), Fault> {
    let files: Vec<FileId> = plan.files().collect();
    let one = |&file: &FileId| -> Result<_, Fault> {
        let path = snapshot.vault.path(file).unwrap_or_default();
        let Some(old) = snapshot.text(file) else {
            return Ok((file, Err(Refusal::Unreadable(vec![path]))));
        };
        let edits = match plan.edits(&snapshot.vault, file, &old) {
            Ok(edits) => edits,
            Err(refusal) => return Ok((file, Err(refusal))),
        };
        if !edits.is_empty() {
            let bare = edits.iter().map(|own| (own.range.clone(), own.new.clone()));
            let new = applied(&old, &bare.collect::<Vec<TextEdit>>());
            work(&Rewritten {
                path: &path,
                old: &old,
                new: &new,
                edits: &edits,
            })?;
        }
        Ok((file, Ok(Vec::new())))
    };
    let tick = |done| watch(done, files.len()).is_break();
    let done = pool::each(&files, THREADS, &tick, one).map_err(|end| match end {
        pool::End::Stopped => Fault::Stopped,
        pool::End::Failed(fault) => fault,
    })?;
    gathered(done)?;
    Ok(())
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
        each(snapshot, plan, watch, |note| {
            seen(note);
            stage.replace(note.path, note.old.as_bytes(), note.new.as_bytes())
        })?;
        let mut created = plan.created.iter();
        created.try_for_each(|(path, text)| stage.leave(path, text.as_bytes()))
    };
    apply::apply(snapshot.root(), what, &moves, stage, watch)
}

fn pairs(plan: &Plan) -> Vec<(String, String)> {
    let moves = plan.moves.iter();
    moves
        .map(|own| (own.from.clone(), own.to.clone()))
        .collect()
}
