//! The declared capabilities of real editors: every answer fits them.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::client::{Client, address};
use crate::support::fixture::vault;

#[test]
fn answers_fit_what_each_editor_declares() {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/clients/caps");
    let Ok(captures) = std::fs::read_dir(&captures) else {
        println!(
            "skipped: there are no captured capabilities at {}",
            captures.display()
        );
        return;
    };
    let (_folder, root) = vault(&[("a.md", "😀 [[b]]\n"), ("b.md", "# B\n")]);
    let mut count = 0;
    for capture in captures {
        let path = capture.unwrap().path();
        let capture: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let capabilities = capture.get("capabilities").cloned().unwrap_or(capture);
        println!("{}", path.display());
        check(&root, &capabilities);
        count += 1;
    }
    assert!(count >= 12, "{count}");
}

fn check(root: &Path, capabilities: &Value) {
    let is = |pointer: &str| capabilities.pointer(pointer) == Some(&Value::Bool(true));
    let mut client = Client::spawn();
    let answer = client.initialize(json!({
        "processId": std::process::id(), "rootUri": address(root), "capabilities": capabilities,
    }));
    let encoding = answer["capabilities"]["positionEncoding"]
        .as_str()
        .unwrap()
        .to_owned();
    let offered = capabilities
        .pointer("/general/positionEncodings")
        .and_then(Value::as_array);
    match offered {
        Some(offered) => assert!(offered.contains(&json!(encoding))),
        None => assert_eq!(encoding, "utf-16"),
    }
    client.open(&root.join("a.md"), "😀 [[b]]\n");
    let start = match encoding.as_str() {
        "utf-8" => 5,
        "utf-16" => 3,
        _ => 2,
    };
    let path = root.join("a.md");
    client.until("the vault is read", |client| {
        !client.at("definition", &path, 0, start + 3).is_null()
    });
    let found = client.at("definition", &path, 0, start + 3);
    let links = is("/textDocument/definition/linkSupport");
    assert_eq!(found[0].get("targetUri").is_some(), links);
    assert_eq!(found[0].get("uri").is_some(), !links);
    if links {
        assert_eq!(
            found[0]["originSelectionRange"]["start"]["character"],
            start
        );
    }
    let hover = client.at("hover", &path, 0, start + 3);
    let formats = capabilities.pointer("/textDocument/hover/contentFormat");
    let markdown = formats.is_some_and(|formats| formats.to_string().contains("markdown"));
    assert_eq!(
        hover["contents"]["kind"],
        if markdown { "markdown" } else { "plaintext" }
    );
    client.open(&root.join("b.md"), "# B\n");
    let document = json!({"textDocument": {"uri": address(&root.join("b.md"))}});
    let symbols = client
        .request("textDocument/documentSymbol", document)
        .unwrap();
    let tree = is("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport");
    assert_eq!(symbols[0].get("selectionRange").is_some(), tree);
    client.leave();
    let asked = |method: &str| client.asked.iter().any(|asked| asked == method);
    assert!(is("/workspace/configuration") || !asked("workspace/configuration"));
    assert!(is("/window/workDoneProgress") || !asked("window/workDoneProgress/create"));
    let register = is("/workspace/didChangeWatchedFiles/dynamicRegistration")
        || is("/workspace/didChangeConfiguration/dynamicRegistration");
    assert_eq!(register, asked("client/registerCapability"));
}
