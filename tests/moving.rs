//! Files and folders that the editor moves: links follow, and copies.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::fixture::vault;

fn files(root: &Path, moves: &[(&str, &str)]) -> Value {
    let files = moves.iter().map(|(from, to)| {
        json!({
            "oldUri": address(&root.join(from)),
            "newUri": address(&root.join(to)),
        })
    });
    json!({"files": files.collect::<Value>()})
}

/// Old and new paths of what an edit moves.
fn moved(root: &Path, edit: &Value) -> Vec<(String, String)> {
    let inside = |uri: &Value| {
        let root = address(root);
        let inside = uri.as_str().unwrap().strip_prefix(&root).unwrap();
        inside.trim_start_matches('/').to_owned()
    };
    let changes = edit["documentChanges"].as_array().unwrap().iter();
    let moves = changes.filter(|own| own["kind"] == "rename");
    moves
        .map(|own| (inside(&own["oldUri"]), inside(&own["newUri"])))
        .collect()
}

/// What is written anew, with the notes, as the editor is told.
fn written(root: &Path, edit: &Value) -> Vec<(PathBuf, String)> {
    let changes = edit["documentChanges"].as_array().into_iter().flatten();
    let mut all = Vec::new();
    for change in changes {
        let uri = change["textDocument"]["uri"].as_str().unwrap();
        let uri = tower_lsp::gen_lsp_types::Uri::parse(uri).unwrap();
        let path = uri.to_file_path().unwrap();
        let path = path.strip_prefix(root).unwrap().to_owned();
        for edit in change["edits"].as_array().unwrap() {
            all.push((path.clone(), edit["newText"].as_str().unwrap().to_owned()));
        }
    }
    all.sort();
    all
}

/// The next edit that the server asks for.
fn applied(client: &mut Client) -> Value {
    while client.asked.last().map(String::as_str) != Some("workspace/applyEdit") {
        client.receive("an edit");
    }
    client.requests.last().unwrap()["params"]["edit"].clone()
}

fn own(path: &str, new: &str) -> (PathBuf, String) {
    (PathBuf::from(path), new.to_owned())
}

const FAMILY: [(&str, &str); 4] = [
    ("_Standards/a/Old.md", "[[./b]]\n"),
    ("_public/a/Old.public.md", "![Old](/_Standards/a/Old.md)\n"),
    (
        "_Standards/a/b.md",
        "[[Old]] [[/_secret/a/Old.secret|Old.secret]]\n",
    ),
    ("_Standards/c.md", "[[a/Old|x]]\n"),
];

#[test]
fn links_follow_a_note_that_is_moved_in_the_editor_and_so_do_its_copies() {
    let (_folder, root) = vault(&FAMILY);
    let mut client = Client::start(&root);
    let moves = files(&root, &[("_Standards/a/Old.md", "_Standards/d/New.md")]);
    let edit = client.request("workspace/willRenameFiles", moves.clone());
    let edit = edit.unwrap();
    assert!(moved(&root, &edit).is_empty(), "the client moves its own");
    assert_eq!(
        written(&root, &edit),
        [
            own("_Standards/a/Old.md", "../a/b"),
            own("_Standards/a/b.md", "/_secret/d/New.secret"),
            own("_Standards/a/b.md", "New"),
            own("_Standards/a/b.md", "New.secret"),
            own("_Standards/c.md", "d/New"),
            own("_public/a/Old.public.md", "/_Standards/d/New.md"),
            own("_public/a/Old.public.md", "New"),
        ]
    );
    client.notify("workspace/didRenameFiles", moves);
    let edit = applied(&mut client);
    let copy = ("_public/a/Old.public.md", "_public/d/New.public.md");
    assert_eq!(
        moved(&root, &edit),
        [(copy.0.to_owned(), copy.1.to_owned())]
    );
    // Some clients ask about what they were asked to do.
    let answer = client.request("workspace/willRenameFiles", files(&root, &[copy]));
    assert_eq!(answer.unwrap(), Value::Null);
}

#[test]
fn moves_that_a_rename_asked_for_are_not_answered_again() {
    let (_folder, root) = vault(&FAMILY);
    let mut client = Client::start(&root);
    client.open(&root.join("_Standards/c.md"), FAMILY[3].1);
    let mut params = json!({
        "textDocument": {"uri": address(&root.join("_Standards/c.md"))},
        "position": {"line": 0, "character": 5},
    });
    params["newName"] = json!("New");
    let edit = client.request("textDocument/rename", params).unwrap();
    for (from, to) in moved(&root, &edit) {
        let own = files(&root, &[(&from, &to)]);
        let answer = client.request("workspace/willRenameFiles", own.clone());
        assert_eq!(answer.unwrap(), Value::Null);
        // Later its user may want the same by hand.
        let again = client.request("workspace/willRenameFiles", own).unwrap();
        assert!(!written(&root, &again).is_empty());
    }
}

