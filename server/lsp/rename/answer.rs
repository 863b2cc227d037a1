//! A rename as the client takes it: the edits of all notes, then the moves of
//! files.

use std::path::PathBuf;

use serde_json::json;
use vaultmark_vault::query::rename::{Edits, Part, Plan};

use super::pending::Moved;
use crate::capabilities::Capabilities;
use crate::convert;
use crate::edits::{Change, DocumentEdit, TextEdit, WorkspaceEdit, document_edit, lines};
use crate::snapshot::Snapshot;

/// The edits of all notes, with the addresses that these have today. `None`
/// when a file is gone.
pub fn texts(
    snapshot: &Snapshot,
    edits: &Edits,
    capabilities: Capabilities,
) -> Option<Vec<DocumentEdit>> {
    let edits = edits.iter().filter(|own| !own.1.is_empty());
    let texts = edits.map(|(&file, edits)| {
        let lines = lines(snapshot, file)?;
        let edits = edits.iter().map(|edit| TextEdit {
            range: convert::range(&lines, &edit.range),
            new_text: edit.new.clone(),
            annotation_id: capabilities.change_annotations.then(|| edit.part.words()),
        });
        document_edit(snapshot, file, edits.collect())
    });
    texts.collect()
}

/// Old and new paths, from the root, of what is to be moved: whole folders, and
/// the files that lie in none of them.
pub fn moves(plan: &Plan) -> Vec<(String, String)> {
    let folders = plan.folders.iter().cloned();
    let files = plan.moves.iter().filter(|own| !plan.is_carried(&own.from));
    let files = files.map(|own| (own.from.clone(), own.to.clone()));
    folders.chain(files).collect()
}

/// The operations that make the moves of a plan.
pub fn operations(snapshot: &Snapshot, moves: &[(String, String)]) -> Vec<Change> {
    let operations = moves.iter().map(|(from, to)| {
        let file = snapshot.vault.find(from);
        let old = file.and_then(|file| snapshot.address(file));
        let old = old.unwrap_or_else(|| snapshot.address_of(from));
        operation(&old, &snapshot.address_of(to))
    });
    operations.collect()
}

/// The operations that move files and folders from path to path.
pub fn moving(moves: &[Moved]) -> Vec<Change> {
    let address = |path: &PathBuf| Some(convert::uri(path)?.to_string());
    let operations = moves.iter();
    let operations =
        operations.filter_map(|(from, to)| Some(operation(&address(from)?, &address(to)?)));
    operations.collect()
}

fn operation(old: &str, new: &str) -> Change {
    Change::File(json!({
        "kind": "rename",
        "oldUri": old,
        "newUri": new,
        "options": {"overwrite": false, "ignoreIfExists": false},
    }))
}

/// A `WorkspaceEdit` of edits of texts and of operations, which come last.
pub fn workspace_edit(
    texts: Vec<DocumentEdit>,
    operations: Vec<Change>,
    capabilities: Capabilities,
) -> WorkspaceEdit {
    // Some clients take moves of files without saying that they take versions.
    if !capabilities.document_changes && operations.is_empty() {
        return WorkspaceEdit::by_address(texts);
    }
    let texts = texts.into_iter().map(Change::Text);
    let edit = WorkspaceEdit::of_documents(texts.chain(operations).collect());
    if !capabilities.change_annotations {
        return edit;
    }
    let parts = Part::ALL.iter().map(|part| {
        let label = json!({"label": part.words(), "needsConfirmation": part.is_uncertain()});
        (part.words().to_owned(), label)
    });
    edit.annotated(parts.collect())
}
