//! The only door from the server to the client: what is sent here is never
//! waited for by a handler, and only what the client declared is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower_lsp::gen_lsp_types::{
    ConfigurationItem, ConfigurationParams, Diagnostic, LspRequestMethod, MessageActionItem,
    MessageDirection, MessageType, ProgressNotification, ProgressParams, ProgressToken,
    Registration, Request, Uri,
};

/// How long an answer of the client is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a user may think about a question.
const DELIBERATION: Duration = Duration::from_secs(60);

/// Tokens of progress are numbers that never come twice.
static NEXT_TOKEN: AtomicU32 = AtomicU32::new(1);

/// `workspace/configuration`, to which some clients answer null instead of a list.
enum Configuration {}

impl Request for Configuration {
    type Params = ConfigurationParams;
    type Result = Value;
    const METHOD: LspRequestMethod<'static> = LspRequestMethod::WorkspaceConfiguration;
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// What the client shows and is not true any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stale {
    /// Semantic tokens.
    pub tokens: bool,
    /// Inlay hints.
    pub hints: bool,
    /// Code lenses.
    pub lenses: bool,
}

/// Sends messages to the client.
#[derive(Clone, Debug)]
pub struct Client {
    inner: tower_lsp::Client,
    runtime: tokio::runtime::Handle,
}

impl Client {
    /// A door to this client. Must be made inside of the runtime.
    pub fn new(inner: tower_lsp::Client) -> Self {
        Self {
            inner,
            runtime: tokio::runtime::Handle::current(),
        }
    }

    /// Shows a warning to the user.
    pub fn warn(&self, message: String) {
        let client = self.inner.clone();
        tracing::warn!(message, "shown to the user");
        self.runtime
            .spawn(async move { client.show_message(MessageType::Warning, message).await });
    }

    /// Tells the user something.
    pub fn tell(&self, message: String) {
        let client = self.inner.clone();
        self.runtime
            .spawn(async move { client.show_message(MessageType::Info, message).await });
    }

    /// Asks the client to make an edit. When it does not, the user is told
    /// `otherwise` and the client's reason. `done` is called when it has answered,
    /// which takes long where its user looks at the edit first.
    pub fn apply(
        &self,
        edit: &impl Serialize,
        otherwise: String,
        done: impl FnOnce() + Send + 'static,
    ) {
        let Ok(edit) = serde_json::to_value(edit).and_then(serde_json::from_value) else {
            tracing::warn!("an edit that is none");
            done();
            self.warn(otherwise);
            return;
        };
        let client = self.clone();
        self.runtime.spawn(async move {
            let answer = client.inner.apply_edit(edit).await;
            done();
            let reason = match answer {
                Ok(answer) if answer.applied => return,
                Ok(answer) => answer.failure_reason,
                Err(error) => Some(error.message.into_owned()),
            };
            client.warn(format!("{otherwise} {}", reason.unwrap_or_default()));
        });
    }

    /// Asks the user to choose among answers. `None` when nobody chooses.
    pub async fn ask(&self, question: String, answers: &[&str]) -> Option<String> {
        let answers = answers.iter().map(|&title| MessageActionItem {
            title: title.to_owned(),
            properties: std::collections::HashMap::new(),
        });
        let answers = Some(answers.collect());
        let asked = self
            .inner
            .show_message_request(MessageType::Info, question, answers);
        match tokio::time::timeout(DELIBERATION, asked).await {
            Ok(Ok(chosen)) => chosen.map(|chosen| chosen.title),
            problem => {
                tracing::warn!(?problem, "a question was not answered");
                None
            }
        }
    }

    /// Sends all that is wrong in a document.
    pub async fn publish(&self, uri: Uri, list: Vec<Diagnostic>, version: Option<i32>) {
        self.inner.publish_diagnostics(uri, list, version).await;
    }

    /// Asks the client to ask for diagnostics again.
    pub fn refresh_diagnostics(&self) {
        let client = self.inner.clone();
        self.runtime.spawn(async move {
            let refresh = client.workspace_diagnostic_refresh();
            if !matches!(tokio::time::timeout(PATIENCE, refresh).await, Ok(Ok(()))) {
                tracing::warn!("the client did not refresh its diagnostics");
            }
        });
    }

    /// Asks the client to ask again for what it shows of these kinds.
    pub fn refresh(&self, stale: Stale) {
        let client = self.inner.clone();
        self.runtime.spawn(async move {
            let refresh = async {
                if stale.tokens {
                    client.semantic_tokens_refresh().await?;
                }
                if stale.hints {
                    client.inlay_hint_refresh().await?;
                }
                if stale.lenses {
                    client.code_lens_refresh().await?;
                }
                tower_lsp::jsonrpc::Result::Ok(())
            };
            if !matches!(tokio::time::timeout(PATIENCE, refresh).await, Ok(Ok(()))) {
                tracing::warn!("the client did not refresh what it shows");
            }
        });
    }

