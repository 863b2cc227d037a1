//! The session: the single writer of the vaults and of the open documents.
//!
//! Everything here is synchronous, quick, and done under one lock that is
//! never held across an await. Readers take a [`Snapshot`] and never wait.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use serde_json::Value;
use tower_lsp::gen_lsp_types::{TextDocumentContentChangeEvent, Uri};
use vaultmark_vault::change::Change;
use vaultmark_vault::digest::Parsed;
use vaultmark_vault::index::FileId;
use vaultmark_vault::path::strip_md;
use vaultmark_vault::query::Texts;
use vaultmark_vault::settings::Settings;
use vaultmark_vault::text::{Encoding, LineCol, Text};
use vaultmark_vault::vault::Vault;

use crate::capabilities::Capabilities;
use crate::convert;
use crate::disk::{self, Fingerprints};
use crate::documents::{Document, Key};

/// The state of a server.
#[derive(Debug, Default)]
pub struct Session {
    state: Mutex<State>,
    disk: Mutex<()>,
    /// Paths of which something was heard and that wait to be looked at.
    heard: Mutex<BTreeSet<PathBuf>>,
}

#[derive(Debug, Default)]
struct State {
    capabilities: Capabilities,
    client_settings: Value,
    roots: Vec<Root>,
    documents: FxHashMap<Key, Document>,
}

/// A folder that is open as a vault.
#[derive(Clone, Debug)]
pub struct Root {
    /// The folder; empty for documents that are no files.
    pub path: PathBuf,
    /// How far down files are listed; `None`: all.
    pub depth: Option<usize>,
    /// What was seen of the files.
    pub fingerprints: Arc<Fingerprints>,
    /// Set when the folder is closed: work on it ends.
    pub stop: Arc<AtomicBool>,
    /// Whether the client named it, or it was found beside an open document.
    pub named: bool,
    vault: Arc<Vault>,
    address: Arc<str>,
    open: Arc<FxHashMap<String, Open>>,
}

/// What a snapshot keeps of an open document.
#[derive(Clone, Debug)]
struct Open {
    uri: Uri,
    text: Text,
}

/// One moment of a vault, and the file that a request is about.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The vault.
    pub vault: Arc<Vault>,
    /// The file of the request; of no use in a workspace request.
    pub file: FileId,
    /// Unit of columns.
    pub encoding: Encoding,
    root: PathBuf,
    root_address: Arc<str>,
    open: Arc<FxHashMap<String, Open>>,
}

/// What opening or closing documents and folders calls for.
#[derive(Debug, Default)]
pub struct Work {
    /// Roots that are to be indexed.
    pub index: Vec<Root>,
    /// Files that are to be looked at again.
    pub refresh: BTreeSet<PathBuf>,
    /// A document that went out of sync just now.
    pub out_of_sync: Option<Uri>,
}

impl Root {
    fn new(path: PathBuf, depth: Option<usize>, named: bool) -> Self {
        let address = convert::uri(&path).map_or(String::new(), |uri| uri.to_string());
        Self {
            path,
            address: address.into(),
            depth,
            fingerprints: Arc::default(),
            stop: Arc::default(),
            named,
            vault: Arc::new(Vault::new(Arc::new(Settings::default()))),
            open: Arc::default(),
        }
    }

    fn apply(&mut self, changes: Vec<Change>) {
        Arc::make_mut(&mut self.vault).apply(changes);
    }
}

impl State {
    /// The root that holds a path, the deepest if several do, and the path in it.
    fn place(&self, key: &Key) -> Option<(usize, String)> {
        let Key::Path(path) = key else {
            let Key::Address(address) = key else {
                return None;
            };
            let root = self
                .roots
                .iter()
                .position(|root| root.path.as_os_str().is_empty())?;
            return Some((root, untitled(address)));
        };
        let inside = self.roots.iter().enumerate().filter_map(|(index, root)| {
            let inside = disk::relative(&root.path, path)?;
            let deep_enough = root
                .depth
                .is_none_or(|depth| inside.split('/').count() <= depth);
            deep_enough.then(|| (root.path.as_os_str().len(), index, inside))
        });
        inside
            .max_by_key(|found| found.0)
            .map(|(_, index, inside)| (index, inside))
    }

    /// The root of a document, which is made when there is none: the vault
    /// around the file, else its folder alone.
    fn root_for(&mut self, key: &Key, work: &mut Work) -> Option<(usize, String)> {
        if self.place(key).is_none() {
            let mut root = match key {
                Key::Address(_) => Root::new(PathBuf::new(), Some(0), false),
                Key::Path(path) => match disk::vault_root_of(path) {
                    Some(vault) => Root::new(vault, None, false),
                    None => Root::new(path.parent()?.to_path_buf(), Some(1), false),
                },
            };
            // There is nothing to index around a document that is no file.
            if root.path.as_os_str().is_empty() {
                Arc::make_mut(&mut root.vault).set_complete();
            } else {
                work.index.push(root.clone());
            }
            self.roots.push(root);
        }
        self.place(key)
    }

