//! Real notes, when they are there: 428 of a large tiered vault.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn real_vault() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vault");
    if !path.is_dir() {
        println!("skipped: there are no real notes at {}", path.display());
        return None;
    }
    Some(path)
}

fn status(folder: &Path) -> Value {
    let mut output = Vec::new();
    vaultmark::cli::status::run(folder, true, &mut output).unwrap();
    serde_json::from_slice(&output).unwrap()
}

fn share(status: &Value, classes: &[&str]) -> f64 {
    let by_class = status["links"]["byClass"].as_object().unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let all: f64 = by_class.values().map(number).sum();
    let some: f64 = classes
        .iter()
        .filter_map(|class| by_class.get(*class))
        .map(number)
        .sum();
    some / all
}

#[test]
fn the_classes_explain_nearly_all_links_that_lead_nowhere() {
    let Some(vault) = real_vault() else { return };
    let status = status(&vault);
    assert_eq!(status["notes"], 428);
    assert_eq!(
        status["invalidFrontmatter"], 0,
        "all real frontmatter is valid"
    );
    // What was measured with other tools on the whole vault: few are broken.
    assert!(share(&status, &["broken"]) < 0.015, "{status:#}");
    assert!(share(&status, &["tier absent", "mount absent", "copy missing"]) > 0.5);
    assert_eq!(status["problems"], Value::Array(Vec::new()));
}

#[test]
fn a_repository_opened_alone_finds_its_place() {
    let Some(vault) = real_vault() else { return };
    let earth = vault.join("_Standards/Earth/Continent");
    let copy = tempfile::tempdir().unwrap();
    // Copied elsewhere nothing but the notes' own links tells the mount.
    let countries = ["Asia/Asia~East/Japan", "Europe/Europe~South/Greece"];
    for country in countries
        .iter()
        .filter(|country| earth.join(country).is_dir())
    {
        let target = copy.path().join(country.rsplit('/').next().unwrap());
        copy_folder(&earth.join(country), &target);
        let status = status(&target);
        let mount = status["mount"].as_str().unwrap();
        assert!(
            mount.ends_with(&format!("{country}/")),
            "{country}: {mount}"
        );
        assert!(share(&status, &["broken"]) < 0.05, "{country}: {status:#}");
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            // Not as one that may only be read.
            std::fs::write(target, std::fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// All files but those that renames keep, with their bytes.
fn bytes(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with(".vaultmark") {
                folders.push(path);
            } else if path.is_file() {
                found.insert(path.clone(), std::fs::read(path).unwrap());
            }
        }
    }
    found
}

/// What the program prints. Its exit code is one of `codes`.
fn run(root: &Path, codes: &[i32], arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_vaultmark"))
        .args(arguments)
        .current_dir(root)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap();
    assert!(codes.contains(&code), "{arguments:?}: {code} {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// The problems of all notes: rules and messages.
fn problems(root: &Path) -> Vec<[String; 2]> {
    let text = run(root, &[0, 1], &["check", "--format", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let parts = |own: &Value| ["rule", "message"].map(|key| own[key].as_str().unwrap().to_owned());
    findings.map(parts).collect()
}

/// The same with the new name for the old one, in any order.
fn renamed(problems: &[[String; 2]], [old, new]: [&str; 2]) -> Vec<[String; 2]> {
    let problems = problems.iter();
    let renamed = problems.map(|[rule, said]| [rule.clone(), said.replace(old, new)]);
    let mut renamed: Vec<_> = renamed.collect();
    renamed.sort();
    renamed
}

/// A folder.
const ATTICA: &str =
    "_Standards/Earth/Continent/Europe/Europe~South/Greece/Regions-Greek/Attica/cities~Attica/";

#[test]
fn renames_make_no_problem_lose_no_link_and_go_back() {
    let Some(vault) = real_vault() else { return };
    let copy = tempfile::tempdir().unwrap();
    let root = copy.path().canonicalize().unwrap();
    copy_folder(&vault, &root);
    // The real notes link to no heading.
    std::fs::write(root.join("links.md"), "[[Sion#Drawing]]\r\n").unwrap();
    let before = bytes(&root);
    let found = problems(&root);
    assert!(found.len() > 50, "{found:?}");
    let links = status(&root)["links"].clone();
    for (flags, old, new) in [
        (&[][..], "Athens", "Athina"),
        (&["--with-folder"], "Athens", "Athina"),
        (&["--with-folder"], "Athens_Metro", "in/Metro,Athens"),
        (&[], "Beijing,City", "Peking,City"),
        (&[], ATTICA, "towns~Attica"),
        (&["--heading"], "Sion#Drawing", "Sketch"),
        (&["--tag"], "has_/map", "shows_/chart"),
        (&["--property"], "isDeleted", "is_removed"),
        (&["--alias"], "Athens|Athenas", "Athinai"),
    ] {
        let names = [old, new].map(|name| {
            let mut parts = name.trim_end_matches('/').rsplit(['/', '|', '#']);
            parts.next().unwrap()
        });
        let arguments = [&["rename", old, new, "--apply", "--json"], flags].concat();
        let done: Value = serde_json::from_str(&run(&root, &[0], &arguments)).unwrap();
        assert_ne!(bytes(&root), before, "{old}: {done:#}");
        let now = renamed(&problems(&root), names);
        assert_eq!(now, renamed(&found, names), "{old}");
        assert_eq!(status(&root)["links"], links, "{old}");
        run(&root, &[0], &["undo"]);
        assert!(bytes(&root) == before, "{old} is taken back");
    }
}
