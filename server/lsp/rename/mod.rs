//! Renames, as an editor and the command line ask for them.

pub mod answer;
pub mod check;
pub mod settings;

use serde_json::{Value, json};
use vaultmark_vault::query::rename::{Options, Refusal, at, prepare};

use crate::capabilities::Capabilities;
use crate::snapshot::Snapshot;

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
    let options = Options::new(vault.settings().renames);
    let plan = at(vault, &found.subject, new, options, snapshot).map_err(words)?;
    if !plan.moves.is_empty() && !capabilities.rename_files {
        return Err(
            "Nothing was renamed: this editor lets no language server move files, and links to a file that stays would break."
                .to_owned(),
        );
    }
    check::disk(snapshot, &plan)?;
    let edits = plan.all_edits(vault, snapshot).map_err(words)?;
    let edit = answer::workspace_edit(snapshot, &plan, &edits, capabilities);
    Ok((edit.ok_or(GONE)?, plan.warnings))
}
