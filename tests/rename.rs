//! Renames as an editor asks for them. What each does is shown in
//! `docs/rename.md`.

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::fixture::vault;

fn at(root: &std::path::Path, file: &str, column: u32) -> Value {
    json!({
        "textDocument": {"uri": address(&root.join(file))},
        "position": {"line": 0, "character": column},
    })
}

#[test]
fn a_rename_begins_with_the_name_and_is_of_the_versions_that_are_open() {
    let (_folder, root) = vault(&[("a.md", "😀 [[b|x]] y\n"), ("b.md", "# b\n")]);
    let mut client = Client::start(&root);
    client.open(&root.join("a.md"), "😀 [[b|x]] y\n");
    let begun = client.request("textDocument/prepareRename", at(&root, "a.md", 5));
    let begun = begun.unwrap();
    assert_eq!(begun["placeholder"], "b");
    let column = |end: &str| begun["range"][end]["character"].as_u64().unwrap();
    assert_eq!(column("end") - column("start"), 1);
    let nothing = client.request("textDocument/prepareRename", at(&root, "b.md", 99));
    assert_eq!(
        nothing.unwrap()["placeholder"],
        "b",
        "the title is its name"
    );
    let mut params = at(&root, "a.md", 5);
    params["newName"] = json!("c");
    let edit = client.request("textDocument/rename", params).unwrap();
    let changes = edit["documentChanges"].as_array().unwrap();
    let open = &changes[0]["textDocument"];
    assert_eq!(open["uri"], address(&root.join("a.md")));
    assert!(open["version"].is_i64());
    assert_eq!(changes[1]["textDocument"]["version"], Value::Null);
    let last = changes.last().unwrap();
    assert_eq!(
        last["kind"], "rename",
        "files move when their texts are right"
    );
    assert_eq!(last["newUri"], address(&root.join("c.md")));
}

