//! Says to the client that what it shows of open documents is not true any more,
//! because other files changed: it asks by itself only about its own changes.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::{FxHashMap, FxHasher};
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::hints::hints;
use vaultmark_vault::query::lenses::lenses;
use vaultmark_vault::query::tokens::tokens;

use crate::background::Background;
use crate::capabilities::Capabilities;
use crate::client::Stale;
use crate::session::Session;
use crate::snapshot::Snapshot;

/// Changes are let settle for this long: the client must ask for everything again.
const SETTLE: Duration = Duration::from_millis(300);

/// The version of a document, and hashes of what there is to show of it:
/// tokens, hints, lenses.
type Views = (i32, [u64; 3]);

/// What was there to show when this was looked at last.
#[derive(Debug, Default)]
struct Known {
    documents: FxHashMap<String, Views>,
    /// All notes were read then.
    complete: bool,
}

/// Runs until the client is gone.
pub async fn run(background: Background) {
    let capabilities = background.session.capabilities();
    let can =
        capabilities.refresh_tokens || capabilities.refresh_hints || capabilities.refresh_lenses;
    if !can {
        return;
    }
    let mut changes = background.session.changes();
    let mut known = Known::default();
    while changes.changed().await.is_ok() {
        tokio::time::sleep(SETTLE).await;
        changes.mark_unchanged();
        let session = Arc::clone(&background.session);
        let look = move || {
            let stale = known.look(&session, capabilities);
            (known, stale)
        };
        let stale;
        (known, stale) = match tokio::task::spawn_blocking(look).await {
            Ok(looked) => looked,
            Err(error) => {
                tracing::error!(%error, "what changed was not looked at");
                (Known::default(), Stale::default())
            }
        };
        if stale != Stale::default() {
            background.client.refresh(stale);
        }
    }
}

impl Known {
    /// Looks at all open documents for what changed without a change of their text.
    fn look(&mut self, session: &Session, capabilities: Capabilities) -> Stale {
        let open = session.open_documents();
        let mut differs = [false; 3];
        let mut documents = FxHashMap::default();
        for document in &open {
            let now = views(&document.snapshot, capabilities);
            let address = document.uri.to_string();
            if let Some((version, before)) = self.documents.get(&address)
                && *version == document.version
            {
                let pairs = before.iter().zip(now);
                for (differs, (before, now)) in differs.iter_mut().zip(pairs) {
                    *differs |= *before != now;
                }
            }
            documents.insert(address, (document.version, now));
        }
        self.documents = documents;
        let is_complete = |snapshot: &Snapshot| snapshot.vault.is_complete();
        let complete = open.iter().all(|document| is_complete(&document.snapshot));
        // What was asked before that may have been shown and not been seen here.
        let is_first = complete && !self.complete && !open.is_empty();
        self.complete |= is_first;
        let [tokens, hints, lenses] = differs.map(|differs| differs || is_first);
        Stale {
            tokens: tokens && capabilities.refresh_tokens,
            hints: hints && capabilities.refresh_hints,
            lenses: lenses && capabilities.refresh_lenses,
        }
    }
}

/// Hashes of what there is to show, as far as the client can be told of it.
fn views(snapshot: &Snapshot, capabilities: Capabilities) -> [u64; 3] {
    let (vault, file) = (&snapshot.vault, snapshot.file);
    let features = vault.settings().features;
    let Some(text) = snapshot.text(file) else {
        return [0; 3];
    };
    let whole = 0..u32::MAX;
    let mut hashers: [FxHasher; 3] = Default::default();
    if capabilities.refresh_tokens && features.semantic_tokens {
        for token in tokens(vault, file, &text, &whole) {
            (token.range, token.marks).hash(&mut hashers[0]);
        }
    }
    if capabilities.refresh_hints && features.inlay_hints {
        for hint in hints(vault, file, &text, &whole) {
            (hint.at, hint.label).hash(&mut hashers[1]);
        }
    }
    if capabilities.refresh_lenses && features.code_lens {
        for lens in lenses(vault, file) {
            format!("{lens:?}").hash(&mut hashers[2]);
        }
    }
    hashers.map(|hasher| hasher.finish())
}
