//! The transport around the protocol: reads and writes frames on plain
//! threads, so that no input can end or wedge the server.
//!
//! A frame that is no message is answered here and never goes further.
//! Nothing here knows what a message means, beyond the few that begin and
//! end a session.

use std::future::Future;
use std::io::{Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, watch};

use crate::frame::{self, Frame};

/// How long handlers may go on behind `exit` or the end of the input.
const GRACE: Duration = Duration::from_millis(800);
/// How often the parent process is looked for.
const PARENT: Duration = Duration::from_secs(2);

/// Serves one client: `run` gets a reader of good messages and a writer that
/// never blocks. Gives the exit code: 0 when the client said `shutdown`, else 1.
pub async fn serve<R, W, F, Fut>(input: R, output: W, run: F) -> u8
where
    R: Read + Send + 'static,
    W: Write + Send + 'static,
    F: FnOnce(FrontReader, FrontWriter) -> Fut,
    Fut: Future<Output = ()>,
{
    let (to_server, from_client) = unbounded_channel();
    let (to_client, output_queue) = unbounded_channel();
    let state = Arc::new(State::default());
    let (written, mut all_written) = watch::channel(false);
    let reader = Reader {
        state: Arc::clone(&state),
        to_server,
        to_client: to_client.clone(),
    };
    std::thread::spawn(move || reader.run(input));
    let writer_state = Arc::clone(&state);
    std::thread::spawn(move || {
        if write_all(output, output_queue).is_err() {
            tracing::warn!("the client has closed the output");
            writer_state.end();
        }
        // The receiver is gone when nobody waits any more.
        let _ = written.send(true);
    });
    let reader = FrontReader {
        messages: from_client,
        rest: Vec::new(),
        at: 0,
    };
    tokio::select! {
        () = run(reader, FrontWriter(to_client)) => {}
        () = state.ended() => tracing::info!("handlers were still running at the end"),
    }
    // A client that does not read must not hold the process.
    let _ = tokio::time::timeout(GRACE, all_written.wait_for(|done| *done)).await;
    u8::from(!state.shutdown.load(Ordering::Relaxed))
}

/// What the front knows of the session.
#[derive(Debug, Default)]
struct State {
    initialized: AtomicBool,
    shutdown: AtomicBool,
    ended: AtomicBool,
    end: Notify,
}

impl State {
    fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        self.end.notify_one();
    }

    /// Ends some time after the session did.
    async fn ended(&self) {
        self.end.notified().await;
        tokio::time::sleep(GRACE).await;
    }
}

struct Reader {
    state: Arc<State>,
    to_server: UnboundedSender<Vec<u8>>,
    to_client: UnboundedSender<Vec<u8>>,
}

impl Reader {
    fn run(self, input: impl Read) {
        let mut frames = frame::Reader::new(input);
        while let Some(frame) = frames.next_frame() {
            match frame {
                Frame::Body(body) => match check(&body) {
                    Ok(message) => {
                        if self.message(message) {
                            break;
                        }
                    }
                    Err((code, text, id)) => self.refuse(code, text, &id),
                },
                Frame::TooLong => self.refuse(-32600, "the message is too long", &Value::Null),
                Frame::Garbage => self.refuse(
                    -32700,
                    "the header of a message cannot be read",
                    &Value::Null,
                ),
            }
        }
        self.state.end();
    }

    fn refuse(&self, code: i32, text: &str, id: &Value) {
        tracing::warn!(code, text, "a message was refused");
        let answer = json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": text}});
        // The writer is gone only when the process ends.
        let _ = self.to_client.send(frame::encode(&answer));
    }

