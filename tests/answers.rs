//! Answers that the examples of the documentation do not show.

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::fixture::vault;

#[test]
fn columns_are_counted_in_the_agreed_encoding() {
    let text = "😀 é [[b]] and [[b#^x]]\n";
    let (_folder, root) = vault(&[("a.md", text), ("b.md", "# 😀 B\n\n😀 para ^x\n")]);
    for (encoding, start) in [("utf-8", 8), ("utf-16", 5), ("utf-32", 4)] {
        let mut client = Client::spawn();
        let mut capabilities = able();
        capabilities["general"]["positionEncodings"] = json!([encoding]);
        let answer =
            client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
        assert_eq!(answer["capabilities"]["positionEncoding"], encoding);
        client.wait_until_read();
        client.open(&root.join("a.md"), text);
        let place = &client.at("definition", &root.join("a.md"), 0, start + 2)[0];
        assert_eq!(place["originSelectionRange"]["start"]["character"], start);
        assert_eq!(place["originSelectionRange"]["end"]["character"], start + 5);
        let block = &client.at("definition", &root.join("a.md"), 0, start + 12)[0];
        let column = if encoding == "utf-8" {
            10
        } else if encoding == "utf-16" {
            8
        } else {
            7
        };
        assert_eq!(
            block["targetSelectionRange"]["start"],
            json!({"line": 2, "character": column})
        );
    }
}

/// Names with the names below them.
fn names(symbols: &Value) -> Value {
    let list = symbols.as_array().into_iter().flatten();
    list.map(|symbol| json!([symbol["name"], names(&symbol["children"])]))
        .collect()
}

#[test]
fn an_outline_is_a_tree_or_a_list() {
    let text = "---\nkey: v\n---\n# A\nfield:: 1\n## B\ntext ^id\n# \n";
    let (_folder, root) = vault(&[("a.md", text)]);
    let document = json!({"textDocument": {"uri": address(&root.join("a.md"))}});
    let mut client = Client::start(&root);
    client.open(&root.join("a.md"), text);
    let tree = client
        .request("textDocument/documentSymbol", document.clone())
        .unwrap();
    let expected = json!([
        ["key", []],
        ["A", [["field", []], ["B", [["^id", []]]]]],
        ["#", []]
    ]);
    assert_eq!(names(&tree), expected);
    assert_eq!(tree[1]["range"]["end"], json!({"line": 7, "character": 0}));

    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["textDocument"] = json!({});
    client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    client.open(&root.join("a.md"), text);
    let list = client
        .request("textDocument/documentSymbol", document)
        .unwrap();
    assert_eq!(list.as_array().unwrap().len(), 6);
    assert_eq!(list[3]["containerName"], "A", "{list}");
    assert!(list[0]["location"]["uri"].is_string());
}

#[test]
fn plain_clients_get_plain_answers() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("b.md", "# B\n")]);
    let mut client = Client::spawn();
    client.initialize(
        json!({"rootUri": address(&root), "capabilities": {"window": {"workDoneProgress": true}}}),
    );
    client.wait_until_read();
    client.open(&root.join("a.md"), "[[b]]\n");
    let place = client.at("definition", &root.join("a.md"), 0, 3);
    assert_eq!(place[0]["uri"], address(&root.join("b.md")));
    let hover = client.at("hover", &root.join("a.md"), 0, 3);
    assert_eq!(hover["contents"]["kind"], "plaintext");
    let items = client.at("completion", &root.join("a.md"), 0, 3);
    let item = items["items"][0].clone();
    let item = client.request("completionItem/resolve", item).unwrap();
    assert!(item["documentation"].is_string(), "{item}");
}

