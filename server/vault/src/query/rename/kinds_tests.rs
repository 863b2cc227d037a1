//! Renames of what is not a file: keys, values, aliases, labels, missing notes.
//! What each does is shown in `docs/rename.md`; here is what is seldom.

use std::sync::Arc;

use super::{Options, Refusal, at, prepare};
use crate::query::held::{Held, Notes};
use crate::settings::Settings;

/// The notes after a rename of what stands at `$0`, and the warnings.
fn renamed_with(
    notes: &[(&str, &str)],
    new: &str,
    settings: Settings,
) -> Result<(Notes, Vec<String>), Refusal> {
    let (mut plain, mut cursor) = (Notes::new(), None);
    for &(path, text) in notes {
        if let Some(at) = text.find("$0") {
            cursor = Some((path, at as u32));
        }
        plain.insert(path.to_owned(), text.replace("$0", ""));
    }
    let options = Options::new(settings.renames);
    let held = Held::new(plain, &Arc::new(settings));
    let (path, offset) = cursor.unwrap();
    let file = held.vault.find(path).unwrap();
    let found = prepare(&held.vault, file, offset, &held)?;
    assert!(found.range.start <= offset && offset <= found.range.end);
    let plan = at(&held.vault, &found.subject, new, options, &held)?;
    Ok((held.with_plan(&plan).notes, plan.warnings))
}

fn renamed(notes: &[(&str, &str)], new: &str) -> Result<(Notes, Vec<String>), Refusal> {
    renamed_with(notes, new, Settings::default())
}

/// One note after a rename in it that needs no warning.
fn one(text: &str, new: &str) -> String {
    let (notes, warnings) = renamed(&[("n.md", text)], new).unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    notes["n.md"].clone()
}

fn refused(notes: &[(&str, &str)], new: &str) -> String {
    renamed(notes, new).unwrap_err().to_string()
}

#[test]
fn keys_keep_mixed_line_ends_and_get_quotes_where_they_need_them() {
    assert_eq!(
        one("---\r\nu$0p: 1\nx: 2\r\n---\nup:: 3\r\n", "on"),
        "---\r\n\"on\": 1\nx: 2\r\n---\non:: 3\r\n"
    );
    assert_eq!(
        one("---\nu$0p: 1\n---\n", "a: b"),
        "---\n\"a: b\": 1\n---\n"
    );
    assert_eq!(
        one("---\n'u$0p': 1\n---\n", "it's"),
        "---\n'it''s': 1\n---\n"
    );
    assert_eq!(
        one("---\nx: {u$0p: 1}\n---\n", "a,b"),
        "---\nx: {\"a,b\": 1}\n---\n"
    );
}

#[test]
fn keys_that_are_not_the_same_stay() {
    let text = "---\nc$0++: 1\n\"c#\": 2\nx: {c++: 3}\n\"x.c++\": 4\n---\n";
    assert_eq!(one(text, "d"), text.replacen("c$0++", "d", 1));
    let text = "---\nx: {b$0: 3}\n\"x.b\": 4\nb: 5\n---\n";
    assert_eq!(one(text, "d"), text.replacen("b$0", "d", 1));
    let (notes, warnings) =
        renamed(&[("n.md", "---\nis_a$0: 1\n---\n#is_/a :: x\n")], "b").unwrap();
    assert_eq!(notes["n.md"], "---\nb: 1\n---\n#is_/a :: x\n");
    assert!(
        warnings.iter().any(|own| own.contains("rename the tag")),
        "{warnings:?}"
    );
    assert!(
        warnings
            .iter()
            .any(|own| own.contains("settings of Vaultmark")),
        "{warnings:?}"
    );
}

#[test]
fn keys_that_would_meet_in_a_note_are_refused_and_others_warned_of() {
    let refused = |text, new| refused(&[("n.md", text)], new);
    assert!(refused("---\nu$0p: 1\nDown: 2\n---\n", "down").contains("`n.md` would have"));
    assert!(refused("---\nu$0p: 1\nUp: 2\n---\n", "down").contains("twice"));
    assert!(refused("---\nx: {u$0p: 1, down: 2}\n---\n", "down").contains("twice"));
    assert!(refused("---\nu$0p: 1\n---\nup:: 2\n", "a: b").contains("before `::`"));
    assert!(refused("---\nu$0p: 1\n---\n", "up").contains("already"));
    assert!(refused("---\nu$0p: 1\n---\n", "a.b").contains("`a-b` would do"));
    assert!(refused("---\n\"u$0.p\": 1\n---\n", "a").contains("dot"));
    let lists = "---\nx:\n- {u$0p: 1}\n- {down: 2}\n---\n";
    assert!(renamed(&[("n.md", lists)], "down").is_ok());
    let settings = Settings {
        property_types: vec![("Up".to_owned(), "number".to_owned())],
        ..Settings::default()
    };
    let notes = [
        ("n.md", "---\nu$0p: 1\n---\n"),
        ("m.md", "---\ntags: x\n---\n"),
    ];
    let (_, warnings) = renamed_with(&notes, "tags", settings).unwrap();
    for words in ["become one", "by its name", "types.json"] {
        assert!(
            warnings.iter().any(|own| own.contains(words)),
            "{warnings:?}"
        );
    }
}

#[test]
fn keys_in_headings_take_the_links_to_them_along() {
    let notes = [
        ("n.md", "## u$0p:: x\n[[#up x]]\n"),
        ("m.md", "[[n#up x]]\n"),
    ];
    let (notes, _) = renamed(&notes, "down").unwrap();
    assert_eq!(notes["n.md"], "## down:: x\n[[#down x]]\n");
    assert_eq!(notes["m.md"], "[[n#down x]]\n");
}
