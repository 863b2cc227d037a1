//! The front: stdio around the framework, so that no input ends the server.
//!
//! The framework's own transport stops at the first malformed frame, buffers
//! whatever length it is told, stands still when the client does not read, and
//! knows no exit code. Here a thread reads, checks and forwards each message,
//! another writes, and [`serve`] decides when all is over and with which code.
//!
//! This module must not know what the messages mean beyond the life cycle and
//! the one notification that could destroy a text, and must never log a body.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, ready};
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// No longer body is read.
const MAX_BODY: u64 = 64 << 20;
/// A body said to be longer than this does not exist: to skip it would be to
/// skip every message there is.
const MAX_SKIP: u64 = 4 << 30;
/// No longer header line is kept, only its end, where a header may still be.
const MAX_LINE: usize = 8 << 10;
const LINE_END: usize = 64;
const LENGTH: &str = "content-length:";

const GRACE_AT_EXIT: Duration = Duration::from_millis(500);
const GRACE_AT_END: Duration = Duration::from_secs(1);
const PARENT_CHECK: Duration = Duration::from_secs(2);

/// Serves one client: `run` gets the two ends of the transport and is over when
/// the server has read everything and answered. Returns the exit code of the
/// process: 0 after `shutdown`, else 1 (L5).
///
/// It returns soon after `exit`, the end of the input or the death of the
/// client, even when a handler hangs, the input stays open or the output is
/// blocked; the caller should then end the process, since the two threads and
/// the handlers may still stand there.
pub async fn serve<R, W, F, Fut>(input: R, output: W, run: F) -> u8
where
    R: Read + Send + 'static,
    W: Write + Send + 'static,
    F: FnOnce(FrontReader, FrontWriter) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let (frames, forwarded) = mpsc::unbounded_channel();
    let (outgoing, queue) = channel();
    let (events, mut happened) = mpsc::unbounded_channel();
    let shut_down = Arc::new(AtomicBool::new(false));
    let gate = Gate {
        frames,
        outgoing: outgoing.clone(),
        events: events.clone(),
        shut_down: Arc::clone(&shut_down),
        phase: Phase::New,
    };
    let threads = [
        spawn("stdin", move || gate.read(Frames(BufReader::new(input)))),
        spawn("stdout", move || write(output, &queue, &events)),
    ];
    if let Some(error) = threads.into_iter().find_map(Result::err) {
        tracing::error!(%error, "no thread for the transport");
        return 1;
    }
    let reader = FrontReader {
        frames: forwarded,
        rest: io::Cursor::default(),
    };
    let writer = FrontWriter(outgoing.clone());
    // A task of its own, so that a handler which never lets go of its thread
    // cannot keep the process alive.
    let mut session = tokio::spawn(run(reader, writer));
    let mut parent = None;
    let mut checks = tokio::time::interval(PARENT_CHECK);
    let grace = loop {
        tokio::select! {
            event = happened.recv() => match event {
                Some(Event::Parent(id)) => parent = Parent::find(id),
                Some(Event::Exit) => break GRACE_AT_EXIT,
                Some(Event::End) | None => break GRACE_AT_END,
            },
            _ = checks.tick() => if parent.as_ref().is_some_and(|parent| !parent.is_alive()) {
                tracing::warn!("the client has died");
                break Duration::ZERO;
            },
            ended = &mut session => {
                if ended.is_err() {
                    tracing::error!("the session panicked");
                }
                break Duration::ZERO;
            }
        }
    };
    if !session.is_finished() && timeout(grace, &mut session).await.is_err() {
        tracing::warn!("handlers are still pending at the end");
        session.abort();
    }
    let (done, flushed) = oneshot::channel();
    if outgoing.send(Out::Flush(done)).is_ok() && timeout(GRACE_AT_EXIT, flushed).await.is_err() {
        tracing::warn!("the client does not read the last answers");
    }
    u8::from(!shut_down.load(Ordering::SeqCst))
}

/// The checked messages as a stream of bytes for the framework.
#[derive(Debug)]
pub struct FrontReader {
    frames: mpsc::UnboundedReceiver<Vec<u8>>,
    rest: io::Cursor<Vec<u8>>,
}

