//! The graph, for editors that show it.

use serde_json::Value;
use tower_lsp::jsonrpc::{Error, Result};

use super::Server;
use super::moving::refused;
use crate::graph::command;

impl Server {
    /// Answers with the graph that the arguments ask for.
    pub(super) async fn graph(&self, arguments: Option<Vec<Value>>) -> Result<Option<Value>> {
        let Some(wanted) = command::read(arguments.as_ref()) else {
            return Err(Error::invalid_params(
                "the argument must be an object with a `uri`, and may have `whole`, `depth`, `limit` and `families`",
            ));
        };
        let snapshots = self.session.snapshots();
        let drawn = self.worker.run("executeCommand", None, move |stop| {
            command::run(&snapshots, &wanted, stop)
        });
        drawn.await?.map(Some).map_err(refused)
    }
}
