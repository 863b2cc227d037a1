//! What the client can do, as flags; and what the server offers.

use serde_json::{Value, json};
use vaultmark_vault::text::Encoding;

use crate::graph::command::GRAPH;
use crate::rename::command::RENAME;
use crate::{actions, completion, tokens};

/// The client's capabilities that matter here.
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are independent of one another"
)]
pub struct Capabilities {
    /// Unit of columns, as agreed.
    pub encoding: Encoding,
    /// `LocationLink`s in answers to definition, declaration, type definition
    /// and implementation.
    pub definition_link: bool,
    /// See `definition_link`.
    pub declaration_link: bool,
    /// See `definition_link`.
    pub type_definition_link: bool,
    /// See `definition_link`.
    pub implementation_link: bool,
    /// Document symbols as a tree.
    pub symbol_tree: bool,
    /// Markdown in hover.
    pub hover_markdown: bool,
    /// Tooltips of document links.
    pub link_tooltip: bool,
    /// The client asks for diagnostics instead of waiting for them.
    pub pull_diagnostics: bool,
    /// The client can be told to ask again.
    pub refresh_diagnostics: bool,
    /// Pushed diagnostics may say of which version they are.
    pub diagnostic_version: bool,
    /// Diagnostics may name a page about their rule.
    pub code_description: bool,
    /// Diagnostics may name other places.
    pub related_information: bool,
    /// Code actions may be more than names of commands.
    pub action_literals: bool,
    /// Items of a completion may share their range.
    pub shared_edit_range: bool,
    /// Items may say what they replace and what they only insert before.
    pub insert_replace: bool,
    /// Items may show a second text beside their label.
    pub label_details: bool,
    /// Items may be marked as deprecated.
    pub deprecated_items: bool,
    /// Documentation of items may be Markdown.
    pub item_markdown: bool,
    /// The server may ask the client to make an edit.
    pub apply_edit: bool,
    /// The edit of a code action may be asked for when it is chosen.
    pub action_resolve: bool,
    /// Edits may say of which version of a document they are.
    pub document_changes: bool,
    /// Edits may make files.
    pub create_files: bool,
    /// Edits may move files.
    pub rename_files: bool,
    /// The client asks what its own moves of files bring about.
    pub will_rename: bool,
    /// The client tells of its own moves of files.
    pub did_rename: bool,
    /// The client asks what deleting files brings about.
    pub will_delete: bool,
    /// The user can be asked a question.
    pub questions: bool,
    /// A rename may begin with asking what would be renamed.
    pub prepare_rename: bool,
    /// Edits may say what they are about.
    pub change_annotations: bool,
    /// The client takes no more folding ranges than this; 0: as many as there are.
    pub fold_limit: u32,
    /// The words of an inlay hint may name a place.
    pub hint_locations: bool,
    /// The client can be told to ask again for semantic tokens, inlay hints and
    /// code lenses.
    pub refresh_tokens: bool,
    /// See `refresh_tokens`.
    pub refresh_hints: bool,
    /// See `refresh_tokens`.
    pub refresh_lenses: bool,
    /// The server may show progress.
    pub progress: bool,
    /// The client watches files for the server.
    pub watch: bool,
    /// The client can be asked for settings.
    pub configuration: bool,
    /// The client tells of changed settings when asked to.
    pub register_configuration: bool,
}

