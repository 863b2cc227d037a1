//! Fixes: each mends what it was offered for, adds nothing wrong, and leaves
//! the rest of the note alone.

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
    diagnostics(&vault, file, text, SIMILAR)
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
            let was_unreadable = before.iter().any(|found| matches!(found.rule, Rule::YamlSyntax | Rule::DuplicateKey | Rule::UnquotedLink));
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
