//! `vaultmark graph`: as JSON, for Graphviz, as a page and as a table; and what the
//! server tells an editor that shows the graph.

use std::path::Path;

use serde_json::{Value, json};

use crate::command_line;
use crate::support::client::{Client, address};
use crate::support::fixture::vault;

/// The exit code, and what was printed: to the output and to the errors.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    command_line::run(folder, &[&["graph"], arguments].concat())
}

const NOTES: [(&str, &str); 6] = [
    ("_Standards/Hub.md", "![[pic.png]] [[Gone]] [[Far]]"),
    ("_Standards/Leaf.md", "[[Hub]] [[Hub]]"),
    ("_Standards/Far.md", "[[Hub.secret]]"),
    ("_secret/Hub.secret.md", "---\nup: \"[[Hub]]\"\n---\n"),
    ("_secret/Leaf.secret.md", "[[Leaf]]"),
    ("pic.png", ""),
];

#[test]
fn the_json_is_as_documented() {
    let (_folder, root) = vault(&NOTES);
    let (code, text, errors) = run(&root, &["Hub", "--json", "--tiers"]);
    assert_eq!((code, &*errors), (0, ""));
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["version"], 1);
    assert_eq!((&found["center"], &found["depth"]), (&json!(0), &json!(1)));
    let tiers = found["tiers"].as_array().unwrap();
    assert_eq!(
        tiers[6],
        json!({"folder": "_secret", "suffix": ".secret", "here": true, "public": false})
    );
    assert_eq!(
        found["nodes"][0],
        json!({
            "path": "_Standards/Hub.md", "title": "Hub", "kind": "note", "tier": 0,
            "degree": 6, "distance": 0,
        })
    );
    let nodes = found["nodes"].as_array().unwrap().iter();
    let nodes: Vec<&str> = nodes.map(|node| node["path"].as_str().unwrap()).collect();
    assert_eq!(
        nodes[1..],
        [
            "_Standards/Far.md",
            "_Standards/Leaf.md",
            "_secret/Hub.secret.md",
            "Gone",
            "pic.png"
        ]
    );
    assert_eq!(
        found["edges"],
        json!([
            {"from": 0, "to": 1, "class": "link", "count": 1},
            {"from": 0, "to": 4, "class": "missing", "count": 1},
            {"from": 0, "to": 5, "class": "embed", "count": 1},
            {"from": 1, "to": 3, "class": "link", "count": 1},
            {"from": 2, "to": 0, "class": "link", "count": 2},
            {"from": 3, "to": 0, "class": "property", "count": 1},
        ])
    );
    let leak = json!([{"target": "_secret/Hub.secret.md", "embed": false}]);
    assert_eq!(
        found["matrix"]["rows"][0],
        json!({"base": "Far", "cells": [
            {"path": "_Standards/Far.md", "state": "leak", "leaks": leak},
            {"path": "_secret/Far.secret.md", "state": "missing"},
        ]})
    );
    let all = run(&root, &["--json", "--limit", "2"]).1;
    let all: Value = serde_json::from_str(&all).unwrap();
    assert_eq!(all["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&all["leftOut"], &all["center"], &all["matrix"]),
        (&json!(5), &Value::Null, &Value::Null)
    );
    let families = run(&root, &["--json", "--families"]).1;
    let families: Value = serde_json::from_str(&families).unwrap();
    assert_eq!(families["nodes"][0]["copies"], json!([0, 6]));
}

