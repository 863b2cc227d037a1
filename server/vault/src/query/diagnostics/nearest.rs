//! The name that was probably meant.

use crate::path::{fold, strip_md};
use crate::symbol::letters;
use crate::vault::Vault;

/// Names further from what is written than this are other names.
const MAX_DISTANCE: usize = 2;
/// Shorter names resemble too many others.
const MIN_LENGTH: usize = 4;

/// The name of a file that resembles `name` most, if one does.
pub(super) fn nearest(vault: &Vault, name: &str) -> Option<String> {
    let wanted = fold(strip_md(name).unwrap_or(name));
    if wanted.len() < MIN_LENGTH {
        return None;
    }
    let most = if wanted.len() < 8 { 1 } else { MAX_DISTANCE };
    let own = letters(&(wanted.clone() + ".md"));
    let mut best: Option<(usize, String)> = None;
    vault.symbols().names(0, &|| false, |_, other, _, bits| {
        let Some(stem) = strip_md(other) else { return };
        // An edit changes two letters at most, and one of length.
        let differs = (bits ^ own).count_ones() as usize > 2 * most;
        if stem.len().abs_diff(wanted.len()) > 4 * most
            || stem.is_ascii() && wanted.is_ascii() && differs
        {
            return;
        }
        let distance = strsim::osa_distance(&fold(stem), &wanted);
        let found = (distance, stem.to_owned());
        if distance <= most && best.as_ref().is_none_or(|best| found < *best) {
            best = Some(found);
        }
    });
    let (_, stem) = best?;
    let exists = vault.named([&stem, ".md"]).next().is_some();
    exists.then_some(stem)
}