    /// Passes a message on. Says whether it was the last one.
    fn message(&self, mut message: Value) -> bool {
        let Some(method) = message.get("method").and_then(Value::as_str) else {
            plain_answer(&mut message);
            let _ = self.to_server.send(frame::encode(&message));
            return false;
        };
        let method = method.to_owned();
        let id = message.get("id").cloned();
        let initialized = self.state.initialized.load(Ordering::Relaxed);
        let shutdown = self.state.shutdown.load(Ordering::Relaxed);
        match (method.as_str(), &id) {
            ("initialize", Some(_)) if !initialized => {
                self.state.initialized.store(true, Ordering::Relaxed);
                let process = message.pointer("/params/processId").and_then(Value::as_u64);
                if let Some(process) = process {
                    watch_parent(process, Arc::clone(&self.state));
                }
            }
            // The protocol's own service would say so only of the methods that
            // it knows (L5).
            (_, Some(id)) if !initialized && method != "exit" => {
                self.refuse(-32002, "the server is not initialized", id);
                return false;
            }
            (_, Some(id)) if shutdown && method != "exit" => {
                self.refuse(-32600, "the server is shut down", id);
                return false;
            }
            ("shutdown", _) if initialized => self.state.shutdown.store(true, Ordering::Relaxed),
            ("textDocument/didChange", _) => mend_changes(&mut message),
            _ => {}
        }
        mend_params(&method, &mut message);
        // The server is gone only when the process ends.
        let _ = self.to_server.send(frame::encode(&message));
        method == "exit"
    }
}

/// The protocol's own service refuses parameters where none belong, and drops
/// the notification that begins the work when it has none.
fn mend_params(method: &str, message: &mut Value) {
    let Some(object) = message.as_object_mut() else {
        return;
    };
    if matches!(method, "shutdown" | "exit") || object.get("params") == Some(&Value::Null) {
        object.remove("params");
    }
    if method == "initialized" {
        object.entry("params").or_insert_with(|| json!({}));
    }
}

/// An answer with exactly the members that the protocol's own reader knows: it
/// takes any other for a request, and who waits for the answer waits for ever.
fn plain_answer(message: &mut Value) {
    let id = message["id"].take();
    let error = message["error"].take();
    *message = if error.is_null() {
        json!({"jsonrpc": "2.0", "id": id, "result": message["result"].take()})
    } else {
        let code = error["code"].as_i64().unwrap_or(-32603);
        let text = error["message"].as_str().unwrap_or_default();
        let error = json!({"code": code, "message": text, "data": error["data"]});
        json!({"jsonrpc": "2.0", "id": id, "error": error})
    };
}

/// A JSON-RPC message, or the error to answer with.
fn check(body: &[u8]) -> Result<Value, (i32, &'static str, Value)> {
    let text =
        std::str::from_utf8(body).map_err(|_| (-32700, "the message is not UTF-8", Value::Null))?;
    let message: Value = serde_json::from_str(text)
        .or_else(|error| serde_json::from_str(&repaired(text)).map_err(|_| error))
        .map_err(|_| (-32700, "the message is not JSON", Value::Null))?;
    let id = message.get("id").cloned().unwrap_or(Value::Null);
    let invalid = |text| {
        Err((
            -32600,
            text,
            if id.is_string() || id.is_number() {
                id.clone()
            } else {
                Value::Null
            },
        ))
    };
    let Some(object) = message.as_object() else {
        return invalid("a message must be one JSON object; batches are not part of the protocol");
    };
    if object.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return invalid("the message is not of JSON-RPC 2.0");
    }
    let good_id = match object.get("id") {
        None | Some(Value::Null | Value::String(_)) => true,
        Some(Value::Number(number)) => number.is_i64(),
        Some(_) => false,
    };
    let is_answer = object.contains_key("id")
        && (object.contains_key("result") || object.contains_key("error"));
    let good_params = matches!(
        object.get("params"),
        None | Some(Value::Null | Value::Object(_) | Value::Array(_))
    );
    match object.get("method") {
        _ if !good_id => invalid("the id of a message must be a text or a whole number"),
        _ if !good_params => invalid("the parameters of a message must be an object or an array"),
        Some(Value::String(_)) => Ok(message),
        None if is_answer => Ok(message),
        _ => invalid("a message must have a method, a result or an error"),
    }
}

