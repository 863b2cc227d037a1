//! Folders that come, go, and lie in one another, and the documents in them.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::fixture::{vault, write};

/// A client with these folders.
fn serve(folders: &[&Path]) -> Client {
    let mut client = Client::spawn();
    let folders: Vec<Value> = folders
        .iter()
        .map(|path| json!({"uri": address(path), "name": "folder"}))
        .collect();
    client
        .initialize(json!({"rootUri": null, "workspaceFolders": folders, "capabilities": able()}));
    for _ in folders {
        client.wait_until_read();
    }
    client
}

fn leads_to(client: &mut Client, path: &Path, name: &str) {
    client.until(name, |client| {
        client.files("definition", path, (0, 3)) == [name]
    });
}

/// The names of the symbols that a query finds.
fn symbols(client: &mut Client, query: &str) -> Vec<String> {
    let found = client
        .request("workspace/symbol", json!({"query": query}))
        .unwrap();
    let found = found.as_array().unwrap().iter();
    found
        .map(|symbol| symbol["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_folder_of_an_open_file_is_opened_as_well() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("b.md", "[[a]]\n")]);
    let mut client = serve(&[]);
    client.open(&root.join("a.md"), "[[b]]\n");
    leads_to(&mut client, &root.join("a.md"), "b.md");
    client.folders(&[&root], &[]);
    leads_to(&mut client, &root.join("a.md"), "b.md");
    // Also where the disk says something else than the editor, and later.
    client.change(&root.join("a.md"), "[[a]]\n");
    leads_to(&mut client, &root.join("a.md"), "a.md");
    leads_to(&mut client, &root.join("b.md"), "a.md");
}

#[test]
fn the_folder_of_a_file_outside_the_workspace_is_added() {
    let (_folder, root) = vault(&[("in/a.md", ""), ("out/x.md", "[[y]]\n"), ("out/y.md", "")]);
    let mut client = serve(&[&root.join("in")]);
    client.open(&root.join("out/x.md"), "[[y]]\n");
    leads_to(&mut client, &root.join("out/x.md"), "y.md");
    client.folders(&[&root.join("out")], &[]);
    leads_to(&mut client, &root.join("out/x.md"), "y.md");
    write(&root.join("out/z.md"), "[[y]]\n");
    client.heard(&[&root.join("out/z.md")]);
    leads_to(&mut client, &root.join("out/z.md"), "y.md");
}

#[test]
fn the_folder_above_that_of_an_open_file_is_added() {
    let (_folder, root) = vault(&[("r/a.md", "[[c]]\n"), ("r/b.md", ""), ("s/c.md", "")]);
    let mut client = serve(&[]);
    let path = root.join("r/a.md");
    client.open(&path, "[[c]]\n");
    assert!(client.at("definition", &path, 0, 3).is_null());
    client.folders(&[&root], &[]);
    leads_to(&mut client, &path, "c.md");
}

#[test]
fn a_folder_is_closed_and_opened_anew_under_an_open_file() {
    let notes: Vec<(String, String)> = (0..400)
        .map(|number| {
            (
                format!("n{number}.md"),
                format!("[[n{}]]\n", (number + 1) % 400),
            )
        })
        .collect();
    let mut files: Vec<(&str, &str)> = notes
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    files.push(("a.md", "[[n7]]\n"));
    let (_folder, root) = vault(&files);
    let mut client = serve(&[&root]);
    client.open(&root.join("a.md"), "[[n8]]\n");
    // While it is read, too: what the old reading finds is of no use.
    for _ in 0..20 {
        client.folders(&[], &[&root]);
        client.folders(&[&root], &[]);
        client.folders(&[&root], &[&root]);
    }
    leads_to(&mut client, &root.join("a.md"), "n8.md");
    for number in 0..400 {
        let next = format!("n{}.md", (number + 1) % 400);
        leads_to(&mut client, &root.join(format!("n{number}.md")), &next);
    }
    client.close(&root.join("a.md"));
    leads_to(&mut client, &root.join("a.md"), "n7.md");
}

#[test]
fn folders_in_one_another_agree_about_an_open_file() {
    let (_folder, root) = vault(&[
        ("a.md", "[[x#Second]]\n"),
        ("sub/x.md", "# First\n"),
        ("sub/y.md", "[[x#First]]\n"),
    ]);
    let (outer, inner) = (root.clone(), root.join("sub"));
    let (a, x) = (root.join("a.md"), root.join("sub/x.md"));
    let mut client = serve(&[&outer]);
    client.open(&x, "# First\n");
    client.folders(&[&inner], &[]);
    client.until("the inner folder", |client| {
        client.files("references", &x, (0, 3)) == ["y.md"]
    });
    assert_eq!(symbols(&mut client, "first"), ["First"]);
    client.change(&x, "# First\n\ntext\n# Second\n");
    let line = |client: &mut Client| {
        client.at("definition", &a, 0, 6)[0]["targetSelectionRange"]["start"]["line"].clone()
    };
    assert_eq!(line(&mut client), 3, "the outer folder sees the change");
    assert_eq!(symbols(&mut client, "second"), ["Second"]);
    client.close(&x);
    client.until("the text of the disk", |client| {
        symbols(client, "second").is_empty()
    });
    write(&x, "# Second\n");
    client.heard(&[&x]);
    client.until("the new text of the disk", |client| {
        line(client) == 0 && symbols(client, "second") == ["Second"]
    });
    // The inner folder goes: the outer one answers for its files.
    client.folders(&[], &[&inner]);
    client.until("the outer folder", |client| {
        client.files("references", &x, (0, 3)) == ["a.md", "y.md"]
    });
}

#[test]
fn a_vault_that_nobody_named_is_read_with_its_folders() {
    let (_folder, root) = vault(&[
        ("plain/a.md", "[[b]]\n"),
        ("plain/x/y/b.md", ""),
        ("repository/.git/HEAD", ""),
        ("repository/x/c.md", "[[d]]\n"),
        ("repository/y/d.md", ""),
    ]);
    let mut client = serve(&[]);
    client.open(&root.join("plain/a.md"), "[[b]]\n");
    leads_to(&mut client, &root.join("plain/a.md"), "b.md");
    client.open(&root.join("repository/x/c.md"), "[[d]]\n");
    leads_to(&mut client, &root.join("repository/x/c.md"), "d.md");
}

#[test]
fn one_file_does_not_make_the_home_of_the_user_a_vault() {
    let (_folder, root) = vault(&[
        (".git/HEAD", ""),
        ("a.md", "[[b]] [[c]]\n"),
        ("b.md", ""),
        ("x/c.md", ""),
    ]);
    let mut client = Client::spawn_at_home(&root);
    client.initialize(json!({"rootUri": null, "capabilities": able()}));
    client.open(&root.join("a.md"), "[[b]] [[c]]\n");
    leads_to(&mut client, &root.join("a.md"), "b.md");
    assert!(client.at("definition", &root.join("a.md"), 0, 9).is_null());
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_opened_for_a_file_is_closed_with_it() {
    let files: Vec<String> = (0..40).map(|number| format!("d{number}/a.md")).collect();
    let pairs: Vec<(&str, &str)> = files.iter().map(|path| (path.as_str(), "# A\n")).collect();
    let (_folder, root) = vault(&pairs);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["workspace"] = json!({});
    client.initialize(json!({"rootUri": null, "capabilities": capabilities}));
    let threads = |client: &Client| {
        std::fs::read_dir(format!("/proc/{}/task", client.process()))
            .unwrap()
            .count()
    };
    let watches = |client: &Client| {
        let files = std::fs::read_dir(format!("/proc/{}/fd", client.process())).unwrap();
        let targets = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
        targets
            .filter(|target| target.to_string_lossy().contains("inotify"))
            .count()
    };
    let before = threads(&client);
    for path in &files {
        client.open(&root.join(path), "# A\n");
    }
    client.until("the watchers", |client| watches(client) == files.len());
    for path in &files {
        client.close(&root.join(path));
    }
    client.until("the end of the watchers", |client| {
        watches(client) == 0 && threads(client) < before + 20
    });
}

#[test]
fn documents_that_are_no_files_are_told_apart_by_their_whole_address() {
    let mut client = serve(&[]);
    let open = |client: &mut Client, uri: &str, text: &str| {
        let document = json!({"uri": uri, "languageId": "markdown", "version": 1, "text": text});
        client.notify("textDocument/didOpen", json!({"textDocument": document}));
    };
    let outline = |client: &mut Client, uri: &str| {
        let document = json!({"textDocument": {"uri": uri}});
        let found = client.request("textDocument/documentSymbol", document);
        found.unwrap()[0]["name"].clone()
    };
    open(&mut client, "git:/one/N.md", "# One\n");
    open(&mut client, "git:/two/N.md", "# Two\n");
    assert_eq!(outline(&mut client, "git:/one/N.md"), "One");
    assert_eq!(outline(&mut client, "git:/two/N.md"), "Two");
    client.notify(
        "textDocument/didClose",
        json!({"textDocument": {"uri": "git:/one/N.md"}}),
    );
    assert_eq!(outline(&mut client, "git:/two/N.md"), "Two");
}

#[test]
fn an_address_may_have_its_accents_composed_or_not() {
    let (_folder, root) = vault(&[("caf\u{e9}/\u{e9}.md", "[[b]]\n"), ("caf\u{e9}/b.md", "")]);
    let mut client = Client::start(&root);
    let path = root.join("cafe\u{301}/e\u{301}.md");
    leads_to(&mut client, &path, "b.md");
    client.open(&path, "[[\u{e9}]]\n");
    let found = client.at("definition", &path, 0, 3);
    assert_eq!(
        found[0]["targetUri"],
        address(&path),
        "as the client spells it"
    );
    assert_eq!(symbols(&mut client, "\u{e9}").len(), 1, "one file, not two");
    client.close(&path);
    leads_to(&mut client, &path, "b.md");
}
