//! Edits of a vault as the client takes them.

use serde_json::{Value, json};
use vaultmark_vault::edit::{TextEdit, VaultEdit};
use vaultmark_vault::index::FileId;
use vaultmark_vault::lines::LineIndex;

use crate::snapshot::Snapshot;
use crate::{convert, disk};

/// A `WorkspaceEdit`. Edits of open notes are of their versions only; new
/// files come first, and never replace one; the client must be able to make
/// them. `None` when a note of the edit is gone.
pub fn workspace_edit(snapshot: &Snapshot, edit: &VaultEdit) -> Option<Value> {
    let texts = edit.texts.iter();
    let texts = texts.map(|(&file, edits)| {
        let edits = text_edits(&lines(snapshot, file)?, edits);
        document_edit(snapshot, file, edits)
    });
    let texts = texts.collect::<Option<Vec<Value>>>()?;
    // Neovim makes new files, and does not say that it takes `documentChanges`.
    if !snapshot.document_changes && edit.created.is_empty() {
        return Some(by_address(texts));
    }
    let mut changes = Vec::new();
    for (path, text) in &edit.created {
        // Behind a link the file would lie elsewhere, and be no note of the vault.
        if disk::is_behind_link(snapshot.root(), path) {
            return None;
        }
        changes.extend(creation(&snapshot.address_of(path), text));
    }
    changes.extend(texts);
    Some(json!({"documentChanges": changes}))
}

/// The changes that make a new file, which never replaces one.
pub fn creation(uri: &str, text: &str) -> Vec<Value> {
    let mut changes = vec![json!({
        "kind": "create",
        "uri": uri,
        "options": {"overwrite": false, "ignoreIfExists": false},
    })];
    if !text.is_empty() {
        let start = json!({"line": 0, "character": 0});
        changes.push(json!({
            "textDocument": {"uri": uri, "version": null},
            "edits": [{"range": {"start": start, "end": start}, "newText": text}],
        }));
    }
    changes
}

/// A `WorkspaceEdit` of edits of texts, each as [`document_edit`] makes it, for
/// a client that takes no versions.
pub fn by_address(texts: Vec<Value>) -> Value {
    let changes = texts.into_iter().filter_map(|mut text| {
        let address = text["textDocument"]["uri"].as_str()?.to_owned();
        Some((address, text["edits"].take()))
    });
    json!({"changes": changes.collect::<serde_json::Map<String, Value>>()})
}

/// A `WorkspaceEdit` of one note whose lines are at hand.
pub fn note_edit(
    snapshot: &Snapshot,
    file: FileId,
    lines: &LineIndex,
    edits: &[TextEdit],
) -> Option<Value> {
    let edit = document_edit(snapshot, file, text_edits(lines, edits))?;
    Some(if snapshot.document_changes {
        json!({"documentChanges": [edit]})
    } else {
        by_address(vec![edit])
    })
}

/// The edits of one text, of the version that is open.
pub fn document_edit(snapshot: &Snapshot, file: FileId, edits: Value) -> Option<Value> {
    let mut change = json!({"textDocument": {
        "uri": snapshot.address(file)?,
        "version": snapshot.version_of(file),
    }});
    change["edits"] = edits;
    Some(change)
}

/// Reads the lines of a note.
pub fn lines(snapshot: &Snapshot, file: FileId) -> Option<LineIndex> {
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
