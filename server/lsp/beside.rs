//! New files beside those whose place they are to take.
//!
//! A run that is killed leaves them behind; the next one that writes into the
//! folder removes them. It knows them by their names, and that no run is at one by
//! its lock, which ends with the process that holds it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// What the names of these files begin and end with.
const BESIDE: [&str; 2] = [".vaultmark-fix-", ".tmp"];

/// A new file in a folder, with a lock for as long as this process writes it.
///
/// # Errors
/// When it cannot be made.
pub fn new(folder: &Path) -> io::Result<NamedTempFile> {
    let mut name = tempfile::Builder::new();
    let beside = name
        .prefix(BESIDE[0])
        .suffix(BESIDE[1])
        .tempfile_in(folder)?;
    // Where files cannot be locked, those of killed runs stay.
    let _ = beside.as_file().lock();
    Ok(beside)
}

/// Removes what killed runs left in a folder; gives what could not be removed,
/// and why.
pub fn remove_left(folder: &Path) -> Vec<(PathBuf, io::Error)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_left = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        let is_named = name
            .to_str()
            .is_some_and(|name| name.starts_with(BESIDE[0]) && name.ends_with(BESIDE[1]));
        is_named && entry.file_type().is_ok_and(|kind| kind.is_file())
    };
    let removed = entries.filter(is_left).filter_map(|entry| {
        let path = entry.path();
        let is_free = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
        let error = is_free.then(|| fs::remove_file(&path).err())??;
        Some((path, error))
    });
    removed.collect()
}
