//! Words of the format: kinds of callouts, languages of code, states of tasks,
//! and the labels of footnotes and references.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::context::Words;
use super::{Item, ItemKind, List, Place, used};
use crate::fact::{LabelKind, RegionKind};
use crate::note::Note;
use crate::path::fold;
use crate::query::rank::{Typed, Way};
use crate::tally::{callouts, languages};

/// The kinds of callouts with their other names (M1).
const CALLOUTS: [(&str, &str); 27] = [
    ("note", ""),
    ("abstract", ""),
    ("summary", "abstract"),
    ("tldr", "abstract"),
    ("info", ""),
    ("todo", ""),
    ("tip", ""),
    ("hint", "tip"),
    ("important", "tip"),
    ("success", ""),
    ("check", "success"),
    ("done", "success"),
    ("question", ""),
    ("help", "question"),
    ("faq", "question"),
    ("warning", ""),
    ("caution", "warning"),
    ("attention", "warning"),
    ("failure", ""),
    ("fail", "failure"),
    ("missing", "failure"),
    ("danger", ""),
    ("error", "danger"),
    ("bug", ""),
    ("example", ""),
    ("quote", ""),
    ("cite", "quote"),
];
/// Languages that Obsidian colours, and blocks that its plugins read.
const LANGUAGES: [&str; 30] = [
    "bash",
    "c",
    "cpp",
    "csharp",
    "css",
    "dataview",
    "diff",
    "go",
    "html",
    "ini",
    "java",
    "javascript",
    "json",
    "kotlin",
    "latex",
    "leaflet",
    "lua",
    "markdown",
    "mermaid",
    "php",
    "python",
    "query",
    "r",
    "ruby",
    "rust",
    "sql",
    "swift",
    "toml",
    "typescript",
    "yaml",
];
/// States of tasks that themes show, and what they mean.
const TASKS: [(&str, &str); 7] = [
    (" ", "to do"),
    ("x", "done"),
    ("-", "cancelled"),
    ("/", "begun"),
    (">", "put off"),
    ("?", "in question"),
    ("!", "important"),
];

/// Words that match what was typed.
pub(super) fn words(place: &Place<'_>, note: &Note, words: Words, range: &Range<usize>) -> List {
    let rest = place.text.get(range.end..).unwrap_or("");
    let is_closed = rest.starts_with(']');
    let close = |word: &str, end: &str| {
        let end = if is_closed { "" } else { end };
        format!("{word}{end}")
    };
    let items: Vec<Item> = match words {
        Words::Callouts => {
            let known = CALLOUTS.map(|(word, of)| {
                let detail = if of.is_empty() {
                    String::new()
                } else {
                    format!("like {of}")
                };
                (word, detail)
            });
            let is_word = |word: &str| word.chars().all(|c| c.is_alphanumeric() || c == '-');
            merged(
                place,
                note,
                (RegionKind::Callout, callouts()),
                range,
                &known,
            )
            .filter(|item| is_word(&item.label))
            .map(|mut item| {
                item.new = close(&item.label, "] ");
                item
            })
            .collect()
        }
        Words::Languages => {
            let known = LANGUAGES.map(|word| (word, String::new()));
            merged(place, note, (RegionKind::Code, languages()), range, &known).collect()
        }
        Words::Tasks => TASKS
            .iter()
            .map(|(state, meaning)| {
                let mut item = Item::new(ItemKind::Word, format!("[{state}]"), close(state, "] "));
                (*meaning).clone_into(&mut item.detail);
                item.matched.clear();
                item
            })
            .collect(),
    };
    let items = matching(place.typed(range.start), items);
    match words {
        // Of a state there is but one letter.
        Words::Tasks => List::whole(range, items),
        _ => List::new(range, items),
    }
}

/// The words that the vault uses, those of most places first, then the known
/// ones with what is said of them. What is being written is no word yet.
fn merged<'k>(
    place: &Place<'_>,
    note: &Note,
    (kind, key): (RegionKind, u32),
    range: &Range<usize>,
    known: &'k [(&'static str, String)],
) -> impl Iterator<Item = Item> + use<'k> {
    let before = (range.start as u32).saturating_sub(1);
    let mut regions = note.regions.iter().rev();
    let own = regions.find(|region| region.kind == kind && region.range.contains(&before));
    let own = own.map(|region| region.info);
    let typed = place.typed(range.start);
    let (used, _) = used::words(place, note, key, typed, own);
    let mut seen = FxHashSet::default();
    let used: Vec<Item> = used
        .into_iter()
        .filter(|word| seen.insert(fold(&word.text)))
        .map(|word| {
            let mut item = Item::new(ItemKind::Word, &*word.text, &*word.text);
            item.detail = format!("{}{}", word.count, word.mark);
            item
        })
        .collect();
    let known = known.iter().filter(move |word| !seen.contains(word.0));
    used.into_iter().chain(known.map(|(word, detail)| {
        let mut item = Item::new(ItemKind::Word, *word, *word);
        item.detail.clone_from(detail);
        item
    }))
}

/// Labels of footnotes, or of reference definitions, that the note has.
pub(super) fn labels(
    place: &Place<'_>,
    note: &Note,
    kind: LabelKind,
    range: &Range<usize>,
) -> List {
    let is_closed = place.text.get(range.end..).unwrap_or("").starts_with(']');
    let close = if is_closed { "" } else { "]" };
    let labels = note.labels.iter().filter(|label| label.kind == kind);
    let items = labels.map(|label| {
        let id = place.vault.string(label.id);
        let source = place
            .text
            .get(label.range.start as usize..label.range.end as usize);
        let text = source
            .and_then(|source| source.split_once(':'))
            .unwrap_or_default()
            .1;
        let line = text.trim().lines().next().unwrap_or("");
        let mut item = Item::new(ItemKind::Label, &*id, format!("{id}{close}"));
        item.detail = line.chars().take(60).collect();
        item
    });
    List::new(range, matching(place.typed(range.start), items.collect()))
}

/// The items that match, best first; in their own order among equals.
pub(super) fn matching(typed: &str, items: Vec<Item>) -> Vec<Item> {
    let mut typed = Typed::new(typed);
    let ways = items.into_iter().filter_map(|item| {
        let name = if item.matched.is_empty() {
            &item.label
        } else {
            &item.matched
        };
        let way = if typed.is_empty() {
            Some(Way::Prefix)
        } else {
            typed.matches(name)
        };
        Some((way?, item))
    });
    let mut ways: Vec<(Way, Item)> = ways.collect();
    ways.sort_by_key(|found| found.0);
    ways.into_iter().map(|found| found.1).collect()
}
