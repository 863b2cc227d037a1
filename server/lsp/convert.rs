//! Between the protocol and the core: the only place that builds a position
//! or an address.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tower_lsp::gen_lsp_types as lsp;
use vaultmark_vault::fact::SymbolKind;
use vaultmark_vault::lines::LineIndex;
use vaultmark_vault::query::symbols::Outline;
use vaultmark_vault::text::LineCol;

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
pub fn range(lines: &LineIndex, range: &std::ops::Range<u32>) -> lsp::Range {
    lsp::Range {
        start: position(lines.line_col(range.start)),
        end: position(lines.line_col(range.end)),
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
pub fn symbol_tree(lines: &LineIndex, outline: &[Outline]) -> Vec<lsp::DocumentSymbol> {
    let symbols = outline.iter().map(|entry| {
        let selection = range(lines, &entry.selection);
        let children = symbol_tree(lines, &entry.children);
        #[allow(deprecated, reason = "the field must be given")]
        lsp::DocumentSymbol {
            name: entry.name.clone(),
            detail: (!entry.detail.is_empty()).then(|| entry.detail.clone()),
            kind: symbol_kind(entry.kind),
            tags: None,
            deprecated: None,
            range: range(lines, &entry.range),
            selection_range: selection,
            children: (!children.is_empty()).then_some(children),
        }
    });
    symbols.collect()
}

/// An outline as a list, for clients that know no tree.
pub fn symbol_list(
    lines: &LineIndex,
    outline: &[Outline],
    uri: &lsp::Uri,
    container: Option<&str>,
    found: &mut Vec<lsp::SymbolInformation>,
) {
    for entry in outline {
        let location = lsp::Location {
            uri: uri.clone(),
            range: range(lines, &entry.range),
        };
        found.push(information(&entry.name, entry.kind, location, container));
        symbol_list(lines, &entry.children, uri, Some(&entry.name), found);
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
