//! Code actions: the fixes of diagnostics, all safe ones at once, and what
//! else can be done at a place.

use std::ops::Range;
use std::sync::Arc;

use serde_json::{Value, json};
use vaultmark_vault::edit::VaultEdit;
use vaultmark_vault::note::Note;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::actions::{ActionKind, Place, actions};
use vaultmark_vault::query::diagnostics::Diagnostic;
use vaultmark_vault::query::diagnostics::fix::safe_edits;

use crate::capabilities::Capabilities;
use crate::edits::{WorkspaceEdit, workspace_edit};
use crate::publish;
use crate::snapshot::Snapshot;

const QUICK_FIX: &str = "quickfix";
const FIX_ALL: &str = "source.fixAll";
const CONTENTS: &str = "source.tableOfContents";

/// The kinds that are offered.
pub const KINDS: [&str; 6] = [
    QUICK_FIX,
    "refactor.extract",
    "refactor.inline",
    "refactor.rewrite",
    FIX_ALL,
    CONTENTS,
];

fn name(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::QuickFix => QUICK_FIX,
        ActionKind::Extract => "refactor.extract",
        ActionKind::Inline => "refactor.inline",
        ActionKind::Rewrite => "refactor.rewrite",
        ActionKind::Contents => CONTENTS,
    }
}

/// Whether a kind is asked for; `only` names kinds and those above them.
fn is_wanted(kind: &str, only: Option<&[String]>) -> bool {
    let Some(only) = only else {
        // Actions on the whole note do not belong into a menu at the cursor.
        return !kind.starts_with("source.");
    };
    only.iter().any(|wanted| {
        let rest = kind.strip_prefix(wanted.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// The note of a snapshot, with its text.
fn source(snapshot: &Snapshot) -> Option<(Arc<Note>, Arc<str>)> {
    let text = snapshot.text(snapshot.file)?;
    let note = snapshot.vault.note(snapshot.file)?;
    Some((note, text))
}

/// The actions for a range of bytes of the snapshot's file. Where the client
/// asks for the edit of the one that was chosen, `data` goes with it.
pub fn list(
    snapshot: &Snapshot,
    range: &Range<u32>,
    only: Option<&[String]>,
    capabilities: Capabilities,
    data: &Value,
) -> Vec<Value> {
    let Some((note, text)) = source(snapshot) else {
        return Vec::new();
    };
    let lines = note.lines.index(snapshot.encoding);
    let found = snapshot.diagnostics();
    let is_here =
        |found: &&Diagnostic| found.range.start <= range.end && range.start <= found.range.end;
    let here: Vec<&Diagnostic> = found.iter().filter(is_here).collect();
    let report = |found: &&Diagnostic| publish::diagnostic(snapshot, &lines, found);
    let own = |edits| workspace_edit(snapshot, &VaultEdit::of(snapshot.file, edits));
    let mut list = Vec::new();
    let fixes = here
        .iter()
        .filter_map(|found| Some((found, found.fix.as_ref()?)));
    for (found, fix) in fixes.filter(|_| is_wanted(QUICK_FIX, only)) {
        list.push(json!({
            "title": fix.title,
            "kind": QUICK_FIX,
            "isPreferred": fix.is_safe,
            "diagnostics": [report(found)],
            "edit": own(fix.edits.clone()),
        }));
    }
    let place = Place::new(&snapshot.vault, snapshot.file, &note, &text, range.clone());
    for action in actions(&place) {
        let kind = name(action.kind);
        if !is_wanted(kind, only) || action.creates && !capabilities.create_files {
            continue;
        }
        let mended = here
            .iter()
            .filter(|found| action.mends.contains(&found.rule));
        let mended: Vec<Value> = mended.map(report).collect();
        let mut item = json!({"title": action.title, "kind": kind});
        if !mended.is_empty() {
            item["diagnostics"] = Value::Array(mended);
        }
        if action.is_preferred {
            item["isPreferred"] = Value::Bool(true);
        }
        if capabilities.action_resolve {
            item["data"] = data.clone();
        } else {
            let edit = action.edit(snapshot);
            let Some(edit) = edit.and_then(|edit| workspace_edit(snapshot, &edit)) else {
                continue;
            };
            item["edit"] = json!(edit);
        }
        list.push(item);
    }
    keep_one_preferred(&mut list);
    let is_all = is_wanted(FIX_ALL, only);
    let safe = if is_all {
        safe_edits(&found)
    } else {
        Vec::new()
    };
    if !safe.is_empty() {
        list.push(json!({
            "title": "Mend all that is plain",
            "kind": FIX_ALL,
            "edit": own(safe),
        }));
    }
    list
}

/// A key that takes the preferred action must not have to choose.
fn keep_one_preferred(list: &mut [Value]) {
    let preferred = list.iter_mut().filter(|item| item["isPreferred"] == true);
    for item in preferred.skip(1) {
        item["isPreferred"] = Value::Bool(false);
    }
}

/// The edit of the action of this title at a range of bytes. `None` when the
/// action is there no more, or a note that it needs cannot be read.
pub fn edit(snapshot: &Snapshot, range: &Range<u32>, title: &str) -> Option<WorkspaceEdit> {
    let (note, text) = source(snapshot)?;
    let place = Place::new(&snapshot.vault, snapshot.file, &note, &text, range.clone());
    let mut actions = actions(&place).into_iter();
    let action = actions.find(|action| action.title == title)?;
    workspace_edit(snapshot, &action.edit(snapshot)?)
}
