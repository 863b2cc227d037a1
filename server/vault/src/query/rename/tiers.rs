//! What to say of notes that come to another tier.

use super::{Move, Refusal};
use crate::path::{below, split, stem};
use crate::vault::Vault;

/// Words about notes that anybody may read who might not before, and about names
/// with the suffix of a tier that was left: an editor moves files as it likes.
pub(super) fn warnings(vault: &Vault, moves: &[Move]) -> Vec<String> {
    let tiers = vault.tiers();
    let (mut opened, mut misnamed) = (Vec::new(), Vec::new());
    for own in moves {
        let [old, new] = [&own.from, &own.to].map(|path| format!("{}{path}", vault.mount()));
        let (was, is) = (tiers.of(&old), tiers.of(&new));
        if was == is {
            continue;
        }
        if vault.is_secret_in(was, is) {
            opened.push(own);
        }
        let family = tiers
            .base(&old)
            .filter(|own| !tiers.0[own.0].suffix.is_empty());
        if let (Some((was, base)), Some(is)) = (family, is.and_then(|is| tiers.0.get(is)))
            && stem(&own.to).ends_with(&tiers.0[was].suffix)
        {
            misnamed.push((own, format!("{}{}", split(base).1, is.suffix)));
        }
    }
    let more = |count: usize| match count {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let mut said = Vec::new();
    if let Some(first) = opened.first() {
        let more = more(opened.len());
        said.push(format!(
            "`{}`{more} can be read by more people there than in `{}`.",
            first.to, first.from
        ));
    }
    if let Some((first, name)) = misnamed.first() {
        let more = more(misnamed.len());
        said.push(format!(
            "`{}`{more} keeps the suffix of the tier that it leaves, and is a copy of no note. Called `{name}` it would be one.",
            first.to
        ));
    }
    said
}

/// Whether the notes of a folder can come along to another place under the names
/// that they have; paths are those in the whole vault.
///
/// # Errors
/// [`Refusal::Name`] when their names are for the tier that they leave.
pub(super) fn keep_names(vault: &Vault, from: &str, to: &str) -> Result<(), Refusal> {
    let tiers = vault.tiers();
    let tier = |path: &str| tiers.of(path).and_then(|tier| tiers.0.get(tier));
    let (Some(was), Some(is)) = (tier(from), tier(to)) else {
        return Ok(());
    };
    if was.suffix == is.suffix {
        return Ok(());
    }
    let mut files = vault.files().iter();
    let found = files.find_map(|(file, _)| {
        let path = vault.full_path(file)?;
        below(&path, from)?;
        let base = tiers.base(&path)?.1.to_owned();
        Some((path, base))
    });
    let Some((path, base)) = found else {
        return Ok(());
    };
    let why = format!(
        "The notes in `{from}` have names for `{}`: move them one by one, so that `{}` becomes `{}{}.md`",
        was.folder,
        split(&path).1,
        split(&base).1,
        is.suffix
    );
    Err(Refusal::Name(why, None))
}
