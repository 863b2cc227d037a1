//! `vaultmark rename`, `move` and `undo`. What a rename does to notes is shown in
//! `docs/rename.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::fixture::{vault, write};

/// The exit code, and what was printed: to the output and to the errors.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_vaultmark"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    (code, text(output.stdout), text(output.stderr))
}

/// All files but those that renames keep, with what they hold.
pub(crate) fn files(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let inside = path.strip_prefix(root).unwrap();
            if path.is_dir() && inside != Path::new(".vaultmark") {
                folders.push(path);
            } else if path.is_file() {
                let inside = inside.to_str().unwrap().to_owned();
                found.insert(inside, fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_rename_is_shown_first_then_done_then_taken_back() {
    let (_folder, root) = vault(&[
        ("a.md", "[[Old]]\r\nx\r\n"),
        ("x/Old.md", "# Old\n"),
        ("x/Old/pic.png", ""),
        ("x/Old/.hidden", "mine"),
        (".obsidian/app.json", "{}"),
    ]);
    let before = files(&root);
    let (code, text, _) = run(&root, &["rename", "Old", "New"]);
    assert_eq!(code, 0);
    for part in [
        "--- a.md\n+++ a.md\n",
        "-[[Old]]",
        "+[[New]]",
        "--- x/Old.md\n+++ x/New.md\n",
        "Files that move: 1\n  x/Old.md → x/New.md\n",
        "Places that are rewritten: 2, in 2 notes\n  links in the text: 1\n",
        "--apply",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours but on a terminal");
    assert_eq!(files(&root), before);
    assert!(!root.join(".vaultmark").exists());

    // From a folder of the vault, with the path as a shell gives it.
    let folder = root.join("x");
    let (code, text, _) = run(
        &folder,
        &["rename", "Old.md", "New", "--apply", "--with-folder"],
    );
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("x/Old/ → x/New/, with all that is in it"),
        "{text}"
    );
    let after = files(&root);
    assert_eq!(after["a.md"], "[[New]]\r\nx\r\n");
    assert_eq!(after["x/New.md"], "# New\n");
    assert_eq!(after["x/New/.hidden"], "mine");
    assert!(!root.join("x/Old").exists());

    let (code, text, _) = run(&root, &["undo"]);
    assert_eq!(
        (code, text.as_str()),
        (0, "Took back the rename of Old.md to New.\n")
    );
    assert_eq!(files(&root), before);
    let (code, _, error) = run(&root, &["undo"]);
    assert_eq!(code, 1);
    assert!(error.contains("nothing to undo"), "{error}");
}

#[test]
fn what_cannot_be_is_refused_with_a_code_and_in_words() {
    let (_folder, root) = vault(&[
        ("x/A.md", ""),
        ("y/A.md", ""),
        ("B.md", "## One\n"),
        ("C.md", "## Two\n[[B]]\n"),
    ]);
    let before = files(&root);
    for (code, arguments, words) in [
        (
            1,
            &["rename", "A", "Z"][..],
            "`x/A.md`, `y/A.md`. Name one by its path",
        ),
        (1, &["rename", "B", "c"], "`c.md` exists already"),
        (1, &["rename", "B", "x:y"], "`x-y` would do"),
        (1, &["rename", "Q", "Z"], "no note, file or folder `Q`"),
        (1, &["rename", "--heading", "B#^One", "Z"], "no heading"),
        (1, &["rename", "--block", "B#One", "Z"], "no block"),
        (1, &["rename", "--alias", "B", "Z"], "write `Note|Alias`"),
        (
            1,
            &["rename", "--alias", "B|x", "Z"],
            "no alias `x` in the note `B`",
        ),
        (1, &["rename", "--value", "x", "Z"], "write `key=value`"),
        (1, &["rename", "--property", "x", "Z"], "no property `x`"),
        (1, &["rename", "--resume"], "nothing to finish"),
        (2, &["rename", "B"], "required"),
        (
            2,
            &["rename", "B", "Z", "--vault", "none"],
            "there is no folder none",
        ),
        (
            2,
            &["rename", "B", "Z", "--tag", "--block"],
            "cannot be used with",
        ),
        (2, &["rename", "--batch", "none"], "cannot read none"),
    ] {
        let (found, _, error) = run(&root, &[arguments, &["--apply"]].concat());
        // `--resume` applies by itself.
        let (found, error) = match arguments {
            ["rename", "--resume"] => {
                let (found, _, error) = run(&root, arguments);
                (found, error)
            }
            _ => (found, error),
        };
        assert_eq!(found, code, "{arguments:?}: {error}");
        assert!(error.contains(words), "{arguments:?}: {error}");
    }
    let (code, text, _) = run(&root, &["rename", "B", "c", "--json"]);
    let refusal: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &refusal["applied"]), (1, &json!(false)));
    assert!(
        refusal["refused"]
            .as_str()
            .unwrap()
            .contains("exists already")
    );
    assert_eq!(files(&root), before);
}

#[test]
fn a_batch_is_done_whole_or_refused_with_its_lines() {
    let (_folder, root) = vault(&[
        ("A.md", "[[B]] [[C]]\n"),
        ("B.md", "[[A]]\n"),
        ("x/C.md", ""),
        ("D.md", ""),
    ]);
    let before = files(&root);
    let list = root.join("list.txt");
    write(&list, "A\tB\n\nB\tA\nC\tin/E\n");
    let (code, _, error) = run(&root, &["rename", "--batch", "list.txt", "--apply"]);
    assert_eq!(code, 0, "{error}");
    let after = files(&root);
    assert_eq!(after["B.md"], "[[A]] [[E]]\n", "two notes changed places");
    assert_eq!(after["A.md"], "[[B]]\n");
    assert!(after.contains_key("in/E.md"));
    run(&root, &["undo"]);
    for (lines, words) in [
        (
            "A\tZ\nQ\tR\nB\n",
            "line 3: write the old name, a tab, and the new one",
        ),
        ("A\tZ\nQ\tR\n", "line 2: There is no note"),
        ("A\tZ\nB\tx:y\n", "line 2: A name cannot hold"),
        (
            "A\tZ\nB\tz\n",
            "line 2: `z.md` is a new name in line 1 already",
        ),
        (
            "A\tZ\nA\tY\n",
            "line 2: `A.md` is renamed in line 1 already",
        ),
        (
            "A\tZ\nB\tD\n",
            "line 2: Nothing was renamed: `D.md` exists already",
        ),
    ] {
        write(&list, lines);
        let (code, _, error) = run(&root, &["rename", "--batch", "list.txt", "--apply"]);
        assert_eq!(code, 1, "{lines}");
        assert!(error.contains(words), "{error}");
    }
    fs::remove_file(list).unwrap();
    assert_eq!(files(&root), before);
}

#[test]
fn repositories_with_changes_are_named() {
    let (_folder, root) = vault(&[
        ("a.md", "[[b]]\n"),
        ("in/b.md", ""),
        ("other/c.md", ""),
        (".git/config", ""),
        ("in/.git/config", ""),
        ("other/.git/config", ""),
    ]);
    let (code, text, _) = run(&root, &["rename", "b", "d", "--apply", "--vault", "."]);
    let nested = root.join("in");
    let expected = format!(
        "Git repositories with changes:\n  {}\n  {}\n",
        root.display(),
        nested.display()
    );
    assert_eq!(code, 0);
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn an_interrupted_rename_is_told_of_where_something_would_be_written() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("b.md", "")]);
    fs::create_dir_all(root.join(".vaultmark/running")).unwrap();
    for (code, arguments) in [
        (1, &["rename", "a", "c"][..]),
        (1, &["rename", "a", "c", "--apply"]),
        (2, &["check", "--fix"]),
    ] {
        let (found, _, error) = run(&root, arguments);
        assert_eq!(found, code, "{error}");
        assert!(error.contains("`vaultmark rename --resume`"), "{error}");
    }
    let mut client = Client::start(&root);
    client.until("a message", |client| {
        let shown = client.shown();
        shown
            .iter()
            .any(|text| text.contains("A rename was interrupted"))
    });
}