impl AsyncRead for FrontReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.position() >= self.rest.get_ref().len() as u64 {
            match ready!(self.frames.poll_recv(context)) {
                Some(frame) => self.rest = io::Cursor::new(frame),
                None => return Poll::Ready(Ok(())),
            }
        }
        let count = self.rest.read(buffer.initialize_unfilled())?;
        buffer.advance(count);
        Poll::Ready(Ok(()))
    }
}

/// Takes whatever the framework writes, at once: a client that does not read
/// must not stop the reading of its own messages.
#[derive(Clone, Debug)]
pub struct FrontWriter(Sender<Out>);

impl AsyncWrite for FrontWriter {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Without a writer thread the client is gone, and the end is near.
        let _ = self.0.send(Out::Bytes(bytes.to_vec()));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[derive(Debug)]
enum Out {
    /// Whole frames.
    Bytes(Vec<u8>),
    /// Says when everything before it is written.
    Flush(oneshot::Sender<()>),
}

enum Event {
    Parent(u64),
    Exit,
    End,
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new()
        .name(name.into())
        .spawn(body)
        .map(drop)
}

fn write(mut output: impl Write, queue: &Receiver<Out>, events: &mpsc::UnboundedSender<Event>) {
    for out in queue {
        let written = match out {
            Out::Bytes(bytes) => output.write_all(&bytes).and_then(|()| output.flush()),
            Out::Flush(done) => {
                let _ = done.send(());
                Ok(())
            }
        };
        if let Err(error) = written {
            tracing::warn!(%error, "the output is closed");
            let _ = events.send(Event::End);
            return;
        }
    }
}

/// The process that started the server.
struct Parent {
    id: u64,
    started: String,
}

impl Parent {
    /// Nothing where there is no `/proc`, or where the client lives in another
    /// name space (a container): its number says nothing here then.
    fn find(id: u64) -> Option<Self> {
        let started = Self::started(id)?;
        Some(Self { id, started })
    }

    /// When the process began, which tells it from a later one of that number.
    fn started(id: u64) -> Option<String> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name before it may hold anything, brackets and blanks too.
        let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_whitespace();
        let state = fields.next()?;
        // A zombie is dead, only nobody has asked for its exit code yet.
        let alive = !matches!(state, "Z" | "X");
        alive.then(|| fields.nth(18).map(str::to_owned))?
    }

    fn is_alive(&self) -> bool {
        Self::started(self.id).is_some_and(|started| started == self.started)
    }
}

/// How far the session has come, as the client sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Running,
    ShutDown,
}

/// What stands between the input and the framework.
struct Gate {
    frames: mpsc::UnboundedSender<Vec<u8>>,
    outgoing: Sender<Out>,
    events: mpsc::UnboundedSender<Event>,
    shut_down: Arc<AtomicBool>,
    phase: Phase,
}

