//! The methods that the server offers.

use std::sync::Arc;

use tower_lsp::{ClientSocket, LspService};

use super::Server;
use crate::background::Background;
use crate::client::Client;
use crate::outbox::Outbox;
use crate::session::Session;
use crate::worker::Worker;

/// The service that knows the methods the server offers, and no others. Its large
/// answers lie in the outbox.
pub fn service(outbox: &Outbox) -> (LspService<Server>, ClientSocket) {
    let session: Arc<Session> = Arc::default();
    let worker = Worker::default();
    LspService::build_with_lifecycle_methods(|client| Server {
        session: Arc::clone(&session),
        background: Background {
            session,
            client: Client::new(client),
            worker: worker.clone(),
        },
        worker,
        reports: Arc::default(),
        whole: Arc::default(),
        tokens: Arc::default(),
        pending: Arc::default(),
        outbox: outbox.clone(),
    })
    .custom_method("textDocument/didOpen", Server::did_open)
    .custom_method("textDocument/didChange", Server::did_change)
    .custom_method("textDocument/didClose", Server::did_close)
    .custom_method("textDocument/didSave", Server::did_save)
    .custom_method(
        "workspace/didChangeWatchedFiles",
        Server::did_change_watched_files,
    )
    .custom_method(
        "workspace/didChangeWorkspaceFolders",
        Server::did_change_workspace_folders,
    )
    .custom_method(
        "workspace/didChangeConfiguration",
        Server::did_change_configuration,
    )
    .custom_method("textDocument/definition", Server::definition)
    .custom_method("textDocument/declaration", Server::declaration)
    .custom_method("textDocument/implementation", Server::implementation)
    .custom_method("textDocument/typeDefinition", Server::type_definition)
    .custom_method("textDocument/references", Server::references)
    .custom_method("textDocument/documentHighlight", Server::document_highlight)
    .custom_method("textDocument/hover", Server::hover)
    .custom_method("textDocument/documentLink", Server::document_link)
    .custom_method("documentLink/resolve", Server::document_link_resolve)
    .custom_method("textDocument/documentSymbol", Server::document_symbol)
    .custom_method("textDocument/diagnostic", Server::diagnostic)
    .custom_method("workspace/diagnostic", Server::workspace_diagnostic)
    .custom_method("textDocument/codeAction", Server::code_action)
    .custom_method("codeAction/resolve", Server::code_action_resolve)
    .custom_method("textDocument/prepareRename", Server::prepare_rename)
    .custom_method("textDocument/rename", Server::rename)
    .custom_method("workspace/willRenameFiles", Server::will_rename_files)
    .custom_method("workspace/didRenameFiles", Server::did_rename_files)
    .custom_method("workspace/willDeleteFiles", Server::will_delete_files)
    .custom_method("textDocument/completion", Server::completion)
    .custom_method("completionItem/resolve", Server::completion_item_resolve)
    .custom_method("workspace/executeCommand", Server::execute_command)
    .custom_method("workspace/symbol", Server::workspace_symbol)
    .custom_method("textDocument/foldingRange", Server::folding_range)
    .custom_method("textDocument/selectionRange", Server::selection_range)
    .custom_method("textDocument/semanticTokens/full", Server::tokens_full)
    .custom_method(
        "textDocument/semanticTokens/full/delta",
        Server::tokens_delta,
    )
    .custom_method("textDocument/semanticTokens/range", Server::tokens_range)
    .custom_method("textDocument/inlayHint", Server::inlay_hint)
    .custom_method("textDocument/codeLens", Server::code_lens)
    .custom_method("codeLens/resolve", Server::code_lens_resolve)
    .custom_method("textDocument/prepareCallHierarchy", Server::prepare_calls)
    .custom_method("callHierarchy/incomingCalls", Server::incoming_calls)
    .custom_method("callHierarchy/outgoingCalls", Server::outgoing_calls)
    .custom_method("textDocument/prepareTypeHierarchy", Server::prepare_types)
    .custom_method("typeHierarchy/supertypes", Server::supertypes)
    .custom_method("typeHierarchy/subtypes", Server::subtypes)
    .finish()
}
