//! The guard around the framework's service: order, panics and the one answer
//! that every request gets.
//!
//! The framework only builds a handler's future when a message arrives; when
//! it is first polled depends on the slots that are free. [`Guard`] polls it
//! once at [`call`](Service::call), so that what a handler does before its
//! first await is done before the next message is read, even when every slot
//! is busy. For a `$/cancelRequest` that is all of it: it is always heard.
//!
//! This module must not know what any message means, and must never log
//! `params`: they hold the text of notes.

use std::any::Any;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tower::Service;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};

/// No more characters than this are taken from the message of a panic.
const MAX_PANIC: usize = 200;

/// A service whose handlers begin in the order of the wire and whose panics
/// are error replies.
#[derive(Debug)]
pub struct Guard<S>(S);

impl<S> Guard<S> {
    /// Stands before `service`.
    pub const fn new(service: S) -> Self {
        Self(service)
    }
}

impl<S, E> Service<Request> for Guard<S>
where
    S: Service<Request, Response = Option<Response>, Error = E>,
    S::Future: Unpin,
    E: Unpin,
{
    type Response = Option<Response>;
    type Error = E;
    type Future = Guarded<S::Future, E>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), E>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let mut guarded = Guarded {
            method: Cow::Owned(request.method().to_owned()),
            id: request.id().cloned(),
            handler: None,
            answer: None,
        };
        match catch_unwind(AssertUnwindSafe(|| self.0.call(request))) {
            Ok(handler) => {
                guarded.handler = Some(handler);
                // The waker may be deaf: the server polls the future again as
                // soon as it takes it, and a future that is polled anew must
                // remember the new waker.
                let mut context = Context::from_waker(Waker::noop());
                if let Poll::Ready(answer) = guarded.advance(&mut context) {
                    guarded.answer = Some(answer);
                }
            }
            Err(panic) => guarded.answer = Some(Ok(guarded.failed(panic.as_ref()))),
        }
        guarded
    }
}

/// The answer of one handler, which has already begun.
#[derive(Debug)]
#[must_use = "a handler only goes on while it is polled"]
pub struct Guarded<F, E> {
    method: Cow<'static, str>,
    id: Option<Id>,
    /// What is still to be polled.
    handler: Option<F>,
    /// What the first poll gave.
    answer: Option<Result<Option<Response>, E>>,
}

impl<F, E> Guarded<F, E>
where
    F: Future<Output = Result<Option<Response>, E>> + Unpin,
{
    fn advance(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Response>, E>> {
        let Some(handler) = &mut self.handler else {
            return Poll::Ready(Ok(None));
        };
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(handler).poll(context)));
        let answer = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(answer)) => answer.map(|answer| answer.or_else(|| self.unanswered())),
            Err(panic) => Ok(self.failed(panic.as_ref())),
        };
        let handler = self.handler.take();
        // What a broken handler still holds may panic again when it goes.
        if catch_unwind(AssertUnwindSafe(|| drop(handler))).is_err() {
            tracing::error!(method = %self.method, "a handler panicked while it was dropped");
        }
        Poll::Ready(answer)
    }

    /// The framework swallows unknown `$/` requests like notifications, and a
    /// request `exit`. Every request gets an answer (L5).
    fn unanswered(&self) -> Option<Response> {
        let id = self.id.clone()?;
        let error = if self.method.starts_with("$/") {
            Error::method_not_found()
        } else {
            Error::invalid_request()
        };
        Some(Response::from_error(id, error))
    }
}

impl<F, E> Guarded<F, E> {
    fn failed(&self, panic: &(dyn Any + Send)) -> Option<Response> {
        let method = &self.method;
        let id = self.id.as_ref().map(ToString::to_string);
        tracing::error!(%method, id, panic = reason(panic), "a handler panicked");
        let mut error = Error::new(ErrorCode::InternalError);
        error.message =
            format!("Vaultmark met an internal error in `{method}`; the log has the details")
                .into();
        Some(Response::from_error(self.id.clone()?, error))
    }
}

impl<F, E> Future for Guarded<F, E>
where
    F: Future<Output = Result<Option<Response>, E>> + Unpin,
    E: Unpin,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        match self.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => self.advance(context),
        }
    }
}

