//! A note of 1 MB, put together of notes of the vault.

use serde_json::json;

use crate::editor::{Editor, at};
use crate::sample::Sample;
use crate::times::report;

const SIZE: usize = 1_000_000;
/// Each request is made so many times.
const TIMES: usize = 30;
/// Lines of a screen.
const SCREEN: usize = 60;

/// What is asked for while such a note is read and written.
pub(crate) fn note(editor: &mut Editor, sample: &Sample) {
    let mut text = String::new();
    for note in sample.notes.iter().cycle() {
        let own = std::fs::read_to_string(note).unwrap();
        let head = own
            .strip_prefix("---\n")
            .and_then(|rest| rest.split_once("\n---\n"));
        text.push_str(head.map_or(&own, |head| head.1));
        if text.len() > SIZE {
            break;
        }
    }
    let note = sample.folder.join("a note of 1 MB.md");
    editor.client.open(&note, &text);
    let lines = text.matches('\n').count();
    println!("  1 MB: {} links", text.matches("[[").count());
    let middle = lines / 2;
    let position = |line: usize| json!({"line": line, "character": 0});
    let range = json!({"range": {"start": position(middle), "end": position(middle + SCREEN)}});
    let nothing = json!({});
    for (name, method, rest) in [
        ("semantic tokens", "semanticTokens/full", &nothing),
        (
            "semantic tokens of a screenful",
            "semanticTokens/range",
            &range,
        ),
        ("inlay hints of a screenful", "inlayHint", &range),
        ("code lenses", "codeLens", &nothing),
        ("folds", "foldingRange", &nothing),
        (
            "selection",
            "selectionRange",
            &json!({"positions": [position(middle)]}),
        ),
        ("document symbols", "documentSymbol", &nothing),
    ] {
        // The first answer waits for the text to be parsed.
        editor.ask(method, &note, rest.clone());
        report(
            &format!("1 MB, {name}"),
            editor.times(TIMES, method, &note, rest),
        );
    }
    for (name, method, rest) in [
        ("definition behind a letter", "definition", &at(middle, 3)),
        (
            "document symbols behind a letter",
            "documentSymbol",
            &nothing,
        ),
    ] {
        let times = (0..TIMES).map(|_| {
            editor.letter(&note, middle);
            editor.ask(method, &note, rest.clone()).0
        });
        report(&format!("1 MB, {name}"), times.collect());
    }
    editor.client.close(&note);
}
