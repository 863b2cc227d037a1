//! What a note says of its own name, and how canvases follow.

use super::{Arc, Held, Options, Refusal, Subject, at};
use crate::query::rename::moved;
use crate::settings::{Renames, Settings};

/// The text of a note `Old` after it became `New`.
fn renamed(text: &str, set: Renames) -> (String, Vec<String>) {
    let held = Held::of(&[("Old.md", text)]);
    let subject = Subject::File(held.vault.find("Old.md").unwrap());
    let plan = at(&held.vault, &subject, "New", Options::new(set), &held).unwrap();
    (held.with_plan(&plan).notes["New.md"].clone(), plan.warnings)
}

#[test]
fn the_old_name_is_added_in_the_way_of_the_other_aliases() {
    let set = Renames {
        old_name: true,
        ..Renames::default()
    };
    for (before, after) in [
        ("", "---\naliases:\n  - Old\n---\n"),
        (
            "\u{feff}x\r\n",
            "\u{feff}---\r\naliases:\r\n  - Old\r\n---\r\nx\r\n",
        ),
        ("---\n---\n", "---\naliases:\n  - Old\n---\n"),
        (
            "---\na: b\n---\nx\r\n",
            "---\na: b\naliases:\n  - Old\n---\nx\r\n",
        ),
        (
            "---\naliases:\na: b\n---\n",
            "---\naliases:\n  - Old\na: b\n---\n",
        ),
        ("---\naliases: # x\n---\n", "---\naliases: [Old] # x\n---\n"),
        ("---\naliases: ~\n---\n", "---\naliases: [Old]\n---\n"),
        ("---\naliases: []\n---\n", "---\naliases: [Old]\n---\n"),
        (
            "---\naliases: x, y\n---\n",
            "---\naliases: [\"x, y\", Old]\n---\n",
        ),
        (
            "---\nAliases: 'x'\n---\n",
            "---\nAliases: ['x', Old]\n---\n",
        ),
        (
            "---\naliases: Old\n---\n",
            "---\naliases: [Old, New]\n---\n",
        ),
        (
            "---\naliases: [x, 'y']\n---\n",
            "---\naliases: [x, 'y', 'Old']\n---\n",
        ),
        (
            "---\naliases: [ x ]\n---\n",
            "---\naliases: [ x, Old ]\n---\n",
        ),
        (
            "---\r\naliases:\r\n- x # y\r\nb: c\r\n---\r\n",
            "---\r\naliases:\r\n- x # y\r\n- Old\r\nb: c\r\n---\r\n",
        ),
        (
            "---\naliases: [New, Old]\n---\n",
            "---\naliases: [New, Old]\n---\n",
        ),
        (
            "---\naliases: [New]\n---\n",
            "---\naliases: [New, Old]\n---\n",
        ),
    ] {
        assert_eq!(
            renamed(before, set),
            (after.to_owned(), Vec::new()),
            "{before:?}"
        );
    }
    for before in [
        "---\naliases: {a: b}\n---\n",
        "---\naliases: |\n  x\n---\n",
        "---\na: [\n---\n",
    ] {
        let (after, warnings) = renamed(before, set);
        assert_eq!(after, before);
        assert!(warnings[0].contains("`Old` was not added"), "{warnings:?}");
    }
}

#[test]
fn no_alias_is_there_twice() {
    for (before, after) in [
        (
            "---\naliases: [Old, x, New]\n---\n",
            "---\naliases: [x, New]\n---\n",
        ),
        (
            "---\naliases:\n  - New\n  - Old\n---\n",
            "---\naliases:\n  - New\n---\n",
        ),
        ("---\naliases: [Old]\n---\n", "---\naliases: [New]\n---\n"),
    ] {
        let (text, _) = renamed(before, Renames::default());
        assert_eq!(text, after, "{before:?}");
    }
}

#[test]
fn mixed_line_ends_stay_and_names_follow_where_they_are_to() {
    let set = Renames {
        names: true,
        ..Renames::default()
    };
    let before = "---\ntitle: 'Old'\n---\n# Old  \n\n```leaflet\r\nid: Old\r\ncoordinates: [[Old]]\r\nmarkerFile:  [[Old]]\r\n```\r\n[name::Old] [name::  Old ] name:: Old x\n";
    let after = "---\ntitle: 'New'\n---\n# New  \n\n```leaflet\r\nid: New\r\ncoordinates: [[New]]\r\nmarkerFile:  [[New]]\r\n```\r\n[name::New] [name::  New ] name:: Old x\n";
    assert_eq!(renamed(before, set).0, after);
    let (off, _) = renamed(before, Renames::default());
    assert!(off.contains("title: 'Old'") && off.contains("[name::Old]"));
}

#[test]
fn paths_in_fences_follow_a_folder_that_goes_without_its_note() {
    let text = "```leaflet\ngeojsonFolder: ./X/\nimage: ./X/i.png\nother: ./Y/\n```\n";
    let before = Held::of(&[("a/X.md", text), ("a/X/i.png", ""), ("a/X/n.md", "")]);
    let wanted = [("a/X".to_owned(), "b/Z".to_owned())];
    let plan = moved(&before.vault, &wanted, Options::default(), &before).unwrap();
    let after = before.with_plan(&plan);
    let expected = "```leaflet\ngeojsonFolder: ../b/Z/\nimage: ../b/Z/i.png\nother: ./Y/\n```\n";
    assert_eq!(after.notes["a/X.md"], expected);
}

