//! An editor with documents in which something is typed.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, able, address};
use crate::sample::Sample;

/// An editor, and the version of the last change in it.
pub(crate) struct Editor {
    pub(crate) client: Client,
    version: i32,
}

impl Editor {
    /// An editor that has opened the folder, but not yet heard that it was read.
    pub(crate) fn start(sample: &Sample, pulls: bool, diagnostics: &str) -> Self {
        let mut client = Client::spawn();
        let mut capabilities = able();
        let document = &mut capabilities["textDocument"];
        document["completion"] = json!({
            "completionItem": {"insertReplaceSupport": true, "labelDetailsSupport": true},
            "completionList": {"itemDefaults": ["editRange"]},
        });
        document["publishDiagnostics"] = json!({"versionSupport": true});
        if pulls {
            document["diagnostic"] = json!({});
        }
        client.settings = json!({"diagnostics": diagnostics});
        client.initialize(json!({
            "rootUri": address(&sample.folder),
            "capabilities": capabilities,
            "initializationOptions": {"diagnostics": diagnostics},
        }));
        Self { client, version: 1 }
    }

    /// The same, once all notes were read.
    pub(crate) fn ready(sample: &Sample, pulls: bool, diagnostics: &str) -> Self {
        let mut editor = Self::start(sample, pulls, diagnostics);
        editor.client.wait_until_read();
        editor
    }

    /// Opens a note with its text from the disk, and gives that.
    pub(crate) fn open(&mut self, note: &Path) -> String {
        let text = std::fs::read_to_string(note).unwrap();
        self.client.open(note, &text);
        text
    }

    fn change(&mut self, note: &Path, change: Value) {
        self.version += 1;
        let document = json!({"uri": address(note), "version": self.version});
        let params = json!({"textDocument": document, "contentChanges": [change]});
        self.client.notify("textDocument/didChange", params);
    }

    /// Replaces the text of a document.
    pub(crate) fn replace(&mut self, note: &Path, text: &str) {
        self.change(note, json!({"text": text}));
    }

    /// Types a letter at the end of a line.
    pub(crate) fn letter(&mut self, note: &Path, line: usize) {
        let end = json!({"line": line, "character": 100_000});
        let range = json!({"start": end, "end": end});
        self.change(note, json!({"range": range, "text": "x"}));
    }

    /// The answer to a request of a document, and how long it took.
    pub(crate) fn ask(&mut self, method: &str, note: &Path, rest: Value) -> (Duration, Value) {
        let mut params = rest;
        params["textDocument"] = json!({"uri": address(note)});
        self.request(&format!("textDocument/{method}"), params)
    }

    /// The answer to a request, and how long it took.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> (Duration, Value) {
        let begin = Instant::now();
        let answer = self.client.request(method, params).unwrap();
        (begin.elapsed(), answer)
    }

    /// How long the answers to a request took that is made so many times.
    pub(crate) fn times(
        &mut self,
        count: usize,
        method: &str,
        note: &Path,
        rest: &Value,
    ) -> Vec<Duration> {
        let ask = |_| self.ask(method, note, rest.clone()).0;
        (0..count).map(ask).collect()
    }
}

/// Parameters for a position.
pub(crate) fn at(line: usize, character: usize) -> Value {
    json!({"position": {"line": line, "character": character}})
}

/// A note in which links are typed: a usual text, and an open link below it.
pub(crate) struct Page {
    pub(crate) note: PathBuf,
    text: String,
    line: usize,
}

impl Page {
    /// Opens the page in an editor.
    pub(crate) fn open(editor: &mut Editor, sample: &Sample) -> Self {
        let note = sample.notes[0].clone();
        let text = editor.open(&note) + "\n";
        let line = text.matches('\n').count();
        Self { note, text, line }
    }

    /// Types so much of a name behind `[[` and asks what could stand there. Of
    /// the time the change is no part, but what it makes the server do is.
    pub(crate) fn complete(&self, editor: &mut Editor, typed: &str) -> (Duration, Value) {
        editor.replace(&self.note, &format!("{}[[{typed}", self.text));
        let place = at(self.line, 2 + typed.chars().count());
        editor.ask("completion", &self.note, place)
    }
}
