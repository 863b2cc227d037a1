//! New names: what may be one, and where a file goes that gets it (G7).

use super::Refusal;
use crate::index::FileId;
use crate::path::{join, split, stem, strip_md};
use crate::vault::Vault;

/// The name by which a file is called: of a note without `.md`.
pub(super) fn own_name(vault: &Vault, file: FileId) -> String {
    let path = vault.path(file).unwrap_or_default();
    stem(&path).to_owned()
}

/// The path, from the root of the opened folder, that a file gets by a new
/// name. A name stays in the file's folder. One with `/` is a path: from the
/// root of its tier or of the vault, or, with `./` and `../`, from the file's
/// folder; behind a final `/` the old name stays. The extension and the suffix
/// of the tier may be left out.
///
/// # Errors
/// [`Refusal::Name`] and [`Refusal::Outside`].
pub(super) fn destination(vault: &Vault, file: FileId, new: &str) -> Result<String, Refusal> {
    let old = vault
        .full_path(file)
        .ok_or_else(|| Refusal::Missing("such file".to_owned()))?;
    let (folder, name) = split(&old);
    let new = new.trim();
    let mut path = if new.contains('/') {
        let base = base_of_path(vault, &old, new);
        join(base, new).ok_or_else(|| Refusal::Outside(new.to_owned()))?
    } else {
        check(new)?;
        format!("{folder}{new}")
    };
    if new.ends_with('/') {
        path = format!("{path}/{name}");
        // Only `/`: into the root.
        path = path.trim_start_matches('/').to_owned();
    }
    if strip_md(name).is_some() {
        let plain = strip_md(&path).unwrap_or(&path);
        let tiers = vault.tiers();
        // The suffix belongs to the tier in which the note will lie.
        let tier = tiers.of(&path).and_then(|tier| tiers.0.get(tier));
        let was_of_family = tiers.base(&old).is_some();
        let suffix = tier.map_or("", |tier| tier.suffix.as_str());
        let suffix = if was_of_family && !plain.ends_with(suffix) {
            suffix
        } else {
            ""
        };
        path = format!("{plain}{suffix}.md");
    } else if let Some((_, extension)) = name.rsplit_once('.')
        && !split(&path).1.contains('.')
    {
        path = format!("{path}.{extension}");
    }
    checked(vault, &path)
}

/// The path, from the root of the opened folder, that a folder gets by a new
/// name; read as that of a file.
///
/// # Errors
/// [`Refusal::Name`] and [`Refusal::Outside`].
pub(super) fn folder_destination(vault: &Vault, from: &str, new: &str) -> Result<String, Refusal> {
    let old = format!("{}{from}", vault.mount());
    let (folder, name) = split(&old);
    let new = new.trim();
    if !new.contains('/') {
        check(new)?;
        return checked(vault, &format!("{folder}{new}"));
    }
    let base = base_of_path(vault, &old, new);
    let path = join(base, new).ok_or_else(|| Refusal::Outside(new.to_owned()))?;
    if new.ends_with('/') {
        let path = format!("{path}/{name}");
        return checked(vault, path.trim_start_matches('/'));
    }
    checked(vault, &path)
}

/// A path of the whole vault as one of the opened folder, if each of its parts
/// can be a name.
fn checked(vault: &Vault, path: &str) -> Result<String, Refusal> {
    let inside = vault
        .inside_mount(path)
        .filter(|inside| !inside.is_empty())
        .ok_or_else(|| Refusal::Outside(path.to_owned()))?;
    for segment in inside.split('/') {
        check(segment)?;
    }
    Ok(inside.to_owned())
}

/// From where a path is read.
fn base_of_path<'p>(vault: &Vault, old: &'p str, new: &str) -> &'p str {
    if crate::resolve::is_relative(new) {
        return split(old).0;
    }
    let tiers = vault.tiers();
    let is_whole = new.starts_with('/') || tiers.of(new).is_some();
    match old.find('/') {
        Some(slash) if !is_whole && tiers.of(old).is_some() => &old[..=slash],
        _ => "",
    }
}

/// Longer names no file system takes.
const MAX_NAME: usize = 250;

/// Whether every system can have a file of this name.
pub(super) fn check(name: &str) -> Result<(), Refusal> {
    let refuse = |why: String| {
        let plain: String = name
            .chars()
            .map(|c| if is_refused(c) { '-' } else { c })
            .collect();
        let plain = plain.trim_start_matches('.').trim_matches([' ', '-']);
        let plain = plain.trim_end_matches(['.', ' ']);
        let proposal = (!plain.is_empty() && plain.len() <= MAX_NAME && plain != name)
            .then(|| plain.to_owned());
        Err(Refusal::Name(why, proposal))
    };
    if name.trim().is_empty() {
        return refuse("A name cannot be empty".to_owned());
    }
    if let Some(c) = name.chars().find(|&c| is_refused(c)) {
        let shown = if c.is_control() {
            "a control character".to_owned()
        } else {
            format!("`{c}`")
        };
        return refuse(format!("A name cannot hold {shown}"));
    }
    if name.starts_with('.') {
        return refuse("A name cannot begin with a dot: such files are hidden".to_owned());
    }
    if name.ends_with(['.', ' ']) {
        return refuse("A name cannot end with a dot or a blank".to_owned());
    }
    if name.len() > MAX_NAME {
        return refuse(format!("A name cannot be longer than {MAX_NAME} bytes"));
    }
    Ok(())
}

fn is_refused(c: char) -> bool {
    c.is_control() || matches!(c, '/' | '\\' | ':')
}

/// The characters of a name that some systems or links do not take: reported,
/// and not refused.
pub(super) fn doubtful(path: &str) -> Vec<char> {
    let name = split(path).1;
    let mut found: Vec<char> = name
        .chars()
        .filter(|c| matches!(c, '*' | '"' | '<' | '>' | '|' | '?' | '#' | '^' | '[' | ']'))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