#[test]
fn canvases_follow_files_folders_and_headings_and_move_themselves() -> Result<(), Refusal> {
    let board = r##"{"nodes":[{"file":"a/Old.md","subpath":"#One"},{"file":"a/i.png"},{"text":"[[Old#One]] [x](../a/i.png) [[a/Old]]"}]}"##;
    let before = Held::of(&[
        ("a/Old.md", "# T\n## One\n"),
        ("a/i.png", ""),
        ("b/Board.canvas", board),
        ("b/broken.canvas", "{\"nodes\":[{\"file\":\"a/Old.md\""),
        ("n.md", "[[Board.canvas]]\n"),
    ]);
    let folder = [("a".to_owned(), "c".to_owned())];
    let plan = moved(&before.vault, &folder, Options::default(), &before)?;
    let after = before.with_plan(&plan);
    let expected = r##"{"nodes":[{"file":"c/Old.md","subpath":"#One"},{"file":"c/i.png"},{"text":"[[Old#One]] [x](../c/i.png) [[c/Old]]"}]}"##;
    assert_eq!(after.notes["b/Board.canvas"], expected);
    assert_eq!(
        after.notes["b/broken.canvas"],
        before.notes["b/broken.canvas"]
    );
    let file = Subject::Heading(before.vault.find("a/Old.md").unwrap(), 1);
    let plan = at(&before.vault, &file, "Z\"w", Options::default(), &before)?;
    let after = before.with_plan(&plan);
    assert!(after.notes["b/Board.canvas"].contains(r##""subpath":"#Z\"w"},"##));
    assert!(after.notes["b/Board.canvas"].contains(r#"[[Old#Z\"w]]"#));
    let after = before.rename("b/Board.canvas", "/Tafel")?;
    assert_eq!(after.notes["n.md"], "[[Tafel.canvas]]\n");
    let expected = board.replace("../a/i.png", "./a/i.png");
    assert_eq!(after.notes["Tafel.canvas"], expected);
    Ok(())
}

#[test]
fn no_link_leads_to_what_is_left_at_an_old_path() {
    let set = Renames {
        redirect: true,
        ..Renames::default()
    };
    let mut options = Options::new(set);
    let before = Held::of(&[
        ("_Standards/a/Old.md", "[[Old]]\n"),
        ("_public/a/Old.public.md", ""),
        ("_Standards/n.md", "[[Old]] [[a/Old|x]] [[Other]]\n"),
        ("_Standards/a/i.png", ""),
    ]);
    let subject = Subject::File(before.vault.find("_Standards/a/Old.md").unwrap());
    let plan = at(&before.vault, &subject, "b/", options, &before).unwrap();
    assert!(plan.created.is_empty(), "nobody told the time");
    options.now = Some(jiff::civil::date(2026, 11, 5).at(7, 8, 9, 0));
    let plan = at(&before.vault, &subject, "b/", options, &before).unwrap();
    let text =
        |path: &str, name: &str| format!("Moved to [[/{path}|{name}]] on 2026-11-05 07:08.\n");
    let expected = [
        (
            "_Standards/a/Old.md".to_owned(),
            text("_Standards/b/Old", "Old"),
        ),
        (
            "_public/a/Old.public.md".to_owned(),
            text("_public/b/Old.public", "Old.public"),
        ),
    ];
    assert_eq!(plan.created, expected);
    let mut notes = before.with_plan(&plan).notes;
    assert_eq!(
        notes["_Standards/n.md"],
        "[[_Standards/b/Old]] [[b/Old|x]] [[Other]]\n"
    );
    notes.extend(plan.created);
    let after = Held::new(notes, &Arc::default());
    let goals = after.leads();
    let there = ("_Standards/b/Old.md".to_owned(), None);
    assert_eq!(
        goals["_Standards/n.md"][..2],
        [there.clone(), there.clone()]
    );
    for path in ["_Standards/a/Old.md", "_Standards/b/Old.md"] {
        assert_eq!(goals[path].first(), Some(&there));
    }
    let case = at(&before.vault, &subject, "old", options, &before).unwrap();
    assert!(
        case.created.is_empty(),
        "some disks have one file of both names"
    );
}

#[test]
fn a_path_of_a_canvas_leads_from_the_root_of_the_opened_folder_too() {
    let settings = Settings {
        mount: Some("_Standards/Earth".to_owned()),
        ..Settings::default()
    };
    let board = r#"{"nodes":[{"file":"Old.md"},{"file":"a/Old.md"},{"file":"x.md"}]}"#;
    let notes = [("Old.md", ""), ("a/Old.md", ""), ("b.canvas", board)];
    let notes = notes.map(|own| (own.0.to_owned(), own.1.to_owned()));
    let before = Held::new(notes.into(), &Arc::new(settings));
    let wanted = [("Old.md".to_owned(), "New.md".to_owned())];
    let plan = moved(&before.vault, &wanted, Options::default(), &before).unwrap();
    let after = before.edited_by(&plan, "b.canvas");
    assert_eq!(after, board.replacen("Old", "New", 1));
}
