//! Files and folders that the editor moves: links follow, and copies.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::command_line;
use crate::support::client::{Client, able, address};
use crate::support::edits::applied as made;
use crate::support::fixture::{vault, write};

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

/// The edit that changes nothing.
fn nothing() -> Value {
    json!({"documentChanges": []})
}

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
    // The client did not go on, and its user tries again.
    client
        .request("workspace/willRenameFiles", moves.clone())
        .unwrap();
    client.thinking_about = vec!["workspace/applyEdit"];
    client.notify("workspace/didRenameFiles", moves);
    let edit = applied(&mut client);
    let copy = ("_public/a/Old.public.md", "_public/d/New.public.md");
    assert_eq!(
        moved(&root, &edit),
        [(copy.0.to_owned(), copy.1.to_owned())]
    );
    // Some clients ask about what they were asked to do, while they do it.
    let own = files(&root, &[copy]);
    let answer = client.request("workspace/willRenameFiles", own.clone());
    assert_eq!(answer.unwrap(), nothing());
    let id = client.requests.last().unwrap()["id"].clone();
    client.reply(&id, &json!({"applied": false}));
    client.told("were not moved");
    let answer = client.request("workspace/willRenameFiles", own).unwrap();
    assert!(!written(&root, &answer).is_empty());
}

#[test]
fn a_folder_that_was_moved_just_now_makes_room_for_another() {
    let notes = [
        ("A/n.md", "a\n"),
        ("B/m.md", "b\n"),
        ("r.md", "[[A/n]] [[B/m]]\n"),
    ];
    let (_folder, root) = vault(&notes);
    let mut client = Client::start(&root);
    let away = files(&root, &[("A", "T")]);
    let edit = client.request("workspace/willRenameFiles", away.clone());
    let own = |new: &str| (PathBuf::from("r.md"), new.to_owned());
    assert_eq!(written(&root, &edit.unwrap()), [own("T/n")]);
    write(&root.join("r.md"), "[[T/n]] [[B/m]]\n");
    std::fs::rename(root.join("A"), root.join("T")).unwrap();
    client.notify("workspace/didRenameFiles", away);
    let into = files(&root, &[("B", "A")]);
    let edit = client.request("workspace/willRenameFiles", into);
    assert_eq!(written(&root, &edit.unwrap()), [own("A/m")]);
}

/// Asks for a rename of the note with copies.
fn renamed(client: &mut Client, root: &Path) -> Result<Value, Value> {
    client.open(&root.join("_Standards/c.md"), FAMILY[3].1);
    let mut params = json!({
        "textDocument": {"uri": address(&root.join("_Standards/c.md"))},
        "position": {"line": 0, "character": 5},
    });
    params["newName"] = json!("New");
    client.request("textDocument/rename", params)
}

#[test]
fn moves_of_a_rename_whose_edits_were_made_are_not_answered_again() {
    let (_folder, root) = vault(&FAMILY);
    let mut client = Client::start(&root);
    let edit = renamed(&mut client, &root).unwrap();
    let mut texts = edit.clone();
    let changes = texts["documentChanges"].as_array_mut().unwrap();
    changes.retain(|change| change.get("kind").is_none());
    for (path, text) in made(&root, &command_line::files(&root), &texts) {
        write(&root.join(&path), &text);
        if path == "_Standards/c.md" {
            client.change(&root.join(&path), &text);
        }
    }
    for (from, to) in moved(&root, &edit) {
        let own = files(&root, &[(&from, &to)]);
        let answer = client.request("workspace/willRenameFiles", own);
        assert_eq!(answer.unwrap(), nothing());
        std::fs::rename(root.join(from), root.join(to)).unwrap();
    }
}

#[test]
fn a_rename_that_was_discarded_is_no_answer_to_a_move_by_hand() {
    let (_folder, root) = vault(&FAMILY);
    let mut client = Client::start(&root);
    let edit = renamed(&mut client, &root).unwrap();
    let pairs = moved(&root, &edit);
    let base = pairs.iter().find(|own| own.0.starts_with("_Standards"));
    let (from, to) = base.unwrap();
    let own = files(&root, &[(from, to)]);
    let answer = client.request("workspace/willRenameFiles", own.clone());
    let answer = written(&root, &answer.unwrap());
    assert!(
        answer.contains(&self::own("_Standards/c.md", "a/New")),
        "{answer:?}"
    );
    std::fs::rename(root.join(from), root.join(to)).unwrap();
    client.notify("workspace/didRenameFiles", own);
    let copy = ("_public/a/Old.public.md", "_public/a/New.public.md");
    let edit = applied(&mut client);
    assert_eq!(
        moved(&root, &edit),
        [(copy.0.to_owned(), copy.1.to_owned())]
    );
}

#[test]
fn links_in_notes_that_are_not_utf_8_keep_no_other_from_following() {
    let (_folder, root) = vault(&FAMILY);
    std::fs::write(root.join("latin.md"), b"[[Old]] \xe4\n").unwrap();
    let mut client = Client::start(&root);
    let moves = files(&root, &[("_Standards/a/Old.md", "_Standards/a/New.md")]);
    let edit = client.request("workspace/willRenameFiles", moves).unwrap();
    let edit = written(&root, &edit);
    assert!(edit.contains(&own("_Standards/c.md", "a/New")), "{edit:?}");
    client.told("The links in `latin.md` stay as they are");
    let error = renamed(&mut client, &root).unwrap_err();
    let message = error["message"].to_string();
    assert!(
        message.contains("`latin.md` cannot be read as text"),
        "{message}"
    );
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
    assert_eq!(answer.unwrap(), nothing());
    let outside = root.parent().unwrap().join("Old.md");
    let away = json!({"files": [{
        "oldUri": address(&root.join("_Standards/a/Old.md")),
        "newUri": address(&outside),
    }]});
    let answer = client.request("workspace/willRenameFiles", away);
    assert_eq!(answer.unwrap(), nothing());
    client.told("leaves the vault");
}

#[test]
fn of_what_is_deleted_the_links_are_counted_and_on_demand_made_text() {
    let files = [
        ("x/a.md", "[[b]]\n"),
        ("n.md", "[[a|the a]] [[x/a]]\n"),
        ("b.md", ""),
        ("c.canvas", "{\"nodes\":[{\"file\":\"x/a.md\"}]}"),
    ];
    for (toml, expected, became) in [
        ("", vec![], "now without a target"),
        (
            "[rename]\nunlink = true\n",
            vec![own("n.md", "a"), own("n.md", "the a")],
            "now: 2 plain text, 1 without a target",
        ),
    ] {
        let (_folder, root) = vault(&files);
        std::fs::write(root.join(".vaultmark.toml"), toml).unwrap();
        let mut client = Client::start(&root);
        let gone = json!({"files": [{"uri": address(&root.join("x"))}]});
        let edit = client.request("workspace/willDeleteFiles", gone).unwrap();
        assert_eq!(written(&root, &edit), expected);
        let told = client.told("`x`");
        let told_of = format!("3 links to it in 2 notes {became}.");
        assert!(told.contains(&told_of), "{told}");
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
