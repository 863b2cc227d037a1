//! Which files go along, and what stands in the way.

use proptest::prelude::*;

use super::{Arc, Held, Options, Plan, Refusal, Subject, at, text};
use crate::change::Change;
use crate::query::rename::{Named, moved, wanted};
use crate::settings::{FolderOfNote, Renames};

fn batch(held: &Held, wanted: &[(&str, &str)], options: Options) -> Result<Plan, Refusal> {
    let wanted = wanted.iter();
    let wanted: Vec<_> = wanted
        .map(|own| (own.0.to_owned(), own.1.to_owned()))
        .collect();
    moved(&held.vault, &wanted, options, held)
}

fn paths(plan: &Plan) -> Vec<(&str, &str)> {
    let moves = plan.moves.iter();
    moves.map(|own| (&*own.from, &*own.to)).collect()
}

#[test]
fn no_wish_of_a_batch_is_dropped() {
    let held = Held::of(&[
        ("_Standards/A.md", ""),
        ("_public/A.public.md", ""),
        ("a/b/n.md", ""),
        ("a/m.md", ""),
    ]);
    let all = |wanted: &[(&str, &str)]| batch(&held, wanted, Options::default());
    let base = ("_Standards/A.md", "_Standards/B.md");
    for copy in ["_public/C.public.md", "_public/B.md"] {
        for wanted in [
            [base, ("_public/A.public.md", copy)],
            [("_public/A.public.md", copy), base],
        ] {
            let torn = all(&wanted).unwrap_err();
            assert!(matches!(&torn, Refusal::Torn(..)), "{torn}");
        }
    }
    let both = all(&[base, ("_public/A.public.md", "_public/B.public.md")]).unwrap();
    assert_eq!(both.moves.len(), 2);
    // The nearest folder counts, in whatever order.
    let (outer, inner) = (("a", "c"), ("a/b", "d"));
    for wanted in [[outer, inner], [inner, outer]] {
        let plan = all(&wanted).unwrap();
        let expected = [("a/b/n.md", "d/n.md"), ("a/m.md", "c/m.md")];
        assert_eq!(paths(&plan), expected);
    }
    let torn = all(&[outer, ("a", "d")]).unwrap_err();
    assert!(matches!(torn, Refusal::Torn(..)), "{torn}");
}

#[test]
fn a_note_that_comes_to_another_tier_gets_its_suffix() {
    let held = Held::of(&[
        ("_secret/f/X.secret.md", ""),
        ("_Standards/Y.public.md", ""),
        ("_public/Z.public.md", ""),
        ("n.md", "[[X.secret]] [[Y.public]]\n"),
    ]);
    let to = |from: &str, new: &str| {
        let file = Named::File(held.vault.find(from).unwrap());
        wanted(&held.vault, &file, new).map(|pair| pair.1)
    };
    for (from, new, expected) in [
        ("_secret/f/X.secret.md", "/_public/", "_public/X.public.md"),
        ("_secret/f/X.secret.md", "/_public/X", "_public/X.public.md"),
        (
            "_secret/f/X.secret.md",
            "/_public/X.secret",
            "_public/X.public.md",
        ),
        (
            "_secret/f/X.secret.md",
            "/_public/W.public",
            "_public/W.public.md",
        ),
        ("_secret/f/X.secret.md", "/_Standards/", "_Standards/X.md"),
        ("_secret/f/X.secret.md", "../", "_secret/X.secret.md"),
        ("_secret/f/X.secret.md", "W", "_secret/f/W.secret.md"),
        ("_secret/f/X.secret.md", "/q/", "q/X.secret.md"),
        (
            "_Standards/Y.public.md",
            "/_public/",
            "_public/Y.public.public.md",
        ),
        ("_public/Z.public.md", "/_secret/W", "_secret/W.secret.md"),
        ("n.md", "/_secret/", "_secret/n.md"),
    ] {
        assert_eq!(to(from, new).as_deref(), Ok(expected), "{from} {new}");
    }
    let folder = Named::Folder("_secret/f".to_owned());
    let refusal = wanted(&held.vault, &folder, "/_public/")
        .unwrap_err()
        .to_string();
    assert!(
        refusal.contains("`X.secret.md` becomes `X.public.md`"),
        "{refusal}"
    );
    // An editor moves files as it likes.
    let plan = batch(
        &held,
        &[("_secret/f/X.secret.md", "_public/X.secret.md")],
        Options::default(),
    );
    let said = plan.unwrap().warnings;
    assert!(said[0].contains("can be read by more people"), "{said:?}");
    assert!(said[1].contains("Called `X.public`"), "{said:?}");
}

#[test]
fn names_are_as_long_as_a_disk_takes_in_every_tier() {
    let held = Held::of(&[("_Standards/A.md", ""), ("_personal/A.personal.md", "")]);
    let long = |length: usize| {
        let subject = Subject::File(held.vault.find("_Standards/A.md").unwrap());
        let new = "x".repeat(length);
        at(&held.vault, &subject, &new, Options::default(), &held)
    };
    let suffix = ".personal.md".len();
    assert!(long(255 - suffix).is_ok());
    let refusal = long(256 - suffix).unwrap_err();
    assert!(matches!(refusal, Refusal::Name(..)), "{refusal}");
}