/// Half of a surrogate pair, which JSON may not hold, becomes U+FFFD: some
/// editors send it when a key cuts an emoji.
fn repaired(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        mended.push_str(&rest[..at]);
        let escape = &rest[at..];
        let code = |text: &str| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            u16::from_str_radix(digits, 16).ok()
        };
        let length = match code(escape) {
            Some(0xd800..=0xdbff) => match escape.get(6..).and_then(code) {
                Some(0xdc00..=0xdfff) => 12,
                _ => 0,
            },
            Some(0xdc00..=0xdfff) => 0,
            Some(_) => 6,
            None => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        if length == 0 {
            mended.push_str("\\ufffd");
            rest = &escape[6..];
        } else {
            mended.push_str(&escape[..length]);
            rest = &escape[length..];
        }
    }
    mended + rest
}

/// A change that cannot be read must not count as one of the whole text, nor
/// be lost without a word. It gets a range that is in no text, so that the
/// document is known to be out of sync.
fn mend_changes(message: &mut Value) {
    let Some(params) = message
        .get_mut("params")
        .filter(|params| params.is_object())
    else {
        return;
    };
    let whole = |position: &Value, name: &str| {
        let number = position[name].as_u64();
        number.is_some_and(|number| u32::try_from(number).is_ok())
    };
    let changes = params
        .get_mut("contentChanges")
        .and_then(Value::as_array_mut);
    let readable = changes.is_some_and(|changes| {
        changes.iter_mut().all(|change| {
            let Some(object) = change.as_object_mut() else {
                return false;
            };
            // The range says the same, and a length that cannot be read would
            // make the range unread too.
            object.remove("rangeLength");
            let range = &change["range"];
            let good_range = ["start", "end"]
                .iter()
                .all(|end| whole(&range[end], "line") && whole(&range[end], "character"));
            (range.is_null() || good_range) && change["text"].is_string()
        })
    });
    if !readable {
        tracing::warn!("a textDocument/didChange cannot be read");
        let nowhere = json!({"line": u32::MAX, "character": u32::MAX});
        let range = json!({"start": nowhere, "end": nowhere});
        params["contentChanges"] = json!([{"range": range, "text": ""}]);
    }
}

/// Ends the session when the process that started the server is gone. A process
/// that is not there to begin with lives in another container: its number says
/// nothing here.
fn watch_parent(process: u64, state: Arc<State>) {
    let Some(begun) = beginning(process) else {
        tracing::info!("the client's process is not seen from here");
        return;
    };
    std::thread::spawn(move || {
        while beginning(process).as_ref() == Some(&begun) {
            if state.ended.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(PARENT);
        }
        tracing::warn!("the client has died");
        state.end();
    });
}

/// When a living process began, which tells it from a later one of its number.
/// A zombie is dead, though nobody has asked for its exit code yet.
fn beginning(process: u64) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before the last bracket may hold anything.
    let mut fields = status.get(status.rfind(')')? + 1..)?.split_whitespace();
    let living = !matches!(fields.next()?, "Z" | "X");
    living.then(|| fields.nth(18).map(str::to_owned))?
}

fn write_all(mut output: impl Write, mut queue: UnboundedReceiver<Vec<u8>>) -> std::io::Result<()> {
    while let Some(bytes) = queue.blocking_recv() {
        output.write_all(&bytes)?;
        // Answers that wait are written together.
        if queue.is_empty() {
            output.flush()?;
        }
    }
    Ok(())
}

/// The good messages, as the bytes that the protocol's own reader wants.
#[derive(Debug)]
pub struct FrontReader {
    messages: UnboundedReceiver<Vec<u8>>,
    rest: Vec<u8>,
    at: usize,
}

