//! Completion: an item that is accepted leads to what it names, and no place
//! of any text is too odd to ask at.

use std::sync::Arc;

use proptest::prelude::*;

use super::filter::is_kept;
use super::{ItemKind, MAX_ITEMS, Place, completion};
use crate::change::Change;
use crate::daily::{Daily, Pattern};
use crate::digest::Parsed;
use crate::edit::applied;
use crate::fact::Link;
use crate::index::FileId;
use crate::link;
use crate::query::NoTexts;
use crate::settings::{LinkFormat, Settings};
use crate::vault::Vault;

pub(super) fn put(vault: &mut Vault, path: &str, text: &str) -> FileId {
    let parsed = Parsed::open(text, vault.symbols(), &vault.parse_options());
    vault.apply([Change::Note(path.to_owned(), Some(parsed))]);
    vault.find(path).unwrap()
}

pub(super) fn ask(vault: &Vault, file: FileId, text: &str, offset: usize) -> Option<super::List> {
    completion(&Place {
        vault,
        file,
        text,
        offset: offset as u32,
        recent: &[],
        today: jiff::civil::date(2024, 1, 31),
        texts: &NoTexts,
        stop: &|| false,
    })
}

/// The text with an item accepted, as a client does it.
pub(super) fn accepted(text: &str, list: &super::List, index: usize) -> String {
    let item = &list.items[index];
    let mut edits = item.additional.clone();
    edits.push((list.replace.clone(), item.new.clone()));
    edits.sort_by_key(|edit| edit.0.start);
    for pair in edits.windows(2) {
        assert!(pair[0].0.end <= pair[1].0.start, "{edits:?}");
    }
    applied(text, &edits)
}

/// The labels of the items at the end of a note, and whether there are more.
fn offered(vault: &mut Vault, path: &str, text: &str) -> (Vec<String>, bool) {
    let file = put(vault, path, text);
    vault.set_complete();
    let list = ask(vault, file, text, text.len()).unwrap();
    let labels = list.items.into_iter().map(|item| item.label);
    (labels.collect(), list.is_incomplete)
}

#[test]
fn names_that_do_not_fit_hide_no_others() {
    let mut vault = Vault::default();
    let others = (0..2_000).map(|n| Change::File(format!("x/ro{n}.md")));
    vault.apply(others.chain([Change::File("Places/Rome, the old one.md".to_owned())]));
    let found = offered(&mut vault, "a.md", "[[Places/ro");
    assert_eq!(found, (vec!["Rome, the old one".to_owned()], false));
    let found = offered(&mut vault, "a.md", "[[ro");
    assert_eq!((found.0.len(), found.1), (MAX_ITEMS, true));
    let images = (0..200).map(|n| Change::File(format!("img{n}.png")));
    vault.apply(images.chain([Change::File("Is my garden.md".to_owned())]));
    let found = offered(&mut vault, "a.md", "[[img");
    assert_eq!(
        found,
        (vec!["Is my garden".to_owned(), "img".to_owned()], false)
    );
}

#[test]
fn a_list_says_that_there_are_more() {
    let mut vault = Vault::default();
    let lines = |count: usize, line: &dyn Fn(usize) -> String| -> String {
        (0..count).map(|n| line(n) + "\n\n").collect()
    };
    let paragraphs = lines(MAX_ITEMS + 1, &|n| format!("Paragraph {n}"));
    let found = offered(&mut vault, "a.md", &format!("{paragraphs}[[#^para"));
    assert_eq!((found.0.len(), found.1), (MAX_ITEMS, true));
    let found = offered(&mut vault, "a.md", &format!("{paragraphs}[[#^100"));
    assert_eq!(found, (vec!["Paragraph 100".to_owned()], false));
    let fields = lines(MAX_ITEMS + 1, &|n| format!("key:: [[n{n:03}]]"));
    let notes = (0..=MAX_ITEMS).map(|n| Change::File(format!("n{n:03}.md")));
    vault.apply(notes);
    put(&mut vault, "b.md", &fields);
    let found = offered(&mut vault, "a.md", "[key:: n");
    assert_eq!((found.0.len(), found.1), (MAX_ITEMS, true));
    let found = offered(&mut vault, "a.md", "[key:: n100");
    assert_eq!(found, (vec!["n100".to_owned()], false));
}

