//! The tour shows what the server answers.

fn tour(arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vaultmark"));
    let output = command.arg("tour").args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_demo_answers_at_every_stop() {
    let text = tour(&[]);
    assert!(!text.contains("│ nothing"), "{text}");
    for words in [
        "### Causes",
        "not written yet",
        "is not fetched here",
        "Vessland.secret.md",
        "Used in",
        "^market-days",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_vault_of_ones_own_is_shown_as_well() {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/demo");
    let text = tour(&["--vault", demo]);
    assert!(text.matches("== Follow a link").count() == 3, "{text}");
}
