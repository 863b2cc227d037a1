//! Sessions: order, malformed input, documents, folders, settings.

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::fixture::{vault, write};

/// The version of the document is the name that its link has, so an answer
/// tells for which text it was given.
#[test]
fn every_answer_is_for_the_text_at_its_place_in_the_stream() {
    const PAIRS: usize = 10_000;
    let names = ["one", "two", "three"];
    let files: Vec<(String, &str)> = names
        .iter()
        .map(|name| (format!("{name}.md"), "x"))
        .collect();
    let mut files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    files.push(("a.md", "[[one]]\n"));
    let (_folder, root) = vault(&files);
    let mut client = Client::start(&root);
    let path = root.join("a.md");
    client.open(&path, "[[one]]\n");
    let mut length = "one".len();
    let mut pending = Vec::new();
    for number in 0..PAIRS {
        let name = names[number % names.len()];
        let range = json!({"start": {"line": 0, "character": 2}, "end": {"line": 0, "character": 2 + length}});
        length = name.len();
        client.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": address(&path), "version": number + 2},
                "contentChanges": [{"range": range, "text": name}],
            }),
        );
        let at = json!({"textDocument": {"uri": address(&path)}, "position": {"line": 0, "character": 3}});
        pending.push((client.ask("textDocument/definition", at), name));
    }
    let last = pending.len() - 1;
    for (number, (id, name)) in pending.into_iter().enumerate() {
        let answer = match client.wait(id) {
            Ok(answer) => answer,
            // It waited behind a newer version of the text.
            Err(error) => {
                assert_eq!(error["code"], -32801, "{error}");
                assert!(number < last);
                continue;
            }
        };
        let uri = answer[0]["targetUri"].as_str().unwrap();
        assert!(uri.ends_with(&format!("/{name}.md")), "{uri} is not {name}");
    }
}

#[test]
fn malformed_messages_are_refused_and_the_session_goes_on() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("b.md", "# B\n")]);
    let mut client = Client::start(&root);
    client.open(&root.join("a.md"), "[[b]]\n");
    let frame = |body: &[u8]| {
        [
            format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes(),
            body.to_vec(),
        ]
        .concat()
    };
    for (bytes, code) in [
        (frame(b"{oh"), -32700),
        (frame(b"\xff\xfe"), -32700),
        (frame(b"[]"), -32600),
        (
            frame(b"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"shutdown\"}]"),
            -32600,
        ),
        (frame(b"7"), -32600),
        (frame(b"{\"jsonrpc\":\"2.0\"}"), -32600),
        (
            frame(b"{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"x\"}"),
            -32600,
        ),
        (b"Content-Length: -5\r\n\r\n".to_vec(), -32700),
        (b"this is no header\r\n\r\n".to_vec(), -32700),
    ] {
        client.raw(&bytes);
        assert_eq!(
            client.wait_for_refusal()["code"],
            code,
            "{}",
            String::from_utf8_lossy(&bytes)
        );
        assert!(!client.at("definition", &root.join("a.md"), 0, 3).is_null());
    }
    let error = client.request("no/such/method", json!({})).unwrap_err();
    assert_eq!(error["code"], -32601);
    let error = client.request("$/noSuchRequest", json!({})).unwrap_err();
    assert_eq!(error["code"], -32601);
    client.notify("$/noSuchNotification", json!({}));
    let error = client
        .request("textDocument/hover", json!({"textDocument": 3}))
        .unwrap_err();
    assert_eq!(error["code"], -32602);
    let error = client
        .request("initialize", json!({"capabilities": {}}))
        .unwrap_err();
    assert_eq!(error["code"], -32600);
    client.raw(b"content-length:2\nX-Other: y\n\n{}");
    assert_eq!(client.wait_for_refusal()["code"], -32600);
}

