//! `vaultmark doctor`: what an issue report needs, and what is to be mended.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::fixture::{vault, write};

/// A user of their own: a home, and a folder on the `PATH`.
struct User(tempfile::TempDir);

impl User {
    fn new() -> Self {
        let user = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(user.home()).unwrap();
        fs::create_dir_all(user.programs()).unwrap();
        user
    }

    fn home(&self) -> std::path::PathBuf {
        self.0.path().canonicalize().unwrap().join("home")
    }

    fn programs(&self) -> std::path::PathBuf {
        self.0.path().join("bin")
    }

    /// Puts the program on the `PATH`.
    fn install(&self) {
        let program = Path::new(env!("CARGO_BIN_EXE_vaultmark"));
        let name = program.file_name().unwrap();
        fs::hard_link(program, self.programs().join(name))
            .or_else(|_| fs::copy(program, self.programs().join(name)).map(|_| ()))
            .unwrap();
    }

    fn run(&self, arguments: &[&str], folder: &Path) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_vaultmark"))
            .arg("doctor")
            .args(arguments)
            .current_dir(folder)
            .env("HOME", self.home())
            .env("USERPROFILE", self.home())
            .env("XDG_CONFIG_HOME", self.home().join(".config"))
            .env("APPDATA", self.home().join(".config"))
            .env("LOCALAPPDATA", self.home().join(".config"))
            .env("PATH", self.programs())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    }

    fn json(&self, folder: &Path) -> (Option<i32>, Value) {
        let (code, text) = self.run(&["--json"], folder);
        (code, serde_json::from_str(&text).unwrap())
    }
}

#[test]
fn a_vault_in_order_gives_0_and_what_a_report_needs() {
    let user = User::new();
    user.install();
    let root = user.home().join("notes");
    let app = r#"{"newLinkFormat": "relative", "useMarkdownLinks": true, "vimMode": true}"#;
    for (path, text) in [
        (".obsidian/app.json", app),
        ("x/a.md", "A very secret text. [[b]]\n"),
        ("b.md", "# B\n"),
        ("c.png", ""),
    ] {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), text).unwrap();
    }
    // The vault is found around the folder, as by an editor.
    let (code, told) = user.json(&root.join("x"));
    assert_eq!((code, &told["faults"]), (Some(0), &json!([])), "{told:#}");
    assert_eq!(
        told["root"],
        "~/notes".replace('/', std::path::MAIN_SEPARATOR_STR)
    );
    assert_eq!(told["reason"], "it holds `.obsidian`");
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(told["notes"], 2);
    assert_eq!(told["otherFiles"], 1);
    assert_eq!(told["links"], 1);
    assert_eq!(told["tiers"], json!([]));
    assert_eq!(told["settings"], json!([".obsidian/app.json"]));
    let set = json!({"newLinkFormat": "relative", "useMarkdownLinks": true});
    assert_eq!(told["obsidian"], set);
    assert_eq!(told["editors"], json!([]));
    let on_path = told["onPath"].as_str().unwrap();
    assert!(on_path.ends_with(concat!(": vaultmark ", env!("CARGO_PKG_VERSION"))));
    assert!(!told.to_string().contains("secret"));
    let (code, text) = user.run(&[root.to_str().unwrap()], &user.home());
    assert_eq!(code, Some(0), "{text}");
    for part in [
        "Vaultmark ",
        "\nVault ",
        "newLinkFormat: relative",
        "Nothing is to be mended.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains(user.home().to_str().unwrap()), "{text}");
}

