//! Files that change, that cannot be read, or that are no notes at all.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::fixture::{vault, write};

fn event(client: &mut Client, path: &Path, kind: u32) {
    let changes = json!({"changes": [{"uri": address(path), "type": kind}]});
    client.notify("workspace/didChangeWatchedFiles", changes);
}

fn leads_somewhere(client: &mut Client, path: &Path) -> bool {
    !client.at("definition", path, 0, 3).is_null()
}

#[test]
fn files_appear_change_move_and_vanish() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("x/keep.md", "")]);
    let mut client = Client::start(&root);
    let (path, other) = (root.join("a.md"), root.join("x/b.md"));
    client.open(&path, "[[b]]\n");
    assert!(!leads_somewhere(&mut client, &path));
    write(&other, "# B\n");
    event(&mut client, &other, 1);
    client.until("the new file", |client| leads_somewhere(client, &path));
    // A folder that moved is one event for the folder.
    std::fs::rename(root.join("x"), root.join("y")).unwrap();
    event(&mut client, &root.join("x"), 3);
    event(&mut client, &root.join("y"), 1);
    client.until("the moved file", |client| {
        let found = client.at("definition", &path, 0, 3);
        found[0]["targetUri"] == address(&root.join("y/b.md"))
    });
    std::fs::remove_file(root.join("y/b.md")).unwrap();
    event(&mut client, &root.join("y/b.md"), 3);
    client.until("the end of the file", |client| {
        !leads_somewhere(client, &path)
    });
}

#[test]
fn an_open_note_outranks_the_disk_until_it_is_closed() {
    let (_folder, root) = vault(&[("a.md", "[[disk]]\n"), ("disk.md", ""), ("editor.md", "")]);
    let mut client = Client::start(&root);
    let path = root.join("a.md");
    let target = |client: &mut Client| client.at("definition", &path, 0, 3)[0]["targetUri"].clone();
    client.open(&path, "[[editor]]\n");
    assert_eq!(target(&mut client), address(&root.join("editor.md")));
    write(&path, "[[disk]] again\n");
    event(&mut client, &path, 2);
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(target(&mut client), address(&root.join("editor.md")));
    client.notify(
        "textDocument/didClose",
        json!({"textDocument": {"uri": address(&path)}}),
    );
    client.until("the text of the disk", |client| {
        target(client) == address(&root.join("disk.md"))
    });
}

#[test]
fn a_client_that_watches_nothing_sees_outside_changes_all_the_same() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n")]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["workspace"] = json!({});
    client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    client.wait_until_read();
    let path = root.join("a.md");
    client.open(&path, "[[b]]\n");
    // The watcher is set up beside the first reading.
    std::thread::sleep(std::time::Duration::from_millis(300));
    write(&root.join("x/b.md"), "# B\n");
    client.until("the new file", |client| leads_somewhere(client, &path));
    std::fs::remove_dir_all(root.join("x")).unwrap();
    client.until("the end of the folder", |client| {
        !leads_somewhere(client, &path)
    });
}

#[test]
#[cfg(unix)]
fn nothing_on_the_disk_blocks_or_crashes() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (_folder, root) = vault(&[
        ("odd % # 😀/vault/a.md", "[[b]]\n"),
        ("odd % # 😀/vault/sub/b.md", "# B\n"),
        ("odd % # 😀/vault/.hidden/c.md", ""),
        ("outside.md", "# Outside\n"),
    ]);
    let root = root.join("odd % # 😀/vault");
    symlink("..", root.join("sub/loop")).unwrap();
    symlink("nowhere", root.join("dangling.md")).unwrap();
    symlink("../../outside.md", root.join("outside.md")).unwrap();
    let fifo = std::process::Command::new("mkfifo")
        .arg(root.join("fifo.md"))
        .status();
    assert!(fifo.unwrap().success());
    write(&root.join("locked.md"), "[[b]]\n");
    std::fs::set_permissions(
        root.join("locked.md"),
        std::fs::Permissions::from_mode(0o000),
    )
    .unwrap();
    std::fs::write(root.join("latin.md"), b"caf\xe9 [[b]]\n").unwrap();
    std::fs::write(root.join("nul.md"), b"\0[[b]]\0\n").unwrap();
    std::fs::write(root.join("cr.md"), b"one\r[[b]]\rtwo\r").unwrap();
    let mut client = Client::start(&root);
    let path = root.join("a.md");
    client.open(&path, "[[b]] [[latin]] [[outside]] [[c]]\n");
    let found = client.at("references", &path, 0, 3);
    let mut places: Vec<(String, Value)> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|place| {
            let uri = place["uri"].as_str().unwrap();
            (
                uri.rsplit('/').next().unwrap().to_owned(),
                place["range"]["start"].clone(),
            )
        })
        .collect();
    // Who runs as root may read the locked file.
    places.retain(|place| place.0 != "locked.md");
    let at = |line: u32, character: u32| json!({"line": line, "character": character});
    assert_eq!(
        places,
        [
            ("a.md".to_owned(), at(0, 0)),
            ("cr.md".to_owned(), at(1, 0)),
            ("nul.md".to_owned(), at(0, 1)),
        ]
    );
    assert!(
        !client.at("definition", &path, 0, 9).is_null(),
        "a file that is no text exists all the same"
    );
    assert!(
        client.at("definition", &path, 0, 20).is_null(),
        "a link out of the vault is not followed"
    );
    assert!(
        client.at("definition", &path, 0, 31).is_null(),
        "dot-folders are no part of the vault"
    );
    assert_eq!(client.leave(), Some(0));
}

#[test]
fn huge_and_strange_notes_are_served() {
    let (_folder, root) = vault(&[("b.md", "# B\n")]);
    let mut client = Client::start(&root);
    let path = root.join("a.md");
    for text in [
        "[[b]]".repeat(100_000),
        "x".repeat(20 << 20),
        "> ".repeat(50_000),
        "[[".repeat(200_000),
        format!("---\na: {}\n---\n", "[".repeat(100_000)),
        format!("---\n{}x: &x [1]\n---\n", "a: *x\n".repeat(10_000)),
        "\u{feff}---\nup: \"[[b]]\"\n---\n".to_owned(),
    ] {
        client.open(&path, &text);
        let document = json!({"textDocument": {"uri": address(&path)}});
        assert!(
            client
                .request("textDocument/documentSymbol", document.clone())
                .unwrap()
                .is_array()
        );
        client.at("hover", &path, 0, 3);
        client.notify("textDocument/didClose", document);
    }
    assert_eq!(client.leave(), Some(0));
}
