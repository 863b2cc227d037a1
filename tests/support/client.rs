//! A client of the real binary. It fails loudly: an answer too many, none at
//! all, or one that is no message ends the test.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    last_id: i64,
    /// Requests without an answer so far.
    open: Vec<i64>,
    answers: BTreeMap<i64, Value>,
    pub(crate) notifications: Vec<Value>,
    /// Requests of the server, by method.
    pub(crate) asked: Vec<String>,
    /// The same requests, whole.
    pub(crate) requests: Vec<Value>,
    /// What they are answered, by method; null if nothing stands here.
    pub(crate) replies: BTreeMap<&'static str, Value>,
    /// Requests of the server that are not answered at once, by method.
    pub(crate) thinking_about: Vec<&'static str>,
    /// What `workspace/configuration` is answered.
    pub(crate) settings: Value,
}

/// Capabilities of an editor that can do all that matters here.
pub(crate) fn able() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-32"]},
        "window": {"workDoneProgress": true},
        "workspace": {
            "didChangeWatchedFiles": {"dynamicRegistration": true},
            "workspaceFolders": true,
            "applyEdit": true,
            "workspaceEdit": {"documentChanges": true, "resourceOperations": ["create", "rename", "delete"]},
            "fileOperations": {"willRename": true, "didRename": true, "willDelete": true},
        },
        "textDocument": {
            "codeAction": {
                "codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}},
                "dataSupport": true,
                "resolveSupport": {"properties": ["edit"]},
            },
            "definition": {"linkSupport": true},
            "hover": {"contentFormat": ["markdown", "plaintext"]},
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": true},
        },
    })
}

pub(crate) fn address(path: &Path) -> String {
    vaultmark::convert::uri(path).unwrap().to_string()
}

impl Client {
    /// A server that has been started and told nothing.
    pub(crate) fn spawn() -> Self {
        Self::run(&mut Command::new(env!("CARGO_BIN_EXE_vaultmark")))
    }

    /// The same for a user whose home is `home`.
    pub(crate) fn spawn_at_home(home: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vaultmark"));
        Self::run(command.env("HOME", home).env("USERPROFILE", home))
    }

