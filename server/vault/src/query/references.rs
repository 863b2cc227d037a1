//! References: every place that speaks of the same thing.

use std::ops::Range;

use crate::index::FileId;
use crate::query::Location;
use crate::query::subject::{Occurrence, Seen, Subject, files, occurrences, subject};
use crate::vault::Vault;

/// The places that speak of what stands at `offset`, by path and offset. With
/// `declaration` also the place that they all refer to. `stop` is asked now
/// and then; when it says yes the answer is cut short.
pub fn references(
    vault: &Vault,
    file: FileId,
    offset: u32,
    declaration: bool,
    stop: &dyn Fn() -> bool,
) -> Vec<Location> {
    let Some((subject, _)) = subject(vault, file, offset) else {
        return Vec::new();
    };
    let mut found: Vec<(FileId, Vec<Range<u32>>)> = Vec::new();
    let mut seen = Seen::default();
    for (count, file) in files(vault, &subject).into_iter().enumerate() {
        if count % 256 == 0 && stop() {
            break;
        }
        let here = occurrences(vault, &subject, file, &mut seen).into_iter();
        let here = here.filter(|occurrence| declaration || !occurrence.definition);
        let here: Vec<Range<u32>> = here.map(|occurrence| occurrence.range).collect();
        if !here.is_empty() {
            found.push((file, here));
        }
    }
    found.sort_by_cached_key(|(file, _)| vault.path(*file));
    let places = found.into_iter().flat_map(|(file, ranges)| {
        ranges
            .into_iter()
            .map(move |range| Location { file, range })
    });
    places.collect()
}

/// The places in the same note that speak of what stands at `offset`.
pub fn highlights(vault: &Vault, file: FileId, offset: u32) -> Vec<Occurrence> {
    match subject(vault, file, offset) {
        Some((subject, _)) => {
            let mut found = occurrences(vault, &subject, file, &mut Seen::default());
            // A note without a title is named at its start, where nothing can be lit.
            found.retain(|occurrence| !occurrence.range.is_empty());
            found
        }
        None => Vec::new(),
    }
}

/// The number of links to a subject from other notes: those of a note to
/// itself are no backlinks (G5).
pub fn count(vault: &Vault, subject: &Subject) -> usize {
    let own = match subject {
        Subject::File(file) | Subject::Title(file, _) | Subject::Anchor(file, _) => Some(*file),
        _ => None,
    };
    let files = files(vault, subject).into_iter();
    let files = files.filter(|file| Some(*file) != own);
    let mut seen = Seen::default();
    let links = files.map(|file| {
        let here = occurrences(vault, subject, file, &mut seen);
        here.iter()
            .filter(|occurrence| !occurrence.definition)
            .count()
    });
    links.sum()
}
