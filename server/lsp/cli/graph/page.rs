//! A graph as a page: one file, which needs no network and runs no code but its
//! own. `editors/graph` holds its source.

use std::path::{Component, Path};

use anyhow::{Result, bail};
use serde_json::json;

use crate::graph::Shown;

/// The page; its policy names the hashes of its style and its code.
const PAGE: &str = include_str!("../../../../editors/graph/dist/graph.html");

/// What stands in the page in place of the data.
const DATA: &str = "@VAULTMARK_DATA@";

/// The page with its data. `base` is the address of the vault's root, see [`base`].
///
/// # Errors
/// When the page has no place for data.
pub(super) fn page(
    shown: &Shown<'_>,
    root: &Path,
    base: &str,
    tiers_first: bool,
) -> Result<String> {
    let mut data = shown.json();
    data["base"] = json!(base);
    data["vault"] = json!(root.file_name().map(|name| name.to_string_lossy()));
    if tiers_first {
        data["view"] = json!("tiers");
    }
    let Some((before, after)) = PAGE.split_once(DATA) else {
        bail!("this program was built with a page that has no place for data");
    };
    Ok([before, &escaped(&data.to_string()), after].concat())
}

/// JSON in which nothing ends or begins an element, a comment or a line.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The way from the folder of the page to the root of the vault, so that both can
/// be moved together and no path of this machine stands in the page; where there
/// is none, the whole path. Without final `/`.
pub(super) fn base(root: &Path, folder: Option<&Path>) -> String {
    let whole = || {
        let whole = root.to_string_lossy().replace('\\', "/");
        whole.trim_start_matches("//?/").to_owned()
    };
    let Some(folder) = folder else {
        return whole();
    };
    let (mut to, mut from) = (root.components().peekable(), folder.components().peekable());
    let mut is_same_disk = false;
    while to.peek().is_some() && to.peek() == from.peek() {
        is_same_disk |= to.next() == Some(Component::RootDir);
        from.next();
    }
    if !is_same_disk {
        return whole();
    }
    let up = from.map(|_| "..".to_owned());
    let down = to.map(|name| name.as_os_str().to_string_lossy().into_owned());
    let way: Vec<String> = up.chain(down).collect();
    if way.is_empty() {
        ".".to_owned()
    } else {
        way.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_the_vault_is_relative() {
        let base = |root: &str, folder: &str| base(Path::new(root), Some(Path::new(folder)));
        assert_eq!(base("/a/vault", "/a"), "vault");
        assert_eq!(base("/a/vault", "/a/vault"), ".");
        assert_eq!(base("/a/vault", "/a/b c/d"), "../../vault");
        assert_eq!(super::base(Path::new("/a/vault"), None), "/a/vault");
    }

    #[test]
    fn nothing_in_the_data_ends_its_element() {
        let data = json!({"a": "</script><!-- \"&\u{2028}"});
        let text = escaped(&data.to_string());
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            data
        );
    }
}
