//! What packages hold beside the program.

use std::fs;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_vaultmark");
    Command::new(program).args(arguments).output().unwrap()
}

#[test]
fn each_shell_has_completions_of_all_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert!(output.status.success());
        let script = String::from_utf8(output.stdout).unwrap();
        for part in ["doctor", "write-baseline", "check"] {
            assert!(script.contains(part), "{shell}: {part}");
        }
    }
    assert_eq!(run(&["completions", "cmd"]).status.code(), Some(2));
}

#[test]
#[cfg(unix)]
fn the_completions_of_bash_complete() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vaultmark.bash");
    fs::write(&file, run(&["completions", "bash"]).stdout).unwrap();
    let script = format!(
        "set -e; bash -n {0}; . {0}; COMP_WORDS=(vaultmark do); COMP_CWORD=1; _vaultmark vaultmark do vaultmark; echo ${{COMPREPLY[@]}}",
        file.display()
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "doctor\n");
}

#[test]
fn there_is_a_man_page_of_each_command() {
    let output = run(&["man"]);
    assert!(output.status.success());
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(
        page.contains(".TH vaultmark 1") && page.contains("vaultmark\\-doctor(1)"),
        "{page}"
    );
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("share/man1");
    assert!(run(&["man", pages.to_str().unwrap()]).status.success());
    let check = fs::read_to_string(pages.join("vaultmark-check.1")).unwrap();
    assert!(check.contains("write\\-baseline"));
    assert!(pages.join("vaultmark.1").is_file() && pages.join("vaultmark-undo.1").is_file());
}

#[test]
#[cfg(target_os = "linux")]
fn an_archive_holds_what_a_package_installs() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/package");
    // The program of a debug build is large.
    let program = folder.path().join("vaultmark");
    let real = env!("CARGO_BIN_EXE_vaultmark");
    fs::write(&program, format!("#!/bin/sh\nexec '{real}' \"$@\"\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let done = Command::new("bash")
        .args([script, program.to_str().unwrap(), "some-target"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let archive = folder.path().join("vaultmark-some-target.tar.gz");
    let listed = Command::new("tar")
        .arg("-tzf")
        .arg(&archive)
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for file in [
        "vaultmark",
        "README.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "completions/_vaultmark",
        "completions/vaultmark.bash",
        "man/vaultmark.1",
    ] {
        let path = format!("vaultmark-some-target/{file}\n");
        assert!(listed.contains(&path), "{path}: {listed}");
    }
}

#[test]
fn the_package_of_cargo_holds_what_is_built_in_and_no_more() {
    let list = |package: &str| {
        let done = Command::new(env!("CARGO"))
            .args([
                "package",
                "--list",
                "--allow-dirty",
                "--offline",
                "-p",
                package,
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap().replace('\\', "/")
    };
    let files = list("vaultmark");
    for file in [
        "server/lsp/main.rs",
        "docs/demo/_Standards/Archipelago.md",
        "docs/diagnostics.md",
        "editors/graph/dist/graph.html",
        "README.md",
        "LICENSE-MIT",
    ] {
        assert!(files.lines().any(|line| line == file), "{file}: {files}");
    }
    let is_more = |line: &&str| {
        let is_built_in = line.starts_with("editors/graph/dist/");
        let others = ["tests/", "benches/", "fuzz/", "editors/", "."];
        !is_built_in && others.iter().any(|start| line.starts_with(start))
    };
    let more: Vec<&str> = files.lines().filter(is_more).collect();
    assert_eq!(more, [".cargo_vcs_info.json"]);
    assert!(
        list("vaultmark-vault")
            .lines()
            .any(|line| line == "src/lib.rs")
    );
}