/// The message of a panic without the values it may quote, for those can be
/// the text of a note: a slice inside a character quotes the whole string, an
/// unwrapped error and a failed comparison their operands.
fn reason(panic: &(dyn Any + Send)) -> &str {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let end = ["\n", "; it is inside", " of `", "` value: ", " of string"]
        .iter()
        .filter_map(|quote| message.find(quote))
        .chain(message.char_indices().nth(MAX_PANIC).map(|(at, _)| at))
        .min();
    &message[..end.unwrap_or(message.len())]
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::{pending, poll_fn, ready};
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::BoxFuture;
    use serde_json::json;

    use super::*;

    type Answer = Result<Option<Response>, Infallible>;

    static BEGUN: AtomicU32 = AtomicU32::new(0);

    struct Toy;

    impl Service<Request> for Toy {
        type Response = Option<Response>;
        type Error = Infallible;
        type Future = BoxFuture<'static, Answer>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request) -> Self::Future {
            let (method, id, _) = request.into_parts();
            assert_ne!(method, "at call");
            Box::pin(async move {
                let mut polls = 0;
                match &*method {
                    "count" => {
                        BEGUN.fetch_add(1, Ordering::SeqCst);
                        pending::<()>().await;
                    }
                    "at once" => panic!("first poll"),
                    "later" => {
                        poll_fn(|_| {
                            polls += 1;
                            assert!(polls < 3, "third poll");
                            Poll::<()>::Pending
                        })
                        .await;
                    }
                    "$/unknown" | "exit" => return Ok(None),
                    _ => ready(()).await,
                }
                Ok(id.map(|id| Response::from_ok(id, json!("fine"))))
            })
        }
    }

    /// Polls until there is an answer, as the server does: after the call.
    fn ask(method: &'static str, id: Option<i64>) -> Option<Response> {
        let request = Request::build(method);
        let request = match id {
            Some(id) => request.id(id).finish(),
            None => request.finish(),
        };
        let mut future = Guard::new(Toy).call(request);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..5 {
            if let Poll::Ready(answer) = Pin::new(&mut future).poll(&mut context) {
                return answer.unwrap();
            }
        }
        panic!("no answer to {method}");
    }

    fn code(method: &'static str) -> i64 {
        let answer = ask(method, Some(1)).expect("an answer");
        answer.error().expect("an error").code.code()
    }

    #[test]
    fn a_handler_begins_at_call() {
        let _handlers: Vec<_> = (1..=3)
            .map(|id| {
                let handler = Guard::new(Toy).call(Request::build("count").id(id).finish());
                assert_eq!(i64::from(BEGUN.load(Ordering::SeqCst)), id);
                handler
            })
            .collect();
    }

    #[test]
    fn a_panic_is_one_error_reply() {
        for method in ["at call", "at once", "later"] {
            let error = ask(method, Some(7)).expect("an answer");
            assert_eq!(error.id(), &Id::Number(7));
            let error = error.error().expect("an error");
            assert_eq!(error.code, ErrorCode::InternalError);
            assert!(error.message.contains(method), "{}", error.message);
            assert_eq!(ask(method, None), None);
        }
    }

    #[test]
    fn every_request_gets_an_answer() {
        assert!(ask("other", Some(1)).is_some_and(|answer| answer.is_ok()));
        assert_eq!(code("$/unknown"), -32601);
        assert_eq!(code("exit"), -32600);
        assert_eq!(ask("$/unknown", None), None);
    }

    #[test]
    fn a_reason_quotes_no_text() {
        let slice = catch_unwind(|| "sécret"[..2].len()).unwrap_err();
        let message = reason(slice.as_ref());
        assert!(!message.contains("cret"), "{message}");
        let unwrap = catch_unwind(|| String::from_utf8(vec![255]).unwrap()).unwrap_err();
        let message = reason(unwrap.as_ref());
        assert!(!message.contains("255"), "{message}");
        assert!(message.contains("unwrap"), "{message}");
        let long: Box<dyn Any + Send> = Box::new("é".repeat(MAX_PANIC + 1));
        assert_eq!(reason(long.as_ref()).chars().count(), MAX_PANIC);
    }
}
