//! Answers that are written as text.
//!
//! The protocol's own service wants each answer as a tree of JSON values. For one
//! with ten thousands of places or edits, the tree takes many times the memory and
//! the time of its text. A handler leaves such an answer here, written down, and
//! answers with a ticket; the guard around the service sends the text instead.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tower_lsp::jsonrpc::{Error, Id, Response, Result};

/// What a message begins with; the id and a bracket end it.
const BEGIN: &[u8] = br#"{"jsonrpc":"2.0","result":"#;
/// The only member of a ticket.
const NUMBER: &str = "vaultmark ticket";

/// See the module.
#[derive(Clone, Debug)]
pub struct Outbox {
    queue: UnboundedSender<Vec<u8>>,
    written: Arc<Mutex<FxHashMap<u64, Vec<u8>>>>,
    next: Arc<AtomicU64>,
}

/// An answer as text.
#[derive(Debug)]
pub struct Written(Vec<u8>);

impl Written {
    /// Writes an answer down; this takes its time for a large one.
    ///
    /// # Errors
    /// An internal error, for an answer that JSON cannot express.
    pub fn new(answer: &impl Serialize) -> Result<Self> {
        let mut message = BEGIN.to_vec();
        serde_json::to_writer(&mut message, answer).map_err(|error| {
            tracing::error!(%error, "an answer cannot be written");
            Error::internal_error()
        })?;
        Ok(Self(message))
    }
}

/// Stands for an answer that lies in the outbox.
#[derive(Debug, Serialize)]
pub struct Ticket {
    #[serde(rename = "vaultmark ticket")]
    number: u64,
}

impl Outbox {
    /// An outbox whose messages go to the client through this queue.
    pub fn new(queue: UnboundedSender<Vec<u8>>) -> Self {
        // No client can guess a ticket and ask for what it stands for.
        let first = RandomState::new().hash_one("vaultmark ticket");
        Self {
            queue,
            written: Arc::default(),
            next: Arc::new(AtomicU64::new(first)),
        }
    }

    /// Takes an answer. The ticket must be answered without waiting in between: a
    /// request that is cancelled then leaves its answer here for ever.
    pub fn put(&self, answer: Written) -> Ticket {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(number, answer.0);
        Ticket { number }
    }

    /// Sends what a ticket stands for. Gives back a response that has none.
    pub fn redeem(&self, response: Response) -> Option<Response> {
        let Some(number) = response.result().and_then(ticket) else {
            return Some(response);
        };
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(message) = written.remove(&number) else {
            return Some(response);
        };
        drop(written);
        // The queue is closed only when the process ends.
        let _ = self.queue.send(framed(message, response.id()));
        None
    }
}

fn ticket(result: &Value) -> Option<u64> {
    let object = result.as_object().filter(|object| object.len() == 1)?;
    object.get(NUMBER)?.as_u64()
}

/// A message with its id and its header.
fn framed(mut message: Vec<u8>, id: &Id) -> Vec<u8> {
    let id = serde_json::to_string(id).unwrap_or_else(|_| "null".to_owned());
    message.extend_from_slice(format!(r#","id":{id}}}"#).as_bytes());
    let header = format!("Content-Length: {}\r\n\r\n", message.len());
    // In place: a copy of a large answer is as large.
    message.splice(0..0, header.into_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tokio::sync::mpsc::unbounded_channel;

    #[test]
    fn a_ticket_becomes_the_text_it_stands_for() {
        let (queue, mut sent) = unbounded_channel();
        let outbox = Outbox::new(queue);
        let ticket = outbox.put(Written::new(&json!([1, "ü"])).unwrap());
        let result = serde_json::to_value(&ticket).unwrap();
        let response = Response::from_ok(Id::String("a\"b".to_owned()), result.clone());
        assert_eq!(outbox.redeem(response), None);
        let message = String::from_utf8(sent.try_recv().unwrap()).unwrap();
        let (header, body) = message.split_once("\r\n\r\n").unwrap();
        assert_eq!(header, format!("Content-Length: {}", body.len()));
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(
            body,
            json!({"jsonrpc": "2.0", "result": [1, "ü"], "id": "a\"b"})
        );
    }

    #[test]
    fn other_answers_go_their_own_way() {
        let (queue, _sent) = unbounded_channel();
        let outbox = Outbox::new(queue);
        for result in [
            json!(null),
            json!({"vaultmark ticket": "x"}),
            json!({"vaultmark ticket": 7}),
            json!([7]),
        ] {
            let response = Response::from_ok(Id::Number(1), result);
            assert_eq!(outbox.redeem(response.clone()), Some(response));
        }
    }
}
