//! Notes that were moved outside of the editor: recognized by what they say,
//! and their links mended if the user wants that.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::{FxHashMap, FxHashSet};
use vaultmark_vault::change::Change;
use vaultmark_vault::files::Facts;
use vaultmark_vault::query::rename::{Edit, Edits, Options, moved_already};
use vaultmark_vault::vault::Vault;

use crate::background::Background;
use crate::rename::{answer, texts};
use crate::roots::RootId;
use crate::snapshot::Snapshot;

/// A move is seen as two events, which may come one after the other. An editor
/// that moved a note itself has written its links by then.
const SETTLE: Duration = Duration::from_secs(2);
/// So long the other event is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// More notes than this are not moved but fetched or checked out.
const MOST: usize = 20_000;

/// The answers to the question whether links are to follow.
const FOLLOW: &str = "Change the links";
const LEAVE: &str = "Leave them";

/// The notes of a root that came and went lately.
#[derive(Debug, Default)]
pub struct Traces(Mutex<Lately>);

#[derive(Debug, Default)]
struct Lately {
    gone: Vec<Trace>,
    come: Vec<Trace>,
}

/// A note at the moment when it came or went.
#[derive(Debug)]
struct Trace {
    path: String,
    fingerprint: u64,
    at: Instant,
}

impl Trace {
    fn new(path: &str, fingerprint: u64) -> Self {
        Self {
            path: path.to_owned(),
            fingerprint,
            at: Instant::now(),
        }
    }
}

impl Traces {
    /// Notes which notes come and go with changes that are about to be made.
    pub fn note(&self, vault: &Vault, changes: &[Change]) {
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for change in changes {
            match change {
                Change::Remove(path) => {
                    let facts = vault.find(path).and_then(|file| vault.facts(file));
                    let print = facts.and_then(Facts::fingerprint);
                    gone.extend(print.map(|print| Trace::new(path, print)));
                }
                Change::Note(path, Some(note)) if vault.find(path).is_none() => {
                    let facts = note.facts();
                    // Empty notes are all alike.
                    let print = facts.fingerprint().filter(|_| facts.text_length() > 0);
                    come.extend(print.map(|print| Trace::new(path, print)));
                }
                _ => {}
            }
        }
        if gone.is_empty() && come.is_empty() {
            return;
        }
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remember(&mut lately.gone, gone);
        remember(&mut lately.come, come);
    }

    /// The notes that went from one path and came to another, each of them the
    /// only one that says what it says. They are told once.
    pub fn moves(&self) -> Vec<(String, String)> {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Lately { gone, come } = &mut *lately;
        if gone.len() > MOST || come.len() > MOST {
            gone.clear();
            come.clear();
        }
        let only = |traces: &[Trace]| {
            let mut only: FxHashMap<u64, Option<String>> = FxHashMap::default();
            for trace in traces {
                // The same event may have been heard twice.
                let own = Some(trace.path.clone());
                let path = only.entry(trace.fingerprint).or_insert_with(|| own.clone());
                if *path != own {
                    *path = None;
                }
            }
            only
        };
        let (from, mut to) = (only(gone), only(come));
        let pairs = from.into_iter();
        let pairs = pairs.filter_map(|(print, from)| Some((from?, to.remove(&print)??)));
        let moves: BTreeSet<(String, String)> = pairs.collect();
        let told = moves.iter().flat_map(|(from, to)| [from, to]);
        let told: FxHashSet<&String> = told.collect();
        let waits = |trace: &Trace| !told.contains(&trace.path) && trace.at.elapsed() < PATIENCE;
        gone.retain(waits);
        come.retain(waits);
        moves.into_iter().collect()
    }
}

/// Adds traces, of which not many more are kept than count: where the client cannot
/// be asked, nobody takes them away.
fn remember(traces: &mut Vec<Trace>, new: Vec<Trace>) {
    if traces.len() + new.len() > MOST {
        traces.retain(|trace| trace.at.elapsed() < PATIENCE);
    }
    let room = (MOST + 1).saturating_sub(traces.len());
    traces.extend(new.into_iter().take(room));
}

