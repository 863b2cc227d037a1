//! Code actions as an editor asks for them. What each does is shown in
//! `docs/actions.md`.

use serde_json::json;

use crate::support::client::{Client, able, address};
use crate::support::fixture::vault;

#[test]
fn an_action_that_was_chosen_is_of_the_text_it_was_offered_for() {
    let (_folder, root) = vault(&[("a.md", "[[new]]\n"), ("b.md", "")]);
    let mut client = Client::start(&root);
    let path = root.join("a.md");
    client.open(&path, "[[new]]\n");
    let at = json!({"line": 0, "character": 3});
    let params = json!({
        "textDocument": {"uri": address(&path)}, "range": {"start": at, "end": at},
        "context": {"diagnostics": []},
    });
    let actions = client.request("textDocument/codeAction", params).unwrap();
    let action = &actions[0];
    assert_eq!(action["title"], "Create the note `new.md`");
    assert_eq!(action["diagnostics"][0]["code"], "broken-link");
    assert!(action.get("edit").is_none(), "only when it is chosen");
    let chosen = client.request("codeAction/resolve", action.clone());
    let change = &chosen.unwrap()["edit"]["documentChanges"][0];
    assert_eq!(change["kind"], "create");
    assert_eq!(change["uri"], address(&root.join("new.md")));
    client.change(&path, "x [[new]]\n");
    let late = client.request("codeAction/resolve", action.clone());
    assert_eq!(late.unwrap_err()["code"], -32801);
}

#[test]
fn a_client_that_cannot_make_files_is_offered_none() {
    let (_folder, root) = vault(&[("a.md", "[[new]] [[x/b]]\n"), ("x/b.md", "")]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["textDocument"]["codeAction"] =
        json!({"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}});
    capabilities["workspace"]["workspaceEdit"] = json!({});
    client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    client.wait_until_read();
    let path = root.join("a.md");
    client.open(&path, "[[new]] [[x/b]]\n");
    let mut actions = |column: u32| {
        let at = json!({"line": 0, "character": column});
        let params = json!({
            "textDocument": {"uri": address(&path)}, "range": {"start": at, "end": at},
            "context": {"diagnostics": []},
        });
        client.request("textDocument/codeAction", params).unwrap()
    };
    assert_eq!(actions(3), json!([]));
    let shorter = actions(11)[0].clone();
    assert_eq!(
        shorter["title"],
        "Write the path as short as it can be: `b`"
    );
    let edits = &shorter["edit"]["changes"][address(&path)];
    assert_eq!(edits[0]["newText"], "b", "the edit is there at once");
}

#[test]
fn what_a_cursor_is_offered_a_selection_in_its_line_is_offered_too() {
    let (_folder, root) = vault(&[("a.md", "[[new]]\nmore\n")]);
    let mut client = Client::start(&root);
    let path = root.join("a.md");
    client.open(&path, "[[new]]\nmore\n");
    let mut first = |from: u32, line: u32, to: u32| {
        let params = json!({
            "textDocument": {"uri": address(&path)},
            "range": {
                "start": {"line": 0, "character": from},
                "end": {"line": line, "character": to},
            },
            "context": {"diagnostics": []},
        });
        let actions = client.request("textDocument/codeAction", params).unwrap();
        actions[0]["title"].as_str().unwrap().to_owned()
    };
    // A cursor of Helix covers a character; a diagnostic has the range of the link.
    for (from, to) in [(3, 4), (0, 7), (2, 5)] {
        assert_eq!(first(from, 0, to), "Create the note `new.md`");
    }
    assert!(first(0, 1, 4).starts_with("Move the selection"));
}

#[test]
fn who_makes_files_need_not_take_versions() {
    let (_folder, root) = vault(&[("a.md", "[[new]]\n")]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    // As Neovim has it.
    capabilities["workspace"]["workspaceEdit"] = json!({"resourceOperations": ["create"]});
    client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    client.wait_until_read();
    let path = root.join("a.md");
    client.open(&path, "[[new]]\n");
    let at = json!({"line": 0, "character": 3});
    let params = json!({
        "textDocument": {"uri": address(&path)}, "range": {"start": at, "end": at},
        "context": {"diagnostics": []},
    });
    let actions = client.request("textDocument/codeAction", params).unwrap();
    let chosen = client.request("codeAction/resolve", actions[0].clone());
    let change = &chosen.unwrap()["edit"]["documentChanges"][0];
    assert_eq!(change["kind"], "create");
}