#[test]
fn of_many_names_that_no_note_has_the_first_are_offered() {
    let mut vault = Vault::default();
    let links: Vec<String> = (0..2_000).map(|n| format!("[[ro{n:04}]]")).collect();
    put(&mut vault, "b.md", &links.join(" "));
    vault.apply([Change::File("Ravioli, old.md".to_owned())]);
    let (labels, is_cut) = offered(&mut vault, "a.md", "[[ro");
    assert_eq!((labels.len(), is_cut), (MAX_ITEMS, true));
    assert_eq!((&*labels[0], &*labels[99]), ("ro0000", "ro0099"));
    let found = offered(&mut vault, "a.md", "[[ro1999");
    assert_eq!(found, (vec!["ro1999".to_owned()], false));
}

#[test]
fn long_notes_are_answered_in_time_and_in_part() {
    let mut vault = Vault::default();
    let text = format!("{}[[#h", "# H\n## H\n".repeat(20_000));
    let found = offered(&mut vault, "a.md", &text);
    assert!(found.1, "{:?}", found.0.len());
    let file = vault.find("a.md").unwrap();
    let place = Place {
        vault: &vault,
        file,
        text: &text,
        offset: text.len() as u32,
        recent: &[],
        today: jiff::civil::date(2024, 1, 31),
        texts: &NoTexts,
        stop: &|| true,
    };
    assert_eq!(completion(&place).unwrap().items, []);
}

#[test]
fn keys_that_nobody_reads_are_marked() {
    let mut vault = Vault::default();
    put(&mut vault, "b.md", "---\ntag: x\ntags: y\n---\n");
    let text = "---\nta\n---\n";
    let file = put(&mut vault, "a.md", text);
    vault.set_complete();
    let list = ask(&vault, file, text, 6).unwrap();
    let keys = list
        .items
        .iter()
        .map(|item| (&*item.label, item.deprecated));
    assert_eq!(keys.collect::<Vec<_>>(), [("tag", true), ("tags", false)]);
}

#[test]
fn headings_of_all_notes_hide_behind_no_other_names() {
    let mut vault = Vault::default();
    let notes = (0..500).map(|n| Change::File(format!("x/Old {n}.md")));
    vault.apply(notes);
    put(&mut vault, "b.md", "## Old town\n## Input/Output\n");
    for (typed, wanted) in [("old", "Old town"), ("Input/O", "Input/Output")] {
        let found = offered(&mut vault, "a.md", &format!("[[##{typed}"));
        assert_eq!(found.0, [wanted], "{typed}");
    }
    assert_eq!(offered(&mut vault, "a.md", "[[##").0.len(), 2);
}

