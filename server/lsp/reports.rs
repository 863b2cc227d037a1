//! What was found in open notes at one moment of a root: the list that the
//! client gets and the actions that mend it are made of the same, and it is
//! looked for once.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use rustc_hash::FxHashMap;
use vaultmark_vault::index::FileId;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::diagnostics::{Diagnostic, SIMILAR, diagnostics};
use vaultmark_vault::vault::Vault;

use crate::snapshot::Snapshot;

/// What was found in the open notes of a root.
#[derive(Debug, Default)]
pub struct Reports(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    /// The moment. A change of the vault makes another one, for this cannot be
    /// written to while somebody has an eye on it.
    vault: Weak<Vault>,
    found: FxHashMap<FileId, Arc<[Diagnostic]>>,
}

impl Reports {
    /// The diagnostics of the file of a snapshot of this root; none if its text
    /// cannot be read.
    pub fn of(&self, snapshot: &Snapshot) -> Arc<[Diagnostic]> {
        let vault = Arc::downgrade(&snapshot.vault);
        let held = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let held = held();
            if let Some(found) = held.found.get(&snapshot.file)
                && held.vault.ptr_eq(&vault)
            {
                return Arc::clone(found);
            }
        }
        let text = snapshot.text(snapshot.file);
        let found =
            text.map(|text| diagnostics(&snapshot.vault, snapshot.file, &text, SIMILAR, snapshot));
        let found: Arc<[Diagnostic]> = found.unwrap_or_default().into();
        // The text of a note that is not open may change before that is heard of.
        if snapshot.version_of(snapshot.file).is_some() {
            let mut held = held();
            if !held.vault.ptr_eq(&vault) {
                *held = Held {
                    vault,
                    found: FxHashMap::default(),
                };
            }
            held.found.insert(snapshot.file, Arc::clone(&found));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tower_lsp::gen_lsp_types::Uri;

    use super::*;
    use crate::session::Session;

    #[test]
    fn what_was_found_holds_for_one_moment() {
        let session = Session::default();
        let uri = Uri::parse("untitled:1").unwrap();
        session.open(uri.clone(), 1, "---\na: @x\n---\n");
        let now = || session.snapshot(&uri).unwrap();
        let before = now();
        let found = before.diagnostics();
        assert_eq!(found.len(), 1);
        assert!(Arc::ptr_eq(&found, &now().diagnostics()));
        let whole = json!([{"text": "---\na: @x\nb: @y\n---\n"}]);
        session.change(&uri, 2, serde_json::from_value(whole).unwrap());
        assert_eq!(now().diagnostics().len(), 2);
        // A request that began before goes on with its own moment.
        assert_eq!(before.diagnostics().len(), 1);
        assert_eq!(now().diagnostics().len(), 2);
    }
}
