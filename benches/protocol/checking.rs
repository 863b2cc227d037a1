//! Diagnostics: asked for, pushed, and of the whole vault.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::address;
use crate::editor::{Editor, Page};
use crate::sample::Sample;
use crate::times::report;

/// Documents that are open.
const OPEN: usize = 10;
/// The server lets changes settle for this long before it pushes.
const SETTLE: Duration = Duration::from_millis(120);
/// Somebody who types quickly needs this long from one key to the next.
const KEY: Duration = Duration::from_millis(30);
/// Letters that are typed for the completion that nothing else is in the way of.
const ALONE: usize = 200;

struct Opened<'a> {
    notes: Vec<(&'a Path, String)>,
    /// The ids of their reports.
    reports: Vec<Value>,
}

impl Opened<'_> {
    fn pull(&mut self, editor: &mut Editor, at: usize) -> Duration {
        let previous = json!({"previousResultId": self.reports[at]});
        let (time, answer) = editor.ask("diagnostic", self.notes[at].0, previous);
        self.reports[at] = answer["resultId"].clone();
        time
    }
}

fn open<'a>(editor: &mut Editor, sample: &'a Sample) -> Opened<'a> {
    let notes = sample.notes.iter().take(OPEN);
    let notes: Vec<_> = notes
        .map(|note| (note.as_path(), editor.open(note)))
        .collect();
    let reports = vec![json!("none"); notes.len()];
    Opened { notes, reports }
}

/// Pulls of open notes.
pub(crate) fn open_notes(sample: &Sample) {
    let mut editor = Editor::ready(sample, true, "open");
    let mut opened = open(&mut editor, sample);
    let count = opened.notes.len();
    for at in 0..count {
        opened.pull(&mut editor, at);
    }
    let times = (0..200).map(|round| opened.pull(&mut editor, round % count));
    report("pull of what did not change", times.collect());
    let (first, text) = opened.notes[0].clone();
    let end = text.matches('\n').count();
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for _ in 0..100 {
        editor.letter(first, end);
        own.push(opened.pull(&mut editor, 0));
        others.extend((1..count).map(|at| opened.pull(&mut editor, at)));
    }
    report("pull behind a keystroke", own);
    report("… of the other open notes", others);
    let broken = |number| format!("\n[[Unknown thing {number} here]]");
    let broken: String = (0..8).map(broken).collect();
    editor.replace(first, &(text + &broken + "\n\n"));
    let times = (0..100).map(|_| {
        editor.letter(first, end + 10);
        opened.pull(&mut editor, 0)
    });
    report("… in a note with 8 broken links", times.collect());
}

/// Lists that are pushed, from the keystroke on and beyond the time for which
/// changes are let settle.
pub(crate) fn pushed(sample: &Sample) {
    let mut editor = Editor::ready(sample, false, "open");
    let opened = open(&mut editor, sample);
    let (first, text) = &opened.notes[0];
    // What is pushed because they were opened.
    std::thread::sleep(Duration::from_secs(1));
    editor.client.shown();
    let times = (0..25).map(|round| {
        let begin = Instant::now();
        editor.replace(first, &format!("{text}\n[[Nothing {round} of it]]\n"));
        until_pushed(&mut editor, &[first]);
        begin.elapsed().saturating_sub(SETTLE)
    });
    report("pushed, beyond 120 ms", times.collect());
    let name = first.file_stem().and_then(|name| name.to_str()).unwrap();
    let others: Vec<&Path> = opened.notes[1..].iter().map(|note| note.0).collect();
    for (note, text) in &opened.notes[1..] {
        editor.replace(note, &format!("{text}\n[[{name}#Flip]]\n"));
    }
    std::thread::sleep(Duration::from_secs(1));
    editor.client.shown();
    let times = (0..20).map(|round| {
        let begin = Instant::now();
        let heading = if round % 2 == 0 { "# Flip" } else { "" };
        editor.replace(first, &format!("{text}\n{heading}\n"));
        until_pushed(&mut editor, &others);
        begin.elapsed().saturating_sub(SETTLE)
    });
    report("… to 9 other notes whose links it mends", times.collect());
}

fn until_pushed(editor: &mut Editor, notes: &[&Path]) {
    let mut waiting: HashSet<String> = notes.iter().map(|note| address(note)).collect();
    while !waiting.is_empty() {
        let pushed = |message: &Value| {
            let uri = message["params"]["uri"].as_str().unwrap_or_default();
            message["method"] == "textDocument/publishDiagnostics" && waiting.contains(uri)
        };
        let message = editor.client.wait_for("diagnostics", pushed);
        waiting.remove(message["params"]["uri"].as_str().unwrap_or_default());
    }
}

/// All notes, once with nothing else to do and once while links are written.
pub(crate) fn whole_vault(sample: &Sample) {
    let mut editor = Editor::ready(sample, true, "vault");
    let page = Page::open(&mut editor, sample);
    let begin = Instant::now();
    let whole = ask_for_all(&mut editor);
    editor.client.wait(whole).unwrap();
    let time = begin.elapsed();
    let parts = parts(&editor);
    let bytes: usize = parts.iter().map(|part| part.to_string().len()).sum();
    let count = parts.len();
    println!(
        "  diagnostics of all notes                    {time:>12.1?}  {count} parts, {bytes} bytes"
    );
    drop(editor);

    let mut editor = Editor::ready(sample, true, "vault");
    editor.open(&page.note);
    let names: Vec<String> = sample.names().collect();
    let typed = names.iter().flat_map(|name| {
        let ends = name.char_indices().map(|(at, _)| at).take(4);
        ends.map(|end| &name[..end])
    });
    let mut typed = typed.cycle();
    let mut key = |editor: &mut Editor| {
        std::thread::sleep(KEY);
        page.complete(editor, typed.next().unwrap_or_default()).0
    };
    let alone = (0..ALONE).map(|_| key(&mut editor)).collect();
    report("completion, typed steadily", alone);
    let begin = Instant::now();
    let whole = ask_for_all(&mut editor);
    let mut meanwhile = Vec::new();
    while editor.client.is_waiting(whole) {
        meanwhile.push(key(&mut editor));
    }
    editor.client.wait(whole).unwrap();
    let time = begin.elapsed();
    report("… while diagnostics of all notes come", meanwhile);
    println!("  those, meanwhile                            {time:>12.1?}");
}

fn ask_for_all(editor: &mut Editor) -> i64 {
    editor.client.notifications.clear();
    let params = json!({"previousResultIds": [], "partialResultToken": "all"});
    editor.client.ask("workspace/diagnostic", params)
}

fn parts(editor: &Editor) -> Vec<&Value> {
    let sent = editor.client.notifications.iter();
    sent.filter(|message| message["params"]["token"] == "all")
        .collect()
}