impl Gate {
    fn read(mut self, mut frames: Frames<impl Read>) {
        loop {
            let message = match frames.next() {
                Ok(Some(body)) => body.and_then(|body| check(&body)),
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "the input is broken");
                    break;
                }
            };
            match message {
                Ok(message) => {
                    if self.forward(message).is_break() {
                        let _ = self.events.send(Event::Exit);
                        return;
                    }
                }
                Err(fault) => self.answer(&fault),
            }
        }
        let _ = self.events.send(Event::End);
    }

    fn forward(&mut self, message: Message) -> ControlFlow<()> {
        let Message { method, id, body } = message;
        let method = method.as_deref().unwrap_or("(response)");
        tracing::debug!(method, ?id, "received");
        let request = id.is_some() && method != "(response)";
        match (self.phase, method) {
            (_, "exit" | "(response)") => {}
            (Phase::New, "initialize") if request => {
                self.phase = Phase::Running;
                if let Some(id) = body["params"]["processId"].as_u64() {
                    let _ = self.events.send(Event::Parent(id));
                }
            }
            // The framework would say so only of the methods it knows (L5).
            (Phase::New, _) if request => {
                self.answer(&Fault::new(-32002, "Server not initialized", id));
                return ControlFlow::Continue(());
            }
            (Phase::ShutDown, _) if request => {
                self.answer(&Fault::new(-32600, "the server is shut down", id));
                return ControlFlow::Continue(());
            }
            (Phase::Running, "shutdown") => {
                self.phase = Phase::ShutDown;
                self.shut_down.store(true, Ordering::SeqCst);
            }
            (Phase::Running, _) => {}
            (Phase::New | Phase::ShutDown, _) => {
                tracing::warn!(method, "ignored outside of the session");
                return ControlFlow::Continue(());
            }
        }
        let _ = self.frames.send(frame(&body));
        if method == "exit" {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn answer(&self, fault: &Fault) {
        let Fault { code, reason, id } = fault;
        tracing::warn!(code, reason, "refused a message");
        let error = json!({ "code": code, "message": reason });
        let answer = json!({ "jsonrpc": "2.0", "id": id, "error": error });
        let _ = self.outgoing.send(Out::Bytes(frame(&answer)));
    }
}

fn frame(body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    frame.append(&mut body.into_bytes());
    frame
}

/// A message that is refused, and the reason for the client.
#[derive(Debug, PartialEq)]
struct Fault {
    code: i32,
    reason: &'static str,
    id: Value,
}

impl Fault {
    fn new(code: i32, reason: &'static str, id: Option<Value>) -> Self {
        let id = id.unwrap_or(Value::Null);
        Self { code, reason, id }
    }

    fn parse(reason: &'static str) -> Self {
        Self::new(-32700, reason, None)
    }

    fn request(reason: &'static str) -> Self {
        Self::new(-32600, reason, None)
    }
}

/// The bodies in the input.
struct Frames<R>(BufReader<R>);

impl<R: Read> Frames<R> {
    /// The next body, or what is wrong with it; nothing at the end.
    fn next(&mut self) -> io::Result<Option<Result<Vec<u8>, Fault>>> {
        let mut length = None;
        loop {
            let Some(line) = self.line()? else {
                return Ok(None);
            };
            let line = line.trim_ascii();
            if line.is_empty() {
                match length {
                    Some(length) => return self.body(length),
                    None => continue,
                }
            }
            // The header may stand behind the rest of a body whose length was
            // wrong, so it is looked for in the whole line. Every other header
            // is as good as none: there is only UTF-8.
            let text = String::from_utf8_lossy(line).to_ascii_lowercase();
            if let Some(at) = text.rfind(LENGTH) {
                length = Some(text[at + LENGTH.len()..].trim().parse().ok());
            } else if !text.starts_with("content-type:") {
                tracing::warn!(bytes = line.len(), "skipped a line that is no header");
            }
        }
    }

    fn body(&mut self, length: Option<u64>) -> io::Result<Option<Result<Vec<u8>, Fault>>> {
        let Some(length) = length.filter(|length| *length <= MAX_SKIP) else {
            return Ok(Some(Err(Fault::request("Content-Length is no length"))));
        };
        let mut input = self.0.by_ref().take(length);
        if length > MAX_BODY {
            io::copy(&mut input, &mut io::sink())?;
            return Ok(Some(Err(Fault::request("the message is too long"))));
        }
        let mut body = Vec::new();
        input.read_to_end(&mut body)?;
        Ok((body.len() as u64 == length).then_some(Ok(body)))
    }

    /// A line, or the end of a long one; nothing at the end of the input.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            line.drain(..line.len().saturating_sub(LINE_END));
            let mut input = self.0.by_ref().take(MAX_LINE as u64);
            if input.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
        }
        Ok(Some(line))
    }
}

/// A message that the framework will understand.
#[derive(Debug)]
struct Message {
    /// Nothing in a response.
    method: Option<String>,
    id: Option<Value>,
    body: Value,
}

