//! Names, tags, keys and values typed letter by letter, with a completion at each.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::editor::{Editor, Page, at};
use crate::sample::Sample;
use crate::times::report;

/// Letters that are typed of a name.
const LETTERS: usize = 14;
/// So many tags, keys or values are typed.
const MOST: usize = 200;

/// Types the names of notes behind `[[`.
pub(crate) fn names(editor: &mut Editor, sample: &Sample) {
    let page = Page::open(editor, sample);
    let (mut begun, mut typed, mut most) = (Vec::new(), Vec::new(), 0);
    for name in sample.names().step_by(3) {
        for (at, _) in name.char_indices().take(LETTERS) {
            let (time, answer) = page.complete(editor, &name[..at]);
            most = most.max(answer.to_string().len());
            let times = if at == 0 { &mut begun } else { &mut typed };
            times.push(time);
        }
    }
    report("completion behind [[", begun);
    report("… and at each further letter", typed);
    println!(
        "  the largest answer                          {:>9} KB",
        most / 1000
    );
    editor.client.close(&page.note);
}

/// Types tags in the text and properties in the frontmatter, as the notes of the
/// sample have them, and looks at what is offered.
pub(crate) fn words(editor: &mut Editor, sample: &Sample) {
    let page = Page::open(editor, sample);
    let texts = sample.notes.iter();
    let texts = texts.filter_map(|note| std::fs::read_to_string(note).ok());
    let texts: Vec<String> = texts.collect();
    let mut type_all = |words: BTreeSet<(String, String)>| {
        let mut times: Vec<Duration> = Vec::new();
        let mut last = Value::Null;
        for (before, word) in words.into_iter().take(MOST) {
            for (end, _) in word.char_indices().take(LETTERS) {
                let line = format!("{before}{}", &word[..end]);
                editor.replace(&page.note, &format!("---\n{line}\n---\n\n{line}\n"));
                let number = if before == "#" { 4 } else { 1 };
                let place = at(number, line.chars().count());
                let (time, answer) = editor.ask("completion", &page.note, place);
                times.push(time);
                last = answer;
            }
        }
        (times, last)
    };
    let properties = || {
        let lines = texts.iter().flat_map(|text| text.lines());
        lines
            .filter_map(|line| line.split_once(": "))
            .filter(|own| is_word(own.0))
    };
    let tags = texts.iter().flat_map(|text| text.split_whitespace());
    let tags = tags.filter_map(|word| word.strip_prefix('#').filter(|tag| is_word(tag)));
    report(
        "tags at each letter",
        type_all(tags.map(|tag| ("#".to_owned(), tag.to_owned())).collect()).0,
    );
    let keys = properties().map(|own| (String::new(), own.0.to_owned()));
    report(
        "keys of properties at each letter",
        type_all(keys.collect()).0,
    );
    let values = properties().map(|own| {
        let value = own.1.trim_start_matches(['"', '[']);
        (format!("{}: ", own.0), value.to_owned())
    });
    let (times, _) = type_all(values.collect());
    report("values of properties at each letter", times);
    let (_, answer) = page.complete(editor, "");
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    let times = items
        .into_iter()
        .map(|item| editor.request("completionItem/resolve", item).0);
    report("previews", times.collect());
    editor.client.close(&page.note);
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '/'))
}
