//! Code actions.

use serde_json::{Value, json};
use tower_lsp::gen_lsp_types as lsp;
use tower_lsp::jsonrpc::{Error, Result};

use super::Server;
use crate::actions;

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
        action["edit"] = json!(edit);
        Ok(action)
    }
}
