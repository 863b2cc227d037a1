//! The disk: walking a vault, reading its notes, and looking at single files.
//!
//! Nothing outside of a root is ever read: symbolic links are not followed,
//! and only regular files are opened. Ignore files and nested repositories do
//! not end the walk; folders and files whose name begins with a dot are left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::UNIX_EPOCH;

use dashmap::DashMap;
use ignore::{WalkBuilder, WalkState};
use vaultmark_vault::change::Change;
use vaultmark_vault::digest::Parsed;
use vaultmark_vault::note::ParseOptions;
use vaultmark_vault::path::strip_md;
use vaultmark_vault::symbol::Symbols;

/// Reading waits for the disk more than for the processor.
const READERS: usize = 16;
/// Notes that are applied at a time.
const BATCH: usize = 8_192;
/// Notes that a reader takes at a time.
const STRIDE: usize = 32;
/// Larger notes exist and resolve, and are not read.
const MAX_NOTE: u64 = 128 << 20;

/// Time of change and size of the files that were read, by hash of their
/// path: an event for a file that did not change costs one look.
pub type Fingerprints = DashMap<u64, (u64, u64)>;

/// The files of a root.
#[derive(Debug, Default)]
pub struct Listing {
    /// Paths from the root with `/`, sorted.
    pub files: Vec<String>,
    /// Folders that ignore files and checkout scripts name and that are missing.
    pub absent_folders: Vec<String>,
    /// What could not be looked at, in words.
    pub problems: Vec<String>,
    /// How many bytes were skipped because a path is not UTF-8.
    pub unreadable_names: usize,
}

/// Lists the files below `root`. `depth` limits how far down it goes.
pub fn list(root: &Path, depth: Option<usize>, stop: &AtomicBool) -> Listing {
    let found: Mutex<(Listing, BTreeSet<String>)> = Mutex::default();
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .follow_links(false)
        .max_depth(depth)
        .threads(
            std::thread::available_parallelism()
                .map_or(2, usize::from)
                .clamp(2, 8),
        )
        .filter_entry(|entry| {
            let name = entry.file_name().as_encoded_bytes();
            entry.depth() == 0 || !name.starts_with(b".") || name == b".gitignore"
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
                    found.0.problems.push(error.to_string());
                    return WalkState::Continue;
                }
            };
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                return WalkState::Continue;
            }
            let path = relative(root, entry.path());
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            match path {
                None => found.0.unreadable_names += 1,
                Some(path) if path.ends_with(".gitignore") => {
                    let named = ignored_folders(entry.path(), &path);
                    found.1.extend(named);
                }
                Some(path) => {
                    if let Some(folder) = checked_out(&path) {
                        found.1.insert(folder);
                    }
                    found.0.files.push(path);
                }
            }
            WalkState::Continue
        })
    });
    let (mut listing, named) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    listing.files.sort_unstable();
    let missing = named
        .into_iter()
        .filter(|folder| !root.join(folder).exists());
    listing.absent_folders = missing.collect();
    listing
}

