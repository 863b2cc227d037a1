//! Which git repositories a rename changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The repositories around files, each once: of nested ones the innermost.
pub fn around<'p>(root: &Path, paths: impl Iterator<Item = &'p str>) -> Vec<PathBuf> {
    let folders = paths.filter_map(|path| Some(root.join(path).parent()?.to_path_buf()));
    let folders: BTreeSet<PathBuf> = folders.collect();
    let found = folders.iter().filter_map(|folder| {
        let mut above = folder.ancestors();
        above.find(|folder| folder.join(".git").exists())
    });
    let found: BTreeSet<PathBuf> = found.map(Path::to_path_buf).collect();
    found.into_iter().collect()
}
