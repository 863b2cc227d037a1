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

/// What a preview says of a rename: the moves, and all words to the user.
fn previewed(root: &std::path::Path, arguments: &[&str]) -> (Vec<String>, String) {
    let arguments = [&["rename"], arguments, &["--json", "--vault", "."]].concat();
    let (_, text, error) = run(root, &arguments);
    let found: Value = serde_json::from_str(&text).unwrap();
    let moves = found["moves"].as_array().into_iter().flatten();
    let moves = moves.map(|own| format!("{} {}", own["from"], own["to"]).replace('"', ""));
    (moves.collect(), format!("{} {error}", found["warnings"]))
}

#[test]
fn folders_change_places_and_go_along_in_their_own_case() {
    let (_folder, root) = vault(&[
        (
            "_public/Cities/a.public.md",
            "[[/_secret/cities/b.secret]]\n",
        ),
        ("_secret/cities/b.secret.md", ""),
        ("_secret/cities/.hidden", ""),
        ("A/n.md", ""),
        ("A/.hidden", "of A"),
        ("B/n.md", "[[A/n]]\n"),
    ]);
    let before = files(&root);
    std::fs::write(root.join("list"), "A\tB\nB\tA\n_public/Cities\tTowns\n").unwrap();
    let batch = ["rename", "--batch", "list", "--vault", "."];
    assert_eq!(run(&root, &batch).0, 0);
    let (code, _, error) = run(&root, &[&batch[..], &["--apply"]].concat());
    assert_eq!(code, 0, "{error}");
    let after = files(&root);
    assert_eq!(after["A/n.md"], "[[B/n]]\n");
    assert_eq!(after["B/.hidden"], "of A");
    assert_eq!(
        after["_public/Towns/a.public.md"],
        "[[/_secret/Towns/b.secret]]\n"
    );
    assert!(after.contains_key("_secret/Towns/.hidden"));
    assert_eq!(run(&root, &["undo", "--vault", "."]).0, 0);
    std::fs::remove_file(root.join("list")).unwrap();
    assert_eq!(files(&root), before);
}

#[test]
fn notes_that_are_not_utf_8_are_not_forgotten() {
    let (_folder, root) = vault(&[("n.md", "#tag\n"), ("x/m.md", "")]);
    std::fs::write(root.join("latin.md"), b"[[n]] #tag \xe4\n").unwrap();
    let utf_16 = "\u{feff}[[x/m]]".encode_utf16().flat_map(u16::to_le_bytes);
    std::fs::write(root.join("wide.md"), utf_16.collect::<Vec<u8>>()).unwrap();
    for (arguments, file) in [
        (&["n", "k"][..], "latin.md"),
        (&["x/m.md", "k"], "wide.md"),
        (&["x/", "y"], "wide.md"),
        (&["--tag", "tag", "new"], "latin.md"),
    ] {
        let (_, said) = previewed(&root, arguments);
        let told = format!("`{file}` cannot be read as text");
        assert!(said.contains(&told), "{arguments:?}: {said}");
    }
    std::fs::write(root.join("latin.md"), b"[[m]] \xe4\n").unwrap();
    assert_eq!(previewed(&root, &["n", "k"]).0, ["n.md k.md"]);
}

#[test]
fn the_preview_tells_what_stands_in_the_way() {
    let (_folder, root) = vault(&[("n.md", ""), ("LICENSE", ""), (".hidden", "")]);
    let (_, said) = previewed(&root, &["n", "LICENSE/n"]);
    assert!(said.contains("`LICENSE` is a file"), "{said}");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("n.md", root.join("link.md")).unwrap();
        std::os::unix::fs::symlink("LICENSE", root.join("other")).unwrap();
        let (_, said) = previewed(&root, &["n", "k"]);
        assert!(said.contains("`link.md` is a symbolic link"), "{said}");
    }
}
