//! Renames of every kind in generated notes: there and back is nothing, links
//! lead where they led, and renames that do not touch commute.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Edit, Options, Plan, Prepared, Subject, at, prepare};
use crate::link::heading_subpath;
use crate::query::held::{Held, Notes};

const PATHS: [&str; 3] = ["a.md", "x/b.md", "y/c.md"];

/// Notes in which every thing has one spelling.
fn text() -> impl Strategy<Value = String> {
    let fronts = vec![
        "",
        "---\nup: \"[[a]]\"\ntype: town\naliases: [one, 'it']\n---\n",
        "---\nis: {same: [x], as: town}\ntags: [t, \"#t/u\"]\n---\n",
        "---\n\"type\": [town, \"hall\"]\nis:\n- as: hall\n  \"x.as\": hall\n---\n",
    ];
    let lines = vec![
        "text[^1] [l][ref] #t/u #t",
        "up:: [[b]]",
        "[type:: town] (see:: it) type",
        "## One",
        "### Deep",
        "[[a#One#Deep]] [[#One]] [u](a.md#One)",
        "[[gone]] [[gone|gone]] [[./gone]]",
        "[[x/gone]] [m](x/gone.md) [[/x/gone#H]]",
        "[[a|one]] [one](a.md) one",
        "text ^id",
        "[[a#^id]] [[b#[^1]]]",
        "![[x/b|one]] [[y/c]]",
        "> quote [^1] [gone][ref]",
        "| [[a\\|one]] |\n|---|",
        "## see:: [[gone]] [^1]",
        "[[#see gone [ 1]] [[#see gone]]",
        "## seen #t/u",
        "[[#seen t/u]] [[a#seen t/u]]",
    ];
    let lines = prop::sample::subsequence(lines, 0..12);
    let breaks = prop::sample::select(vec!["\n", "\r\n"]);
    (prop::sample::select(fronts), lines, breaks).prop_map(|(front, lines, line_break)| {
        let body = lines.join("\n\n");
        let tail = "[^1]: note [[a]]\n\n[ref]: x/b.md\n";
        format!("{front}{body}\n\n{tail}").replace('\n', line_break)
    })
}

fn notes() -> impl Strategy<Value = Notes> {
    prop::collection::vec(text(), PATHS.len()).prop_map(|texts| {
        let paths = PATHS.iter().map(|&path| path.to_owned());
        paths.zip(texts).collect()
    })
}

impl Held {
    fn prepared(&self, path: &str, offset: u32) -> Option<Prepared> {
        let file = self.vault.find(path)?;
        prepare(&self.vault, file, offset, self).ok()
    }

    fn plan(&self, subject: &Subject, new: &str) -> Plan {
        let plan = at(&self.vault, subject, new, Options::default(), self);
        plan.unwrap_or_else(|refusal| panic!("{subject:?} {new}: {refusal} {:#?}", self.notes))
    }

    fn edits(&self, plan: &Plan, path: &str) -> Vec<Edit> {
        let mut all = plan.all_edits(&self.vault, self).unwrap();
        all.remove(&self.vault.find(path).unwrap())
            .unwrap_or_default()
    }

    /// What is written where a thing is named; a link may name a heading
    /// otherwise.
    fn name(&self, found: &Prepared) -> String {
        let Subject::Heading(file, index) = found.subject else {
            return found.name.clone();
        };
        let range = self.vault.note(file).unwrap().headings[index].range();
        let path = self.vault.path(file).unwrap();
        self.notes[&path][range.start as usize..range.end as usize].to_owned()
    }
}

