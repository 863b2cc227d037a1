//! Edits of a vault as the client takes them.
//!
//! They are kept as what they are until they are written: a tree of JSON values
//! of ten thousands of edits takes a hundred times the memory of their texts.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use tower_lsp::gen_lsp_types::Range;
use vaultmark_vault::edit::{self, VaultEdit};
use vaultmark_vault::index::FileId;
use vaultmark_vault::lines::LineIndex;

use crate::snapshot::Snapshot;
use crate::{convert, disk};

/// A `TextEdit`, or an `AnnotatedTextEdit` if it has an annotation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TextEdit {
    /// What is replaced.
    pub range: Range,
    /// By what.
    pub new_text: String,
    /// The key of its annotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotation_id: Option<&'static str>,
}

/// A `TextDocumentEdit`: the edits of one text, of the version that is open.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentEdit {
    text_document: Document,
    edits: Vec<TextEdit>,
}

#[derive(Clone, Debug, Serialize)]
struct Document {
    uri: String,
    version: Option<i32>,
}

/// One of the `documentChanges`.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Change {
    /// The edits of a text.
    Text(DocumentEdit),
    /// An operation on a file.
    File(Value),
}

/// A `WorkspaceEdit`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceEdit {
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<BTreeMap<String, Vec<TextEdit>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document_changes: Option<Vec<Change>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_annotations: Option<Map<String, Value>>,
}

impl WorkspaceEdit {
    /// For a client that takes versions, and operations on files.
    pub fn of_documents(changes: Vec<Change>) -> Self {
        Self {
            document_changes: Some(changes),
            ..Self::default()
        }
    }

    /// For a client that takes no versions.
    pub fn by_address(texts: impl IntoIterator<Item = DocumentEdit>) -> Self {
        let changes = texts.into_iter();
        let changes = changes.map(|text| (text.text_document.uri, text.edits));
        Self {
            changes: Some(changes.collect()),
            ..Self::default()
        }
    }

    /// The same edit with what its annotations mean.
    #[must_use]
    pub fn annotated(self, annotations: Map<String, Value>) -> Self {
        Self {
            change_annotations: Some(annotations),
            ..self
        }
    }
}

/// The `WorkspaceEdit` of an edit of the vault. Edits of open notes are of their
/// versions only; new files come first, and never replace one; the client must be
/// able to make them. `None` when a note of the edit is gone.
pub fn workspace_edit(snapshot: &Snapshot, edit: &VaultEdit) -> Option<WorkspaceEdit> {
    let texts = edit.texts.iter();
    let texts = texts.map(|(&file, edits)| {
        let edits = text_edits(&lines(snapshot, file)?, edits);
        document_edit(snapshot, file, edits)
    });
    let texts = texts.collect::<Option<Vec<DocumentEdit>>>()?;
    // Neovim makes new files, and does not say that it takes `documentChanges`.
    if !snapshot.document_changes && edit.created.is_empty() {
        return Some(WorkspaceEdit::by_address(texts));
    }
    let mut changes = Vec::new();
    for (path, text) in &edit.created {
        // Behind a link the file would lie elsewhere, and be no note of the vault.
        if disk::is_behind_link(snapshot.root(), path) {
            return None;
        }
        changes.extend(creation(&snapshot.address_of(path), text));
    }
    changes.extend(texts.into_iter().map(Change::Text));
    Some(WorkspaceEdit::of_documents(changes))
}

/// The changes that make a new file, which never replaces one.
pub fn creation(uri: &str, text: &str) -> Vec<Change> {
    let mut changes = vec![Change::File(json!({
        "kind": "create",
        "uri": uri,
        "options": {"overwrite": false, "ignoreIfExists": false},
    }))];
    if !text.is_empty() {
        changes.push(Change::Text(DocumentEdit {
            text_document: Document {
                uri: uri.to_owned(),
                version: None,
            },
            edits: vec![TextEdit {
                range: Range::default(),
                new_text: text.to_owned(),
                annotation_id: None,
            }],
        }));
    }
    changes
}

/// A `WorkspaceEdit` of one note whose lines are at hand.
pub fn note_edit(
    snapshot: &Snapshot,
    file: FileId,
    lines: &LineIndex,
    edits: &[edit::TextEdit],
) -> Option<WorkspaceEdit> {
    let edit = document_edit(snapshot, file, text_edits(lines, edits))?;
    Some(if snapshot.document_changes {
        WorkspaceEdit::of_documents(vec![Change::Text(edit)])
    } else {
        WorkspaceEdit::by_address([edit])
    })
}

/// The edits of one text, of the version that is open.
pub fn document_edit(
    snapshot: &Snapshot,
    file: FileId,
    edits: Vec<TextEdit>,
) -> Option<DocumentEdit> {
    let text_document = Document {
        uri: snapshot.address(file)?,
        version: snapshot.version_of(file),
    };
    Some(DocumentEdit {
        text_document,
        edits,
    })
}

/// Reads the lines of a note.
pub fn lines(snapshot: &Snapshot, file: FileId) -> Option<LineIndex> {
    let facts = snapshot.vault.facts(file)?;
    Some(facts.lines().index(snapshot.encoding))
}

/// Edits of one text in the protocol's form.
pub fn text_edits(lines: &LineIndex, edits: &[edit::TextEdit]) -> Vec<TextEdit> {
    let edits = edits.iter().map(|(range, new)| TextEdit {
        range: convert::range(lines, range),
        new_text: new.clone(),
        annotation_id: None,
    });
    edits.collect()
}
