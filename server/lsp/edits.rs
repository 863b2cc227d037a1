//! Edits of a vault as the client takes them.

use serde_json::{Value, json};
use vaultmark_vault::edit::{TextEdit, VaultEdit};
use vaultmark_vault::index::FileId;
use vaultmark_vault::lines::LineIndex;

use crate::snapshot::Snapshot;
use crate::{convert, disk};

/// A `WorkspaceEdit`. Edits of open notes are of their versions only; new
/// files come first, and never replace one. `None` when the client can take
/// no new files, or a note of the edit is gone.
pub fn workspace_edit(snapshot: &Snapshot, edit: &VaultEdit) -> Option<Value> {
    if !snapshot.document_changes {
        let changes = edit.texts.iter().map(|(&file, edits)| {
            let edits = text_edits(&lines(snapshot, file)?, edits);
            Some((snapshot.address(file)?, edits))
        });
        let changes: Option<serde_json::Map<String, Value>> = changes.collect();
        return changes
            .filter(|_| edit.created.is_empty())
            .map(|changes| json!({"changes": changes}));
    }
    let mut changes = Vec::new();
    for (path, text) in &edit.created {
        // Behind a link the file would lie elsewhere, and be no note of the vault.
        if disk::is_behind_link(snapshot.root(), path) {
            return None;
        }
        let uri = snapshot.address_of(path);
        changes.push(json!({
            "kind": "create",
            "uri": uri,
            "options": {"overwrite": false, "ignoreIfExists": false},
        }));
        if !text.is_empty() {
            let start = json!({"line": 0, "character": 0});
            changes.push(json!({
                "textDocument": {"uri": uri, "version": null},
                "edits": [{"range": {"start": start, "end": start}, "newText": text}],
            }));
        }
    }
    for (&file, edits) in &edit.texts {
        let document = json!({
            "uri": snapshot.address(file)?,
            "version": snapshot.version_of(file),
        });
        let edits = text_edits(&lines(snapshot, file)?, edits);
        changes.push(json!({"textDocument": document, "edits": edits}));
    }
    Some(json!({"documentChanges": changes}))
}

fn lines(snapshot: &Snapshot, file: FileId) -> Option<LineIndex> {
    let facts = snapshot.vault.facts(file)?;
    Some(facts.lines().index(snapshot.encoding))
}

/// Edits of one text in the protocol's form.
pub fn text_edits(lines: &LineIndex, edits: &[TextEdit]) -> Value {
    let edits = edits
        .iter()
        .map(|(range, new)| json!({"range": convert::range(lines, range), "newText": new}));
    edits.collect()
}
