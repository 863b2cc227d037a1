//! Whatever changes, the notes that are not said to be touched have the
//! diagnostics that they had.

use crate::query::NoTexts;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::change::Change;
use crate::digest::Parsed;
use crate::query::diagnostics::{Diagnostic, SIMILAR, diagnostics};
use crate::settings::Settings;
use crate::tier::Tiers;

/// A vault with the texts that it was made from.
#[derive(Clone)]
struct World {
    vault: Vault,
    texts: BTreeMap<String, String>,
}

impl World {
    /// Notes enough to have common keys and shapes, and some more.
    fn new(notes: &[(&str, &str)]) -> Self {
        let mut world = Self {
            vault: Vault::new(Arc::default()),
            texts: BTreeMap::new(),
        };
        for number in 0..50 {
            world.write(&format!("many/{number}.md"), "---\nk: 1\nup_: x\n---\n");
        }
        for (path, text) in notes {
            world.write(path, text);
        }
        world.vault.set_complete();
        world
    }

    fn write(&mut self, path: &str, text: &str) {
        let (symbols, options) = (self.vault.symbols(), self.vault.parse_options());
        let parsed = Parsed::closed(text, symbols, &options);
        self.vault
            .apply([Change::Note(path.to_owned(), Some(parsed))]);
        self.texts.insert(path.to_owned(), text.to_owned());
    }

    fn remove(&mut self, path: &str) {
        self.vault.apply([Change::Remove(path.to_owned())]);
        self.texts.remove(path);
    }

    fn found(&self, file: FileId, similar: usize) -> Vec<Diagnostic> {
        let path = self.vault.path(file).unwrap_or_default();
        let text = self.texts.get(&path).map_or("", String::as_str);
        diagnostics(&self.vault, file, text, similar, &NoTexts)
    }

    /// The notes that are said to be touched since an older moment.
    fn touched_since(&self, old: &Self) -> Vec<String> {
        let touched = Touched::between(&old.vault, &self.vault);
        let files = self.vault.files().iter().map(|file| file.0);
        let held = files.filter(|&file| touched.holds(&self.vault, file));
        let mut paths: Vec<String> = held.filter_map(|file| self.vault.path(file)).collect();
        paths.sort();
        paths
    }
}

#[test]
fn exactly_those_are_touched_that_a_change_concerns() {
    let mut world = World::new(&[
        ("Target.md", "# H\n"),
        ("to name.md", "[[Target]]\n"),
        ("to heading.md", "[[Target#H]]\n"),
        ("to nothing.md", "[[Targat]]\n"),
        ("none.md", "# None\n"),
        ("odd.md", "---\nk: text\n---\n"),
    ]);
    let mut after = |change: &dyn Fn(&mut World)| {
        let old = world.clone();
        change(&mut world);
        world.touched_since(&old)
    };
    assert_eq!(after(&|_| {}), [""; 0]);
    let typed = after(&|world| world.write("Target.md", "# H\n\nText, and [[none]]\n"));
    assert_eq!(typed, ["Target.md"]);
    let heading = after(&|world| world.write("Target.md", "# Other\n"));
    assert_eq!(heading, ["Target.md", "to heading.md"]);
    let gone = after(&|world| world.remove("Target.md"));
    assert_eq!(gone, ["to heading.md", "to name.md", "to nothing.md"]);
    let elsewhere = after(&|world| world.write("new/Far.md", ""));
    let broken = ["new/Far.md", "to heading.md", "to name.md", "to nothing.md"];
    assert_eq!(elsewhere, broken, "what was meant may be the new one");
    let property = after(&|world| world.write("none.md", "---\nk: [1]\n---\n"));
    assert_eq!(property.len(), 52, "all with that property");
}

const PATHS: [&str; 9] = [
    "n.md",
    "N.md",
    "d/n.md",
    "d/e/Note.md",
    "_Standards/n.md",
    "_public/n.public.md",
    "_secret/Note.secret.md",
    "absent/x.md",
    "Nate.md",
];

