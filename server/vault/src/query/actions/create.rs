//! Making the note that a link names.

use super::{Action, ActionKind, Place};
use crate::edit::VaultEdit;
use crate::fact::{Form, Link};
use crate::index::FileId;
use crate::path::{is_media, split, strip_md};
use crate::resolve::{Missing, Target};
use crate::rule::Rule;
use crate::settings::NewFileLocation;
use crate::vault::Vault;

/// Extensions of notes and of the app's other files, which can be made empty;
/// media cannot (R12).
const OTHERS: [&str; 2] = [".canvas", ".base"];
/// File systems take no longer names.
const MAX_NAME: usize = 255;

pub(super) fn offer<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    let Some(link) = place.link() else { return };
    let Target::Missing(class) = place.vault.resolve(link, place.file) else {
        return;
    };
    let is_open = matches!(class, Missing::Broken | Missing::Folder);
    if !is_open || link.is(Link::FENCE) || place.would_show_secret(link) {
        return;
    }
    let Some(path) = new_note(place.vault, link, place.file) else {
        return;
    };
    let title = format!("Create the note `{path}`");
    let create = move |_: &dyn crate::query::Texts| {
        Some(VaultEdit {
            created: vec![(path, String::new())],
            ..VaultEdit::default()
        })
    };
    let action = Action::new(ActionKind::QuickFix, title, create);
    found.push(
        action
            .creates()
            .mends(&[Rule::BrokenLink, Rule::FolderLink]),
    );
}

/// Where the note is made that a link to nothing names (R12), as a path from
/// the root of the opened folder. `None` when that lies outside of it, when no
/// file can have the name, or when the link would not lead to it.
pub fn new_note(vault: &Vault, link: &Link, source: FileId) -> Option<String> {
    let spelled = vault.spelled_path(link, source)?;
    let written = vault.link_path(link);
    let written = written.trim_end_matches('/');
    let is_bare = split(written).0.is_empty();
    let path = if is_bare {
        new_folder(vault, source) + written
    } else {
        spelled
    };
    let inside = vault.inside_mount(&path)?.to_owned();
    let name = split(&inside).1;
    let extension = name
        .rfind('.')
        .map_or("", |dot| &name[dot..])
        .to_ascii_lowercase();
    let inside = if strip_md(name).is_some() || OTHERS.contains(&&*extension) {
        inside
    } else if is_media(name) || link.form != Form::Wiki && link.is(Link::EMBED) {
        return None;
    } else {
        inside + ".md"
    };
    (is_creatable(&inside) && vault.twins(&inside).next().is_none()).then_some(inside)
}

/// The folder in which a note is made that is named from `source` without one:
/// in the whole vault, with a final `/`, or empty.
pub(crate) fn new_folder(vault: &Vault, source: FileId) -> String {
    let obsidian = &vault.settings().obsidian;
    match obsidian.new_file_location {
        NewFileLocation::Root => vault.mount().to_owned(),
        NewFileLocation::Current => vault.full_folder(source),
        NewFileLocation::Folder => {
            let folder = obsidian.new_file_folder.trim_matches('/');
            let slash = if folder.is_empty() { "" } else { "/" };
            format!("{}{folder}{slash}", vault.mount())
        }
    }
}

/// Whether every system can have a file of this path, and links can name it (G7).
pub(crate) fn is_creatable(path: &str) -> bool {
    path.split('/').all(|segment| {
        let bad = |c: char| {
            c.is_control()
                || matches!(
                    c,
                    '*' | '"' | '\\' | '<' | '>' | ':' | '|' | '?' | '#' | '^'
                )
        };
        !segment.is_empty()
            && segment.len() <= MAX_NAME
            && !segment.starts_with(['.', ' '])
            && !segment.ends_with(['.', ' '])
            && !segment.contains(bad)
            && !["[[", "]]", "%%"].iter().any(|mark| segment.contains(mark))
    })
}