#[test]
fn what_is_refused_is_refused_whole_and_in_words() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("b.md", ""), ("C.md", "")]);
    let mut client = Client::start(&root);
    client.open(&root.join("a.md"), "[[b]]\n");
    for (new, words) in [
        ("c", "`c.md` exists already"),
        ("x:y", "`x-y` would do"),
        ("../../x", "outside of the vault"),
        ("b", "has this name already"),
    ] {
        let mut params = at(&root, "a.md", 3);
        params["newName"] = json!(new);
        let error = client.request("textDocument/rename", params).unwrap_err();
        assert_eq!(error["code"], -32803, "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_client_that_moves_no_files_renames_only_what_needs_no_move() {
    let (_folder, root) = vault(&[("a.md", "[[b#One]]\n"), ("b.md", "## One\n")]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["workspace"]["workspaceEdit"] = json!({});
    client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    client.wait_until_read();
    client.open(&root.join("a.md"), "[[b#One]]\n");
    let mut params = at(&root, "a.md", 2);
    params["newName"] = json!("c");
    let error = client.request("textDocument/rename", params.clone());
    let error = error.unwrap_err();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("`vaultmark.rename`"), "{message}");
    params["position"]["character"] = json!(6);
    let edit = client.request("textDocument/rename", params).unwrap();
    assert_eq!(edit["changes"].as_object().unwrap().len(), 2);
}

#[test]
fn links_of_canvases_are_references() {
    let board = "{\"nodes\":[\n{\"id\":\"é\",\"text\":\"[[Old]]\"},\n{\"file\":\"Old.md\"}]}";
    let (_folder, root) = vault(&[("Old.md", "# Old\n"), ("Board.canvas", board)]);
    let mut client = Client::start(&root);
    client.open(&root.join("Old.md"), "# Old\n");
    let mut params = at(&root, "Old.md", 3);
    params["context"] = json!({"includeDeclaration": false});
    let references = client.request("textDocument/references", params).unwrap();
    let places = references.as_array().unwrap().iter();
    let places: Vec<&Value> = places.map(|place| &place["range"]["start"]).collect();
    let start = |line: u32, column: u32| json!({"line": line, "character": column});
    assert_eq!(places, [&start(1, 18), &start(2, 9)], "{references}");
}

#[test]
fn what_is_left_and_what_is_only_told_is_so() {
    let (_folder, root) = vault(&[
        (".vaultmark.toml", "rename.redirect = true\n"),
        ("Old.md", "# Old\n"),
        ("n.md", "```dataview\nLIST FROM [[Old]]\n```\n"),
        ("m.md", "```dataview\nLIST FROM [[Older]]\n```\nOld\n"),
        ("x/list.base", "filters: 'file.name == \"Old\"'\n"),
        (".gitignore", "/Old\n"),
        ("checkout-Old.bat", "\n"),
        (".obsidian/plugins/p/data.json", "{\"home\": \"Old.md\"}\n"),
        (".obsidian/plugins/q/data.json", "{\"home\": \"Bold.md\"}\n"),
    ]);
    let mut client = Client::start(&root);
    client.open(&root.join("Old.md"), "# Old\n");
    let mut params = at(&root, "Old.md", 3);
    params["newName"] = json!("New");
    let edit = client.request("textDocument/rename", params).unwrap();
    let changes = edit["documentChanges"].as_array().unwrap();
    let last = &changes[changes.len() - 3..];
    let kinds: Vec<&Value> = last.iter().map(|change| &change["kind"]).collect();
    assert_eq!(kinds, [&json!("rename"), &json!("create"), &Value::Null]);
    let text = last[2]["edits"][0]["newText"].as_str().unwrap();
    assert!(text.starts_with("Moved to [[/New|New]] on 20"), "{text}");
    let message = client.told("to be looked at");
    for path in [
        "n.md",
        "x/list.base",
        ".gitignore",
        "checkout-Old.bat",
        ".obsidian/plugins/p/data.json",
    ] {
        assert!(message.contains(&format!("`{path}`")), "{message}");
    }
    for path in ["`m.md`", "/q/", "checkout-Old.md.bat", "x/checkout"] {
        assert!(!message.contains(path), "{message}");
    }
}

#[test]
fn nothing_is_left_by_a_client_that_makes_no_files() {
    let settings = (".vaultmark.toml", "rename.redirect = true\n");
    let (_folder, root) = vault(&[settings, ("Old.md", "# Old\n")]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["workspace"]["workspaceEdit"]["resourceOperations"] = json!(["rename"]);
    client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    client.wait_until_read();
    client.open(&root.join("Old.md"), "# Old\n");
    let mut params = at(&root, "Old.md", 3);
    params["newName"] = json!("New");
    let edit = client.request("textDocument/rename", params).unwrap();
    let changes = edit["documentChanges"].as_array().unwrap();
    assert_eq!(changes.last().unwrap()["kind"], "rename");
    client.told("No note was left");
}

#[test]
fn nothing_is_renamed_where_a_rename_was_interrupted() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("b.md", "")]);
    std::fs::create_dir_all(root.join(".vaultmark/running")).unwrap();
    let mut client = Client::start(&root);
    client.open(&root.join("a.md"), "[[b]]\n");
    let mut params = at(&root, "a.md", 3);
    params["newName"] = json!("c");
    let error = client.request("textDocument/rename", params).unwrap_err();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("`vaultmark undo`"), "{message}");
}

#[test]
fn a_note_that_grew_on_the_disk_is_read_again_and_one_that_is_gone_forgotten() {
    let files = [
        ("a.md", "[[b]]\n"),
        ("b.md", ""),
        ("n.md", "[[b]]\n"),
        ("o.md", "[[b]]\n"),
    ];
    for is_moved in [false, true] {
        let (_folder, root) = vault(&files);
        let mut client = Client::start(&root);
        client.open(&root.join("a.md"), "[[b]]\n");
        std::fs::write(root.join("n.md"), "longer than before [[b]]\n").unwrap();
        std::fs::remove_file(root.join("o.md")).unwrap();
        let edit = if is_moved {
            let (old, new) = (address(&root.join("b.md")), address(&root.join("c.md")));
            let moved = json!({"files": [{"oldUri": old, "newUri": new}]});
            client.request("workspace/willRenameFiles", moved)
        } else {
            let mut params = at(&root, "a.md", 3);
            params["newName"] = json!("c");
            client.request("textDocument/rename", params)
        };
        let edit = edit.unwrap();
        let changes = edit["documentChanges"].as_array().unwrap();
        let uri = address(&root.join("n.md"));
        let own = changes.iter().find(|own| own["textDocument"]["uri"] == uri);
        let start = &own.unwrap()["edits"][0]["range"]["start"];
        assert_eq!(start["character"], 21, "{edit}");
        assert!(!edit.to_string().contains("o.md"), "{edit}");
    }
}

