//! The folders that are open as vaults, and which of them a document belongs to.
//!
//! A root is known by a number that is never used again, for a folder may be
//! closed and opened anew while work on it is still under way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;
use vaultmark_vault::change::Change;
use vaultmark_vault::digest::Parsed;
use vaultmark_vault::index::FileId;
use vaultmark_vault::path::{is_canvas, is_read, split, strip_md};
use vaultmark_vault::settings::Settings;
use vaultmark_vault::text::Encoding;
use vaultmark_vault::vault::Vault;

use crate::disk::{self, Extent};
use crate::documents::{Document, Key};
use crate::fingerprints::Fingerprints;
use crate::outside::Traces;
use crate::reports::Reports;
use crate::snapshot::{Open, Snapshot};
use crate::{convert, panics};

/// The number of a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RootId(u64);

impl RootId {
    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// A folder that is open as a vault: what all work on it shares.
#[derive(Debug)]
pub struct Root {
    /// Its number.
    pub id: RootId,
    /// The folder; empty for documents that are no files.
    pub path: PathBuf,
    /// How far it reaches.
    pub extent: Extent,
    /// What was seen of the files.
    pub fingerprints: Fingerprints,
    /// The notes that came and went lately.
    pub traces: Traces,
    /// Ignore files and checkout scripts, and the folders that they name.
    pub separate: Mutex<BTreeMap<String, Vec<String>>>,
    /// What could not be read, in words.
    pub unread: Mutex<Option<String>>,
    /// Whether its files were listed, or are just being listed.
    pub is_listed: AtomicBool,
    /// Whether it has more files than its extent allows.
    pub is_cut: AtomicBool,
    /// When it was opened.
    pub since: Instant,
    /// Set when the folder is closed: work on it ends.
    pub stop: AtomicBool,
    address: Arc<str>,
    disk: Mutex<()>,
    /// Paths of which something was heard and that wait to be looked at.
    heard: Mutex<BTreeSet<PathBuf>>,
}

impl Root {
    fn new(path: PathBuf, extent: Extent) -> Self {
        let address = convert::uri(&path).map_or(String::new(), |uri| uri.to_string());
        Self {
            id: RootId::next(),
            path,
            extent,
            fingerprints: Fingerprints::default(),
            traces: Traces::default(),
            separate: Mutex::default(),
            unread: Mutex::default(),
            is_listed: AtomicBool::new(false),
            is_cut: AtomicBool::new(false),
            since: Instant::now(),
            stop: AtomicBool::new(false),
            address: address.into(),
            disk: Mutex::default(),
            heard: Mutex::default(),
        }
    }

    /// Whether there is a folder at all.
    pub fn has_files(&self) -> bool {
        !self.path.as_os_str().is_empty()
    }

    /// Whether it was closed.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The path of a file from the root, if the root reaches it.
    pub fn inside(&self, path: &Path) -> Option<String> {
        if !self.has_files() {
            return None;
        }
        let inside = disk::relative(&self.path, path)?;
        let depth = inside.split('/').count();
        self.extent
            .depth
            .is_none_or(|most| depth <= most)
            .then_some(inside)
    }

    /// The turn to look at the disk and to apply what was seen. Without it two
    /// looks could be applied in the wrong order, and the older one would stay.
    pub fn disk_turn(&self) -> MutexGuard<'_, ()> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was heard of these paths. Says whether nothing else waited:
    /// then somebody must look; else somebody is about to.
    pub fn hear(&self, paths: impl IntoIterator<Item = PathBuf>) -> bool {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = !heard.is_empty();
        heard.extend(paths);
        !waited && !heard.is_empty()
    }

    /// Something may have happened anywhere before this moment; see
    /// [`Root::hear`]. A root that is still to be listed needs no look.
    pub fn hear_all(&self) -> bool {
        self.has_files() && self.is_listed.load(Ordering::Relaxed) && self.hear([self.path.clone()])
    }

