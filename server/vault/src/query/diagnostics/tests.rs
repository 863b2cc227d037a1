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
use crate::schema;
use crate::settings::{Assignment, Settings};
use crate::vault::Vault;

/// A vault in which a key has a usual spelling, two have a type, and notes of a
/// kind have a schema.
fn found(text: &str) -> Vec<Diagnostic> {
    let typed = [("n", "number"), ("w", "checkbox")];
    let typed = typed.map(|(key, kind)| (key.to_owned(), kind.to_owned()));
    let settings = Settings {
        property_types: typed.to_vec(),
        schemas: vec![Assignment {
            file: "place.json".to_owned(),
            notes: None,
            property: Some(("is".to_owned(), "Place".to_owned())),
        }],
        ..Settings::default()
    };
    let mut vault = Vault::new(Arc::new(settings));
    let schema = r#"{"required": ["kind"], "properties": {"kind": {"enum": ["city", "town"]}}}"#;
    let schema = Some(Arc::new(schema::read(schema)));
    vault.apply([Change::Schema("place.json".to_owned(), schema)]);
    let mut notes = vec![
        ("a.md".to_owned(), text),
        ("b.md".to_owned(), ""),
        ("Emperor.md".to_owned(), ""),
        ("_Standards/n.md".to_owned(), ""),
    ];
    notes.extend((0..12).map(|number| (format!("{number}.md"), "---\nis_a: 1\n---\n")));
    for (path, text) in notes {
        let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
        vault.apply([Change::Note(path, Some(parsed))]);
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
        "v1: [[Emporer]]",
        "v2: \"x [[Emporer]]\"",
        "v3: '[[b#no]]'",
        "confidential: secret",
        "z: [ ]",
        "z1: [a, a]",
        "q: +041",
        "y: [No, 01]",
        "Alias: [[b]]",
        "tag: a, b",
        "Tags: #x #y",
        "cssclasses: null",
        "e: \"[[Emporer|x]]\"",
        "dates: [1950-13-01]",
        "code: [01, \"01\", 01]",
        "aliases: |\n  One",
        "alias: !x One",
        "tags: yes, 12x, -a",
        "tags: 12, a",
        "tags:\n  - #a\n  - b",
        "tag:\n  - #no\n  - c d\n  - 12",
        "tags: #yes #a",
        "v4: [[Emporer#x]]",
        "v5: [\"[[Emporer]]\", \"[[Emperor]]\", \"x [[Emperor]]\"]",
        "tags:\n-\n- #x",
        "has_id_wikidata: 070",
        "Is A: 1",
        "Is-A: [007]",
        "is: Place",
        "is: [Place, town]",
        "kind: twon",
        "kind: [city]",
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

/// What a link may be found to be. Frontmatter that YAML cannot read has no
/// links (P2), and a value that is more than a link is none (G9): what is wrong
/// with one can only be seen when it has become one.
const OF_LINKS: &[Rule] = &[Rule::BrokenLink, Rule::BrokenHeading, Rule::IdMismatch];

/// What fixes of a rule may bring out, because it could not be seen before or
/// is none of what the fix is to decide. Any fix of frontmatter that could not
/// be read brings out what is wrong with the links in it, and what its schema
/// says. Where a schema leaves the value of a missing property open, the fix of
/// that leaves it to the writer, and the schema complains until then.
fn brought_out(rule: Rule) -> &'static [Rule] {
    match rule {
        // What an item was meant to be may stand in its list already.
        Rule::UnquotedLink | Rule::TextAroundLink => &[
            Rule::BrokenLink,
            Rule::BrokenHeading,
            Rule::IdMismatch,
            Rule::DuplicateItem,
        ],
        // Two equal numbers may be meant, such as coordinates; two equal texts are not.
        Rule::NumberTrap => &[Rule::DuplicateItem],
        // Whether the note has a place is asked when it is known which note it is.
        Rule::BrokenLink => &[Rule::BrokenHeading, Rule::BrokenBlock, Rule::DuplicateItem],
        _ => &[],
    }
}

/// Where the property, or the line of the body, begins that holds an offset,
/// and where it ends.
fn part(text: &str, at: usize) -> std::ops::Range<usize> {
    let starts = |line: &str| !line.starts_with([' ', '\t', '-']) || line.starts_with("---");
    let mut start = 0;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if starts(line) {
            if offset > at {
                return start..offset;
            }
            start = offset;
        }
        offset += line.len();
    }
    start..text.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn a_fix_mends_its_own_and_adds_nothing(text in note()) {
        let before = found(&text);
        let counts = counted(&before);
        let was_unreadable = crate::frontmatter::cut(&text)
            .is_some_and(|cut| !crate::frontmatter::parse(&text, &cut).valid);
        for diagnostic in &before {
            let Some(fix) = &diagnostic.fix else { continue };
            let own = part(&text, diagnostic.range.start as usize);
            for (range, _) in &fix.edits {
                let is_inside = own.start <= range.start as usize && range.end as usize <= own.end;
                // What the properties as a whole lack is added to them.
                let is_added = diagnostic.rule == Rule::Schema && range.is_empty();
                prop_assert!(is_inside || is_added, "{diagnostic:?}\n{text}");
            }
            let mended = applied(&text, &fix.edits);
            let after = counted(&found(&mended));
            let count = |counts: &BTreeMap<Rule, usize>, rule| counts.get(&rule).copied().unwrap_or(0);
            prop_assert!(count(&after, diagnostic.rule) < count(&counts, diagnostic.rule), "{:?}\n{mended}", diagnostic);
            for (rule, number) in after {
                let is_seen_at_last = was_unreadable && (rule == Rule::Schema || OF_LINKS.contains(&rule));
                let is_brought_out = brought_out(diagnostic.rule).contains(&rule);
                prop_assert!(is_seen_at_last || is_brought_out || number <= count(&counts, rule), "{rule:?} by {:?}\n{mended}", diagnostic);
            }
        }
    }

    /// As often as `vaultmark check --fix` makes them.
    #[test]
    fn safe_fixes_come_to_an_end(text in note()) {
        let mut text = text;
        for _ in 0..4 {
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