fn text() -> impl Strategy<Value = String> {
    let properties = prop::sample::select(vec![
        "",
        "k: 1",
        "k: text",
        "k: [1, 2]",
        "up: x",
        "up_: 2",
        "m:\n  k: 1",
        "kk: 1",
        "publish: false",
    ]);
    let lines = prop::sample::select(vec![
        "text",
        "# H",
        "## H ^x",
        "up:: [[n]]",
        "[[n]]",
        "[[d/n#H]]",
        "[[../n#^x]]",
        "[[/_Standards/n|n]]",
        "![[_secret/Note.secret]]",
        "[[_public/n.public#H]]",
        "[[d/]] [[e]] [[./]] [[d/../]] [[d/e/..]]",
        "[[Nete]] [[Note]]",
        "[[absent/x]] [[absent/y/z]]",
        "[md](n.md#h) [md](e/Note.md)",
        "[[n#[^1]]]\n\n[^1]: foot",
        "## Confidential Links & Embeds:\n### #is_/same_as :: [[/_public/n.public|n]]",
    ]);
    let lines = prop::collection::vec(lines, 0..5);
    (prop::collection::vec(properties, 0..2), lines).prop_map(|(properties, lines)| {
        let mut text = String::new();
        if !properties.is_empty() {
            let _ = write!(text, "---\n{}\n---\n", properties.join("\n"));
        }
        text + &lines.join("\n\n")
    })
}

#[derive(Clone, Debug)]
enum Step {
    Write(usize, String),
    Remove(usize),
    Rename(usize, usize),
    Tiers(bool, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let paths = 0..PATHS.len();
    prop_oneof![
        6 => (paths.clone(), text()).prop_map(|(path, text)| Step::Write(path, text)),
        2 => paths.clone().prop_map(Step::Remove),
        2 => (paths.clone(), paths).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => any::<(bool, bool)>().prop_map(|(tiers, absent)| Step::Tiers(tiers, absent)),
    ]
}

impl World {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Write(path, text) => self.write(PATHS[*path], text),
            Step::Remove(path) => self.remove(PATHS[*path]),
            Step::Rename(from, to) => {
                if let Some(text) = self.texts.get(PATHS[*from]).cloned() {
                    self.remove(PATHS[*from]);
                    self.write(PATHS[*to], &text);
                }
            }
            Step::Tiers(tiers, absent) => {
                let settings = Settings {
                    tiers: tiers.then(Tiers::standard),
                    absent_folders: absent.then(|| "absent".to_owned()).into_iter().collect(),
                    ..Settings::default()
                };
                self.vault.apply([Change::Settings(Arc::new(settings))]);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_not_touched_is_as_it_was(
        texts in prop::collection::vec(text(), PATHS.len() / 2),
        steps in prop::collection::vec(prop::collection::vec(step(), 1..3), 1..6),
    ) {
        let notes: Vec<(&str, &str)> = PATHS.into_iter().zip(texts.iter().map(String::as_str)).collect();
        let mut world = World::new(&notes);
        for steps in steps {
            let old = world.clone();
            for step in &steps {
                world.step(step);
            }
            let touched = Touched::between(&old.vault, &world.vault);
            let told = || old.vault.files().iter().map(|file| file.0)
                .filter(|&file| !old.found(file, 0).is_empty());
            let notes = touched.notes(&world.vault, usize::MAX, told());
            for (file, _) in world.vault.files().iter() {
                let path = world.vault.path(file);
                if !touched.holds(&world.vault, file) {
                    prop_assert_eq!(old.found(file, SIMILAR), world.found(file, SIMILAR), "{:?} by {:?}", path, &steps);
                }
                if notes.as_ref().is_some_and(|notes| !notes.contains(&file)) {
                    prop_assert_eq!(old.found(file, 0), world.found(file, 0), "{:?} in {:?}", path, &notes);
                }
            }
        }
    }
}