    /// Puts the text of open documents into their vaults, where it is newer.
    fn settle(&mut self) {
        let stale = self
            .documents
            .iter()
            .filter(|(_, document)| document.stale && document.in_sync);
        let stale: Vec<Key> = stale.map(|(key, _)| key.clone()).collect();
        for key in stale {
            let Some((index, path)) = self.place(&key) else {
                continue;
            };
            let (Some(document), Some(root)) =
                (self.documents.get_mut(&key), self.roots.get_mut(index))
            else {
                continue;
            };
            document.stale = false;
            let open = Open {
                uri: document.uri.clone(),
                text: document.text.clone(),
            };
            let text = document.text.to_text();
            Arc::make_mut(&mut root.open).insert(path.clone(), open);
            let note = Parsed::open(&text, root.vault.symbols(), &root.vault.parse_options());
            root.apply(vec![Change::Note(path, Some(note))]);
        }
    }
}

/// A name for a document that is no file.
fn untitled(address: &str) -> String {
    let name = address.rsplit([':', '/']).next().unwrap_or(address);
    format!("{}.md", if name.is_empty() { "untitled" } else { name })
}

impl Session {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turn to look at the disk and to apply what was seen. Without it two
    /// looks could be applied in the wrong order, and the older one would stay.
    pub fn disk_turn(&self) -> MutexGuard<'_, ()> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was heard of these paths. Says whether nothing else waited:
    /// then somebody must look; else somebody is about to.
    pub fn hear(&self, paths: BTreeSet<PathBuf>) -> bool {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let first = heard.is_empty() && !paths.is_empty();
        heard.extend(paths);
        first
    }

