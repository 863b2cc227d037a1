//! Settings: which are in force, and what is said of bad ones.

use std::path::Path;

use expect_test::expect_file;
use serde_json::{Value, json};
use vaultmark::cli::settings::{self, Format};

use crate::support::client::{Client, able, address};
use crate::support::fixture::{vault, write};

#[test]
fn settings_of_the_client_are_in_force_in_the_order_in_which_they_came() {
    let (_folder, root) = vault(&[("en/A.md", "# A\n"), ("de/A.md", "# A\n")]);
    let mut client = Client::start(&root);
    let path = root.join("en/A.md");
    let tiers = json!({"settings": {"vaultmark": {"tier": [{"folder": "en"}, {"folder": "de"}]}}});
    let none = json!({"settings": {"vaultmark": {"tier": []}}});
    for _ in 0..30 {
        client.notify("workspace/didChangeConfiguration", none.clone());
        client.notify("workspace/didChangeConfiguration", tiers.clone());
    }
    client.until("the last settings", |client| {
        client.files("implementation", &path, (0, 0)).len() == 2
    });
    client.notify(
        "workspace/didChangeConfiguration",
        json!({"settings": {"vaultmark": null}}),
    );
    client.until("the end of the settings", |client| {
        client.at("implementation", &path, 0, 0).is_null()
    });
}

#[test]
fn a_client_that_takes_its_settings_back_has_those_that_it_began_with() {
    let (_folder, root) = vault(&[
        ("en/A.md", "# A\n"),
        ("de/A.md", "# A\n"),
        ("fr/A.md", "# A\n"),
    ]);
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["workspace"]["configuration"] = json!(true);
    let tiers = |folders: &[&str]| {
        let tiers: Vec<Value> = folders
            .iter()
            .map(|folder| json!({"folder": folder}))
            .collect();
        json!({"tier": tiers})
    };
    client.settings = tiers(&["en", "de", "fr"]);
    client.initialize(json!({
        "rootUri": address(&root),
        "capabilities": capabilities,
        "initializationOptions": tiers(&["en", "de"]),
    }));
    let path = root.join("en/A.md");
    let copies = |client: &mut Client| client.files("implementation", &path, (0, 0)).len();
    client.until("the settings that were asked for", |client| {
        copies(client) == 3
    });
    client.settings = Value::Null;
    client.notify(
        "workspace/didChangeConfiguration",
        json!({"settings": null}),
    );
    client.until("the settings of the beginning", |client| {
        copies(client) == 2
    });
}

#[test]
fn a_problem_is_shown_once_until_it_is_mended() {
    let (_folder, root) = vault(&[("a.md", "# A\n"), (".vaultmark.toml", "colour = 1\n")]);
    let mut client = Client::start(&root);
    let about = |client: &mut Client, what: &str| {
        let shown = client.shown();
        shown.iter().filter(|shown| shown.contains(what)).count()
    };
    client.until("the message", |client| about(client, "colour") == 1);
    let mut file = 0;
    // A file that appears behind other events: then those were worked off.
    let mut wait = |client: &mut Client| {
        file += 1;
        let (name, path) = (format!("m{file}"), root.join(format!("m{file}.md")));
        write(&path, "");
        client.heard(&[&path]);
        client.until("the next file", |client| {
            let found = client.request("workspace/symbol", json!({"query": name}));
            found.unwrap()[0]["name"] == name
        });
    };
    write(&root.join(".obsidian/workspace.json"), "{}");
    client.heard(&[&root.join(".obsidian/workspace.json")]);
    client.heard(&[&root.join(".vaultmark.toml")]);
    wait(&mut client);
    assert_eq!(about(&mut client, "colour"), 1);
    write(&root.join(".vaultmark.toml"), "");
    client.heard(&[&root.join(".vaultmark.toml")]);
    wait(&mut client);
    write(&root.join(".vaultmark.toml"), "colour = 2\n");
    client.heard(&[&root.join(".vaultmark.toml")]);
    wait(&mut client);
    client.until("the message about the new fault", |client| {
        about(client, "colour") == 2
    });
    // A document that is changed and was never opened.
    for _ in 0..5 {
        client.change(&root.join("a.md"), "# B\n");
    }
    client.until("the message", |client| about(client, "does not fit") == 1);
    assert_eq!(about(&mut client, "does not fit"), 1);
}

