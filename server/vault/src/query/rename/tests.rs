//! Renames: every link that led somewhere leads there afterwards, and nothing
//! else changes.

mod moving;
mod odd;
mod own;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::{Options, Part, Plan, Refusal, Subject, at, moved, prepare};
use crate::index::FileId;
use crate::note::Anchor;
use crate::query::held::{Held, Notes};
use crate::resolve::Target;

impl Held {
    pub(super) fn of(notes: &[(&str, &str)]) -> Self {
        let notes = notes.iter();
        let notes = notes.map(|own| (own.0.to_owned(), own.1.to_owned()));
        Self::new(notes.collect(), &Arc::default())
    }

    pub(super) fn with_plan(&self, plan: &Plan) -> Self {
        let edits = plan.all_edits(&self.vault, self).unwrap();
        let mut notes = Notes::new();
        for path in self.notes.keys() {
            let file = self.vault.find(path).unwrap();
            let edits = edits.get(&file).cloned().unwrap_or_default();
            let edits: Vec<_> = edits.into_iter().map(|own| (own.range, own.new)).collect();
            let moved = plan.moves.iter().find(|own| own.file == file);
            let to = moved.map_or(path, |own| &own.to).clone();
            assert_eq!(notes.insert(to, self.edited(path, &edits)), None);
        }
        Self::new(notes, &Arc::default())
    }

    /// The text of one file, which does not move, after a plan.
    fn edited_by(&self, plan: &Plan, path: &str) -> String {
        let file = self.vault.find(path).unwrap();
        let edits = plan.edits(&self.vault, file, &self.notes[path]).unwrap();
        let edits: Vec<_> = edits.into_iter().map(|own| (own.range, own.new)).collect();
        self.edited(path, &edits)
    }

    /// The same where edits may be refused.
    fn renamed_if_whole(&self, from: &str, new: &str) -> Result<Self, Refusal> {
        let subject = Subject::File(self.vault.find(from).unwrap());
        let plan = at(&self.vault, &subject, new, Options::default(), self)?;
        plan.all_edits(&self.vault, self)?;
        Ok(self.with_plan(&plan))
    }

    fn rename(&self, from: &str, new: &str) -> Result<Self, Refusal> {
        let subject = Subject::File(self.vault.find(from).unwrap());
        let plan = at(&self.vault, &subject, new, Options::default(), self)?;
        Ok(self.with_plan(&plan))
    }

    /// Where the links of each note lead, in order: path and place.
    pub(super) fn leads(&self) -> BTreeMap<String, Vec<(String, Option<u32>)>> {
        let files = self.vault.files().iter();
        let goals = files.map(|(id, file)| {
            let note = file.facts.as_ref().unwrap().note();
            let links = note.links.iter().map(|link| self.lead(id, link));
            (self.vault.path(id).unwrap(), links.collect())
        });
        goals.collect()
    }

    fn lead(&self, source: FileId, link: &crate::fact::Link) -> (String, Option<u32>) {
        match self.vault.resolve(link, source) {
            Target::File { file, .. } => {
                let place = match self.vault.anchor(link, file) {
                    Some(Anchor::Heading(index)) => Some(index as u32),
                    Some(Anchor::Block(index)) => Some(1000 + index as u32),
                    _ => None,
                };
                (self.vault.path(file).unwrap(), place)
            }
            other => (format!("{other:?}"), None),
        }
    }
}

#[test]
fn a_family_moves_with_all_that_names_it() {
    let before = Held::of(&[
        (
            "_Standards/a/Old.md",
            "---\naliases: [Old, \"other\"]\ndv_is_same_as:\n- \"[[/_public/a/Old.public|Old.public]]\"\n---\n# Old\n\n```leaflet\r\nid: Old\r\ncoordinates: [[Old]]\r\n```\n\n### #is_/same_as :: [[/_public/a/Old.public|Old.public]] \n### #is_/same_as :: [[/_secret/a/Old.secret|Old.secret]] \n",
        ),
        (
            "_public/a/Old.public.md",
            "# [[Old.public]]\n![Old](/_Standards/a/Old.md)\n",
        ),
        (
            "_Standards/b.md",
            "[[Old]] [[../_Standards/a/Old|x]] ![[a/Old|350]] [[Old#Old]] `[[Old]]` [[Older]]\n",
        ),
    ]);
    let after = before.rename("_public/a/Old.public.md", "Ne w").unwrap();
    let expected = Held::of(&[
        (
            "_Standards/a/Ne w.md",
            "---\naliases: [Ne w, \"other\"]\ndv_is_same_as:\n- \"[[/_public/a/Ne w.public|Ne w.public]]\"\n---\n# Ne w\n\n```leaflet\r\nid: Ne w\r\ncoordinates: [[Ne w]]\r\n```\n\n### #is_/same_as :: [[/_public/a/Ne w.public|Ne w.public]] \n### #is_/same_as :: [[/_secret/a/Ne w.secret|Ne w.secret]] \n",
        ),
        (
            "_public/a/Ne w.public.md",
            "# [[Ne w.public]]\n![Ne w](/_Standards/a/Ne%20w.md)\n",
        ),
        (
            "_Standards/b.md",
            "[[Ne w]] [[../_Standards/a/Ne w|x]] ![[a/Ne w|350]] [[Ne w#Ne w]] `[[Old]]` [[Older]]\n",
        ),
    ]);
    assert_eq!(after.notes, expected.notes);
    assert_eq!(
        after.rename("_Standards/a/Ne w.md", "Old").unwrap().notes,
        before.notes
    );
}

