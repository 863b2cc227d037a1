//! Methods that help while a note is written.

use serde_json::{Value, json};
use tower_lsp::gen_lsp_types as lsp;
use tower_lsp::jsonrpc::Result;

use super::Server;
use crate::graph::command::GRAPH;
use crate::rename::command::RENAME;
use crate::{completion, convert};

impl Server {
    pub(super) async fn completion(&self, params: lsp::CompletionParams) -> Result<Option<Value>> {
        let at = params.text_document_position_params;
        let capabilities = self.session.capabilities();
        let Some(snapshot) = self.session.snapshot(&at.text_document.uri) else {
            return Ok(None);
        };
        self.worker
            .run("completion", snapshot.outdated.clone(), move |stop| {
                let offset = snapshot.offset(convert::line_col(at.position))?;
                completion::list(&snapshot, offset, capabilities, stop)
            })
            .await
    }

    /// Adds a preview of what an item names.
    pub(super) async fn completion_item_resolve(&self, mut item: Value) -> Result<Value> {
        let data = item["data"].clone();
        let read = |field: &str| data[field].as_str().map(str::to_owned);
        let uri = read("uri").and_then(|uri| lsp::Uri::parse(&uri).ok());
        let snapshot = uri.and_then(|uri| self.session.snapshot(&uri));
        let (Some(path), Some(subpath), Some(snapshot)) = (read("path"), read("subpath"), snapshot)
        else {
            return Ok(item);
        };
        let text = self
            .worker
            .run("completionItem/resolve", None, move |_| {
                completion::documentation(&snapshot, &path, &subpath)
            })
            .await?;
        if let Some(text) = text {
            item["documentation"] = if self.session.capabilities().item_markdown {
                json!({"kind": "markdown", "value": text})
            } else {
                // That is what clients understand that name no format.
                json!(text)
            };
        }
        Ok(item)
    }

    /// Makes the edit that a completion item or an action brought along, renames
    /// a note on the disk, or draws the graph.
    pub(super) async fn execute_command(
        &self,
        params: lsp::ExecuteCommandParams,
    ) -> Result<Option<Value>> {
        if params.command == RENAME {
            return self.rename_on_disk(params.arguments).await;
        }
        if params.command == GRAPH {
            return self.graph(params.arguments).await;
        }
        if params.command == completion::APPLY
            && let Some(edit) = params
                .arguments
                .and_then(|arguments| arguments.into_iter().next())
        {
            let otherwise = "The edit was not made.".to_owned();
            self.background.client.apply(&edit, otherwise, || ());
        }
        Ok(None)
    }
}
