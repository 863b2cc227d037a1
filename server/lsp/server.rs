//! The protocol's methods: convert, ask, convert back.
//!
//! What must be in order stands before the first await of each handler and is
//! quick: a mutation, or taking a snapshot. Queries then run on the worker.

#![allow(clippy::unused_async, reason = "the protocol's handlers are all async")]

mod acting;
mod drawing;
mod methods;
mod moving;
mod reading;
mod writing;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tower_lsp::LanguageServer;
use tower_lsp::gen_lsp_types as lsp;
use tower_lsp::jsonrpc::Result;
use vaultmark_vault::query::definition::{self, Destination};
use vaultmark_vault::query::{hover, links, names, references};
use vaultmark_vault::vault::Vault;

use crate::background::Background;
use crate::capabilities::Capabilities;
use crate::convert;
use crate::moments::Reports;
use crate::outbox::{Outbox, Ticket, Written};
use crate::publish;
use crate::rename::pending::Pending;
use crate::session::Session;
use crate::whole::Whole;
use crate::worker::Worker;
use crate::{outside, pull, push, refresh, tokens};

pub use methods::service;

/// Workspace symbols beyond this are left out; the client asks again while typing.
const MAX_SYMBOLS: usize = 200;

/// The server of one client.
#[derive(Debug)]
pub struct Server {
    session: Arc<Session>,
    background: Background,
    worker: Worker,
    reports: Arc<Reports>,
    whole: Arc<Mutex<Whole>>,
    tokens: Arc<tokens::Sent>,
    pending: Arc<Pending>,
    outbox: Outbox,
}