#[test]
fn days_lead_to_their_notes() {
    let settings = |folder: &str, is_set| {
        let daily = Daily {
            folder: folder.to_owned(),
            pattern: Pattern::new("YYYY-MM-DD").unwrap(),
            is_set,
        };
        Arc::new(Settings {
            daily: Some(daily),
            ..Settings::default()
        })
    };
    // It is a Wednesday.
    let days = |settings, typed: &str| {
        let mut vault = Vault::new(settings);
        let text = format!("[[{typed}");
        put(&mut vault, "_private/2024-02-05.md", "");
        let file = put(&mut vault, "_Standards/a.md", &text);
        vault.set_complete();
        let list = ask(&vault, file, &text, text.len()).unwrap();
        let items = list.items.iter().map(|item| {
            let missing = item.kind == ItemKind::Missing;
            (item.label.clone(), item.new.clone(), missing)
        });
        items
            .filter(|item| item.1 != format!("{typed}]]"))
            .collect::<Vec<_>>()
    };
    let item = |name: &str, link: &str, missing| (name.to_owned(), link.to_owned(), missing);
    let found = days(settings("", true), "T");
    let expected = [
        item("today", "2024-01-31]]", true),
        item("tomorrow", "2024-02-01]]", true),
        item("thursday", "2024-02-01]]", true),
        item("tuesday", "2024-02-06]]", true),
    ];
    assert_eq!(found, expected);
    let found = days(settings("x", true), "wed");
    assert_eq!(
        found,
        [item("wednesday", "x/2024-02-07|2024-02-07]]", true)]
    );
    let found = days(settings("", true), "last s");
    let expected = [
        item("last saturday", "2024-01-27]]", true),
        item("last sunday", "2024-01-28]]", true),
    ];
    assert_eq!(found, expected);
    // One that is not there, and one whose name is not for this note.
    assert_eq!(days(settings("", false), "mon"), []);
    assert_eq!(days(settings("_private", true), "next m"), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn an_accepted_link_leads_to_what_it_names(
        paths in prop::collection::btree_set("(x/|y/|x/y/|Ä/)?[ab]( d|\\.v1|'s|,\"|:c|%|\\|p|\\(o\\)|\\)|#h|\\])?\\.(md|png)", 2..8),
        markdown in any::<bool>(),
        format in prop::sample::select(vec![LinkFormat::Shortest, LinkFormat::Relative, LinkFormat::Absolute]),
        lead in prop::sample::select(vec!["", "😀 ", "> ", "- ", "| a |\n|---|\n| ", "---\nup: ", "---\nup: \"", "---\nup:\n  - '", "---\nup:", "---\nup:\"", "---\nup:\n  -'", "---\nup:\n  -"]),
        closes in any::<bool>(),
        link in prop::sample::select(vec!["[[", "![[", "[[x/", "[[a", "[[/", "[[./", "[[../"]),
        tail in prop::sample::select(vec!["", "]]", "]", "|x]]", "#H]]", " and", "|the \"it\"]]", "|it's]]", "|it's \"it\"]]"]),
    ) {
        let mut settings = Settings::default();
        settings.obsidian.new_link_format = format;
        settings.obsidian.use_markdown_links = markdown;
        let mut vault = Vault::new(Arc::new(settings));
        vault.apply(paths.iter().cloned().map(Change::File));
        let quote = if lead.ends_with('"') { "\"" } else if lead.ends_with('\'') { "'" } else { "" };
        let is_property = lead.starts_with("---");
        let end = if is_property { "\n---\n" } else { "\n" };
        let tail = quote.chars().next().map_or(tail.to_owned(), |quote| link::yaml(tail, Some(quote)));
        let close = if closes { quote } else { "" };
        let text = format!("{lead}{link}{tail}{close}{end}");
        let offset = lead.len() + link.len();
        let file = put(&mut vault, "x/note.md", &text);
        vault.set_complete();
        let list = ask(&vault, file, &text, offset).unwrap();
        prop_assert!(list.replace.start as usize <= offset && offset <= list.replace.end as usize);
        for (index, item) in list.items.iter().enumerate() {
            let Some((target, _)) = item.target.clone() else { continue };
            prop_assert!(matches!(item.kind, ItemKind::Note | ItemKind::File));
            let after = accepted(&text, &list, index);
            let mut vault = vault.clone();
            let file = put(&mut vault, "x/note.md", &after);
            let note = vault.note(file).unwrap();
            let found = note.links.iter().find(|own| !own.is(Link::EXTERNAL));
            let found = found.and_then(|own| vault.resolve(own, file).file());
            // A property with more than a link is a text, or none at all.
            let is_broken = is_property && tail == " and";
            prop_assert!(is_broken || found == Some(target), "{after:?} to {:?}", vault.path(target));
        }
    }

    #[test]
    fn no_place_is_too_odd(text in "(\\[|\\]|\\(|\\)|#|\\^|\\||!|`|:|-|>|a|é|😀| |\"|'|\n|\r\n|---\n|tags|\\{|/|<|x: ){0,40}") {
        let mut vault = Vault::new(Arc::default());
        put(&mut vault, "a b/é.md", "# H\n^x\n#tag/é [k:: v]\n");
        let file = put(&mut vault, "n.md", &text);
        vault.set_complete();
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let Some(list) = ask(&vault, file, &text, offset) else { continue };
            let replaced = &text[list.replace.start as usize..list.replace.end as usize];
            prop_assert!(!replaced.contains(['\n', '\r']), "{replaced:?}");
            prop_assert!(list.replace.start as usize <= offset && offset <= list.replace.end as usize);
            let typed = text[list.replace.start as usize..offset].trim_start();
            for (index, item) in list.items.iter().enumerate() {
                prop_assert!(is_kept(typed, &item.matched), "{typed:?}, {item:?}");
                accepted(&text, &list, index);
            }
        }
    }
}
