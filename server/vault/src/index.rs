//! The index: which files have a name, link to a name, or use a tag or key.
//!
//! Every index is a set of pairs (hash of a folded key, file). Equal hashes
//! are no proof: who reads a pair looks at the file's facts as well. Pairs are
//! cut into shards behind `Arc`s, so that a snapshot costs nothing and a
//! keystroke copies one small shard, whatever the size of the vault.

use std::cmp::Ordering;
use std::sync::Arc;

/// The number of a file in a vault. It never names another file later.
pub type FileId = u32;

/// Shards are chosen by the upper bits of a hash.
const BITS: u32 = 10;

/// A set of pairs (hash, file). The index of names has the hash of the file's
/// path for the file, so that its order is that of paths.
#[derive(Clone, Debug)]
pub struct Pairs(Vec<Arc<Vec<(u32, FileId)>>>);

impl Default for Pairs {
    fn default() -> Self {
        Self(vec![Arc::default(); 1 << BITS])
    }
}

fn shard(hash: u32) -> usize {
    (hash >> (32 - BITS)) as usize
}

/// Two sorted lists as one, without repetition.
fn merge(left: &[(u32, FileId)], right: &[(u32, FileId)]) -> Vec<(u32, FileId)> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        match a.cmp(b) {
            Ordering::Less => merged.extend(left.next()),
            Ordering::Greater => merged.extend(right.next()),
            Ordering::Equal => {
                merged.extend(left.next());
                right.next();
            }
        }
    }
    merged.extend(left.chain(right));
    merged
}

impl Pairs {
    /// The files under `hash`, each once, in rising order.
    pub fn files(&self, hash: u32) -> impl Iterator<Item = FileId> + '_ {
        let shard = &self.0[shard(hash)];
        let start = shard.partition_point(|pair| pair.0 < hash);
        let files = shard[start..].iter();
        files
            .take_while(move |pair| pair.0 == hash)
            .map(|pair| pair.1)
    }

    /// The number of files under `hash`.
    pub fn count(&self, hash: u32) -> usize {
        let shard = &self.0[shard(hash)];
        let start = shard.partition_point(|pair| pair.0 < hash);
        shard[start..].partition_point(|pair| pair.0 == hash)
    }

    /// Adds one pair.
    pub fn insert(&mut self, hash: u32, file: FileId) {
        let shard = &mut self.0[shard(hash)];
        if let Err(at) = shard.binary_search(&(hash, file)) {
            Arc::make_mut(shard).insert(at, (hash, file));
        }
    }

    /// Takes one pair away.
    pub fn remove(&mut self, hash: u32, file: FileId) {
        let shard = &mut self.0[shard(hash)];
        if let Ok(at) = shard.binary_search(&(hash, file)) {
            Arc::make_mut(shard).remove(at);
        }
    }

    /// Adds many pairs: each shard is merged once.
    pub fn extend(&mut self, mut pairs: Vec<(u32, FileId)>) {
        pairs.sort_unstable();
        pairs.dedup();
        for group in pairs.chunk_by(|left, right| shard(left.0) == shard(right.0)) {
            let shard = &mut self.0[shard(group[0].0)];
            let merged = merge(shard, group);
            *shard = Arc::new(merged);
        }
    }

    /// Takes many pairs away: each shard is gone through once.
    pub fn retract(&mut self, mut pairs: Vec<(u32, FileId)>) {
        pairs.sort_unstable();
        for group in pairs.chunk_by(|left, right| shard(left.0) == shard(right.0)) {
            let shard = Arc::make_mut(&mut self.0[shard(group[0].0)]);
            shard.retain(|pair| group.binary_search(pair).is_err());
        }
    }

    /// Changes the keys of `file` from `old` to `new`, both sorted and
    /// without repetition, touching only what differs.
    pub fn update(&mut self, file: FileId, old: &[u32], new: &[u32]) {
        let missing = |hash: &&u32, other: &[u32]| other.binary_search(hash).is_err();
        for &hash in old.iter().filter(|hash| missing(hash, new)) {
            self.remove(hash, file);
        }
        for &hash in new.iter().filter(|hash| missing(hash, old)) {
            self.insert(hash, file);
        }
    }

    /// The bytes that the pairs take, for measuring memory.
    pub fn size(&self) -> usize {
        self.0.iter().map(|shard| 8 * shard.capacity() + 48).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_touches_what_differs() {
        let mut pairs = Pairs::default();
        pairs.extend(vec![(7, 1), (7, 0), (u32::MAX, 1), (7, 1)]);
        let snapshot = pairs.clone();
        pairs.update(1, &[7, u32::MAX], &[8, u32::MAX]);
        let files = |pairs: &Pairs, hash| pairs.files(hash).collect::<Vec<_>>();
        assert_eq!(files(&pairs, 7), [0]);
        assert_eq!(files(&pairs, 8), [1]);
        assert_eq!(files(&pairs, u32::MAX), [1]);
        assert_eq!(files(&snapshot, 7), [0, 1]);
        assert_eq!((snapshot.count(7), snapshot.count(9)), (2, 0));
    }
}
