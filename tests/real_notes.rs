//! Real notes, when they are there: 428 of a large tiered vault.

use std::path::{Path, PathBuf};

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
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
