//! Actions: each does what it says, and every link that led somewhere leads
//! there afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::{ActionKind, Place, actions};
use crate::change::Change;
use crate::edit::VaultEdit;
use crate::index::FileId;
use crate::note::Anchor;
use crate::query::diagnostics::{SIMILAR, diagnostics};
use crate::query::held::{Held, Notes};
use crate::resolve::Target;
use crate::rule::Rule;
use crate::settings::{LinkFormat, NewFileLocation, Settings};
use crate::vault::Vault;

impl Held {
    fn after(&self, edit: &VaultEdit, settings: &Arc<Settings>) -> Self {
        let mut notes = self.notes.clone();
        for (path, text) in &edit.created {
            assert!(
                notes.insert(path.clone(), text.clone()).is_none(),
                "{path} is there"
            );
        }
        for (&file, edits) in &edit.texts {
            let path = self.vault.path(file).unwrap();
            let text = self.edited(&path, edits);
            notes.insert(path, text);
        }
        Self::new(notes, settings)
    }

    /// What the links of all notes lead to, and how many do: the text of the
    /// heading or block, else the path of the note.
    fn goals(&self) -> BTreeMap<String, usize> {
        let mut goals = BTreeMap::new();
        for (id, file) in self.vault.files().iter() {
            let note = file.facts.as_ref().unwrap().note();
            for link in &note.links {
                let Some(target) = self.vault.resolve(link, id).file() else {
                    continue;
                };
                let path = self.vault.path(target).unwrap();
                let goal = match self.vault.anchor(link, target) {
                    Some(Anchor::Note) => path,
                    // However many headings stand above it.
                    Some(_) => {
                        let subpath = self.vault.string(link.subpath);
                        let last = subpath.rsplit('#').next().unwrap_or("");
                        last.to_lowercase().replace('-', " ")
                    }
                    // It may find its place when text with such a heading comes.
                    None => continue,
                };
                *goals.entry(goal).or_default() += 1;
            }
        }
        goals
    }

    /// How often each rule is broken in a note.
    fn broken(&self, path: &str) -> BTreeMap<Rule, usize> {
        let file = self.vault.find(path).unwrap();
        let mut counts = BTreeMap::new();
        for found in diagnostics(&self.vault, file, &self.notes[path], SIMILAR, self) {
            *counts.entry(found.rule).or_default() += 1;
        }
        counts
    }
}

/// What quick fixes for a rule may bring out in the note, because they cannot
/// decide it.
fn brought_out(rule: Rule) -> &'static [Rule] {
    match rule {
        // Whether the note has a place is asked when it is known which note it
        // is; and a new note may have the name of another one, or lack copies.
        Rule::BrokenLink | Rule::FolderLink => &[
            Rule::BrokenHeading,
            Rule::BrokenBlock,
            Rule::AmbiguousLink,
            Rule::CopyMissing,
        ],
        Rule::OwnOldName => &[Rule::BrokenHeading, Rule::BrokenBlock, Rule::CopyMissing],
        // What the word says at last is what the rule is there to find out.
        Rule::UnknownSecrecy => &[Rule::ConfidentialNote],
        // The right name of a copy that is not written yet.
        Rule::TierLine
        | Rule::TierLineMissing
        | Rule::TierLineDoubled
        | Rule::TierLineOrder
        | Rule::TierMirror => &[Rule::CopyMissing],
        _ => &[],
    }
}

/// Fails unless a quick fix mends one of its own at least, and adds nothing.
fn assert_mends(path: &str, title: &str, mends: &[Rule], held: &Held, after: &Held) {
    let (before, now) = (held.broken(path), after.broken(path));
    let of = |counts: &BTreeMap<Rule, usize>, rule| counts.get(rule).copied().unwrap_or(0);
    let sum = |counts| mends.iter().map(|rule| of(counts, rule)).sum::<usize>();
    let texts = || {
        format!(
            "{path}: {title}\n{}\n{}",
            held.notes[path], after.notes[path]
        )
    };
    assert!(sum(&now) < sum(&before), "{}", texts());
    for (rule, &count) in &now {
        let mut mended = mends.iter();
        let is_brought_out = mended.any(|own| brought_out(*own).contains(rule));
        // What an item was meant to be may stand in its list already.
        let is_repeated = *rule == Rule::DuplicateItem;
        assert!(
            is_repeated || is_brought_out || count <= of(&before, rule),
            "{rule:?} by {}",
            texts()
        );
    }
}

/// A line that is a paragraph's in its note, and a definition by itself.
#[test]
fn a_selection_that_would_say_something_else_stays() {
    let text = "[s](b.md#two)\n[t]: x/b.md#Two\n## Two\n[t]: x/b.md#Two\n";
    let notes = Notes::from([("x/b.md".to_owned(), text.to_owned())]);
    let held = Held::new(notes, &Arc::new(Settings::default()));
    let file = held.vault.find("x/b.md").unwrap();
    let note = held.vault.note(file).unwrap();
    let moves = |from: &str| {
        let range = text.find(from).unwrap() as u32..text.len() as u32;
        let place = Place::new(&held.vault, file, &note, text, range);
        let found = actions(&place);
        found.iter().any(|own| own.kind == ActionKind::Extract)
    };
    assert!(moves("## Two"));
    assert!(!moves("[t]: x/b.md#Two\n## Two"));
}

