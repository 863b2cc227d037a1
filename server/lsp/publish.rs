//! Diagnostics on their way to the client: pushed to those that wait for them,
//! and said to be new to those that ask.
//!
//! One task waits for changes of the vaults. It lets them settle, looks at the
//! open documents, and sends only what the client does not have. A client that
//! pulls asks for the documents that it changed itself; of others it is told.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use serde_json::{Value, json};
use tower_lsp::gen_lsp_types as lsp;
use vaultmark_vault::index::FileId;
use vaultmark_vault::lines::LineIndex;
use vaultmark_vault::query::diagnostics::Diagnostic;
use vaultmark_vault::rule::Severity;
use vaultmark_vault::touched::Touched;

use crate::background::Background;
use crate::convert;
use crate::moments::Moments;
use crate::schemas::Told;
use crate::session::Session;
use crate::snapshot::Snapshot;
use crate::whole::is_wanted;

/// Changes are let settle for this long: somebody may be typing.
pub(crate) const SETTLE: Duration = Duration::from_millis(120);

/// What the client has of the open documents.
#[derive(Debug, Default)]
struct Known {
    /// Their lists, by address.
    documents: FxHashMap<String, Sent>,
    /// The vaults that those were made from.
    moments: Moments,
}

/// What a list was made from, and its hash.
#[derive(Debug)]
struct Sent {
    root: Arc<str>,
    file: FileId,
    version: i32,
    hash: u64,
}

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
    let known: Arc<Mutex<Known>> = Arc::default();
    let told: Arc<Told> = Arc::default();
    while changes.changed().await.is_ok() {
        tokio::time::sleep(SETTLE).await;
        changes.mark_unchanged();
        let (session, known) = (Arc::clone(&background.session), Arc::clone(&known));
        let told = Arc::clone(&told);
        let look = move || {
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            let mut news = news(&session, &mut known);
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

/// Looks for what the client does not have, at the open documents that a
/// change since the last look may concern.
fn news(session: &Session, known: &mut Known) -> News {
    let capabilities = session.capabilities();
    let push = !capabilities.pull_diagnostics;
    let mut news = News::default();
    if !push && !capabilities.refresh_diagnostics {
        // The client asks when it wants to, and cannot be told to.
        return news;
    }
    let whole = wanted_roots(session);
    let open = session.open_documents();
    let snapshots = open.iter().map(|document| &document.snapshot);
    let touched = known.moments.step(snapshots);
    for document in &open {
        let snapshot = &document.snapshot;
        let address = document.uri.to_string();
        let before = known.documents.get(&address);
        let is_same_text = before.is_some_and(|before| before.version == document.version);
        let is_same_file = before.is_some_and(|before| {
            before.root == snapshot.root_address && before.file == snapshot.file
        });
        let is_touched = |touched: &Touched| touched.holds(&snapshot.vault, snapshot.file);
        if is_same_text && is_same_file && !touched.get(&snapshot.root).is_none_or(is_touched) {
            continue;
        }
        let list = list(snapshot);
        let sent = Sent {
            root: Arc::clone(&snapshot.root_address),
            file: snapshot.file,
            version: document.version,
            hash: hash(&list),
        };
        let differs = before.is_none_or(|before| before.hash != sent.hash);
        // That nothing is wrong need not be said of a document just opened.
        // Where all notes are reported, it may have been otherwise before.
        let is_whole = whole.contains(&snapshot.root_address);
        let is_news = differs && (before.is_some() || !list.is_empty() || is_whole);
        known.documents.insert(address, sent);
        if push && is_news {
            let version = capabilities.diagnostic_version.then_some(document.version);
            news.lists.push((document.uri.clone(), list, version));
        }
        news.refresh |= !push && differs && is_same_text;
    }
    let addresses = open.iter().map(|document| document.uri.as_str());
    let addresses: FxHashSet<&str> = addresses.collect();
    known.documents.retain(|address, sent| {
        let stays = addresses.contains(address.as_str());
        if !stays
            && push
            && sent.hash != EMPTY
            // Else the note goes on to be looked at, see [`crate::push`].
            && !whole.contains(&sent.root)
            && let Ok(uri) = lsp::Uri::parse(address)
        {
            news.lists.push((uri, Vec::new(), None));
        }
        stays
    });
    news
}

/// The addresses of the roots of which all notes are looked at.
fn wanted_roots(session: &Session) -> Vec<Arc<str>> {
    let snapshots = session.snapshots();
    let wanted = snapshots.iter().filter(|snapshot| is_wanted(snapshot));
    wanted
        .map(|snapshot| Arc::clone(&snapshot.root_address))
        .collect()
}

/// The answer that the client has the list already.
pub fn unchanged(id: &str) -> Value {
    json!({"kind": "unchanged", "resultId": id})
}

/// The answer to a document's pull. What the client has already is not sent again.
pub fn report(snapshot: &Snapshot, previous: Option<&str>) -> Value {
    let list = list(snapshot);
    let id = id(hash(&list));
    if previous == Some(&id) {
        return unchanged(&id);
    }
    json!({"kind": "full", "resultId": id, "items": list})
}

/// The id of a report whose list has this hash.
pub(crate) fn id(hash: u64) -> String {
    format!("{hash:016x}")
}

/// The diagnostics of the file of a snapshot, in the protocol's form.
fn list(snapshot: &Snapshot) -> Vec<Value> {
    listed(snapshot, &snapshot.diagnostics())
}

/// What was found in the file of a snapshot, in the protocol's form.
pub(crate) fn listed(snapshot: &Snapshot, found: &[Diagnostic]) -> Vec<Value> {
    let Some(note) = snapshot.vault.note(snapshot.file) else {
        return Vec::new();
    };
    let lines = note.lines.index(snapshot.encoding);
    found
        .iter()
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
    if snapshot.code_description
        && let Some(pages) = &snapshot.vault.settings().documentation
    {
        let page = format!("{pages}#{}", found.rule.code());
        value["codeDescription"] = json!({"href": page});
    }
    if snapshot.related_information && !related.is_empty() {
        value["relatedInformation"] = Value::Array(related);
    }
    value
}

/// The hash of an empty list.
pub(crate) const EMPTY: u64 = 0;

/// The hash of a list of diagnostics in the protocol's form.
pub(crate) fn hash(list: &[Value]) -> u64 {
    if list.is_empty() {
        return EMPTY;
    }
    let mut hasher = FxHasher::default();
    for item in list {
        item.to_string().hash(&mut hasher);
    }
    hasher.finish()
}
