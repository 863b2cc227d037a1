//! The command by which an editor asks for the graph of a vault that is open, as it
//! is now with all that is not saved, so that the editor can show it.

use std::path::PathBuf;

use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::Uri;
use vaultmark_vault::query::graph::{Asked, graph};

use super::{Shown, map};
use crate::snapshot::Snapshot;
use crate::{convert, disk};

/// The name of the command. Its argument is an object; see [`read`]. It gives the
/// JSON of `vaultmark graph` with the tier map, and with the name of the `vault` and
/// the address of its `root`.
pub const GRAPH: &str = "vaultmark.graph";

/// At most so many nodes, unless the client says another number.
const LIMIT: u64 = 10_000;

/// What a client wants to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// A note or file, or only a folder if the whole vault is wanted.
    path: PathBuf,
    /// Not what is around it, but the vault that holds it.
    whole: bool,
    depth: u32,
    limit: usize,
    families: bool,
}

/// Reads the `uri` of a note or file, and whether the `whole` vault is wanted, with
/// `depth`, `limit` and `families` as on the command line; `None` when the arguments
/// are no such thing.
pub fn read(arguments: Option<&Vec<Value>>) -> Option<Wanted> {
    let asked = arguments?.first()?;
    let uri = Uri::parse(asked["uri"].as_str()?).ok()?;
    let is = |key: &str| match &asked[key] {
        Value::Null => Some(false),
        value => value.as_bool(),
    };
    let number = |key: &str, otherwise: u64| match &asked[key] {
        Value::Null => Some(otherwise),
        value => value.as_u64(),
    };
    Some(Wanted {
        path: convert::path(&uri)?,
        whole: is("whole")?,
        depth: u32::try_from(number("depth", 1)?).ok()?,
        limit: usize::try_from(number("limit", LIMIT)?).ok()?,
        families: is("families")?,
    })
}

/// The graph of the deepest of these vaults that holds what is asked for. `stop` is
/// asked now and then; when it says yes the answer is cut short.
///
/// # Errors
/// In words, why there is none.
pub fn run(
    snapshots: &[Snapshot],
    wanted: &Wanted,
    stop: &dyn Fn() -> bool,
) -> Result<Value, String> {
    let shown = wanted.path.display();
    let holds = |own: &&Snapshot| wanted.path.starts_with(own.root());
    let Some(snapshot) = snapshots.iter().rev().find(holds) else {
        return Err(format!(
            "{shown} is in no vault that is open. Open its folder."
        ));
    };
    let vault = &snapshot.vault;
    if !vault.is_complete() {
        return Err("The vault is still being read. Try again in a moment.".to_owned());
    }
    let inside = disk::relative(snapshot.root(), &wanted.path);
    let file = inside.and_then(|inside| vault.find(&inside));
    if file.is_none() && !wanted.whole {
        return Err(format!("{shown} is no note or file of the vault."));
    }
    let asked = Asked {
        center: file.filter(|_| !wanted.whole),
        depth: wanted.depth,
        limit: wanted.limit,
        families: wanted.families,
    };
    let drawn = graph(vault, asked, stop);
    let matrix = map(vault, asked, &drawn, snapshot, stop);
    let answer = Shown {
        vault,
        asked,
        graph: &drawn,
        matrix: Some(&matrix),
    };
    let mut answer = answer.json();
    let name = snapshot.root().file_name();
    answer["vault"] = json!(name.map(|name| name.to_string_lossy()));
    answer["root"] = json!(&*snapshot.root_address);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_strictly() {
        let path = std::env::temp_dir().join("a.md");
        let uri = convert::uri(&path).unwrap().to_string();
        let read = |argument: Value| read(Some(&vec![argument]));
        let plain = Wanted {
            path,
            whole: false,
            depth: 1,
            limit: 10_000,
            families: false,
        };
        assert_eq!(read(json!({"uri": uri})), Some(plain));
        let all = read(json!({"uri": uri, "whole": true, "depth": 2, "limit": 3}));
        let all = all.map(|all| (all.whole, all.depth, all.limit));
        assert_eq!(all, Some((true, 2, 3)));
        for wrong in [
            json!({}),
            json!({"uri": "untitled:a"}),
            json!({"uri": uri, "depth": -1}),
            json!({"uri": uri, "whole": "yes"}),
        ] {
            assert_eq!(read(wrong.clone()), None, "{wrong}");
        }
    }
}