#[test]
fn requests_out_of_season_are_refused() {
    let mut client = Client::spawn();
    let at =
        json!({"textDocument": {"uri": "file:///a.md"}, "position": {"line": 0, "character": 0}});
    assert_eq!(
        client
            .request("textDocument/hover", at.clone())
            .unwrap_err()["code"],
        -32002
    );
    client.initialize(json!({"rootUri": null, "capabilities": {}}));
    client.request("shutdown", Value::Null).unwrap();
    assert_eq!(
        client.request("textDocument/hover", at).unwrap_err()["code"],
        -32600
    );
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn a_cancelled_request_has_one_answer() {
    let (_folder, root) = vault(&[("a.md", "[[a]]\n")]);
    let mut client = Client::start(&root);
    client.open(&root.join("a.md"), "[[a]]\n");
    for _ in 0..50 {
        let id = client.ask("workspace/symbol", json!({"query": "a"}));
        client.notify("$/cancelRequest", json!({"id": id}));
        if let Err(error) = client.wait(id) {
            assert_eq!(error["code"], -32800);
        }
    }
    client.notify("$/cancelRequest", json!({"id": 987_654}));
    assert!(!client.at("definition", &root.join("a.md"), 0, 3).is_null());
}

#[test]
fn a_change_that_does_not_fit_silences_the_document_until_it_is_sent_whole() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("b.md", "# B\n")]);
    let mut client = Client::start(&root);
    let path = root.join("a.md");
    client.open(&path, "[[b]]\n");
    let change = |client: &mut Client, change: Value| {
        let document = json!({"uri": address(&path), "version": 2});
        client.notify(
            "textDocument/didChange",
            json!({"textDocument": document, "contentChanges": [change]}),
        );
    };
    for range in [
        json!({"start": {"line": 9, "character": 0}, "end": {"line": 9, "character": 0}}),
        json!({"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}),
        json!({"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 1}}),
        json!("nonsense"),
    ] {
        change(&mut client, json!({"range": range, "text": "x"}));
        client.wait_for("a warning", |message| {
            message["method"] == "window/showMessage"
        });
        assert!(client.at("definition", &path, 0, 3).is_null(), "{range}");
        change(&mut client, json!({"text": "[[b]]\n"}));
        assert!(!client.at("definition", &path, 0, 3).is_null());
    }
    // A column beyond the line means its end.
    change(
        &mut client,
        json!({"range": {"start": {"line": 0, "character": 99}, "end": {"line": 0, "character": 99}}, "text": " [[b]]"}),
    );
    assert!(!client.at("definition", &path, 0, 8).is_null());
}

#[test]
fn addresses_may_be_spelled_in_any_way() {
    let names = ["a b.md", "50%.md", "[x].md", "大.md", "#h.md", "😀.md"];
    let files: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (*name, "[[t]]\n"))
        .chain([("t.md", "# T\n")])
        .collect();
    let (_folder, root) = vault(&files);
    let base = address(&root);
    let mut client = Client::start(&root);
    for spelling in [
        "/a b.md",
        "/a%20b.md",
        "/[x].md",
        "/%5Bx%5D.md",
        "/大.md",
        "/%E5%A4%A7.md",
        "/%23h.md",
        "/😀.md",
        "/50%25.md",
    ] {
        let uri = format!("{base}{spelling}");
        let document =
            json!({"uri": uri, "languageId": "markdown", "version": 1, "text": "\n[[t]]\n"});
        client.notify("textDocument/didOpen", json!({"textDocument": document}));
        let at = json!({"textDocument": {"uri": uri}, "position": {"line": 1, "character": 3}});
        let found = client.request("textDocument/definition", at).unwrap();
        assert!(!found.is_null(), "{spelling}");
        client.notify(
            "textDocument/didClose",
            json!({"textDocument": {"uri": uri}}),
        );
    }
}

#[test]
fn folders_come_and_go() {
    let (_folder, root) = vault(&[
        ("one/a.md", "[[b]]\n"),
        ("one/b.md", ""),
        ("two/c.md", "[[d]]\n"),
        ("two/d.md", ""),
    ]);
    let folder = |name: &str| json!({"uri": address(&root.join(name)), "name": name});
    let mut client = Client::spawn();
    client.initialize(json!({"workspaceFolders": [folder("one")], "capabilities": able()}));
    client.wait_until_read();
    let found = |client: &mut Client, path: &str| {
        let path = root.join(path);
        !client.at("definition", &path, 0, 3).is_null()
    };
    client.open(&root.join("one/a.md"), "[[b]]\n");
    assert!(found(&mut client, "one/a.md"));
    assert!(!found(&mut client, "two/c.md"));
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({"event": {"added": [folder("two")], "removed": []}}),
    );
    client.until("the second folder", |client| found(client, "two/c.md"));
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({"event": {"added": [], "removed": [folder("two")]}}),
    );
    client.until("the end of the second folder", |client| {
        !found(client, "two/c.md")
    });
    assert!(found(&mut client, "one/a.md"));
}

