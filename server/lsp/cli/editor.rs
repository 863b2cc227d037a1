//! A small editor: the client side of the protocol, for the tour.

use std::io::{BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::convert;
use crate::frame::{self, Frame};

/// A server that runs as a child, and this side of the conversation.
#[derive(Debug)]
pub struct Editor {
    child: Child,
    input: ChildStdin,
    output: frame::Reader<BufReader<ChildStdout>>,
    last_id: u64,
    reading: bool,
}

impl Editor {
    /// Starts `program lsp` for a folder and waits until it has read the notes.
    ///
    /// # Errors
    /// When the server cannot be started or does not speak the protocol.
    pub fn start(program: &Path, folder: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("the server has no input or output");
        };
        let output = frame::Reader::new(BufReader::new(output));
        let mut editor = Self {
            child,
            input,
            output,
            last_id: 0,
            reading: true,
        };
        editor.request(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": address(folder)?,
                "capabilities": {
                    "general": {"positionEncodings": ["utf-8"]},
                    "window": {"workDoneProgress": true},
                    "textDocument": {
                        "definition": {"linkSupport": true},
                        "hover": {"contentFormat": ["markdown"]},
                        "documentSymbol": {"hierarchicalDocumentSymbolSupport": true},
                    },
                },
            }),
        )?;
        editor.notify("initialized", &json!({}))?;
        while editor.reading {
            editor.receive()?;
        }
        Ok(editor)
    }

    /// Sends a notification.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn notify(&mut self, method: &str, params: &Value) -> Result<()> {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    /// Sends a request and waits for the answer.
    ///
    /// # Errors
    /// When the server is gone or answers with an error.
    pub fn request(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        loop {
            let mut message = self.receive()?;
            if message.get("method").is_none() && message.get("id") == Some(&json!(id)) {
                if let Some(error) = message.get("error") {
                    bail!("{method}: {error}");
                }
                return Ok(message["result"].take());
            }
        }
    }

    /// Says goodbye and gives the exit code of the server.
    ///
    /// # Errors
    /// When the server is gone already.
    pub fn leave(mut self) -> Result<Option<i32>> {
        self.request("shutdown", &Value::Null)?;
        self.notify("exit", &Value::Null)?;
        Ok(self.child.wait()?.code())
    }

    fn send(&mut self, message: &Value) -> Result<()> {
        self.input.write_all(&frame::encode(message))?;
        Ok(self.input.flush()?)
    }

    /// The next message. What the server asks is answered at once.
    fn receive(&mut self) -> Result<Value> {
        let Some(Frame::Body(body)) = self.output.next_frame() else {
            bail!("the server ended without a word");
        };
        let message: Value = serde_json::from_slice(&body)?;
        if message.get("method").is_some()
            && let Some(id) = message.get("id")
        {
            self.send(&json!({"jsonrpc": "2.0", "id": id, "result": null}))?;
        }
        if message["method"] == "$/progress" && message["params"]["value"]["kind"] == "end" {
            self.reading = false;
        }
        Ok(message)
    }
}

/// The address of a file or folder.
///
/// # Errors
/// When the path is not absolute.
pub fn address(path: &Path) -> Result<String> {
    let uri =
        convert::uri(path).with_context(|| format!("{} is not a whole path", path.display()))?;
    Ok(uri.to_string())
}
