//! What was seen of files, so that those that did not change are not read again.

use std::fs::Metadata;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dashmap::DashMap;

/// A file that changed so shortly ago may change again within one tick of the
/// disk's clock, and look the same.
const RESTLESS: Duration = Duration::from_secs(2);

/// What tells a file from what it was: times of change, size, and identity.
/// `cp -p` keeps the time of its text, and renaming keeps all but the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fingerprint([u64; 4]);

impl Fingerprint {
    fn new(data: &Metadata) -> Self {
        let modified = data.modified().map_or(0, nanoseconds);
        let [changed, identity] = extra(data);
        Self([modified, data.len(), changed, identity])
    }

    /// Whether the file has rested long enough for this to mean something.
    fn is_settled(self, now: SystemTime) -> bool {
        let latest = self.0[0].max(self.0[2]);
        nanoseconds(now).saturating_sub(latest) > RESTLESS.as_nanos() as u64
    }
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
pub struct Fingerprints(DashMap<u64, Fingerprint>);

impl Fingerprints {
    /// Whether a file was read in this very state.
    pub fn knows(&self, path: &Path, data: &Metadata) -> bool {
        let seen = self.0.get(&path_hash(path)).map(|seen| *seen);
        seen == Some(Fingerprint::new(data))
    }

    /// A file is gone, or to be read again.
    pub fn forget(&self, path: &Path) {
        self.0.remove(&path_hash(path));
    }

    /// All files are to be read again.
    pub fn clear(&self) {
        self.0.clear();
    }

    /// A file was read in this state, which was looked at `now`.
    pub fn note(&self, path: &Path, data: &Metadata, now: SystemTime) {
        let seen = Fingerprint::new(data);
        if seen.is_settled(now) {
            self.0.insert(path_hash(path), seen);
        } else {
            self.forget(path);
        }
    }
}

fn path_hash(path: &Path) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    path.hash(&mut hasher);
    hasher.finish()
}