    /// The paths that wait, which are to be looked at now.
    pub fn heard(&self) -> BTreeSet<PathBuf> {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A root with what is in it now.
#[derive(Debug)]
pub struct Holding {
    /// The root.
    pub root: Arc<Root>,
    /// The vault.
    pub vault: Arc<Vault>,
    /// Whether the client named it, or it was found around an open document.
    named: bool,
    open: Arc<FxHashMap<String, Open>>,
    reports: Arc<Reports>,
}

impl Holding {
    /// An empty vault for a folder.
    pub fn new(path: PathBuf, extent: Extent, named: bool) -> Self {
        let mut vault = Vault::new(Arc::new(Settings::default()));
        if path.as_os_str().is_empty() {
            // There is nothing to read around a document that is no file.
            vault.set_complete();
        }
        Self {
            root: Arc::new(Root::new(path, extent)),
            vault: Arc::new(vault),
            named,
            open: Arc::default(),
            reports: Arc::default(),
        }
    }

    /// This moment, for a request about a file.
    pub fn snapshot(&self, file: FileId, encoding: Encoding) -> Snapshot {
        Snapshot {
            vault: Arc::clone(&self.vault),
            file,
            encoding,
            related_information: false,
            code_description: false,
            document_changes: false,
            outdated: None,
            since: self.root.since,
            root: self.root.path.clone(),
            root_address: Arc::clone(&self.root.address),
            open: Arc::clone(&self.open),
            reports: Arc::clone(&self.reports),
        }
    }

    /// Applies what was read from the disk. An open document outranks it:
    /// its text stays, and it exists as long as it is open.
    pub fn apply(&mut self, changes: Vec<Change>) {
        let outranked = |change: &Change| match change {
            Change::Note(path, _) | Change::Remove(path) => self.open.contains_key(path),
            Change::File(_) | Change::Schema(..) | Change::Settings(_) => false,
        };
        let changes: Vec<Change> = changes
            .into_iter()
            .filter(|change| !outranked(change))
            .collect();
        Arc::make_mut(&mut self.vault).apply(changes);
    }

    /// Puts the text of a document into the vault.
    fn put(&mut self, path: String, document: &Document) {
        // The file may have been found under another spelling meanwhile.
        let other = |(path_of, open): (&String, &Open)| {
            (open.uri == document.uri && *path_of != path).then(|| path_of.clone())
        };
        if !path.is_ascii()
            && let Some(old) = self.open.iter().find_map(other)
        {
            self.take(&old);
            Arc::make_mut(&mut self.vault).apply([Change::Remove(old)]);
        }
        let text = document.text.to_text();
        let (symbols, options) = (self.vault.symbols(), self.vault.parse_options());
        let parse = if is_canvas(&path) {
            Parsed::canvas
        } else {
            Parsed::open
        };
        let note = panics::caught(|| parse(&text, symbols, &options));
        if note.is_none() {
            tracing::error!(path, "an open note cannot be parsed");
        }
        let open = Open {
            uri: document.uri.clone(),
            version: document.version,
            text: document.text.clone(),
        };
        Arc::make_mut(&mut self.open).insert(path.clone(), open);
        Arc::make_mut(&mut self.vault).apply([Change::Note(path, note)]);
    }

    fn take(&mut self, path: &str) {
        Arc::make_mut(&mut self.open).remove(path);
    }

    /// The path of a file as the vault spells it: addresses may come with
    /// accents composed or not, whatever the disk has (L3).
    pub fn spelled(&self, path: String) -> String {
        if path.is_ascii() || self.vault.find(&path).is_some() {
            return path;
        }
        let wanted: String = path.nfc().collect();
        let named = self.vault.named([split(&path).1, ""]);
        let paths = named.filter_map(|id| self.vault.path(id));
        let found = paths
            .into_iter()
            .find(|other| other.nfc().eq(wanted.chars()));
        found.unwrap_or(path)
    }
}

/// The roots that are open.
#[derive(Debug, Default)]
pub struct Roots(Vec<Holding>);

impl Roots {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Holding> {
        self.0.iter()
    }

    /// A root that is still open.
    pub fn get_mut(&mut self, id: RootId) -> Option<&mut Holding> {
        self.0
            .iter_mut()
            .find(|holding| holding.root.id == id && !holding.root.is_stopped())
    }

    /// Opens a folder that the client names, unless it did so before.
    pub fn name(&mut self, path: PathBuf) -> Option<Arc<Root>> {
        if self
            .0
            .iter()
            .any(|other| other.named && other.root.path == path)
        {
            return None;
        }
        Some(self.push(Holding::new(path, Extent::WHOLE, true)))
    }

    /// Opens a root.
    pub fn push(&mut self, holding: Holding) -> Arc<Root> {
        let root = Arc::clone(&holding.root);
        self.0.push(holding);
        root
    }

    /// Closes the roots that are not to stay.
    pub fn retain(&mut self, stays: impl Fn(&Holding) -> bool) {
        self.0.retain(|holding| {
            let stays = stays(holding);
            if !stays {
                holding.root.stop.store(true, Ordering::Relaxed);
            }
            stays
        });
    }

    /// Closes folders that the client named.
    pub fn unname(&mut self, paths: &[PathBuf]) {
        self.retain(|holding| !holding.named || !paths.contains(&holding.root.path));
    }

    /// Closes roots that were opened for documents that are closed, or that
    /// lie in a folder of the client now.
    pub fn close_unused<'k>(&mut self, open: impl Iterator<Item = &'k Key>) {
        let used: Vec<RootId> = open
            .filter_map(|key| Some(self.place(key)?.0.root.id))
            .collect();
        self.retain(|holding| holding.named || used.contains(&holding.root.id));
    }

    /// The root that answers for a document, and its path there: the deepest
    /// folder of the client that holds it, else the deepest that was found.
    pub fn place(&self, key: &Key) -> Option<(&Holding, String)> {
        let placed = self.containing(key).into_iter().max_by_key(|(at, _)| {
            let holding = self.0.get(*at);
            holding.map(|holding| (holding.named, holding.root.path.as_os_str().len()))
        });
        let (at, path) = placed?;
        Some((self.0.get(at)?, path))
    }

    /// The roots that contain a document, by position, and its path in each.
    fn containing(&self, key: &Key) -> Vec<(usize, String)> {
        let all = || self.0.iter().enumerate();
        let path = match key {
            Key::Path(path) => path,
            Key::Address(address) => {
                let root = all().find(|(_, holding)| !holding.root.has_files());
                return root
                    .map(|(at, _)| (at, unfiled(address)))
                    .into_iter()
                    .collect();
            }
        };
        let inside = |path: &Path, holding: &Holding| holding.root.inside(path);
        let mut found: Vec<(usize, String)> = all()
            .filter_map(|(at, holding)| Some((at, inside(path, holding)?)))
            .collect();
        if found.is_empty() {
            let nfc = |path: &Path| Some(PathBuf::from(path.to_str()?.nfc().collect::<String>()));
            let path = path.to_str().filter(|path| !path.is_ascii());
            if let Some(path) = path.and_then(|path| nfc(Path::new(path))) {
                let same = |holding: &Holding| {
                    let rest = path.strip_prefix(nfc(&holding.root.path)?).ok()?;
                    inside(&holding.root.path.join(rest), holding)
                };
                found = all()
                    .filter_map(|(at, holding)| Some((at, same(holding)?)))
                    .collect();
            }
        }
        for (at, path) in &mut found {
            if let Some(holding) = self.0.get(*at) {
                *path = holding.spelled(std::mem::take(path));
            }
        }
        found
    }

    /// Puts a document's text into every vault that contains it.
    pub fn put(&mut self, key: &Key, document: &Document) {
        for (at, path) in self.containing(key) {
            if let Some(holding) = self.0.get_mut(at).filter(|_| has_text(&path)) {
                holding.put(path, document);
            }
        }
    }

    /// Takes the text of a closed document out of every vault. Gives the files
    /// that count from now on.
    pub fn take(&mut self, key: &Key) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        for (at, path) in self.containing(key) {
            let Some(holding) = self.0.get_mut(at) else {
                continue;
            };
            holding.take(&path);
            if holding.root.has_files() {
                files.insert(holding.root.path.join(&path));
            } else {
                holding.apply(vec![Change::Remove(path)]);
            }
        }
        files
    }

    /// Passes on what was heard of paths. Gives the roots for which somebody
    /// must look now.
    pub fn hear(&self, paths: &BTreeSet<PathBuf>) -> Vec<Arc<Root>> {
        let roots = self.0.iter().map(|holding| &holding.root);
        let first = roots.filter(|root| {
            let mine = paths.iter().filter_map(|path| {
                if root.has_files() && root.path.starts_with(path) {
                    // Of a folder above, the root itself is what matters.
                    return Some(root.path.clone());
                }
                root.inside(path).map(|_| path.clone())
            });
            root.hear(mine)
        });
        first.cloned().collect()
    }
}

/// Whether the file of a path from a root is a note of the vault.
pub fn is_note(path: &str) -> bool {
    strip_md(path).is_some() && !disk::is_hidden(path)
}

/// Whether what an editor says of the file of a path counts.
fn has_text(path: &str) -> bool {
    is_read(path) && !disk::is_hidden(path)
}

/// A name for a document that is no file: its whole address, in one segment.
fn unfiled(address: &str) -> String {
    let address = address.replace('%', "%25").replace('/', "%2F");
    format!("{}.md", address.replace('\\', "%5C"))
}
