//! Between the protocol and the core: the only place that builds a position
//! or an address.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use serde_json::Value;
use tower_lsp::gen_lsp_types as lsp;
use vaultmark_vault::lines::Cursor;
use vaultmark_vault::query::definition::Destination;
use vaultmark_vault::query::links::{DocumentLink, Goal};
use vaultmark_vault::query::names::Named;
use vaultmark_vault::query::subject::Occurrence;
use vaultmark_vault::query::symbols::{self, Outline, SymbolKind};
use vaultmark_vault::query::{Location, Texts};
use vaultmark_vault::text::LineCol;

use crate::session::Snapshot;

/// The path of a file address; `None` for other schemes. Drive letters and
/// escapes may be spelled in any way.
pub fn path(uri: &lsp::Uri) -> Option<PathBuf> {
    if uri.scheme() != "file" {
        return None;
    }
    uri.to_file_path().ok().map(|path| normalized(&path))
}

/// A path without `.` and `..`, by its letters alone.
fn normalized(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

/// The address of a file.
pub fn uri(path: &Path) -> Option<lsp::Uri> {
    lsp::Uri::from_file_path(path).ok()
}

/// Schemes of addresses that a click may open. An editor hands the address on
/// to itself or to the system, and a note may come from anywhere: `command:`,
/// `javascript:` or `file:` could do anything there.
const SCHEMES: [&str; 7] = [
    "http", "https", "mailto", "tel", "ftp", "obsidian", "zotero",
];

/// The address of a link out of the vault, if a click may open it.
pub fn web_address(address: &str) -> Option<lsp::Uri> {
    let uri = lsp::Uri::parse(address).ok()?;
    SCHEMES.contains(&uri.scheme()).then_some(uri)
}

/// The folders that `initialize` names.
pub fn folders(params: &Value) -> Vec<PathBuf> {
    let address = |uri: &Value| path(&lsp::Uri::parse(uri.as_str()?).ok()?);
    let named = params.get("workspaceFolders").and_then(Value::as_array);
    let mut folders: Vec<PathBuf> = named
        .into_iter()
        .flatten()
        .filter_map(|folder| address(folder.get("uri")?))
        .collect();
    if folders.is_empty() {
        let root_path = || Some(PathBuf::from(params.get("rootPath")?.as_str()?));
        let root = params.get("rootUri").and_then(address).or_else(root_path);
        folders.extend(root.filter(|root| root.is_absolute()));
    }
    folders.dedup();
    folders
}

/// A position from the client.
pub fn line_col(position: lsp::Position) -> LineCol {
    LineCol {
        line: position.line,
        column: position.character,
    }
}

fn position(at: LineCol) -> lsp::Position {
    lsp::Position {
        line: at.line,
        character: at.column,
    }
}

/// A range of bytes as positions.
pub fn range(cursor: &mut Cursor<'_>, range: &std::ops::Range<u32>) -> lsp::Range {
    lsp::Range {
        start: position(cursor.line_col(range.start)),
        end: position(cursor.line_col(range.end)),
    }
}

impl Snapshot {
    /// A range of bytes of a file as positions.
    pub fn range(&self, file: u32, bytes: &std::ops::Range<u32>) -> lsp::Range {
        match self.vault.note(file) {
            Some(note) => range(&mut note.lines.cursor(self.encoding), bytes),
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
}

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

/// Adds a path below a folder to the folder's address, escaped as in any
/// other address.
pub fn push_path(address: &mut String, path: &str) {
    if !address.ends_with('/') {
        address.push('/');
    }
    for byte in path.bytes() {
        let plain = byte.is_ascii_graphic()
            && !matches!(
                byte,
                b'"' | b'#' | b'%' | b'<' | b'>' | b'?' | b'\\' | b'`' | b'{' | b'}'
            );
        if plain {
            address.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            address.push('%');
            address.push(char::from(HEX[usize::from(byte >> 4)]));
            address.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// The protocol's kind of a symbol.
pub fn symbol_kind(kind: SymbolKind) -> lsp::SymbolKind {
    match kind {
        SymbolKind::Note => lsp::SymbolKind::File,
        SymbolKind::Alias => lsp::SymbolKind::Constant,
        SymbolKind::Heading => lsp::SymbolKind::String,
        SymbolKind::Tag => lsp::SymbolKind::Enum,
        SymbolKind::Property => lsp::SymbolKind::Property,
        SymbolKind::Field => lsp::SymbolKind::Field,
        SymbolKind::Block => lsp::SymbolKind::Key,
    }
}

/// An outline as a tree of symbols.
pub fn symbol_tree(cursor: &mut Cursor<'_>, outline: &[Outline]) -> Vec<lsp::DocumentSymbol> {
    let symbols = outline.iter().map(|entry| {
        let selection = range(cursor, &entry.selection);
        let children = symbol_tree(cursor, &entry.children);
        #[allow(deprecated, reason = "the field must be given")]
        lsp::DocumentSymbol {
            name: entry.name.clone(),
            detail: (!entry.detail.is_empty()).then(|| entry.detail.clone()),
            kind: symbol_kind(entry.kind),
            tags: None,
            deprecated: None,
            range: range(cursor, &entry.range),
            selection_range: selection,
            children: (!children.is_empty()).then_some(children),
        }
    });
    symbols.collect()
}

/// An outline as a list, for clients that know no tree.
pub fn symbol_list(
    cursor: &mut Cursor<'_>,
    outline: &[Outline],
    uri: &lsp::Uri,
    container: Option<&str>,
    found: &mut Vec<lsp::SymbolInformation>,
) {
    for entry in outline {
        let location = lsp::Location {
            uri: uri.clone(),
            range: range(cursor, &entry.range),
        };
        found.push(information(&entry.name, entry.kind, location, container));
        symbol_list(cursor, &entry.children, uri, Some(&entry.name), found);
    }
}

/// One symbol of a list.
pub fn information(
    name: &str,
    kind: SymbolKind,
    location: lsp::Location,
    container: Option<&str>,
) -> lsp::SymbolInformation {
    #[allow(deprecated, reason = "the field must be given")]
    lsp::SymbolInformation {
        deprecated: None,
        location,
        base_symbol_information: lsp::BaseSymbolInformation {
            name: name.to_owned(),
            kind: symbol_kind(kind),
            tags: None,
            container_name: container.map(str::to_owned),
        },
    }
}

impl Snapshot {
    /// Places in files. They come sorted by file, so each table of lines is
    /// read once.
    pub fn locations(&self, found: &[Location]) -> Vec<Place> {
        let mut places = Vec::with_capacity(found.len());
        for group in found.chunk_by(|left, right| left.file == right.file) {
            let file = group[0].file;
            let (Some(uri), Some(note)) = (self.address(file), self.vault.note(file)) else {
                continue;
            };
            let uri: Arc<str> = uri.into();
            let mut cursor = note.lines.cursor(self.encoding);
            places.extend(group.iter().map(|place| Place {
                uri: Arc::clone(&uri),
                range: range(&mut cursor, &place.range),
            }));
        }
        places
    }

    /// Places in the request's file.
    pub fn highlights(&self, found: &[Occurrence]) -> Vec<lsp::DocumentHighlight> {
        let highlights = found.iter().map(|place| lsp::DocumentHighlight {
            range: self.range(self.file, &place.range),
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
        let mut cursor = note.lines.cursor(self.encoding);
        let links = found.iter().filter_map(|link| {
            let range = range(&mut cursor, &link.range);
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
        links.collect()
    }

    /// The outline of the request's file, as a tree or as a list.
    pub fn symbols(&self, uri: &lsp::Uri, tree: bool) -> Option<lsp::DocumentSymbolResponse> {
        let text = self.text(self.file)?;
        let note = self.vault.note(self.file)?;
        let outline = symbols::outline(&self.vault, self.file, &text);
        let mut cursor = note.lines.cursor(self.encoding);
        if tree {
            let tree = symbol_tree(&mut cursor, &outline);
            return Some(lsp::DocumentSymbolResponse::DocumentSymbolList(tree));
        }
        let mut list = Vec::new();
        symbol_list(&mut cursor, &outline, uri, None, &mut list);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_in_both_ways() {
        let mut names: Vec<String> = (1..=255).map(|n| format!("a{}b", char::from(n))).collect();
        names.retain(|name| !name.contains('/'));
        names.extend(["大/😀 x.md", "50%/[a].md", "~!$&'()*+,;=:@-_.md"].map(str::to_owned));
        for name in names {
            let mut address = uri(Path::new("/v")).unwrap().to_string();
            push_path(&mut address, &name);
            assert_eq!(
                address,
                uri(&Path::new("/v").join(&name)).unwrap().to_string(),
                "{name:?}"
            );
        }
    }
}
