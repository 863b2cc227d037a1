//! Looking at the disk again: what an event says is not believed, and what it
//! does not say is found all the same.

use std::path::Path;

use serde_json::json;

use crate::support::client::{Client, able, address};
use crate::support::fixture::{vault, write};

/// Waits until all events so far were worked off.
fn settle(client: &mut Client, root: &Path) {
    let marks = std::fs::read_dir(root.join("marks")).map_or(0, Iterator::count);
    let path = root.join(format!("marks/{marks}.md"));
    write(&path, "[[mark]]\n");
    client.heard(&[&path]);
    client.until("the mark", |client| {
        !client.at("documentHighlight", &path, 0, 3).is_null()
    });
}

fn leads_to(client: &mut Client, path: &Path, name: &str) {
    client.until(name, |client| {
        client.files("definition", path, (0, 3)) == [name]
    });
}

#[test]
fn a_folder_that_comes_back_is_read_again() {
    let (_folder, root) = vault(&[
        ("x/a.md", "[[b]]\n"),
        ("x/b.md", ""),
        ("c.md", "[[b]] [[a]]\n"),
    ]);
    let mut client = Client::start(&root);
    let (path, witness) = (root.join("x/a.md"), root.join("c.md"));
    // A note that stays tells when the others are gone: of one that was moved
    // nothing can be asked, whether the server has heard of it or not.
    let is_at = |client: &mut Client, column: usize, path: &Path| {
        client.at("definition", &witness, 0, column)[0]["targetUri"] == address(path)
    };
    for away in ["away", ".away"] {
        std::fs::rename(root.join("x"), root.join(away)).unwrap();
        client.heard(&[&root.join("x"), &root.join(away)]);
        client.until("the end of the folder", |client| {
            !is_at(client, 3, &root.join("x/b.md"))
        });
        std::fs::rename(root.join(away), root.join("x")).unwrap();
        client.heard(&[&root.join(away), &root.join("x")]);
        leads_to(&mut client, &path, "b.md");
    }
    // The same for a file alone.
    std::fs::rename(&path, root.join(".a")).unwrap();
    client.heard(&[&path]);
    client.until("the end of the file", |client| !is_at(client, 9, &path));
    std::fs::rename(root.join(".a"), &path).unwrap();
    client.heard(&[&path]);
    leads_to(&mut client, &path, "b.md");
}

#[test]
fn only_notes_of_the_vault_have_links() {
    let (_folder, root) = vault(&[
        ("a.md", "# A\n"),
        (".trash/t.md", "[[a]]\n"),
        ("m.py", "# [[a]]\n"),
        ("n.md", "[[a]]\n"),
    ]);
    let mut client = Client::start(&root);
    let a = root.join("a.md");
    let others = [
        root.join(".trash/t.md"),
        root.join("m.py"),
        root.join("new.txt"),
    ];
    for _ in 0..2 {
        for path in &others {
            client.open(path, "[[a]] #t\n");
            let document = json!({"textDocument": {"uri": address(path)}});
            for method in ["documentLink", "documentSymbol"] {
                let method = format!("textDocument/{method}");
                assert!(client.request(&method, document.clone()).unwrap().is_null());
            }
            for method in ["definition", "hover", "references", "documentHighlight"] {
                assert!(client.at(method, path, 0, 3).is_null(), "{method}");
            }
        }
        assert_eq!(client.files("references", &a, (0, 3)), ["n.md"]);
        for path in &others {
            client.close(path);
        }
        settle(&mut client, &root);
        assert_eq!(client.files("references", &a, (0, 3)), ["n.md"]);
    }
}