#[test]
fn links_are_resolved_when_they_are_clicked() {
    let text = "[[b#H]] ![[b]] [x](https://example.org/a) [[none]]\n";
    let (_folder, root) = vault(&[("a.md", text), ("b.md", "text\n\n# H\n")]);
    let mut client = Client::start(&root);
    client.open(&root.join("a.md"), text);
    let document = json!({"textDocument": {"uri": address(&root.join("a.md"))}});
    let links = client
        .request("textDocument/documentLink", document)
        .unwrap();
    assert_eq!(
        links.as_array().unwrap().len(),
        3,
        "unresolved links are left out"
    );
    let range = |start: u32, end: u32| json!({"start": {"line": 0, "character": start}, "end": {"line": 0, "character": end}});
    assert_eq!(links[0]["range"], range(2, 5));
    let targets = [
        address(&root.join("b.md")) + "#L3",
        address(&root.join("b.md")),
        "https://example.org/a".to_owned(),
    ];
    for (link, target) in links.as_array().unwrap().iter().zip(targets) {
        assert!(link.get("target").is_none());
        let resolved = client
            .request("documentLink/resolve", link.clone())
            .unwrap();
        assert_eq!(resolved["target"], target);
    }
}

#[test]
fn a_click_opens_no_program_and_no_file_outside() {
    let text = "[a](command:run) [b](javascript:x) [c](file:///etc/passwd) [d](data:,x) [e](vscode://x)\n[f](HTTPS://example.org) [g](mailto:a@example.org) [h](obsidian://open?vault=v)\n";
    let (_folder, root) = vault(&[("a.md", text)]);
    let mut client = Client::start(&root);
    client.open(&root.join("a.md"), text);
    let document = json!({"textDocument": {"uri": address(&root.join("a.md"))}});
    let links = client
        .request("textDocument/documentLink", document)
        .unwrap();
    let targets: Vec<&str> = links
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["data"]["target"].as_str().unwrap())
        .collect();
    assert_eq!(
        targets,
        [
            "https://example.org/",
            "mailto:a@example.org",
            "obsidian://open?vault=v"
        ]
    );
}

#[test]
fn highlights_tell_the_place_from_its_uses() {
    let text = "# H\n[[#H]] [[a#H]] [[a]]\n";
    let (_folder, root) = vault(&[("a.md", text)]);
    let mut client = Client::start(&root);
    client.open(&root.join("a.md"), text);
    let found = client.at("documentHighlight", &root.join("a.md"), 1, 3);
    let kinds: Vec<u64> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|h| h["kind"].as_u64().unwrap())
        .collect();
    assert_eq!(kinds, [3, 2, 2], "{found}");
}

#[test]
fn names_are_found_loosely_and_within_limits() {
    let mut files = vec![(
        "Great Leap.md".to_owned(),
        "---\naliases: [Big Jump]\n---\n# Steps taken\n#kind/of\n".to_owned(),
    )];
    files.extend((0..400).map(|n| (format!("n/Note {n}.md"), String::new())));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let (_folder, root) = vault(&files);
    let mut client = Client::start(&root);
    let mut names = |query: &str| -> Vec<String> {
        let found = client
            .request("workspace/symbol", json!({"query": query}))
            .unwrap();
        found
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("grlp"), ["Great Leap"]);
    assert_eq!(names("bigj"), ["Big Jump"]);
    assert_eq!(names("steps"), ["Steps taken"]);
    assert_eq!(names("#kindof"), ["#kind/of"]);
    assert_eq!(names("note").len(), 200);
    assert_eq!(names("").len(), 200);
    assert!(names("zzz").is_empty());
}

#[test]
fn a_hover_has_a_preview_the_tiers_and_the_backlinks() {
    let (_folder, root) = vault(&[
        ("_Standards/A.md", "# [[A]]\n\nThe first words.\n"),
        ("_public/A.public.md", "![[A]]\n"),
        ("_Standards/B.md", "[[A]] [[A#Nowhere]] #t/u\n"),
    ]);
    let mut client = Client::start(&root);
    let path = root.join("_Standards/B.md");
    client.open(&path, "[[A]] [[A#Nowhere]] #t/u\n");
    let hover = client.at("hover", &path, 0, 2)["contents"]["value"]
        .as_str()
        .unwrap()
        .to_owned();
    for words in [
        "**A**",
        "**_Standards**, _public",
        "Backlinks: 3",
        "The first words.",
    ] {
        assert!(hover.contains(words), "{words}: {hover}");
    }
    let hover = client.at("hover", &path, 0, 9)["contents"]["value"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(hover.contains("no heading `Nowhere`"), "{hover}");
    let hover = client.at("hover", &path, 0, 22)["contents"]["value"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        hover.contains("`#t/u`") && hover.contains("once in 1 note"),
        "{hover}"
    );
}