#[test]
fn files_outside_of_any_folder_have_a_vault_of_their_own() {
    let (_folder, root) = vault(&[
        ("alone/a.md", "[[b]]\n"),
        ("alone/b.md", ""),
        ("vault/.obsidian/app.json", "{}"),
        ("vault/x/c.md", "[[d]]\n"),
        ("vault/y/d.md", ""),
    ]);
    let mut client = Client::spawn();
    client.initialize(json!({"rootUri": null, "workspaceFolders": null, "capabilities": able()}));
    for (path, text) in [("alone/a.md", "[[b]]\n"), ("vault/x/c.md", "[[d]]\n")] {
        let path = root.join(path);
        client.open(&path, text);
        client.until("the vault around a file", |client| {
            !client.at("definition", &path, 0, 3).is_null()
        });
    }
    let uri = "untitled:Untitled-1";
    let document =
        json!({"uri": uri, "languageId": "markdown", "version": 1, "text": "# H\n[[#H]]\n"});
    client.notify("textDocument/didOpen", json!({"textDocument": document}));
    let at = json!({"textDocument": {"uri": uri}, "position": {"line": 1, "character": 3}});
    let found = client.request("textDocument/definition", at).unwrap();
    assert_eq!(
        found[0]["targetSelectionRange"]["start"]["line"], 0,
        "{found}"
    );
    client.notify(
        "textDocument/didClose",
        json!({"textDocument": {"uri": uri}}),
    );
}

#[test]
fn settings_are_read_again_and_bad_ones_are_named() {
    let (_folder, root) = vault(&[("en/A.md", "# A\n"), ("de/A.md", "# A\n")]);
    let mut client = Client::start(&root);
    let path = root.join("en/A.md");
    client.open(&path, "# A\n");
    assert!(client.at("implementation", &path, 0, 0).is_null());
    write(
        &root.join(".vaultmark.toml"),
        "colour = 1\n[[tier]]\nfolder = \"en\"\n[[tier]]\nfolder = \"de\"\n",
    );
    let event = json!({"changes": [{"uri": address(&root.join(".vaultmark.toml")), "type": 1}]});
    client.notify("workspace/didChangeWatchedFiles", event);
    let warning = client.wait_for("a warning", |message| {
        message["method"] == "window/showMessage"
    });
    let text = warning["params"]["message"].as_str().unwrap();
    assert!(
        text.contains("colour") && text.contains(".vaultmark.toml"),
        "{text}"
    );
    client.until("the tiers", |client| {
        client
            .at("implementation", &path, 0, 0)
            .as_array()
            .is_some_and(|all| all.len() == 2)
    });
    // The client's settings win, and an empty list says that there are none.
    let settings = json!({"settings": {"vaultmark": {"tier": []}}});
    client.notify("workspace/didChangeConfiguration", settings);
    client.until("no tiers", |client| {
        client.at("implementation", &path, 0, 0).is_null()
    });
}

#[test]
fn a_wrong_length_does_not_make_the_server_deaf() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("b.md", "")]);
    for garbage in [
        "Content-Length: 3\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"x\"}",
        "Content-Length: -1\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"x\"}",
        "Content-Length: many\r\n\r\n{}",
        "no line end",
    ] {
        let mut client = Client::start(&root);
        client.open(&root.join("a.md"), "[[b]]\n");
        client.raw(garbage.as_bytes());
        let found = client.at("definition", &root.join("a.md"), 0, 3);
        assert!(!found.is_null(), "{garbage}");
        client.forget_refusals();
    }
}

#[test]
fn a_client_may_leave_out_what_it_does_not_know() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("b.md", "")]);
    let mut client = Client::spawn();
    let params = json!({"processId": null, "rootUri": address(&root), "capabilities": able()});
    client.request("initialize", params).unwrap();
    client.notify("initialized", Value::Null);
    client.wait_until_read();
    client.open(&root.join("a.md"), "[[b]]\n");
    assert!(!client.at("definition", &root.join("a.md"), 0, 3).is_null());
    assert_eq!(client.leave(), Some(0));
}
