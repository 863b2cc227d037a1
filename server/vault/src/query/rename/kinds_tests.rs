//! Renames of what is not a file: keys, values, aliases, labels, missing notes.
//! What each does is shown in `docs/rename.md`; here is what is seldom.

use std::sync::Arc;

use super::{Options, Refusal, Subject, at, prepare};
use crate::query::held::{Held, Notes};
use crate::settings::{Renames, Settings};

/// The notes after a rename of what stands at `$0`, and the warnings.
fn renamed_with(
    notes: &[(&str, &str)],
    new: &str,
    settings: Settings,
) -> Result<(Notes, Vec<String>), Refusal> {
    let (mut held, mut cursor) = (Notes::new(), None);
    for &(path, text) in notes {
        if let Some(at) = text.find("$0") {
            cursor = Some((path, at as u32));
        }
        held.insert(path.to_owned(), text.replace("$0", ""));
    }
    let options = Options::new(settings.renames);
    let held = Held::new(held, &Arc::new(settings));
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

#[test]
fn aliases_change_in_copies_and_where_links_show_them() {
    let notes = [
        (
            "_Standards/N.md",
            "---\r\naliases:\n- \"O$0ld\"\r\n- x\n---\n",
        ),
        ("_public/N.public.md", "---\nalias: Old\n---\n[[N|Old]]\n"),
        (
            "_Standards/m.md",
            "[[N|Old]] [[N|old]] ![[N|Old|9]] [Old](N.md) [[N.public|Old]] [[x|Old]] [[Old]]\n| [[N\\|Old]] |\n|-|\n",
        ),
        (
            "_Standards/p.md",
            "---\nup: '[[N|Old]]'\n---\n## [[N|Old]]\n[[#N Old]]\n",
        ),
    ];
    let (after, warnings) = renamed(&notes, "It's").unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(
        after["_Standards/N.md"],
        "---\r\naliases:\n- \"It's\"\r\n- x\n---\n"
    );
    assert_eq!(
        after["_public/N.public.md"],
        "---\nalias: It's\n---\n[[N|It's]]\n"
    );
    assert_eq!(
        after["_Standards/m.md"],
        "[[N|It's]] [[N|old]] ![[N|It's|9]] [It's](N.md) [[N.public|It's]] [[x|Old]] [[Old]]\n| [[N\\|It's]] |\n|-|\n"
    );
    assert_eq!(
        after["_Standards/p.md"],
        "---\nup: '[[N|It''s]]'\n---\n## [[N|It's]]\n[[#N It's]]\n"
    );
    let settings = Settings {
        renames: Renames {
            copies: false,
            ..Renames::default()
        },
        ..Settings::default()
    };
    let (alone, _) = renamed_with(&notes, "New", settings).unwrap();
    assert_eq!(
        alone["_public/N.public.md"],
        "---\nalias: Old\n---\n[[N|New]]\n"
    );
}

#[test]
fn aliases_that_cannot_be_are_refused_and_links_that_cannot_show_them_stay() {
    let note = "---\naliases: [O$0ld, b]\n---\n";
    assert!(refused(&[("n.md", note)], "b").contains("`n.md` already"));
    assert!(refused(&[("n.md", note)], "Old").contains("already"));
    assert!(refused(&[("n.md", note)], "a\nb").contains("one line"));
    assert!(refused(&[("n.md", "---\naliases: |\n  O$0ld\n  y\n---\n")], "b").contains("Nothing"));
    let (after, warnings) = renamed(&[("n.md", note), ("m.md", "![[n|Old]]\n")], "100").unwrap();
    assert_eq!(after["n.md"], "---\naliases: [\"100\", b]\n---\n");
    assert_eq!(after["m.md"], "![[n|Old]]\n");
    assert!(
        warnings[0].contains("`m.md` keep the old alias"),
        "{warnings:?}"
    );
}

#[test]
fn labels_change_only_where_they_are_labels() {
    let text = "x[^$0a] [^A]\r\n`[^a]` \\[^a] [a]\n[^b]\n\n> [^a]: text\r\n\n[^b]: y ^[inline]\n";
    assert_eq!(
        one(text, "c"),
        "x[^c] [^c]\r\n`[^a]` \\[^a] [a]\n[^b]\n\n> [^c]: text\r\n\n[^b]: y ^[inline]\n"
    );
    let text = "[x][La$0 B] [la  b] [![i](u)][la b] ![la b][] `[la b]`\r\n\n[LA B]: <m> 't'\n";
    assert_eq!(
        one(text, "n w"),
        "[x][n w] [la  b][n w] [![i](u)][n w] ![la b][n w] `[la b]`\r\n\n[n w]: <m> 't'\n"
    );
    assert_eq!(
        one("[a]\n\n[$0a]: https://x.org\n", "b"),
        "[a][b]\n\n[b]: https://x.org\n"
    );
}

#[test]
fn labels_that_are_taken_or_would_catch_text_are_refused() {
    let refused = |text: &str, new| refused(&[("n.md", text)], new);
    assert!(refused("[^$0a] [^b]\n\n[^a]: x\n[^b]: y\n", "B").contains("`[^B]` already"));
    assert!(refused("[^$0a] [^b]\n\n[^a]: x\n", "b").contains("as text"));
    assert!(refused("[x][$0a] [b]\n\n[a]: x\n", "b").contains("as text"));
    assert!(refused("- [x] [a$0]\n\n[a]: u\n", "x").contains("as text"));
    assert!(refused("[^$0a]\n\n[^a]: x\n", "a b").contains("no blanks"));
    assert!(refused("[x][$0a]\n\n[a]: x\n", "a]").contains("none of"));
    assert!(refused("[x][$0a]\n\n[a]: x\n", "a").contains("already"));
    assert!(refused("# t\n\n[^a]\n\n[^a]: te$0xt\n", "b").contains("Nothing"));
}

#[test]
fn the_target_of_a_definition_is_a_link() {
    let notes = [("n.md", "[x][r]\n\n[r]: m$0.md\n"), ("m.md", "")];
    let (after, _) = renamed(&notes, "k").unwrap();
    assert_eq!(after["n.md"], "[x][r]\n\n[r]: k.md\n");
    assert!(after.contains_key("k.md"));
}

#[test]
fn missing_notes_are_renamed_in_the_form_of_each_link() {
    let notes = [
        (
            "a/n.md",
            "[[x/O$0ld|Old]] [[/x/Old.md]] [[../x/Old#H]] [y](../x/old.md) [[Old]]\r\n",
        ),
        (
            "m.md",
            "---\nup: '[[x/Old]]'\n---\n[[./x/Old]] [[x/Old/y]] `[[x/Old]]`\n",
        ),
    ];
    let (after, warnings) = renamed(&notes, "N w").unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(
        after["a/n.md"],
        "[[x/N w|N w]] [[/x/N w.md]] [[../x/N w#H]] [y](../x/N%20w.md) [[Old]]\r\n"
    );
    assert_eq!(
        after["m.md"],
        "---\nup: '[[x/N w]]'\n---\n[[./x/N w]] [[x/Old/y]] `[[x/Old]]`\n"
    );
    let (after, _) = renamed(&notes, "y/z/New").unwrap();
    assert_eq!(
        after["a/n.md"],
        "[[y/z/New|New]] [[/y/z/New.md]] [[../y/z/New#H]] [y](../y/z/New.md) [[Old]]\r\n"
    );
    assert_eq!(
        after["m.md"],
        "---\nup: '[[y/z/New]]'\n---\n[[./y/z/New]] [[x/Old/y]] `[[x/Old]]`\n"
    );
    assert_eq!(one("![[o$0ld.png|90]]\n", "new"), "![[new.png|90]]\n");
}

#[test]
fn missing_copies_are_those_of_their_family() {
    let links = "[[/_public/a/O$0ld.public|Old.public]] [[/_secret/a/Old.secret|Old]]\n";
    let notes = [("_Standards/n.md", links), ("_public/b.public.md", "")];
    for new in ["New", "New.public"] {
        let (after, _) = renamed(&notes, new).unwrap();
        assert_eq!(
            after["_Standards/n.md"],
            "[[/_public/a/New.public|New.public]] [[/_secret/a/New.secret|New]]\n"
        );
    }
    let (after, _) = renamed(&notes, "/_Standards/b/New").unwrap();
    assert_eq!(
        after["_Standards/n.md"],
        "[[/_public/b/New.public|New.public]] [[/_secret/b/New.secret|New]]\n"
    );
    let held = Held::of(&[
        ("_Standards/a/Old.md", ""),
        ("_Standards/n.md", &links.replace("$0", "")),
    ]);
    let file = held.vault.find("_Standards/n.md").unwrap();
    let found = prepare(&held.vault, file, 13, &held).unwrap();
    let copy = held.vault.find("_Standards/a/Old.md").unwrap();
    assert_eq!(found.subject, Subject::File(copy));
    let notes = [
        ("_Standards/O.md", "# O\n## H\n"),
        ("_Standards/n.md", "[[/_secret/O.secret#H$0]]\n"),
    ];
    assert!(refused(&notes, "x").contains("Nothing"));
}

#[test]
fn missing_notes_that_become_others_are_told() {
    let notes = [("n.md", "[[O$0ld]] [[Gone]] [[f/]]\n"), ("Here.md", "")];
    assert!(renamed(&notes, "Here").unwrap().1[0].contains("is there already"));
    assert!(renamed(&notes, "gone").unwrap().1[0].contains("not there either"));
    assert!(refused(&notes, "a|b").contains("No link can hold"));
    assert!(refused(&notes, "a:b").contains("cannot hold `:`"));
    assert!(refused(&notes, "Old").contains("already"));
    assert!(refused(&notes, "../x").contains("outside"));
    assert!(refused(&[("n.md", "[[../x$0]]\n")], "y").contains("Nothing"));
}

#[test]
fn values_keep_their_quotes_and_get_some_where_they_need_them() {
    let notes = [
        (
            "a.md",
            "---\r\ntype: to$0wn\nx: town\r\n---\ntype:: town\n[type:: town] town\n",
        ),
        (
            "b.md",
            "---\nTYPE: ['town', \"town\", town hall, Town]\n---\n",
        ),
        ("c.md", "---\nnested: {type: town}\n---\n"),
    ];
    let (after, warnings) = renamed(&notes, "it's").unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(
        after["a.md"],
        "---\r\ntype: it's\nx: town\r\n---\ntype:: it's\n[type:: it's] town\n"
    );
    assert_eq!(
        after["b.md"],
        "---\nTYPE: ['it''s', \"it's\", town hall, Town]\n---\n"
    );
    assert_eq!(after["c.md"], notes[2].1);
    assert_eq!(one("---\na: x$0\n---\n", "12"), "---\na: \"12\"\n---\n");
    assert_eq!(
        one("---\na: [x$0, y]\n---\n", "b, c"),
        "---\na: [\"b, c\", y]\n---\n"
    );
}

#[test]
fn values_that_are_no_names_stay() {
    for value in [
        "1$02",
        "tr$0ue",
        "2020-$001-01",
        "\"[[n$0]]\"",
        "|\n  x$0\n  y",
        "$0",
    ] {
        let text = format!("---\na: {value}\nb: c\n---\n");
        let found = renamed(&[("m.md", &text)], "y");
        assert!(
            value.contains('n') || found == Err(Refusal::NothingHere),
            "{value}: {found:?}"
        );
    }
    let notes = [
        ("n.md", "---\na: x$0\n---\n"),
        ("m.md", "---\na: [y]\n---\na:: x\n"),
    ];
    assert!(renamed(&notes, "y").unwrap().1[0].contains("become one"));
    assert!(refused(&notes, "y [").contains("`m.md` has the value"));
    assert!(refused(&notes, "[[y]]").contains("write the link"));
    assert!(refused(&notes, "x").contains("already"));
    let notes = [
        ("n.md", "---\na: x$0\n---\n"),
        ("m.md", "---\na: |-\n  x\n---\n"),
    ];
    let (after, warnings) = renamed(&notes, "y").unwrap();
    assert_eq!(after["m.md"], notes[1].1);
    assert!(warnings[0].contains("written as a block"), "{warnings:?}");
}

#[test]
fn headings_change_in_all_copies_if_it_is_set() {
    let notes = [
        ("_Standards/X.md", "# X\n## A\n## O$0ne\n### One\n"),
        ("_public/X.public.md", "# X.public\n## *One*\r\n## Two\n"),
        ("_secret/X.secret.md", "# One\n"),
        (
            "_Standards/n.md",
            "[[X#One]] [[X.public#One]] [[X.secret#One]]\n",
        ),
    ];
    let settings = |headings| Settings {
        renames: Renames {
            headings,
            ..Renames::default()
        },
        ..Settings::default()
    };
    let (after, warnings) = renamed_with(&notes, "Two", settings(true)).unwrap();
    assert_eq!(after["_Standards/X.md"], "# X\n## A\n## Two\n### One\n");
    assert_eq!(
        after["_public/X.public.md"],
        "# X.public\n## Two\r\n## Two\n"
    );
    assert_eq!(after["_secret/X.secret.md"], notes[2].1);
    assert_eq!(
        after["_Standards/n.md"],
        "[[X#Two]] [[X.public#Two]] [[X.secret#One]]\n"
    );
    assert!(
        warnings[0].contains("`_public/X.public.md` has a heading"),
        "{warnings:?}"
    );
    let (after, _) = renamed_with(&notes, "Two", settings(false)).unwrap();
    assert_eq!(after["_public/X.public.md"], notes[1].1);
}

#[test]
fn tags_in_headings_take_the_links_to_them_along() {
    let notes = [("n.md", "## a #t/u\n#$0t\n"), ("m.md", "[[n#a t/u]]\n")];
    let (after, _) = renamed(&notes, "v").unwrap();
    assert_eq!(after["n.md"], "## a #v/u\n#v\n");
    assert_eq!(after["m.md"], "[[n#a v/u]]\n");
}