/// Where an offset is after edits that end before it.
fn shifted(offset: u32, edits: &[Edit]) -> u32 {
    let before = edits.iter().filter(|edit| edit.range.end <= offset);
    let gone: usize = before.clone().map(|edit| edit.range.len()).sum();
    let new: usize = before.map(|edit| edit.new.len()).sum();
    offset + new as u32 - gone as u32
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn there_and_back_is_nothing_and_links_lead_where_they_led(
        notes in notes(),
        which in 0..PATHS.len(),
        offset in 0..600_u32,
    ) {
        let before = Held::new(notes, &Arc::default());
        let path = PATHS[which];
        let offset = offset % before.notes[path].len() as u32;
        let Some(found) = before.prepared(path, offset) else {
            return Ok(());
        };
        let plan = before.plan(&found.subject, "fresh");
        let is_key = matches!(found.subject, Subject::Key(_));
        prop_assert!(is_key || plan.warnings.is_empty(), "{:?}", plan.warnings);
        let after = before.with_plan(&plan);
        let moved = |path: &str| {
            let own = plan.moves.iter().find(|own| own.from == path);
            own.map_or(path, |own| &own.to).to_owned()
        };
        let name = before.name(&found);
        if !name.contains("[[") {
            let goals = after.leads();
            for (path, links) in before.leads() {
                for (old, new) in links.into_iter().zip(&goals[&moved(&path)]) {
                    prop_assert_eq!(&(moved(&old.0), old.1), new, "{:#?}\n{:#?}", before.notes, after.notes);
                }
            }
        }
        let is_heading = matches!(found.subject, Subject::Heading(..));
        if is_heading && heading_subpath(&name).as_ref() != Some(&name) {
            // Links may name it in several ways, of which one comes back.
            return Ok(());
        }
        let back = if let Subject::File(file) = found.subject {
            let path = moved(&before.vault.path(file).unwrap());
            Subject::File(after.vault.find(&path).unwrap())
        } else {
            let edits = before.edits(&plan, path);
            let is_here = |edit: &&Edit| {
                edit.range.start <= found.range.end && found.range.start <= edit.range.end
            };
            let here = edits.iter().find(is_here).unwrap();
            let end = shifted(here.range.start, &edits) + here.new.len() as u32;
            let found = after.prepared(path, end);
            found.unwrap_or_else(|| panic!("{plan:?} {:#?}", after.notes)).subject
        };
        let again = after.with_plan(&after.plan(&back, &name));
        prop_assert_eq!(&again.notes, &before.notes, "{:?} {:#?}", found, after.notes);
    }

    #[test]
    fn renames_that_do_not_touch_commute(
        notes in notes(),
        cursors in [(0..PATHS.len(), 0..600_u32), (0..PATHS.len(), 0..600_u32)],
    ) {
        let before = Held::new(notes, &Arc::default());
        let cursors = cursors.map(|(which, offset)| {
            let path = PATHS[which];
            (path, offset % before.notes[path].len() as u32)
        });
        let found = cursors.map(|(path, offset)| before.prepared(path, offset));
        let [Some(first), Some(second)] = found else {
            return Ok(());
        };
        let plans = [before.plan(&first.subject, "fresh"), before.plan(&second.subject, "other")];
        let touches = |path: &str| {
            let [left, right] = [0, 1].map(|index| before.edits(&plans[index], path));
            left.iter().any(|own| right.iter().any(|other| {
                own.range.start <= other.range.end && other.range.start <= own.range.end
            }))
        };
        // The cursor must find its thing again.
        let hides = |index: usize| {
            let (path, offset) = cursors[1 - index];
            let edits = before.edits(&plans[index], path);
            edits.iter().any(|own| own.range.start <= offset && offset <= own.range.end)
        };
        // What Obsidian reads by its name is something else afterwards.
        let is_else = |plan: &Plan| !plan.moves.is_empty() || !plan.warnings.is_empty();
        if plans.iter().any(is_else) || hides(0) || hides(1) || PATHS.iter().any(|path| touches(path)) {
            return Ok(());
        }
        let both = |first: usize, name: &str| {
            let after = before.with_plan(&plans[first]);
            let (path, offset) = cursors[1 - first];
            let offset = shifted(offset, &before.edits(&plans[first], path));
            let again = after.prepared(path, offset);
            again.map(|again| after.with_plan(&after.plan(&again.subject, name)).notes)
        };
        prop_assert_eq!(both(0, "other"), both(1, "fresh"), "{:?} {:?}", first, second);
    }
}
