//! Renames as the client takes them: the edits of all notes, then the moves
//! of files.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vaultmark_vault::index::FileId;
use vaultmark_vault::query::rename::{Edit, Options, Part, Plan, Refusal, at, prepare};

use crate::capabilities::Capabilities;
use crate::edits::{by_address, document_edit, lines};
use crate::snapshot::Snapshot;
use crate::{convert, disk};

/// What the user is told while links of unread notes are not known.
const UNREAD: &str = "Nothing was renamed: the vault is still being read, so not all links are known. Try again when that has ended.";

/// What the user is told when a file of the rename has no address any more.
const GONE: &str = "Nothing was renamed: a file that would change is gone. Try again.";

/// The range and the name with which a rename at a byte offset begins.
///
/// # Errors
/// In words, why nothing can be renamed here.
pub fn begin(snapshot: &Snapshot, offset: u32) -> Result<Value, String> {
    let found = prepare(&snapshot.vault, snapshot.file, offset, snapshot);
    let found = found.map_err(|refusal| refusal.to_string())?;
    Ok(json!({
        "range": snapshot.range(snapshot.file, &found.range),
        "placeholder": found.name,
    }))
}

/// The `WorkspaceEdit` that gives what stands at a byte offset another name,
/// and what the user should be told of it.
///
/// # Errors
/// In words, why nothing is renamed; it is never done by halves.
pub fn edit(
    snapshot: &Snapshot,
    offset: u32,
    new: &str,
    capabilities: Capabilities,
) -> Result<(Value, Vec<String>), String> {
    if !snapshot.vault.is_complete() {
        return Err(UNREAD.to_owned());
    }
    let words = |refusal: Refusal| refusal.to_string();
    let vault = &snapshot.vault;
    let found = prepare(vault, snapshot.file, offset, snapshot).map_err(words)?;
    let plan = at(vault, &found.subject, new, Options::default(), snapshot).map_err(words)?;
    if !plan.moves.is_empty() && !capabilities.rename_files {
        return Err(
            "Nothing was renamed: this editor lets no language server move files, and links to a file that stays would break."
                .to_owned(),
        );
    }
    check_disk(snapshot, &plan)?;
    let edits = plan.all_edits(vault, snapshot).map_err(words)?;
    let edit = workspace_edit(snapshot, &plan, &edits, capabilities);
    Ok((edit.ok_or(GONE)?, plan.warnings))
}

/// Whether the files of the plan are as the vault knows them, and can change.
fn check_disk(snapshot: &Snapshot, plan: &Plan) -> Result<(), String> {
    let root = snapshot.root();
    for own in &plan.moves {
        if disk::is_behind_link(root, &own.to) {
            let to = &own.to;
            return Err(format!(
                "Nothing was renamed: `{to}` lies behind a symbolic link, where Vaultmark sees no notes."
            ));
        }
        let source = std::fs::canonicalize(root.join(&own.from));
        let target = std::fs::canonicalize(root.join(&own.to));
        // On some disks a name in another case is the same file.
        if target.is_ok_and(|target| !source.is_ok_and(|source| source == target)) {
            return Err(Refusal::Taken(vec![own.to.clone()]).to_string());
        }
    }
    let is_locked = |file: &FileId| {
        let data = snapshot
            .file_path(*file)
            .and_then(|path| path.metadata().ok());
        data.is_some_and(|data| data.permissions().readonly())
    };
    let locked: Vec<FileId> = plan.files().filter(is_locked).collect();
    match locked.first().and_then(|&file| snapshot.vault.path(file)) {
        None => Ok(()),
        Some(path) => Err(format!(
            "Nothing was renamed: {} of the notes to be edited may only be read, such as `{path}`.",
            locked.len()
        )),
    }
}

/// Edits come before the moves, with the old addresses. `None` when a file is
/// gone.
fn workspace_edit(
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
