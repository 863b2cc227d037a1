//! Reading a root in the background, looking at it again, and its settings.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use vaultmark_vault::change::Change;

use crate::apply::store;
use crate::client::{Client, Progress};
use crate::roots::Root;
use crate::session::Session;
use crate::{disk, look, panics, schemas, settings};

/// Names of files that are applied at a time: a copy of all would be large.
const FILES: usize = 8_192;
/// Problems with files that are shown; the others are counted.
const SHOWN: usize = 3;

/// Reads a root: its settings, then the names of its files, then the notes.
pub fn index(session: &Session, root: &Root, client: &Client, progress: &Progress) {
    let begin = Instant::now();
    let mut loaded = settings::load(&root.path, &session.client_settings());
    if root.has_files() {
        loaded.problems.extend(store::interrupted(&root.path));
    }
    show(session, root, loaded.problems.clone(), client);
    session.apply(
        root,
        vec![Change::Settings(Arc::new(loaded.settings.clone()))],
    );
    root.is_listed.store(true, Ordering::Relaxed);
    let listing = disk::list(&root.path, "", root.extent, &root.stop);
    root.is_cut.store(listing.is_cut, Ordering::Relaxed);
    for files in listing.files.chunks(FILES) {
        session.apply(root, files.iter().cloned().map(Change::File).collect());
    }
    loaded.settings.absent_folders = listing.separate_folders();
    let (own, seen) = (&loaded.settings, &root.fingerprints);
    let schemas = schemas::read_all(&root.path, &listing.files, own, seen);
    session.apply(root, schemas);
    let settings = Change::Settings(Arc::new(loaded.settings));
    session.apply(root, vec![settings]);
    root.separate
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone_from(&listing.separate);
    // The vault may spell open documents differently from the client.
    session.touch_documents();
    let named = begin.elapsed();
    let Some(vault) = session.vault(root) else {
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
            session.apply(root, batch);
            progress.report(done, total);
        },
    );
    if root.is_stopped() {
        return;
    }
    session.set_complete(root);
    let unread = [listing.problems, read.problems].concat();
    let unread = summary(root, &unread, listing.unreadable_names);
    *root.unread.lock().unwrap_or_else(PoisonError::into_inner) = unread;
    show(session, root, loaded.problems, client);
    tracing::info!(files = total, ?named, whole = ?begin.elapsed(), "indexed");
}

/// Shows the problems of a root, with those of its files, that are new.
fn show(session: &Session, root: &Root, mut problems: Vec<String>, client: &Client) {
    let unread = root.unread.lock().unwrap_or_else(PoisonError::into_inner);
    problems.extend(unread.clone());
    drop(unread);
    for problem in session.news(root, problems) {
        client.warn(problem);
    }
}

/// One message about all files and folders that could not be read.
fn summary(root: &Root, unread: &[String], unreadable_names: usize) -> Option<String> {
    for problem in unread {
        tracing::warn!(problem, "cannot be read");
    }
    let mut parts: Vec<String> = unread.iter().take(SHOWN).cloned().collect();
    if unread.len() > SHOWN {
        parts.push(format!("and {} more", unread.len() - SHOWN));
    }
    if unreadable_names > 0 {
        parts.push(format!("{unreadable_names} with names that are not UTF-8"));
    }
    let count = unread.len() + unreadable_names;
    (count > 0).then(|| {
        format!(
            "{count} {} below {} cannot be read: {}; `vaultmark status` lists all",
            if count == 1 { "file" } else { "files" },
            root.path.display(),
            parts.join("; ")
        )
    })
}

/// Looks at files of a root again of which something was heard.
pub fn refresh(session: &Session, root: &Root, client: &Client) {
    let _turn = root.disk_turn();
    let paths = root.heard();
    if paths.is_empty() || root.is_stopped() {
        return;
    }
    if paths.iter().any(|path| is_settings(root, path)) {
        reload(session, root, client);
    }
    // Later events must be worked off, whatever came of these.
    if panics::caught(|| look_at(session, root, &paths)).is_none() {
        tracing::error!(paths = paths.len(), "changes of files were lost");
    }
}

fn look_at(session: &Session, root: &Root, paths: &BTreeSet<PathBuf>) {
    let Some(vault) = session.vault(root) else {
        return;
    };
    let changes = look::look(root, &vault, paths);
    root.traces.note(&vault, &changes);
    // The snapshot must not live on, or applying would copy it.
    drop(vault);
    if !changes.is_empty() {
        session.apply(root, changes);
    }
}

/// Whether something heard of a path may have changed the settings. Other files
/// in `.obsidian` change all the time.
fn is_settings(root: &Root, path: &Path) -> bool {
    path == root.path
        || settings::sources(&root.path)
            .iter()
            .any(|source| source == path)
}

/// Reads the settings of a root again. Notes are read again only if they are
/// to be read differently.
pub fn reload(session: &Session, root: &Root, client: &Client) {
    let mut loaded = settings::load(&root.path, &session.client_settings());
    show(session, root, loaded.problems, client);
    let Some(vault) = session.vault(root) else {
        return;
    };
    loaded
        .settings
        .absent_folders
        .clone_from(&vault.settings().absent_folders);
    if loaded.settings == **vault.settings() {
        return;
    }
    let seen = &root.fingerprints;
    let mut changes = schemas::reassigned(&root.path, &vault, &loaded.settings, seen);
    let reread = loaded.settings.soft_fences != vault.settings().soft_fences;
    drop(vault);
    changes.push(Change::Settings(Arc::new(loaded.settings)));
    session.apply(root, changes);
    if reread {
        session.touch_documents();
        root.fingerprints.clear();
        index(session, root, client, &Progress::default());
    }
}
