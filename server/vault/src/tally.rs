//! What is used how often: values of keys, keys of fields, languages of code,
//! kinds of callouts.
//!
//! Each use is counted for the tier in which it stands, so that what only secret
//! notes say can be left out. The counts
//! depend on the notes alone, never on the order in which they came. They lie in
//! shards behind `Arc`s, cut by what is used and not by the key: a keystroke
//! copies a small shard even where a key has as many values as there are notes.

use std::sync::Arc;

use crate::path::fold_hash_of;
use crate::symbol::Symbol;

/// Shards are chosen by so many bits.
const BITS: u32 = 9;

/// Something that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Use {
    /// By what it is looked for; see [`links_of`] and its neighbours.
    pub(crate) key: u32,
    /// The folder part of the path of a link, with its final `/`; empty for
    /// other things, and where it is relative to the note.
    pub(crate) folder: Symbol,
    /// The last segment of the path of a link, or the text.
    pub(crate) name: Symbol,
}

/// The key of the links in values of a key, by its canonical form.
pub(crate) fn links_of(key: &str) -> u32 {
    fold_hash_of(&["[[", key])
}

/// The key of the texts and numbers that are values of a key, by its canonical
/// form.
pub(crate) fn texts_of(key: &str) -> u32 {
    fold_hash_of(&["\"", key])
}

/// The key of the keys of inline fields, as they are written.
pub(crate) fn fields() -> u32 {
    fold_hash_of(&["::"])
}

/// The key of the languages of code.
pub(crate) fn languages() -> u32 {
    fold_hash_of(&["```"])
}

/// The key of the kinds of callouts.
pub(crate) fn callouts() -> u32 {
    fold_hash_of(&["[!"])
}

/// Where something is used: 0 for no tier, else one more than the index of the
/// tier; see `Vault::zone`.
pub(crate) type Zone = u8;

/// The bits of [`Entry::packed`] that are the count.
const COUNT: u32 = (1 << 24) - 1;

/// How often something is used in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    what: Use,
    /// The zone and the count.
    packed: u32,
}

impl Entry {
    fn new(what: Use, zone: Zone, count: u32) -> Self {
        let packed = u32::from(zone) << 24 | count.min(COUNT);
        Self { what, packed }
    }

    fn zone(&self) -> Zone {
        (self.packed >> 24) as Zone
    }

    fn count(&self) -> u32 {
        self.packed & COUNT
    }

    fn order(&self) -> (Use, Zone) {
        (self.what, self.zone())
    }
}

fn shard(what: Use) -> usize {
    let spread = (what.name.number() ^ what.folder.number()).wrapping_mul(0x9e37_79b1);
    (spread >> (32 - BITS)) as usize
}

/// Two sorted lists as one, in which each use has one entry.
fn merge(left: &[Entry], right: &[Entry]) -> Vec<Entry> {
    let mut merged: Vec<Entry> = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    loop {
        let next = match (left.peek(), right.peek()) {
            (Some(own), Some(new)) if own.order() <= new.order() => left.next(),
            (_, Some(_)) => right.next(),
            (_, None) => left.next(),
        };
        let Some(&entry) = next else {
            break;
        };
        match merged.last_mut() {
            Some(last) if last.order() == entry.order() => {
                let count = last.count().saturating_add(entry.count());
                *last = Entry::new(entry.what, entry.zone(), count);
            }
            _ => merged.push(entry),
        }
    }
    merged.shrink_to_fit();
    merged
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Tally(Vec<Arc<Vec<Entry>>>);

impl Default for Tally {
    fn default() -> Self {
        Self(vec![Arc::default(); 1 << BITS])
    }
}

impl Tally {
    /// Adds many uses: each shard is merged once.
    pub(crate) fn extend(&mut self, uses: Vec<(Use, Zone, u32)>) {
        let entry = |(what, zone, count)| Entry::new(what, zone, count);
        let mut entries: Vec<Entry> = uses.into_iter().map(entry).collect();
        entries.sort_unstable_by_key(|entry| (shard(entry.what), entry.order()));
        for group in entries.chunk_by(|left, right| shard(left.what) == shard(right.what)) {
            let shard = &mut self.0[shard(group[0].what)];
            *shard = Arc::new(merge(shard, group));
        }
    }

    /// Changes the count of a use in a zone.
    pub(crate) fn add(&mut self, what: Use, zone: Zone, step: i32) {
        let shard = Arc::make_mut(&mut self.0[shard(what)]);
        let place = shard.binary_search_by_key(&(what, zone), Entry::order);
        let was = place.map_or(0, |at| shard[at].count());
        let entry = Entry::new(what, zone, was.saturating_add_signed(step));
        match place {
            Ok(at) if entry.count() == 0 => {
                shard.remove(at);
            }
            Ok(at) => shard[at] = entry,
            Err(at) if entry.count() > 0 => shard.insert(at, entry),
            Err(_) => {}
        }
    }

    /// What is used under a key in zones that `accept` takes, and how often.
    pub(crate) fn of(&self, key: u32, mut accept: impl FnMut(Zone) -> bool) -> Vec<(Use, u32)> {
        let mut found: Vec<(Use, u32)> = Vec::new();
        for shard in &self.0 {
            let start = shard.partition_point(|own| own.what.key < key);
            let own = shard[start..].iter().take_while(|own| own.what.key == key);
            for own in own.filter(|own| accept(own.zone())) {
                // The zones of one thing follow each other.
                match found.last_mut() {
                    Some(last) if last.0 == own.what => last.1 += own.count(),
                    _ => found.push((own.what, own.count())),
                }
            }
        }
        found
    }

    /// Gives back the room that was kept for more.
    pub(crate) fn shrink(&mut self) {
        for shard in &mut self.0 {
            Arc::make_mut(shard).shrink_to_fit();
        }
    }

    /// The bytes that the counts take, for measuring memory.
    pub(crate) fn size(&self) -> usize {
        let shards = self.0.iter();
        shards
            .map(|shard| size_of::<Entry>() * shard.capacity() + 48)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_of_zones_and_vanish_at_nothing() {
        let symbol = Symbol::from_number;
        let what = |name| Use {
            key: texts_of("k"),
            folder: Symbol::EMPTY,
            name: symbol(name),
        };
        let mut tally = Tally::default();
        tally.add(what(1), 0, 2);
        tally.add(what(1), 8, 1);
        tally.extend(vec![(what(2), 0, 1), (what(1), 0, 0)]);
        let snapshot = tally.clone();
        tally.add(what(1), 0, -2);
        tally.add(what(2), 0, -1);
        let found = |tally: &Tally, wanted: Zone| {
            let mut found = tally.of(texts_of("k"), |zone| zone <= wanted);
            found.sort_unstable();
            let found = found.into_iter().map(|own| (own.0.name.number(), own.1));
            found.collect::<Vec<_>>()
        };
        assert_eq!(found(&snapshot, 8), [(1, 3), (2, 1)]);
        assert_eq!(found(&snapshot, 0), [(1, 2), (2, 1)]);
        assert_eq!(found(&tally, 8), [(1, 1)]);
        assert_eq!(tally.of(links_of("k"), |_| true), []);
    }
}