/// Offers, until the client is gone, to mend links to notes that were moved.
pub async fn run(background: Background) {
    let capabilities = background.session.capabilities();
    if !capabilities.questions || !capabilities.apply_edit {
        return;
    }
    let mut changes = background.session.changes();
    while changes.changed().await.is_ok() {
        tokio::time::sleep(SETTLE).await;
        changes.mark_unchanged();
        for root in background.session.roots() {
            let moves = root.traces.moves();
            if !moves.is_empty() {
                tokio::spawn(offer(background.clone(), root.id, moves));
            }
        }
    }
}

async fn offer(background: Background, root: RootId, moves: Vec<(String, String)>) {
    let moves = Arc::new(moves);
    let look = || {
        let (background, moves) = (background.clone(), Arc::clone(&moves));
        tokio::task::spawn_blocking(move || {
            let snapshot = background.session.snapshot_of(root)?;
            let edits = mended(&snapshot, &moves)?;
            Some((snapshot, edits))
        })
    };
    let Ok(Some((_, edits))) = look().await else {
        return;
    };
    let Some(question) = question(&moves, &edits) else {
        return;
    };
    let chosen = background.client.ask(question, &[FOLLOW, LEAVE]).await;
    if chosen.as_deref() != Some(FOLLOW) {
        return;
    }
    // Much may have changed while the user thought.
    let Ok(Some((snapshot, edits))) = look().await else {
        return;
    };
    let capabilities = background.session.capabilities();
    if let Some(texts) = answer::texts(&snapshot, &edits, capabilities) {
        let edit = answer::workspace_edit(texts, Vec::new(), capabilities);
        let otherwise = "The links were not changed.".to_owned();
        background.client.apply(&edit, otherwise, || ());
    }
}

/// The edits that make links follow notes that were moved.
fn mended(snapshot: &Snapshot, moves: &[(String, String)]) -> Option<Edits> {
    let vault = &snapshot.vault;
    if !vault.is_complete() {
        return None;
    }
    // Who is there again, or gone again, was not moved.
    let is_moved =
        |own: &&(String, String)| vault.find(&own.0).is_none() && vault.find(&own.1).is_some();
    let moves: Vec<(String, String)> = moves.iter().filter(is_moved).cloned().collect();
    let options = Options::new(vault.settings().renames);
    let plan = moved_already(vault, &moves, options, snapshot);
    let plan = plan.inspect_err(|why| tracing::info!(%why, "links do not follow"));
    texts::edits(vault, &plan.ok()?, snapshot, &|_| false)?.ok()
}

/// What the user is asked, if links would lead nowhere.
fn question(moves: &[(String, String)], edits: &Edits) -> Option<String> {
    let count = |edits: &Vec<Edit>| edits.iter().filter(|edit| edit.part.is_link()).count();
    let counts = edits.values().map(count).filter(|&count| count > 0);
    let counts: Vec<usize> = counts.collect();
    let links: usize = counts.iter().sum();
    let what = match moves {
        [(from, to)] => format!("`{from}` is `{to}` now"),
        moves => format!("{} notes were moved", moves.len()),
    };
    (links > 0).then(|| {
        format!(
            "{what}, and {links} links in {} notes lead to where it was. Shall they follow?",
            counts.len()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(gone: &[(&str, u64)], come: &[(&str, u64)]) -> Traces {
        let all = |of: &[(&str, u64)]| of.iter().map(|own| Trace::new(own.0, own.1)).collect();
        let (gone, come) = (all(gone), all(come));
        Traces(Mutex::new(Lately { gone, come }))
    }

    #[test]
    fn no_more_traces_are_kept_than_count() {
        let mut traces = Vec::new();
        for _ in 0..3 {
            let new = (0..MOST as u64).map(|own| Trace::new("a", own));
            remember(&mut traces, new.collect());
        }
        assert_eq!(traces.len(), MOST + 1, "as many say that it is no move");
    }

    #[test]
    fn a_note_was_moved_where_one_text_went_and_came() {
        let moved = vec![("a".to_owned(), "b".to_owned())];
        let heard_twice = traces(&[("a", 1), ("a", 1)], &[("b", 1), ("c", 2)]);
        assert_eq!(heard_twice.moves(), moved);
        assert_eq!(heard_twice.moves(), [], "it is told once");
        let two = traces(&[("a", 1), ("x", 1)], &[("b", 1)]);
        assert_eq!(two.moves(), [], "either may have been moved");
    }
}
