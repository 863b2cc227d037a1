//! `vaultmark check --fix`: makes the safe fixes in the files.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::cli::check::tell;
use crate::cli::diff;
use crate::cli::findings::Findings;
use crate::{beside, disk};
use anyhow::{Context, Result, bail};

/// Makes the safe fixes in all files. Says whether some file was changed; of
/// those that could not be, the user is told.
pub(super) fn mend(root: &Path, all: &[Findings]) -> bool {
    let mut is_changed = false;
    let mut cleared: HashSet<PathBuf> = HashSet::new();
    for (findings, new, old) in mended(all) {
        let path = &findings.path;
        let folder = folder_of(root, path);
        if !cleared.contains(&folder) {
            for (path, error) in beside::remove_left(&folder) {
                tell(&format!("{} could not be removed: {error}", path.display()));
            }
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
        let path = &findings.path;
        diff::unified(out, [path, path], [old, new])?;
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

/// Writes a note beside its old self and puts it in its place, so that there is
/// never half a note. Says `false` when it is no longer what was read.
fn write_note(root: &Path, path: &str, old: &str, new: &str) -> Result<bool> {
    let full = root.join(path);
    let place = || format!("cannot write {}", full.display());
    let mut beside = beside::new(&folder_of(root, path)).with_context(place)?;
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
