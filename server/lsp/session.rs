//! The session: the single writer of the vaults and of the open documents.
//!
//! Everything here is synchronous, quick, and done under one lock that is
//! never held across an await. Readers take a [`Snapshot`] and never wait.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;
use tokio::sync::watch;
use tower_lsp::gen_lsp_types::{TextDocumentContentChangeEvent, Uri};
use vaultmark_vault::change::Change;
use vaultmark_vault::index::FileId;
use vaultmark_vault::vault::Vault;

use crate::capabilities::Capabilities;
use crate::disk::{self, Extent};
use crate::documents::{Document, Key};
use crate::roots::{Holding, Root, RootId, Roots, is_note};
use crate::snapshot::Snapshot;

/// The state of a server.
#[derive(Debug, Default)]
pub struct Session {
    state: Mutex<State>,
    /// Tells those who wait that something changed.
    changes: watch::Sender<()>,
}

/// An open document as it is now.
#[derive(Debug)]
pub struct OpenDocument {
    /// The address as the editor spells it.
    pub uri: Uri,
    /// The version that the editor gave last.
    pub version: i32,
    /// This moment, with the document as the file.
    pub snapshot: Snapshot,
}

#[derive(Debug, Default)]
struct State {
    capabilities: Capabilities,
    /// What `initialize` brought; in force while the client says nothing else.
    first_settings: Value,
    client_settings: Value,
    /// Counts what was heard or asked of the client's settings.
    settings_turn: u64,
    roots: Roots,
    documents: FxHashMap<Key, Document>,
    has_ended: bool,
    /// Documents that were opened since somebody asked for that.
    opened: FxHashSet<Key>,
    /// Documents that were changed without being open, and reported.
    unknown: FxHashSet<Key>,
    /// Problems that the user was shown and that are not mended.
    shown: FxHashMap<RootId, BTreeSet<String>>,
}

/// What opening or closing documents and folders calls for.
#[derive(Debug, Default)]
pub struct Work {
    /// Roots that are to be indexed.
    pub index: Vec<Arc<Root>>,
    /// Files that are to be looked at again.
    pub refresh: BTreeSet<PathBuf>,
    /// A document that went out of sync just now.
    pub out_of_sync: Option<Uri>,
}

impl State {
    /// Puts the text of open documents into their vaults, where it is newer.
    fn settle(&mut self) {
        for (key, document) in &mut self.documents {
            if document.stale && document.in_sync {
                self.roots.put(key, document);
                document.stale = false;
            }
        }
    }

    /// This moment of a root.
    fn moment(&self, holding: &Holding, file: FileId) -> Snapshot {
        let mut snapshot = holding.snapshot(file, self.capabilities.encoding);
        snapshot.related_information = self.capabilities.related_information;
        snapshot.code_description = self.capabilities.code_description;
        snapshot.document_changes = self.capabilities.document_changes;
        snapshot
    }

    /// This moment, for a request about a document; see [`Session::snapshot`].
    fn snapshot(&self, key: &Key) -> Option<Snapshot> {
        let document = self.documents.get(key);
        if document.is_some_and(|document| !document.in_sync) {
            return None;
        }
        let (holding, path) = self.roots.place(key)?;
        let file = holding.vault.find(&path).filter(|_| is_note(&path))?;
        let mut snapshot = self.moment(holding, file);
        snapshot.outdated = document.map(Document::outdated);
        Some(snapshot)
    }

    fn touch_documents(&mut self) {
        for document in self.documents.values_mut() {
            document.stale = true;
        }
    }

    fn close_unused_roots(&mut self) {
        self.roots.close_unused(self.documents.keys());
        let open: Vec<RootId> = self.roots.iter().map(|other| other.root.id).collect();
        self.shown.retain(|id, _| open.contains(id));
    }
}

