//! A rename as the client takes it: the edits of all notes, then the moves of
//! files.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vaultmark_vault::index::FileId;
use vaultmark_vault::query::rename::{Edit, Part, Plan};

use crate::capabilities::Capabilities;
use crate::convert;
use crate::edits::{by_address, document_edit, lines};
use crate::snapshot::Snapshot;

/// The `WorkspaceEdit` of a plan. Edits come before the moves, with the old
/// addresses. `None` when a file is gone.
pub fn workspace_edit(
    snapshot: &Snapshot,
    plan: &Plan,
    edits: &BTreeMap<FileId, Vec<Edit>>,
    capabilities: Capabilities,
) -> Option<Value> {
    let annotated = capabilities.change_annotations;
    let text_edits = |file: FileId, edits: &[Edit]| {
        let lines = lines(snapshot, file)?;
        let edits = edits.iter().map(|edit| {
            let mut value =
                json!({"range": convert::range(&lines, &edit.range), "newText": edit.new});
            if annotated {
                value["annotationId"] = json!(edit.part.words());
            }
            value
        });
        Some((file, edits.collect::<Value>()))
    };
    let texts = edits.iter().filter(|own| !own.1.is_empty());
    let texts = texts.map(|(&file, own)| text_edits(file, own));
    let texts = texts.collect::<Option<Vec<_>>>()?;
    // Some clients take moves of files without saying that they take versions.
    if !capabilities.document_changes && plan.moves.is_empty() {
        return by_address(snapshot, texts);
    }
    let mut changes = Vec::with_capacity(texts.len() + plan.moves.len());
    for (file, edits) in texts {
        changes.push(document_edit(snapshot, file, edits)?);
    }
    for own in &plan.moves {
        changes.push(json!({
            "kind": "rename",
            "oldUri": snapshot.address(own.file)?,
            "newUri": snapshot.address_of(&own.to),
            "options": {"overwrite": false, "ignoreIfExists": false},
        }));
    }
    let mut edit = json!({"documentChanges": changes});
    if annotated {
        let parts = Part::ALL.iter().map(|part| {
            let label = json!({"label": part.words(), "needsConfirmation": part.is_uncertain()});
            (part.words().to_owned(), label)
        });
        edit["changeAnnotations"] = Value::Object(parts.collect());
    }
    Some(edit)
}