#[test]
#[cfg(unix)]
fn nothing_is_read_through_a_symbolic_link() {
    let (_folder, root) = vault(&[
        ("v/a.md", "[[s]] [[l/s]]\n"),
        ("outside/s.md", "[[a]]\n"),
        ("outside/deep/s.md", "[[a]]\n"),
    ]);
    let (root, outside) = (root.join("v"), root.join("outside"));
    let mut client = Client::start(&root);
    std::os::unix::fs::symlink(&outside, root.join("l")).unwrap();
    let events = ["l", "l/s.md", "l/deep", "l/deep/s.md"].map(|path| root.join(path));
    client.heard(&events.each_ref().map(std::path::PathBuf::as_path));
    settle(&mut client, &root);
    for column in [3, 10] {
        assert!(
            client
                .at("definition", &root.join("a.md"), 0, column)
                .is_null()
        );
    }
    // A folder that becomes a link is no folder any more.
    write(&root.join("f/s.md"), "");
    client.heard(&[&root.join("f")]);
    leads_to(&mut client, &root.join("a.md"), "s.md");
    std::fs::remove_dir_all(root.join("f")).unwrap();
    std::os::unix::fs::symlink(&outside, root.join("f")).unwrap();
    client.heard(&[&root.join("f/s.md")]);
    client.until("the end of the folder", |client| {
        client.at("definition", &root.join("a.md"), 0, 3).is_null()
    });
}

/// A client that leaves watching to the server.
fn unwatched(root: &Path) -> Client {
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["workspace"] = json!({});
    client.initialize(json!({"rootUri": address(root), "capabilities": capabilities}));
    client.wait_until_read();
    client
}

#[test]
#[cfg(unix)]
fn the_server_does_not_watch_through_a_symbolic_link() {
    let (_folder, root) = vault(&[("v/a.md", "[[s]]\n"), ("outside/x.md", "")]);
    let (root, outside) = (root.join("v"), root.join("outside"));
    std::os::unix::fs::symlink(&outside, root.join("l")).unwrap();
    let mut client = unwatched(&root);
    write(&outside.join("s.md"), "");
    write(&root.join("t.md"), "[[a]]\n");
    leads_to(&mut client, &root.join("t.md"), "a.md");
    assert!(client.at("definition", &root.join("a.md"), 0, 3).is_null());
}

#[test]
fn changes_before_the_watch_and_a_folder_made_anew_are_seen() {
    let (_folder, root) = vault(&[("v/a.md", "[[b]]\n")]);
    let root = root.join("v");
    let mut client = unwatched(&root);
    // At any moment around the beginning of the watch.
    write(&root.join("b.md"), "");
    leads_to(&mut client, &root.join("a.md"), "b.md");
    std::fs::remove_dir_all(&root).unwrap();
    client.until("the end of the folder", |client| {
        client.at("definition", &root.join("a.md"), 0, 3).is_null()
    });
    write(&root.join("a.md"), "[[c]]\n");
    write(&root.join("c.md"), "");
    leads_to(&mut client, &root.join("a.md"), "c.md");
    write(&root.join("d.md"), "[[c]]\n");
    leads_to(&mut client, &root.join("d.md"), "c.md");
    std::fs::remove_file(root.join("c.md")).unwrap();
    client.until("the end of the file", |client| {
        client.at("definition", &root.join("d.md"), 0, 3).is_null()
    });
}

#[test]
fn an_event_for_the_root_or_above_it_stands_for_all_files() {
    let (_folder, root) = vault(&[("v/a.md", "[[b]]\n"), ("v/x/old.md", "")]);
    let mut client = Client::start(&root.join("v"));
    let path = root.join("v/a.md");
    write(&root.join("v/b.md"), "");
    client.heard(&[&root.join("v")]);
    leads_to(&mut client, &path, "b.md");
    write(&path, "[[x/old]]\n");
    client.heard(&[&root]);
    leads_to(&mut client, &path, "old.md");
    std::fs::remove_dir_all(root.join("v/x")).unwrap();
    client.heard(&[&root.join("v")]);
    client.until("the end of the file", |client| {
        client.at("definition", &path, 0, 3).is_null()
    });
}