impl AsyncRead for FrontReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.at == self.rest.len() {
            match self.messages.poll_recv(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(message)) => {
                    self.rest = message;
                    self.at = 0;
                }
            }
        }
        let length = buffer.remaining().min(self.rest.len() - self.at);
        buffer.put_slice(&self.rest[self.at..self.at + length]);
        self.at += length;
        Poll::Ready(Ok(()))
    }
}

/// Takes all that is written at once, whether or not the client reads.
#[derive(Debug)]
pub struct FrontWriter(UnboundedSender<Vec<u8>>);

impl FrontWriter {
    /// Where whole messages, each with its header, are put to be written.
    pub fn queue(&self) -> UnboundedSender<Vec<u8>> {
        self.0.clone()
    }
}

impl AsyncWrite for FrontWriter {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        // A writer that is gone means that the client is: the session ends.
        let _ = self.0.send(bytes.to_vec());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_go_further() {
        let code = |body: &[u8]| check(body).err().map(|error| error.0);
        assert_eq!(code(br#"{"jsonrpc":"2.0","method":"x"}"#), None);
        assert_eq!(code(br#"{"jsonrpc":"2.0","id":1,"result":null}"#), None);
        assert_eq!(code(b"{"), Some(-32700));
        assert_eq!(code(b"\xff"), Some(-32700));
        for invalid in [
            "[]",
            "[{}]",
            "{}",
            "1",
            r#"{"jsonrpc":"2.0","id":{},"method":"x"}"#,
            r#"{"jsonrpc":"2.0","method":1}"#,
        ] {
            assert_eq!(code(invalid.as_bytes()), Some(-32600), "{invalid}");
        }
    }

    #[test]
    fn lone_surrogates_are_repaired() {
        let text = r#"{"jsonrpc":"2.0","method":"x","params":{"a":"\ud83d \\ud83d \ud83d\ude00 \ude00\n"}}"#;
        let message = check(text.as_bytes()).unwrap();
        assert_eq!(message["params"]["a"], "\u{fffd} \\ud83d 😀 \u{fffd}\n");
    }

    #[test]
    fn a_change_that_cannot_be_read_is_none_of_the_whole_text() {
        let mended = |changes: Value| {
            let mut message = json!({"params": {"contentChanges": changes}});
            mend_changes(&mut message);
            message["params"]["contentChanges"].take()
        };
        let zero = json!({"line": 0, "character": 0});
        let range = json!({"start": zero, "end": zero});
        let good =
            json!([{"text": "y"}, {"range": null, "text": "z"}, {"range": range, "text": ""}]);
        assert_eq!(mended(good.clone()), good);
        let with_length = json!([{"range": range, "rangeLength": -1, "text": ""}]);
        assert_eq!(mended(with_length), json!([{"range": range, "text": ""}]));
        let below = json!({"start": {"line": -1, "character": 0}, "end": zero});
        for bad in [
            json!([{"range": below, "text": "x"}]),
            json!([{"text": "y"}, {"range": "nonsense", "text": "x"}]),
            json!([{"range": range}]),
            json!(["x"]),
            json!(null),
        ] {
            assert_eq!(mended(bad)[0]["range"]["end"]["line"], u32::MAX);
        }
    }

    #[test]
    fn answers_have_only_the_members_that_are_known() {
        let plain = |mut answer: Value| {
            plain_answer(&mut answer);
            answer
        };
        let odd = json!({"id": 1, "error": {"code": 1.5, "stack": "x"}, "result": null});
        let error = json!({"code": -32603, "message": "", "data": null});
        assert_eq!(
            plain(odd),
            json!({"jsonrpc": "2.0", "id": 1, "error": error})
        );
        let both = json!({"id": 1, "error": null, "result": 2, "x": 3});
        assert_eq!(plain(both), json!({"jsonrpc": "2.0", "id": 1, "result": 2}));
    }
}
