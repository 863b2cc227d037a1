//! What somebody means who names a thing without a cursor, as on the command
//! line, and where it would go.

use super::names::{destination, folder_destination};
use super::{Refusal, Subject};
use crate::index::FileId;
use crate::note::Anchor;
use crate::path::{same, split};
use crate::resolve::ends_with;
use crate::vault::Vault;

/// A file or a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A note or another file.
    File(FileId),
    /// A folder, by its path from the root of the opened folder, as it is spelled.
    Folder(String),
}

/// The file or folder that a text names: by its path, of a note with or without
/// `.md`, from the root of the opened folder or of the whole vault; or by a name,
/// with as many folders before it as a link would need. Of a note and a folder of
/// one path the note is meant; a final `/` means the folder.
///
/// # Errors
/// [`Refusal::Missing`], and [`Refusal::Ambiguous`] with all files of the name.
pub fn named(vault: &Vault, text: &str) -> Result<Named, Refusal> {
    let path = text.trim().trim_start_matches('/');
    let file = |path: &str| vault.find(path).or_else(|| vault.find_full(path));
    let found = file(path).or_else(|| file(&format!("{path}.md")));
    if let Some(found) = found.filter(|_| !path.is_empty()) {
        return Ok(Named::File(found));
    }
    if let Some(folder) = folder(vault, path.trim_end_matches('/')) {
        return Ok(Named::Folder(folder));
    }
    let mut fitting = fitting(vault, path);
    match (fitting.pop(), fitting.is_empty()) {
        (Some(only), true) => Ok(Named::File(only)),
        (None, _) => Err(Refusal::Missing(format!("note, file or folder `{text}`"))),
        (Some(last), false) => {
            let all = fitting.into_iter().chain([last]);
            let mut paths: Vec<String> = all.filter_map(|file| vault.path(file)).collect();
            paths.sort();
            Err(Refusal::Ambiguous(text.to_owned(), paths))
        }
    }
}

/// The files whose path ends with a name and the folders before it.
fn fitting(vault: &Vault, path: &str) -> Vec<FileId> {
    let (folders, name) = split(path);
    let fits = |&file: &FileId| ends_with(&vault.full_folder(file), folders);
    let named = |extension| -> Vec<FileId> {
        let files = vault.named([name, extension]);
        files.filter(fits).collect()
    };
    let exact = if name.contains('.') {
        named("")
    } else {
        Vec::new()
    };
    if exact.is_empty() && !name.is_empty() {
        named(".md")
    } else {
        exact
    }
}

/// The folder of a path in any case, as it is spelled.
fn folder(vault: &Vault, path: &str) -> Option<String> {
    let full = format!("{}{path}", vault.mount());
    let path = if vault.has_folder(&full) {
        path
    } else {
        vault.inside_mount(path)?
    };
    let depth = path.split('/').count();
    let mut spelled = None;
    for (_, file) in vault.files().iter() {
        let own = vault.symbols().with(file.folder, |own| {
            let end = own.match_indices('/').nth(depth - 1)?.0;
            let own = own.get(..end)?;
            same(own, path).then(|| own.to_owned())
        });
        if own.as_deref() == Some(path) {
            return own;
        }
        spelled = spelled.or(own);
    }
    spelled
}

/// The heading or block that a text names, as a link would: `Note#Heading`,
/// `Note#Heading#Nested`, `Note#^id`.
///
/// # Errors
/// As [`named`] for the note, and [`Refusal::Missing`].
pub fn place(vault: &Vault, text: &str) -> Result<Subject, Refusal> {
    let missing = || Refusal::Missing(format!("heading or block `{text}`"));
    let (name, subpath) = text.split_once('#').ok_or_else(missing)?;
    let Named::File(file) = named(vault, name)? else {
        return Err(missing());
    };
    let note = vault.note(file).ok_or_else(missing)?;
    match note.anchor(subpath) {
        Some(Anchor::Heading(index)) => Ok(Subject::Heading(file, index)),
        Some(Anchor::Block(index)) => Ok(Subject::Block(file, index)),
        _ => Err(missing()),
    }
}

/// The alias of a note, named as [`named`] does, in any case.
///
/// # Errors
/// As [`named`] for the note, and [`Refusal::Missing`].
pub fn alias(vault: &Vault, note: &str, name: &str) -> Result<Subject, Refusal> {
    let name = name.trim();
    let missing = || Refusal::Missing(format!("alias `{name}` in the note `{note}`"));
    let Named::File(file) = named(vault, note)? else {
        return Err(missing());
    };
    let note = vault.note(file).ok_or_else(missing)?;
    let known = note.aliases.iter().map(|own| vault.string(own.name));
    let known: Vec<String> = known.collect();
    let exact = known.iter().position(|own| own == name);
    let found = exact.or_else(|| known.iter().position(|own| same(own, name)));
    Ok(Subject::Alias(file, found.ok_or_else(missing)?))
}