#[test]
fn what_is_wrong_is_named_with_the_remedy() {
    let user = User::new();
    let (_folder, root) = vault(&[(".vaultmark.toml", "mout = \"x\"\n"), ("a.md", "# A\n")]);
    fs::write(root.join("latin.md"), b"caf\xe9").unwrap();
    fs::create_dir_all(root.join(".vaultmark/running")).unwrap();
    fs::create_dir_all(user.home().join(".config/helix")).unwrap();
    let helix = user.home().join(".config/helix/languages.toml");
    fs::write(
        &helix,
        "[language-server.vaultmark]\ncommand = \"vaultmark\"\n",
    )
    .unwrap();
    let (code, told) = user.json(&root);
    assert_eq!(code, Some(1));
    let faults: Vec<&str> = told["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault.as_str().unwrap())
        .collect();
    for parts in [
        ["`mout`", "did you mean `mount`?"],
        ["1 file", "`vaultmark status`"],
        ["not on the PATH", "to the PATH"],
        [
            "languages.toml has the server",
            "language-servers = [\"vaultmark\"]",
        ],
        ["rename was interrupted", "`vaultmark undo`"],
    ] {
        let told = faults
            .iter()
            .any(|fault| parts.iter().all(|part| fault.contains(part)));
        assert!(told, "{parts:?}: {faults:#?}");
    }
    assert_eq!(faults.len(), 5, "{faults:#?}");
    assert!(
        !told.to_string().contains("latin"),
        "names of notes are not told"
    );
    assert_eq!(told["unread"], 1);
    write(
        &helix,
        "[language-server.vaultmark]\ncommand = \"vaultmark\"\n[[language]]\nname = \"markdown\"\nlanguage-servers = [\"vaultmark\"]\n",
    );
    let (_, told) = user.json(&root);
    let state = told["editors"]["Helix"].as_str().unwrap();
    assert!(state.starts_with("not on the PATH; set up in ~"), "{state}");
}

#[test]
fn a_home_is_not_read_whole_and_an_empty_folder_is_no_vault() {
    let user = User::new();
    user.install();
    fs::write(user.home().join("a.md"), "# A\n").unwrap();
    let (code, told) = user.json(&user.home());
    assert_eq!((code, &told["notes"]), (Some(1), &Value::Null));
    assert!(
        told["faults"][0]
            .as_str()
            .unwrap()
            .contains(".vaultmark.toml")
    );
    let empty = user.home().join("empty");
    fs::create_dir(&empty).unwrap();
    let (code, told) = user.json(&empty);
    assert_eq!((code, &told["notes"]), (Some(1), &json!(0)));
    assert!(
        told["reason"]
            .as_str()
            .unwrap()
            .contains("the folder itself")
    );
    assert!(
        told["faults"][0]
            .as_str()
            .unwrap()
            .starts_with("There is no note here")
    );
    let (code, text) = user.run(&["nowhere"], &user.home());
    assert_eq!(code, Some(2));
    assert!(text.contains("there is no folder nowhere"), "{text}");
}

#[test]
#[cfg(unix)]
fn editors_tell_their_versions_and_an_older_server_is_seen() {
    use std::os::unix::fs::PermissionsExt;
    let user = User::new();
    let (_folder, root) = vault(&[("a.md", "# A\n")]);
    for (name, version) in [
        ("nvim", "NVIM v0.11.5\\nBuild"),
        ("vaultmark", "vaultmark 0.0.1"),
        ("hx", ""),
    ] {
        let program = user.programs().join(name);
        fs::write(&program, format!("#!/bin/sh\nprintf '{version}\\n'\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let init = user.home().join(".config/nvim/init.lua");
    fs::create_dir_all(init.parent().unwrap()).unwrap();
    fs::write(&init, "vim.lsp.enable('vaultmark')\n").unwrap();
    let (code, told) = user.json(&root);
    assert_eq!(code, Some(1));
    let editors = json!({
        "Neovim": "NVIM v0.11.5; set up in ~/.config/nvim/init.lua",
        "Helix": "does not say its version; not set up that can be seen",
    });
    assert_eq!(told["editors"], editors);
    let fault = told["faults"][0].as_str().unwrap();
    assert!(fault.contains("which is not this version"), "{fault}");
}
