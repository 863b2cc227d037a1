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
    let most = if wanted.len() < 6 { 1 } else { MAX_DISTANCE };
    let own = letters(&format!("{wanted}.md"));
    let (first, last) = (wanted.chars().next(), wanted.chars().next_back());
    let mut best: Option<(usize, String)> = None;
    // An edit changes two letters at most.
    let differing = 2 * most as u32;
    vault.symbols().names_like(own, differing, |other| {
        let Some(stem) = strip_md(other) else { return };
        let reach = if stem.is_ascii() { most } else { 4 * most };
        if stem.len().abs_diff(wanted.len()) > reach {
            return;
        }
        let stem_folded = fold(stem);
        // Hardly anybody mistypes both ends of a name.
        if stem_folded.chars().next() != first && stem_folded.chars().next_back() != last {
            return;
        }
        let distance = strsim::osa_distance(&stem_folded, &wanted);
        let found = (distance, stem.to_owned());
        if distance <= most && best.as_ref().is_none_or(|best| found < *best) {
            best = Some(found);
        }
    });
    let (_, stem) = best?;
    let exists = vault.named([&stem, ".md"]).next().is_some();
    exists.then_some(stem)
}
