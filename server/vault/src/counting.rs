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

impl Vault {
    /// The files that may be of a type, by the hash of its folded name.
    pub(crate) fn of_type(&self, name: u32) -> impl Iterator<Item = FileId> + '_ {
        self.keys.files(type_key(name))
    }

    /// Counts what a note used and uses, where it differs. What a note uses that
    /// used nothing goes to `added`, for many such notes are read at once.
    pub(crate) fn count_uses(
        &mut self,
        id: FileId,
        old: &Digest,
        new: &Digest,
        added: &mut Vec<(Use, Zone, u32)>,
    ) {
        if old.uses == new.uses {
            return;
        }
        let name = self.files.get(id).map(|file| file.name);
        let name = name.map_or_else(String::new, |name| self.symbols.string(name));
        let own = name.split('.').next().unwrap_or("");
        let zone = self.zone(id);
        let symbols = Arc::clone(&self.symbols);
        let is_own = |what: &Use| symbols.with(what.name, |name| is_copy(name, own));
        if old.uses.is_empty() {
            let uses = new.uses.iter().filter(|used| !is_own(&used.0));
            added.extend(uses.map(|&(what, count)| (what, zone, count)));
        } else {
            let tally = Arc::make_mut(&mut self.tally);
            let changed = difference(&old.uses, &new.uses);
            for (what, step) in changed.into_iter().filter(|changed| !is_own(&changed.0)) {
                tally.add(what, zone, step);
            }
        }
        let [old, new] = [old, new].map(|digest| self.types(&self.type_keys, digest));
        self.keys.update(id, &old, &new);
    }

    /// Adds to the counts what notes use; see [`Vault::count_uses`].
    pub(crate) fn add_uses(&mut self, added: Vec<(Use, Zone, u32)>) {
        if !added.is_empty() {
            Arc::make_mut(&mut self.tally).extend(added);
        }
    }

    /// Counts everything afresh: other properties say of what type notes are, or
    /// there are other tiers.
    pub(crate) fn recount(&mut self) {
        let types = type_keys(&self.settings);
        self.tally = Arc::new(Tally::default());
        let files = self.files.iter().filter(|file| !file.1.excluded);
        let ids: Vec<FileId> = files.map(|file| file.0).collect();
        for &id in &ids {
            if let Some(note) = self.note(id) {
                let digest = Digest::new(&note, &self.symbols);
                let old = self.types(&self.type_keys, &digest);
                self.keys.update(id, &old, &[]);
            }
        }
        self.type_keys = types;
        let mut added = Vec::new();
        for id in ids {
            if let Some(note) = self.note(id) {
                let digest = Digest::new(&note, &self.symbols);
                self.count_uses(id, &Digest::default(), &digest, &mut added);
            }
        }
        self.add_uses(added);
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

/// Whether a name is that of a note, or of one of its copies in other tiers:
/// `Name.public` of `Name`. No other note says that.
fn is_copy(name: &str, own: &str) -> bool {
    let rest = strip_md(name).unwrap_or(name).strip_prefix(own);
    !own.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