#[test]
fn several_files_and_a_folder_are_moved_at_once() {
    let (_folder, root) = vault(&[
        ("x/a.md", "[[../y/b]] [[c]]\n"),
        ("x/c.md", ""),
        ("y/b.md", "[t](../x/a.md)\n"),
        ("n.md", "[[x/a]] [[y/b]] [[x/c]]\n"),
    ]);
    let mut client = Client::start(&root);
    let moves = files(&root, &[("x", "z/v"), ("y/b.md", "B.md")]);
    let edit = client.request("workspace/willRenameFiles", moves).unwrap();
    assert_eq!(
        written(&root, &edit),
        [
            own("n.md", "B"),
            own("n.md", "z/v/a"),
            own("n.md", "z/v/c"),
            own("x/a.md", "../../B"),
            own("y/b.md", "./z/v/a.md"),
        ]
    );
}

#[test]
fn a_copy_that_cannot_follow_stays_and_that_is_said() {
    let mut all = FAMILY.to_vec();
    all.push(("_public/a/New.public.md", ""));
    let (_folder, root) = vault(&all);
    let mut client = Client::start(&root);
    let moves = files(&root, &[("_Standards/a/Old.md", "_Standards/a/New.md")]);
    let edit = client.request("workspace/willRenameFiles", moves.clone());
    let edit = written(&root, &edit.unwrap());
    assert!(edit.contains(&own("_Standards/c.md", "a/New")), "{edit:?}");
    let told = client.told("stay where they are");
    assert!(told.contains("New.public.md"), "{told}");
    client.notify("workspace/didRenameFiles", moves);
    client
        .request("workspace/symbol", json!({"query": ""}))
        .unwrap();
    assert!(!client.asked.contains(&"workspace/applyEdit".to_owned()));
}

#[test]
fn what_lies_in_no_vault_brings_nothing_about() {
    let (_folder, root) = vault(&FAMILY);
    let mut client = Client::start(&root);
    let moves = files(&root, &[("_Standards/no.md", "_Standards/gone.md")]);
    let answer = client.request("workspace/willRenameFiles", moves);
    assert_eq!(answer.unwrap(), Value::Null);
    let outside = root.parent().unwrap().join("Old.md");
    let away = json!({"files": [{
        "oldUri": address(&root.join("_Standards/a/Old.md")),
        "newUri": address(&outside),
    }]});
    let answer = client.request("workspace/willRenameFiles", away);
    assert_eq!(answer.unwrap(), Value::Null);
    client.told("leaves the vault");
}

#[test]
fn of_what_is_deleted_the_links_are_counted_and_on_demand_made_text() {
    let files = [
        ("x/a.md", "[[b]]\n"),
        ("n.md", "[[a|the a]] [[x/a]]\n"),
        ("b.md", ""),
    ];
    for (toml, expected) in [
        ("", vec![]),
        (
            "[rename]\nunlink = true\n",
            vec![own("n.md", "a"), own("n.md", "the a")],
        ),
    ] {
        let (_folder, root) = vault(&files);
        std::fs::write(root.join(".vaultmark.toml"), toml).unwrap();
        let mut client = Client::start(&root);
        let gone = json!({"files": [{"uri": address(&root.join("x"))}]});
        let edit = client.request("workspace/willDeleteFiles", gone).unwrap();
        assert_eq!(written(&root, &edit), expected);
        let told = client.told("`x`");
        assert!(told.contains("2 links to it in 1 note "), "{told}");
    }
}

#[test]
fn links_to_a_note_that_was_moved_outside_of_the_editor_can_follow() {
    let (_folder, root) = vault(&[
        ("x/Old.md", "text [[./b]]\n"),
        ("x/b.md", "b\n"),
        ("n.md", "[[x/Old|o]] [[Old]]\n"),
    ]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["window"]["showMessage"] = json!({});
    let yes = json!({"title": "Change the links"});
    client.replies.insert("window/showMessageRequest", yes);
    client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    client.wait_until_read();
    let (old, new) = (root.join("x/Old.md"), root.join("y/New.md"));
    std::fs::create_dir(root.join("y")).unwrap();
    std::fs::rename(&old, &new).unwrap();
    client.heard(&[&old]);
    client.heard(&[&new]);
    let edit = applied(&mut client);
    assert_eq!(
        written(&root, &edit),
        [
            own("n.md", "New"),
            own("n.md", "y/New"),
            own("y/New.md", "../x/b"),
        ]
    );
    let questions = client.requests.iter();
    let mut questions = questions.filter(|own| own["method"] == "window/showMessageRequest");
    let question = questions.next().unwrap()["params"]["message"].to_string();
    assert!(question.contains("3 links in 2 notes"), "{question}");
}
