//! Runs queries beside the protocol: on the blocking pool, a few at a time,
//! and told when their request was cancelled.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use crate::documents::Outdated;
use crate::survey::Pace;

/// Lets as many queries run as there are processors.
#[derive(Clone, Debug)]
pub struct Worker {
    permits: Arc<Semaphore>,
    /// When something was asked for the last time.
    asked: Arc<Mutex<Option<Instant>>>,
}

/// For so long behind a query the next one is expected: somebody types.
const TYPING: Duration = Duration::from_millis(500);

/// Long work waits in such steps while queries run, and at most so many.
const STEP: Duration = Duration::from_micros(200);
const STEPS: usize = 250;

fn most() -> usize {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    processors.max(2)
}

impl Default for Worker {
    fn default() -> Self {
        Self::of(most())
    }
}

/// Says stop when the future that waits for the answer is dropped.
#[derive(Debug, Default)]
pub struct StopOnDrop(Arc<AtomicBool>);

impl StopOnDrop {
    /// Becomes true then.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Worker {
    fn of(permits: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(permits)),
            asked: Arc::default(),
        }
    }

    /// Long work calls this between its steps: queries that run go first. Then
    /// it goes on, and leaves a processor to the next query if one is expected.
    pub fn give_way(&self) -> Pace {
        for _ in 0..STEPS {
            if self.permits.available_permits() >= most() {
                break;
            }
            std::thread::sleep(STEP);
        }
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        match asked {
            Some(asked) if asked.elapsed() < TYPING => Pace::Modest,
            _ => Pace::Full,
        }
    }

    /// Runs `query`, which may ask its argument whether it is still wanted. One
    /// that had to wait for its turn is not begun when its document was changed
    /// meanwhile: nobody wants the answer any more.
    ///
    /// # Errors
    /// Content modified when the query was not begun, an internal error when it
    /// panics; that is logged.
    pub async fn run<T: Send + 'static>(
        &self,
        name: &'static str,
        outdated: Option<Outdated>,
        query: impl FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
    ) -> Result<T> {
        let guard = StopOnDrop::default();
        let stop = guard.flag();
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        let permits = || Arc::clone(&self.permits);
        let permit = if let Ok(permit) = permits().try_acquire_owned() {
            Ok(permit)
        } else {
            let permit = permits().acquire_owned().await;
            if outdated.is_some_and(|outdated| outdated.is()) {
                return Err(Error::content_modified());
            }
            permit
        };
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let stopped = || stop.load(Ordering::Relaxed);
            // Cancelled while it waited for a thread.
            (!stopped()).then(|| query(&stopped))
        });
        let answer = task.await;
        drop(guard);
        let answer = answer.map_err(|error| {
            tracing::error!(name, %error, "a query failed");
            Error {
                code: ErrorCode::InternalError,
                message: format!(
                    "Vaultmark met an internal error in `{name}`; the log has the details"
                )
                .into(),
                data: None,
            }
        })?;
        answer.ok_or_else(Error::request_cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    use tower_lsp::gen_lsp_types::{
        TextDocumentContentChangeEvent, TextDocumentContentChangeWholeDocument, Uri,
    };
    use vaultmark_vault::text::Encoding;

    use crate::documents::Document;

    #[tokio::test]
    async fn long_work_is_modest_behind_a_query() {
        let worker = Worker::default();
        assert_eq!(worker.give_way(), Pace::Full);
        assert_eq!(worker.run("query", None, |_| ()).await, Ok(()));
        assert_eq!(worker.give_way(), Pace::Modest);
    }

    #[tokio::test]
    async fn a_query_that_waited_behind_a_newer_text_is_not_begun() {
        let worker = Worker::of(1);
        let uri = Uri::parse("file:///a.md").unwrap();
        let mut document = Document::new(uri, 1, "a");
        let (go, wait) = channel::<()>();
        let first = worker.run("first", Some(document.outdated()), move |_| wait.recv());
        let second = worker.run("second", Some(document.outdated()), |_| "begun");
        let third = worker.run("third", None, |_| "begun");
        let (first, second, third) = tokio::join!(first, second, async {
            // Both wait now, for futures are polled in order.
            let text = TextDocumentContentChangeWholeDocument {
                text: "b".to_owned(),
            };
            let change =
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(text);
            document.change(2, vec![change], Encoding::Utf8);
            go.send(()).unwrap();
            third.await
        });
        assert_eq!(first, Ok(Ok(())), "it was begun before");
        assert_eq!(second.unwrap_err().code, ErrorCode::ContentModified);
        assert_eq!(third, Ok("begun"));
    }
}
