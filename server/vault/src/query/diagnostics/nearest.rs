//! The name that was probably meant.

use crate::path::{fold, strip_md};
use crate::symbol::letters;
use crate::vault::Vault;

/// Names further from what is written than this are other names.
const MAX_DISTANCE: usize = 2;
/// Of so many names of one note the nearest is looked for.
const MAX_ALIKE: usize = 1_000;
/// Shorter names resemble too many others.
const MIN_LENGTH: usize = 4;

/// In how many places two texts differ. What they begin and end with alike
/// makes no difference, and most names that are compared share much.
fn distance(left: &str, right: &str) -> usize {
    let same = |(left, right): &(char, char)| left == right;
    let pairs = left.chars().zip(right.chars());
    let start: usize = pairs.take_while(same).map(|pair| pair.0.len_utf8()).sum();
    let (left, right) = (&left[start..], &right[start..]);
    let pairs = left.chars().rev().zip(right.chars().rev());
    let end: usize = pairs.take_while(same).map(|pair| pair.0.len_utf8()).sum();
    strsim::osa_distance(&left[..left.len() - end], &right[..right.len() - end])
}

/// The name of a file that resembles `name` most, if one does.
pub(super) fn nearest(vault: &Vault, name: &str) -> Option<String> {
    let wanted = fold(strip_md(name).unwrap_or(name));
    if wanted.len() < MIN_LENGTH {
        return None;
    }
    let most = if wanted.len() < 6 { 1 } else { MAX_DISTANCE };
    let own = letters(&format!("{wanted}.md"));
    let (first, last) = (wanted.chars().next(), wanted.chars().next_back());
    let mut near: Vec<(usize, String)> = Vec::new();
    // An edit changes two letters at most.
    let differing = 2 * most as u32;
    let wanted_letters = letters(&wanted);
    vault.symbols().files_like(own, differing, |other| {
        let Some(stem) = strip_md(other) else { return };
        let reach = if stem.is_ascii() { most } else { 4 * most };
        if stem.len().abs_diff(wanted.len()) > reach {
            return;
        }
        // Hardly anybody mistypes both ends of a name.
        let is_end = |own: Option<char>, end: Option<char>| match (own, end) {
            (Some(own), Some(end)) if own.is_ascii() => own.eq_ignore_ascii_case(&end),
            // Its folded form may be of several letters.
            (own, _) => own.is_some(),
        };
        let mut ends = stem.chars();
        if !is_end(ends.next(), first) && !is_end(ends.next_back(), last) {
            return;
        }
        let stem_folded = fold(stem);
        let differ = letters(&stem_folded) ^ wanted_letters;
        if differ.count_ones() > differing {
            return;
        }
        let distance = distance(&stem_folded, &wanted);
        if distance <= most {
            near.push((distance, stem.to_owned()));
        }
    });
    near.sort_unstable();
    // Names stay in the table when their files are gone.
    let exists = |stem: &String| vault.named([stem, ".md"]).next().is_some();
    near.into_iter().map(|near| near.1).find(exists)
}

/// Of some names the one that was probably meant by another.
pub(super) fn alike<'n>(name: &str, names: &'n [String]) -> Option<&'n str> {
    let wanted = fold(name);
    if wanted.chars().count() < MIN_LENGTH {
        return None;
    }
    let near = names
        .iter()
        .filter(|other| other.len().abs_diff(name.len()) <= 4 * MAX_DISTANCE);
    let near = near
        .take(MAX_ALIKE)
        .map(|other| (strsim::osa_distance(&fold(other), &wanted), other));
    let best = near
        .filter(|near| (1..=MAX_DISTANCE).contains(&near.0))
        .min();
    best.map(|best| best.1.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_alike_at_the_ends_makes_no_difference(left in "[abé]{0,7}", right in "[abé]{0,7}") {
            prop_assert_eq!(distance(&left, &right), strsim::osa_distance(&left, &right));
        }
    }
}
