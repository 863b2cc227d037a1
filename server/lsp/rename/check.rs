//! Whether the vault and the disk are as a rename takes them to be.

use std::time::Duration;

use rustc_hash::FxHashSet;
use vaultmark_vault::index::FileId;
use vaultmark_vault::path::{above, strip_md};
use vaultmark_vault::query::rename::{Plan, Refusal};

use super::answer;
use crate::apply::store::interrupted;
use crate::disk;
use crate::snapshot::Snapshot;

/// Whether all links of the vault are known.
///
/// # Errors
/// In words, how much of it was read, and how long the rest may take.
pub fn is_read(snapshot: &Snapshot) -> Result<(), String> {
    let vault = &snapshot.vault;
    if vault.is_complete() {
        return Ok(());
    }
    let files = vault.files().iter();
    let notes = files.filter(|(_, file)| strip_md(&vault.string(file.name)).is_some());
    let (mut all, mut read) = (0, 0);
    for (_, file) in notes {
        all += 1;
        read += u32::from(file.facts.is_some());
    }
    Err(unread(read, all, snapshot.since.elapsed()))
}

fn unread(read: u32, all: u32, elapsed: Duration) -> String {
    let wait = match elapsed.as_secs_f64() * f64::from(all - read) / f64::from(read) {
        seconds if read > 0 => format!("in about {} s", seconds.ceil().max(1.0)),
        _ => "in a moment".to_owned(),
    };
    format!(
        "Nothing was renamed: {read} of {all} notes are read, so not all links are known. Try again {wait}."
    )
}

/// Whether the files of the plan are as the vault knows them, and can change.
///
/// # Errors
/// In words, with a file that stands in the way.
pub fn disk(snapshot: &Snapshot, plan: &Plan) -> Result<(), String> {
    let root = snapshot.root();
    if let Some(message) = interrupted(root) {
        return Err(format!("Nothing was renamed. {message}"));
    }
    let moves = answer::moves(plan);
    let leaving: FxHashSet<&str> = moves.iter().map(|own| own.0.as_str()).collect();
    let mut known: FxHashSet<&str> = FxHashSet::default();
    for (from, to) in &moves {
        if disk::is_behind_link(root, to) {
            return Err(format!(
                "Nothing was renamed: `{to}` lies behind a symbolic link, where Vaultmark sees no notes."
            ));
        }
        let is_file = |folder: &&str| {
            let data = std::fs::symlink_metadata(root.join(folder));
            data.is_ok_and(|data| !data.is_dir()) && !leaving.contains(folder)
        };
        let mut folders = above(to).take_while(|&folder| known.insert(folder));
        if let Some(file) = folders.find(is_file) {
            return Err(Refusal::BelowFile(vec![file.to_owned()]).to_string());
        }
        let source = std::fs::canonicalize(root.join(from));
        let target = std::fs::canonicalize(root.join(to));
        // On some disks a name in another case is the same file.
        if !leaving.contains(to.as_str())
            && target.is_ok_and(|target| !source.is_ok_and(|source| source == target))
        {
            return Err(Refusal::Taken(vec![to.clone()]).to_string());
        }
    }
    let is_locked = |file: &FileId| {
        let data = snapshot
            .file_path(*file)
            .and_then(|path| path.metadata().ok());
        data.is_some_and(|data| data.permissions().readonly())
    };
    let locked: Vec<FileId> = plan.files().filter(is_locked).collect();
    match locked.first().and_then(|&file| snapshot.vault.path(file)) {
        None => Ok(()),
        Some(path) => Err(format!(
            "Nothing was renamed: {} of the notes to be edited may only be read, such as `{path}`.",
            locked.len()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_the_rest_takes_is_told_from_what_was_read() {
        let told = unread(25, 100, Duration::from_secs(2));
        assert!(told.contains("25 of 100 notes"), "{told}");
        assert!(told.contains("about 6 s"), "{told}");
        assert!(unread(0, 100, Duration::from_secs(2)).contains("in a moment"));
    }
}
