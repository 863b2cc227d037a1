//! Renames, and files that the client moves and deletes.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tower_lsp::gen_lsp_types as lsp;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use vaultmark_vault::query::rename::Options;

use super::Server;
use crate::background::Background;
use crate::capabilities::Capabilities;
use crate::client::Progress;
use crate::edits::DocumentEdit;
use crate::outbox::{Ticket, Written};
use crate::rename::pending::{Due, Moved, Pending};
use crate::rename::{self, Answer, Failure, answer, command, files};
use crate::snapshot::Snapshot;
use crate::{convert, disk};

/// The protocol's code for a request that is well formed and cannot be done.
const REQUEST_FAILED: i64 = -32803;
/// Answers to the question about the folder beside a folder note.
const ALONG: &str = "Rename the folder";
const NOT_ALONG: &str = "Keep the folder";
/// What the user is told whose question was about an older text.
const ASKED_IN_VAIN: &str =
    "Nothing was renamed: the note changed while you were asked about its folder. Try again.";
/// Progress is shown when so many notes are edited.
const MANY: usize = 500;
/// So long a client may take to make moves that it was asked for, one by one.
const SETTLE: Duration = Duration::from_secs(2);

impl Server {
    /// Says what would be renamed at a place.
    pub(super) async fn prepare_rename(
        &self,
        params: lsp::PrepareRenameParams,
    ) -> Result<Option<Value>> {
        let at = params.text_document_position_params;
        let Some(snapshot) = self.session.snapshot(&at.text_document.uri) else {
            return Ok(None);
        };
        let outdated = snapshot.outdated.clone();
        self.worker
            .run("prepareRename", outdated, move |_| {
                let offset = snapshot.offset(convert::line_col(at.position))?;
                Some(rename::begin(&snapshot, offset).map_err(refused))
            })
            .await?
            .transpose()
    }

    pub(super) async fn rename(&self, params: lsp::RenameParams) -> Result<Option<Ticket>> {
        let at = params.text_document_position_params;
        let capabilities = self.session.capabilities();
        let Some(mut snapshot) = self.session.snapshot(&at.text_document.uri) else {
            return Ok(None);
        };
        let mut options = options(&snapshot);
        let new = params.new_name;
        if capabilities.questions {
            let (before, new) = (snapshot.clone(), new.clone());
            let question = self.worker.run("rename", None, move |_| {
                let offset = before.offset(convert::line_col(at.position))?;
                rename::question(&before, offset, &new)
            });
            if let Some(question) = question.await? {
                let client = &self.background.client;
                let chosen = client.ask(question, &[ALONG, NOT_ALONG]).await;
                options.folder = chosen.as_deref() == Some(ALONG);
                // Much may have changed while the user thought.
                let now = self.session.snapshot(&at.text_document.uri);
                let version = snapshot.version_of(snapshot.file);
                let now = now.filter(|now| now.version_of(now.file) == version);
                snapshot = now.ok_or_else(|| refused(ASKED_IN_VAIN.to_owned()))?;
            }
        }
        let progress = match params.work_done_progress_params.work_done_token {
            Some(token) => Progress::late(&self.background.client, token, "Renaming"),
            None => Progress::default(),
        };
        let rename = Rename {
            background: self.background.clone(),
            uri: at.text_document.uri,
            position: at.position,
            new,
            options,
            capabilities,
            progress,
        };
        let outdated = snapshot.outdated.clone();
        let done = self.worker.run("rename", outdated, move |stop| {
            let done = rename.run(&snapshot, stop)?;
            Some(done.map(|answer| (Written::new(&answer.edit), answer)))
        });
        let (written, answer) = match done.await? {
            None => return Ok(None),
            Some(Err(Failure::Cancelled)) => return Err(Error::request_cancelled()),
            Some(Err(failure)) => return Err(refused(failure.into())),
            Some(Ok(done)) => done,
        };
        for warning in answer.warnings {
            self.background.client.warn(warning);
        }
        self.pending.answer(answer.moves, answer.proofs);
        Ok(Some(self.outbox.put(written?)))
    }