/// Checks a body and writes it anew: the framework stops at a member that
/// stands twice, an unknown one in an error, and an id it cannot hold.
fn check(body: &[u8]) -> Result<Message, Fault> {
    let text = str::from_utf8(body).map_err(|_| Fault::parse("the message is not UTF-8"))?;
    let Ok(value) = serde_json::from_str(text).or_else(|_| serde_json::from_str(&repair(text)))
    else {
        return Err(Fault::parse("the message is not JSON"));
    };
    let Value::Object(mut object) = value else {
        return Err(Fault::request("a message must be one object"));
    };
    let id = object.remove("id");
    if !match &id {
        None | Some(Value::Null | Value::String(_)) => true,
        Some(Value::Number(id)) => id.is_i64(),
        Some(_) => return Err(Fault::request("an id must be a number or a string")),
    } {
        return Err(Fault::new(-32600, "an id must be an integer", id));
    }
    if object.get("jsonrpc") != Some(&json!("2.0")) {
        return Err(Fault::new(-32600, "jsonrpc must be \"2.0\"", id));
    }
    let (method, mut body) = match object.remove("method") {
        Some(Value::String(method)) => {
            let params = params(&method, object.remove("params"));
            let mut body = json!({ "jsonrpc": "2.0", "method": method });
            if let Some(params) = params {
                body["params"] = params;
            }
            (Some(method), body)
        }
        None if id.is_some() => (None, response(object, id.as_ref())?),
        _ => return Err(Fault::new(-32600, "the message has no method", id)),
    };
    if let Some(id) = &id {
        body["id"] = id.clone();
    }
    Ok(Message { method, id, body })
}

fn response(mut object: Map<String, Value>, id: Option<&Value>) -> Result<Value, Fault> {
    match (object.remove("error"), object.remove("result")) {
        (None | Some(Value::Null), Some(result)) => {
            Ok(json!({ "jsonrpc": "2.0", "result": result }))
        }
        (Some(error), _) if !error.is_null() => {
            let code = error["code"].as_i64().unwrap_or(-32603);
            let message = error["message"].as_str().unwrap_or_default();
            let error = json!({ "code": code, "message": message, "data": error["data"] });
            Ok(json!({ "jsonrpc": "2.0", "error": error }))
        }
        _ => Err(Fault::new(
            -32600,
            "neither a request nor a response",
            id.cloned(),
        )),
    }
}

/// The parameters as the framework wants them.
fn params(method: &str, params: Option<Value>) -> Option<Value> {
    let params = params.filter(|params| !params.is_null());
    match method {
        // The framework refuses parameters where there are none, and drops the
        // one notification that begins the work if they are missing.
        "shutdown" | "exit" => None,
        "initialized" => params.or_else(|| Some(json!({}))),
        "textDocument/didChange" => params.map(changes),
        _ => params,
    }
}

/// Without this a change whose range cannot be read would be taken for one
/// without a range, and replace the whole text. Changes that cannot be read
/// become one far outside of any text, by which the server knows that it has
/// lost the client's text.
fn changes(mut params: Value) -> Value {
    let changes = params
        .get_mut("contentChanges")
        .and_then(Value::as_array_mut);
    let readable = changes.is_some_and(|changes| {
        changes.iter_mut().all(|change| {
            // The range says it already, and a bad one makes the range unread.
            if let Some(change) = change.as_object_mut() {
                change.remove("rangeLength");
            }
            let range = &change["range"];
            let whole = change.is_object() && range.is_null();
            (whole || is_position(&range["start"]) && is_position(&range["end"]))
                && change["text"].is_string()
        })
    });
    if !readable && params.is_object() {
        tracing::error!("a textDocument/didChange cannot be read; the text is out of sync");
        let nowhere = json!({ "line": u32::MAX, "character": u32::MAX });
        let range = json!({ "start": nowhere, "end": nowhere });
        params["contentChanges"] = json!([{ "range": range, "text": "" }]);
    }
    params
}

fn is_position(value: &Value) -> bool {
    ["line", "character"].iter().all(|key| {
        value[key]
            .as_u64()
            .is_some_and(|at| u32::try_from(at).is_ok())
    })
}

/// Writes U+FFFD for each half of a surrogate pair that stands alone: some
/// clients cut a text in the middle of a character, and JSON cannot say that.
fn repair(text: &str) -> Cow<'_, str> {
    let mut repaired = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find('\\') {
        at += found;
        match (surrogate(text, at), surrogate(text, at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at += 12,
            (Some(_), _) => {
                repaired.push_str(&text[done..at]);
                repaired.push_str("\\ufffd");
                at += 6;
                done = at;
            }
            // Past the escaped character, which may be a backslash too.
            (None, _) => at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    repaired.push_str(&text[done..]);
    Cow::Owned(repaired)
}

/// The half of a pair that is escaped at `at`.
fn surrogate(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    let code = u16::from_str_radix(digits, 16).ok()?;
    (0xD800..=0xDFFF).contains(&code).then_some(code)
}