#[test]
fn graphviz_gets_quoted_names() {
    let (_folder, root) = vault(&[("a \"b\" {c}.md", "[[x\\y\"]]")]);
    let (code, text, _) = run(&root, &["--dot"]);
    assert_eq!(code, 0);
    assert!(
        text.starts_with("digraph vault {\n") && text.ends_with("\n}\n"),
        "{text}"
    );
    assert!(
        text.contains(r#"n0 [label="a \"b\" {c}", tooltip="a \"b\" {c}.md"];"#),
        "{text}"
    );
    assert!(
        text.contains(r"n0 -> n1 [class=missing, weight=1"),
        "{text}"
    );
}

#[test]
fn the_page_holds_the_data_and_asks_for_nothing() {
    let (_folder, root) = vault(&NOTES);
    let (code, text, _) = run(&root, &["--html", "graph.html"]);
    assert_eq!((code, &*text), (0, "graph.html: 7 notes and files\n"));
    let page = std::fs::read_to_string(root.join("graph.html")).unwrap();
    assert!(page.contains("content=\"default-src 'none'; script-src 'sha256-"));
    let data = page
        .split_once("<script type=\"application/json\" id=\"data\">")
        .unwrap()
        .1;
    let data = data.split_once("</script>").unwrap().0;
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(
        (&data["base"], data["nodes"].as_array().unwrap().len()),
        (&json!("."), 7)
    );
    assert!(data["matrix"].is_object());
    let private = root.to_string_lossy();
    assert!(!page.contains(&*private), "a path of this machine");
    for address in ["src=\"", "url(", "@import", "http-equiv=\"refresh"] {
        assert!(!page.contains(address), "{address}");
    }
    let printed = run(&root, &["--html", "-", "--tiers"]).1;
    assert!(printed.contains(r#""view":"tiers""#));
}

#[test]
fn the_tier_map_is_a_table() {
    let (_folder, root) = vault(&NOTES);
    let (_, text, _) = run(&root, &["--tiers"]);
    assert_eq!(
        text,
        "_Standards _secret   (T there, M missing, L gives secrets away)
L          M         Far
    _Standards/Far.md names _secret/Hub.secret.md
T          T         Hub
T          T         Leaf
"
    );
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let (_folder, root) = vault(&NOTES);
    let (code, _, errors) = run(&root, &["Nothing", "--json"]);
    assert!(code == 1 && errors.contains("`Nothing`"), "{errors}");
    let (code, _, errors) = run(&root, &["_Standards/", "--json"]);
    assert!(code == 1 && errors.contains("is a folder"), "{errors}");
    let (code, _, errors) = run(&root, &["--html", "none/graph.html"]);
    assert!(
        code == 1 && errors.contains("there is no folder none"),
        "{errors}"
    );
    assert_eq!(run(&root, &[]).0, 2, "a form must be named");
    assert_eq!(run(&root, &["--json", "--dot"]).0, 2);
}

#[test]
fn an_editor_is_told_the_graph_as_it_is_now() {
    let (_folder, root) = vault(&NOTES);
    let mut client = Client::start(&root);
    let mut ask = |argument: Value| {
        let command = json!({"command": "vaultmark.graph", "arguments": [argument]});
        client.request("workspace/executeCommand", command)
    };
    let hub = root.join("_Standards/Hub.md");
    let mut drawn = ask(json!({"uri": address(&hub)})).unwrap();
    let own = drawn.as_object_mut().unwrap();
    assert_eq!(own.remove("root"), Some(json!(address(&root))));
    let name = root.file_name().unwrap().to_string_lossy();
    assert_eq!(own.remove("vault"), Some(json!(name)));
    let printed = run(&root, &["Hub", "--json", "--tiers"]).1;
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(drawn, printed);

    let all = ask(json!({"uri": address(&root), "whole": true, "limit": 2})).unwrap();
    assert_eq!(
        (&all["leftOut"], &all["center"]),
        (&json!(5), &Value::Null),
        "{all}"
    );
    let error = ask(json!({"uri": address(&root)})).unwrap_err();
    assert!(error["message"].to_string().contains("no note or file"));
    let outside = json!({"uri": address(&root.with_file_name("other.md"))});
    let error = ask(outside).unwrap_err();
    assert!(error["message"].to_string().contains("Open its folder"));
    assert_eq!(ask(json!({})).unwrap_err()["code"], -32602);

    client.open(&hub, "[[Fresh]]");
    let command = json!({"command": "vaultmark.graph", "arguments": [{"uri": address(&hub)}]});
    let drawn = client.request("workspace/executeCommand", command).unwrap();
    let nodes = drawn["nodes"].as_array().unwrap();
    let is_fresh = |node: &Value| node["path"] == "Fresh" && node["kind"] == "missing";
    assert!(nodes.iter().any(is_fresh), "what is not saved: {drawn}");
}
