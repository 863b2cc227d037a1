//! Whether the disk is as a plan of a rename takes it to be.

use vaultmark_vault::index::FileId;
use vaultmark_vault::query::rename::{Plan, Refusal};

use crate::disk;
use crate::snapshot::Snapshot;

/// Whether the files of the plan are as the vault knows them, and can change.
///
/// # Errors
/// In words, with a file that stands in the way.
pub fn disk(snapshot: &Snapshot, plan: &Plan) -> Result<(), String> {
    let root = snapshot.root();
    for own in &plan.moves {
        if disk::is_behind_link(root, &own.to) {
            let to = &own.to;
            return Err(format!(
                "Nothing was renamed: `{to}` lies behind a symbolic link, where Vaultmark sees no notes."
            ));
        }
        let source = std::fs::canonicalize(root.join(&own.from));
        let target = std::fs::canonicalize(root.join(&own.to));
        // On some disks a name in another case is the same file.
        if target.is_ok_and(|target| !source.is_ok_and(|source| source == target)) {
            return Err(Refusal::Taken(vec![own.to.clone()]).to_string());
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