    fn run(command: &mut Command) -> Self {
        let mut child = command
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            loop {
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    if output.read_line(&mut line).unwrap_or(0) == 0 {
                        return;
                    }
                    match line.trim_end().split_once(": ") {
                        Some(("Content-Length", number)) => length = number.parse().unwrap(),
                        Some(other) => panic!("a header that is none: {other:?}"),
                        None => break,
                    }
                }
                let mut body = vec![0; length];
                output.read_exact(&mut body).unwrap();
                let message: Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(message["jsonrpc"], "2.0", "{message}");
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            input,
            messages,
            last_id: 0,
            open: Vec::new(),
            answers: BTreeMap::new(),
            notifications: Vec::new(),
            asked: Vec::new(),
            requests: Vec::new(),
            replies: BTreeMap::from([("workspace/applyEdit", json!({"applied": true}))]),
            thinking_about: Vec::new(),
            settings: Value::Null,
        }
    }

    /// A server that serves `root` to an able editor and has read its notes.
    pub(crate) fn start(root: &Path) -> Self {
        let mut client = Self::spawn();
        client.initialize(json!({"rootUri": address(root), "capabilities": able()}));
        client.wait_until_read();
        client
    }

    pub(crate) fn initialize(&mut self, mut params: Value) -> Value {
        if params.get("processId").is_none() {
            params["processId"] = json!(std::process::id());
        }
        let answer = self.request("initialize", params).unwrap();
        self.notify("initialized", json!({}));
        answer
    }

    /// Waits until the progress of reading the vault has ended.
    pub(crate) fn wait_until_read(&mut self) {
        self.wait_for("the end of reading", |message| {
            message["method"] == "$/progress" && message["params"]["value"]["kind"] == "end"
        });
    }

    pub(crate) fn wait_for(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let before = self.notifications.len();
            self.receive(what);
            for message in &self.notifications[before..] {
                if wanted(message) {
                    return message.clone();
                }
            }
        }
    }

    /// The message to the user that holds these words, which came or will come.
    pub(crate) fn told(&mut self, words: &str) -> String {
        let text = |message: &Value| message["params"]["message"].as_str().map(str::to_owned);
        let is_it = |message: &Value| text(message).is_some_and(|text| text.contains(words));
        let came = self.notifications.iter().find(|message| is_it(message));
        let message = match came {
            Some(message) => message.clone(),
            None => self.wait_for(words, is_it),
        };
        text(&message).unwrap_or_default()
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request without waiting; see [`Client::wait`].
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.last_id += 1;
        let id = self.last_id;
        self.open.push(id);
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Whether a request has no answer yet.
    pub(crate) fn is_waiting(&self, id: i64) -> bool {
        self.open.contains(&id)
    }

    /// The answer to a request: the result, or the error.
    pub(crate) fn wait(&mut self, id: i64) -> Result<Value, Value> {
        while !self.answers.contains_key(&id) {
            self.receive("an answer");
        }
        let mut answer = self.answers.remove(&id).unwrap();
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["result"].take()),
        }
    }

    pub(crate) fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.wait(id)
    }

    /// Takes one message. What the server asks is answered.
    pub(crate) fn receive(&mut self, what: &str) {
        let message = self.messages.recv_timeout(PATIENCE);
        let message = message.unwrap_or_else(|_| panic!("the server did not send {what}"));
        self.take(message);
    }

    fn take(&mut self, message: Value) {
        let Some(method) = message.get("method").and_then(Value::as_str) else {
            let id = message["id"].as_i64().unwrap_or(-1);
            if let Some(at) = self.open.iter().position(|&open| open == id) {
                self.open.remove(at);
            } else {
                assert_eq!(
                    message["id"],
                    Value::Null,
                    "an answer to nothing: {message}"
                );
            }
            self.answers.insert(id, message);
            return;
        };
        let Some(id) = message.get("id") else {
            self.notifications.push(message);
            return;
        };
        let result = match method {
            "workspace/configuration" => json!([self.settings]),
            _ => self.replies.get(method).cloned().unwrap_or_default(),
        };
        let id = id.clone();
        let is_thinking = self.thinking_about.contains(&method);
        self.asked.push(method.to_owned());
        self.requests.push(message);
        if !is_thinking {
            self.reply(&id, &result);
        }
    }

    /// Answers a request of the server.
    pub(crate) fn reply(&mut self, id: &Value, result: &Value) {
        let answer = json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{answer}", answer.len());
        if let Some(input) = &mut self.input {
            // The server may have ended meanwhile.
            let _ = input.write_all(frame.as_bytes());
        }
    }

    /// The answer to something that had no id.
    pub(crate) fn wait_for_refusal(&mut self) -> Value {
        self.wait(-1).unwrap_err()
    }

    /// Drops refusals of messages that had no id.
    pub(crate) fn forget_refusals(&mut self) {
        self.answers.remove(&-1);
    }

    pub(crate) fn open(&mut self, path: &Path, text: &str) {
        let document =
            json!({"uri": address(path), "languageId": "markdown", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    pub(crate) fn close(&mut self, path: &Path) {
        let document = json!({"textDocument": {"uri": address(path)}});
        self.notify("textDocument/didClose", document);
    }

    /// Replaces the text of an open document.
    pub(crate) fn change(&mut self, path: &Path, text: &str) {
        self.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": address(path), "version": 2},
                "contentChanges": [{"text": text}],
            }),
        );
    }

    /// Tells of changes of files, of whatever kind.
    pub(crate) fn heard(&mut self, paths: &[&Path]) {
        let changes: Vec<Value> = paths
            .iter()
            .map(|path| json!({"uri": address(path), "type": 2}))
            .collect();
        self.notify(
            "workspace/didChangeWatchedFiles",
            json!({"changes": changes}),
        );
    }

    /// Opens and closes folders.
    pub(crate) fn folders(&mut self, added: &[&Path], removed: &[&Path]) {
        let folders = |paths: &[&Path]| -> Vec<Value> {
            let folder = |path: &&Path| json!({"uri": address(path), "name": "folder"});
            paths.iter().map(folder).collect()
        };
        let event = json!({"added": folders(added), "removed": folders(removed)});
        self.notify(
            "workspace/didChangeWorkspaceFolders",
            json!({"event": event}),
        );
    }

    /// The file names to which the link at a place leads, or that refer to it.
    pub(crate) fn files(&mut self, method: &str, path: &Path, at: (usize, usize)) -> Vec<String> {
        let found = self.at(method, path, at.0, at.1);
        let places = found.as_array().cloned().unwrap_or_default();
        let uri = |place: &Value| place.get("targetUri").unwrap_or(&place["uri"]).clone();
        let names = places.iter().map(|place| {
            let uri = uri(place).as_str().unwrap().to_owned();
            uri.rsplit('/').next().unwrap().to_owned()
        });
        names.collect()
    }

    /// Messages that were shown to the user, once all before this were sent.
    pub(crate) fn shown(&mut self) -> Vec<String> {
        // An answer comes behind what was sent before it.
        self.request("workspace/symbol", json!({"query": "-"}))
            .unwrap();
        let shown = self
            .notifications
            .iter()
            .filter(|message| message["method"] == "window/showMessage");
        shown
            .map(|message| message["params"]["message"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Asks something about a position of a document.
    pub(crate) fn at(&mut self, method: &str, path: &Path, line: usize, character: usize) -> Value {
        let params = json!({
            "textDocument": {"uri": address(path)},
            "position": {"line": line, "character": character},
            "context": {"includeDeclaration": false, "triggerKind": 1},
        });
        self.request(&format!("textDocument/{method}"), params)
            .unwrap()
    }

    /// Asks again until the answer is right, for changes that take their time.
    pub(crate) fn until(&mut self, what: &str, mut ask: impl FnMut(&mut Self) -> bool) {
        for _ in 0..400 {
            if ask(self) {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("{what} did not come about");
    }

    /// Says goodbye and gives the exit code.
    pub(crate) fn leave(&mut self) -> Option<i32> {
        self.request("shutdown", Value::Null).unwrap();
        self.notify("exit", Value::Null);
        self.exit_code()
    }

    /// Closes the input.
    pub(crate) fn hang_up(&mut self) {
        self.input = None;
    }

    /// The exit code, once the process has ended by itself.
    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        for _ in 0..400 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the server did not end");
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            while let Ok(message) = self.messages.recv_timeout(Duration::from_millis(1)) {
                self.take(message);
            }
        }
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            assert!(
                self.open.is_empty(),
                "requests without an answer: {:?}",
                self.open
            );
            assert!(
                self.answers.is_empty(),
                "answers that nobody read: {:?}",
                self.answers
            );
        }
    }
}
