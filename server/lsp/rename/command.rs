//! The command by which the server itself renames a note on the disk, for
//! editors that let no language server move files.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::Uri;
use vaultmark_vault::change::Change;
use vaultmark_vault::digest::Parsed;
use vaultmark_vault::index::FileId;
use vaultmark_vault::query::rename::{Options, Plan, Subject, at};
use vaultmark_vault::vault::Vault;

use super::perform::perform;
use super::{answer, check, said, unread};
use crate::apply::Fault;
use crate::snapshot::Snapshot;
use crate::{disk, panics};

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
    let (snapshot, unknown) = unread::guessed(&on_disk(snapshot));
    let snapshot = &snapshot;
    let (vault, subject) = (&snapshot.vault, Subject::File(snapshot.file));
    let plan = at(vault, &subject, new, options, snapshot);
    let mut plan = plan.map_err(|refusal| refusal.to_string())?;
    plan.warnings.extend(unknown);
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

/// The same moment with notes as they are on the disk that the editor holds with
/// other ends of lines, or without a byte order mark: Emacs takes both off while it
/// has a note, and puts them back when it saves it.
fn on_disk(snapshot: &Snapshot) -> Snapshot {
    let (root, vault) = (snapshot.root(), &snapshot.vault);
    let found = snapshot.open.iter().filter_map(|(path, open)| {
        let (held, text) = (open.text.to_text(), disk::text(root, path)?);
        let is_dressed = held != text && plain(&held) == plain(&text);
        let options = vault.parse_options();
        let note = || Parsed::of(path, &text, vault.symbols(), &options);
        Some((path.clone(), is_dressed.then(|| panics::caught(note))??))
    });
    let found: Vec<(String, Parsed)> = found.collect();
    let mut whole = snapshot.clone();
    if !found.is_empty() {
        let mut open = FxHashMap::clone(&snapshot.open);
        open.retain(|path, _| !found.iter().any(|own| own.0 == *path));
        whole.open = Arc::new(open);
        let notes = found.into_iter();
        let notes = notes.map(|(path, note)| Change::Note(path, Some(note)));
        let mut vault = Vault::clone(vault);
        vault.apply(notes);
        whole.vault = Arc::new(vault);
    }
    whole
}

fn plain(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    text.replace("\r\n", "\n").replace('\r', "\n")
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
