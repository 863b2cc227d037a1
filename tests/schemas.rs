//! Schemas on the disk: what follows for notes when they change, and what is
//! said of those that cannot be used.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::fixture::{vault, write};

const TOML: &str =
    "[[schema]]\nfile = \"schemas/city.json\"\nproperty = \"is\"\nvalue = \"City\"\n";
const NOTE: &str = "---\nis: \"[[City]]\"\nlat: x\n---\n";
const NUMBER: &str = "{\"properties\": {\"lat\": {\"type\": \"number\"}}}";
const TEXT: &str = "{\"properties\": {\"lat\": {\"type\": \"string\"}}}";
const REMOTE: &str = "{\n  \"$ref\": \"https://example.com/é\"\n}";

/// What was pushed last for a file.
fn pushed(client: &Client, file: &Path) -> Option<Vec<Value>> {
    let uri = address(file);
    let mut lists = client.notifications.iter().rev();
    let is_list = |message: &&Value| {
        message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri
    };
    lists.find(is_list)?["params"]["diagnostics"]
        .as_array()
        .cloned()
}

/// Waits until this many diagnostics are pushed for a file.
fn until_pushed(client: &mut Client, note: &Path, file: &Path, count: usize) -> Vec<Value> {
    client.until(&format!("{count} of {}", file.display()), |client| {
        // A request makes the client read what came before its answer.
        client.at("hover", note, 1, 1);
        pushed(client, file).is_some_and(|list| list.len() == count)
    });
    pushed(client, file).unwrap()
}

#[test]
fn open_notes_follow_a_schema_that_changes() {
    let (_folder, root) = vault(&[
        (".vaultmark.toml", TOML),
        ("schemas/city.json", NUMBER),
        ("City.md", ""),
        ("a.md", NOTE),
    ]);
    let mut client = Client::start(&root);
    let (note, schema) = (root.join("a.md"), root.join("schemas/city.json"));
    client.open(&note, NOTE);
    let found = until_pushed(&mut client, &note, &note, 1);
    assert_eq!(found[0]["code"], "schema");
    assert_eq!(
        found[0]["range"]["start"],
        json!({"line": 2, "character": 5})
    );
    write(&schema, TEXT);
    client.heard(&[&schema]);
    until_pushed(&mut client, &note, &note, 0);
    // The folder is heard of, not the file.
    write(&schema, NUMBER);
    client.heard(&[&root.join("schemas")]);
    until_pushed(&mut client, &note, &note, 1);
    std::fs::remove_file(&schema).unwrap();
    client.heard(&[&schema]);
    until_pushed(&mut client, &note, &note, 0);
    write(&schema, NUMBER);
    client.heard(&[&schema]);
    until_pushed(&mut client, &note, &note, 1);
    // Nobody follows it any more, and its name makes it no schema.
    write(&root.join(".vaultmark.toml"), "");
    client.heard(&[&root.join(".vaultmark.toml")]);
    until_pushed(&mut client, &note, &note, 0);
    write(&root.join(".vaultmark.toml"), TOML);
    client.heard(&[&root.join(".vaultmark.toml")]);
    until_pushed(&mut client, &note, &note, 1);
}

#[test]
fn a_bad_schema_is_reported_once_at_its_file_and_taken_back() {
    let (_folder, root) = vault(&[
        ("bad.schema.json", REMOTE),
        ("good.schema.json", NUMBER),
        ("a.md", "---\n$schema: good.schema.json\nlat: x\n---\n"),
        ("b.md", "---\n$schema: bad.schema.json\n---\n"),
    ]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["textDocument"]["diagnostic"] = json!({});
    client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    client.wait_until_read();
    let (note, bad) = (root.join("a.md"), root.join("bad.schema.json"));
    let found = until_pushed(&mut client, &note, &bad, 1);
    assert_eq!(found[0]["code"], "bad-schema");
    assert_eq!(found[0]["severity"], 1);
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains("nothing is fetched"), "{message}");
    let range = json!({"start": {"line": 1, "character": 10}, "end": {"line": 1, "character": 33}});
    assert_eq!(found[0]["range"], range);
    // The other one is in force.
    let document = json!({"textDocument": {"uri": address(&note)}});
    let report = client.request("textDocument/diagnostic", document).unwrap();
    assert_eq!(report["items"][0]["code"], "schema");
    let count = |client: &Client| {
        let pushes = client.notifications.iter();
        let pushes = pushes.filter(|push| push["method"] == "textDocument/publishDiagnostics");
        pushes.count()
    };
    assert_eq!(count(&client), 1);
    write(&bad, "{}");
    client.heard(&[&bad]);
    until_pushed(&mut client, &note, &bad, 0);
    write(&bad, "{");
    client.heard(&[&bad]);
    let found = until_pushed(&mut client, &note, &bad, 1);
    assert!(
        found[0]["message"].as_str().unwrap().contains("not JSON"),
        "{found:?}"
    );
    std::fs::remove_file(&bad).unwrap();
    client.heard(&[&bad]);
    until_pushed(&mut client, &note, &bad, 0);
    assert_eq!(count(&client), 4, "each is said once");
}

