//! What was seen of the vaults before, so that a look at diagnostics needs to
//! look only at what changed since.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use serde_json::Value;
use vaultmark_vault::index::FileId;
use vaultmark_vault::touched::Touched;
use vaultmark_vault::vault::Vault;

use crate::snapshot::Snapshot;

/// The moment of each root at which it was looked at last. A vault that is
/// being read is not kept: each batch of notes would copy what is shared.
#[derive(Debug, Default)]
pub struct Moments(FxHashMap<PathBuf, Arc<Vault>>);

impl Moments {
    /// Takes new moments of some roots for those of all, and says what differs
    /// in each. All snapshots of a root are to be of one moment.
    pub fn step<'s>(
        &mut self,
        snapshots: impl Iterator<Item = &'s Snapshot>,
    ) -> FxHashMap<PathBuf, Touched> {
        let before = std::mem::take(&mut self.0);
        let mut touched = FxHashMap::default();
        for snapshot in snapshots {
            let root = &snapshot.root;
            if touched.contains_key(root) {
                continue;
            }
            let differs = match before.get(root) {
                Some(old) => Touched::between(old, &snapshot.vault),
                None => Touched::all(),
            };
            touched.insert(root.clone(), differs);
            if snapshot.vault.is_complete() {
                self.0.insert(root.clone(), Arc::clone(&snapshot.vault));
            }
        }
        touched
    }
}

/// The reports that were pulled last and still hold, by root.
#[derive(Debug, Default)]
pub struct Reports(Mutex<FxHashMap<PathBuf, Pulled>>);

/// What was pulled of one root.
#[derive(Debug)]
struct Pulled {
    /// The moment at which all of the reports hold.
    vault: Arc<Vault>,
    reports: FxHashMap<String, Report>,
}

#[derive(Debug)]
struct Report {
    file: FileId,
    version: Option<i32>,
    id: String,
}

impl Reports {
    /// Whether the client's report, by its id, is the one of this moment.
    pub fn is_current(&self, uri: &str, snapshot: &Snapshot, previous: &str) -> bool {
        let mut roots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pulled) = roots.get_mut(&snapshot.root) else {
            return false;
        };
        if !Arc::ptr_eq(&pulled.vault, &snapshot.vault) {
            let touched = Touched::between(&pulled.vault, &snapshot.vault);
            let holds = |report: &Report| !touched.holds(&snapshot.vault, report.file);
            pulled.reports.retain(|_, report| holds(report));
            pulled.vault = Arc::clone(&snapshot.vault);
        }
        let report = pulled.reports.get(uri);
        report.is_some_and(|report| {
            (report.file, report.version) == (snapshot.file, snapshot.version_of(snapshot.file))
                && report.id == previous
        })
    }

    /// A report was made.
    pub fn note(&self, uri: String, snapshot: &Snapshot, report: &Value) {
        if !snapshot.vault.is_complete() {
            return;
        }
        let mut roots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pulled = roots
            .entry(snapshot.root.clone())
            .or_insert_with(|| Pulled {
                vault: Arc::clone(&snapshot.vault),
                reports: FxHashMap::default(),
            });
        let is_late = !Arc::ptr_eq(&pulled.vault, &snapshot.vault)
            && Touched::between(&snapshot.vault, &pulled.vault).holds(&pulled.vault, snapshot.file);
        if !is_late {
            let report = Report {
                file: snapshot.file,
                version: snapshot.version_of(snapshot.file),
                id: report["resultId"].as_str().unwrap_or_default().to_owned(),
            };
            pulled.reports.insert(uri, report);
        }
    }

    /// A document was closed.
    pub fn forget(&self, uri: &str) {
        let mut roots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        roots.retain(|_, pulled| {
            pulled.reports.remove(uri);
            !pulled.reports.is_empty()
        });
    }
}
