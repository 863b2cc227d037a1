//! The disk: walking a vault, reading its notes, and looking at single files.
//!
//! Nothing outside of a root is ever read: symbolic links are not followed,
//! and only regular files are opened. Ignore files and nested repositories do
//! not end the walk; folders and files whose name begins with a dot are left out.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::SystemTime;

use ignore::{WalkBuilder, WalkState};
use vaultmark_vault::change::Change;
use vaultmark_vault::digest::Parsed;
use vaultmark_vault::note::ParseOptions;
use vaultmark_vault::path::{is_read, split};
use vaultmark_vault::symbol::Symbols;

use crate::fingerprints::Fingerprints;
use crate::panics;

/// Reading waits for the disk more than for the processor.
const READERS: usize = 16;
/// Notes that are applied at a time.
const BATCH: usize = 8_192;
/// Notes that a reader takes at a time.
const STRIDE: usize = 32;
/// Larger notes exist and resolve, and are not read.
pub const MAX_NOTE: u64 = 128 << 20;

/// The folder of the first of the standard tiers.
const BASE: &str = "_Standards";

/// Files that are listed around a document that lies in no vault.
const MAX_AROUND: usize = 20_000;
/// How far a root reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// How far down files are listed; `None`: all.
    pub depth: Option<usize>,
    /// How many files are listed at most.
    pub files: usize,
}

impl Extent {
    /// Everything, as in a folder that was chosen.
    pub const WHOLE: Self = Self {
        depth: None,
        files: usize::MAX,
    };
    /// With all folders, but not without end: the folder was not chosen.
    pub const AROUND: Self = Self {
        depth: None,
        files: MAX_AROUND,
    };
    /// The folder without those in it.
    pub const FOLDER: Self = Self {
        depth: Some(1),
        files: MAX_AROUND,
    };
}

/// The files of a root, or of a folder in it.
#[derive(Debug, Default)]
pub struct Listing {
    /// Paths from the root with `/`, sorted.
    pub files: Vec<String>,
    /// Ignore files and checkout scripts, with the folders that they name:
    /// those are fetched separately and may be missing.
    pub separate: BTreeMap<String, Vec<String>>,
    /// What could not be looked at, in words.
    pub problems: Vec<String>,
    /// How many files were left out because their path is not UTF-8.
    pub unreadable_names: usize,
    /// Whether there are more files than the extent allows.
    pub is_cut: bool,
}

impl Listing {
    /// The folders that may be missing.
    pub fn separate_folders(&self) -> Vec<String> {
        separate_folders(&self.separate)
    }
}

/// All folders that ignore files and checkout scripts name, sorted.
pub fn separate_folders(separate: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut folders: Vec<String> = separate.values().flatten().cloned().collect();
    folders.sort_unstable();
    folders.dedup();
    folders
}

/// Lists the files of a root below the folder `below`, which is empty for all.
pub fn list(root: &Path, below: &str, extent: Extent, stop: &AtomicBool) -> Listing {
    let found: Mutex<Listing> = Mutex::default();
    let start = if below.is_empty() {
        root.to_path_buf()
    } else {
        root.join(below)
    };
    let walk = WalkBuilder::new(&start)
        .standard_filters(false)
        .follow_links(false)
        .max_depth(extent.depth)
        .threads(
            std::thread::available_parallelism()
                .map_or(2, usize::from)
                .clamp(2, 8),
        )
        .filter_entry(|entry| {
            let name = entry.file_name().as_encoded_bytes();
            entry.depth() == 0 || !name.starts_with(b".") || name == IGNORE_FILE.as_bytes()
        })
        .build_parallel();
    walk.run(|| {
        Box::new(|entry| {
            if stop.load(Ordering::Relaxed) {
                return WalkState::Quit;
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    found.problems.push(unlisted(root, &error));
                    return WalkState::Continue;
                }
            };
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                return WalkState::Continue;
            }
            let path = relative(root, entry.path());
            let named = path.as_deref().and_then(|path| separate(root, path));
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(path) = path else {
                found.unreadable_names += 1;
                return WalkState::Continue;
            };
            if let Some(named) = named {
                found.separate.insert(path.clone(), named);
            }
            if !is_hidden(&path) {
                if found.files.len() == extent.files {
                    found.is_cut = true;
                    return WalkState::Quit;
                }
                found.files.push(path);
            }
            WalkState::Continue
        })
    });
    let mut listing = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    listing.files.sort_unstable();
    listing.problems.sort_unstable();
    listing
}

