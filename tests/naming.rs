//! What `vaultmark rename` gives other names, kind by kind, and what it leaves.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::command_line::{files, run};
use crate::support::fixture::vault;

#[test]
fn places_tags_and_folders_get_names() {
    let (_folder, root) = vault(&[
        ("n.md", "# Top\n## One\ntext ^id\n#a/b\n"),
        ("m.md", "[[n#One]] [[n#^id]] #a [[sub/deep/x]]\n"),
        ("sub/deep/x.md", "[[../y]]\n"),
        ("sub/y.md", ""),
    ]);
    for arguments in [
        ["rename", "--heading", "n#Top#One", "Eins", "--apply"],
        ["rename", "--block", "n#^id", "other", "--apply"],
        ["rename", "--tag", "#a", "c", "--apply"],
        ["rename", "sub/", "top", "--apply", "--vault=."],
        ["move", "x", "/else", "--apply", "--vault=."],
    ] {
        let (code, text, error) = run(&root, &arguments);
        assert_eq!(code, 0, "{text}{error}");
    }
    let expected = [
        ("else/x.md", "[[../top/y]]\n"),
        ("m.md", "[[n#Eins]] [[n#^other]] #c [[else/x]]\n"),
        ("n.md", "# Top\n## Eins\ntext ^other\n#c/b\n"),
        ("top/y.md", ""),
    ];
    let expected = expected.map(|own| (own.0.to_owned(), own.1.to_owned()));
    assert_eq!(files(&root), BTreeMap::from(expected));
    assert!(!root.join("top/deep").exists(), "no empty folder is left");
}

#[test]
fn properties_values_and_aliases_get_names() {
    let (_folder, root) = vault(&[
        ("n.md", "---\nUp: town\naliases: [One, \"two\"]\n---\n"),
        (
            "sub/m.md",
            "---\nup: [town, x]\n---\n[[n|One]] [up:: town] [[n|two]]\n",
        ),
    ]);
    for (folder, arguments) in [
        ("", ["rename", "--property", "up", "part of", "--apply"]),
        (
            "",
            ["rename", "--value", "Part of = town", "city", "--apply"],
        ),
        ("", ["rename", "--alias", "n|one", "Eins", "--apply"]),
        // As a shell gives the path.
        (
            "sub",
            ["rename", "--alias", "../n.md|two", "zwei", "--apply"],
        ),
    ] {
        let arguments = [&arguments[..], &["--vault", "."]].concat();
        let arguments = match folder {
            "" => arguments,
            _ => [&arguments[..arguments.len() - 1], &[".."]].concat(),
        };
        let (code, text, error) = run(&root.join(folder), &arguments);
        assert_eq!(code, 0, "{text}{error}");
    }
    let expected = [
        (
            "n.md",
            "---\npart of: city\naliases: [Eins, \"zwei\"]\n---\n",
        ),
        (
            "sub/m.md",
            "---\npart of: [city, x]\n---\n[[n|Eins]] [part of:: city] [[n|zwei]]\n",
        ),
    ];
    let expected = expected.map(|own| (own.0.to_owned(), own.1.to_owned()));
    assert_eq!(files(&root), BTreeMap::from(expected));
}

#[test]
fn a_note_stays_at_the_old_path_where_that_is_set() {
    let (_folder, root) = vault(&[
        (".vaultmark.toml", "rename.redirect = true\n"),
        (".gitignore", "Old.md\n"),
        ("a.md", "[[Old]]\n"),
        ("Old.md", "# Old\n"),
    ]);
    let before = files(&root);
    let (code, preview, _) = run(&root, &["rename", "Old", "in/New"]);
    assert_eq!(code, 0);
    for part in [
        "--- /dev/null\n+++ Old.md\n@@ -0,0 +1 @@\n+Moved to [[/in/New|New]] on ",
        "Notes that stay at old paths: 1\n  Old.md\n",
        "Look at: `.gitignore` mentions `Old` and was not changed.\n",
    ] {
        assert!(preview.contains(part), "{part} in {preview}");
    }
    let (code, text, _) = run(&root, &["rename", "Old", "in/New", "--apply", "--json"]);
    let done: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(code, 0);
    let after = files(&root);
    assert_eq!(done["created"][0]["path"], "Old.md");
    assert_eq!(done["created"][0]["text"], json!(after["Old.md"]));
    assert_eq!(
        done["said"],
        json!(["`.gitignore` mentions `Old` and was not changed."])
    );
    assert!(after["Old.md"].starts_with("Moved to [[/in/New|New]] on 2"));
    assert_eq!(after["in/New.md"], "# New\n");
    assert_eq!(after["a.md"], "[[New]]\n");
    let (code, _, error) = run(&root, &["undo"]);
    assert_eq!(code, 0, "{error}");
    assert_eq!(files(&root), before);
}
