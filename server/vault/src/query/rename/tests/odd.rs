//! Names that make what stands around them something else.

use super::*;

/// What becomes of a note with links to `n.md` when that gets an odd name: all
/// lead there, or nothing is done.
fn renamed(text: &str, new: &str) -> Option<String> {
    let before = Held::of(&[("n.md", ""), ("q.md", text), ("b.md", "")]);
    let Ok(after) = before.renamed_if_whole("n.md", new) else {
        return None;
    };
    let goals = |held: &Held, path: &str| held.leads()[path].clone();
    let moved = |goal: &(String, Option<u32>)| {
        let path = if goal.0 == "n.md" {
            format!("{new}.md")
        } else {
            goal.0.clone()
        };
        (path, goal.1)
    };
    let wanted: Vec<_> = goals(&before, "q.md").iter().map(moved).collect();
    assert_eq!(goals(&after, "q.md"), wanted, "{new}: {:?}", after.notes);
    Some(after.notes["q.md"].clone())
}

#[test]
fn a_link_is_read_as_it_was_meant_or_nothing_is_renamed() {
    for (text, new) in [
        ("[[n]] [[n|x]]", "[a"),
        ("[[n]] and [[n]]", "a`b"),
        ("[[n]] and `code`", "a`b"),
        ("costs $5 [[n]]", "a$b"),
        ("[r]: n.md\n\n[r]", "a\u{3000}b"),
        ("---\nz: '[n](n.md)'\n---\n", "()"),
        ("---\nz: [\"[[n|n]]\"]\n---\n", "x]"),
        ("---\nz: [\"[[n|n]]\"]\n---\n", "[a]"),
        ("[[n]] <!-- c --> [[b]]", "<!--"),
        ("[a [[n]] b](n.md)", "a`b"),
        ("(k:: [[n]])", "a`b"),
        ("| [[n\\|x]] |\n|-|\n", "(a)"),
        ("[t](n.md) ![[n]] # [[n]]", "(a) {b}"),
    ] {
        renamed(text, new);
    }
    let kept = renamed("[[n]] [t](n.md) [[n|x]]", "Mercury(Planet)");
    assert_eq!(
        kept.as_deref(),
        Some("[[Mercury(Planet)]] [t](Mercury(Planet).md) [[Mercury(Planet)|x]]")
    );
    assert!(renamed("[[n]]", "a`b").is_some(), "nothing is in the way");
}

#[test]
fn a_heading_that_no_link_could_name_is_not_renamed() {
    let links = ("m.md", "[[n#B]] [x](n.md#B)\n");
    for (text, heading, new) in [
        ("# A\n## D\n## B\n[[#B]]\n", 2, "D"),
        ("# A\n## B\n", 1, "^"),
    ] {
        let held = Held::of(&[("n.md", text), links]);
        let subject = Subject::Heading(held.vault.find("n.md").unwrap(), heading);
        let plan = at(&held.vault, &subject, new, Options::default(), &held);
        assert!(matches!(plan, Err(Refusal::Unnamed(..))), "{new}");
        let alone = Held::of(&[("n.md", text.trim_end_matches("[[#B]]\n"))]);
        let subject = Subject::Heading(0, heading);
        let plan = at(&alone.vault, &subject, new, Options::default(), &alone);
        assert!(plan.is_ok(), "{new}");
    }
}

#[test]
fn a_heading_stays_one() {
    for (text, new, expected) in [
        ("## #is_/x old\n", "#is_/x new", Some("## #is_/x new\n")),
        ("## Two\n", "## Three", Some("## Three\n")),
        ("Set\n===\n", "```", None),
        ("Set\n===\n", "> q", None),
        ("## Two\n", "Two #", None),
    ] {
        let held = Held::of(&[("n.md", text)]);
        let subject = Subject::Heading(0, 0);
        let plan = at(&held.vault, &subject, new, Options::default(), &held);
        let made = plan
            .ok()
            .map(|plan| held.with_plan(&plan).notes["n.md"].clone());
        assert_eq!(made.as_deref(), expected, "{new}");
    }
}