#[test]
fn a_note_that_changed_on_the_disk_is_read_again() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("b.md", ""), ("n.md", "[[b]] x\n")]);
    let mut client = Client::start(&root);
    client.open(&root.join("a.md"), "[[b]]\n");
    // The client tells of it later; the length is the same.
    std::fs::write(root.join("n.md"), "y [[b]]\n").unwrap();
    let mut params = at(&root, "a.md", 3);
    params["newName"] = json!("c");
    let edit = client.request("textDocument/rename", params).unwrap();
    let changes = edit["documentChanges"].as_array().unwrap();
    let uri = address(&root.join("n.md"));
    let own = changes.iter().find(|own| own["textDocument"]["uri"] == uri);
    let range = &own.unwrap()["edits"][0]["range"];
    assert_eq!(range["start"]["character"], 4, "{edit}");
}

#[test]
fn the_folder_of_a_folder_note_goes_along_when_its_user_says_so() {
    let files = [
        ("_Standards/X.md", "# X\n[[X/y]]\n"),
        ("_Standards/X/y.md", ""),
        ("_public/X/y.public.md", ""),
    ];
    for (answer, folders) in [
        (json!({"title": "Rename the folder"}), 2),
        (json!({"title": "Keep the folder"}), 0),
        (Value::Null, 0),
    ] {
        let (_folder, root) = vault(&files);
        let mut client = Client::spawn();
        let mut capabilities = able();
        capabilities["window"]["showMessage"] = json!({});
        client
            .replies
            .insert("window/showMessageRequest", answer.clone());
        client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
        client.wait_until_read();
        client.open(&root.join("_Standards/X.md"), files[0].1);
        let mut params = at(&root, "_Standards/X.md", 3);
        params["newName"] = json!("Z");
        let edit = client.request("textDocument/rename", params).unwrap();
        let asked = client.requests.iter();
        let mut asked = asked.filter(|own| own["method"] == "window/showMessageRequest");
        let question = asked.next_back().unwrap()["params"]["message"].to_string();
        assert!(question.contains("`_Standards/X`"), "{question}");
        let changes = edit["documentChanges"].as_array().unwrap();
        let moved = changes.iter().filter(|own| own["kind"] == "rename");
        let moved: Vec<&str> = moved.map(|own| own["oldUri"].as_str().unwrap()).collect();
        assert_eq!(moved.len(), 1 + folders, "{answer}: {moved:?}");
        assert!(moved.last().unwrap().ends_with("X.md"));
    }
}