#[test]
fn a_killed_rename_leaves_the_vault_whole_before_or_after() {
    const NOTES: usize = 300;
    let make = || {
        let (folder, root) = vault(&[("x/Hub.md", "# Hub\n"), ("x/Hub/.keep", "x")]);
        for number in 0..NOTES {
            let text = format!("[[Hub]] {number}\r\n");
            write(&root.join(format!("x/Hub/n{number}.md")), &text);
        }
        (folder, root)
    };
    let start = |root: &Path| {
        Command::new(env!("CARGO_BIN_EXE_vaultmark"))
            .args([
                "rename",
                "Hub",
                "in/New",
                "--apply",
                "--with-folder",
                "--vault",
            ])
            .arg(root)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let (_folder, root) = make();
    let before = files(&root);
    assert!(start(&root).wait().unwrap().success());
    let after = files(&root);
    assert_eq!(after.len(), before.len());
    assert_eq!(after["in/New/n7.md"], "[[New]] 7\r\n");
    for round in 0..10 {
        let (_folder, root) = make();
        let mut child = start(&root);
        // Most of the time goes by before anything is touched.
        let state = if round == 0 { "staged" } else { "running" };
        let state = root.join(".vaultmark").join(state);
        while !state.exists() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(100));
        }
        std::thread::sleep(Duration::from_micros(300) * round);
        child.kill().unwrap();
        child.wait().unwrap();
        let (command, whole) = if round % 2 == 0 {
            (&["undo"][..], &before)
        } else {
            (&["rename", "--resume"][..], &after)
        };
        let (code, _, error) = run(&root, &[command, &["--vault", "."]].concat());
        let found = files(&root);
        // The kill may have come before everything or behind it.
        let is_whole = found == *whole || code == 1 && (found == before || found == after);
        assert!(is_whole, "round {round}: {code} {error}");
    }
}

