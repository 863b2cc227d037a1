//! Renames that are stopped at every step, as by a kill, and then finished or
//! taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use vaultmark_vault::path::fold;

use super::store::{Store, interrupted};
use super::{Fault, Moves, Watch, apply, resume, undo};

type Tree = BTreeMap<String, Option<String>>;

/// Everything in a vault, folders as well, but for what renames keep.
fn tree(root: &Path) -> Tree {
    fn visit(folder: &Path, above: &str, found: &mut Tree) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if name == ".vaultmark" {
                continue;
            }
            let path = format!("{above}{name}");
            if entry.path().is_dir() {
                visit(&entry.path(), &format!("{path}/"), found);
                found.insert(path, None);
            } else {
                found.insert(path, fs::read_to_string(entry.path()).ok());
            }
        }
    }
    let mut found = Tree::new();
    visit(root, "", &mut found);
    found
}

/// A vault and a rename in it.
#[derive(Clone, Debug)]
struct Case {
    files: BTreeSet<&'static str>,
    edited: BTreeSet<&'static str>,
    moves: Moves,
    /// Files at whose old paths others are left.
    left: BTreeSet<String>,
}

impl Case {
    fn laid_out(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in &self.files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{file}\r\n")).unwrap();
        }
        folder
    }

    /// What the vault is to be afterwards, without folders.
    fn after(&self) -> BTreeMap<String, String> {
        let files = self.files.iter().map(|&file| {
            let mut own = self.moves.files.iter();
            let mut to = own.find(|own| own.0 == file).map(|own| own.1.clone());
            for (from, new) in &self.moves.folders {
                let rest = file.strip_prefix(from.as_str());
                let rest = rest.filter(|rest| rest.starts_with('/'));
                to = to.or(rest.map(|rest| format!("{new}{rest}")));
            }
            let new = if self.edited.contains(file) {
                "new "
            } else {
                ""
            };
            (to.unwrap_or(file.to_owned()), format!("{new}{file}\r\n"))
        });
        let left = self.left.iter();
        files
            .chain(left.map(|path| (path.clone(), "left".to_owned())))
            .collect()
    }

    fn apply(&self, root: &Path, watch: Watch<'_>) -> Result<(), Fault> {
        let stage = |stage: &super::Stage| {
            self.edited.iter().try_for_each(|file| {
                let old = fs::read(root.join(file)).unwrap();
                stage.replace(file, &old, &[b"new ", &*old].concat())
            })?;
            let mut left = self.left.iter();
            left.try_for_each(|path| stage.leave(path, b"left"))
        };
        apply(root, "a rename", &self.moves, stage, watch)
    }
}