fn text() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "# Title",
        "## One",
        "## Two",
        "[[a#One#Deep]] [[#One#Deep]]",
        "[s](b.md#two)",
        "[[a#One#Deep]] [[#One#Deep]]",
        "[s](b.md#two)",
        "up:: \"[[Else]]\"",
        "### Deep",
        "[[a]] x [[x/b|b]]",
        "[[c#One]] [[#Deep]]",
        "![[a#Two]]",
        "[k](b.md#One) [u](../a.md)",
        "[[./b#^id]] and [[nowhere]]",
        "text ^id",
        "[[Else]]",
        "![[x/b]]",
        "| [[c\\|d]] |\n|---|",
        "[[#One]][^1]",
        "[^1]: note [[c]]",
        "- [[../a|A]]\n- x",
        "> [!note] y\n> [[a#Deep]]",
        "",
        "[[a#Nothing]]",
        "[r][t]",
        "[t]: x/b.md#Two",
    ]);
    let front = prop::sample::select(vec![
        "",
        "---\nup: \"[[a]]\"\n---\n",
        "---\naliases: [Else]\n---\n",
        "---\nlist: ['[[x/b#One|o]]', '[[Else]]']\n---\n",
    ]);
    let line_break = prop::sample::select(vec!["\n", "\r\n"]);
    (front, prop::collection::vec(line, 0..9), line_break).prop_map(|(front, lines, line_break)| {
        format!("{front}{}\n", lines.join("\n")).replace('\n', line_break)
    })
}

/// A note in a vault with tiers.
fn tiered() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "### #is_/same_as :: [[/_Standards/d/N|N]] ",
        "### #is_/same_as :: [[/_public/d/N.public|N.public]] ",
        "### #is_/same_as :: [[/_internal/d/N.internal|N.internal]] ",
        "### #is_/same_as :: [[/_secret/d/N.secret|N.secret]] ",
        "### #is_/same_as :: [[/_secret/d/Old.secret|Old.secret]] ",
        "### #is_/same_as :: [[/_public/Old.public|Old.public]] and more",
        "### #is_/same_as :: [[N|N]] ",
        "- [[../../_public/d/N.public|N.public]]",
        "![[/_secret/d/Old.secret]]",
        "![[/_Standards/d/N]]",
        "### ![[/_secret/d/Old.secret]]",
        "## Confidential Links & Embeds: ",
        "[[Else]]",
        "[[/_public/d/M.public]]",
        "[[N.secrte]] [[/_Standards/d/Old]]",
        "# N",
        "",
    ]);
    let front = prop::sample::select(vec![
        "",
        "---\ndv_is_same_as:\n  - \"[[_Standards/d/Old|Old]]\"\n  - \"[[_public/d/N.public|N.public]]\"\n---\n",
        "---\nconfidential: privat\npublish: flase\n---\n",
        "---\nconfidential: [secret, sceret]\naliases: [Else]\n---\n",
        "---\ndv_is_same_as: ['[[_Standards/d/N]]', '![[_secret/d/Old.secret]]']\n---\n",
    ]);
    let line_break = prop::sample::select(vec!["\n", "\r\n"]);
    (front, prop::collection::vec(line, 0..9), line_break).prop_map(|(front, lines, line_break)| {
        format!("{front}{}\n", lines.join("\n")).replace('\n', line_break)
    })
}

