//! How what notes use gets into the [`Tally`] of a vault, by difference.

use std::sync::Arc;

use crate::digest::{Digest, difference};
use crate::index::FileId;
use crate::path::{fold_hash_of, strip_md};
use crate::tally::{Tally, Use, Zone};
use crate::uses::type_keys;
use crate::vault::Vault;

/// The key of notes of a type in the index of properties, by the hash of its
/// folded name: no property has such a name.
fn type_key(name: u32) -> u32 {
    name.wrapping_mul(0x9e37_79b1) ^ fold_hash_of(&["type:"])
}

/// Changes that wait to be made in one go.
#[derive(Default)]
pub(crate) struct Uses {
    added: Vec<(Use, Zone, u32)>,
    types: Vec<(u32, FileId)>,
    gone_types: Vec<(u32, FileId)>,
}

impl Vault {
    /// The files that may be of a type, by the hash of its folded name.
    pub(crate) fn of_type(&self, name: u32) -> impl Iterator<Item = FileId> + '_ {
        self.keys.files(type_key(name))
    }

    /// Counts what a note used and uses, where it differs. What concerns all uses
    /// of a note waits in `pending`, for many such notes are changed at once.
    pub(crate) fn count_uses(
        &mut self,
        id: FileId,
        old: &Digest,
        new: &Digest,
        pending: &mut Uses,
    ) {
        if old.uses == new.uses {
            return;
        }
        let (zone, own) = (self.zone(id), self.own_name(id));
        if old.uses.is_empty() {
            let uses = new
                .uses
                .iter()
                .filter(|used| self.is_counted(&own, &used.0));
            let added = uses.map(|&(what, count)| (what, zone, count));
            pending.added.extend(added);
        } else {
            let changed = difference(&old.uses, &new.uses).into_iter();
            let changed = changed.filter(|changed| self.is_counted(&own, &changed.0));
            let changed: Vec<(Use, i32)> = changed.collect();
            let tally = Arc::make_mut(&mut self.tally);
            for (what, step) in changed {
                tally.add(what, zone, step);
            }
        }
        let [before, after] = [old, new].map(|digest| self.types(&self.type_keys, digest));
        let pairs =
            |keys: &[u32]| -> Vec<(u32, FileId)> { keys.iter().map(|&key| (key, id)).collect() };
        if old.uses.is_empty() {
            pending.types.extend(pairs(&after));
        } else if new.uses.is_empty() {
            pending.gone_types.extend(pairs(&before));
        } else {
            self.keys.update(id, &before, &after);
        }
    }

    /// Makes the changes that wait; see [`Vault::count_uses`].
    pub(crate) fn flush_uses(&mut self, pending: Uses) {
        if !pending.added.is_empty() {
            Arc::make_mut(&mut self.tally).extend(pending.added);
        }
        self.keys.retract(pending.gone_types);
        self.keys.extend(pending.types);
    }

    /// Counts everything afresh: other properties say of what type notes are, or
    /// there are other tiers.
    pub(crate) fn recount(&mut self) {
        let types = type_keys(&self.settings);
        self.tally = Arc::new(Tally::default());
        let files = self.files.iter().filter(|file| !file.1.excluded);
        let ids: Vec<FileId> = files.map(|file| file.0).collect();
        let mut gone = Vec::new();
        for &id in &ids {
            if let Some(note) = self.note(id) {
                let digest = Digest::new(&note, &self.symbols);
                let old = self.types(&self.type_keys, &digest);
                gone.extend(old.into_iter().map(|key| (key, id)));
            }
        }
        self.keys.retract(gone);
        self.type_keys = types;
        let mut pending = Uses::default();
        for id in ids {
            if let Some(note) = self.note(id) {
                let digest = Digest::new(&note, &self.symbols);
                self.count_uses(id, &Digest::default(), &digest, &mut pending);
            }
        }
        self.flush_uses(pending);
    }

    /// Whether what a note of this name uses is counted: what names the note or one
    /// of its copies is not, for no other note is likely to write it.
    pub(crate) fn is_counted(&self, own: &str, what: &Use) -> bool {
        let name = |name: &str| self.family_name(name) != own;
        self.symbols.with(what.name, name)
    }

    /// The name that a file has in its family; empty for one that is not here.
    pub(crate) fn own_name(&self, id: FileId) -> String {
        let name = |name: &str| self.family_name(name).to_owned();
        let file = self.files.get(id);
        file.map_or_else(String::new, |file| self.symbols.with(file.name, name))
    }

    /// The name of a note without `.md` and the suffix of a tier.
    fn family_name<'n>(&self, name: &'n str) -> &'n str {
        let stem = strip_md(name).unwrap_or(name);
        let tiers = self.possible_tiers.0.iter();
        let mut suffixes = tiers.map(|tier| tier.suffix.as_str());
        let base =
            suffixes.find_map(|suffix| stem.strip_suffix(suffix).filter(|_| !suffix.is_empty()));
        base.unwrap_or(stem)
    }

    /// The tier of a file, as far as its path in the opened folder says.
    fn zone(&self, id: FileId) -> Zone {
        let folder = self.files.get(id).map(|file| file.folder);
        let tier = folder.and_then(|folder| {
            let tiers = &self.possible_tiers;
            self.symbols.with(folder, |folder| tiers.of(folder))
        });
        tier.map_or(0, |tier| Zone::try_from(tier + 1).unwrap_or(Zone::MAX))
    }

    /// A path in the whole vault of which the tier is that of a zone.
    pub(crate) fn in_zone(&self, zone: Zone) -> String {
        let tier = usize::from(zone).checked_sub(1);
        let tier = tier.and_then(|tier| self.possible_tiers.0.get(tier));
        let folder = tier.map_or("", |tier| &tier.folder);
        format!("{}{folder}/", self.mount)
    }

    /// The keys of the types that a note is of, in the index of properties.
    fn types(&self, keys: &[u32], digest: &Digest) -> Vec<u32> {
        let of_type = digest.uses.iter().filter(|own| keys.contains(&own.0.key));
        let key = |own: &(Use, u32)| type_key(self.symbols.name_key(own.0.name));
        let mut found: Vec<u32> = of_type.map(key).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