impl Capabilities {
    /// Reads the `capabilities` of `initialize`. Unknown and malformed parts
    /// count as missing.
    pub fn new(client: &Value) -> Self {
        let is = |pointer: &str| client.pointer(pointer).and_then(Value::as_bool) == Some(true);
        let lists = |pointer: &str, name: &str| {
            let list = client.pointer(pointer).and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|item| item == name))
        };
        let encodings = "/general/positionEncodings";
        let encoding = if lists(encodings, "utf-8") {
            Encoding::Utf8
        } else if lists(encodings, "utf-16") || !lists(encodings, "utf-32") {
            Encoding::Utf16
        } else {
            Encoding::Utf32
        };
        let pull_diagnostics = client
            .pointer("/textDocument/diagnostic")
            .is_some_and(Value::is_object);
        Self {
            encoding,
            definition_link: is("/textDocument/definition/linkSupport"),
            declaration_link: is("/textDocument/declaration/linkSupport"),
            type_definition_link: is("/textDocument/typeDefinition/linkSupport"),
            implementation_link: is("/textDocument/implementation/linkSupport"),
            symbol_tree: is("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            hover_markdown: lists("/textDocument/hover/contentFormat", "markdown"),
            link_tooltip: is("/textDocument/documentLink/tooltipSupport"),
            pull_diagnostics,
            refresh_diagnostics: is("/workspace/diagnostics/refreshSupport")
                || is("/workspace/diagnostic/refreshSupport"),
            diagnostic_version: is("/textDocument/publishDiagnostics/versionSupport"),
            code_description: ["diagnostic", "publishDiagnostics"]
                .iter()
                .any(|way| is(&format!("/textDocument/{way}/codeDescriptionSupport"))),
            related_information: is(if pull_diagnostics {
                "/textDocument/diagnostic/relatedInformation"
            } else {
                "/textDocument/publishDiagnostics/relatedInformation"
            }) || is("/textDocument/publishDiagnostics/relatedInformation"),
            action_literals: client
                .pointer("/textDocument/codeAction/codeActionLiteralSupport")
                .is_some_and(Value::is_object),
            shared_edit_range: lists(
                "/textDocument/completion/completionList/itemDefaults",
                "editRange",
            ),
            insert_replace: is("/textDocument/completion/completionItem/insertReplaceSupport"),
            label_details: is("/textDocument/completion/completionItem/labelDetailsSupport"),
            deprecated_items: client
                .pointer("/textDocument/completion/completionItem/tagSupport/valueSet")
                .and_then(Value::as_array)
                .is_some_and(|tags| tags.contains(&json!(1))),
            item_markdown: lists(
                "/textDocument/completion/completionItem/documentationFormat",
                "markdown",
            ),
            apply_edit: is("/workspace/applyEdit"),
            action_resolve: is("/textDocument/codeAction/dataSupport")
                && lists("/textDocument/codeAction/resolveSupport/properties", "edit"),
            document_changes: is("/workspace/workspaceEdit/documentChanges"),
            create_files: lists("/workspace/workspaceEdit/resourceOperations", "create"),
            rename_files: lists("/workspace/workspaceEdit/resourceOperations", "rename"),
            will_rename: is("/workspace/fileOperations/willRename"),
            did_rename: is("/workspace/fileOperations/didRename"),
            will_delete: is("/workspace/fileOperations/willDelete"),
            questions: client
                .pointer("/window/showMessage")
                .is_some_and(Value::is_object),
            prepare_rename: is("/textDocument/rename/prepareSupport"),
            change_annotations: client
                .pointer("/workspace/workspaceEdit/changeAnnotationSupport")
                .is_some_and(Value::is_object),
            fold_limit: client
                .pointer("/textDocument/foldingRange/rangeLimit")
                .and_then(Value::as_u64)
                .map_or(0, |limit| u32::try_from(limit).unwrap_or(u32::MAX)),
            hint_locations: lists(
                "/textDocument/inlayHint/resolveSupport/properties",
                "label.location",
            ),
            refresh_tokens: is("/workspace/semanticTokens/refreshSupport"),
            refresh_hints: is("/workspace/inlayHint/refreshSupport"),
            refresh_lenses: is("/workspace/codeLens/refreshSupport"),
            progress: is("/window/workDoneProgress"),
            watch: is("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            configuration: is("/workspace/configuration"),
            register_configuration: is("/workspace/didChangeConfiguration/dynamicRegistration"),
        }
    }

    /// The server's capabilities, in the protocol's form.
    pub fn offer(self) -> Value {
        let encoding = match self.encoding {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
            Encoding::Utf32 => "utf-32",
        };
        let mut offer = json!({
            "positionEncoding": encoding,
            "textDocumentSync": {"openClose": true, "change": 2, "save": {"includeText": false}},
            "completionProvider": {"triggerCharacters": completion::TRIGGERS, "resolveProvider": true},
            "executeCommandProvider": {"commands": [completion::APPLY, RENAME, GRAPH]},
            "definitionProvider": true,
            "declarationProvider": true,
            "implementationProvider": true,
            "typeDefinitionProvider": true,
            "referencesProvider": true,
            "documentHighlightProvider": true,
            "hoverProvider": true,
            "documentLinkProvider": {"resolveProvider": true},
            "documentSymbolProvider": true,
            "workspaceSymbolProvider": true,
            "renameProvider": true,
            "foldingRangeProvider": true,
            "selectionRangeProvider": true,
            "semanticTokensProvider": {
                "legend": tokens::legend(),
                "range": true,
                "full": {"delta": true},
            },
            "inlayHintProvider": true,
            "codeLensProvider": {"resolveProvider": true},
            "callHierarchyProvider": true,
            "typeHierarchyProvider": true,
            "workspace": {
                "workspaceFolders": {"supported": true, "changeNotifications": true},
            },
        });
        // Files and folders; links lead to files of any kind.
        let any = json!({"filters": [{"scheme": "file", "pattern": {"glob": "**/*"}}]});
        for (can, name) in [
            (self.will_rename, "willRename"),
            (self.did_rename, "didRename"),
            (self.will_delete, "willDelete"),
        ] {
            if can {
                offer["workspace"]["fileOperations"][name] = any.clone();
            }
        }
        if self.prepare_rename {
            offer["renameProvider"] = json!({"prepareProvider": true});
        }
        if self.action_literals {
            offer["codeActionProvider"] = json!({
                "codeActionKinds": actions::KINDS,
                "resolveProvider": self.action_resolve,
            });
        }
        // A document's diagnostics come one way or the other, never both.
        if self.pull_diagnostics {
            offer["diagnosticProvider"] = json!({
                "identifier": "vaultmark",
                "interFileDependencies": true,
                "workspaceDiagnostics": true,
            });
        }
        offer
    }
}