fn settings() -> impl Strategy<Value = Arc<Settings>> {
    let formats = [
        LinkFormat::Shortest,
        LinkFormat::Relative,
        LinkFormat::Absolute,
    ];
    let places = [
        NewFileLocation::Root,
        NewFileLocation::Current,
        NewFileLocation::Folder,
    ];
    let (formats, places) = (
        prop::sample::select(formats.to_vec()),
        prop::sample::select(places.to_vec()),
    );
    (formats, places).prop_map(|(format, place)| {
        let mut settings = Settings::default();
        settings.obsidian.new_link_format = format;
        settings.obsidian.new_file_location = place;
        settings.obsidian.new_file_folder = "new".to_owned();
        Arc::new(settings)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn links_lead_where_they_led(
        texts in prop::collection::vec(text(), 4),
        settings in settings(),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
    ) {
        let paths = ["a.md", "x/b.md", "c.md", "y/c.md"];
        let notes: Notes = paths.iter().map(|&path| path.to_owned()).zip(texts).collect();
        let held = Held::new(notes, &settings);
        for (path, text) in &held.notes {
            let file = held.vault.find(path).unwrap();
            let note = held.vault.note(file).unwrap();
            let mut ranges: Vec<_> = note.links.iter().map(|link| link.start + 2..link.start + 2).collect();
            ranges.extend(note.headings.iter().map(|heading| heading.start..heading.start));
            ranges.extend(note.properties.iter().map(|property| property.start..property.start));
            if !text.is_empty() {
                let (from, to) = (from.index(text.len()), to.index(text.len()));
                ranges.push(from.min(to) as u32..from.max(to) as u32);
            }
            for range in ranges {
                let place = Place::new(&held.vault, file, &note, text, range.clone());
                let mut titles = Vec::new();
                for action in actions(&place) {
                    prop_assert!(!titles.contains(&action.title), "{action:?}");
                    titles.push(action.title.clone());
                    let (kind, title, mends) = (action.kind, action.title.clone(), action.mends);
                    let creates = action.creates;
                    let edit = action.edit(&held).unwrap();
                    let after = held.after(&edit, &settings);
                    let (before, now) = (held.goals(), after.goals());
                    if kind == ActionKind::QuickFix {
                        assert_mends(path, &title, mends, &held, &after);
                        // One link leads elsewhere, unless a new note draws others.
                        let lost = before.iter().map(|(goal, count)| {
                            count.saturating_sub(now.get(goal).copied().unwrap_or(0))
                        });
                        prop_assert!(creates || lost.sum::<usize>() <= 1, "{title}\n{text}");
                        continue;
                    }
                    for (goal, count) in before {
                        let embeds = usize::from(kind == ActionKind::Inline);
                        let left = now.get(&goal).copied().unwrap_or(0);
                        prop_assert!(
                            left + embeds >= count,
                            "{title}: {goal}\n{path}\n{text}\n{:#?}", after.notes
                        );
                    }
                    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
                    for text in [&after.notes[path]].into_iter().chain(edit.created.iter().map(|new| &new.1)) {
                        prop_assert_eq!(text.matches('\n').count(), text.matches(line_break).count(), "{}", title);
                    }
                }
            }
        }
    }

    #[test]
    fn quick_fixes_of_tiers_mend_their_own_and_add_nothing(texts in prop::collection::vec(tiered(), 4)) {
        let paths = ["_Standards/d/N.md", "_public/d/N.public.md", "_secret/d/N.secret.md", "M.md"];
        let notes: Notes = paths.iter().map(|&path| path.to_owned()).zip(texts).collect();
        let settings = Arc::default();
        let held = Held::new(notes, &settings);
        for (path, text) in &held.notes {
            let file = held.vault.find(path).unwrap();
            let note = held.vault.note(file).unwrap();
            let starts = note.links.iter().map(|link| link.start + 3);
            for start in starts.chain(note.headings.iter().map(|heading| heading.start)) {
                let place = Place::new(&held.vault, file, &note, text, start..start);
                for action in actions(&place) {
                    if action.kind == ActionKind::QuickFix {
                        let (title, mends) = (action.title.clone(), action.mends);
                        let edit = action.edit(&held).unwrap();
                        assert_mends(path, &title, mends, &held, &held.after(&edit, &settings));
                    }
                }
            }
            let found = diagnostics(&held.vault, file, text, SIMILAR, &held);
            for (rule, fix) in found.into_iter().filter_map(|found| Some((found.rule, found.fix?))) {
                let edit = VaultEdit::of(file, fix.edits);
                assert_mends(path, &fix.title, &[rule], &held, &held.after(&edit, &settings));
            }
        }
    }

    /// R11: whatever the format, the written path leads to the target.
    #[test]
    fn written_paths_lead_to_their_target(
        paths in prop::collection::btree_set("(x/|y/|x/y/|Ä/)?[abc]( d|\\.v1|'s)?\\.(md|png)", 2..9),
        mount in prop::sample::select(vec!["", "_Standards/Earth"]),
    ) {
        let settings = Settings {
            mount: Some(mount.to_owned()),
            ..Settings::default()
        };
        let mut vault = Vault::new(Arc::new(settings));
        vault.apply(paths.iter().cloned().map(Change::File));
        let files: Vec<FileId> = vault.files().iter().map(|file| file.0).collect();
        for &source in &files {
            for &target in &files {
                for format in [LinkFormat::Shortest, LinkFormat::Relative, LinkFormat::Absolute] {
                    for form in [crate::fact::Form::Wiki, crate::fact::Form::Markdown] {
                        let path = vault.linkpath(source, target, format, form);
                        let path = path.as_deref().unwrap_or("none");
                        let text = match form {
                            crate::fact::Form::Wiki => format!("[[{path}]]"),
                            _ => crate::link::markdown(path, "", "t", false),
                        };
                        let note = crate::note::Note::parse(&text, vault.symbols(), &vault.parse_options());
                        let found = vault.resolve(&note.links[0], source);
                        prop_assert_eq!(found, Target::File { file: target, ambiguous: false }, "{}", text);
                    }
                }
            }
        }
    }
}