    /// Renames a note on the disk, for clients that move no files.
    pub(super) async fn rename_on_disk(
        &self,
        arguments: Option<Vec<Value>>,
    ) -> Result<Option<Value>> {
        let Some((uri, new)) = command::read(arguments.as_ref()) else {
            return Err(Error::invalid_params(
                "the argument must be an object with `uri` and `newName`",
            ));
        };
        let Some(snapshot) = self.session.snapshot(&uri) else {
            return Err(refused("This is no note of a vault.".to_owned()));
        };
        let options = options(&snapshot);
        let background = self.background.clone();
        let done = self.worker.run("executeCommand", None, move |_| {
            let done = command::run(&snapshot, &new, options)?;
            background.look_now(&done.paths);
            Ok(done)
        });
        let done = done.await?.map_err(refused)?;
        self.background.client.tell(done.message);
        Ok(Some(done.answer))
    }

    /// Edits the links to files that the client is about to move.
    pub(super) async fn will_rename_files(
        &self,
        params: lsp::RenameFilesParams,
    ) -> Result<Option<Ticket>> {
        let capabilities = self.session.capabilities();
        let pending = Arc::clone(&self.pending);
        let background = self.background.clone();
        let files = moved(&params);
        let following = self.worker.run("willRenameFiles", None, move |stop| {
            // The last moves count, though the vaults may not know of them yet.
            background.catch_up();
            let snapshots = background.session.snapshots();
            let text = |path: &Path| text_of(&snapshots, path);
            let (files, is_doubtful) = pending.strange(files, &text);
            let tick = |_, _| stop();
            let following = files::following(&snapshots, &files, capabilities, &tick)?;
            if following.changed.is_empty() {
                return Some((files, following, is_doubtful));
            }
            background.look_now(&following.changed);
            let snapshots = background.session.snapshots();
            let following = files::following(&snapshots, &files, capabilities, &tick)?;
            Some((files, following, is_doubtful))
        });
        let Some((files, following, is_doubtful)) = following.await? else {
            return Err(Error::request_cancelled());
        };
        for said in following.said {
            self.background.client.warn(said);
        }
        let moves = following.siblings;
        self.pending.follow(files, Due { moves, is_doubtful });
        // Of nothing, too, the answer is an edit: lsp-mode 9 moves no file without one.
        let written = self.written(following.texts, capabilities).await?;
        Ok(Some(written))
    }

    /// The client has moved files: copies in other tiers follow.
    pub(super) async fn did_rename_files(&self, params: lsp::RenameFilesParams) {
        let files = moved(&params);
        let due = self.pending.following(&files);
        let (background, pending) = (self.background.clone(), Arc::clone(&self.pending));
        if due.is_doubtful {
            tokio::spawn(async move {
                tokio::time::sleep(SETTLE).await;
                let is_left = |own: &Moved| own.0.exists() && !own.1.exists();
                let left = tokio::task::spawn_blocking(move || {
                    due.moves.into_iter().filter(is_left).collect()
                });
                move_copies(&background, &pending, left.await.unwrap_or_default());
            });
        } else {
            move_copies(&background, &pending, due.moves);
        }
        let paths = files.into_iter().flat_map(|(from, to)| [from, to]);
        self.background.look(&paths.collect());
    }

    /// Says how many links lead to files that the client is about to delete.
    pub(super) async fn will_delete_files(
        &self,
        params: lsp::DeleteFilesParams,
    ) -> Result<Option<Ticket>> {
        let capabilities = self.session.capabilities();
        let snapshots = self.session.snapshots();
        let files = params.files.iter();
        let paths: Vec<_> = files.filter_map(|file| convert::path(&file.uri)).collect();
        let found = self.worker.run("willDeleteFiles", None, move |_| {
            files::deleted(&snapshots, &paths)
        });
        let found = found.await?;
        for said in found.said {
            self.background.client.warn(said);
        }
        if found.texts.is_empty() {
            return Ok(None);
        }
        let written = self.written(found.texts, capabilities).await?;
        Ok(Some(written))
    }