/// The files as a preview says they will be.
fn foretold(before: &BTreeMap<String, String>, preview: &Value) -> BTreeMap<String, String> {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut files = before.clone();
    for note in list(&preview["notes"]) {
        let old = files.get_mut(&text(&note["path"])).unwrap();
        let mut lines: Vec<Vec<String>> = old
            .split_inclusive('\n')
            .map(|line| line.chars().map(String::from).collect())
            .collect();
        for edit in list(&note["edits"]).iter().rev() {
            let number = |key: &str| edit[key].as_u64().unwrap() as usize - 1;
            assert_eq!(number("line"), number("endLine"));
            let columns = number("column")..number("endColumn");
            let line = &mut lines[number("line")];
            let said: String = line[columns.clone()].concat();
            assert_eq!(said, text(&edit["old"]));
            line.splice(columns, [text(&edit["new"])]);
        }
        *old = lines.concat().concat();
    }
    let moves = list(&preview["moves"]);
    let taken = moves.iter().map(|own| {
        let held = files.remove(&text(&own["from"])).unwrap();
        (text(&own["to"]), held)
    });
    let taken: Vec<_> = taken.collect();
    files.extend(taken);
    files
}

const NOTES: [&str; 5] = ["A", "x/B", "x/y/C", "D é", "_public/E.public"];

fn notes() -> impl Strategy<Value = Vec<(String, String)>> {
    let link = proptest::sample::select(vec![
        "[[A]]",
        "[[B|x]]",
        "![[x/B#H]]",
        "[c](x/y/C.md)",
        "[[D é]]",
        "[[./B]]",
        "# A\n",
        "\r\n",
        "[d](D%20é.md \"t\")",
        "[[none]]",
        "`[[A]]`",
        "[[E.public]]",
        "😀 ",
        "| [[A\\|a]] |",
        "\n",
        "[[/_public/E.public|E]]",
        "text ",
        "[[C|C]]",
    ]);
    let text = proptest::collection::vec(link, 0..8).prop_map(|parts| parts.concat());
    proptest::collection::vec(text, NOTES.len()).prop_map(|texts| {
        let notes = NOTES.iter().zip(texts);
        let notes = notes.map(|(name, text)| (format!("{name}.md"), text));
        notes.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn what_is_shown_is_done_and_the_way_back_restores_every_byte(
        notes in notes(),
        which in 0..NOTES.len(),
        new in proptest::sample::select(vec!["Fresh", "/z/Fresh", "/x/Fresh"]),
    ) {
        let notes: Vec<(&str, &str)> = notes.iter().map(|own| (&*own.0, &*own.1)).collect();
        let (_folder, root) = vault(&notes);
        let before = files(&root);
        let rename = |old: &str, new: &str, more: &[&str]| {
            let arguments = [&["rename", old, new, "--json", "--vault", "."], more].concat();
            let (code, text, error) = run(&root, &arguments);
            assert_eq!(code, 0, "{error}");
            serde_json::from_str::<Value>(&text).unwrap()
        };
        let mut preview = rename(NOTES[which], new, &[]);
        let done = rename(NOTES[which], new, &["--apply"]);
        preview["applied"] = json!(true);
        prop_assert_eq!(&preview, &done);
        let after = files(&root);
        prop_assert_eq!(&foretold(&before, &done), &after);
        prop_assert_eq!(run(&root, &["undo", "--vault", "."]).0, 0);
        prop_assert_eq!(&files(&root), &before);
        // The same by renaming back.
        rename(NOTES[which], "Fresh", &["--apply"]);
        let name = NOTES[which].rsplit('/').next().unwrap();
        let suffix = if name.ends_with(".public") { "Fresh.public" } else { "Fresh" };
        rename(suffix, name, &["--apply"]);
        prop_assert_eq!(&files(&root), &before);
    }
}
