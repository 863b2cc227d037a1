//! The process: how it ends, whatever the client does.

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::fixture::vault;

fn served() -> (tempfile::TempDir, Client) {
    let (folder, root) = vault(&[("a.md", "# A\n")]);
    (folder, Client::start(&root))
}

#[test]
fn leaving_in_order_gives_0() {
    let (_folder, mut client) = served();
    assert_eq!(client.leave(), Some(0));
}

#[test]
fn leaving_without_shutdown_gives_1() {
    let (_folder, mut client) = served();
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn the_end_of_the_input_is_the_end() {
    let (_folder, mut client) = served();
    client.hang_up();
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn a_server_whose_editor_died_ends() {
    let (_folder, root) = vault(&[("a.md", "# A\n")]);
    let mut parent = std::process::Command::new("sleep")
        .arg("60")
        .spawn()
        .unwrap();
    let mut client = Client::spawn();
    let params =
        json!({"processId": parent.id(), "rootUri": address(&root), "capabilities": able()});
    client.initialize(params);
    parent.kill().unwrap();
    parent.wait().unwrap();
    if std::path::Path::new("/proc/self").exists() {
        assert_eq!(client.exit_code(), Some(1));
    }
}

#[test]
fn the_command_line_explains_itself() {
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_vaultmark"))
            .args(arguments)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, text) = run(&["status", "/no/such/folder"]);
    assert_eq!(code, Some(1));
    assert!(
        text.contains("there is no folder /no/such/folder"),
        "{text}"
    );
    let (code, text) = run(&["status", file!()]);
    assert_eq!(code, Some(1), "{text}");
    let (code, text) = run(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("status") && text.contains("tour") && text.contains("lsp"));
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let (_folder, root) = vault(&[("a.md", "# A\n")]);
    for arguments in [vec!["tour"], vec!["status", root.to_str().unwrap()]] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_vaultmark"))
            .args(&arguments)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !text.contains("pipe"), "{text}");
    }
}

#[test]
fn status_names_what_cannot_be_read_by_its_path_in_the_vault() {
    let (_folder, root) = vault(&[("a.md", "# A\n"), ("b.png", ""), ("x/c.md", "")]);
    std::fs::write(root.join("latin.md"), b"caf\xe9").unwrap();
    std::fs::write(root.join(".gitignore"), "/x/\n/gone/\n").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_vaultmark"))
        .args(["status", "--json", root.to_str().unwrap()])
        .output()
        .unwrap();
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(status["notes"], 2);
    assert_eq!(status["unreadNotes"], 1);
    assert_eq!(status["otherFiles"], 1);
    assert_eq!(status["keptSeparately"], json!(["gone"]));
    let problem = status["problems"][0].as_str().unwrap();
    assert!(problem.starts_with("latin.md: "), "{problem}");
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_outside_the_vault_is_read() {
    // A link that climbs out is answered without opening what it names.
    let (_folder, root) = vault(&[
        ("vault/a.md", "[[../secret]] [x](../secret.md)\n"),
        ("secret.md", "# Secret\n"),
    ]);
    let mut client = Client::start(&root.join("vault"));
    let path = root.join("vault/a.md");
    client.open(&path, "[[../secret]] [x](../secret.md)\n");
    for column in [3, 20] {
        assert_eq!(client.at("definition", &path, 0, column), Value::Null);
        let hover = client.at("hover", &path, 0, column)["contents"]["value"].to_string();
        assert!(
            !hover.contains("# Secret") && hover.contains("climbs above"),
            "{hover}"
        );
    }
    assert!(client.process() > 0);
}
