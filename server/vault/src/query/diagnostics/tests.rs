//! Fixes: each mends what it was offered for, adds nothing wrong, and leaves
//! the rest of the note alone.

use crate::query::NoTexts;
use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::fix::safe_edits;
use super::{Diagnostic, SIMILAR, diagnostics};
use crate::change::Change;
use crate::digest::Parsed;
use crate::edit::applied;
use crate::rule::Rule;
use crate::vault::Vault;

fn found(text: &str) -> Vec<Diagnostic> {
    let mut vault = Vault::new(Arc::default());
    let notes = [
        ("a.md", text),
        ("b.md", ""),
        ("Emperor.md", ""),
        ("_Standards/n.md", ""),
    ];
    for (path, text) in notes {
        let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
        vault.apply([Change::Note(path.to_owned(), Some(parsed))]);
    }
    vault.set_complete();
    let file = vault.find("a.md").unwrap();
    diagnostics(&vault, file, text, SIMILAR, &NoTexts)
}

fn counted(found: &[Diagnostic]) -> BTreeMap<Rule, usize> {
    let mut counts = BTreeMap::new();
    for diagnostic in found {
        *counts.entry(diagnostic.rule).or_default() += 1;
    }
    counts
}

fn note() -> impl Strategy<Value = String> {
    let lines = prop::sample::select(vec![
        "up: [[b]]",
        "up: \"see [[b]] x\"",
        "tags: a, b",
        "tags: #c",
        "tag: x",
        "alias: \"An, other\"",
        "aliases: One",
        "aliases: [A, B]",
        "list:\n  - one\n  - one",
        "list:\n  -\n  - two",
        "n: 007",
        "w: yes",
        "id: 98700729555950517100",
        "x: \"y\"",
        "cssclass: c",
        "down: '[[b]]'",
        "k: @v",
        "m: {a: 1}",
        "deep:\n    - one\n  - two\n  - three",
        "tabs:\n\t- one\n\t- two",
        "swallowed:\n- one\n  - two\n  - four",
        "up2: [[b|it's \"so\"]]",
    ]);
    let body = prop::sample::select(vec![
        "",
        "[[Emporer]]",
        "[[b]] ^x",
        "# H\n[[#H]]",
        "[[b#no]]\n",
    ]);
    let line_break = prop::sample::select(vec!["\n", "\r\n"]);
    (prop::collection::vec(lines, 0..6), body, line_break).prop_map(|(lines, body, line_break)| {
        format!("---\n{}\n---\n{body}\n", lines.join("\n")).replace('\n', line_break)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn a_fix_mends_its_own_and_adds_nothing(text in note()) {
        let before = found(&text);
        let counts = counted(&before);
        for diagnostic in &before {
            let Some(fix) = &diagnostic.fix else { continue };
            let mended = applied(&text, &fix.edits);
            let after = counted(&found(&mended));
            let own = |counts: &BTreeMap<Rule, usize>| counts.get(&diagnostic.rule).copied().unwrap_or(0);
            prop_assert!(own(&after) < own(&counts), "{:?}\n{mended}", diagnostic);
            // Frontmatter that can be read at last shows what else is wrong in it.
            let was_unreadable = before.iter().any(|found| matches!(found.rule, Rule::YamlSyntax | Rule::ListIndent | Rule::DuplicateKey | Rule::UnquotedLink));
            if fix.is_safe && !was_unreadable {
                for (rule, count) in after {
                    prop_assert!(count <= counts.get(&rule).copied().unwrap_or(0), "{rule:?} by {:?}\n{mended}", diagnostic);
                }
            }
        }
    }

    #[test]
    fn safe_fixes_come_to_an_end(text in note()) {
        let mut text = text;
        for _ in 0..5 {
            let edits = safe_edits(&found(&text));
            for pair in edits.windows(2) {
                prop_assert!(pair[0].0.end <= pair[1].0.start);
            }
            text = applied(&text, &edits);
        }
        prop_assert_eq!(safe_edits(&found(&text)), []);
    }
}

/// A note with the fix of the first diagnostic of a rule, and whether that is safe.
fn mended(text: &str, rule: Rule) -> Option<(String, bool)> {
    let found = found(text);
    let fix = found
        .iter()
        .find(|found| found.rule == rule)?
        .fix
        .as_ref()?;
    Some((applied(text, &fix.edits), fix.is_safe))
}

#[test]
fn items_are_indented_where_that_makes_them_items() {
    for (broken, good, is_safe) in [
        ("    - a\n  - b\n  - c", "    - a\n    - b\n    - c", true),
        ("  - a\n- b", "  - a\n  - b", true),
        (
            "  - \"a\"\n    - b\n\n    - c",
            "  - \"a\"\n  - b\n\n  - c",
            true,
        ),
        ("- a\n  - b", "- a\n- b", false),
        ("\t- a\n\t- b", "  - a\n  - b", true),
        ("    - a\n\t- b", "    - a\n    - b", true),
    ] {
        let note = |list: &str| format!("---\nlist:\n{list}\nup: 1\n---\n- a\n    - b\n");
        let mended = mended(&note(broken), Rule::ListIndent);
        assert_eq!(mended, Some((note(good), is_safe)), "{broken}");
        assert_eq!(found(&note(good)), [], "{good}");
    }
    // What belongs to an item that is moved would have to move with it.
    let deep = "---\nlist:\n    - \"a\"\n  - b:\n      c: 1\n---\n";
    assert_eq!(mended(deep, Rule::ListIndent), None);
}

#[test]
fn a_rare_spelling_becomes_the_usual_one_unless_that_is_there() {
    let note = |key: &str| format!("---\n{key}: 1\n---\n");
    let mut vault = Vault::new(Arc::default());
    let mut write = |path: &str, text: &str| {
        let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
        vault.apply([Change::Note(path.to_owned(), Some(parsed))]);
    };
    for number in 0..12 {
        write(&format!("{number}.md"), &note("is_a"));
    }
    let both = "---\nIs A: 1\nis_a: 2\n---\n";
    write("a.md", &note("'Is-A'"));
    write("b.md", both);
    vault.set_complete();
    let found = |path: &str, text: &str| {
        let found = diagnostics(&vault, vault.find(path).unwrap(), text, 0, &NoTexts);
        assert_eq!(found.len(), 1, "{found:?}");
        let fix = found[0].fix.as_ref();
        let fixed = fix.map(|fix| applied(text, &fix.edits));
        (found[0].message.clone(), fixed)
    };
    let (message, fixed) = found("a.md", &note("'Is-A'"));
    assert_eq!(
        message,
        "1 note writes `Is-A`, and 13 write `is_a`: use one spelling"
    );
    assert_eq!(fixed, Some(note("is_a")));
    assert_eq!(found("b.md", both).1, None);
}
