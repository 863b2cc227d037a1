//! Doing a rename, finishing one, and taking one back.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, anyhow};

use super::files::sync_folders;
use super::journal::{Journal, Step};
use super::steps::Ground;
use super::store::{State, Store};
use super::{Fault, Watch, verify};

/// A rename that was finished or taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What it is, in words.
    pub what: String,
    /// The files that were touched, from the root: with their paths before, and
    /// those of what moved also with the paths afterwards.
    pub paths: Vec<String>,
}

impl Done {
    fn of(journal: &Journal) -> Self {
        Self {
            what: journal.what.clone(),
            paths: touched(journal).map(str::to_owned).collect(),
        }
    }
}

/// Does what was made ready.
pub(super) fn apply(store: &Store, journal: &Journal, watch: Watch<'_>) -> Result<(), Fault> {
    verify::texts(&ground(store, State::Staged, journal))?;
    go_on(0, journal, watch)?;
    store.turn(State::Staged, State::Running)?;
    match finish(store, journal, watch) {
        Err(Fault::Failed(error)) => Err(taken_back(store, journal, error).into()),
        done => done,
    }
}

/// Finishes the rename that was interrupted in a vault.
///
/// # Errors
/// Every [`Fault`].
pub fn resume(root: &Path, watch: Watch<'_>) -> Result<Done, Fault> {
    let store = Store::open(root)?;
    if store.has(State::Undoing) {
        store.refuse_interrupted()?;
    }
    if !store.has(State::Running) {
        let why = "There is nothing to finish: no rename was interrupted in this vault.";
        return Err(Fault::Refused(why.to_owned()));
    }
    let journal = Journal::read(root, &store.path(State::Running))?;
    verify::texts(&ground(&store, State::Running, &journal))?;
    finish(&store, &journal, watch)?;
    Ok(Done::of(&journal))
}

/// Takes back the last rename of a vault, or the one that was interrupted.
///
/// # Errors
/// Every [`Fault`].
pub fn undo(root: &Path, watch: Watch<'_>) -> Result<Done, Fault> {
    let store = Store::open(root)?;
    let states = [State::Undoing, State::Running, State::Last];
    let Some(state) = states.into_iter().find(|&state| store.has(state)) else {
        let why = "There is nothing to undo: Vaultmark renamed nothing in this vault.";
        return Err(Fault::Refused(why.to_owned()));
    };
    let journal = Journal::read(root, &store.path(state))?;
    let wrong = verify::undo(&ground(&store, state, &journal), state == State::Last);
    if !wrong.is_empty() {
        let list = wrong.join("`, `");
        return Err(Fault::Refused(format!(
            "Nothing was undone: `{list}` changed since the rename. Put them back as they were then, or undo by renaming again."
        )));
    }
    go_on(0, &journal, watch)?;
    if state != State::Undoing {
        store.turn(state, State::Undoing)?;
    }
    backward(&store, &journal, watch)?;
    Ok(Done::of(&journal))
}

fn ground<'a>(store: &'a Store, state: State, journal: &'a Journal) -> Ground<'a> {
    Ground {
        root: store.root(),
        folder: store.path(state),
        journal,
    }
}

/// Tells the caller how far the work is, who may end it.
fn go_on(done: usize, journal: &Journal, watch: Watch<'_>) -> Result<(), Fault> {
    if watch(done, journal.steps.len() + 1).is_break() {
        return Err(Fault::Stopped);
    }
    Ok(())
}

fn finish(store: &Store, journal: &Journal, watch: Watch<'_>) -> Result<(), Fault> {
    let ground = ground(store, State::Running, journal);
    for (number, step) in journal.steps.iter().enumerate() {
        go_on(number + 1, journal, watch)?;
        ground.forward(step).with_context(|| words(&ground, step))?;
    }
    sync(&ground);
    go_on(journal.steps.len() + 1, journal, watch)?;
    store.turn(State::Running, State::Last)?;
    Ok(())
}

fn backward(store: &Store, journal: &Journal, watch: Watch<'_>) -> Result<(), Fault> {
    let ground = ground(store, State::Undoing, journal);
    for (number, step) in journal.steps.iter().rev().enumerate() {
        go_on(number + 1, journal, watch)?;
        let what = || format!("taking back: {}", words(&ground, step));
        ground.backward(step).with_context(what)?;
    }
    sync(&ground);
    go_on(journal.steps.len() + 1, journal, watch)?;
    store.discard(State::Undoing)?;
    Ok(())
}

/// The vault as it was, and why the rename failed.
fn taken_back(store: &Store, journal: &Journal, error: Error) -> Error {
    let watch: Watch<'_> = &|_, _| std::ops::ControlFlow::Continue(());
    let back = store
        .turn(State::Running, State::Undoing)
        .map_err(Fault::from)
        .and_then(|()| backward(store, journal, watch));
    match back {
        Ok(()) => error.context("the rename failed, and everything is as it was before"),
        Err(Fault::Failed(second)) => error.context(format!(
            "the rename failed, and so did taking it back ({second:#}); mend what is wrong and run `vaultmark undo`"
        )),
        Err(_) => anyhow!("the rename failed"),
    }
}

/// What a step does, for messages.
fn words(ground: &Ground<'_>, step: &Step) -> String {
    match step {
        Step::MakeFolder(path) => format!("cannot make the folder {path}"),
        Step::Replace(index) => {
            let file = ground.journal.files.get(*index);
            let path = file.map_or("", |file| file.path.as_str());
            format!("cannot write {path}")
        }
        Step::Park { from, .. } => format!("cannot move {from}"),
        Step::Parked => "cannot write down how far it is".to_owned(),
        Step::Create { path, .. } => format!("cannot make {path}"),
        Step::Move { from, to, .. } => format!("cannot move {from} to {to}"),
        Step::Unpark { to, .. } => format!("cannot move a file to {to}"),
        Step::Retire { folder, .. } => format!("cannot remove the folder {folder}"),
    }
}

/// The paths of what was replaced or moved.
fn touched(journal: &Journal) -> impl Iterator<Item = &str> {
    let texts = journal.files.iter().map(|file| file.path.as_str());
    let moved = journal.steps.iter().flat_map(|step| match step {
        Step::Move { from, to, .. } => vec![from.as_str(), to.as_str()],
        Step::Park { from: path, .. } | Step::Unpark { to: path, .. } => vec![path.as_str()],
        _ => Vec::new(),
    });
    texts.chain(moved)
}

/// Makes the names last in all folders where some changed.
fn sync(ground: &Ground<'_>) {
    let folder = |path: &str| {
        let path = ground.root.join(path);
        path.parent().map(Path::to_path_buf)
    };
    let folders: BTreeSet<PathBuf> = touched(ground.journal).filter_map(folder).collect();
    sync_folders(ground.root, &folders);
}
