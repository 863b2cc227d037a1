//! Code actions: the fixes of diagnostics, and all safe ones at once.

use std::ops::Range;

use serde_json::{Value, json};
use vaultmark_vault::lines::LineIndex;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::diagnostics::fix::safe_edits;
use vaultmark_vault::query::diagnostics::{SIMILAR, diagnostics};

use crate::convert;
use crate::publish;
use crate::snapshot::Snapshot;

const QUICK_FIX: &str = "quickfix";
const FIX_ALL: &str = "source.fixAll";

/// The kinds that are offered.
pub const KINDS: [&str; 2] = [QUICK_FIX, FIX_ALL];

/// Whether a kind is asked for; `only` names kinds and those above them.
fn is_wanted(kind: &str, only: Option<&[String]>) -> bool {
    let Some(only) = only else {
        // Actions on the whole note do not belong into a menu at the cursor.
        return kind == QUICK_FIX;
    };
    only.iter().any(|wanted| {
        let rest = kind.strip_prefix(wanted.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// The actions for a range of bytes of the snapshot's file.
pub fn actions(snapshot: &Snapshot, range: &Range<u32>, only: Option<&[String]>) -> Vec<Value> {
    let Some(text) = snapshot.text(snapshot.file) else {
        return Vec::new();
    };
    let Some(note) = snapshot.vault.note(snapshot.file) else {
        return Vec::new();
    };
    let lines = note.lines.index(snapshot.encoding);
    let found = diagnostics(&snapshot.vault, snapshot.file, &text, SIMILAR);
    let mut actions = Vec::new();
    if is_wanted(QUICK_FIX, only) {
        let here = found
            .iter()
            .filter(|found| found.range.start <= range.end && range.start <= found.range.end);
        for found in here {
            let Some(fix) = &found.fix else { continue };
            actions.push(json!({
                "title": fix.title,
                "kind": QUICK_FIX,
                "isPreferred": fix.is_safe,
                "diagnostics": [publish::diagnostic(snapshot, &lines, found)],
                "edit": edit(snapshot, &lines, &fix.edits),
            }));
        }
    }
    let safe = safe_edits(&found);
    if is_wanted(FIX_ALL, only) && !safe.is_empty() {
        actions.push(json!({
            "title": "Mend all that is plain",
            "kind": FIX_ALL,
            "edit": edit(snapshot, &lines, &safe),
        }));
    }
    actions
}

/// Edits of the snapshot's file in the form that the client takes. Of an open
/// note they are of this version only.
fn edit(snapshot: &Snapshot, lines: &LineIndex, edits: &[(Range<u32>, String)]) -> Value {
    let edits = edits
        .iter()
        .map(|(range, new)| json!({"range": convert::range(lines, range), "newText": new}));
    let edits: Vec<Value> = edits.collect();
    let uri = snapshot.address(snapshot.file).unwrap_or_default();
    if snapshot.document_changes {
        let document = json!({"uri": uri, "version": snapshot.version});
        json!({"documentChanges": [{"textDocument": document, "edits": edits}]})
    } else {
        json!({"changes": {uri: edits}})
    }
}