#[test]
fn a_terminal_gets_notes_and_bad_schemas() {
    let toml = format!("{TOML}[[schema]]\nfile = \"gone.json\"\nnote = \"**\"\nnotes = \"**\"\n");
    let (_folder, root) = vault(&[
        (".vaultmark.toml", toml.as_str()),
        ("schemas/city.json", NUMBER),
        ("bad.schema.json", REMOTE),
        ("City.md", ""),
        ("a.md", NOTE),
        ("b.md", "---\n$schema: schemas/city.json\n---\n"),
    ]);
    let check = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vaultmark"));
        let command = command
            .arg("check")
            .args(arguments)
            .args(["--format", "json"]);
        let output = command.current_dir(&root).output().unwrap();
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = found["findings"].as_array().unwrap().iter();
        let found = found.map(|found| {
            let text = |key: &str| found[key].as_str().unwrap().to_owned();
            (
                text("path"),
                text("rule"),
                found["line"].as_u64().unwrap(),
                found["column"].as_u64().unwrap(),
            )
        });
        let problems = String::from_utf8(output.stderr).unwrap();
        (found.collect::<Vec<_>>(), problems)
    };
    let (found, problems) = check(&[]);
    let expected = [
        ("a.md".to_owned(), "schema".to_owned(), 3, 6),
        ("bad.schema.json".to_owned(), "bad-schema".to_owned(), 2, 11),
    ];
    assert_eq!(found, expected);
    assert!(
        problems.contains("`note`; did you mean `notes`?"),
        "{problems}"
    );
    assert!(
        problems.contains("`gone.json`, which is not there"),
        "{problems}"
    );
    assert_eq!(check(&["a.md"]).0, expected[..1]);
    let toml = format!("[rules]\nbad-schema = \"off\"\n{TOML}");
    write(&root.join(".vaultmark.toml"), &toml);
    assert_eq!(check(&[]).0, expected[..1]);
    // What no note and no setting can mean may be another program's.
    write(&root.join(".vaultmark.toml"), TOML);
    assert_eq!(check(&[]).0, expected);
    write(&root.join("b.md"), "---\nschema: bad.schema.json\n---\n");
    assert_eq!(check(&[]).0, expected[..1]);
}

#[cfg(unix)]
#[test]
fn no_schema_is_read_through_a_link_and_none_that_is_too_large() {
    let (_outside, elsewhere) = vault(&[("secret.schema.json", TEXT)]);
    let large = format!("{{\"description\": \"{}\"}}", "x".repeat(1 << 20));
    let (_folder, root) = vault(&[
        ("large.schema.json", large.as_str()),
        ("a.md", "---\n$schema: s.schema.json\n---\n"),
    ]);
    std::os::unix::fs::symlink(
        elsewhere.join("secret.schema.json"),
        root.join("s.schema.json"),
    )
    .unwrap();
    let mut client = Client::start(&root);
    client.heard(&[&root.join("s.schema.json")]);
    let note = root.join("a.md");
    let found = until_pushed(&mut client, &note, &root.join("large.schema.json"), 1);
    assert!(
        found[0]["message"]
            .as_str()
            .unwrap()
            .contains("larger than"),
        "{found:?}"
    );
    let document = json!({"textDocument": {"uri": address(&note)}});
    let report = client.request("textDocument/diagnostic", document).unwrap();
    assert_eq!(report["items"][0]["code"], "schema-missing");
}