#[test]
fn nothing_goes_below_a_file() {
    let mut held = Held::of(&[("a.md", ""), ("b.md", ""), ("x/c.md", "")]);
    held.vault.apply([Change::File("LICENSE".to_owned())]);
    let below = |path: &str| Refusal::BelowFile(vec![path.to_owned()]);
    let all = |wanted: &[(&str, &str)]| batch(&held, wanted, Options::default());
    assert_eq!(
        all(&[("a.md", "LICENSE/x/a.md")]).unwrap_err(),
        below("LICENSE")
    );
    let made = all(&[("a.md", "new"), ("b.md", "new/b.md")]);
    assert_eq!(made.unwrap_err(), below("new"));
    let leaving = all(&[("LICENSE", "x/LICENSE"), ("a.md", "LICENSE/a.md")]);
    assert!(leaving.is_ok());
    assert_eq!(
        held.rename("a.md", "/license/a").err(),
        Some(below("license"))
    );
}

#[test]
fn a_copy_in_a_folder_of_another_case_goes_along() {
    let held = Held::of(&[
        ("_Standards/X/a.md", "[[/_public/x/a.public]]\n"),
        ("_public/x/a.public.md", ""),
        ("_secret/z.secret.md", ""),
    ]);
    for to in ["_Standards/Y", "_Standards/x"] {
        let plan = batch(&held, &[("_Standards/X", to)], Options::default());
        assert!(plan.is_ok(), "{to}: {:?}", plan.err());
    }
}

#[test]
fn no_note_becomes_a_copy_of_another() {
    let held = Held::of(&[
        ("_Standards/A.md", ""),
        ("_public/B.public.md", "other"),
        ("_secret/C.secret.md", ""),
        ("_Standards/e/D.md", ""),
        ("_public/f/D.public.md", ""),
        ("n.md", ""),
    ]);
    let adopted = |path: &str| Some(Refusal::Adopted(vec![path.to_owned()]));
    let all = |wanted: &[(&str, &str)], options| batch(&held, wanted, options).err();
    let only = |from: &str, to: &str| all(&[(from, to)], Options::default());
    let b = || adopted("_public/B.public.md");
    assert_eq!(only("_Standards/A.md", "_Standards/B.md"), b());
    assert_eq!(only("_Standards/A.md", "_Standards/b.md"), b());
    assert_eq!(only("n.md", "_Standards/B.md"), b());
    assert_eq!(only("_secret/C.secret.md", "_secret/B.secret.md"), b());
    let d = adopted("_public/f/D.public.md");
    assert_eq!(only("_Standards/e", "_Standards/f"), d);
    let two = [
        ("_Standards/A.md", "_Standards/N.md"),
        ("_secret/C.secret.md", "_secret/N.secret.md"),
    ];
    assert!(matches!(
        all(&two, Options::default()),
        Some(Refusal::Adopted(_))
    ));
    let away = [
        ("_Standards/A.md", "_Standards/B.md"),
        ("_public/B.public.md", "_public/Z.public.md"),
    ];
    assert_eq!(all(&away, Options::default()), None);
    let alone = Options::new(Renames {
        copies: false,
        ..Renames::default()
    });
    assert_eq!(
        all(&away[..1], alone),
        None,
        "who wants no copies wants this"
    );
}

#[test]
fn folders_that_mirror_one_go_along_in_their_own_case() {
    let held = Held::of(&[
        ("_public/Cities/a.public.md", ""),
        ("_secret/cities/b.secret.md", ""),
        ("_personal/Cities/c.personal.md", ""),
        ("_personal/cities/d.personal.md", ""),
    ]);
    let plan = batch(
        &held,
        &[("_public/Cities", "_public/Towns")],
        Options::default(),
    );
    let plan = plan.unwrap();
    let expected = [
        ("_personal/Cities", "_personal/Towns"),
        ("_public/Cities", "_public/Towns"),
        ("_secret/cities", "_secret/Towns"),
    ];
    let folders: Vec<_> = plan.folders.iter().map(|own| (&*own.0, &*own.1)).collect();
    assert_eq!(folders, expected);
    assert_eq!(plan.moves.len(), 3);
    // And so does the folder of a note.
    let held = Held::of(&[("City.md", ""), ("city/n.md", "")]);
    let options = Options::new(Renames {
        folder: FolderOfNote::Move,
        ..Renames::default()
    });
    let plan = batch(&held, &[("City.md", "Town.md")], options).unwrap();
    assert_eq!(plan.folders, [("city".to_owned(), "Town".to_owned())]);
}