impl LanguageServer for Server {
    async fn initialize(&self, params: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        let params = serde_json::to_value(&params).unwrap_or_default();
        let client = params.get("capabilities").cloned().unwrap_or_default();
        let capabilities = Capabilities::new(&client);
        let options = params
            .get("initializationOptions")
            .cloned()
            .unwrap_or_default();
        // Some clients send the whole section, others what is in it.
        let options = options.get("vaultmark").cloned().unwrap_or(options);
        self.session
            .start(capabilities, options, convert::folders(&params));
        let offer = serde_json::from_value(capabilities.offer()).unwrap_or_default();
        Ok(lsp::InitializeResult {
            capabilities: offer,
            server_info: Some(lsp::ServerInfo {
                name: "Vaultmark".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        })
    }

    async fn initialized(&self, _: lsp::InitializedParams) {
        let capabilities = self.session.capabilities();
        let mut registrations = Vec::new();
        if capabilities.watch {
            let watchers = json!({"watchers": [{"globPattern": "**/*"}, {"globPattern": "**/.obsidian/*.json"}]});
            registrations.push(("workspace/didChangeWatchedFiles", watchers));
        }
        if capabilities.register_configuration {
            let section = json!({"section": "vaultmark"});
            registrations.push(("workspace/didChangeConfiguration", section));
        }
        let background = self.background.clone();
        let then = move || {
            if capabilities.watch {
                background.look_around();
            }
        };
        self.background.client.register(registrations, then);
        for root in self.session.roots() {
            self.background.index(root);
        }
        self.background.pull_settings();
        tokio::spawn(publish::run(self.background.clone()));
        if !capabilities.pull_diagnostics {
            tokio::spawn(push::run(self.background.clone()));
        }
        tokio::spawn(refresh::run(self.background.clone()));
        tokio::spawn(outside::run(self.background.clone()));
    }

    async fn shutdown(&self) -> Result<()> {
        self.session.end();
        Ok(())
    }
}

impl Server {
    async fn did_open(&self, params: lsp::DidOpenTextDocumentParams) {
        let document = params.text_document;
        let work = self
            .session
            .open(document.uri, document.version, &document.text);
        self.background.begin(work);
    }

    async fn did_change(&self, params: lsp::DidChangeTextDocumentParams) {
        let document = params.text_document;
        let uri = document.text_document_identifier.uri;
        let work = self
            .session
            .change(&uri, document.version, params.content_changes);
        self.background.begin(work);
    }

    async fn did_close(&self, params: lsp::DidCloseTextDocumentParams) {
        self.reports.forget(params.text_document.uri.as_str());
        self.tokens.forget(params.text_document.uri.as_str());
        let work = self.session.close(&params.text_document.uri);
        self.background.begin(work);
    }

    /// Clients that report no outside changes at least report their own.
    async fn did_save(&self, params: lsp::DidSaveTextDocumentParams) {
        let path = convert::path(&params.text_document.uri);
        self.background.look(&path.into_iter().collect());
    }

    async fn did_change_watched_files(&self, params: lsp::DidChangeWatchedFilesParams) {
        let changes = params.changes.iter();
        let paths = changes.filter_map(|change| convert::path(&change.uri));
        self.background.look(&paths.collect());
    }

    async fn did_change_workspace_folders(&self, params: lsp::DidChangeWorkspaceFoldersParams) {
        let paths = |folders: Vec<lsp::WorkspaceFolder>| -> Vec<PathBuf> {
            folders
                .iter()
                .filter_map(|folder| convert::path(&folder.uri))
                .collect()
        };
        let (added, removed) = (paths(params.event.added), paths(params.event.removed));
        let work = self.session.change_folders(added, &removed);
        self.background.begin(work);
    }

    async fn did_change_configuration(&self, params: lsp::DidChangeConfigurationParams) {
        if self.session.capabilities().configuration {
            self.background.pull_settings();
            return;
        }
        let settings = params.settings;
        let settings = settings.get("vaultmark").cloned().unwrap_or(settings);
        let turn = self.session.next_settings_turn();
        if self.session.set_client_settings(turn, settings) {
            self.background.reload();
        }
    }

    async fn go(
        &self,
        name: &'static str,
        at: &lsp::TextDocumentPositionParams,
        links: bool,
        query: impl FnOnce(&Vault, u32, u32) -> Vec<Destination> + Send + 'static,
    ) -> Result<Option<lsp::DefinitionResponse>> {
        let Some(snapshot) = self.session.snapshot(&at.text_document.uri) else {
            return Ok(None);
        };
        let position = at.position;
        self.worker
            .run(name, snapshot.outdated.clone(), move |_| {
                let offset = snapshot.offset(convert::line_col(position))?;
                let found = query(&snapshot.vault, snapshot.file, offset);
                snapshot.destinations(&found, links)
            })
            .await
    }

    async fn definition(
        &self,
        params: lsp::DefinitionParams,
    ) -> Result<Option<lsp::DefinitionResponse>> {
        let links = self.session.capabilities().definition_link;
        let query = |vault: &Vault, file, offset| {
            definition::definition(vault, file, offset)
                .into_iter()
                .collect()
        };
        self.go(
            "definition",
            &params.text_document_position_params,
            links,
            query,
        )
        .await
    }

    async fn declaration(
        &self,
        params: lsp::DeclarationParams,
    ) -> Result<Option<lsp::DefinitionResponse>> {
        let links = self.session.capabilities().declaration_link;
        let query = |vault: &Vault, file, offset| {
            definition::declaration(vault, file, offset)
                .into_iter()
                .collect()
        };
        self.go(
            "declaration",
            &params.text_document_position_params,
            links,
            query,
        )
        .await
    }

    async fn implementation(
        &self,
        params: lsp::ImplementationParams,
    ) -> Result<Option<lsp::DefinitionResponse>> {
        let links = self.session.capabilities().implementation_link;
        self.go(
            "implementation",
            &params.text_document_position_params,
            links,
            definition::implementations,
        )
        .await
    }

    async fn type_definition(
        &self,
        params: lsp::TypeDefinitionParams,
    ) -> Result<Option<lsp::DefinitionResponse>> {
        let links = self.session.capabilities().type_definition_link;
        self.go(
            "typeDefinition",
            &params.text_document_position_params,
            links,
            definition::types,
        )
        .await
    }

    async fn references(&self, params: lsp::ReferenceParams) -> Result<Option<Ticket>> {
        let at = params.text_document_position_params;
        let Some(snapshot) = self.session.snapshot(&at.text_document.uri) else {
            return Ok(None);
        };
        let declaration = params.context.include_declaration;
        let written = self
            .worker
            .run("references", snapshot.outdated.clone(), move |stop| {
                let offset = snapshot.offset(convert::line_col(at.position))?;
                let found = references::references(
                    &snapshot.vault,
                    snapshot.file,
                    offset,
                    declaration,
                    stop,
                );
                Some(Written::new(&snapshot.locations(&found)))
            })
            .await?
            .transpose()?;
        Ok(written.map(|written| self.outbox.put(written)))
    }

    async fn document_highlight(
        &self,
        params: lsp::DocumentHighlightParams,
    ) -> Result<Option<Vec<lsp::DocumentHighlight>>> {
        let at = params.text_document_position_params;
        let Some(snapshot) = self.session.snapshot(&at.text_document.uri) else {
            return Ok(None);
        };
        self.worker
            .run("documentHighlight", snapshot.outdated.clone(), move |_| {
                let offset = snapshot.offset(convert::line_col(at.position))?;
                let found = references::highlights(&snapshot.vault, snapshot.file, offset);
                Some(snapshot.highlights(&found))
            })
            .await
    }

    async fn hover(&self, params: lsp::HoverParams) -> Result<Option<lsp::Hover>> {
        let at = params.text_document_position_params;
        let Some(snapshot) = self.session.snapshot(&at.text_document.uri) else {
            return Ok(None);
        };
        let markdown = self.session.capabilities().hover_markdown;
        self.worker
            .run("hover", snapshot.outdated.clone(), move |_| {
                let offset = snapshot.offset(convert::line_col(at.position))?;
                let hover = hover::hover(&snapshot.vault, snapshot.file, offset, &snapshot)?;
                let kind = if markdown {
                    lsp::MarkupKind::Markdown
                } else {
                    lsp::MarkupKind::PlainText
                };
                let contents = lsp::Contents::MarkupContent(lsp::MarkupContent {
                    kind,
                    value: hover.text,
                });
                let range = Some(snapshot.range(snapshot.file, &hover.range));
                Some(lsp::Hover { contents, range })
            })
            .await
    }

    async fn document_link(
        &self,
        params: lsp::DocumentLinkParams,
    ) -> Result<Option<Vec<lsp::DocumentLink>>> {
        let Some(snapshot) = self.session.snapshot(&params.text_document.uri) else {
            return Ok(None);
        };
        self.worker
            .run("documentLink", snapshot.outdated.clone(), move |_| {
                let found = links::document_links(&snapshot.vault, snapshot.file, &snapshot);
                Some(snapshot.links(&found))
            })
            .await
    }

    /// The target is in the link's data, so that a long list stays short.
    async fn document_link_resolve(
        &self,
        mut link: lsp::DocumentLink,
    ) -> Result<lsp::DocumentLink> {
        let target = link
            .data
            .as_ref()
            .and_then(|data| data.get("target"))
            .and_then(Value::as_str);
        link.target = target
            .and_then(|target| lsp::Uri::parse(target).ok())
            .or(link.target);
        if self.session.capabilities().link_tooltip {
            let note = link
                .data
                .as_ref()
                .and_then(|data| data.get("note"))
                .and_then(Value::as_str);
            link.tooltip = note.map(|note| format!("Open {note}"));
        }
        Ok(link)
    }

    async fn document_symbol(
        &self,
        params: lsp::DocumentSymbolParams,
    ) -> Result<Option<lsp::DocumentSymbolResponse>> {
        let uri = params.text_document.uri;
        let Some(snapshot) = self.session.snapshot(&uri) else {
            return Ok(None);
        };
        let tree = self.session.capabilities().symbol_tree;
        self.worker
            .run("documentSymbol", snapshot.outdated.clone(), move |_| {
                snapshot.symbols(&uri, tree)
            })
            .await
    }

    async fn diagnostic(&self, params: lsp::DocumentDiagnosticParams) -> Result<Value> {
        let Some(snapshot) = self.session.snapshot(&params.text_document.uri) else {
            return Ok(json!({"kind": "full", "items": []}));
        };
        let uri = params.text_document.uri.to_string();
        let previous = params.previous_result_id;
        if let Some(id) = previous
            .as_deref()
            .filter(|id| self.reports.is_current(&uri, &snapshot, id))
        {
            return Ok(publish::unchanged(id));
        }
        let reports = Arc::clone(&self.reports);
        self.worker
            .run("diagnostic", snapshot.outdated.clone(), move |_| {
                let report = publish::report(&snapshot, previous.as_deref());
                reports.note(uri, &snapshot, &report);
                report
            })
            .await
    }

    async fn workspace_diagnostic(&self, params: lsp::WorkspaceDiagnosticParams) -> Result<Value> {
        pull::pull(&self.background, &self.whole, params).await
    }

    async fn workspace_symbol(
        &self,
        params: lsp::WorkspaceSymbolParams,
    ) -> Result<Option<Vec<lsp::SymbolInformation>>> {
        let snapshots = self.session.snapshots();
        self.worker
            .run("workspace/symbol", None, move |stop| {
                let (mut found, mut seen) = (Vec::new(), HashSet::new());
                for snapshot in &snapshots {
                    let named =
                        names::workspace_symbols(&snapshot.vault, &params.query, MAX_SYMBOLS, stop);
                    // A folder may lie in another one that is open too.
                    let mut named = snapshot.named(&named);
                    named.retain(|symbol| seen.insert(symbol_identity(symbol)));
                    found.extend(named);
                }
                Some(found)
            })
            .await
    }
}

/// What tells a symbol from others, whichever root it was found in.
fn symbol_identity(symbol: &lsp::SymbolInformation) -> (String, String, u32, u32) {
    let at = symbol.location.range.start;
    let name = symbol.base_symbol_information.name.clone();
    (symbol.location.uri.to_string(), name, at.line, at.character)
}
