//! Indexing a root in the background, watching it, and reading its settings.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use notify::{EventKind, RecursiveMode, Watcher};
use vaultmark_vault::change::Change;

use crate::client::{Client, Progress};
use crate::disk;
use crate::session::{Root, Session};
use crate::settings;

/// Events are gathered for this long: saving a file often is several of them.
const GATHER: Duration = Duration::from_millis(200);

/// Reads a root: its settings, then the names of its files, then the notes.
pub fn index(session: &Session, root: &Root, client: &Client, progress: &Progress) {
    let begin = Instant::now();
    let mut loaded = settings::load(&root.path, &session.client_settings());
    for problem in &loaded.problems {
        client.warn(problem.clone());
    }
    session.apply(
        &root.path,
        vec![Change::Settings(Arc::new(loaded.settings.clone()))],
    );
    let listing = disk::list(&root.path, root.depth, &root.stop);
    for problem in &listing.problems {
        tracing::warn!(problem, "a folder cannot be read");
    }
    let files = listing.files.iter().cloned().map(Change::File);
    let mut changes: Vec<Change> = files.collect();
    loaded.settings.absent_folders = listing.absent_folders;
    changes.push(Change::Settings(Arc::new(loaded.settings)));
    session.apply(&root.path, changes);
    let named = begin.elapsed();
    let Some(vault) = session.vault(&root.path) else {
        return;
    };
    let options = vault.parse_options();
    let symbols = Arc::clone(vault.symbols());
    // The snapshot must not live on, or the first batch would copy it.
    drop(vault);
    let total = listing.files.len();
    let read = disk::read(
        &root.path,
        &listing.files,
        &symbols,
        &options,
        &root.fingerprints,
        &root.stop,
        |batch, done| {
            session.apply(&root.path, batch);
            progress.report(done, total);
        },
    );
    for problem in &read.problems {
        tracing::warn!(problem, "a note cannot be read");
    }
    if !root.stop.load(Ordering::Relaxed) {
        session.set_complete(&root.path);
    }
    tracing::info!(files = total, ?named, whole = ?begin.elapsed(), "indexed");
}

/// Looks at files again of which something was heard.
pub fn refresh(session: &Session, client: &Client) {
    let _turn = session.disk_turn();
    let paths = session.heard();
    for root in session.roots() {
        let mine: BTreeSet<PathBuf> = paths
            .iter()
            .filter(|path| path.starts_with(&root.path))
            .cloned()
            .collect();
        if mine.is_empty() || root.path.as_os_str().is_empty() {
            continue;
        }
        if mine.iter().any(|path| is_settings(&root, path)) {
            reload(session, &root, client);
        }
        let Some(vault) = session.vault(&root.path) else {
            continue;
        };
        let known = |folder: &str| -> Vec<String> {
            let files = vault.files().iter().filter_map(|(id, _)| vault.path(id));
            files.filter(|path| path.starts_with(folder)).collect()
        };
        let options = vault.parse_options();
        let changes = disk::refresh(
            &root.path,
            &mine,
            &known,
            vault.symbols(),
            &options,
            &root.fingerprints,
        );
        drop(vault);
        if !changes.is_empty() {
            session.apply(&root.path, changes);
        }
    }
}

fn is_settings(root: &Root, path: &std::path::Path) -> bool {
    path == root.path.join(settings::FILE) || path.starts_with(root.path.join(".obsidian"))
}

/// Reads the settings of a root again. Notes are read again only if they are
/// to be read differently.
pub fn reload(session: &Session, root: &Root, client: &Client) {
    let mut loaded = settings::load(&root.path, &session.client_settings());
    for problem in &loaded.problems {
        client.warn(problem.clone());
    }
    let Some(vault) = session.vault(&root.path) else {
        return;
    };
    loaded
        .settings
        .absent_folders
        .clone_from(&vault.settings().absent_folders);
    if loaded.settings == **vault.settings() {
        return;
    }
    let reread = loaded.settings.soft_fences != vault.settings().soft_fences;
    drop(vault);
    session.apply(
        &root.path,
        vec![Change::Settings(Arc::new(loaded.settings))],
    );
    if reread {
        session.touch_documents();
        root.fingerprints.clear();
        index(session, root, client, &Progress::default());
    }
}

/// Watches a root with the server's own eyes, for clients that do not. Runs
/// until the root is closed.
pub fn watch(session: &Session, root: &Root, client: &Client) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if let Ok(event) = event
            && !matches!(event.kind, EventKind::Access(_))
        {
            // The receiver is gone when the root is closed.
            let _ = sender.send(event.paths);
        }
    });
    let mode = if root.depth.is_none() {
        RecursiveMode::Recursive
    } else {
        RecursiveMode::NonRecursive
    };
    let watching =
        watcher.and_then(|mut watcher| watcher.watch(&root.path, mode).map(|()| watcher));
    let _watcher = match watching {
        Ok(watcher) => watcher,
        Err(error) => {
            client.warn(format!(
                "changes made outside of the editor below {} are not seen: {error}; restart the server after such changes",
                root.path.display()
            ));
            return;
        }
    };
    while !root.stop.load(Ordering::Relaxed) {
        let Ok(first) = receiver.recv_timeout(Duration::from_secs(1)) else {
            continue;
        };
        let mut paths: BTreeSet<PathBuf> = first.into_iter().collect();
        let until = Instant::now() + GATHER;
        while let Ok(more) = receiver.recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            paths.extend(more);
        }
        session.hear(paths);
        refresh(session, client);
    }
}