#[test]
fn folders_change_places_and_case() {
    let held = Held::of(&[
        ("A/n.md", "[[./m]] [[B/n]]\n"),
        ("A/m.md", ""),
        ("B/n.md", "[[A/n]]\n"),
        ("q.md", "[[A/n]] [x](B/n.md)\n"),
    ]);
    let swap = [("A", "B"), ("B", "A")];
    let plan = batch(&held, &swap, Options::default()).unwrap();
    assert_eq!((plan.folders.len(), &*plan.warnings), (2, &[][..]));
    let after = held.with_plan(&plan);
    assert_eq!(after.notes["B/n.md"], "[[./m]] [[A/n]]\n");
    assert_eq!(after.notes["q.md"], "[[B/n]] [x](A/n.md)\n");
    let plan = batch(&held, &[("A", "a")], Options::default()).unwrap();
    assert_eq!(plan.folders, [("A".to_owned(), "a".to_owned())]);
    assert_eq!(held.with_plan(&plan).notes["q.md"], "[[a/n]] [x](B/n.md)\n");
    let chain = [("A", "B"), ("B", "C")];
    let plan = batch(&held, &chain, Options::default()).unwrap();
    assert_eq!(plan.folders.len(), 2);
    let taken = batch(&held, &[("A", "B")], Options::default()).unwrap_err();
    assert_eq!(taken, Refusal::Taken(vec!["B".to_owned()]));
}

#[test]
fn no_folder_goes_into_itself() {
    let held = Held::of(&[("a.md", ""), ("a/n.md", "")]);
    let options = Options::new(Renames {
        folder: FolderOfNote::Move,
        ..Renames::default()
    });
    let refusal = batch(&held, &[("a.md", "a/b.md")], options).unwrap_err();
    assert!(refusal.to_string().contains("into itself"), "{refusal}");
}

#[test]
fn a_file_keeps_its_kind() {
    let mut held = Held::of(&[("n.md", "![[i.png]]\n")]);
    held.vault.apply([Change::File("i.png".to_owned())]);
    let refusal = |new: &str| held.rename("i.png", new).err();
    let proposal = |new: &str| match refusal(new) {
        Some(Refusal::Name(_, Some(proposal))) => proposal,
        other => panic!("{other:?}"),
    };
    assert_eq!(proposal("Note.md"), "Note.png");
    assert_eq!(proposal("Board.canvas"), "Board.png");
}

const PATHS: [&str; 7] = [
    "_Standards/a.md",
    "_public/a.public.md",
    "_Standards/x/b.md",
    "_secret/X/b.secret.md",
    "_public/x/y/c.public.md",
    "x/b.md",
    "y/c.md",
];

/// Where something goes: a note, or, without `.md`, a folder.
fn wish() -> impl Strategy<Value = (String, String)> {
    let notes = (
        prop::sample::select(PATHS.to_vec()),
        prop::sample::select(vec![
            "_Standards/n.md",
            "_public/n.public.md",
            "_secret/x/b.secret.md",
            "_public/x/b.public.md",
            "_Standards/a.md",
            "x/c.md",
            "y/c.md",
            "q/y.md",
        ]),
    );
    let folders = prop::sample::subsequence(
        vec![
            "_Standards/x",
            "_secret/X",
            "_public/x",
            "_public/x/y",
            "x",
            "y",
            "q",
        ],
        2,
    );
    let folders = folders.prop_shuffle().prop_map(|own| (own[0], own[1]));
    prop_oneof![2 => notes, 1 => folders].prop_map(|own| (own.0.to_owned(), own.1.to_owned()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn every_wish_of_a_batch_is_kept_and_so_is_every_link(
        texts in prop::collection::vec(text(), PATHS.len()),
        wishes in prop::collection::vec(wish(), 1..4),
    ) {
        let notes = PATHS.iter().map(|&path| path.to_owned()).zip(texts).collect();
        let before = Held::new(notes, &Arc::default());
        let Ok(plan) = moved(&before.vault, &wishes, Options::default(), &before) else {
            return Ok(());
        };
        let moved = |path: &str| {
            let own = plan.moves.iter().find(|own| own.from == path);
            own.map_or(path, |own| &own.to).to_owned()
        };
        let is_named = |path: &str| wishes.iter().any(|own| own.0 == path);
        for (from, to) in &wishes {
            if before.notes.contains_key(from) {
                prop_assert_eq!(&moved(from), to);
                continue;
            }
            let inside = format!("{from}/");
            for path in PATHS.iter().filter(|path| path.starts_with(&inside)) {
                let is_nearer = |own: &(String, String)| {
                    own.0.starts_with(&inside) && path.starts_with(&format!("{}/", own.0))
                };
                // A note that is named goes its own way, and takes its copies along.
                let is_copy = before.vault.tiers().family(path).iter().any(|copy| is_named(copy));
                if !is_copy && !is_named(path) && !wishes.iter().any(is_nearer) {
                    prop_assert_eq!(moved(path), format!("{to}{}", &path[from.len()..]));
                }
            }
        }
        let after = before.with_plan(&plan);
        let goals = after.leads();
        for (path, links) in before.leads() {
            for (old, new) in links.into_iter().zip(&goals[&moved(&path)]) {
                if !old.0.starts_with("Missing") {
                    prop_assert_eq!(&moved(&old.0), &new.0, "{}: {:#?}\n{:#?}", path, before.notes, after.notes);
                }
            }
        }
    }
}
