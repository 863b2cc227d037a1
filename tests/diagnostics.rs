//! How diagnostics reach an editor and a terminal. What each rule reports is
//! shown in `docs/diagnostics.md`.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::fixture::{vault, write};

/// The codes of the list that was pushed last for a note, with its version.
fn pushed(client: &Client, uri: &str) -> Option<(Vec<String>, Value)> {
    let mut lists = client.notifications.iter().rev();
    let is_list = |message: &&Value| {
        message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri
    };
    let params = &lists.find(is_list)?["params"];
    let codes = params["diagnostics"].as_array().unwrap().iter();
    let codes = codes.map(|item| item["code"].as_str().unwrap().to_owned());
    Some((codes.collect(), params["version"].clone()))
}

#[test]
fn diagnostics_are_pushed_to_those_that_do_not_ask_and_follow_the_text() {
    let (_folder, root) = vault(&[("a.md", "[[none]]\n"), ("b.md", "# B\n")]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["textDocument"]["publishDiagnostics"] = json!({"versionSupport": true});
    let offer = client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    assert!(offer["capabilities"].get("diagnosticProvider").is_none());
    let (path, uri) = (root.join("a.md"), address(&root.join("a.md")));
    client.open(&path, "[[none]]\n");
    let until = |client: &mut Client, codes: &[&str]| {
        client.until(&format!("{codes:?}"), |client| {
            // A request makes the client read what came before its answer.
            client.at("hover", &path, 0, 3);
            pushed(client, &uri).is_some_and(|list| list.0 == codes)
        });
    };
    until(&mut client, &["broken-link"]);
    client.change(&path, "[[b]] [[b#x]]\n");
    until(&mut client, &["broken-heading"]);
    assert_eq!(
        pushed(&client, &uri).unwrap().1,
        2,
        "the version of the text"
    );
    // Another note changes, and with it the diagnostics of this one.
    write(&root.join("b.md"), "# X\n");
    client.heard(&[&root.join("b.md")]);
    until(&mut client, &[]);
    client.change(&path, "[[gone]]\n");
    until(&mut client, &["broken-link"]);
    client.close(&path);
    client.until("an empty list of a closed note", |client| {
        client.at("hover", &root.join("b.md"), 0, 1);
        pushed(client, &uri).is_some_and(|list| list.0.is_empty())
    });
}

#[test]
fn diagnostics_are_pulled_by_those_that_ask_and_are_sent_once() {
    let (_folder, root) = vault(&[
        ("a.md", "[[b]] [[City]]\n"),
        ("x/City.md", ""),
        ("y/City.md", ""),
    ]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["textDocument"]["diagnostic"] = json!({"relatedInformation": true});
    capabilities["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    let offer = client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    assert_eq!(
        offer["capabilities"]["diagnosticProvider"]["interFileDependencies"],
        true
    );
    client.wait_until_read();
    let path = root.join("a.md");
    client.open(&path, "[[b]] [[City]]\n");
    let pull = |client: &mut Client, previous: &Value| {
        let mut params = json!({"textDocument": {"uri": address(&path)}});
        if previous.is_string() {
            params["previousResultId"] = previous.clone();
        }
        client.request("textDocument/diagnostic", params).unwrap()
    };
    let first = pull(&mut client, &Value::Null);
    assert_eq!(first["kind"], "full");
    assert_eq!(first["items"][0]["code"], "broken-link");
    let related = first["items"][1]["relatedInformation"].as_array().unwrap();
    assert_eq!(related.len(), 2, "{first}");
    let again = pull(&mut client, &first["resultId"]);
    assert_eq!(
        (again["kind"].as_str(), again.get("items")),
        (Some("unchanged"), None)
    );
    // A new note mends the link, and the client is told to ask again.
    client.until("the first look", |client| {
        client.at("hover", &path, 0, 3);
        std::thread::sleep(std::time::Duration::from_millis(150));
        true
    });
    write(&root.join("b.md"), "# B\n");
    client.heard(&[&root.join("b.md")]);
    client.until("a refresh", |client| {
        client.at("hover", &path, 0, 3);
        client
            .asked
            .iter()
            .any(|method| method == "workspace/diagnostic/refresh")
    });
    let mended = pull(&mut client, &first["resultId"]);
    assert_eq!(mended["items"].as_array().unwrap().len(), 1);
    let pushes = client.notifications.iter();
    let pushes = pushes.filter(|message| message["method"] == "textDocument/publishDiagnostics");
    assert_eq!(pushes.count(), 0, "never both ways");
}

#[test]
fn rules_are_set_in_the_vault_and_in_a_note() {
    let toml = "[rules]\nbroken-link = \"hint\"\nopen-fnce = \"off\"\n[[rules_for]]\nnotes = \"old/**\"\nrules = { \"*\" = \"off\" }\n";
    let (_folder, root) = vault(&[
        (".vaultmark.toml", toml),
        ("a.md", "[[none]]\n"),
        ("old/b.md", "[[none]]\n"),
        (
            "c.md",
            "%% vaultmark-ignore broken-link %%\n[[none]] [[#none]]\n",
        ),
    ]);
    let mut client = Client::start(&root);
    let mut severities = |note: &str| -> Vec<u64> {
        let document = json!({"textDocument": {"uri": address(&root.join(note))}});
        let report = client.request("textDocument/diagnostic", document).unwrap();
        let items = report["items"].as_array().unwrap().iter();
        items
            .map(|item| item["severity"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(severities("a.md"), [4]);
    assert_eq!(severities("old/b.md"), [0; 0]);
    assert_eq!(severities("c.md"), [2], "the heading is still missed");
    let shown = client.shown();
    assert!(
        shown
            .iter()
            .any(|text| text.contains("`open-fnce`; did you mean `open-fence`?")),
        "{shown:?}"
    );
}

fn check(root: &std::path::Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vaultmark"));
    command
        .arg("check")
        .args(arguments)
        .current_dir(root)
        .output()
        .unwrap()
}

#[test]
fn a_terminal_gets_the_same_sorted_and_with_an_exit_code() {
    let (_folder, root) = vault(&[
        ("b.md", "é [[none]]\n"),
        ("a.md", "---\nup: @x\n---\n[[b]]\n"),
        ("sub/c.md", "[[b#none]]\n"),
    ]);
    let text = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
    let all = check(&root, &[]);
    let shown = text(&all);
    assert_eq!(all.status.code(), Some(1));
    let order = [
        "a.md:2:5",
        "b.md:1:3",
        "sub/c.md:1:1",
        "3 findings in 3 notes",
    ];
    let places = order.map(|place| {
        shown
            .find(place)
            .unwrap_or_else(|| panic!("{place}: {shown}"))
    });
    assert!(places.is_sorted(), "{shown}");
    assert!(!shown.contains('\u{1b}'), "colors only on a terminal");

    let some = check(&root, &["sub", "--format", "json"]);
    let found: Value = serde_json::from_slice(&some.stdout).unwrap();
    assert_eq!(found["findings"].as_array().unwrap().len(), 1);
    assert_eq!(found["findings"][0]["rule"], "broken-heading");
    assert_eq!(
        check(&root, &["--severity", "error", "b.md"]).status.code(),
        Some(0)
    );
    let denied = check(
        &root,
        &["--severity", "error", "--deny", "broken-link", "b.md"],
    );
    assert_eq!(denied.status.code(), Some(1));
    assert_eq!(check(&root, &["nowhere"]).status.code(), Some(2));
    let github = text(&check(&root, &["b.md", "--format", "github"]));
    assert!(
        github.starts_with("::warning file=b.md,line=1,col=3"),
        "{github}"
    );
    let sarif: Value =
        serde_json::from_slice(&check(&root, &["--format", "sarif"]).stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][index];
        assert_eq!(rule["id"], result["ruleId"]);
    }
    assert_eq!(results.len(), 3);
}

const BROKEN: &str = "---\r\nalias: Other\r\ntags: a, b\r\nup: [[b]]\r\nlist:\r\n  - one\r\n  - one\r\n---\r\n[[Emporer]]\r\n";
const MENDED: &str = "---\r\naliases: [Other]\r\ntags: [a, b]\r\nup: \"[[b]]\"\r\nlist:\r\n  - one\r\n---\r\n[[Emporer]]\r\n";

#[test]
fn plain_mistakes_are_mended_on_the_command_line_and_nothing_else() {
    let (_folder, root) = vault(&[("a.md", BROKEN), ("b.md", ""), ("Emperor.md", "")]);
    let read = || std::fs::read_to_string(root.join("a.md")).unwrap();
    let shown = check(&root, &["--fix", "--dry-run", "--severity", "hint"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.contains("-alias: Other") && shown.contains("+aliases: [Other]"),
        "{shown}"
    );
    assert_eq!(read(), BROKEN, "nothing is changed in a dry run");
    let fixed = check(&root, &["--fix", "--severity", "hint", "--format", "json"]);
    assert_eq!(read(), MENDED);
    let left: Value = serde_json::from_slice(&fixed.stdout).unwrap();
    let left = left["findings"].as_array().unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(
        (&left[0]["rule"], &left[0]["line"]),
        (&json!("broken-link"), &json!(8))
    );
    check(&root, &["--fix", "--severity", "hint"]);
    assert_eq!(read(), MENDED, "a second time changes nothing");
}

#[test]
fn what_a_killed_run_left_beside_notes_is_removed_and_nothing_else() {
    let (_folder, root) = vault(&[
        ("a.md", "---\ntag: x\n---\n"),
        (".vaultmark-fix-dead.tmp", "---\ntags"),
        (".vaultmark-fix-busy.tmp", "---\ntags"),
        (".vaultmark-fix-note.md", "mine"),
        (".tmp123456", "another's"),
    ]);
    // Another run is at this one.
    let busy = std::fs::File::open(root.join(".vaultmark-fix-busy.tmp")).unwrap();
    busy.lock().unwrap();
    check(&root, &["--fix"]);
    let names = std::fs::read_dir(&root).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    let expected = [
        ".tmp123456",
        ".vaultmark-fix-busy.tmp",
        ".vaultmark-fix-note.md",
        "a.md",
    ];
    assert_eq!(names, expected);
    drop(busy);
}

#[test]
fn an_editor_is_offered_the_same_fixes() {
    let (_folder, root) = vault(&[("a.md", BROKEN), ("b.md", ""), ("Emperor.md", "")]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["textDocument"]["codeAction"] =
        json!({"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}});
    capabilities["workspace"]["workspaceEdit"] = json!({"documentChanges": true});
    client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    client.wait_until_read();
    let path = root.join("a.md");
    client.open(&path, BROKEN);
    let mut actions = |line: u32, only: Value| -> Value {
        let at = json!({"line": line, "character": 5});
        let mut params = json!({
            "textDocument": {"uri": address(&path)}, "range": {"start": at, "end": at},
            "context": {"diagnostics": []},
        });
        if !only.is_null() {
            params["context"]["only"] = only;
        }
        client.request("textDocument/codeAction", params).unwrap()
    };
    let near = actions(8, Value::Null);
    assert_eq!(near[0]["title"], "Change it to `Emperor`");
    assert_eq!(near[0]["isPreferred"], false);
    let change = &near[0]["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"]["version"], 1);
    let range = json!({"start": {"line": 8, "character": 2}, "end": {"line": 8, "character": 9}});
    assert_eq!(
        change["edits"],
        json!([{"range": range, "newText": "Emperor"}])
    );
    assert_eq!(
        actions(3, json!(["quickfix"]))[0]["title"],
        "Quote the link"
    );
    assert_eq!(actions(8, json!(["refactor"])), json!([]));
    let all = actions(0, json!(["source.fixAll"]));
    assert_eq!(
        all[0]["edit"]["documentChanges"][0]["edits"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
}

#[test]
fn what_was_wrong_before_is_not_reported_again() {
    let (_folder, root) = vault(&[
        ("a.md", "[[none]] [[none]]\n"),
        ("sub/b.md", "[[gone]]\n"),
        ("c.md", ""),
    ]);
    let told = |output: &Output| String::from_utf8(output.stderr.clone()).unwrap();
    let found = |output: &Output| -> Vec<String> {
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = found["findings"].as_array().unwrap().iter();
        found
            .map(|found| {
                format!(
                    "{}:{}:{}",
                    found["path"].as_str().unwrap(),
                    found["line"],
                    found["column"]
                )
            })
            .collect()
    };
    let written = check(&root, &["--write-baseline", "known.json"]);
    assert_eq!(written.status.code(), Some(0));
    let file = root.join("known.json");
    let first = std::fs::read_to_string(&file).unwrap();
    // The text is not there, for it may be secret, but its hash.
    let expected = json!({"version": 1, "findings": [
        {"path": "a.md", "rule": "broken-link", "text": "87079bf5912e83cf", "count": 2},
        {"path": "sub/b.md", "rule": "broken-link", "text": "edbd61f99135914e", "count": 1},
    ]});
    assert_eq!(first, format!("{expected:#}\n"));
    let known = ["--baseline", "known.json", "--format", "json"];
    let again = check(&root, &known);
    assert_eq!(
        (again.status.code(), told(&again)),
        (Some(0), String::new())
    );
    // Lines move; one more of the same, and one in another note, are new.
    write(&root.join("a.md"), "\n\n[[none]] x [[none]] [[none]]\n");
    write(&root.join("c.md"), "[[gone]]\n");
    let more = check(&root, &known);
    assert_eq!(more.status.code(), Some(1));
    assert_eq!(found(&more), ["a.md:3:21", "c.md:1:1"]);
    // What is mended is told, if its note was looked at at all.
    write(&root.join("sub/b.md"), "");
    write(&root.join("a.md"), "[[none]] [[none]]\n");
    let mended = check(&root, &known);
    assert!(told(&mended).contains("1 of the findings in known.json are mended"));
    assert_eq!(told(&check(&root, &[&known[..], &["a.md"]].concat())), "");
    check(&root, &["--write-baseline", "known.json", "sub/.."]);
    assert_ne!(std::fs::read_to_string(&file).unwrap(), first);
    for (text, says) in [
        ("{", "EOF while parsing an object at line 1"),
        ("[]", "no baseline of version 1"),
        (
            "{\"version\": 1, \"findings\": [{\"path\": \"a.md\"}]}",
            "finding number 1 lacks",
        ),
    ] {
        write(&file, text);
        let bad = check(&root, &known);
        assert_eq!(bad.status.code(), Some(2));
        assert!(told(&bad).contains(says), "{}", told(&bad));
    }
    let missing = check(&root, &["--baseline", "nowhere.json"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(told(&missing).contains("nowhere.json"));
}

/// The standard's own schema, from the package of the registry that holds it.
fn sarif_schema() -> Value {
    let listed = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let mut packages = listed["packages"].as_array().unwrap().iter();
    let package = packages
        .find(|package| package["name"] == "serde-sarif")
        .unwrap();
    let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap());
    let schema = std::fs::read_to_string(manifest.with_file_name("src/schema.json")).unwrap();
    // A bracket too many makes the pattern of languages none. We name no language.
    assert!(schema.contains("{2}]?$"));
    serde_json::from_str(&schema.replace("{2}]?$", "{2}$")).unwrap()
}

#[test]
fn sarif_is_what_its_standard_says() {
    let (_folder, root) = vault(&[
        (
            "a b/\u{e9}#.md",
            "---\nup: @x\nalias: y\n---\n\u{1f600} [[none]]\n",
        ),
        ("N.md", "[[n#none]] [[Folder]]\n"),
        ("n.md", ""),
        ("Folder/x.md", "%% [[n]]\n"),
    ]);
    let schema = sarif_schema();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for arguments in [
        &["--severity", "hint"][..],
        &["--severity", "error", "n.md"],
    ] {
        let log = check(&root, &[&["--format", "sarif"], arguments].concat());
        let log: Value = serde_json::from_slice(&log.stdout).unwrap();
        let wrong: Vec<String> = schema
            .iter_errors(&log)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(wrong, [""; 0], "{log:#}");
    }
    // The schema does say no.
    assert!(!schema.is_valid(&json!({"version": "2.1.0", "runs": [{"tool": {}}]})));
}

#[test]
fn a_note_that_cannot_be_written_keeps_no_other_from_being_mended() {
    let text = "---\nup: [[b]]\n---\n";
    let (_folder, root) = vault(&[("a.md", text), ("b.md", text), ("sub/c.md", text)]);
    let locked = root.join("a.md");
    let mut permissions = std::fs::metadata(&locked).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&locked, permissions).unwrap();
    let preview = check(&root, &["--fix", "--dry-run"]);
    assert_eq!(preview.status.code(), Some(1), "there is something to mend");
    let run = check(&root, &["--fix"]);
    assert_eq!(run.status.code(), Some(1), "one is left");
    let told = String::from_utf8(run.stderr).unwrap();
    assert!(told.contains("a.md was left as it is"), "{told}");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    assert_eq!(read("a.md"), text);
    for mended in ["b.md", "sub/c.md"] {
        assert!(read(mended).contains("up: \"[[b]]\""), "{mended}");
    }
}

#[test]
fn a_diagnostic_leads_to_the_page_about_its_rule() {
    let toml = "documentation = \"https://example.org/rules.html\"\n";
    let (_folder, root) = vault(&[(".vaultmark.toml", toml), ("a.md", "[[none]]\n")]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["textDocument"]["diagnostic"] = json!({"codeDescriptionSupport": true});
    client.initialize(json!({"rootUri": address(&root), "capabilities": capabilities}));
    client.wait_until_read();
    let path = root.join("a.md");
    client.open(&path, "[[none]]\n");
    let document = json!({"textDocument": {"uri": address(&path)}});
    let report = client.request("textDocument/diagnostic", document).unwrap();
    let page = &report["items"][0]["codeDescription"]["href"];
    assert_eq!(page, "https://example.org/rules.html#broken-link");
}