    /// The edit that changes texts, written down.
    async fn written(
        &self,
        texts: Vec<DocumentEdit>,
        capabilities: Capabilities,
    ) -> Result<Ticket> {
        let written = self.worker.run("WorkspaceEdit", None, move |_| {
            Written::new(&answer::workspace_edit(texts, Vec::new(), capabilities))
        });
        Ok(self.outbox.put(written.await??))
    }
}

/// Asks the client to move copies in other tiers.
fn move_copies(background: &Background, pending: &Arc<Pending>, siblings: Vec<Moved>) {
    if siblings.is_empty() {
        return;
    }
    let capabilities = background.session.capabilities();
    let operations = answer::moving(&siblings);
    let edit = answer::workspace_edit(Vec::new(), operations, capabilities);
    let list: Vec<String> = siblings
        .iter()
        .map(|own| format!("`{}` to `{}`", own.0.display(), own.1.display()))
        .collect();
    let otherwise = format!(
        "The copies in other tiers were not moved, and links to them were. Move {}.",
        list.join(", ")
    );
    let number = pending.request(siblings);
    let pending = Arc::clone(pending);
    let done = move || pending.answered(number);
    background.client.apply(&edit, otherwise, done);
}

/// How the user wants renames, now.
fn options(snapshot: &Snapshot) -> Options {
    let mut options = Options::new(snapshot.vault.settings().renames);
    options.now = Some(jiff::ZonedDateTime::now().datetime());
    options
}

/// A rename at a place of a document.
struct Rename {
    background: Background,
    uri: lsp::Uri,
    position: lsp::Position,
    new: String,
    options: Options,
    capabilities: Capabilities,
    progress: Progress,
}

impl Rename {
    /// Makes the answer. Notes that changed on the disk are read again, once.
    fn run(
        &self,
        snapshot: &Snapshot,
        stop: &dyn Fn() -> bool,
    ) -> Option<std::result::Result<Answer, Failure>> {
        let done = self.answer(snapshot, stop)?;
        let Err(Failure::Changed(paths)) = &done else {
            return Some(done);
        };
        let paths: BTreeSet<_> = paths
            .iter()
            .map(|path| snapshot.root().join(path))
            .collect();
        self.background.look_now(&paths);
        let version = |snapshot: &Snapshot| snapshot.version_of(snapshot.file);
        let now = self.background.session.snapshot(&self.uri);
        match now.filter(|now| version(now) == version(snapshot)) {
            Some(now) => self.answer(&now, stop),
            None => Some(done),
        }
    }

    fn answer(
        &self,
        snapshot: &Snapshot,
        stop: &dyn Fn() -> bool,
    ) -> Option<std::result::Result<Answer, Failure>> {
        let offset = snapshot.offset(convert::line_col(self.position))?;
        let tick = |done, total| {
            if total >= MANY {
                self.progress.report(done, total);
            }
            stop()
        };
        let (options, capabilities) = (self.options, self.capabilities);
        Some(rename::edit(
            snapshot,
            offset,
            &self.new,
            options,
            capabilities,
            &tick,
        ))
    }
}

/// Old and new paths; what is no file on a disk is left out.
fn moved(params: &lsp::RenameFilesParams) -> Vec<Moved> {
    let files = params.files.iter();
    let files = files
        .filter_map(|file| Some((convert::path(&file.old_uri)?, convert::path(&file.new_uri)?)));
    files.collect()
}

/// The text of a note as it is now, open or not.
fn text_of(snapshots: &[Snapshot], path: &Path) -> Option<String> {
    snapshots.iter().rev().find_map(|own| {
        let inside = disk::relative(own.root(), path)?;
        match own.open_text(&inside) {
            Some(text) => Some(text),
            None => disk::text(own.root(), &inside),
        }
    })
}

/// The answer to a request that can be understood and not done.
pub(super) fn refused(why: String) -> Error {
    Error {
        code: ErrorCode::ServerError(REQUEST_FAILED),
        message: why.into(),
        data: None,
    }
}
