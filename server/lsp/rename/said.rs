//! What a rename does not touch and the user should look at: files of other
//! programs, and queries, that hold an old name or path.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use vaultmark_vault::path::{split, stem, strip_md};
use vaultmark_vault::query::rename::Plan;
use vaultmark_vault::vault::Vault;

use crate::disk;
use crate::snapshot::Snapshot;

/// So many files are read.
const MAX_FILES: usize = 200;
/// Larger ones are not.
const MAX_SIZE: u64 = 1 << 20;
/// So many old names are looked for.
const MAX_NAMES: usize = 50;
/// So many files are named in one message.
const MAX_TOLD: usize = 5;

/// Files, by their paths from the root, that mention something that moves, each
/// with the name or path that it mentions: `.base` files, notes with queries,
/// ignore files and checkout scripts beside what moves, and the data of
/// Obsidian's plugins and bookmarks. Few and small ones are read.
pub fn mentions(root: &Path, vault: &Vault, plan: &Plan) -> Vec<(String, String)> {
    let names = names(vault, plan);
    if names.is_empty() {
        return Vec::new();
    }
    let files = candidates(root, vault, plan).into_iter();
    let files = files.filter(|path| disk::look(root, path).is_some_and(|data| data.is_file()));
    let found = files.filter_map(|path| {
        // A script is named after its folder.
        let own = split(&path).1.strip_prefix("checkout-");
        let own = own.and_then(|own| own.strip_suffix(".bat"));
        let is_own = |name: &&String| own == Some(name.as_str());
        let found = names.iter().find(is_own).cloned().or_else(|| {
            let text = small_text(root, &path)?;
            let text = if strip_md(&path).is_some() {
                queries(&text)
            } else {
                text
            };
            let mut names = names.iter();
            names.find(|name| holds(&text, name)).cloned()
        });
        Some((path, found?))
    });
    found.collect()
}

/// One sentence for each of the [`mentions`].
pub fn about(root: &Path, vault: &Vault, plan: &Plan) -> Vec<String> {
    let found = mentions(root, vault, plan).into_iter();
    let sentence = |(path, name)| format!("`{path}` mentions `{name}` and was not changed.");
    found.map(sentence).collect()
}

/// All of the [`mentions`] in one sentence.
pub fn shortened(snapshot: &Snapshot, plan: &Plan) -> Option<String> {
    let found = mentions(snapshot.root(), &snapshot.vault, plan);
    let (_, name) = found.first()?;
    let told: Vec<String> = found
        .iter()
        .take(MAX_TOLD)
        .map(|own| format!("`{}`", own.0))
        .collect();
    let rest = found.len() - told.len();
    let more = if rest > 0 {
        format!(" and {rest} more")
    } else {
        String::new()
    };
    Some(format!(
        "Not changed, but to be looked at, for `{name}` or the like is mentioned: {}{more}.",
        told.join(", ")
    ))
}

/// The old names and paths, those of whole folders first. Of files in a folder
/// that moves only the folder counts.
fn names(vault: &Vault, plan: &Plan) -> Vec<String> {
    let mut names = Vec::new();
    for (from, to) in &plan.folders {
        names.push(from.clone());
        if split(from).1 != split(to).1 {
            names.push(split(from).1.to_owned());
        }
    }
    let own = plan.moves.iter().filter(|own| !plan.is_carried(&own.from));
    for own in own.take(MAX_NAMES) {
        let path = strip_md(&own.from).unwrap_or(&own.from);
        names.push(path.to_owned());
        if stem(&own.from) != stem(&own.to) {
            names.push(stem(&own.from).to_owned());
        }
    }
    let mount = vault.mount();
    let full = names.iter().filter(|own| own.contains('/'));
    let full: Vec<String> = full.map(|own| format!("{mount}{own}")).collect();
    names.extend(full.into_iter().filter(|_| !mount.is_empty()));
    names.dedup();
    names.truncate(MAX_NAMES);
    names
}

/// The files that are read, by their paths from the root.
fn candidates(root: &Path, vault: &Vault, plan: &Plan) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let folders = plan.folders.iter().map(|own| &own.0);
    let files = plan.moves.iter().map(|own| &own.from);
    let files = files.filter(|path| !plan.is_carried(path));
    for moved in folders.chain(files).take(MAX_NAMES) {
        let (folder, name) = split(moved);
        let script = format!("checkout-{}.bat", strip_md(name).unwrap_or(name));
        for place in ["", folder] {
            found.extend([".gitignore", &*script].map(|file| format!("{place}{file}")));
        }
    }
    let files = vault.files().iter().filter(|own| own.1.facts.is_none());
    let is_base = |name: &str| name.to_lowercase().ends_with(".base");
    let bases = files.filter(|own| vault.symbols().with(own.1.name, is_base));
    let notes = bases.map(|own| own.0).chain(vault.with_queries());
    let paths = notes.filter_map(|file| vault.path(file));
    found.extend(paths.take(MAX_FILES));
    found.insert(".obsidian/bookmarks.json".to_owned());
    let plugins = fs::read_dir(root.join(".obsidian/plugins"));
    for plugin in plugins.into_iter().flatten().flatten().take(MAX_FILES) {
        if let Some(name) = plugin.file_name().to_str() {
            found.insert(format!(".obsidian/plugins/{name}/data.json"));
        }
    }
    found
}

/// The text of a file that is there, and small.
fn small_text(root: &Path, path: &str) -> Option<String> {
    let data = disk::look(root, path)?;
    let is_small = data.is_file() && data.len() <= MAX_SIZE;
    is_small
        .then(|| fs::read_to_string(root.join(path)).ok())
        .flatten()
}

/// What stands in the code fences of a note.
fn queries(text: &str) -> String {
    let mut is_inside = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_inside ^= is_fence;
        is_inside || is_fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a text holds a name as whole words.
fn holds(text: &str, name: &str) -> bool {
    let is_apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    text.match_indices(name).any(|(at, _)| {
        is_apart(text[..at].chars().next_back()) && is_apart(text[at + name.len()..].chars().next())
    })
}