/// Why a folder could not be listed, with its path from the root.
fn unlisted(root: &Path, error: &ignore::Error) -> String {
    let (mut error, mut path) = (error, None);
    loop {
        error = match error {
            ignore::Error::WithPath { path: inner, err } => {
                path = Some(inner);
                err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            _ => break,
        };
    }
    match path {
        Some(path) => {
            let shown = relative(root, path).unwrap_or_else(|| path.display().to_string());
            format!("{shown}: {error}")
        }
        None => error.to_string(),
    }
}

/// Files of this name say which folders are fetched separately.
const IGNORE_FILE: &str = ".gitignore";

/// Whether a file that is hidden is read all the same.
pub fn is_ignore_file(path: &str) -> bool {
    let (folder, name) = split(path);
    name == IGNORE_FILE && !is_hidden(folder)
}

/// The folders that a file names as fetched separately, if it is of those
/// that do.
pub fn separate(root: &Path, path: &str) -> Option<Vec<String>> {
    if is_ignore_file(path) {
        return Some(ignored_folders(&root.join(path), path));
    }
    checked_out(path).map(|folder| vec![folder])
}

/// The plain folders that an ignore file names: `/Germany` or `Germany/`.
fn ignored_folders(file: &Path, path: &str) -> Vec<String> {
    let base = split(path).0;
    let text = fs::read_to_string(file).unwrap_or_default();
    let plain = |line: &&str| !line.is_empty() && !line.contains(['*', '?', '[', '#', '!', '\\']);
    let lines = text.lines().map(str::trim).filter(plain);
    let folders = lines.filter(|line| line.starts_with('/') || line.ends_with('/'));
    let folders = folders.map(|line| format!("{base}{}", line.trim_matches('/')));
    folders
        .filter(|folder| !folder.split('/').any(|part| part.starts_with('.')))
        .collect()
}

/// The folder that a script `checkout-Name.bat` fetches.
fn checked_out(path: &str) -> Option<String> {
    let (folder, name) = split(path);
    let name = name.strip_prefix("checkout-")?.strip_suffix(".bat")?;
    Some(format!("{folder}{name}"))
}

/// The path of a file from the root with `/`, if it lies below and is UTF-8.
pub fn relative(root: &Path, path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root).ok()?.to_str()?;
    let inside = if std::path::MAIN_SEPARATOR == '/' {
        inside.to_owned()
    } else {
        inside.replace(std::path::MAIN_SEPARATOR, "/")
    };
    (!inside.is_empty()).then_some(inside)
}

/// Whether a path from a root is one that the vault leaves out.
pub fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

/// What there is at a path from a root, without following any symbolic link.
pub fn look(root: &Path, path: &str) -> Option<Metadata> {
    let mut whole = root.to_path_buf();
    let mut data = None;
    for part in path.split('/') {
        whole.push(part);
        let here = fs::symlink_metadata(&whole).ok()?;
        if here.file_type().is_symlink() {
            return None;
        }
        data = Some(here);
    }
    data
}

/// A note, unless it is not UTF-8, and its length; or why it cannot be read.
pub type ReadNote = Result<(Option<Parsed>, u64), String>;

/// What reading the notes gave.
#[derive(Debug, Default)]
pub struct Read {
    /// Notes that could not be read, with the reason.
    pub problems: Vec<String>,
    /// Bytes of all notes.
    pub bytes: u64,
}