#[test]
fn a_file_that_looks_the_same_is_not_taken_for_it() {
    let (_folder, root) = vault(&[
        ("x/a.md", "[[b]]\n"),
        ("x/y.md", "[[c]]\n"),
        ("b.md", ""),
        ("c.md", ""),
    ]);
    let path = root.join("x/a.md");
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_hours(300_000);
    let set_time = |path: &Path| {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(old).unwrap();
    };
    set_time(&path);
    set_time(&root.join("x/y.md"));
    let mut client = Client::start(&root);
    leads_to(&mut client, &path, "b.md");
    // As `unzip` or `cp -p` do.
    write(&path, "[[c]]\n");
    set_time(&path);
    client.heard(&[&path]);
    leads_to(&mut client, &path, "c.md");
    write(&path, "[[b]]\n");
    set_time(&path);
    client.heard(&[&path]);
    leads_to(&mut client, &path, "b.md");
    // Another file takes its place, and the event is for the folder.
    std::fs::rename(root.join("x/y.md"), &path).unwrap();
    client.heard(&[&root.join("x")]);
    leads_to(&mut client, &path, "c.md");
}

#[test]
fn folders_that_are_fetched_separately_are_known_as_soon_as_they_are_named() {
    let text = "[[Germany/x]] [[France/x]]\n";
    let (_folder, root) = vault(&[("a.md", text), ("Germany/y.md", "")]);
    let mut client = Client::start(&root);
    let reason = |client: &mut Client, column| {
        client.at("hover", &root.join("a.md"), 0, column)["contents"]["value"].to_string()
    };
    let (broken, other) = (reason(&mut client, 5), reason(&mut client, 20));
    write(&root.join(".gitignore"), "/Germany/\n");
    client.heard(&[&root.join(".gitignore")]);
    std::fs::remove_dir_all(root.join("Germany")).unwrap();
    client.heard(&[&root.join("Germany")]);
    client.until("the folder", |client| reason(client, 5) != broken);
    write(&root.join("checkout-France.bat"), "");
    client.heard(&[&root.join("checkout-France.bat")]);
    client.until("the other folder", |client| reason(client, 20) != other);
    std::fs::remove_file(root.join(".gitignore")).unwrap();
    std::fs::remove_file(root.join("checkout-France.bat")).unwrap();
    client.heard(&[&root]);
    client.until("the end of both", |client| {
        reason(client, 5) == broken && reason(client, 20) == other
    });
}

#[test]
fn many_files_go_at_once() {
    let notes: Vec<String> = (0..3_000).map(|number| format!("x/n{number}.md")).collect();
    let mut files: Vec<(&str, &str)> = notes.iter().map(|path| (path.as_str(), "")).collect();
    files.push(("a.md", "[[n2999]]\n"));
    let (_folder, root) = vault(&files);
    let mut client = Client::start(&root);
    let path = root.join("a.md");
    leads_to(&mut client, &path, "n2999.md");
    std::fs::remove_dir_all(root.join("x")).unwrap();
    let gone: Vec<_> = notes.iter().map(|path| root.join(path)).collect();
    let gone: Vec<&Path> = gone.iter().map(std::path::PathBuf::as_path).collect();
    client.heard(&gone);
    client.until("the end of the files", |client| {
        client.at("definition", &path, 0, 3).is_null()
    });
}

#[test]
fn a_change_up_to_the_line_behind_the_last_one_fits() {
    let (_folder, root) = vault(&[("a.md", "abc"), ("b.md", "")]);
    let mut client = Client::start(&root);
    let path = root.join("a.md");
    client.open(&path, "abc");
    let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}});
    client.notify(
        "textDocument/didChange",
        json!({
            "textDocument": {"uri": address(&path), "version": 2},
            "contentChanges": [{"range": range, "text": "[[b]]\n"}],
        }),
    );
    leads_to(&mut client, &path, "b.md");
    assert_eq!(client.shown(), Vec::<String>::new());
}
