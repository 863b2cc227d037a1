//! What queries found in a snapshot, as the client wants it.
//!
//! Nothing is asked or decided here beyond the form of an answer.

use std::sync::Arc;

use serde::ser::{Serialize, SerializeStruct, Serializer};
use tower_lsp::gen_lsp_types as lsp;
use vaultmark_vault::fact::SymbolKind;
use vaultmark_vault::query::definition::Destination;
use vaultmark_vault::query::links::{DocumentLink, Goal};
use vaultmark_vault::query::names::Named;
use vaultmark_vault::query::subject::Occurrence;
use vaultmark_vault::query::symbols;
use vaultmark_vault::query::{Location, Texts};

use crate::convert::{information, range, symbol_list, symbol_tree, web_address};
use crate::snapshot::Snapshot;

/// A `Location` of the protocol whose address was written here: for a hub
/// with thousands of backlinks the general way takes most of the time.
#[derive(Clone, Debug)]
pub struct Place {
    uri: Arc<str>,
    range: lsp::Range,
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut place = serializer.serialize_struct("Location", 2)?;
        place.serialize_field("uri", &*self.uri)?;
        place.serialize_field("range", &self.range)?;
        place.end()
    }
}

impl Snapshot {
    /// A range of bytes of a file as positions.
    pub fn range(&self, file: u32, bytes: &std::ops::Range<u32>) -> lsp::Range {
        match self.vault.facts(file) {
            Some(facts) => range(&facts.lines().index(self.encoding), bytes),
            None => lsp::Range::default(),
        }
    }

    /// Places as the client wants them: links with their origin, or plain.
    pub fn destinations(
        &self,
        found: &[Destination],
        links: bool,
    ) -> Option<lsp::DefinitionResponse> {
        if found.is_empty() {
            return None;
        }
        if links {
            let links = found.iter().filter_map(|place| {
                Some(lsp::LocationLink {
                    origin_selection_range: (!place.origin.is_empty())
                        .then(|| self.range(self.file, &place.origin)),
                    target_uri: self.uri(place.file)?,
                    target_range: self.range(place.file, &place.extent),
                    target_selection_range: self.range(place.file, &place.selection),
                })
            });
            return Some(lsp::DefinitionResponse::DefinitionLinkList(links.collect()));
        }
        let places = found.iter().filter_map(|place| {
            Some(lsp::Location {
                uri: self.uri(place.file)?,
                range: self.range(place.file, &place.selection),
            })
        });
        let places = lsp::Definition::LocationList(places.collect());
        Some(lsp::DefinitionResponse::Definition(places))
    }

    /// Places in files. They come sorted by file, so each table of lines is
    /// read once.
    pub fn locations(&self, found: &[Location]) -> Vec<Place> {
        let mut places = Vec::with_capacity(found.len());
        for group in found.chunk_by(|left, right| left.file == right.file) {
            let file = group[0].file;
            let (Some(uri), Some(facts)) = (self.address(file), self.vault.facts(file)) else {
                continue;
            };
            let uri: Arc<str> = uri.into();
            let lines = facts.lines().index(self.encoding);
            places.extend(group.iter().map(|place| Place {
                uri: Arc::clone(&uri),
                range: range(&lines, &place.range),
            }));
        }
        places
    }

    /// Places in the request's file.
    pub fn highlights(&self, found: &[Occurrence]) -> Vec<lsp::DocumentHighlight> {
        let Some(note) = self.vault.note(self.file) else {
            return Vec::new();
        };
        let lines = note.lines.index(self.encoding);
        let highlights = found.iter().map(|place| lsp::DocumentHighlight {
            range: range(&lines, &place.range),
            kind: Some(if place.definition {
                lsp::DocumentHighlightKind::Write
            } else {
                lsp::DocumentHighlightKind::Read
            }),
        });
        highlights.collect()
    }

    /// The links of the request's file. Where they lead stands in their data
    /// until they are resolved.
    pub fn links(&self, found: &[DocumentLink]) -> Vec<lsp::DocumentLink> {
        let Some(note) = self.vault.note(self.file) else {
            return Vec::new();
        };
        let lines = note.lines.index(self.encoding);
        let clickable = found.iter().filter_map(|link| {
            let range = range(&lines, &link.range);
            let (target, name) = match &link.goal {
                Goal::Address(address) => (web_address(address)?, address.clone()),
                Goal::File(file, at) => {
                    let mut target = self.uri(*file)?;
                    let line = match self.vault.note(*file) {
                        Some(note) if *at > 0 => note.lines.line_col(*at, self.encoding).line + 1,
                        _ => 1,
                    };
                    if line > 1 {
                        target.set_fragment(Some(&format!("L{line}")));
                    }
                    (target, self.vault.path(*file)?)
                }
            };
            let data = serde_json::json!({"target": target.as_str(), "note": name});
            Some(lsp::DocumentLink {
                range,
                target: None,
                tooltip: None,
                data: Some(data),
            })
        });
        clickable.collect()
    }

    /// The outline of the request's file, as a tree or as a list.
    pub fn symbols(&self, uri: &lsp::Uri, tree: bool) -> Option<lsp::DocumentSymbolResponse> {
        let text = self.text(self.file)?;
        let note = self.vault.note(self.file)?;
        let outline = symbols::outline(&self.vault, self.file, &text);
        let lines = note.lines.index(self.encoding);
        if tree {
            let tree = symbol_tree(&lines, &outline);
            return Some(lsp::DocumentSymbolResponse::DocumentSymbolList(tree));
        }
        let mut list = Vec::new();
        symbol_list(&lines, &outline, uri, None, &mut list);
        Some(lsp::DocumentSymbolResponse::SymbolInformationList(list))
    }

    /// Names of the vault.
    pub fn named(&self, found: &[Named]) -> Vec<lsp::SymbolInformation> {
        let named = found.iter().filter_map(|named| {
            let uri = self.uri(named.file)?;
            let range = self.range(named.file, &named.range);
            let path = self.vault.path(named.file)?;
            let container = vaultmark_vault::path::split(&path).0.trim_end_matches('/');
            let container = if named.kind == SymbolKind::Note {
                container
            } else {
                &path
            };
            let container = (!container.is_empty()).then_some(container);
            Some(information(
                &named.name,
                named.kind,
                lsp::Location { uri, range },
                container,
            ))
        });
        named.collect()
    }
}