/// The path today and the new one, both from the root of the opened folder, of
/// something that gets a new name: as [`at`](super::at) reads it, also for a
/// folder.
///
/// # Errors
/// [`Refusal::Name`] and [`Refusal::Outside`].
pub fn wanted(vault: &Vault, old: &Named, new: &str) -> Result<(String, String), Refusal> {
    match old {
        Named::File(file) => {
            let from = vault.path(*file).ok_or(Refusal::NothingHere)?;
            Ok((from, destination(vault, *file, new)?))
        }
        Named::Folder(from) => Ok((from.clone(), folder_destination(vault, from, new)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::held::{Held, Notes};
    use std::sync::Arc;

    fn held(paths: &[(&str, &str)]) -> Held {
        let notes = paths
            .iter()
            .map(|own| (own.0.to_owned(), own.1.to_owned()))
            .collect::<Notes>();
        Held::new(notes, &Arc::default())
    }

    #[test]
    fn things_are_named_by_paths_and_by_names() {
        let held = held(&[
            ("a/X.md", ""),
            ("b/X.md", ""),
            ("b/Y.md", ""),
            ("Y/z.md", ""),
        ]);
        let vault = &held.vault;
        let file = |path: &str| Ok(Named::File(vault.find(path).unwrap()));
        assert_eq!(named(vault, "a/X"), file("a/X.md"));
        assert!(named(vault, "/a/x.md").is_ok(), "in any case");
        assert_eq!(named(vault, "z"), file("Y/z.md"));
        assert_eq!(named(vault, "B/y"), file("b/Y.md"));
        let folder = Ok(Named::Folder("Y".to_owned()));
        assert_eq!(named(vault, "Y/"), folder);
        assert_eq!(named(vault, "y"), folder, "a path before a name");
        let both = vec!["a/X.md".to_owned(), "b/X.md".to_owned()];
        let ambiguous = Err(Refusal::Ambiguous("X".to_owned(), both));
        assert_eq!(named(vault, "X"), ambiguous);
        for none in ["", "/", "q", "a/q", "Y/z/"] {
            assert!(
                matches!(named(vault, none), Err(Refusal::Missing(_))),
                "{none}"
            );
        }
    }

    #[test]
    fn folders_go_where_files_of_that_name_would() {
        let held = held(&[("_public/a/b/n.md", ""), ("c/n.md", "")]);
        let vault = &held.vault;
        let to = |from: &str, new: &str| {
            let old = Named::Folder(from.to_owned());
            wanted(vault, &old, new).map(|pair| pair.1)
        };
        assert_eq!(to("_public/a/b", "x").unwrap(), "_public/a/x");
        assert_eq!(to("_public/a/b", "x/y").unwrap(), "_public/x/y");
        assert_eq!(to("_public/a/b", "../").unwrap(), "_public/b");
        assert_eq!(to("c", "/d/").unwrap(), "d/c");
        assert_eq!(to("_public/a/b", "/").unwrap(), "b");
        assert!(matches!(to("c", "../../d"), Err(Refusal::Outside(_))));
        assert!(matches!(to("c", "x:y"), Err(Refusal::Name(..))));
    }

    #[test]
    fn aliases_are_named_in_any_case_and_first_in_their_own() {
        let held = held(&[("n.md", "---\naliases: [a b, A B]\n---\n"), ("x/m.md", "")]);
        let file = held.vault.find("n.md").unwrap();
        let named = |note, name| alias(&held.vault, note, name);
        assert_eq!(named("n", " A B "), Ok(Subject::Alias(file, 1)));
        assert_eq!(named("N.md", "a B"), Ok(Subject::Alias(file, 0)));
        for (note, name) in [("n", "c"), ("m", "a b"), ("q", "a b"), ("x/", "a b")] {
            assert!(named(note, name).is_err(), "{note} {name}");
        }
    }

    #[test]
    fn parts_are_named_as_links_name_them() {
        let held = held(&[("n.md", "# A\n## B\n\ntext ^id\n")]);
        let file = held.vault.find("n.md").unwrap();
        assert_eq!(place(&held.vault, "n#A#B"), Ok(Subject::Heading(file, 1)));
        assert_eq!(place(&held.vault, "n#^id"), Ok(Subject::Block(file, 0)));
        for none in ["n", "n#", "n#C", "m#A"] {
            assert!(place(&held.vault, none).is_err(), "{none}");
        }
    }
}