#[test]
fn notes_that_cannot_be_read_are_named_in_one_message() {
    let (_folder, root) = vault(&[("a.md", "# A\n")]);
    for number in 0..5 {
        std::fs::write(root.join(format!("latin{number}.md")), b"caf\xe9").unwrap();
    }
    let mut client = Client::start(&root);
    client.until("the message", |client| !client.shown().is_empty());
    let shown = client.shown();
    assert_eq!(shown.len(), 1, "{shown:?}");
    for part in ["5 files", "latin0.md", "and 2 more", "vaultmark status"] {
        assert!(shown[0].contains(part), "{shown:?}");
    }
    // All notes are read again, and say nothing new.
    let path = root.join("b.md");
    write(&path, "```x\n[[a]]\n```\n");
    write(&root.join(".vaultmark.toml"), "soft_fences = [\"x\"]\n");
    client.heard(&[&path, &root.join(".vaultmark.toml")]);
    client.until("the link in the fence", |client| {
        client.files("definition", &path, (1, 3)) == ["a.md"]
    });
    assert_eq!(client.shown(), shown);
}

#[test]
fn what_is_set_in_obsidian_is_read_and_read_again() {
    let (_folder, root) = vault(&[
        ("a.md", "# A\n"),
        (".obsidian/app.json", "{\"newLinkFormat\": \"longest\"}"),
        (".obsidian/types.json", "{\"types\": {\"born\": 3}}"),
    ]);
    let mut client = Client::start(&root);
    for part in ["`newLinkFormat`", "`born`"] {
        client.until(part, |client| {
            client.shown().iter().any(|shown| shown.contains(part))
        });
    }
    write(&root.join(".obsidian/app.json"), "{oh");
    client.heard(&[&root.join(".obsidian/app.json")]);
    client.until("the message about the file", |client| {
        client
            .shown()
            .iter()
            .any(|shown| shown.contains("is not JSON"))
    });
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_settings_is_not_waited_for() {
    let (_folder, root) = vault(&[("a.md", "[[b]]\n"), ("b.md", "")]);
    std::fs::create_dir(root.join(".obsidian")).unwrap();
    for name in [
        ".vaultmark.toml",
        ".obsidian/app.json",
        ".obsidian/types.json",
    ] {
        let made = std::process::Command::new("mkfifo")
            .arg(root.join(name))
            .status();
        assert!(made.unwrap().success());
    }
    let mut client = Client::start(&root);
    assert_eq!(
        client.files("definition", &root.join("a.md"), (0, 3)),
        ["b.md"]
    );
    let shown = client.shown();
    assert!(
        shown.iter().any(|text| text.contains("no file")),
        "{shown:?}"
    );
}

fn listed(format: Format) -> String {
    let mut printed = Vec::new();
    settings::run(format, &mut printed).unwrap();
    String::from_utf8(printed).unwrap()
}

/// `UPDATE_EXPECT=1` writes the table anew.
#[test]
fn the_documentation_lists_all_settings() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    let text = std::fs::read_to_string(&file).unwrap();
    let table = listed(Format::Markdown);
    let before = &text[..text.find("| Key |").unwrap()];
    expect_file![file].assert_eq(&format!("{before}{table}"));
}

#[test]
fn the_extension_for_vs_code_offers_all_settings() {
    let manifest = include_str!("../editors/code/package.json");
    let manifest: Value = serde_json::from_str(manifest).unwrap();
    let sections = manifest.pointer("/contributes/configuration").unwrap();
    let own = sections.as_array().unwrap().iter();
    let own = own.filter(|section| section["id"] == "vault");
    let own: Vec<&Value> = own.map(|section| &section["properties"]).collect();
    let expected: Value = serde_json::from_str(&listed(Format::Vscode)).unwrap();
    assert!(
        own == [&expected],
        "run `npm run settings -- FILE-OF-THE-SERVER` in editors/code"
    );
}

#[test]
fn the_schema_of_the_settings_file_knows_its_mistakes() {
    let schema: Value = serde_json::from_str(&listed(Format::JsonSchema)).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let good = json!({
        "rules": {"broken-link": "error", "*": "hint"},
        "rename": {"folder": "move"},
        "tier": [{"folder": "en", "suffix": ".en"}],
    });
    assert!(schema.is_valid(&good));
    for bad in [
        json!({"rules": {"brokn-link": "error"}}),
        json!({"rename": {"folder": "go"}}),
        json!({"tier": [{"suffix": ".en"}]}),
        json!({"mout": "x"}),
    ] {
        assert!(!schema.is_valid(&bad), "{bad}");
    }
}