    /// Asks the client to tell of changed files and settings, and does `then`
    /// once it does so.
    pub fn register(
        &self,
        registrations: Vec<(&'static str, Value)>,
        then: impl FnOnce() + Send + 'static,
    ) {
        if registrations.is_empty() {
            return;
        }
        let client = self.inner.clone();
        let registrations = registrations
            .into_iter()
            .map(|(method, options)| Registration {
                id: format!("vaultmark {method}"),
                method: method.to_owned(),
                register_options: Some(options),
            });
        let registrations = registrations.collect();
        self.runtime.spawn(async move {
            match tokio::time::timeout(PATIENCE, client.register_capability(registrations)).await {
                Ok(Ok(())) => then(),
                problem => tracing::warn!(?problem, "the client did not take a registration"),
            }
        });
    }

    /// Asks for the settings of the section `vaultmark`; null when it has none,
    /// `None` when the client does not answer.
    pub async fn settings(&self) -> Option<Value> {
        let item = ConfigurationItem {
            scope_uri: None,
            section: Some("vaultmark".to_owned()),
        };
        let params = ConfigurationParams { items: vec![item] };
        let request = self.inner.send_request::<Configuration>(params);
        match tokio::time::timeout(PATIENCE, request).await {
            Ok(Ok(Value::Array(mut values))) if !values.is_empty() => Some(values.swap_remove(0)),
            Ok(Ok(_)) => Some(Value::Null),
            problem => {
                tracing::warn!(?problem, "the client did not tell its settings");
                None
            }
        }
    }

    /// Sends a part of an answer to a request that gave a token for it.
    pub async fn partial(&self, token: ProgressToken, value: Value) {
        let params = ProgressParams { token, value };
        self.inner
            .send_notification::<ProgressNotification>(params)
            .await;
    }

    /// Shows progress of a request that gave a token for it.
    pub fn progress_of(&self, token: ProgressToken, title: &str) -> Progress {
        let (sender, receiver) = mpsc::unbounded_channel();
        let (client, title) = (self.clone(), title.to_owned());
        self.runtime
            .spawn(async move { client.show(token, title, receiver).await });
        Progress(Some(Arc::new(sender)))
    }

    /// Shows progress until nobody reports any more.
    async fn show(
        &self,
        token: ProgressToken,
        title: String,
        mut percentages: mpsc::UnboundedReceiver<u32>,
    ) {
        let send = |value: Value| self.partial(token.clone(), value);
        send(json!({"kind": "begin", "title": title, "percentage": 0, "cancellable": false})).await;
        let mut last = 0;
        while let Some(percentage) = percentages.recv().await {
            if percentage > last {
                last = percentage;
                send(json!({"kind": "report", "percentage": percentage})).await;
            }
        }
        send(json!({"kind": "end"})).await;
    }

    /// Begins to show progress, if the client can.
    pub fn progress(&self, can: bool, title: String) -> Progress {
        if !can {
            return Progress::default();
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        let client = self.clone();
        let number = NEXT_TOKEN.fetch_add(1, Ordering::Relaxed);
        let token = ProgressToken::String(format!("vaultmark {number}"));
        self.runtime.spawn(async move {
            let create = client.inner.create_work_done_progress(token.clone());
            if matches!(tokio::time::timeout(PATIENCE, create).await, Ok(Ok(()))) {
                client.show(token, title, receiver).await;
            }
        });
        Progress(Some(Arc::new(sender)))
    }
}

/// Progress that is shown until the last copy of this is dropped.
#[derive(Clone, Debug, Default)]
pub struct Progress(Option<Arc<mpsc::UnboundedSender<u32>>>);

impl Progress {
    /// Progress of a request that gave a token for it, shown from the first
    /// report on.
    pub fn late(client: &Client, token: ProgressToken, title: &str) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let (client, title) = (client.clone(), title.to_owned());
        let runtime = client.runtime.clone();
        runtime.spawn(async move {
            if receiver.recv().await.is_some() {
                client.show(token, title, receiver).await;
            }
        });
        Self(Some(Arc::new(sender)))
    }

    /// So much of it is done.
    pub fn report(&self, done: usize, total: usize) {
        if let Some(sender) = &self.0 {
            // Nobody listens any more when the client is gone.
            let _ = sender.send((done * 100 / total.max(1)).min(100) as u32);
        }
    }
}
