//! New names: what may be one, and where a file goes that gets it (G7).

use super::{Refusal, tiers};
use crate::index::FileId;
use crate::path::{is_read, join, split, stem, strip_md};
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
    let is_kept = new.ends_with('/');
    if is_kept {
        path = format!("{path}/{name}");
        // Only `/`: into the root.
        path = path.trim_start_matches('/').to_owned();
    }
    if strip_md(name).is_some() {
        path = in_tier(vault, &old, &path, is_kept);
    } else {
        let extension = name.rsplit_once('.').map(|cut| cut.1);
        if let Some(extension) = extension.filter(|_| !split(&path).1.contains('.')) {
            path = format!("{path}.{extension}");
        }
        if is_read(&path) != is_read(name) {
            let new = split(&path).1;
            let plain = new.rsplit_once('.').map_or(new, |cut| cut.0);
            let why = format!("`{new}` is the name of another kind of file");
            return Err(Refusal::Name(
                why,
                extension.map(|extension| format!("{plain}.{extension}")),
            ));
        }
    }
    checked(vault, &path)
}

/// The path of a note with the suffix of the tier in which it will lie, if it has
/// copies by its name today. `is_kept` if the name is that of today, which may end
/// like a suffix by itself.
fn in_tier(vault: &Vault, old: &str, path: &str, is_kept: bool) -> String {
    let plain = strip_md(path).unwrap_or(path);
    let tiers = vault.tiers();
    let Some((was, base)) = tiers.base(old) else {
        return format!("{plain}.md");
    };
    let is = tiers.of(path);
    let suffix = |tier: Option<usize>| {
        let tier = tier.and_then(|tier| tiers.0.get(tier));
        tier.map_or("", |tier| tier.suffix.as_str())
    };
    let (left, suffix) = (suffix(Some(was)), suffix(is));
    if is.is_none() || is == Some(was) && is_kept {
        return format!("{plain}.md");
    }
    if is_kept {
        return format!("{}{}{suffix}.md", split(path).0, split(base).1);
    }
    // The suffix of the tier that is left says nothing any more.
    let short = plain.strip_suffix(left).filter(|_| is != Some(was));
    let short = short.filter(|short| !split(short).1.is_empty());
    let plain = short.unwrap_or(plain);
    let suffix = if plain.ends_with(suffix) { "" } else { suffix };
    format!("{plain}{suffix}.md")
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
    let mut path = join(base, new).ok_or_else(|| Refusal::Outside(new.to_owned()))?;
    if new.ends_with('/') {
        path = format!("{path}/{name}");
        path = path.trim_start_matches('/').to_owned();
    }
    tiers::keep_names(vault, &old, &path)?;
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
    if crate::path::is_relative(new) {
        return split(old).0;
    }
    let tiers = vault.tiers();
    let is_whole = new.starts_with('/') || tiers.of(new).is_some();
    match old.find('/') {
        Some(slash) if !is_whole && tiers.of(old).is_some() => &old[..=slash],
        _ => "",
    }
}

/// Longer names no file system takes, in bytes.
pub(super) const MAX_NAME: usize = 255;

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
pub(super) fn doubtful(path: &str) -> Vec<String> {
    let found = split(path).1.chars().filter_map(|c| match c {
        '*' | '"' | '<' | '>' | '|' | '?' | '#' | '^' | '[' | ']' => Some(c.to_string()),
        '\u{a0}' | '\u{202f}' => Some("a blank that lines do not break at".to_owned()),
        c if c != ' ' && c.is_whitespace() => Some("a blank of another width".to_owned()),
        _ => None,
    });
    let mut found: Vec<String> = found.collect();
    found.sort_unstable();
    found.dedup();
    found
}
