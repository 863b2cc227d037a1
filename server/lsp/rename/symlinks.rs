//! Symbolic links to what a rename moves. The vault does not follow them, so no link
//! of a note leads there, and nothing makes them follow.

use std::fs;
use std::path::Path;

use ignore::{DirEntry, WalkBuilder};
use rustc_hash::FxHashSet;
use vaultmark_vault::path::{above, join, split};
use vaultmark_vault::query::rename::Plan;

use crate::disk;

/// What to say of symbolic links that will lead nowhere. It lists the whole vault.
pub fn dangling(root: &Path, plan: &Plan) -> Option<String> {
    if plan.moves.is_empty() {
        return None;
    }
    let files = plan.moves.iter().map(|own| own.from.as_str());
    let folders = plan.folders.iter().map(|own| own.0.as_str());
    let mut moved: FxHashSet<&str> = files.chain(folders).collect();
    for (left, _) in &plan.created {
        moved.remove(left.as_str());
    }
    let is_moved = |path: &str| moved.contains(path) || above(path).any(|up| moved.contains(up));
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .follow_links(false)
        .filter_entry(|entry| {
            let name = entry.file_name().as_encoded_bytes();
            entry.depth() == 0 || !name.starts_with(b".")
        })
        .build();
    let links = walk.flatten().filter(DirEntry::path_is_symlink);
    let dangling = links.filter_map(|entry| {
        let path = disk::relative(root, entry.path())?;
        let target = fs::read_link(entry.path()).ok()?;
        let target = if target.is_absolute() {
            disk::relative(root, &target)?
        } else if plan.is_carried(&path) {
            // What lies beside it comes along.
            return None;
        } else {
            join(split(&path).0, target.to_str()?)?
        };
        is_moved(&target).then_some(path)
    });
    let mut dangling: Vec<String> = dangling.collect();
    dangling.sort();
    let first = dangling.first()?;
    Some(match dangling.len() {
        1 => format!("`{first}` is a symbolic link to what moves, and will lead nowhere."),
        count => format!(
            "`{first}` and {} more are symbolic links to what moves, and will lead nowhere.",
            count - 1
        ),
    })
}
