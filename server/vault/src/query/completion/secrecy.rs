//! What is known from more secret notes only, where something more public is
//! written.

use rustc_hash::FxHashMap;

use super::Place;
use crate::index::FileId;
use crate::note::Note;
use crate::query::tiers::{Section, sections};
use crate::settings::Confidential;
use crate::symbol::Symbol;
use crate::tally::Zone;
use crate::text::Encoding;
use crate::vault::Vault;

/// What shows that a name is of a more secret tier.
pub(super) const MARK: &str = " (more secret)";

/// What is done with names of more secret tiers at a place: in the tier section
/// they are meant.
pub(super) fn confidential(place: &Place<'_>, note: &Note) -> Confidential {
    let lines = note.lines.index(Encoding::Utf8);
    let mut tiers = sections(place.vault, note, &lines).into_iter();
    // At the end of the note its last line is still being written.
    let is_end = |section: &Section| {
        section.range.end == place.offset && place.offset as usize == place.text.len()
    };
    if tiers.any(|section| section.range.contains(&place.offset) || is_end(&section)) {
        Confidential::Offer
    } else {
        place.vault.settings().confidential_completion
    }
}

/// What is said of the secrecy of a file at a place; `None` if what stands in it
/// may not be offered there.
pub(super) fn mark(place: &Place<'_>, note: &Note, file: FileId) -> Option<&'static str> {
    let mut secrecy = Secrecy::new(place, note);
    secrecy.mark(std::iter::once(file), |_| true)
}

/// Tells names that open notes have from those that only secret ones do.
pub(super) struct Secrecy<'a> {
    vault: &'a Vault,
    source: FileId,
    confidential: Confidential,
    /// Whether folders are more secret.
    folders: FxHashMap<Symbol, bool>,
    /// Whether zones are not.
    zones: FxHashMap<Zone, bool>,
}

impl<'a> Secrecy<'a> {
    pub(super) fn new(place: &Place<'a>, note: &Note) -> Self {
        let vault = place.vault;
        Self {
            vault,
            source: place.file,
            // Without tiers nothing is secret, and need not be looked at.
            confidential: if vault.tiers().is_empty() {
                Confidential::Offer
            } else {
                confidential(place, note)
            },
            folders: FxHashMap::default(),
            zones: FxHashMap::default(),
        }
    }

    /// What is added to the detail of a name that these files have; `None` if
    /// it is to be left out.
    pub(super) fn mark(
        &mut self,
        mut files: impl Iterator<Item = FileId>,
        has: impl Fn(FileId) -> bool,
    ) -> Option<&'static str> {
        let is_shown = self.confidential == Confidential::Offer
            || files.any(|file| !self.is_secret(file) && has(file));
        match self.confidential {
            _ if is_shown => Some(""),
            Confidential::Mark => Some(MARK),
            _ => None,
        }
    }

    /// Whether what is used in a zone may be shown without a mark.
    pub(super) fn is_zone_shown(&mut self, zone: Zone) -> bool {
        let (vault, source) = (self.vault, self.source);
        let is_open = || !vault.is_path_more_secret(&vault.in_zone(zone), source);
        self.confidential == Confidential::Offer || *self.zones.entry(zone).or_insert_with(is_open)
    }

    /// Whether what may not be shown is shown with a mark.
    pub(super) fn marks(&self) -> bool {
        self.confidential == Confidential::Mark
    }

    fn is_secret(&mut self, file: FileId) -> bool {
        let Some(own) = self.vault.files().get(file) else {
            return true;
        };
        let (vault, source) = (self.vault, self.source);
        let folder = self.folders.entry(own.folder);
        *folder.or_insert_with(|| vault.is_more_secret(file, source))
    }
}