/// Reads and parses the notes among `files`, in parallel, and gives them in
/// batches to `apply` with the number of notes done so far.
pub fn read(
    root: &Path,
    files: &[String],
    symbols: &Symbols,
    options: &ParseOptions,
    fingerprints: &Fingerprints,
    stop: &AtomicBool,
    mut apply: impl FnMut(Vec<Change>, usize),
) -> Read {
    let notes: Vec<&String> = files.iter().filter(|path| is_read(path)).collect();
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::sync_channel::<Vec<(usize, ReadNote)>>(READERS);
    let mut result = Read::default();
    std::thread::scope(|scope| {
        for _ in 0..READERS.min(notes.len().div_ceil(STRIDE)) {
            let (sender, next, notes) = (sender.clone(), &next, &notes);
            scope.spawn(move || {
                loop {
                    let start = next.fetch_add(STRIDE, Ordering::Relaxed);
                    if start >= notes.len() || stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let here = (start..notes.len()).take(STRIDE);
                    let read = here.map(|index| {
                        let path = root.join(notes[index]);
                        (index, read_note(&path, symbols, options, fingerprints))
                    });
                    // Nobody listens any more when the work was stopped.
                    if sender.send(read.collect()).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut batch = Vec::with_capacity(BATCH);
        let mut done = 0;
        for (index, read) in receiver.into_iter().flatten() {
            done += 1;
            let path = notes[index].clone();
            match read {
                Ok((note, bytes)) => {
                    result.bytes += bytes;
                    if note.is_none() {
                        let problem = "not UTF-8; links to it work, its own are not read";
                        result.problems.push(format!("{path}: {problem}"));
                    }
                    batch.push(Change::Note(path, note));
                }
                Err(problem) => {
                    result.problems.push(format!("{path}: {problem}"));
                    batch.push(Change::Note(path, None));
                }
            }
            if batch.len() == BATCH {
                apply(std::mem::take(&mut batch), done);
            }
        }
        apply(batch, done);
    });
    result.problems.sort_unstable();
    result
}

/// Reads and parses one note.
///
/// # Errors
/// When it is no file, too large, or cannot be read or parsed.
pub fn read_note(
    path: &Path,
    symbols: &Symbols,
    options: &ParseOptions,
    fingerprints: &Fingerprints,
) -> ReadNote {
    let now = SystemTime::now();
    fingerprints.forget(path);
    let data = fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if !data.is_file() {
        return Err("not a file".to_owned());
    }
    if data.len() > MAX_NOTE {
        return Err(format!("larger than {} MB; it is not read", MAX_NOTE >> 20));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let length = bytes.len() as u64;
    let Ok(text) = String::from_utf8(bytes) else {
        return Ok((None, length));
    };
    // One note that the parser fails on must not end the reading of all.
    let name = path.file_name().and_then(|name| name.to_str());
    let parsed = panics::caught(|| Parsed::of(name.unwrap_or_default(), &text, symbols, options));
    let note = parsed.ok_or("an internal error; its links are not known")?;
    fingerprints.note(path, &data, now);
    Ok((Some(note), length))
}

/// The text of a file with settings.
///
/// # Errors
/// When it cannot be read, or is no regular file: a pipe would be waited for.
pub fn settings_text(path: &Path) -> std::io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    fs::read_to_string(path)
}

/// Whether a folder on the way from the root to a path is a symbolic link.
pub fn is_behind_link(root: &Path, path: &str) -> bool {
    let mut folder = root.to_path_buf();
    let is_link = |folder: &Path| fs::symlink_metadata(folder).is_ok_and(|data| data.is_symlink());
    path.split('/').any(|part| {
        folder.push(part);
        is_link(&folder)
    })
}

/// The text of a note as it is on the disk now.
pub fn text(root: &Path, path: &str) -> Option<String> {
    look(root, path)?;
    listed_text(root, path)
}

/// The text of a note that was just listed: no folder above it is a link.
pub fn listed_text(root: &Path, path: &str) -> Option<String> {
    let path = root.join(path);
    let data = fs::symlink_metadata(&path).ok()?;
    if !data.is_file() || data.len() > MAX_NOTE {
        return None;
    }
    fs::read_to_string(path).ok()
}

/// The nearest of a folder and those above it that looks like the root of a vault.
pub fn vault_around(folder: &Path) -> Option<PathBuf> {
    let mut above = folder.ancestors();
    above
        .find(|folder| mark(folder).is_some())
        .map(Path::to_path_buf)
}

/// What makes a folder look like the root of a vault.
pub fn mark(folder: &Path) -> Option<&'static str> {
    let files = [".obsidian", ".vaultmark.toml"];
    let mark = files.into_iter().find(|mark| folder.join(mark).exists());
    mark.or_else(|| folder.join(BASE).is_dir().then_some(BASE))
}

/// The root for a file that was opened alone: the nearest folder above it that
/// looks like the root of a vault, else the repository around it, else its own
/// folder. Only a vault may be the home of the user or hold it: else opening
/// one file would read all there is.
pub fn home_of(file: &Path) -> (PathBuf, Extent) {
    let above = || file.ancestors().skip(1);
    if let Some(vault) = file.parent().and_then(vault_around) {
        return (vault, Extent::WHOLE);
    }
    let repository = above().find(|folder| folder.join(".git").exists());
    if let Some(repository) = repository.filter(|folder| is_bounded(folder)) {
        return (repository.to_path_buf(), Extent::AROUND);
    }
    let folder = file.parent().unwrap_or(file);
    let extent = if is_bounded(folder) {
        Extent::AROUND
    } else {
        Extent::FOLDER
    };
    (folder.to_path_buf(), extent)
}

/// Whether a folder is neither the root of the disk nor holds the home of the user.
pub fn is_bounded(folder: &Path) -> bool {
    let home = std::env::home_dir();
    folder.parent().is_some() && !home.is_some_and(|home| home.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_ends_where_its_extent_does() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a/b/c.md", "a/d.md", "e.md", "f.md", ".g.md"] {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let list = |below, extent| list(root.path(), below, extent, &AtomicBool::new(false));
        let whole = list("", Extent::WHOLE);
        assert_eq!(whole.files, ["a/b/c.md", "a/d.md", "e.md", "f.md"]);
        assert!(!whole.is_cut);
        assert_eq!(list("a", Extent::WHOLE).files, ["a/b/c.md", "a/d.md"]);
        assert_eq!(list("", Extent::FOLDER).files, ["e.md", "f.md"]);
        let few = Extent {
            depth: None,
            files: 3,
        };
        let cut = list("", few);
        assert!(cut.is_cut && cut.files.len() == 3);
    }

    #[test]
    fn a_file_alone_has_the_vault_around_it() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        for folder in ["v/.obsidian", "v/x", "r/.git", "r/x/y", "p/x"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        let home = |file: &str| home_of(&root.join(file));
        assert_eq!(home("v/x/a.md"), (root.join("v"), Extent::WHOLE));
        assert_eq!(home("r/x/y/a.md"), (root.join("r"), Extent::AROUND));
        assert_eq!(home("p/x/a.md"), (root.join("p/x"), Extent::AROUND));
        let top = home_of(Path::new("/no-such-file.md"));
        assert_eq!(top, (PathBuf::from("/"), Extent::FOLDER));
    }
}
