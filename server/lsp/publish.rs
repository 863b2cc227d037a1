//! Diagnostics on their way to the client: pushed to those that wait for them,
//! and said to be new to those that ask.
//!
//! One task waits for changes of the vaults. It lets them settle, looks at the
//! open documents, and sends only what the client does not have. A client that
//! pulls asks for the documents that it changed itself; of others it is told.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Weak};
use std::time::Duration;

use dashmap::DashMap;
use rustc_hash::{FxHashSet, FxHasher};
use serde_json::{Value, json};
use tower_lsp::gen_lsp_types as lsp;
use vaultmark_vault::lines::LineIndex;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::diagnostics::{Diagnostic, SIMILAR, diagnostics};
use vaultmark_vault::rule::Severity;
use vaultmark_vault::vault::Vault;

use crate::background::Background;
use crate::convert;
use crate::schemas::Told;
use crate::session::Session;
use crate::snapshot::Snapshot;

/// Changes are let settle for this long: somebody may be typing.
const SETTLE: Duration = Duration::from_millis(120);

/// What the client has of a document: the version and the hash of its list.
type Known = DashMap<String, (i32, u64)>;

/// What the client is to be told.
#[derive(Debug, Default)]
struct News {
    /// Whole lists, each with the version that it is of.
    lists: Vec<(lsp::Uri, Vec<Value>, Option<i32>)>,
    /// Documents that the client did not change have other diagnostics now.
    refresh: bool,
}

/// Runs until the client is gone.
pub async fn run(background: Background) {
    let mut changes = background.session.changes();
    let known: Arc<Known> = Arc::default();
    let told: Arc<Told> = Arc::default();
    while changes.changed().await.is_ok() {
        tokio::time::sleep(SETTLE).await;
        changes.mark_unchanged();
        let (session, known) = (Arc::clone(&background.session), Arc::clone(&known));
        let told = Arc::clone(&told);
        let look = move || {
            let mut news = news(&session, &known);
            news.lists.extend(told.news(&session));
            news
        };
        let news = match tokio::task::spawn_blocking(look).await {
            Ok(news) => news,
            Err(error) => {
                tracing::error!(%error, "diagnostics were not sent");
                continue;
            }
        };
        // One after the other, so that no older list comes behind a newer one.
        for (uri, list, version) in news.lists {
            let list = serde_json::from_value(Value::Array(list)).unwrap_or_default();
            background.client.publish(uri, list, version).await;
        }
        if news.refresh {
            background.client.refresh_diagnostics();
        }
    }
}

/// Looks at all open documents for what the client does not have.
fn news(session: &Session, known: &Known) -> News {
    let capabilities = session.capabilities();
    let push = !capabilities.pull_diagnostics;
    let mut news = News::default();
    if !push && !capabilities.refresh_diagnostics {
        // The client asks when it wants to, and cannot be told to.
        return news;
    }
    let open = session.open_documents();
    for document in &open {
        let list = list(&document.snapshot);
        let hash = hash(&list);
        let address = document.uri.to_string();
        let before = known.insert(address, (document.version, hash));
        let differs = before.is_none_or(|before| before.1 != hash);
        // That nothing is wrong need not be said of a document just opened.
        if push && differs && (before.is_some() || !list.is_empty()) {
            let version = capabilities.diagnostic_version.then_some(document.version);
            news.lists.push((document.uri.clone(), list, version));
        }
        let is_same_text = before.is_some_and(|before| before.0 == document.version);
        news.refresh |= !push && differs && is_same_text;
    }
    let addresses = open.iter().map(|document| document.uri.as_str());
    let addresses: FxHashSet<&str> = addresses.collect();
    known.retain(|address, (_, hash)| {
        let stays = addresses.contains(address.as_str());
        if !stays
            && push
            && *hash != EMPTY
            && let Ok(uri) = lsp::Uri::parse(address)
        {
            news.lists.push((uri, Vec::new(), None));
        }
        stays
    });
    news
}

/// What was last pulled of each document: the vault that it was made from, and
/// its id. As long as the vault is the same, so is the report.
#[derive(Debug, Default)]
pub struct Reports(DashMap<String, (Weak<Vault>, String)>);

impl Reports {
    /// Whether the client's report, by its id, is the one of this moment.
    pub fn is_current(&self, uri: &str, snapshot: &Snapshot, previous: &str) -> bool {
        self.0.get(uri).is_some_and(|entry| {
            let (vault, id) = entry.value();
            let vault = vault.upgrade();
            vault.is_some_and(|vault| Arc::ptr_eq(&vault, &snapshot.vault)) && id == previous
        })
    }

    /// A report was made.
    pub fn note(&self, uri: String, snapshot: &Snapshot, report: &Value) {
        let id = report["resultId"].as_str().unwrap_or_default();
        let vault = Arc::downgrade(&snapshot.vault);
        self.0.insert(uri, (vault, id.to_owned()));
    }

    /// A document was closed.
    pub fn forget(&self, uri: &str) {
        self.0.remove(uri);
    }
}

/// The answer that the client has the list already.
pub fn unchanged(id: &str) -> Value {
    json!({"kind": "unchanged", "resultId": id})
}

/// The answer to a document's pull. What the client has already is not sent again.
pub fn report(snapshot: &Snapshot, previous: Option<&str>) -> Value {
    let list = list(snapshot);
    let id = format!("{:016x}", hash(&list));
    if previous == Some(&id) {
        return unchanged(&id);
    }
    json!({"kind": "full", "resultId": id, "items": list})
}

/// The diagnostics of the file of a snapshot, in the protocol's form.
fn list(snapshot: &Snapshot) -> Vec<Value> {
    let Some(text) = snapshot.text(snapshot.file) else {
        return Vec::new();
    };
    let found = diagnostics(&snapshot.vault, snapshot.file, &text, SIMILAR);
    let Some(note) = snapshot.vault.note(snapshot.file) else {
        return Vec::new();
    };
    let lines = note.lines.index(snapshot.encoding);
    let found = found.iter();
    found
        .map(|found| diagnostic(snapshot, &lines, found))
        .collect()
}

/// A diagnostic in the protocol's form.
pub fn diagnostic(snapshot: &Snapshot, lines: &LineIndex, found: &Diagnostic) -> Value {
    let severity = match found.severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Information => 3,
        Severity::Hint => 4,
    };
    let mut value = json!({
        "range": convert::range(lines, &found.range),
        "severity": severity,
        "code": found.rule.code(),
        "source": "vaultmark",
        "message": found.message,
    });
    let related = found.related.iter().filter_map(|(place, word)| {
        let range = if place.file == snapshot.file {
            convert::range(lines, &place.range)
        } else {
            snapshot.range(place.file, &place.range)
        };
        let uri = snapshot.address(place.file)?;
        Some(json!({"location": {"uri": uri, "range": range}, "message": word}))
    });
    let related: Vec<Value> = related.collect();
    if snapshot.related_information && !related.is_empty() {
        value["relatedInformation"] = Value::Array(related);
    }
    value
}

/// The hash of an empty list.
const EMPTY: u64 = 0;

fn hash(list: &[Value]) -> u64 {
    if list.is_empty() {
        return EMPTY;
    }
    let mut hasher = FxHasher::default();
    for item in list {
        item.to_string().hash(&mut hasher);
    }
    hasher.finish()
}
