//! The walks of the documentation, typed as written.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Commands of a page, each with what is to be printed, if the page says it.
fn steps(page: &str) -> Vec<(String, Option<String>)> {
    let mut steps: Vec<(String, Option<String>)> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let is_command = line == "```sh";
        if is_command || line == "```text" {
            let body = lines.by_ref().take_while(|line| *line != "```");
            let body: String = body.flat_map(|line| [line, "\n"]).collect();
            if is_command {
                steps.push((body, None));
            } else {
                steps.last_mut().unwrap().1 = Some(body);
            }
        }
    }
    steps
}

/// Whether a text is as expected, where a line `…` stands for any number of lines.
fn fits(text: &str, expected: &str) -> bool {
    let parts: Vec<&str> = expected.split("…\n").collect();
    let [first, between @ .., last] = &parts[..] else {
        return text == expected;
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    for part in between {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Types all commands of a page in one shell, in a home of their own.
fn walk(page: &str) {
    let home = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_vaultmark"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let steps = steps(&text);
    let mut script = String::new();
    for (number, (commands, _)) in steps.iter().enumerate() {
        writeln!(script, "exec >~/{number}.out 2>&1\n{commands}").unwrap();
    }
    fs::write(home.path().join("script"), script).unwrap();
    let mut shell = Command::new("sh");
    shell
        .arg(home.path().join("script"))
        .current_dir(home.path());
    shell
        .env("HOME", home.path())
        .env("PATH", path)
        .status()
        .unwrap();
    assert!(steps.len() > 3, "{page} has lost its commands");
    for (number, (commands, expected)) in steps.iter().enumerate() {
        let told = fs::read_to_string(home.path().join(format!("{number}.out"))).unwrap();
        let expected = expected.as_deref().unwrap_or_default();
        assert!(
            fits(&told, expected),
            "{page}: {commands}\nprints:\n{told}\nand not:\n{expected}"
        );
    }
}

#[test]
fn a_plain_vault() {
    walk("docs/first-hour.md");
}

#[test]
fn a_tiered_vault() {
    walk("docs/first-hour-tiers.md");
}