    /// The paths that wait, which are to be looked at now.
    pub fn heard(&self) -> BTreeSet<PathBuf> {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes over what `initialize` says.
    pub fn start(&self, capabilities: Capabilities, settings: Value, folders: Vec<PathBuf>) {
        let mut state = self.state();
        state.capabilities = capabilities;
        state.client_settings = settings;
        state.roots = folders
            .into_iter()
            .map(|path| Root::new(path, None, true))
            .collect();
    }

    /// The client's capabilities.
    pub fn capabilities(&self) -> Capabilities {
        self.state().capabilities
    }

    /// The roots that are open now.
    pub fn roots(&self) -> Vec<Root> {
        self.state().roots.clone()
    }

    /// What the client set.
    pub fn client_settings(&self) -> Value {
        self.state().client_settings.clone()
    }

    /// The client sent new settings. Says whether they differ.
    pub fn set_client_settings(&self, settings: Value) -> bool {
        let mut state = self.state();
        let differ = state.client_settings != settings;
        state.client_settings = settings;
        differ
    }

    /// Folders were opened and closed in the client.
    pub fn change_folders(&self, added: Vec<PathBuf>, removed: &[PathBuf]) -> Work {
        let mut work = Work::default();
        let mut state = self.state();
        state.roots.retain(|root| {
            let stays = !removed.contains(&root.path);
            root.stop.store(!stays, Ordering::Relaxed);
            stays
        });
        for path in added {
            // A root that was found beside a document is the client's now.
            let same = |root: &&mut Root| root.path == path && root.depth.is_none();
            if let Some(root) = state.roots.iter_mut().find(same) {
                root.named = true;
                continue;
            }
            let root = Root::new(path, None, true);
            work.index.push(root.clone());
            state.roots.push(root);
        }
        // Documents may lie in other roots now.
        let keys: Vec<Key> = state.documents.keys().cloned().collect();
        for key in keys {
            state.root_for(&key, &mut work);
            if let Some(document) = state.documents.get_mut(&key) {
                document.stale = true;
            }
        }
        work
    }

    /// A document was opened: from now on its text is the editor's.
    pub fn open(&self, uri: Uri, version: i32, text: &str) -> Work {
        let mut work = Work::default();
        let key = Key::new(&uri);
        let mut state = self.state();
        state.root_for(&key, &mut work);
        state
            .documents
            .insert(key, Document::new(uri, version, text));
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
        let mut state = self.state();
        let encoding = state.capabilities.encoding;
        match state.documents.get_mut(&Key::new(uri)) {
            Some(document) => {
                let was_in_sync = document.in_sync;
                if !document.change(version, changes, encoding) && was_in_sync {
                    work.out_of_sync = Some(uri.clone());
                }
            }
            None => work.out_of_sync = Some(uri.clone()),
        }
        work
    }

    /// A document was closed: the file on the disk counts again.
    pub fn close(&self, uri: &Uri) -> Work {
        let mut work = Work::default();
        let key = Key::new(uri);
        let mut state = self.state();
        state.documents.remove(&key);
        let Some((index, path)) = state.place(&key) else {
            return work;
        };
        if let Some(root) = state.roots.get_mut(index) {
            Arc::make_mut(&mut root.open).remove(&path);
            match key {
                Key::Path(path) => {
                    disk::forget(&path, &root.fingerprints);
                    work.refresh.insert(path);
                }
                Key::Address(_) => root.apply(vec![Change::Remove(path)]),
            }
        }
        work
    }

    /// Applies what was read from the disk. An open document outranks it:
    /// its text stays, and it exists as long as it is open.
    pub fn apply(&self, root: &Path, changes: Vec<Change>) {
        let mut state = self.state();
        let Some(root) = state.roots.iter_mut().find(|other| other.path == root) else {
            return;
        };
        let open = Arc::clone(&root.open);
        let outranked = |change: &Change| match change {
            Change::Note(path, _) | Change::Remove(path) => open.contains_key(path),
            Change::File(_) | Change::Settings(_) => false,
        };
        root.apply(
            changes
                .into_iter()
                .filter(|change| !outranked(change))
                .collect(),
        );
    }

    /// All notes of a root were read.
    pub fn set_complete(&self, root: &Path) {
        let mut state = self.state();
        if let Some(root) = state.roots.iter_mut().find(|other| other.path == root) {
            Arc::make_mut(&mut root.vault).set_complete();
        }
    }

    /// The vault of a root as it is now.
    pub fn vault(&self, root: &Path) -> Option<Arc<Vault>> {
        let mut state = self.state();
        state.settle();
        let root = state.roots.iter().find(|other| other.path == root)?;
        Some(Arc::clone(&root.vault))
    }

    /// Every open document is read again, because it is read differently now.
    pub fn touch_documents(&self) {
        for document in self.state().documents.values_mut() {
            document.stale = true;
        }
    }

    /// This moment, for a request about a document. `None` when it is in no
    /// root or out of sync.
    pub fn snapshot(&self, uri: &Uri) -> Option<Snapshot> {
        let mut state = self.state();
        state.settle();
        let key = Key::new(uri);
        if state
            .documents
            .get(&key)
            .is_some_and(|document| !document.in_sync)
        {
            return None;
        }
        let (index, path) = state.place(&key)?;
        let root = state.roots.get(index)?;
        let file = root.vault.find(&path)?;
        Some(root.snapshot(file, state.capabilities.encoding))
    }

    /// This moment of every root.
    pub fn snapshots(&self) -> Vec<Snapshot> {
        let mut state = self.state();
        state.settle();
        let encoding = state.capabilities.encoding;
        state
            .roots
            .iter()
            .map(|root| root.snapshot(0, encoding))
            .collect()
    }
}

impl Root {
    fn snapshot(&self, file: FileId, encoding: Encoding) -> Snapshot {
        Snapshot {
            vault: Arc::clone(&self.vault),
            file,
            encoding,
            root: self.path.clone(),
            root_address: Arc::clone(&self.address),
            open: Arc::clone(&self.open),
        }
    }
}

impl Snapshot {
    /// The address of a file; of an open one as the editor spells it.
    pub fn uri(&self, file: FileId) -> Option<Uri> {
        let path = self.vault.path(file)?;
        match self.open.get(&path) {
            Some(open) => Some(open.uri.clone()),
            None => convert::uri(&self.root.join(path)),
        }
    }

    /// The address of a file as text; see [`Snapshot::uri`].
    pub fn address(&self, file: FileId) -> Option<String> {
        let path = self.vault.path(file)?;
        if let Some(open) = self.open.get(&path) {
            return Some(open.uri.to_string());
        }
        let mut address = self.root_address.to_string();
        convert::push_path(&mut address, &path);
        Some(address)
    }

    /// The byte offset of a position in the request's file.
    pub fn offset(&self, at: LineCol) -> Option<u32> {
        let path = self.vault.path(self.file)?;
        let offset = match self.open.get(&path) {
            Some(open) => open.text.offset(at, self.encoding),
            None => Text::new(&self.text(self.file)?).offset(at, self.encoding),
        };
        u32::try_from(offset).ok()
    }
}

impl Texts for Snapshot {
    fn text(&self, file: FileId) -> Option<Arc<str>> {
        let path = self.vault.path(file)?;
        if let Some(open) = self.open.get(&path) {
            return Some(open.text.to_text().into());
        }
        strip_md(&path)?;
        let text = disk::text(&self.root.join(path))?;
        // The facts must be those of this text.
        let fits = self
            .vault
            .note(file)
            .is_some_and(|note| note.len as usize == text.len());
        fits.then(|| text.into())
    }
}