#[test]
fn links_that_a_name_would_catch_or_let_go_are_written_out() {
    let before = Held::of(&[("x/A.md", ""), ("y/B.md", ""), ("n.md", "[[A]] [[B]]\n")]);
    let caught = before.rename("y/B.md", "A").unwrap();
    assert_eq!(caught.notes["n.md"], "[[x/A]] [[y/A]]\n");
    let released = Held::of(&[("A.md", ""), ("x/A.md", ""), ("x/n.md", "[[A]] [[x/A]]\n")]);
    let after = released.rename("A.md", "C").unwrap();
    assert_eq!(after.notes["x/n.md"], "[[C]] [[x/A]]\n");
}

#[test]
fn a_moved_note_keeps_its_relative_links_also_to_what_is_not_there() {
    let before = Held::of(&[
        (
            "a/n.md",
            "[[../b/t]] [[./s]] [u](../b/t.md#H 'x') [[../gone/x]]\n",
        ),
        ("a/s.md", "[[./n]]\n"),
        ("b/t.md", "# H\n"),
    ]);
    let after = before.rename("a/n.md", "/c/d/n").unwrap();
    let expected = "[[../../b/t]] [[../../a/s]] [u](../../b/t.md#H 'x') [[../../gone/x]]\n";
    assert_eq!(after.notes["c/d/n.md"], expected);
    assert_eq!(after.notes["a/s.md"], "[[../c/d/n]]\n");
}

#[test]
fn what_cannot_be_done_whole_is_refused() {
    let held = Held::of(&[
        ("_Standards/A.md", "[[B]]\n"),
        ("_public/A.public.md", ""),
        ("_public/c.public.md", ""),
        ("_Standards/B.md", ""),
    ]);
    let refusal = |from: &str, new: &str| held.rename(from, new).err().unwrap();
    let taken = |path: &str| Refusal::Taken(vec![path.to_owned()]);
    assert_eq!(refusal("_Standards/A.md", "b"), taken("_Standards/b.md"));
    assert_eq!(
        refusal("_Standards/A.md", "C"),
        taken("_public/C.public.md")
    );
    assert_eq!(refusal("_Standards/A.md", "A"), Refusal::Same);
    assert!(
        matches!(refusal("_Standards/A.md", "x:y"), Refusal::Name(_, Some(name)) if name == "x-y")
    );
    assert!(matches!(
        refusal("_Standards/A.md", "../../x"),
        Refusal::Outside(_)
    ));
    assert!(matches!(
        refusal("_Standards/B.md", "x#y"),
        Refusal::Unreachable(..)
    ));
}

#[test]
fn headings_and_blocks_take_their_links_along() {
    let before = Held::of(&[
        (
            "n.md",
            "# Top\n## One\n### Deep\n## Two\ntext ^id\n[[#One#Deep]]\n",
        ),
        (
            "m.md",
            "[[n#One|x]] [[n#One#Deep]] [[n#Two]] [y](n.md#one) [[n#^id]] [[n#Deep]]\n",
        ),
    ]);
    let file = before.vault.find("n.md").unwrap();
    let plan = at(
        &before.vault,
        &Subject::Heading(file, 1),
        "Ei ns",
        Options::default(),
        &before,
    );
    let after = before.with_plan(&plan.unwrap());
    assert_eq!(
        after.notes["n.md"],
        "# Top\n## Ei ns\n### Deep\n## Two\ntext ^id\n[[#Ei ns#Deep]]\n"
    );
    assert_eq!(
        after.notes["m.md"],
        "[[n#Ei ns|x]] [[n#Ei ns#Deep]] [[n#Two]] [y](n.md#Ei%20ns) [[n#^id]] [[n#Deep]]\n"
    );
    let plan = at(
        &before.vault,
        &Subject::Block(file, 0),
        "other",
        Options::default(),
        &before,
    );
    let after = before.with_plan(&plan.unwrap());
    assert!(after.notes["m.md"].contains("[[n#^other]]"));
    assert!(after.notes["n.md"].contains("text ^other\n"));
}

#[test]
fn tags_keep_their_form_and_take_those_below_along() {
    let before = Held::of(&[(
        "n.md",
        "---\ntags: [a, \"#a/x\", b, ab]\n---\n#a #A/x #ab #b\n",
    )]);
    let subject = Subject::Tag("a".to_owned());
    let plan = at(&before.vault, &subject, "b", Options::default(), &before).unwrap();
    assert_eq!(plan.warnings.len(), 1);
    let after = before.with_plan(&plan);
    assert_eq!(
        after.notes["n.md"],
        "---\ntags: [\"#b/x\", b, ab]\n---\n#b #b/x #ab #b\n"
    );
}

