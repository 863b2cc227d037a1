//! Runs queries beside the protocol: on the blocking pool, a few at a time,
//! and told when their request was cancelled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

/// Lets as many queries run as there are processors.
#[derive(Clone, Debug)]
pub struct Worker(Arc<Semaphore>);

impl Default for Worker {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Self(Arc::new(Semaphore::new(processors.max(2))))
    }
}

/// Says stop when the future that waits for the answer is dropped.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Worker {
    /// Runs `query`, which may ask its argument whether it is still wanted.
    ///
    /// # Errors
    /// An internal error when the query panics; it is logged.
    pub async fn run<T: Send + 'static>(
        &self,
        name: &'static str,
        query: impl FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
    ) -> Result<T> {
        let stop = Arc::new(AtomicBool::new(false));
        let guard = StopOnDrop(Arc::clone(&stop));
        let permit = Arc::clone(&self.0).acquire_owned().await;
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            query(&|| stop.load(Ordering::Relaxed))
        });
        let answer = task.await;
        drop(guard);
        answer.map_err(|error| {
            tracing::error!(name, %error, "a query failed");
            Error {
                code: ErrorCode::InternalError,
                message: format!(
                    "Vaultmark met an internal error in `{name}`; the log has the details"
                )
                .into(),
                data: None,
            }
        })
    }
}
