//! Makes the edits that a server proposes, as an editor does.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// The files of a vault, by path, after a `WorkspaceEdit`.
pub(crate) fn applied(
    root: &Path,
    files: &BTreeMap<String, String>,
    edit: &Value,
) -> BTreeMap<String, String> {
    let mut files = files.clone();
    let inside = |uri: &Value| {
        let uri = tower_lsp::gen_lsp_types::Uri::parse(uri.as_str().unwrap()).unwrap();
        let path = uri.to_file_path().unwrap();
        path.strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    for (uri, edits) in edit["changes"].as_object().into_iter().flatten() {
        let text = files.get_mut(&inside(&uri.as_str().into())).unwrap();
        *text = replaced(text, edits);
    }
    for change in edit["documentChanges"].as_array().into_iter().flatten() {
        if change["kind"] == "create" {
            let old = files.insert(inside(&change["uri"]), String::new());
            assert_eq!(old, None, "a new file must not replace one");
        } else if change["kind"] == "rename" {
            let (from, to) = (inside(&change["oldUri"]), inside(&change["newUri"]));
            let is_moved = |path: &str| path == from || path.starts_with(&format!("{from}/"));
            let (moved, kept) = files.into_iter().partition(|own| is_moved(&own.0));
            files = kept;
            let moved: BTreeMap<String, String> = moved;
            assert!(!moved.is_empty(), "there is no {from}");
            for (path, text) in moved {
                let old = files.insert(format!("{to}{}", &path[from.len()..]), text);
                assert_eq!(old, None, "a moved file must not replace one");
            }
        } else {
            let path = inside(&change["textDocument"]["uri"]);
            let text = files.get_mut(&path).unwrap_or_else(|| panic!("no {path}"));
            *text = replaced(text, &change["edits"]);
        }
    }
    files
}

/// A text after edits that all refer to it as it was.
fn replaced(text: &str, edits: &Value) -> String {
    let offset = |place: &Value| {
        let number = |name: &str| usize::try_from(place[name].as_u64().unwrap()).unwrap();
        let mut lines = text.split_inclusive('\n');
        let start: usize = lines.by_ref().take(number("line")).map(str::len).sum();
        let line = lines.next().unwrap_or("");
        let column = line.char_indices().nth(number("character"));
        start + column.map_or(line.len(), |found| found.0)
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let (start, end) = (
                offset(&edit["range"]["start"]),
                offset(&edit["range"]["end"]),
            );
            (start, end, edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort_by_key(|edit| (edit.0, edit.1));
    for pair in edits.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "edits meet: {pair:?}");
    }
    let mut made = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        made.replace_range(start..end, new);
    }
    made
}