#[test]
fn what_was_typed_while_a_question_waited_is_not_overwritten() {
    let (_folder, root) = vault(&[("X.md", "# X\n"), ("X/y.md", "[[X]]\n")]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["window"]["showMessage"] = json!({});
    client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    client.wait_until_read();
    let (note, other) = (root.join("X.md"), root.join("X/y.md"));
    client.open(&note, "# X\n");
    client.open(&other, "[[X]]\n");
    client.thinking_about = vec!["window/showMessageRequest"];
    for is_own in [false, true] {
        let mut params = at(&root, "X.md", 3);
        params["newName"] = json!("Z");
        let rename = client.ask("textDocument/rename", params);
        let count = client.requests.len();
        while client.requests.len() == count {
            client.receive("a question");
        }
        client.change(&other, "more [[X]]\n");
        if is_own {
            client.change(&note, "more\n# X\n");
        }
        let id = client.requests.last().unwrap()["id"].clone();
        client.reply(&id, &json!({"title": "Keep the folder"}));
        let edit = client.wait(rename);
        if is_own {
            let error = edit.unwrap_err()["message"].to_string();
            assert!(error.contains("changed while you were asked"), "{error}");
            continue;
        }
        let edit = edit.unwrap();
        let mut changes = edit["documentChanges"].as_array().unwrap().iter();
        let uri = address(&other);
        let own = changes.find(|own| own["textDocument"]["uri"] == uri);
        let own = own.unwrap();
        assert_eq!(own["textDocument"]["version"], 2);
        assert_eq!(own["edits"][0]["range"]["start"]["character"], 7);
    }
}

/// A vault in which so many notes link to `b.md`.
fn hub(links: usize) -> (tempfile::TempDir, std::path::PathBuf) {
    let (folder, root) = vault(&[("b.md", "")]);
    for number in 0..links {
        std::fs::write(root.join(format!("n{number}.md")), "[[b]]\n").unwrap();
    }
    (folder, root)
}

#[test]
fn a_note_with_many_backlinks_is_renamed_while_somebody_types() {
    let (_folder, root) = hub(10_000);
    let mut client = Client::start(&root);
    let (one, other) = (root.join("n1.md"), root.join("other.md"));
    client.open(&one, "[[b]]\n");
    client.open(&other, "text\n");
    let mut params = at(&root, "n1.md", 3);
    params["newName"] = json!("c");
    let rename = client.ask("textDocument/rename", params);
    // One text is of the rename, the other is not.
    client.change(&other, "text [[b]]\n");
    client.change(&one, "x [[b]]\n");
    let found = client.files("definition", &other, (0, 7));
    assert_eq!(found, ["b.md"]);
    let edit = client.wait(rename).unwrap();
    let changes = edit["documentChanges"].as_array().unwrap();
    assert_eq!(changes.len(), 10_001, "every note and the move");
    let uri = address(&one);
    let own = changes.iter().find(|own| own["textDocument"]["uri"] == uri);
    let version = &own.unwrap()["textDocument"]["version"];
    assert_eq!(version, 1, "the editor sees that its text is newer");
}

#[test]
fn a_rename_of_many_notes_shows_how_far_it_is() {
    let (_folder, root) = hub(600);
    let mut client = Client::start(&root);
    client.open(&root.join("n0.md"), "[[b]]\n");
    let mut params = at(&root, "n0.md", 3);
    params["newName"] = json!("c");
    params["workDoneToken"] = json!("mine");
    let edit = client.request("textDocument/rename", params).unwrap();
    assert_eq!(edit["documentChanges"].as_array().unwrap().len(), 601);
    let is_end = |message: &Value| {
        message["params"]["token"] == "mine" && message["params"]["value"]["kind"] == "end"
    };
    if !client.notifications.iter().any(is_end) {
        client.wait_for("the end of the progress", is_end);
    }
}

#[test]
fn the_server_renames_on_the_disk_for_editors_that_cannot() {
    let files = [
        ("_Standards/Old.md", "# Old\n"),
        ("_public/Old.public.md", "![Old](/_Standards/Old.md)\n"),
        ("_Standards/n.md", "[[Old]]\n"),
    ];
    let (_folder, root) = vault(&files);
    let mut client = Client::start(&root);
    let note = root.join("_Standards/n.md");
    client.open(&note, "[[Old]] not saved\n");
    let command = json!({
        "command": "vaultmark.rename",
        "arguments": [{"uri": address(&root.join("_Standards/Old.md")), "newName": "New"}],
    });
    let error = client.request("workspace/executeCommand", command.clone());
    let error = error.unwrap_err()["message"].to_string();
    assert!(error.contains("Save them first"), "{error}");
    assert!(root.join("_Standards/Old.md").exists(), "nothing was done");
    // Emacs holds notes without a byte order mark and carriage returns.
    std::fs::write(&note, "\u{feff}[[Old]]\r\n").unwrap();
    client.change(&note, "[[Old]]\n");
    let done = client.request("workspace/executeCommand", command).unwrap();
    assert_eq!(done["moves"].as_array().unwrap().len(), 2, "{done}");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    assert_eq!(read("_Standards/New.md"), "# New\n");
    assert_eq!(
        read("_public/New.public.md"),
        "![New](/_Standards/New.md)\n"
    );
    assert_eq!(read("_Standards/n.md"), "\u{feff}[[New]]\r\n");
    let told = client.told("`vaultmark undo` takes it back");
    assert!(!told.contains("checkout-"), "there is no such file: {told}");
    let symbols = client.request("workspace/symbol", json!({"query": "New"}));
    assert!(
        !symbols.unwrap().as_array().unwrap().is_empty(),
        "it is known"
    );
    let wrong = json!({"command": "vaultmark.rename", "arguments": []});
    let error = client
        .request("workspace/executeCommand", wrong)
        .unwrap_err();
    assert_eq!(error["code"], -32602);
}
