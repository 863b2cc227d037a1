//! Looking again at files of which something was heard, and saying what
//! changed. Nothing is believed of an event but that something happened.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use vaultmark_vault::change::Change;
use vaultmark_vault::note::ParseOptions;
use vaultmark_vault::path::is_read;
use vaultmark_vault::vault::Vault;

use crate::roots::Root;
use crate::{disk, schemas};

/// Looks at paths, and says what changed in the vault. A folder stands for all
/// files below it, also for those that are gone; so does the root itself.
pub fn look(root: &Root, vault: &Vault, paths: &BTreeSet<PathBuf>) -> Vec<Change> {
    let separate = root.separate.lock().unwrap_or_else(PoisonError::into_inner);
    let mut look = Look {
        root,
        vault,
        options: vault.parse_options(),
        known: OnceCell::new(),
        separate: separate.clone(),
        read: HashSet::new(),
        changes: Vec::new(),
    };
    drop(separate);
    for path in paths {
        look.path(path);
    }
    look.finish()
}

struct Look<'a> {
    root: &'a Root,
    vault: &'a Vault,
    options: ParseOptions,
    /// All paths of the vault, sorted, once they are needed.
    known: OnceCell<Vec<String>>,
    separate: BTreeMap<String, Vec<String>>,
    /// Files that were read: an event for a file may come with one for its folder.
    read: HashSet<String>,
    changes: Vec<Change>,
}

impl Look<'_> {
    fn path(&mut self, path: &Path) {
        if path == self.root.path {
            self.folder("");
            return;
        }
        let Some(inside) = self.root.inside(path) else {
            return;
        };
        if disk::is_hidden(&inside) {
            if disk::is_ignore_file(&inside) {
                let data = disk::look(&self.root.path, &inside);
                self.names(&inside, data.is_some_and(|data| data.is_file()));
            }
            return;
        }
        match disk::look(&self.root.path, &inside) {
            Some(data) if data.is_file() => {
                self.gone_below(&inside);
                self.names(&inside, true);
                self.file(inside);
            }
            Some(data) if data.is_dir() => {
                self.gone_file(&inside);
                self.folder(&inside);
            }
            _ => {
                self.gone_file(&inside);
                self.gone_below(&inside);
            }
        }
    }

    /// A file of which something was heard. It is read again even if it looks
    /// the same.
    fn file(&mut self, inside: String) {
        if !self.read.insert(inside.clone()) {
            return;
        }
        let (symbols, seen) = (self.vault.symbols(), &self.root.fingerprints);
        if !is_read(&inside) {
            let schema = self.vault.settings().is_schema(&inside);
            let schema = schema.then(|| schemas::read(&self.root.path, &inside, seen));
            self.changes.push(Change::File(inside));
            self.changes.extend(schema);
            return;
        }
        let path = self.root.path.join(&inside);
        let note = match disk::read_note(&path, symbols, &self.options, seen) {
            Ok((note, _)) => note,
            Err(problem) => {
                tracing::warn!(path = inside, problem, "a note cannot be read");
                None
            }
        };
        self.changes.push(Change::Note(inside, note));
    }

    /// Compares a folder with what the vault holds of it.
    fn folder(&mut self, inside: &str) {
        let root = self.root;
        let listing = disk::list(&root.path, inside, root.extent, &root.stop);
        if root.is_stopped() {
            return;
        }
        let prefix = prefix(inside);
        self.separate.retain(|file, _| !file.starts_with(&prefix));
        self.separate.extend(listing.separate);
        let is_gone = |file: &String| {
            listing.files.binary_search(file).is_err()
                && !disk::look(&root.path, file).is_some_and(|data| data.is_file())
        };
        // A copy of all paths would be large, where the root itself is listed.
        let files = self.vault.files().iter();
        let paths = files.filter_map(|(id, _)| self.vault.path(id));
        let below = paths.filter(|path| path.starts_with(&prefix));
        let gone: Vec<String> = below.filter(is_gone).collect();
        for file in gone {
            self.remove(file);
        }
        // Of a root that is cut another listing may hold other files.
        let is_cut = inside.is_empty() && root.is_cut.load(Ordering::Relaxed);
        for file in listing.files {
            if is_cut && self.vault.find(&file).is_none() {
                continue;
            }
            // The walk followed no symbolic link.
            if let Ok(data) = fs::symlink_metadata(root.path.join(&file))
                && !self.is_known(&file, &data)
            {
                self.file(file);
            }
        }
    }

    /// Whether the vault holds a file as it is.
    fn is_known(&self, inside: &str, data: &Metadata) -> bool {
        let Some(id) = self.vault.find(inside) else {
            return false;
        };
        let has_read = if is_read(inside) {
            self.vault.facts(id).is_some()
        } else if self.vault.settings().is_schema(inside) {
            self.vault.schemas().get(inside).is_some()
        } else {
            return true;
        };
        has_read
            && self
                .root
                .fingerprints
                .knows(&self.root.path.join(inside), data)
    }

    /// A file is not there.
    fn gone_file(&mut self, inside: &str) {
        self.separate.remove(inside);
        if self.vault.find(inside).is_some() {
            self.remove(inside.to_owned());
        }
    }

    /// A folder is not there.
    fn gone_below(&mut self, inside: &str) {
        let prefix = prefix(inside);
        self.separate.retain(|file, _| !file.starts_with(&prefix));
        let full = format!("{}{inside}", self.vault.mount());
        if self.vault.has_folder(&full) {
            let gone: Vec<String> = self.known(&prefix).to_vec();
            for file in gone {
                self.remove(file);
            }
        }
    }

    fn remove(&mut self, inside: String) {
        // A file that comes back must be read, even if it looks the same.
        self.root.fingerprints.forget(&self.root.path.join(&inside));
        self.changes.push(Change::Remove(inside));
    }

    /// The files of the vault below a folder.
    fn known(&self, prefix: &str) -> &[String] {
        let known = self.known.get_or_init(|| {
            let files = self.vault.files().iter();
            let mut known: Vec<String> = files.filter_map(|(id, _)| self.vault.path(id)).collect();
            known.sort_unstable();
            known
        });
        let start = known.partition_point(|path| path.as_str() < prefix);
        let below = known.get(start..).unwrap_or_default();
        let count = below.partition_point(|path| path.starts_with(prefix));
        below.get(..count).unwrap_or_default()
    }

    /// Takes over which folders a file names as fetched separately.
    fn names(&mut self, inside: &str, is_file: bool) {
        let named = is_file.then(|| disk::separate(&self.root.path, inside));
        match named.flatten() {
            Some(named) => self.separate.insert(inside.to_owned(), named),
            None => self.separate.remove(inside),
        };
    }

    fn finish(mut self) -> Vec<Change> {
        let folders = disk::separate_folders(&self.separate);
        if folders != self.vault.settings().absent_folders {
            let mut settings = (**self.vault.settings()).clone();
            settings.absent_folders = folders;
            self.changes.push(Change::Settings(Arc::new(settings)));
        }
        let mut separate = self
            .root
            .separate
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *separate = self.separate;
        self.changes
    }
}

/// What the paths of files below a folder begin with.
fn prefix(folder: &str) -> String {
    if folder.is_empty() {
        String::new()
    } else {
        format!("{folder}/")
    }
}
