//! The vault as it will be when files have other paths.

use crate::change::count_folder;
use crate::index::FileId;
use crate::path::{fold_hash, split};
use crate::vault::Vault;

impl Vault {
    /// A copy in which files have other paths, from the root of the opened
    /// folder, and keep their numbers. It is for asking where links lead and
    /// what a path is; names inside of notes are not looked up in it.
    pub(super) fn with_paths<'p>(
        &self,
        paths: impl IntoIterator<Item = (FileId, &'p str)>,
    ) -> Self {
        let mut after = self.clone();
        for (file, path) in paths {
            let Some(old) = after.path(file) else {
                continue;
            };
            let (folder, name) = split(&old);
            after.names.remove(fold_hash(name), file);
            after.paths.remove(fold_hash(&old), file);
            count_folder(&mut after.folders, folder.trim_end_matches('/'), false);
            let (folder, name) = split(path);
            after.names.insert(fold_hash(name), file);
            after.paths.insert(fold_hash(path), file);
            count_folder(&mut after.folders, folder.trim_end_matches('/'), true);
            let folder = after.symbols.intern(folder);
            let name = after.symbols.intern(name);
            after.files.set_path(file, folder, name);
        }
        after
    }
}
