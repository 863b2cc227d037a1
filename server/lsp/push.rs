//! Diagnostics of notes that are not open, for clients that do not ask.
//!
//! Open notes are the business of [`crate::publish`]; here they only leave a
//! mark, so that whatever the client has of one is replaced when it is closed.
//! So do notes that were open between two looks.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;
use tokio::sync::mpsc;
use tower_lsp::gen_lsp_types::Uri;
use vaultmark_vault::index::FileId;

use crate::background::Background;
use crate::disk;
use crate::documents::Key;
use crate::publish::{EMPTY, SETTLE};
use crate::snapshot::Snapshot;
use crate::survey::Pace;
use crate::whole::{Looked, Whole, is_inside, is_wanted};

/// Lists that wait to be sent, at most.
const WAITING: usize = 256;
/// What stands for the list of an open note.
const OPEN: u64 = u64::MAX;

/// What was pushed of notes that are not open.
#[derive(Debug, Default)]
struct Pushed {
    whole: Whole,
    /// By root and file, the address and the hash of the list.
    told: FxHashMap<PathBuf, FxHashMap<FileId, (Uri, u64)>>,
}

/// A list on its way.
type List = (Uri, Vec<Value>);

/// Runs until the client is gone.
pub async fn run(background: Background) {
    let mut changes = background.session.changes();
    let pushed: Arc<Mutex<Pushed>> = Arc::default();
    while changes.changed().await.is_ok() {
        tokio::time::sleep(SETTLE).await;
        changes.mark_unchanged();
        let (lists, mut waiting) = mpsc::channel(WAITING);
        let (pushed, this) = (Arc::clone(&pushed), background.clone());
        let look = tokio::task::spawn_blocking(move || {
            let mut pushed = pushed.lock().unwrap_or_else(PoisonError::into_inner);
            pushed.look(&this, &lists);
        });
        while let Some((uri, list)) = waiting.recv().await {
            // It may have been opened meanwhile.
            if !background.session.is_open(&uri) {
                let list = serde_json::from_value(Value::Array(list)).unwrap_or_default();
                background.client.publish(uri, list, None).await;
            }
        }
        if let Err(error) = look.await {
            tracing::error!(%error, "diagnostics of notes that are not open were not sent");
        }
    }
}

impl Pushed {
    /// Looks at all roots whose notes are wanted, and takes back what was said
    /// of the others.
    fn look(&mut self, background: &Background, lists: &mpsc::Sender<List>) {
        // Asked for first: what is opened behind this is open in the snapshots,
        // or a matter of the next look.
        let opened = background.session.take_opened();
        let mut snapshots = background.session.snapshots();
        // A folder in another one that is open too answers for its notes.
        snapshots.reverse();
        self.whole.retain(&snapshots);
        let wanted = snapshots.iter().enumerate();
        let wanted = wanted.filter(|(_, snapshot)| is_wanted(snapshot));
        let mut told = std::mem::take(&mut self.told);
        for (at, snapshot) in wanted {
            let mut mine = told.remove(&snapshot.root).unwrap_or_default();
            let opened = opened_in(snapshot, &opened);
            for (file, uri) in &opened {
                mine.insert(*file, (uri.clone(), OPEN));
            }
            let opened: Vec<FileId> = opened.into_iter().map(|own| own.0).collect();
            let mine = self.root(background, snapshot, &snapshots[..at], &opened, mine, lists);
            self.told.insert(snapshot.root.clone(), mine);
        }
        for (uri, _) in told.into_values().flat_map(FxHashMap::into_values) {
            // Nobody listens any more when the client is gone.
            let _ = lists.blocking_send((uri, Vec::new()));
        }
    }

    fn root(
        &mut self,
        background: &Background,
        snapshot: &Snapshot,
        inner: &[Snapshot],
        opened: &[FileId],
        told: FxHashMap<FileId, (Uri, u64)>,
        lists: &mpsc::Sender<List>,
    ) -> FxHashMap<FileId, (Uri, u64)> {
        let pace = |_, _| {
            if background.session.has_ended() {
                return Pace::End;
            }
            background.worker.give_way()
        };
        let told = Mutex::new(told);
        let found = |looked: Looked| {
            let path = snapshot.file_path(looked.file);
            let Some(uri) = snapshot.uri(looked.file) else {
                return;
            };
            if path.is_none_or(|path| is_inside(&path, inner)) {
                return;
            }
            let is_open = snapshot.version_of(looked.file).is_some();
            let hash = if is_open { OPEN } else { looked.hash };
            let before = {
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                match hash {
                    EMPTY => told.remove(&looked.file),
                    hash => told.insert(looked.file, (uri.clone(), hash)),
                }
            };
            if !is_open && before.map_or(EMPTY, |before| before.1) != hash {
                let _ = lists.blocking_send((uri, looked.list));
            }
        };
        let gone = self.whole.look(snapshot, opened, pace, found);
        let mut told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (uri, _) in gone.iter().filter_map(|file| told.remove(file)) {
            let _ = lists.blocking_send((uri, Vec::new()));
        }
        told
    }
}

/// The notes of a root among documents, with their addresses.
fn opened_in(snapshot: &Snapshot, documents: &FxHashSet<Key>) -> Vec<(FileId, Uri)> {
    let notes = documents.iter().filter_map(|key| {
        let Key::Path(path) = key else { return None };
        let inside = disk::relative(&snapshot.root, path)?;
        let file = snapshot.vault.find(&inside)?;
        Some((file, snapshot.uri(file)?))
    });
    notes.collect()
}
