//! How links are written anew, and what is noticed before.

use super::{Held, Options, Part, Plan, Refusal, Subject, at};

fn plan(held: &Held, subject: &Subject, new: &str) -> Result<Plan, Refusal> {
    at(&held.vault, subject, new, Options::default(), held)
}

#[test]
fn digits_are_the_size_of_embeds_alone() {
    let held = Held::of(&[
        ("100.md", ""),
        ("q.md", "[[100|100]] ![[100|100]] [[100|200]]\n"),
    ]);
    let after = held.rename("100.md", "300").unwrap();
    assert_eq!(
        after.notes["q.md"],
        "[[300|300]] ![[300|100]] [[300|200]]\n"
    );
}

#[test]
fn a_name_that_ends_like_another_kind_of_file_is_written_out() {
    let held = Held::of(&[
        ("n.md", ""),
        ("q.md", "[t](n) [t](n.md)\n\n[r]: n\n"),
        ("c/Note.canvas", "{}"),
    ]);
    for new in ["Note.canvas", "Note.png"] {
        let after = held.rename("n.md", new).unwrap();
        let expected = format!("[t]({new}.md) [t]({new}.md)\n\n[r]: {new}.md\n");
        assert_eq!(after.notes["q.md"], expected);
        assert_eq!(after.leads()["q.md"][0].0, format!("{new}.md"));
    }
    let after = held.rename("n.md", "N.1").unwrap();
    assert_eq!(after.notes["q.md"], "[t](N.1) [t](N.1.md)\n\n[r]: N.1\n");
}

#[test]
fn links_have_plain_blanks_where_names_have_others() {
    let held = Held::of(&[("n.md", ""), ("q.md", "[[n]] [t](n.md)\n")]);
    let subject = Subject::File(held.vault.find("n.md").unwrap());
    let plan = plan(&held, &subject, "a\u{a0}b").unwrap();
    assert!(plan.warnings[0].contains("a blank that lines do not break at"));
    let after = held.with_plan(&plan);
    assert_eq!(after.notes["q.md"], "[[a b]] [t](a%20b.md)\n");
    assert_eq!(after.leads()["q.md"][0].0, "a\u{a0}b.md");
}

#[test]
fn tags_that_become_one_are_looked_at_first() {
    let held = Held::of(&[
        ("n.md", "---\ntags: [\"a\", 'b']\n---\n#a #a/x\n"),
        ("m.md", "#b #c/x\n"),
    ]);
    let parts = |old: &str, new: &str| {
        let plan = plan(&held, &Subject::Tag(old.to_owned()), new).unwrap();
        let edits = plan.all_edits(&held.vault, &held).unwrap();
        let parts = edits.values().flatten().map(|edit| edit.part);
        (plan.warnings.len(), parts.collect::<Vec<Part>>())
    };
    assert_eq!(parts("a", "b"), (1, vec![Part::Merged; 3]));
    assert!(Part::Merged.is_uncertain());
    assert_eq!(parts("a", "d"), (0, vec![Part::Tag; 3]));
    assert_eq!(
        parts("c/x", "c"),
        (0, vec![Part::Tag]),
        "there is no `#c` but this"
    );
    let plan = plan(&held, &Subject::Tag("a".to_owned()), "b").unwrap();
    let after = held.with_plan(&plan);
    assert_eq!(after.notes["n.md"], "---\ntags: ['b']\n---\n#b #b/x\n");
}

#[test]
fn items_that_go_side_by_side_leave_a_list() {
    for (tags, expected) in [
        ("[x, a, A]", "[x, ]"),
        ("[a, x, A, 'a']", "[x, ]"),
        ("[a, A, x]", "[x]"),
        ("[x, a]", "[x]"),
    ] {
        let held = Held::of(&[("n.md", &format!("---\ntags: {tags}\n---\n"))]);
        let plan = plan(&held, &Subject::Tag("a".to_owned()), "x").unwrap();
        let after = held.with_plan(&plan);
        assert_eq!(after.notes["n.md"], format!("---\ntags: {expected}\n---\n"));
    }
}

/// The same moment of a vault with another text on the disk, which nobody heard of.
fn changed(held: &Held, path: &str, old: &str, new: &str) -> Held {
    assert_eq!(old.len(), new.len());
    let mut notes = held.notes.clone();
    let text = held.notes[path].replace(old, new);
    notes.insert(path.to_owned(), text);
    let vault = held.vault.clone();
    Held { vault, notes }
}

#[test]
fn a_text_that_changed_meanwhile_is_noticed() {
    let held = Held::of(&[
        (
            "n.md",
            "---\naliases: [one, two]\ntags: [t, u]\ntype: town\n---\n## Head\n",
        ),
        ("q.md", "[[n#Head]] [x](n.md#Head)\n"),
        (
            "b.canvas",
            "{\"nodes\":[{\"file\":\"n.md\",\"subpath\":\"#Head\"}]}",
        ),
    ]);
    let file = held.vault.find("n.md").unwrap();
    let subjects = [
        (Subject::Heading(file, 0), "Neck"),
        (Subject::Alias(file, 0), "uno"),
        (Subject::Tag("t".to_owned()), "u"),
        (Subject::Value("type".to_owned(), "town".to_owned()), "city"),
    ];
    for (at, (subject, new)) in subjects.iter().enumerate() {
        let whole = plan(&held, subject, new).unwrap();
        assert!(whole.all_edits(&held.vault, &held).is_ok());
        let (old, other) = [
            ("Head", "Hand"),
            ("one", "off"),
            ("[t", "[v"),
            ("town", "tone"),
        ][at];
        let other = changed(&held, "n.md", old, other);
        let made = whole.all_edits(&held.vault, &other);
        assert!(matches!(made, Err(Refusal::Changed(_))), "{subject:?}");
    }
    let other = changed(&held, "n.md", "Head", "Hand");
    let before = plan(&other, &subjects[0].0, "Neck");
    assert!(matches!(before, Err(Refusal::Changed(_))));
    let whole = plan(&held, &subjects[0].0, "Neck").unwrap();
    for path in ["q.md", "b.canvas"] {
        let other = changed(&held, path, "#Head", "#Hand");
        let made = whole.all_edits(&held.vault, &other);
        assert_eq!(made, Err(Refusal::Changed(vec![path.to_owned()])));
    }
}