/// The plain folders that an ignore file names: `/Germany` or `Germany/`.
fn ignored_folders(file: &Path, path: &str) -> Vec<String> {
    let base = path.strip_suffix(".gitignore").unwrap_or("");
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
    let (folder, name) = vaultmark_vault::path::split(path);
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

/// A note, unless it is not UTF-8, and its length; or why it cannot be read.
type ReadNote = Result<(Option<Parsed>, u64), String>;

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
    let notes: Vec<&String> = files
        .iter()
        .filter(|path| strip_md(path).is_some())
        .collect();
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
                Err(problem) => result.problems.push(format!("{path}: {problem}")),
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

fn read_note(
    path: &Path,
    symbols: &Symbols,
    options: &ParseOptions,
    fingerprints: &Fingerprints,
) -> ReadNote {
    let data = fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if !data.is_file() {
        return Err("not a file".to_owned());
    }
    if data.len() > MAX_NOTE {
        return Err(format!("larger than {} MB; it is not read", MAX_NOTE >> 20));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    fingerprints.insert(path_hash(path), fingerprint(&data));
    let length = bytes.len() as u64;
    let note = String::from_utf8(bytes).ok();
    let note = note.map(|text| Parsed::closed(&text, symbols, options));
    Ok((note, length))
}

/// The text of a note as it is on the disk now.
pub fn text(path: &Path) -> Option<String> {
    let data = fs::symlink_metadata(path).ok()?;
    if !data.is_file() || data.len() > MAX_NOTE {
        return None;
    }
    fs::read_to_string(path).ok()
}

/// Looks at paths of which something was heard, and says what changed. A
/// folder stands for all files below it, also for those that are gone.
pub fn refresh(
    root: &Path,
    paths: &BTreeSet<PathBuf>,
    known: &dyn Fn(&str) -> Vec<String>,
    symbols: &Symbols,
    options: &ParseOptions,
    fingerprints: &Fingerprints,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for path in paths {
        let Some(inside) = relative(root, path) else {
            continue;
        };
        if is_hidden(&inside) {
            continue;
        }
        let data = fs::symlink_metadata(path);
        match data {
            Ok(data) if data.is_file() => refresh_file(
                path,
                inside,
                &data,
                symbols,
                options,
                fingerprints,
                &mut changes,
            ),
            Ok(data) if data.is_dir() => {
                let here = list(path, None, &AtomicBool::new(false));
                let gone = known(&format!("{inside}/"));
                for file in here.files {
                    let path = path.join(&file);
                    if let Ok(data) = fs::symlink_metadata(&path) {
                        let inside = format!("{inside}/{file}");
                        refresh_file(
                            &path,
                            inside,
                            &data,
                            symbols,
                            options,
                            fingerprints,
                            &mut changes,
                        );
                    }
                }
                let gone = gone.into_iter().filter(|file| !root.join(file).exists());
                changes.extend(gone.map(Change::Remove));
            }
            _ => {
                fingerprints.remove(&path_hash(path));
                changes.extend(known(&format!("{inside}/")).into_iter().map(Change::Remove));
                changes.push(Change::Remove(inside));
            }
        }
    }
    changes
}

fn refresh_file(
    path: &Path,
    inside: String,
    data: &fs::Metadata,
    symbols: &Symbols,
    options: &ParseOptions,
    fingerprints: &Fingerprints,
    changes: &mut Vec<Change>,
) {
    if strip_md(&inside).is_none() {
        changes.push(Change::File(inside));
        return;
    }
    let seen = fingerprints.get(&path_hash(path)).map(|seen| *seen);
    if seen == Some(fingerprint(data)) {
        // It may have been removed from the index meanwhile.
        changes.push(Change::File(inside));
        return;
    }
    match read_note(path, symbols, options, fingerprints) {
        Ok((note, _)) => changes.push(Change::Note(inside, note)),
        Err(problem) => {
            tracing::warn!(path = inside, problem, "a note cannot be read");
            changes.push(Change::File(inside));
        }
    }
}

/// Forgets what was seen of a file, so that it is read again.
pub fn forget(path: &Path, fingerprints: &Fingerprints) {
    fingerprints.remove(&path_hash(path));
}

fn path_hash(path: &Path) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    path.hash(&mut hasher);
    hasher.finish()
}

fn fingerprint(data: &fs::Metadata) -> (u64, u64) {
    let modified = data
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    (
        modified.map_or(0, |time| time.as_nanos() as u64),
        data.len(),
    )
}

/// Whether a folder looks like the root of a vault.
fn is_vault_root(folder: &Path) -> bool {
    [".obsidian", ".vaultmark.toml"]
        .iter()
        .any(|mark| folder.join(mark).exists())
        || folder.join("_Standards").is_dir()
}

/// The root of the vault in which a file lies that was opened alone: the
/// nearest folder above it that looks like one.
pub fn vault_root_of(file: &Path) -> Option<PathBuf> {
    file.ancestors()
        .skip(1)
        .find(|folder| is_vault_root(folder))
        .map(Path::to_path_buf)
}
