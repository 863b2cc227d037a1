//! Watching a root with the server's own eyes, for clients that do not.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use notify::event::ModifyKind;
use notify::{Config, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::client::Client;
use crate::indexing;
use crate::roots::Root;
use crate::session::Session;

/// Events are gathered for this long: saving a file often is several of them.
const GATHER: Duration = Duration::from_millis(200);
/// How often it is looked whether the root is closed, or another folder.
const PATIENCE: Duration = Duration::from_millis(500);

/// Watches a root until it is closed. A folder that is deleted and made anew is
/// another one to the system, and watched anew.
pub fn watch(session: &Session, root: &Root, client: &Client) {
    while !root.is_stopped() {
        let folder = identity(&root.path);
        if folder.is_none() {
            std::thread::sleep(PATIENCE);
            continue;
        }
        let watching = match Watching::begin(root) {
            Ok(watching) => watching,
            Err(_) if identity(&root.path) != folder => continue,
            Err(error) => {
                client.warn(format!(
                    "changes made outside of the editor below {} are not seen: {error}; restart the server after such changes",
                    root.path.display()
                ));
                return;
            }
        };
        // What changed before this moment was seen by nobody.
        if root.hear_all() {
            indexing::refresh(session, root, client);
        }
        while !root.is_stopped() && identity(&root.path) == folder && !watching.is_over() {
            hear(session, root, client, watching.gathered());
        }
        hear(session, root, client, vec![root.path.clone()]);
    }
}

/// One folder that is watched.
struct Watching {
    events: Receiver<Vec<PathBuf>>,
    is_over: Arc<AtomicBool>,
    _watcher: RecommendedWatcher,
}

impl Watching {
    fn begin(root: &Root) -> notify::Result<Self> {
        let (sender, events) = channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let (whole, over) = (root.path.clone(), Arc::clone(&is_over));
        let handler = move |event: notify::Result<notify::Event>| {
            if event.as_ref().is_ok_and(|event| ends(event, &whole)) {
                over.store(true, Ordering::Relaxed);
            }
            let paths = heard(event, &whole);
            if !paths.is_empty() {
                // The receiver is gone when the root is closed.
                let _ = sender.send(paths);
            }
        };
        let config = Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(handler, config)?;
        let mode = if root.extent.depth.is_some() || root.is_cut.load(Ordering::Relaxed) {
            RecursiveMode::NonRecursive
        } else {
            RecursiveMode::Recursive
        };
        watcher.watch(&root.path, mode)?;
        Ok(Self {
            events,
            is_over,
            _watcher: watcher,
        })
    }

    /// Whether the folder is gone, and with it the watch; another one may have
    /// its path already, and even its number.
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// The paths of the next events; none when it is time to look around.
    fn gathered(&self) -> Vec<PathBuf> {
        let Ok(mut paths) = self.events.recv_timeout(PATIENCE) else {
            return Vec::new();
        };
        let until = Instant::now() + GATHER;
        let rest = || until.saturating_duration_since(Instant::now());
        while let Ok(more) = self.events.recv_timeout(rest()) {
            paths.extend(more);
        }
        paths
    }
}

/// Whether an event says that the watched folder itself is gone.
fn ends(event: &notify::Event, folder: &Path) -> bool {
    let gone = EventKind::is_remove(&event.kind)
        || matches!(event.kind, EventKind::Modify(ModifyKind::Name(_)));
    gone && event.paths.iter().any(|path| path == folder)
}

/// The paths of which an event tells. When something was lost nobody knows
/// what, and the whole folder is meant.
fn heard(event: notify::Result<notify::Event>, folder: &Path) -> Vec<PathBuf> {
    match event {
        Ok(event) if event.need_rescan() => vec![folder.to_path_buf()],
        Ok(event) if matches!(event.kind, EventKind::Access(_)) => Vec::new(),
        Ok(event) => event.paths,
        Err(error) => {
            tracing::warn!(%error, "an event was lost; the folder is listed again");
            vec![folder.to_path_buf()]
        }
    }
}

fn hear(session: &Session, root: &Root, client: &Client, paths: Vec<PathBuf>) {
    if root.hear(paths) {
        indexing::refresh(session, root, client);
    }
}

/// What tells a folder from another one of the same path.
#[cfg(unix)]
fn identity(folder: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let data = std::fs::metadata(folder).ok()?;
    data.is_dir().then(|| (data.dev(), data.ino()))
}

#[cfg(not(unix))]
fn identity(folder: &Path) -> Option<std::time::SystemTime> {
    let data = std::fs::metadata(folder).ok()?;
    data.is_dir()
        .then(|| data.created().unwrap_or(std::time::UNIX_EPOCH))
}
