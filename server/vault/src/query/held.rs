//! A vault with the texts of its notes, for tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::Change;
use crate::digest::Parsed;
use crate::edit::{TextEdit, applied};
use crate::index::FileId;
use crate::query::Texts;
use crate::settings::Settings;
use crate::vault::Vault;

/// Notes by path.
pub(crate) type Notes = BTreeMap<String, String>;

/// See the module.
pub(crate) struct Held {
    pub(crate) vault: Vault,
    pub(crate) notes: Notes,
}

impl Held {
    /// A vault that holds these notes and was read whole.
    pub(crate) fn new(notes: Notes, settings: &Arc<Settings>) -> Self {
        let mut vault = Vault::new(Arc::clone(settings));
        for (path, text) in &notes {
            let parsed = Parsed::of(path, text, vault.symbols(), &vault.parse_options());
            vault.apply([Change::Note(path.clone(), Some(parsed))]);
        }
        vault.set_complete();
        Self { vault, notes }
    }

    /// The text of a note after edits, which must be disjoint.
    pub(crate) fn edited(&self, path: &str, edits: &[TextEdit]) -> String {
        for pair in edits.windows(2) {
            assert!(pair[0].0.end <= pair[1].0.start, "{edits:?}");
        }
        applied(&self.notes[path], edits)
    }
}

impl Texts for Held {
    fn text(&self, file: FileId) -> Option<Arc<str>> {
        let text = self.notes.get(&self.vault.path(file)?)?;
        Some(text.as_str().into())
    }
}