#[test]
fn folders_move_in_every_tier() {
    let before = Held::of(&[
        ("_Standards/E/X.md", "[[E/X]]\n"),
        ("_public/E/X.public.md", "![[/_Standards/E/X|X]]\n"),
        (
            "_Standards/n.md",
            "[[/_Standards/E/X|X]] [[X]] [[/_secret/E/X.secret]]\n",
        ),
    ]);
    let wanted = [("_Standards/E".to_owned(), "_Standards/F/G".to_owned())];
    let plan = moved(&before.vault, &wanted, Options::default(), &before).unwrap();
    assert_eq!(plan.folders.len(), 2);
    let after = before.with_plan(&plan);
    assert_eq!(after.notes["_Standards/F/G/X.md"], "[[G/X]]\n");
    assert_eq!(
        after.notes["_public/F/G/X.public.md"],
        "![[/_Standards/F/G/X|X]]\n"
    );
    let expected = "[[/_Standards/F/G/X|X]] [[X]] [[/_secret/F/G/X.secret]]\n";
    assert_eq!(after.notes["_Standards/n.md"], expected);
}

#[test]
fn a_folder_that_cannot_move_whole_is_told_of() {
    let before = Held::of(&[("a/b/n.md", ""), ("a/m.md", "[[n]]\n")]);
    let moves = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        let pairs: Vec<_> = pairs
            .map(|own| (own.0.to_owned(), own.1.to_owned()))
            .collect();
        moved(&before.vault, &pairs, Options::default(), &before).unwrap()
    };
    assert_eq!(moves(&[("a", "c")]).warnings, [""; 0]);
    let plan = moves(&[("a/b/n.md", "n.md"), ("a", "c")]);
    assert!(plan.folders.is_empty());
    assert!(
        plan.warnings[0].contains("files in `a` are moved one by one"),
        "{:?}",
        plan.warnings
    );
}

fn text() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "# a",
        "## One",
        "### Deep",
        "# [[b]]",
        "## See [[a]]",
        "[[a]] x [[x/b|b]]",
        "[[a#One#Deep]] [[#One]]",
        "![[b#a]]",
        "[k](b.md#One) [u](../a.md)",
        "[[./b#^id]]",
        "text ^id",
        "[[../x/b]]",
        "| [[c\\|c]] |\n|---|",
        "[[c#See a]]",
        "[[nowhere]]",
        "[[/x/b]]",
        "[r]: x/b.md#One",
        "> [[y/c|c]]",
        "[[../../a]]",
        "",
    ]);
    let front = prop::sample::select(vec![
        "",
        "---\nup: \"[[a]]\"\naliases: [b, 'it']\n---\n",
        "---\nl: ['[[x/b#One|b]]']\n---\n",
    ]);
    let line_break = prop::sample::select(vec!["\n", "\r\n"]);
    (front, prop::collection::vec(line, 0..8), line_break).prop_map(|(front, lines, line_break)| {
        format!("{front}{}\n", lines.join("\n")).replace('\n', line_break)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn every_link_leads_where_it_led(
        texts in prop::collection::vec(text(), 5),
        which in 0..5_usize,
        new in prop::sample::select(vec!["a", "b", "New", "/x/a", "/y/z/b", "../c", "/z/"]),
    ) {
        let paths = ["a.md", "x/b.md", "y/c.md", "x/y/d.md", "e.md"];
        let notes = paths.iter().map(|&path| path.to_owned()).zip(texts).collect();
        let before = Held::new(notes, &Arc::default());
        let subject = Subject::File(before.vault.find(paths[which]).unwrap());
        let Ok(plan) = at(&before.vault, &subject, new, Options::default(), &before) else {
            return Ok(());
        };
        let after = before.with_plan(&plan);
        let moved = |path: &str| {
            let own = plan.moves.iter().find(|own| own.from == path);
            own.map_or(path, |own| &own.to).to_owned()
        };
        let goals = after.leads();
        for (path, links) in before.leads() {
            let now = &goals[&moved(&path)];
            prop_assert_eq!(links.len(), now.len(), "{:?}", after.notes);
            for (old, new) in links.into_iter().zip(now) {
                if plan.warnings.is_empty() && !old.0.starts_with("Missing") {
                    prop_assert_eq!(&(moved(&old.0), old.1), new, "{}: {:#?}\n{:#?}", path, before.notes, after.notes);
                }
            }
        }
    }

    #[test]
    fn no_place_is_too_odd_to_be_asked(text in text(), offset in 0..200_u32) {
        let before = Held::of(&[("a.md", &text), ("x/b.md", "# One\n")]);
        let file = before.vault.find("a.md").unwrap();
        if let Ok(found) = prepare(&before.vault, file, offset, &before) {
            prop_assert!(found.range.start <= offset && offset <= found.range.end, "{:?}", found);
            let plan = at(&before.vault, &found.subject, "Other", Options::default(), &before);
            if let Ok(plan) = plan {
                before.with_plan(&plan);
            }
        }
    }
}
