//! Methods whose answers hold edits of notes.

use serde_json::{Value, json};
use tower_lsp::gen_lsp_types as lsp;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use super::Server;
use crate::{actions, convert, rename};

/// The protocol's code for a request that is well formed and cannot be done.
const REQUEST_FAILED: i64 = -32803;

impl Server {
    pub(super) async fn code_action(
        &self,
        params: lsp::CodeActionParams,
    ) -> Result<Option<Vec<Value>>> {
        let capabilities = self.session.capabilities();
        if !capabilities.action_literals {
            return Ok(None);
        }
        let uri = params.text_document.uri;
        let Some(snapshot) = self.session.snapshot(&uri) else {
            return Ok(None);
        };
        let range = params.range;
        let only = params.context.only;
        let only: Option<Vec<String>> = serde_json::to_value(only)
            .ok()
            .and_then(|only| serde_json::from_value(only).ok());
        self.worker
            .run("codeAction", snapshot.outdated.clone(), move |_| {
                let bytes = snapshot.range_of(range)?;
                let version = snapshot.version_of(snapshot.file);
                let data = json!({"uri": uri, "version": version, "range": range});
                let only = only.as_deref();
                Some(actions::list(&snapshot, &bytes, only, capabilities, &data))
            })
            .await
    }

    /// Adds the edit to an action that was chosen.
    pub(super) async fn code_action_resolve(&self, mut action: Value) -> Result<Value> {
        let read = |field: &str| action["data"].get(field).cloned().unwrap_or_default();
        let (uri, range) = (read("uri"), read("range"));
        let range: Option<lsp::Range> = serde_json::from_value(range).ok();
        let uri = uri.as_str().and_then(|uri| lsp::Uri::parse(uri).ok());
        let title = action["title"].as_str().map(str::to_owned);
        let (Some(uri), Some(range), Some(title)) = (uri, range, title) else {
            return Ok(action);
        };
        let snapshot = self.session.snapshot(&uri);
        let snapshot = snapshot.filter(|snapshot| {
            serde_json::to_value(snapshot.version_of(snapshot.file)).ok() == Some(read("version"))
        });
        let Some(snapshot) = snapshot else {
            return Err(Error::content_modified());
        };
        let edit = self
            .worker
            .run("codeAction/resolve", snapshot.outdated.clone(), move |_| {
                let bytes = snapshot.range_of(range)?;
                actions::edit(&snapshot, &bytes, &title)
            })
            .await?;
        let Some(edit) = edit else {
            return Err(Error::content_modified());
        };
        action["edit"] = edit;
        Ok(action)
    }

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

    pub(super) async fn rename(&self, params: lsp::RenameParams) -> Result<Option<Value>> {
        let at = params.text_document_position_params;
        let capabilities = self.session.capabilities();
        let Some(snapshot) = self.session.snapshot(&at.text_document.uri) else {
            return Ok(None);
        };
        let outdated = snapshot.outdated.clone();
        let done = self
            .worker
            .run("rename", outdated, move |_| {
                let offset = snapshot.offset(convert::line_col(at.position))?;
                Some(rename::edit(
                    &snapshot,
                    offset,
                    &params.new_name,
                    capabilities,
                ))
            })
            .await?;
        let Some(done) = done else {
            return Ok(None);
        };
        let (edit, warnings) = done.map_err(refused)?;
        for warning in warnings {
            self.background.client.warn(warning);
        }
        Ok(Some(edit))
    }
}

/// The answer to a request that can be understood and not done.
fn refused(why: String) -> Error {
    Error {
        code: ErrorCode::ServerError(REQUEST_FAILED),
        message: why.into(),
        data: None,
    }
}
