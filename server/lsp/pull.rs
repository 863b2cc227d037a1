//! `workspace/diagnostic`: the notes of whole vaults, for clients that ask.
//!
//! A client asks again as soon as it has its answer. So a request that would
//! get nothing new is held until something is, or until it is cancelled.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower_lsp::gen_lsp_types as lsp;
use tower_lsp::jsonrpc::{Error, Result};
use vaultmark_vault::index::FileId;

use crate::background::Background;
use crate::client::Progress;
use crate::convert;
use crate::publish::{self, EMPTY, SETTLE};
use crate::session::Session;
use crate::snapshot::Snapshot;
use crate::survey::Pace;
use crate::whole::{Whole, is_inside, is_wanted};
use crate::worker::{StopOnDrop, Worker};

/// Reports are collected for this long before they are sent.
const PACE: Duration = Duration::from_millis(50);
/// Reports that are sent at a time, about.
const PART: usize = 128;
/// Reports that wait to be sent, at most.
const WAITING: usize = 1_024;

/// What the client has: by path, the address as it spells it, and the id of
/// the report.
type Previous = FxHashMap<PathBuf, (String, String)>;

/// Answers the request; see the module.
///
/// # Errors
/// An internal error when the look at the notes fails; that is logged.
pub async fn pull(
    background: &Background,
    whole: &Arc<Mutex<Whole>>,
    params: lsp::WorkspaceDiagnosticParams,
) -> Result<Value> {
    let mut changes = background.session.changes();
    let partial = params.partial_result_params.partial_result_token;
    let token = params.work_done_progress_params.work_done_token;
    let client = &background.client;
    let mut progress = token.map(|token| client.progress_of(token, "Checking the notes"));
    let previous: Previous = params
        .previous_result_ids
        .into_iter()
        .filter_map(|previous| {
            let path = convert::path(&previous.uri)?;
            Some((path, (previous.uri.to_string(), previous.value)))
        })
        .collect();
    let previous = Arc::new(previous);
    let stop = StopOnDrop::default();
    loop {
        let (reports, mut waiting) = mpsc::channel(WAITING);
        let pass = Pass {
            session: Arc::clone(&background.session),
            worker: background.worker.clone(),
            previous: Arc::clone(&previous),
            progress: progress.take().unwrap_or_default(),
            stop: stop.flag(),
            reports,
            is_news: AtomicBool::new(false),
        };
        let whole = Arc::clone(whole);
        let work = move || pass.run(&mut whole.lock().unwrap_or_else(PoisonError::into_inner));
        let work = tokio::task::spawn_blocking(work);
        let mut items = Vec::new();
        while let Some(first) = waiting.recv().await {
            items.push(first);
            if let Some(token) = &partial {
                if waiting.len() < PART {
                    tokio::time::sleep(PACE).await;
                }
                // Answers to other requests must not stand behind much.
                items.extend(std::iter::from_fn(|| waiting.try_recv().ok()).take(PART));
                let items = std::mem::take(&mut items);
                client.partial(token.clone(), json!({"items": items})).await;
            }
        }
        let is_news = work.await.map_err(|error| {
            tracing::error!(%error, "the notes of a workspace were not checked");
            Error::internal_error()
        })?;
        if is_news {
            if let Some(token) = partial {
                // The answer must not overtake the parts. The queue to the
                // client holds one message, so that this one waits for them.
                client.partial(token, json!({"items": []})).await;
            }
            return Ok(json!({"items": items}));
        }
        if background.session.has_ended() || changes.changed().await.is_err() {
            return Ok(json!({"items": []}));
        }
        if !background.session.has_ended() {
            tokio::time::sleep(SETTLE).await;
        }
    }
}

/// One look at all roots for what the client does not have.
struct Pass {
    session: Arc<Session>,
    worker: Worker,
    previous: Arc<Previous>,
    progress: Progress,
    stop: Arc<AtomicBool>,
    reports: mpsc::Sender<Value>,
    /// Whether there is something that the client does not have.
    is_news: AtomicBool,
}

impl Pass {
    /// Looks, sends the reports, and says whether there was news.
    fn run(&self, whole: &mut Whole) -> bool {
        let mut snapshots = self.session.snapshots();
        // A folder in another one that is open too answers for its notes.
        snapshots.reverse();
        whole.retain(&snapshots);
        for (at, snapshot) in snapshots.iter().enumerate() {
            if is_wanted(snapshot) {
                self.look(whole, snapshot, &snapshots[..at]);
            }
        }
        if !self.stop.load(Ordering::Relaxed) {
            self.end(whole, &snapshots);
        }
        self.is_news.load(Ordering::Relaxed)
    }

    fn look(&self, whole: &mut Whole, snapshot: &Snapshot, inner: &[Snapshot]) {
        let has = |path: &Path, hash| {
            let previous = self.previous.get(path);
            previous.is_some_and(|previous| previous.1 == publish::id(hash))
        };
        let lacks = |(file, hash)| {
            let path = snapshot.file_path(file)?;
            (!has(&path, hash) && !is_inside(&path, inner)).then_some(file)
        };
        let lacks: Vec<FileId> = whole.lists(snapshot).filter_map(lacks).collect();
        let pace = |done, total| {
            self.progress.report(done, total);
            let pace = self.worker.give_way();
            if self.stop.load(Ordering::Relaxed) || self.session.has_ended() {
                return Pace::End;
            }
            pace
        };
        whole.look(snapshot, &lacks, pace, |looked| {
            let Some(path) = snapshot.file_path(looked.file) else {
                return;
            };
            if looked.hash != EMPTY && !has(&path, looked.hash) && !is_inside(&path, inner) {
                self.news(json!({
                    "kind": "full", "uri": snapshot.address(looked.file),
                    "version": snapshot.version_of(looked.file),
                    "resultId": publish::id(looked.hash), "items": looked.list,
                }));
            }
        });
    }

    /// Says where nothing is wrong any more. Of what stays the same nothing is
    /// said: the client keeps it.
    fn end(&self, whole: &Whole, snapshots: &[Snapshot]) {
        let mut current: FxHashMap<PathBuf, (u64, Option<i32>)> = FxHashMap::default();
        for (at, snapshot) in snapshots.iter().enumerate() {
            for (file, hash) in whole.lists(snapshot) {
                let path = snapshot
                    .file_path(file)
                    .filter(|path| !is_inside(path, &snapshots[..at]));
                let list = (hash, snapshot.version_of(file));
                current.extend(path.map(|path| (path, list)));
            }
        }
        for (path, (uri, id)) in self.previous.iter() {
            let is_gone = !current.contains_key(path) && *id != publish::id(EMPTY);
            if is_gone && !is_left(path, snapshots) {
                self.news(json!({
                    "kind": "full", "uri": uri, "version": null,
                    "resultId": publish::id(EMPTY), "items": [],
                }));
            }
        }
    }

    fn news(&self, report: Value) {
        self.is_news.store(true, Ordering::Relaxed);
        // See above.
        let _ = self.reports.blocking_send(report);
    }
}

/// Whether nothing is to be said of a file here: it is open and asked for by
/// itself, or its root is being read.
fn is_left(path: &Path, snapshots: &[Snapshot]) -> bool {
    let mut roots = snapshots
        .iter()
        .filter(|snapshot| path.starts_with(&snapshot.root));
    roots.any(|snapshot| {
        !snapshot.vault.is_complete() || !is_wanted(snapshot) && snapshot.is_open(path)
    })
}