impl Session {
    /// Wakes up behind every change of documents and vaults.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// The open documents that are notes and in sync, all at one moment.
    pub fn open_documents(&self) -> Vec<OpenDocument> {
        let mut state = self.state();
        state.settle();
        let open = state.documents.iter().filter_map(|(key, document)| {
            Some(OpenDocument {
                uri: document.uri.clone(),
                version: document.version,
                snapshot: state.snapshot(key)?,
            })
        });
        open.collect()
    }

    /// The client says goodbye: what it waits for is answered.
    pub fn end(&self) {
        let mut state = self.state();
        state.has_ended = true;
        for holding in state.roots.iter() {
            holding.root.stop.store(true, Ordering::Relaxed);
        }
        self.changes.send_replace(());
    }

    /// The documents that were opened since this was asked for the last time,
    /// whether they are open still or not.
    pub fn take_opened(&self) -> FxHashSet<Key> {
        std::mem::take(&mut self.state().opened)
    }

    /// Whether a document is open.
    pub fn is_open(&self, uri: &Uri) -> bool {
        self.state().documents.contains_key(&Key::new(uri))
    }

    /// Whether the client said goodbye.
    pub fn has_ended(&self) -> bool {
        self.state().has_ended
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was heard of these paths. Gives the roots for which somebody
    /// must look now.
    pub fn hear(&self, paths: &BTreeSet<PathBuf>) -> Vec<Arc<Root>> {
        self.state().roots.hear(paths)
    }

    /// Takes over what `initialize` says.
    pub fn start(&self, capabilities: Capabilities, settings: Value, folders: Vec<PathBuf>) {
        let mut state = self.state();
        state.capabilities = capabilities;
        state.first_settings = settings.clone();
        state.client_settings = settings;
        for path in folders {
            state.roots.name(path);
        }
    }

    /// The client's capabilities.
    pub fn capabilities(&self) -> Capabilities {
        self.state().capabilities
    }

    /// The roots that are open now.
    pub fn roots(&self) -> Vec<Arc<Root>> {
        let state = self.state();
        let roots = state.roots.iter().map(|holding| Arc::clone(&holding.root));
        roots.collect()
    }

    /// What the client set.
    pub fn client_settings(&self) -> Value {
        self.state().client_settings.clone()
    }

    /// The client is asked for its settings now. Gives the number of this
    /// turn, for answers may come late.
    pub fn next_settings_turn(&self) -> u64 {
        let mut state = self.state();
        state.settings_turn += 1;
        state.settings_turn
    }

    /// The client told its settings in this turn; none means those that it
    /// began with. Says whether they differ from those in force. An answer that
    /// was overtaken by another turn is dropped.
    pub fn set_client_settings(&self, turn: u64, settings: Value) -> bool {
        let mut state = self.state();
        if turn != state.settings_turn {
            return false;
        }
        let settings = if settings.is_null() {
            state.first_settings.clone()
        } else {
            settings
        };
        let differ = state.client_settings != settings;
        state.client_settings = settings;
        differ
    }

    /// The problems of a root are these now. Gives those that the user does not
    /// know of.
    pub fn news(&self, root: &Root, problems: Vec<String>) -> Vec<String> {
        let mut state = self.state();
        let known = |problem: &&String| {
            let mut shown = state.shown.values();
            !shown.any(|shown| shown.contains(*problem))
        };
        let news = problems.iter().filter(known).cloned().collect();
        state.shown.insert(root.id, problems.into_iter().collect());
        news
    }

    /// Folders were opened and closed in the client.
    pub fn change_folders(&self, added: Vec<PathBuf>, removed: &[PathBuf]) -> Work {
        let mut work = Work::default();
        let homeless: Vec<Key> = {
            let mut state = self.state();
            state.roots.unname(removed);
            for path in added {
                work.index.extend(state.roots.name(path));
            }
            state.close_unused_roots();
            // Documents may lie in other roots now.
            state.touch_documents();
            let keys = state.documents.keys();
            keys.filter(|key| state.roots.place(key).is_none())
                .cloned()
                .collect()
        };
        for key in homeless {
            self.house(&key, &mut work);
        }
        work
    }

    /// Opens a root for a document that lies in none. The disk is asked where
    /// its vault begins, so this is done without the lock.
    fn house(&self, key: &Key, work: &mut Work) {
        if self.state().roots.place(key).is_some() {
            return;
        }
        let (path, extent) = match key {
            Key::Address(_) => (PathBuf::new(), Extent::FOLDER),
            Key::Path(path) => disk::home_of(path),
        };
        let root = self.state().roots.push(Holding::new(path, extent, false));
        if root.has_files() {
            work.index.push(root);
        }
    }

    /// A document was opened: from now on its text is the editor's.
    pub fn open(&self, uri: Uri, version: i32, text: &str) -> Work {
        let mut work = Work::default();
        let key = Key::new(&uri);
        self.house(&key, &mut work);
        let mut state = self.state();
        state.unknown.remove(&key);
        if !state.capabilities.pull_diagnostics {
            state.opened.insert(key.clone());
        }
        state
            .documents
            .insert(key, Document::new(uri, version, text));
        self.changes.send_replace(());
        work
    }

    /// A document was changed.
    pub fn change(
        &self,
        uri: &Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
    ) -> Work {
        let mut work = Work::default();
        let key = Key::new(uri);
        let mut state = self.state();
        let encoding = state.capabilities.encoding;
        match state.documents.get_mut(&key) {
            Some(document) => {
                let was_in_sync = document.in_sync;
                if !document.change(version, changes, encoding) && was_in_sync {
                    work.out_of_sync = Some(uri.clone());
                }
            }
            // Said once, and not at every keystroke.
            None => work.out_of_sync = state.unknown.insert(key).then(|| uri.clone()),
        }
        self.changes.send_replace(());
        work
    }

    /// A document was closed: the file on the disk counts again.
    pub fn close(&self, uri: &Uri) -> Work {
        let key = Key::new(uri);
        let mut state = self.state();
        state.documents.remove(&key);
        state.unknown.remove(&key);
        let refresh = state.roots.take(&key);
        state.close_unused_roots();
        self.changes.send_replace(());
        Work {
            refresh,
            ..Work::default()
        }
    }

    /// Applies what was read from the disk, unless the root was closed.
    pub fn apply(&self, root: &Root, changes: Vec<Change>) {
        if let Some(holding) = self.state().roots.get_mut(root.id) {
            holding.apply(changes);
            self.changes.send_replace(());
        }
    }

    /// All notes of a root were read.
    pub fn set_complete(&self, root: &Root) {
        if let Some(holding) = self.state().roots.get_mut(root.id) {
            Arc::make_mut(&mut holding.vault).set_complete();
            self.changes.send_replace(());
        }
    }

    /// The vault of a root as it is now; `None` when the root was closed.
    pub fn vault(&self, root: &Root) -> Option<Arc<Vault>> {
        let mut state = self.state();
        state.settle();
        let holding = state.roots.get_mut(root.id)?;
        Some(Arc::clone(&holding.vault))
    }

    /// Every open document is read again, because it is read differently now.
    pub fn touch_documents(&self) {
        self.state().touch_documents();
    }

    /// This moment, for a request about a document. `None` when it is no note
    /// of a root, or out of sync.
    pub fn snapshot(&self, uri: &Uri) -> Option<Snapshot> {
        let mut state = self.state();
        state.settle();
        state.snapshot(&Key::new(uri))
    }

    /// This moment of a root; `None` when it was closed.
    pub fn snapshot_of(&self, root: RootId) -> Option<Snapshot> {
        let mut state = self.state();
        state.settle();
        let holding = state.roots.iter().find(|own| own.root.id == root)?;
        Some(state.moment(holding, 0))
    }

    /// This moment of every root, a folder before those in it.
    pub fn snapshots(&self) -> Vec<Snapshot> {
        let mut state = self.state();
        state.settle();
        let mut roots: Vec<&Holding> = state.roots.iter().collect();
        roots.sort_by_key(|holding| &holding.root.path);
        let snapshots = roots.iter().map(|holding| state.moment(holding, 0));
        snapshots.collect()
    }
}
