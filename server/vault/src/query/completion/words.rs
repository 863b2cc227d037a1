//! Words of the format: kinds of callouts, languages of code, states of tasks,
//! and the labels of footnotes and references.

use std::ops::Range;

use super::context::Words;
use super::{Item, ItemKind, List, Place};
use crate::fact::LabelKind;
use crate::note::Note;
use crate::query::rank::{Typed, Way};

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
pub(super) fn words(place: &Place<'_>, words: Words, range: &Range<usize>) -> List {
    let rest = place.text.get(range.end..).unwrap_or("");
    let is_closed = rest.starts_with(']');
    let close = |word: &str, end: &str| {
        let end = if is_closed { "" } else { end };
        format!("{word}{end}")
    };
    let items: Vec<Item> = match words {
        Words::Callouts => CALLOUTS
            .iter()
            .map(|(word, of)| {
                let mut item = Item::new(ItemKind::Word, *word, close(word, "] "));
                if !of.is_empty() {
                    item.detail = format!("like {of}");
                }
                item
            })
            .collect(),
        Words::Languages => LANGUAGES
            .iter()
            .map(|word| Item::new(ItemKind::Word, *word, *word))
            .collect(),
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
    List::new(range, matching(place.typed(range.start), items))
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
