//! Renames, as an editor and the command line ask for them.

pub mod answer;
pub mod check;
pub mod command;
pub mod created;
pub mod files;
pub mod pending;
pub mod perform;
pub mod pool;
pub mod said;
pub mod settings;
pub mod symlinks;
pub mod texts;
pub mod unread;

use serde_json::{Value, json};
use vaultmark_vault::edit::{TextEdit, applied};
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::rename::{
    Edit, Edits, Options, Plan, Refusal, at, folder_beside, prepare,
};
use vaultmark_vault::settings::FolderOfNote;

use crate::capabilities::Capabilities;
use crate::disk;
use crate::edits::WorkspaceEdit;
use crate::snapshot::Snapshot;
use pending::{Moved, Proof};

/// What the user is told when a file of the rename has no address any more.
const GONE: &str = "Nothing was renamed: a file that would change is gone. Try again.";

/// So many notes are looked at to see whether an edit was made.
const MAX_PROOFS: usize = 4;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// These notes, by their paths from the root, are not what was read from
    /// them; they are to be read again.
    Changed(Vec<String>),
    /// Nobody wants the answer any more.
    Cancelled,
    /// It cannot be done; why, in words.
    Refused(String),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Changed(paths) => Self::Changed(paths),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Changed(paths) => Refusal::Changed(paths).to_string(),
            Failure::Cancelled => "The rename was cancelled.".to_owned(),
            Failure::Refused(why) => why,
        }
    }
}

/// A rename that can be made.
#[derive(Debug)]
pub struct Answer {
    /// All that the client is to do.
    pub edit: WorkspaceEdit,
    /// What the user should be told.
    pub warnings: Vec<String>,
    /// What the edit moves.
    pub moves: Vec<Moved>,
    /// Notes by which it can be seen that the edit was made.
    pub proofs: Vec<Proof>,
}

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

/// The question whether the folder beside a folder note goes along, if that is
/// to be asked when what stands at a byte offset gets another name.
pub fn question(snapshot: &Snapshot, offset: u32, new: &str) -> Option<String> {
    let vault = &snapshot.vault;
    if vault.settings().renames.folder != FolderOfNote::Ask {
        return None;
    }
    let found = prepare(vault, snapshot.file, offset, snapshot).ok()?;
    let (from, to) = folder_beside(vault, &found.subject, new)?;
    Some(format!(
        "The note has a folder beside it. Shall the folder `{from}` become `{to}` as well?"
    ))
}

/// Gives what stands at a byte offset another name. `tick` is called now and
/// then with how many of how many notes are done, and says whether to stop.
///
/// # Errors
/// See [`Failure`]; it is never done by halves.
pub fn edit(
    snapshot: &Snapshot,
    offset: u32,
    new: &str,
    options: Options,
    capabilities: Capabilities,
    tick: &dyn Fn(usize, usize) -> bool,
) -> Result<Answer, Failure> {
    check::is_read(snapshot).map_err(Failure::Refused)?;
    let (snapshot, unknown) = unread::guessed(snapshot);
    let (vault, snapshot) = (&snapshot.vault, &snapshot);
    let found = prepare(vault, snapshot.file, offset, snapshot)?;
    let mut plan = at(vault, &found.subject, new, options, snapshot)?;
    created::check(&mut plan, capabilities);
    if !plan.moves.is_empty() && !capabilities.rename_files {
        return Err(Failure::Refused(
            "Nothing was renamed: this editor lets no language server move files. Use the server's command `vaultmark.rename`, or `vaultmark rename` in a terminal."
                .to_owned(),
        ));
    }
    check::disk(snapshot, &plan).map_err(Failure::Refused)?;
    let edits = read(snapshot, &plan, tick)?;
    let texts = answer::texts(snapshot, &edits, capabilities);
    let texts = texts.ok_or_else(|| Failure::Refused(GONE.to_owned()))?;
    let moves = answer::moves(&plan);
    let mut operations = answer::operations(snapshot, &moves);
    operations.extend(created::operations(snapshot, &plan));
    let absolute = |path: &String| snapshot.root().join(path);
    plan.warnings.extend(unknown);
    plan.warnings.extend(said::shortened(snapshot, &plan));
    Ok(Answer {
        edit: answer::workspace_edit(texts, operations, capabilities),
        warnings: plan.warnings,
        moves: moves
            .iter()
            .map(|own| (absolute(&own.0), absolute(&own.1)))
            .collect(),
        proofs: proofs(snapshot, &edits),
    })
}

/// The edits of a plan; see [`texts::edits`].
fn read(
    snapshot: &Snapshot,
    plan: &Plan,
    tick: &dyn Fn(usize, usize) -> bool,
) -> Result<Edits, Failure> {
    let total = plan.files().count();
    let edits = texts::edits(&snapshot.vault, plan, snapshot, &|done| tick(done, total));
    match edits.ok_or(Failure::Cancelled)? {
        // A text that is there and does not fit the facts, or a note that is gone,
        // is news.
        Err(Refusal::Unreadable(paths)) if paths.iter().all(|path| is_news(snapshot, path)) => {
            Err(Failure::Changed(paths))
        }
        edits => Ok(edits?),
    }
}

fn is_news(snapshot: &Snapshot, path: &str) -> bool {
    disk::look(snapshot.root(), path).is_none() || disk::text(snapshot.root(), path).is_some()
}

/// How some notes that are edited read afterwards: with all edits, and with those
/// that nobody is asked about.
fn proofs(snapshot: &Snapshot, edits: &Edits) -> Vec<Proof> {
    let is_sure = |edit: &&Edit| !edit.part.is_uncertain();
    let (sure, unsure): (Vec<_>, Vec<_>) = edits
        .iter()
        .filter(|own| !own.1.is_empty())
        .partition(|own| own.1.iter().all(|edit| is_sure(&edit)));
    let notes = sure.into_iter().chain(unsure).take(MAX_PROOFS);
    let proofs = notes.filter_map(|(&file, edits)| {
        let text = snapshot.text(file)?;
        let made = |edits: Vec<&Edit>| {
            let edits = edits.into_iter();
            let edits: Vec<TextEdit> = edits
                .map(|edit| (edit.range.clone(), edit.new.clone()))
                .collect();
            applied(&text, &edits)
        };
        let mut ways = vec![
            made(edits.iter().collect()),
            made(edits.iter().filter(is_sure).collect()),
        ];
        ways.retain(|way| *way != *text);
        Some(Proof::new(snapshot.file_path(file)?, &ways))
    });
    proofs.collect()
}
