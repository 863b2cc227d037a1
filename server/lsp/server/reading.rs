//! Methods that help to read, each of which settings can switch off.

use std::sync::Arc;

use serde_json::Value;
use tower_lsp::gen_lsp_types as lsp;
use tower_lsp::jsonrpc::Result;
use vaultmark_vault::query::{calls, lenses, lineage};
use vaultmark_vault::settings::Features;

use super::Server;
use crate::convert::line_col;
use crate::reading;
use crate::snapshot::Snapshot;
use crate::tokens::Answer;

impl Server {
    /// Runs a query about a document if its feature is on.
    async fn read<T: Send + 'static>(
        &self,
        name: &'static str,
        uri: &lsp::Uri,
        is_on: impl FnOnce(Features) -> bool,
        query: impl FnOnce(&Snapshot, &dyn Fn() -> bool) -> Option<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let snapshot = self.session.snapshot(uri);
        let snapshot = snapshot.filter(|snapshot| is_on(snapshot.vault.settings().features));
        let Some(snapshot) = snapshot else {
            return Ok(None);
        };
        self.worker
            .run(name, snapshot.outdated.clone(), move |stop| {
                query(&snapshot, stop)
            })
            .await
    }

    pub(super) async fn folding_range(
        &self,
        params: lsp::FoldingRangeParams,
    ) -> Result<Option<Vec<lsp::FoldingRange>>> {
        let limit = self.session.capabilities().fold_limit;
        let is_on = |features: Features| features.folding;
        let query = move |snapshot: &Snapshot, _: &dyn Fn() -> bool| snapshot.folds(limit);
        self.read("foldingRange", &params.text_document.uri, is_on, query)
            .await
    }

    pub(super) async fn selection_range(
        &self,
        params: lsp::SelectionRangeParams,
    ) -> Result<Option<Vec<lsp::SelectionRange>>> {
        let positions = params.positions;
        let is_on = |features: Features| features.selection;
        let query =
            move |snapshot: &Snapshot, _: &dyn Fn() -> bool| snapshot.selections(&positions);
        self.read("selectionRange", &params.text_document.uri, is_on, query)
            .await
    }

    pub(super) async fn tokens_full(
        &self,
        params: lsp::SemanticTokensParams,
    ) -> Result<Option<Answer>> {
        self.tokens("semanticTokens/full", params.text_document.uri, None)
            .await
    }

    pub(super) async fn tokens_delta(
        &self,
        params: lsp::SemanticTokensDeltaParams,
    ) -> Result<Option<Answer>> {
        let previous = Some(params.previous_result_id);
        let uri = params.text_document.uri;
        self.tokens("semanticTokens/full/delta", uri, previous)
            .await
    }

    /// All tokens of a document, or what changed in them.
    async fn tokens(
        &self,
        name: &'static str,
        uri: lsp::Uri,
        previous: Option<String>,
    ) -> Result<Option<Answer>> {
        let sent = Arc::clone(&self.tokens);
        let address = uri.to_string();
        let is_on = |features: Features| features.semantic_tokens;
        self.read(name, &uri, is_on, move |snapshot, _| {
            let data = snapshot.tokens(&(0..u32::MAX))?;
            // Only of open documents a client asks again.
            if snapshot.version_of(snapshot.file).is_none() {
                let data = data.into();
                return Some(Answer::Full {
                    result_id: None,
                    data,
                });
            }
            Some(sent.answer(address, data, previous.as_deref()))
        })
        .await
    }

    pub(super) async fn tokens_range(
        &self,
        params: lsp::SemanticTokensRangeParams,
    ) -> Result<Option<Answer>> {
        let range = params.range;
        let is_on = |features: Features| features.semantic_tokens;
        let query = move |snapshot: &Snapshot, _: &dyn Fn() -> bool| {
            let data = snapshot.tokens(&snapshot.range_of(range)?)?.into();
            Some(Answer::Full {
                result_id: None,
                data,
            })
        };
        let uri = &params.text_document.uri;
        self.read("semanticTokens/range", uri, is_on, query).await
    }

    pub(super) async fn inlay_hint(
        &self,
        params: lsp::InlayHintParams,
    ) -> Result<Option<Vec<Value>>> {
        let range = params.range;
        let locations = self.session.capabilities().hint_locations;
        let is_on = |features: Features| features.inlay_hints;
        let query = move |snapshot: &Snapshot, _: &dyn Fn() -> bool| {
            snapshot.hints(&snapshot.range_of(range)?, locations)
        };
        self.read("inlayHint", &params.text_document.uri, is_on, query)
            .await
    }

    pub(super) async fn code_lens(
        &self,
        params: lsp::CodeLensParams,
    ) -> Result<Option<Vec<Value>>> {
        let is_on = |features: Features| features.code_lens;
        let query = |snapshot: &Snapshot, _: &dyn Fn() -> bool| snapshot.lenses();
        self.read("codeLens", &params.text_document.uri, is_on, query)
            .await
    }

    /// Counts what took too long for the list.
    pub(super) async fn code_lens_resolve(&self, mut lens: Value) -> Result<Value> {
        let uri = lens["data"]["uri"].as_str();
        let Some(uri) = uri.and_then(|uri| lsp::Uri::parse(uri).ok()) else {
            return Ok(lens);
        };
        let is_on = |features: Features| features.code_lens;
        let query = |snapshot: &Snapshot, _: &dyn Fn() -> bool| {
            Some(lenses::backlinks(&snapshot.vault, snapshot.file))
        };
        let count = self.read("codeLens/resolve", &uri, is_on, query).await?;
        if let Some(count) = count {
            lens["command"] = reading::backlinks(count);
        }
        Ok(lens)
    }

    pub(super) async fn prepare_calls(
        &self,
        params: lsp::CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<Value>>> {
        let at = params.text_document_position_params;
        let query = move |snapshot: &Snapshot, _: &dyn Fn() -> bool| {
            let offset = snapshot.offset(line_col(at.position))?;
            let node = calls::prepare(&snapshot.vault, snapshot.file, offset)?;
            Some(vec![snapshot.call_item(node)?])
        };
        let uri = &at.text_document.uri;
        self.read("prepareCallHierarchy", uri, hierarchies, query)
            .await
    }

    pub(super) async fn incoming_calls(
        &self,
        params: lsp::CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<Value>>> {
        let item = params.item;
        let query = move |snapshot: &Snapshot, stop: &dyn Fn() -> bool| {
            let data = item.data.as_ref();
            let node = snapshot.node_of(data)?;
            let after = data.and_then(|data| data["after"].as_str());
            let found = calls::incoming(&snapshot.vault, node, after, stop);
            let mut calls = snapshot.calls(found.calls, "from", None);
            if let Some((after, rest)) = found.rest {
                calls.extend(snapshot.more_calls(node, &after, rest));
            }
            Some(calls)
        };
        self.read("incomingCalls", &item.uri, hierarchies, query)
            .await
    }

    pub(super) async fn outgoing_calls(
        &self,
        params: lsp::CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<Value>>> {
        let item = params.item;
        let query = move |snapshot: &Snapshot, stop: &dyn Fn() -> bool| {
            let data = item.data.as_ref();
            let node = snapshot.node_of(data)?;
            if data.is_some_and(|data| data["after"].is_string()) {
                return None;
            }
            let found = calls::outgoing(&snapshot.vault, node, stop);
            Some(snapshot.calls(found, "to", Some(node.file)))
        };
        self.read("outgoingCalls", &item.uri, hierarchies, query)
            .await
    }

    pub(super) async fn prepare_types(
        &self,
        params: lsp::TypeHierarchyPrepareParams,
    ) -> Result<Option<Vec<Value>>> {
        let at = params.text_document_position_params;
        let query = move |snapshot: &Snapshot, _: &dyn Fn() -> bool| {
            let offset = snapshot.offset(line_col(at.position))?;
            let kin = lineage::prepare(&snapshot.vault, snapshot.file, offset)?;
            Some(vec![snapshot.type_item(&kin)?])
        };
        let uri = &at.text_document.uri;
        self.read("prepareTypeHierarchy", uri, hierarchies, query)
            .await
    }

    pub(super) async fn supertypes(
        &self,
        params: lsp::TypeHierarchySupertypesParams,
    ) -> Result<Option<Vec<Value>>> {
        let item = params.item;
        let query = move |snapshot: &Snapshot, stop: &dyn Fn() -> bool| {
            Some(snapshot.supertypes(item.data.as_ref(), stop))
        };
        self.read("supertypes", &item.uri, hierarchies, query).await
    }

    pub(super) async fn subtypes(
        &self,
        params: lsp::TypeHierarchySubtypesParams,
    ) -> Result<Option<Vec<Value>>> {
        let item = params.item;
        let query = move |snapshot: &Snapshot, stop: &dyn Fn() -> bool| {
            Some(snapshot.subtypes(item.data.as_ref(), stop))
        };
        self.read("subtypes", &item.uri, hierarchies, query).await
    }
}

fn hierarchies(features: Features) -> bool {
    features.hierarchies
}
