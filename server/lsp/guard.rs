//! A service around the protocol's that keeps order and survives panics.
//!
//! Each handler is polled once at `call`, so that what stands before its
//! first await runs in the order of the messages: a notification is complete,
//! and a request has its snapshot, before the next message is read. A handler
//! that panics answers with an error, and the server goes on. What a handler left in
//! the outbox is sent in the place of its answer.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tower::Service;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};

use crate::outbox::Outbox;

/// See the module.
#[derive(Debug)]
pub struct Guard<S> {
    /// The service.
    pub service: S,
    /// What its large answers are sent through.
    pub outbox: Outbox,
}

impl<S> Service<Request> for Guard<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Send + Unpin + 'static,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = Guarded<S::Future, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (method, id) = (request.method().to_owned(), request.id().cloned());
        // The protocol's own service drops these without a word, and takes an
        // `exit` with an id for one without.
        let silent = |_: &Id| method.starts_with("$/") || method == "exit";
        if let Some(id) = id.clone().filter(silent) {
            let answer = Response::from_error(id, Error::method_not_found());
            let state = State::Ready(Ok(Some(answer)));
            return Guarded {
                method,
                id: None,
                state,
                outbox: self.outbox.clone(),
            };
        }
        let started = catch_unwind(AssertUnwindSafe(|| Box::pin(self.service.call(request))));
        let mut guarded = Guarded {
            method,
            id,
            state: State::Done,
            outbox: self.outbox.clone(),
        };
        guarded.state = match started {
            Ok(future) => State::Running(future),
            Err(_) => State::Ready(Ok(guarded.failed())),
        };
        // The future is polled again at once with its real waker.
        if let Poll::Ready(answer) = guarded.step(&mut Context::from_waker(Waker::noop())) {
            guarded.state = State::Ready(answer);
        }
        guarded
    }
}

/// A handler that is running.
#[derive(Debug)]
pub struct Guarded<F, E> {
    method: String,
    id: Option<Id>,
    state: State<F, E>,
    outbox: Outbox,
}

#[derive(Debug)]
enum State<F, E> {
    Running(Pin<Box<F>>),
    Ready(Result<Option<Response>, E>),
    Done,
}

impl<F, E> Guarded<F, E>
where
    F: Future<Output = Result<Option<Response>, E>>,
{
    fn step(&mut self, context: &mut Context<'_>) -> Poll<F::Output> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Ready(answer) => Poll::Ready(answer),
            State::Done => Poll::Pending,
            State::Running(mut future) => {
                match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
                    Ok(Poll::Pending) => {
                        self.state = State::Running(future);
                        Poll::Pending
                    }
                    Ok(Poll::Ready(answer)) => {
                        Poll::Ready(answer.map(|own| self.outbox.redeem(own?)))
                    }
                    Err(_) => Poll::Ready(Ok(self.failed())),
                }
            }
        }
    }

    /// The answer of a handler that panicked; notifications have none. The
    /// place of the panic is in the log, see [`crate::panics`].
    fn failed(&self) -> Option<Response> {
        tracing::error!(method = self.method, id = ?self.id, "a handler panicked");
        let id = self.id.clone()?;
        let message = format!(
            "Vaultmark met an internal error in `{}`; the log has the details",
            self.method
        );
        let error = Error {
            code: ErrorCode::InternalError,
            message: message.into(),
            data: None,
        };
        Some(Response::from_error(id, error))
    }
}

impl<F, E> Future for Guarded<F, E>
where
    F: Future<Output = Result<Option<Response>, E>>,
    E: Unpin,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.step(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn guard<S>(service: S) -> Guard<S> {
        let outbox = Outbox::new(tokio::sync::mpsc::unbounded_channel().0);
        Guard { service, outbox }
    }

    /// Panics before or behind its first await, as the method says.
    struct Faulty;

    impl Service<Request> for Faulty {
        type Response = Option<Response>;
        type Error = Infallible;
        type Future = Pin<Box<dyn Future<Output = Result<Option<Response>, Infallible>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request) -> Self::Future {
            assert_ne!(request.method(), "at once");
            Box::pin(async move {
                assert_ne!(request.method(), "early");
                tokio::task::yield_now().await;
                assert_ne!(request.method(), "late");
                Ok(request
                    .id()
                    .map(|id| Response::from_ok(id.clone(), serde_json::Value::Null)))
            })
        }
    }

    #[tokio::test]
    async fn a_panic_is_one_error_and_not_the_end() {
        let mut guard = guard(Faulty);
        for (method, fails) in [
            ("at once", true),
            ("early", true),
            ("late", true),
            ("good", false),
        ] {
            let request = Request::build(method).id(7).finish();
            let answer = guard.call(request).await.unwrap().unwrap();
            assert_eq!(answer.is_error(), fails, "{method}");
            let notification = Request::build(method).finish();
            assert!(guard.call(notification).await.unwrap().is_none());
        }
    }

    #[test]
    fn what_stands_before_the_first_await_runs_at_call() {
        struct Recorder(std::sync::Arc<std::sync::Mutex<Vec<String>>>);
        impl Service<Request> for Recorder {
            type Response = Option<Response>;
            type Error = Infallible;
            type Future =
                Pin<Box<dyn Future<Output = Result<Option<Response>, Infallible>> + Send>>;
            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }
            fn call(&mut self, request: Request) -> Self::Future {
                let seen = self.0.clone();
                Box::pin(async move {
                    seen.lock().unwrap().push(request.method().to_owned());
                    std::future::pending().await
                })
            }
        }
        let seen = std::sync::Arc::default();
        let mut guard = guard(Recorder(std::sync::Arc::clone(&seen)));
        let running: Vec<_> = ["a", "b", "c"]
            .map(|m| guard.call(Request::build(m).finish()))
            .into();
        assert_eq!(*seen.lock().unwrap(), ["a", "b", "c"]);
        drop(running);
    }
}
