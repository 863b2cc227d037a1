//! From the start to the first right answer; where links lead; the hub.

use std::time::Instant;

use serde_json::{Value, json};

use crate::client::address;
use crate::editor::{Editor, at};
use crate::sample::{Link, Sample};
use crate::times::report;

fn leads(answer: &Value, target: &str) -> bool {
    let uri = answer[0]["targetUri"].as_str().unwrap_or_default();
    let path = uri
        .parse()
        .ok()
        .and_then(|uri| vaultmark::convert::path(&uri));
    path.is_some_and(|path| path.file_name().is_some_and(|name| name == target))
}

fn definition(editor: &mut Editor, link: &Link) -> (std::time::Duration, Value) {
    editor.ask("definition", &link.note, at(link.line, link.character))
}

/// Starts a server and asks for a definition until the answer is right.
pub(crate) fn first(sample: &Sample) -> Editor {
    let begin = Instant::now();
    let mut editor = Editor::start(sample, true, "open");
    let link = &sample.links[0];
    editor.open(&link.note);
    while !leads(&definition(&mut editor, link).1, &link.target) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    println!(
        "  first right definition after                {:>12.1?}",
        begin.elapsed()
    );
    editor.client.wait_until_read();
    println!(
        "  all notes read after                        {:>12.1?}",
        begin.elapsed()
    );
    editor.client.close(&link.note);
    editor
}

/// Definitions as notes stand, and behind a letter.
pub(crate) fn links(editor: &mut Editor, sample: &Sample) {
    let (mut still, mut typed) = (Vec::new(), Vec::new());
    for link in &sample.links {
        editor.open(&link.note);
        // The note is parsed when it is first asked for.
        definition(editor, link);
        let (time, answer) = definition(editor, link);
        assert!(leads(&answer, &link.target), "{answer}");
        still.push(time);
        editor.letter(&link.note, link.line);
        typed.push(definition(editor, link).0);
        editor.client.close(&link.note);
    }
    report("definition", still);
    report("… behind a letter in the same note", typed);
}

/// What many notes link to.
pub(crate) fn hub(editor: &mut Editor, sample: &Sample) {
    let (hub, count) = &sample.hub;
    editor.open(hub);
    let start = at(0, 0);
    let mut references = start.clone();
    references["context"] = json!({"includeDeclaration": false});
    let times = editor.times(9, "references", hub, &references);
    report(&format!("references of the hub ({count} notes)"), times);
    let mut rename = start.clone();
    rename["newName"] = json!("A name of none");
    let times = editor.times(5, "rename", hub, &rename);
    report("rename of the hub", times);
    report(
        "code lenses of the hub",
        editor.times(9, "codeLens", hub, &json!({})),
    );
    let lenses = editor.ask("codeLens", hub, json!({})).1;
    let lens = lenses[0].clone();
    let times = (0..9).map(|_| editor.request("codeLens/resolve", lens.clone()).0);
    report("… counting its backlinks", times.collect());
    let items = editor.ask("prepareCallHierarchy", hub, start).1;
    let calls = json!({"item": items[0]});
    let times = (0..9).map(|_| {
        let method = "callHierarchy/incomingCalls";
        editor.request(method, calls.clone()).0
    });
    report("incoming calls of the hub", times.collect());
    editor.client.notify(
        "textDocument/didClose",
        json!({"textDocument": {"uri": address(hub)}}),
    );
}
