//! How what notes use gets into the [`Tally`] of a vault, by difference.

use std::sync::Arc;

use crate::digest::{Digest, difference};
use crate::index::FileId;
use crate::path::strip_md;
use crate::symbol::Symbol;
use crate::tally::{Tally, Use, keys_of};
use crate::uses::type_keys;
use crate::vault::Vault;

impl Vault {
    /// Counts what a note used and uses, where it differs.
    pub(crate) fn count_uses(&mut self, id: FileId, old: &Digest, new: &Digest) {
        if old.uses == new.uses && old.spellings == new.spellings {
            return;
        }
        let Some(zone) = self.zone(id) else {
            return;
        };
        let name = self
            .files
            .get(id)
            .map(|file| self.symbols.string(file.name));
        let name = name.unwrap_or_default();
        let own = name.split('.').next().unwrap_or("");
        let symbols = Arc::clone(&self.symbols);
        let is_own = |what: &Use| symbols.with(what.name, |name| is_copy(name, own));
        let changed = difference(&old.uses, &new.uses);
        for (what, step) in changed.into_iter().filter(|changed| !is_own(&changed.0)) {
            self.tally_mut().add(what, zone, step);
        }
        let [old, new] = [old, new].map(|digest| self.alike(&self.type_keys, digest));
        for (what, step) in difference(&old, &new) {
            self.tally_mut().add(what, zone, step);
        }
    }

    /// Other properties say of what type notes are.
    pub(crate) fn count_types(&mut self) {
        let types = type_keys(&self.settings);
        let ids: Vec<FileId> = self.files.iter().map(|file| file.0).collect();
        for id in ids {
            let is_counted = self.files.get(id).is_some_and(|file| !file.excluded);
            let (Some(note), Some(zone)) = (self.note(id), self.zone(id)) else {
                continue;
            };
            if is_counted {
                let digest = Digest::new(&note, &self.symbols);
                let [old, new] = [&self.type_keys, &types].map(|types| self.alike(types, &digest));
                for (what, step) in difference(&old, &new) {
                    self.tally_mut().add(what, zone, step);
                }
            }
        }
        self.type_keys = types;
    }

    fn tally_mut(&mut self) -> &mut Tally {
        Arc::make_mut(&mut self.tally)
    }

    /// The topmost folder of a file.
    fn zone(&self, id: FileId) -> Option<Symbol> {
        let folder = self.files.get(id)?.folder;
        let first = |folder: &str| folder.split('/').next().unwrap_or("").to_owned();
        Some(self.symbols.intern(&self.symbols.with(folder, first)))
    }

    /// The keys of a note, for each of the types that it is of.
    fn alike(&self, types: &[u32], digest: &Digest) -> Vec<(Use, u32)> {
        let of_type = digest.uses.iter().filter(|own| types.contains(&own.0.key));
        let mut kinds: Vec<u32> = of_type
            .map(|own| self.symbols.name_key(own.0.name))
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        let keys = |kind: u32| {
            digest.spellings.iter().map(move |own| {
                let what = Use {
                    key: keys_of(kind),
                    folder: Symbol::EMPTY,
                    name: own.0,
                };
                (what, 1)
            })
        };
        let mut found: Vec<(Use, u32)> = kinds.into_iter().flat_map(keys).collect();
        found.sort_unstable();
        found
    }
}

/// Whether a name is that of a note, or of one of its copies in other tiers:
/// `Name.public` of `Name`. No other note says that.
fn is_copy(name: &str, own: &str) -> bool {
    let rest = strip_md(name).unwrap_or(name).strip_prefix(own);
    !own.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