/// Stops before the step of this number.
fn until(most: usize) -> impl Fn(usize, usize) -> ControlFlow<()> {
    move |done, _| {
        if done < most {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

const NEVER: usize = usize::MAX;

fn without_folders(tree: Tree) -> BTreeMap<String, String> {
    let files = tree.into_iter();
    files
        .filter_map(|(path, text)| Some((path, text?)))
        .collect()
}

/// Whole before or whole after, whatever is stopped where.
fn check(case: &Case) {
    let whole = case.laid_out();
    let before = tree(whole.path());
    case.apply(whole.path(), &until(NEVER)).unwrap();
    let after = tree(whole.path());
    assert_eq!(without_folders(after.clone()), case.after());
    let is_bare = |path: &String| {
        let inside = format!("{path}/");
        after[path].is_none() && !after.keys().any(|other| other.starts_with(&inside))
    };
    assert!(
        !after.keys().any(is_bare),
        "no empty folder is left: {after:?}"
    );
    undo(whole.path(), &until(NEVER)).unwrap();
    assert_eq!(tree(whole.path()), before);
    for stop in 0.. {
        let [back, forth, twice] = [(); 3].map(|()| case.laid_out());
        for folder in [&back, &forth, &twice] {
            match case.apply(folder.path(), &until(stop)) {
                Err(Fault::Stopped) => {}
                Ok(()) => return,
                Err(fault) => panic!("{fault:?}"),
            }
        }
        if stop == 0 {
            assert_eq!(interrupted(back.path()), None, "nothing was done yet");
            continue;
        }
        assert!(interrupted(back.path()).unwrap().contains("vaultmark undo"));
        assert!(matches!(
            case.apply(back.path(), &until(NEVER)),
            Err(Fault::Refused(_))
        ));
        undo(back.path(), &until(NEVER)).unwrap();
        assert_eq!(
            tree(back.path()),
            before,
            "stopped before {stop}, taken back"
        );
        resume(forth.path(), &until(NEVER)).unwrap();
        assert_eq!(tree(forth.path()), after, "stopped before {stop}, finished");
        // Taking back is interrupted as well, somewhere.
        for _ in 0..2 {
            let stopped = undo(twice.path(), &until(stop));
            assert!(
                matches!(stopped, Err(Fault::Stopped) | Ok(_)),
                "{stopped:?}"
            );
        }
        if interrupted(twice.path()).is_some() {
            undo(twice.path(), &until(NEVER)).unwrap();
        }
        assert_eq!(
            tree(twice.path()),
            before,
            "stopped before {stop}, taken back in parts"
        );
    }
}

const PATHS: [&str; 8] = ["a", "b", "A", "d/a", "d/b", "d/e/a", "f/g/a", "h"];

fn cases() -> impl Strategy<Value = Case> {
    let some = || proptest::collection::btree_set(proptest::sample::select(&PATHS[..]), 1..6);
    let order = Just(PATHS.to_vec()).prop_shuffle();
    (some(), some(), some(), order, any::<[bool; 2]>()).prop_map(
        |(files, edited, moved, order, [whole, leave])| {
            let edited = edited.intersection(&files).copied().collect();
            let moved: BTreeSet<&str> = moved.intersection(&files).copied().collect();
            let lies_in = |path: &str| path.starts_with("d/");
            let folders = whole && files.iter().any(|path| lies_in(path));
            let free = order
                .into_iter()
                .filter(|path| !files.contains(path) || moved.contains(path));
            let pairs = moved.iter().copied().zip(free);
            let pairs = pairs.filter(|own| own.0 != own.1);
            let pairs: Vec<_> = pairs
                .filter(|own| !folders || !lies_in(own.0) && !lies_in(own.1))
                .collect();
            // Who stays after all must not be in the way.
            let leaving: BTreeSet<&str> = pairs.iter().map(|own| own.0).collect();
            let is_free = pairs
                .iter()
                .all(|own| !files.contains(own.1) || leaving.contains(own.1));
            let mut work = Moves::default();
            if is_free {
                let owned = |own: &(&str, &str)| (own.0.to_owned(), own.1.to_owned());
                work.files = pairs.iter().map(owned).collect();
            }
            if folders {
                work.folders.push(("d".to_owned(), "x/y".to_owned()));
            }
            let taken: BTreeSet<String> = work.files.iter().map(|own| fold(&own.1)).collect();
            let from = work.files.iter().map(|own| own.0.clone());
            let left = from.filter(|path| leave && !taken.contains(&fold(path)));
            Case {
                files,
                edited,
                left: left.collect(),
                moves: work,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn a_rename_that_is_stopped_is_whole_before_or_after(case in cases()) {
        check(&case);
    }
}

fn moved(files: &[&'static str], moves: &[(&str, &str)]) -> Case {
    let owned = |own: &(&str, &str)| (own.0.to_owned(), own.1.to_owned());
    Case {
        files: files.iter().copied().collect(),
        edited: files.iter().copied().collect(),
        moves: Moves {
            files: moves.iter().map(owned).collect(),
            folders: Vec::new(),
        },
        left: BTreeSet::new(),
    }
}

#[test]
fn files_take_each_others_places() {
    check(&moved(
        &["a", "b", "h"],
        &[("a", "b"), ("b", "h"), ("h", "a")],
    ));
    check(&moved(&["a", "b"], &[("a", "A")]));
}

#[test]
fn folders_take_each_others_places() {
    for folders in [
        &[("d", "f"), ("f", "d")][..],
        &[("d", "f"), ("f", "x/y")],
        &[("d", "D"), ("f", "d")],
    ] {
        let mut case = moved(&["a", "d/a", "d/e/a", "f/g/a"], &[("a", "h")]);
        let folders = folders.iter();
        case.moves.folders = folders
            .map(|own| (own.0.to_owned(), own.1.to_owned()))
            .collect();
        check(&case);
    }
}

#[test]
fn what_changed_meanwhile_is_refused_and_nothing_is_touched() {
    let case = moved(&["a", "b"], &[("a", "h")]);
    let vault = case.laid_out();
    let root = vault.path();
    let refused = |done: Result<(), Fault>, words: &str| match done {
        Err(Fault::Refused(why)) => assert!(why.contains(words), "{why}"),
        other => panic!("{other:?}"),
    };
    let before = tree(root);
    let stage = |stage: &super::Stage| {
        stage.replace("b", b"b\r\n", b"new")?;
        fs::write(root.join("b"), "other\r\n").unwrap();
        Ok(())
    };
    refused(
        apply(root, "a rename", &case.moves, stage, &until(NEVER)),
        "`b` changed",
    );
    fs::write(root.join("b"), "b\r\n").unwrap();
    fs::write(root.join("h"), "in the way").unwrap();
    refused(case.apply(root, &until(NEVER)), "`h` exists already");
    fs::remove_file(root.join("h")).unwrap();
    assert_eq!(tree(root), before);
    // Undoing does not overwrite what was written since.
    case.apply(root, &until(NEVER)).unwrap();
    fs::write(root.join("h"), "mine").unwrap();
    let after = tree(root);
    refused(undo(root, &until(NEVER)).map(drop), "`h` changed since");
    assert_eq!(tree(root), after);
    fs::write(root.join("h"), "new a\r\n").unwrap();
    fs::write(root.join("a"), "new here").unwrap();
    refused(undo(root, &until(NEVER)).map(drop), "`a` changed since");
    fs::remove_file(root.join("a")).unwrap();
    undo(root, &until(NEVER)).unwrap();
    assert_eq!(tree(root), before);
    refused(undo(root, &until(NEVER)).map(drop), "nothing to undo");
    refused(resume(root, &until(NEVER)).map(drop), "nothing to finish");
}

#[test]
fn what_is_left_at_an_old_path_goes_when_the_rename_is_taken_back() {
    let mut case = moved(&["a", "d/a"], &[("a", "b"), ("d/a", "d/b")]);
    case.left = ["a", "d/a"].map(str::to_owned).into();
    check(&case);
    let vault = case.laid_out();
    let root = vault.path();
    let before = tree(root);
    case.apply(root, &until(NEVER)).unwrap();
    fs::write(root.join("a"), "mine").unwrap();
    let refused = undo(root, &until(NEVER));
    assert!(
        matches!(&refused, Err(Fault::Refused(why)) if why.contains("`a` changed since")),
        "{refused:?}"
    );
    assert_eq!(fs::read_to_string(root.join("a")).unwrap(), "mine");
    // Nobody misses one that was removed, wherever undoing is interrupted.
    fs::remove_file(root.join("a")).unwrap();
    for stop in 1..6 {
        let stopped = undo(root, &until(stop));
        assert!(
            matches!(stopped, Err(Fault::Stopped)),
            "{stop}: {stopped:?}"
        );
    }
    undo(root, &until(NEVER)).unwrap();
    assert_eq!(tree(root), before);
}

#[test]
fn one_process_renames_at_a_time() {
    let case = moved(&["a"], &[("a", "b")]);
    let vault = case.laid_out();
    let held = Store::open(vault.path()).unwrap();
    let refused = case.apply(vault.path(), &until(NEVER));
    assert!(matches!(refused, Err(Fault::Refused(why)) if why.contains("Another process")));
    fs::create_dir(held.path(super::store::State::Running)).unwrap();
    assert_eq!(interrupted(vault.path()), None, "it is under way");
    drop(held);
    assert!(interrupted(vault.path()).is_some());
}

#[test]
fn a_journal_of_somebody_else_does_not_lead_out_of_the_vault() {
    let case = moved(&["a"], &[("a", "b")]);
    let vault = case.laid_out();
    case.apply(vault.path(), &until(NEVER)).unwrap();
    let journal = vault.path().join(".vaultmark/last/journal.json");
    let text = fs::read_to_string(&journal).unwrap();
    for path in ["../a", "/a", "x/../../a", ".git/a"] {
        fs::write(&journal, text.replace("\"a\"", &format!("{path:?}"))).unwrap();
        let done = undo(vault.path(), &until(NEVER));
        let is_damaged = |error: &anyhow::Error| format!("{error:#}").contains("damaged");
        assert!(
            matches!(&done, Err(Fault::Failed(error)) if is_damaged(error)),
            "{done:?}"
        );
    }
}

#[test]
#[cfg(unix)]
fn nothing_leads_out_of_the_vault_through_a_symbolic_link() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("kept"), "kept").unwrap();
    let case = moved(&["d/a"], &[("d/a", "d/b")]);
    let vault = case.laid_out();
    let root = vault.path();
    case.apply(root, &until(NEVER)).unwrap();
    fs::rename(root.join("d"), outside.path().join("d")).unwrap();
    symlink(outside.path().join("d"), root.join("d")).unwrap();
    let done = undo(root, &until(NEVER));
    assert!(done.is_err(), "{done:?}");
    assert!(outside.path().join("d/b").exists(), "it stays as it is");
    for name in ["lock", "last"] {
        let vault = case.laid_out();
        fs::create_dir(vault.path().join(".vaultmark")).unwrap();
        let target = if name == "lock" { "kept" } else { "d" };
        let link = vault.path().join(".vaultmark").join(name);
        symlink(outside.path().join(target), link).unwrap();
        for done in [
            case.apply(vault.path(), &until(NEVER)),
            undo(vault.path(), &until(NEVER)).map(drop),
        ] {
            assert!(
                matches!(&done, Err(Fault::Refused(why)) if why.contains("symbolic link")),
                "{done:?}"
            );
        }
    }
    let kept = fs::read_to_string(outside.path().join("kept")).unwrap();
    assert_eq!(kept, "kept");
}

#[test]
fn a_note_that_is_saved_in_the_middle_stays() {
    let case = moved(&["a", "b"], &[("a", "h")]);
    let vault = case.laid_out();
    let root = vault.path();
    let save = |done, _| {
        if done == 0 {
            fs::write(root.join("b"), "saved").unwrap();
        }
        ControlFlow::Continue(())
    };
    let done = case.apply(root, &save);
    assert!(matches!(done, Err(Fault::Failed(_))), "{done:?}");
    assert_eq!(fs::read_to_string(root.join("b")).unwrap(), "saved");
    assert_eq!(fs::read_to_string(root.join("a")).unwrap(), "a\r\n");
    assert!(!root.join("h").exists());
}

#[test]
fn a_rename_is_not_half_taken_back_where_its_old_path_is_taken() {
    let case = moved(&["a", "b"], &[("a", "h")]);
    let vault = case.laid_out();
    let root = vault.path();
    for stop in 1.. {
        match case.apply(root, &until(stop)) {
            Err(Fault::Stopped) if root.join("h").exists() => break,
            Err(Fault::Stopped) => drop(undo(root, &until(NEVER)).unwrap()),
            done => panic!("{done:?}"),
        }
    }
    fs::write(root.join("a"), "mine").unwrap();
    let before = tree(root);
    let done = undo(root, &until(NEVER));
    assert!(
        matches!(&done, Err(Fault::Refused(why)) if why.contains("`a`")),
        "{done:?}"
    );
    assert_eq!(tree(root), before);
    fs::remove_file(root.join("a")).unwrap();
    undo(root, &until(NEVER)).unwrap();
    assert_eq!(fs::read_to_string(root.join("a")).unwrap(), "a\r\n");
}

#[test]
#[cfg(unix)]
fn permissions_stay_and_a_failure_is_taken_back() {
    use std::os::unix::fs::PermissionsExt;
    let case = moved(&["a", "d/a"], &[("d/a", "f/g/a")]);
    let vault = case.laid_out();
    let root = vault.path();
    let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
    let set = |path: &str, mode| {
        fs::set_permissions(root.join(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    set("a", 0o600);
    set("d", 0o700);
    case.apply(root, &until(NEVER)).unwrap();
    assert_eq!(mode("a"), 0o600);
    undo(root, &until(NEVER)).unwrap();
    assert_eq!((mode("a"), mode("d")), (0o600, 0o700));
    // What its owner set meanwhile stays.
    case.apply(root, &until(NEVER)).unwrap();
    set("a", 0o640);
    undo(root, &until(NEVER)).unwrap();
    assert_eq!(mode("a"), 0o640);
    // A file appears where another one is about to go.
    let before = tree(root);
    let failed = case.apply(root, &|done, _| {
        if done == 3 {
            fs::create_dir_all(root.join("f/g/a")).unwrap();
        }
        ControlFlow::Continue(())
    });
    let Err(Fault::Failed(error)) = failed else {
        panic!("{failed:?}");
    };
    assert!(
        format!("{error:#}").contains("as it was before"),
        "{error:#}"
    );
    fs::remove_dir_all(root.join("f")).unwrap();
    assert_eq!(tree(root), before);
    assert_eq!(interrupted(root), None);
}
