//! Any bytes behind a good `initialize` leave the server standing: no thread
//! panics, it ends with its input, whatever it says is a message, and as long
//! as the client keeps to the protocol every request has one answer.
//!
//! The input is cut at the byte `0xff`, which is in no text. Each piece begins
//! with a letter that says what it is; see [`Client::send`].
#![no_main]

use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use vaultmark::frame::{self, Frame};

/// No input is so long that the server may take longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// The documents are no files, so that nothing depends on the disk.
const ADDRESSES: [&str; 2] = ["untitled:a", "untitled:b"];

/// What can be asked of a place or a document.
const METHODS: [&str; 9] = [
    "definition",
    "declaration",
    "implementation",
    "typeDefinition",
    "references",
    "documentHighlight",
    "hover",
    "documentLink",
    "documentSymbol",
];

fuzz_target!(|data: &[u8]| {
    let mut client = Client::new();
    for piece in data.split(|byte| *byte == 0xff) {
        client.send(piece);
    }
    let said = serve(client.input);
    let answers = answers(&said);
    // Refusals may overtake it.
    assert!(answers.contains(&json!(0)), "the initialization");
    if client.polite {
        let mut answers: Vec<i64> = answers.iter().filter_map(Value::as_i64).collect();
        answers.sort_unstable();
        assert!(answers.into_iter().eq(0..client.next), "one answer each");
    }
});

/// What a client sends.
struct Client {
    input: Vec<u8>,
    /// The id of the next request.
    next: i64,
    /// Whether all was sent as the protocol wants it.
    polite: bool,
}

impl Client {
    /// A client that has begun.
    fn new() -> Self {
        let mut client = Self {
            input: Vec::new(),
            next: 0,
            polite: true,
        };
        let capabilities = json!({
            "general": {"positionEncodings": ["utf-8", "utf-16"]},
            "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}},
            "textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": true}},
        });
        let params = json!({"processId": null, "rootUri": null, "capabilities": capabilities});
        client.request("initialize", &params);
        client.notify("initialized", &json!({}));
        client
    }

    /// Sends a piece: `o` opens a document, `c` changes it, `x` closes it, `q`
    /// asks, `s` looks for a symbol, `f` sends a frame of these bytes, and
    /// everything else goes out as it is.
    fn send(&mut self, piece: &[u8]) {
        let Some((kind, rest)) = piece.split_first() else {
            return;
        };
        let byte = |index: usize| rest.get(index).copied().unwrap_or_default();
        let uri = ADDRESSES[usize::from(byte(0)) % ADDRESSES.len()];
        let text = |from| String::from_utf8_lossy(rest.get(from..).unwrap_or_default());
        let at = |index| json!({"line": byte(index), "character": byte(index + 1)});
        match kind {
            b'o' => {
                let document =
                    json!({"uri": uri, "languageId": "markdown", "version": 1, "text": text(1)});
                self.notify("textDocument/didOpen", &json!({"textDocument": document}));
            }
            b'c' => {
                let change = json!({"range": {"start": at(1), "end": at(3)}, "text": text(5)});
                let document = json!({"uri": uri, "version": 1});
                let params = json!({"textDocument": document, "contentChanges": [change]});
                self.notify("textDocument/didChange", &params);
            }
            b'x' => {
                let params = json!({"textDocument": {"uri": uri}});
                self.notify("textDocument/didClose", &params);
            }
            b'q' => {
                let method = METHODS[usize::from(byte(1)) % METHODS.len()];
                let context = json!({"includeDeclaration": true});
                let params =
                    json!({"textDocument": {"uri": uri}, "position": at(2), "context": context});
                self.request(&format!("textDocument/{method}"), &params);
            }
            b's' => self.request("workspace/symbol", &json!({"query": text(0)})),
            b'f' => {
                self.polite = false;
                let head = format!("Content-Length: {}\r\n\r\n", rest.len());
                self.input.extend_from_slice(head.as_bytes());
                self.input.extend_from_slice(rest);
            }
            _ => {
                self.polite = false;
                self.input.extend_from_slice(piece);
            }
        }
    }

    fn notify(&mut self, method: &str, params: &Value) {
        let message = json!({"jsonrpc": "2.0", "method": method, "params": params});
        self.input.extend(frame::encode(&message));
    }

    fn request(&mut self, method: &str, params: &Value) {
        let id = self.next;
        self.next += 1;
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.input.extend(frame::encode(&message));
    }
}

/// Keeps what is written.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Serves a whole session and gives what the server wrote.
fn serve(input: Vec<u8>) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be had");
    let output = Output::default();
    let session = vaultmark::serve(Cursor::new(input), output.clone());
    let ended = runtime.block_on(async { tokio::time::timeout(PATIENCE, session).await });
    assert!(ended.is_ok(), "the server did not end");
    // A query that does not end would hold the process here.
    runtime.shutdown_timeout(PATIENCE);
    output.take()
}

/// The ids of the answers, in their order.
fn answers(said: &[u8]) -> Vec<Value> {
    let mut frames = frame::Reader::new(said);
    let mut ids = Vec::new();
    while let Some(frame) = frames.next_frame() {
        let Frame::Body(body) = frame else {
            panic!("what the server said is no frame");
        };
        let message: Value = serde_json::from_slice(&body).expect("a message is JSON");
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        if message.get("method").is_none() {
            ids.push(message["id"].clone());
        }
    }
    ids
}
