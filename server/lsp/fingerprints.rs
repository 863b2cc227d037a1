//! What was seen of files, so that those that did not change are not read again.

use std::fs::Metadata;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dashmap::DashMap;

/// A file that changed so shortly ago may change again within one tick of the
/// disk's clock, and look the same.
const RESTLESS: Duration = Duration::from_secs(2);

/// What tells a file from what it was: a hash of its times of change, size, and
/// identity. `cp -p` keeps the time of its text, and renaming keeps all but the
/// identity.
fn fingerprint(data: &Metadata) -> u64 {
    let modified = data.modified().map_or(0, nanoseconds);
    hash_of(&(modified, data.len(), extra(data)))
}

/// Whether a file has rested long enough for its fingerprint to mean something.
fn is_settled(data: &Metadata, now: SystemTime) -> bool {
    let modified = data.modified().map_or(0, nanoseconds);
    let latest = modified.max(extra(data)[0]);
    nanoseconds(now).saturating_sub(latest) > RESTLESS.as_nanos() as u64
}

fn nanoseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos() as u64)
}

#[cfg(unix)]
fn extra(data: &Metadata) -> [u64; 2] {
    use std::os::unix::fs::MetadataExt;
    let changed = data.ctime().cast_unsigned().wrapping_mul(1_000_000_000);
    [
        changed.wrapping_add(data.ctime_nsec().cast_unsigned()),
        data.ino(),
    ]
}

#[cfg(not(unix))]
fn extra(data: &Metadata) -> [u64; 2] {
    [0, data.created().map_or(0, nanoseconds)]
}

/// What was seen of the files that were read, by hash of their path: looking
/// for changes in a folder reads only what changed.
#[derive(Debug, Default)]
pub struct Fingerprints(DashMap<u64, u64>);

impl Fingerprints {
    /// Whether a file was read in this very state.
    pub fn knows(&self, path: &Path, data: &Metadata) -> bool {
        let seen = self.0.get(&hash_of(path)).map(|seen| *seen);
        seen == Some(fingerprint(data))
    }

    /// A file is gone, or to be read again.
    pub fn forget(&self, path: &Path) {
        self.0.remove(&hash_of(path));
    }

    /// All files are to be read again.
    pub fn clear(&self) {
        self.0.clear();
    }

    /// A file was read in this state, which was looked at `now`.
    pub fn note(&self, path: &Path, data: &Metadata, now: SystemTime) {
        if is_settled(data, now) {
            self.0.insert(hash_of(path), fingerprint(data));
        } else {
            self.forget(path);
        }
    }
}

fn hash_of(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
