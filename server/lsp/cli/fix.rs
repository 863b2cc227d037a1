//! `vaultmark check --fix`: makes the safe fixes in the files.
//!
//! A note is written into a new file beside it first. A run that is killed
//! leaves that behind; the next one that writes into the folder removes it. It
//! knows it by its name, and that no run is at it by its lock, which ends with
//! the process that holds it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use similar::TextDiff;
use tempfile::NamedTempFile;

use crate::cli::check::tell;
use crate::cli::findings::Findings;
use crate::disk;

/// What the names of new files beside notes begin and end with.
const BESIDE: [&str; 2] = [".vaultmark-fix-", ".tmp"];

/// Makes the safe fixes in all files. Says whether some file was changed; of
/// those that could not be, the user is told.
pub(super) fn mend(root: &Path, all: &[Findings]) -> bool {
    let mut is_changed = false;
    let mut cleared: HashSet<PathBuf> = HashSet::new();
    for (findings, new, old) in mended(all) {
        let path = &findings.path;
        let folder = folder_of(root, path);
        if !cleared.contains(&folder) {
            remove_left(&folder);
            cleared.insert(folder);
        }
        // One note that cannot be written must not keep others from it.
        match write_note(root, path, old, new) {
            Ok(true) => is_changed = true,
            Ok(false) => tell(&format!("{path} changed meanwhile and was left as it is")),
            Err(error) => tell(&format!("{path} was left as it is: {error:#}")),
        }
    }
    is_changed
}

/// Prints what [`mend`] would do, as a unified diff.
///
/// # Errors
/// When it cannot be printed.
pub(super) fn show(all: &[Findings], out: &mut dyn Write) -> Result<()> {
    for (findings, new, old) in mended(all) {
        let (path, diff) = (&findings.path, TextDiff::from_lines(old, new));
        write!(
            out,
            "{}",
            diff.unified_diff().context_radius(3).header(path, path)
        )?;
    }
    Ok(())
}

/// The notes with safe fixes: their texts with all of them made, and before.
fn mended(all: &[Findings]) -> impl Iterator<Item = (&Findings, &str, &str)> {
    all.iter().filter_map(|findings| {
        let (new, old) = findings.mended.as_ref()?;
        Some((findings, new.as_str(), old.as_str()))
    })
}

/// The folder of a note.
fn folder_of(root: &Path, path: &str) -> PathBuf {
    let full = root.join(path);
    full.parent().unwrap_or(root).to_path_buf()
}

/// A new file in a folder, with a lock for as long as this process writes it.
fn new_beside(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut name = tempfile::Builder::new();
    let beside = name
        .prefix(BESIDE[0])
        .suffix(BESIDE[1])
        .tempfile_in(folder)?;
    // Where files cannot be locked, those of killed runs stay.
    let _ = beside.as_file().lock();
    Ok(beside)
}

/// Removes what killed runs left in a folder.
fn remove_left(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_left = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        let is_named = name
            .to_str()
            .is_some_and(|name| name.starts_with(BESIDE[0]) && name.ends_with(BESIDE[1]));
        is_named && entry.file_type().is_ok_and(|kind| kind.is_file())
    };
    for entry in entries.filter(is_left) {
        let path = entry.path();
        let is_free = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
        if is_free && let Err(error) = fs::remove_file(&path) {
            tell(&format!("{} could not be removed: {error}", path.display()));
        }
    }
}

/// Writes a note beside its old self and puts it in its place, so that there is
/// never half a note. Says `false` when it is no longer what was read.
fn write_note(root: &Path, path: &str, old: &str, new: &str) -> Result<bool> {
    let full = root.join(path);
    let place = || format!("cannot write {}", full.display());
    let mut beside = new_beside(&folder_of(root, path)).with_context(place)?;
    beside.write_all(new.as_bytes()).with_context(place)?;
    let Ok(data) = fs::metadata(&full) else {
        return Ok(false);
    };
    if data.permissions().readonly() {
        bail!("{} may only be read", full.display());
    }
    beside
        .as_file()
        .set_permissions(data.permissions())
        .with_context(place)?;
    beside.as_file().sync_all().with_context(place)?;
    if disk::text(root, path).as_deref() != Some(old) {
        return Ok(false);
    }
    beside.persist(&full).with_context(place)?;
    Ok(true)
}
