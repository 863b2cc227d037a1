//! The vault as the server would open it.

use std::path::Path;

use anyhow::Result;
use ignore::WalkBuilder;
use serde_json::{Map, Value, json};
use vaultmark_vault::query::status::status;
use vaultmark_vault::settings::{AttachmentFolder, LinkFormat, NewFileLocation, Obsidian};

use super::Report;
use crate::apply::store;
use crate::cli::status::{Opened, open, unread};
use crate::{disk, settings};

/// How many folders a user may watch.
const WATCHES: &str = "/proc/sys/fs/inotify/max_user_watches";

/// Looks at the vault that a folder lies in.
///
/// # Errors
/// When it cannot be opened.
pub(super) fn look(folder: &Path, report: &mut Report) -> Result<()> {
    // What would be served for a note that is opened alone.
    let note = if folder.is_dir() {
        folder.join("note.md")
    } else {
        folder.to_path_buf()
    };
    let (root, _) = disk::home_of(&note);
    report.tell("root", "Vault", root.display().to_string());
    report.tell("reason", "Chosen because", reason(&root));
    if !disk::is_bounded(&root) && disk::mark(&root).is_none() {
        report.fault("This folder holds all that you have, and is no vault: run `vaultmark doctor` in the folder of your notes, or make an empty file `.vaultmark.toml` there.");
        return Ok(());
    }
    let opened = open(&root)?;
    contents(&opened, report);
    settings_of(&root, &opened, report);
    if let Some(message) = store::interrupted(&root) {
        report.fault(&message);
    }
    watches(&root, report);
    Ok(())
}

fn reason(root: &Path) -> String {
    match disk::mark(root) {
        Some(mark) => format!("it holds `{mark}`"),
        None if root.join(".git").exists() => "it is the repository around the folder".to_owned(),
        None => "it is the folder itself: none above holds `.obsidian`, `.vaultmark.toml` or `_Standards`".to_owned(),
    }
}

fn contents(opened: &Opened, report: &mut Report) {
    let vault = &opened.vault;
    let found = status(vault);
    let others = found.other_files.saturating_sub(unread(vault));
    report.tell("notes", "Notes", found.notes);
    report.tell("bytes", "Bytes of notes", opened.bytes);
    report.tell("otherFiles", "Other files", others);
    report.tell("unread", "Cannot be read", opened.unread.len());
    report.tell("links", "Links", found.classes.values().sum::<usize>());
    let tiers = vault.tiers().0.iter();
    let present = |folder: &str| {
        if vault.has_folder(folder) {
            ""
        } else {
            " (not here)"
        }
    };
    let tiers = tiers.map(|tier| format!("{}{}", tier.folder, present(&tier.folder)));
    report.tell("tiers", "Tiers", tiers.collect::<Vec<_>>());
    if !vault.mount().is_empty() {
        report.tell("mount", "Mount", vault.mount());
    }
    let milliseconds = |time: std::time::Duration| time.as_millis() as u64;
    let times = json!({"names": milliseconds(opened.names), "all": milliseconds(opened.whole)});
    report.tell("milliseconds", "Milliseconds", times);
    if found.notes == 0 && opened.unread.is_empty() {
        report.fault("There is no note here: run `vaultmark doctor` in the folder of your notes, or name that folder.");
    }
    if !opened.unread.is_empty() {
        let count = opened.unread.len();
        let what = if count == 1 {
            "file or folder"
        } else {
            "files and folders"
        };
        report.fault(&format!(
            "{count} {what} cannot be read, or only in part: `vaultmark status` lists them with the reason."
        ));
    }
}

fn settings_of(root: &Path, opened: &Opened, report: &mut Report) {
    let files = settings::sources(root)
        .into_iter()
        .filter(|file| file.is_file());
    let files = files.filter_map(|file| disk::relative(root, &file));
    report.tell("settings", "Settings in", files.collect::<Vec<_>>());
    let obsidian = &opened.vault.settings().obsidian;
    report.tell("obsidian", "From Obsidian", honoured(obsidian));
    for problem in &opened.problems {
        report.fault(problem);
    }
}

/// What is set in Obsidian and is not its default.
fn honoured(obsidian: &Obsidian) -> Value {
    let mut set = Map::new();
    let mut tell = |key: &str, value: Value| set.insert(key.to_owned(), value);
    match obsidian.new_link_format {
        LinkFormat::Shortest => None,
        LinkFormat::Relative => tell("newLinkFormat", "relative".into()),
        LinkFormat::Absolute => tell("newLinkFormat", "absolute".into()),
    };
    if obsidian.use_markdown_links {
        tell("useMarkdownLinks", true.into());
    }
    if obsidian.always_update_links {
        tell("alwaysUpdateLinks", true.into());
    }
    match obsidian.new_file_location {
        NewFileLocation::Root => None,
        NewFileLocation::Current => tell("newFileLocation", "current".into()),
        NewFileLocation::Folder => tell("newFileLocation", "folder".into()),
    };
    if obsidian.attachment_folder != AttachmentFolder::default() {
        tell("attachmentFolderPath", "set".into());
    }
    if !obsidian.excluded.is_empty() {
        let count = obsidian.excluded.len();
        tell("userIgnoreFilters", format!("{count} set").into());
    }
    if set.is_empty() {
        json!([])
    } else {
        Value::Object(set)
    }
}

/// Where the system limits how many folders are watched: whether they suffice.
fn watches(root: &Path, report: &mut Report) {
    let limit = std::fs::read_to_string(WATCHES).ok();
    let Some(limit) = limit.and_then(|text| text.trim().parse::<u64>().ok()) else {
        return;
    };
    let folders = folders(root);
    let text = format!("{folders} folders; a user may watch {limit}");
    report.tell("watches", "To watch", text);
    if let Some(fault) = too_many(folders, limit) {
        report.fault(&fault);
    }
}

/// How many folders are watched: hidden ones count.
fn folders(root: &Path) -> u64 {
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .follow_links(false)
        .build();
    let is_folder = |entry: &ignore::DirEntry| entry.file_type().is_some_and(|kind| kind.is_dir());
    walk.flatten().filter(is_folder).count() as u64
}

fn too_many(folders: u64, limit: u64) -> Option<String> {
    (folders > limit).then(|| format!(
        "The vault has {folders} folders, and the system lets a user watch {limit}: some changes made outside of the editor are not seen. `sudo sysctl fs.inotify.max_user_watches={}` allows more until the next start.",
        folders.saturating_mul(2).next_power_of_two()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_folders_are_told_with_a_number_that_suffices() {
        assert_eq!(too_many(8_192, 8_192), None);
        let fault = too_many(10_000, 8_192).unwrap();
        assert!(fault.contains("max_user_watches=32768"), "{fault}");
    }
}
