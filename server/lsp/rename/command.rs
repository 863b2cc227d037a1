//! The command by which the server itself renames a note on the disk, for
//! editors that let no language server move files.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::PathBuf;

use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::Uri;
use vaultmark_vault::index::FileId;
use vaultmark_vault::query::rename::{Options, Plan, Subject, at};

use super::perform::perform;
use super::{answer, check, said};
use crate::apply::Fault;
use crate::disk;
use crate::snapshot::Snapshot;

/// The name of the command. Its argument is an object with the `uri` of the note
/// and its `newName`, as in `textDocument/rename`. It gives an object with the
/// `moves` that were made, each with `from` and `to`, and a `message`.
pub const RENAME: &str = "vaultmark.rename";

/// The note and its new name; `None` when the arguments are no such thing.
pub fn read(arguments: Option<&Vec<Value>>) -> Option<(Uri, String)> {
    let asked = arguments?.first()?;
    let uri = Uri::parse(asked["uri"].as_str()?).ok()?;
    Some((uri, asked["newName"].as_str()?.to_owned()))
}

/// A rename that was made.
#[derive(Debug)]
pub struct Done {
    /// What the client is answered.
    pub answer: Value,
    /// What the user is told.
    pub message: String,
    /// The files that are others now.
    pub paths: BTreeSet<PathBuf>,
}

/// Gives the note of a request another name on the disk. It can be taken back
/// with `vaultmark undo`.
///
/// # Errors
/// In words, why nothing was done.
pub fn run(snapshot: &Snapshot, new: &str, options: Options) -> Result<Done, String> {
    check::is_read(snapshot)?;
    let (vault, subject) = (&snapshot.vault, Subject::File(snapshot.file));
    let plan = at(vault, &subject, new, options, snapshot);
    let plan = plan.map_err(|refusal| refusal.to_string())?;
    are_saved(snapshot, &plan)?;
    let old = vault.path(snapshot.file).unwrap_or_default();
    let what = format!("`{old}` to `{new}`");
    let go_on = |_, _| ControlFlow::Continue(());
    perform(snapshot, &plan, &what, |_| {}, &go_on).map_err(|fault| match fault {
        Fault::Refused(why) => why,
        Fault::Failed(error) => format!("{error:#}"),
        Fault::Stopped => "The rename was interrupted; `vaultmark undo` takes it back.".to_owned(),
    })?;
    let moves = answer::moves(&plan);
    let absolute = |path: &str| snapshot.root().join(path);
    let listed = moves
        .iter()
        .map(|(from, to)| json!({"from": absolute(from), "to": absolute(to)}));
    let count = moves.len();
    let things = if count == 1 {
        "file or folder"
    } else {
        "files or folders"
    };
    let notes = plan.files().count();
    let mut message = format!(
        "Renamed: {count} {things} moved, {notes} notes written. `vaultmark undo` takes it back."
    );
    for more in plan
        .warnings
        .iter()
        .cloned()
        .chain(said::shortened(snapshot, &plan))
    {
        message.push(' ');
        message.push_str(&more);
    }
    let touched = plan.files().filter_map(|file| snapshot.file_path(file));
    let ends = moves
        .iter()
        .flat_map(|(from, to)| [absolute(from), absolute(to)]);
    Ok(Done {
        answer: json!({"moves": listed.collect::<Value>(), "message": message}),
        paths: touched.chain(ends).collect(),
        message,
    })
}

/// Whether the notes that the editor holds are saved as it holds them.
fn are_saved(snapshot: &Snapshot, plan: &Plan) -> Result<(), String> {
    let touched: BTreeSet<FileId> = plan
        .files()
        .chain(plan.moves.iter().map(|own| own.file))
        .collect();
    let is_unsaved = |path: &String| {
        let open = snapshot.open_text(path);
        open.is_some_and(|open| disk::text(snapshot.root(), path).as_ref() != Some(&open))
    };
    let paths = touched.iter().filter_map(|&file| snapshot.vault.path(file));
    let unsaved: Vec<String> = paths.filter(is_unsaved).collect();
    match unsaved.first() {
        None => Ok(()),
        Some(first) => Err(format!(
            "Nothing was renamed: {} of the notes that would change are not saved, such as `{first}`. Save them first.",
            unsaved.len()
        )),
    }
}
