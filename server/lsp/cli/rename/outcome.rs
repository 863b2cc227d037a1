//! What a rename does or did, for people and for programs.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use serde_json::{Value, json};
use vaultmark_vault::lines::Lines;
use vaultmark_vault::query::rename::{Part, Plan};
use vaultmark_vault::text::Encoding;

use super::How;
use crate::apply::repositories::around;
use crate::cli::diff;
use crate::rename::perform::Rewritten;
use crate::snapshot::Snapshot;

/// The form of the JSON.
const VERSION: u32 = 1;
/// So many things of a kind are named in the summary.
const MAX_NAMED: usize = 20;

/// What happens to one note.
#[derive(Debug, Default)]
struct Note {
    /// How many edits of each part.
    parts: BTreeMap<Part, usize>,
    /// The edits, where JSON is wanted.
    edits: Vec<Value>,
    /// The text before and after, where a diff is wanted.
    texts: Option<[String; 2]>,
}

/// What a rename does, as far as it was seen.
#[derive(Debug)]
pub(super) struct Outcome {
    with_edits: bool,
    with_texts: bool,
    /// What is not changed and should be looked at.
    said: Vec<String>,
    notes: Mutex<BTreeMap<String, Note>>,
}

impl Outcome {
    /// Nothing yet.
    pub(super) fn new(with_edits: bool, with_texts: bool, said: Vec<String>) -> Self {
        Self {
            with_edits,
            with_texts,
            said,
            notes: Mutex::default(),
        }
    }

    /// Takes note of a note that gets another text.
    pub(super) fn see(&self, note: &Rewritten<'_>) {
        let mut own = Note::default();
        for edit in note.edits {
            *own.parts.entry(edit.part).or_default() += 1;
        }
        if self.with_edits {
            own.edits = edits(note);
        }
        if self.with_texts {
            own.texts = Some([note.old.to_owned(), note.new.to_owned()]);
        }
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.insert(note.path.to_owned(), own);
    }

    /// Prints it.
    ///
    /// # Errors
    /// When it cannot be printed.
    pub(super) fn print(
        self,
        snapshot: &Snapshot,
        plan: &Plan,
        how: &How,
        out: &mut dyn Write,
    ) -> Result<()> {
        let notes = self
            .notes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let paths = plan.moves.iter().flat_map(|own| [&*own.from, &*own.to]);
        let touched = notes.keys().map(String::as_str).chain(paths);
        if how.json {
            let repositories = around(snapshot.root(), touched);
            let mut value = to_json(snapshot, plan, how, (&notes, &repositories));
            value["said"] = json!(self.said);
            writeln!(out, "{value:#}")?;
            return Ok(());
        }
        let moves: BTreeMap<&str, &str> = plan
            .moves
            .iter()
            .map(|own| (&*own.from, &*own.to))
            .collect();
        for (path, note) in &notes {
            if let Some([old, new]) = &note.texts {
                let to = moves
                    .get(path.as_str())
                    .unwrap_or(&path.as_str())
                    .to_owned();
                diff::unified(out, [path, to], [old, new])?;
            }
        }
        if self.with_texts {
            for (path, text) in &plan.created {
                diff::unified(out, ["/dev/null", path], ["", text])?;
            }
        }
        summary(snapshot, plan, &notes, out)?;
        named(out, "Look at: ", self.said.iter())?;
        if how.apply {
            repositories(snapshot.root(), touched, out)?;
            writeln!(out, "Done. `vaultmark undo` takes it back.")?;
        } else {
            writeln!(out, "Nothing was changed; `--apply` does it.")?;
        }
        Ok(())
    }
}

/// The edits of a note, with lines and columns from 1 and in characters.
fn edits(note: &Rewritten<'_>) -> Vec<Value> {
    let lines = Lines::new(note.old).index(Encoding::Utf32);
    let edits = note.edits.iter().map(|edit| {
        let range = edit.range.start as usize..edit.range.end as usize;
        let (start, end) = (
            lines.line_col(edit.range.start),
            lines.line_col(edit.range.end),
        );
        json!({
            "line": start.line + 1, "column": start.column + 1,
            "endLine": end.line + 1, "endColumn": end.column + 1,
            "part": edit.part.words(),
            "old": note.old.get(range).unwrap_or(""), "new": edit.new,
        })
    });
    edits.collect()
}

/// The folder of a file's tier.
fn tier<'s>(snapshot: &'s Snapshot, path: &str) -> Option<&'s str> {
    let tiers = snapshot.vault.tiers();
    let full = format!("{}{path}", snapshot.vault.mount());
    let tier = tiers.0.get(tiers.of(&full)?)?;
    Some(&tier.folder)
}

fn to_json(
    snapshot: &Snapshot,
    plan: &Plan,
    how: &How,
    (notes, repositories): (&BTreeMap<String, Note>, &[std::path::PathBuf]),
) -> Value {
    let moves = plan
        .moves
        .iter()
        .map(|own| json!({"from": own.from, "to": own.to, "tier": tier(snapshot, &own.from)}));
    let folders = plan
        .folders
        .iter()
        .map(|own| json!({"from": own.0, "to": own.1}));
    let created = plan.created.iter();
    let created = created.map(|own| json!({"path": own.0, "text": own.1}));
    let notes = notes
        .iter()
        .map(|(path, note)| json!({"path": path, "edits": note.edits}));
    let repositories = repositories.iter().map(|path| path.display().to_string());
    json!({
        "version": VERSION,
        "vault": snapshot.root().display().to_string(),
        "applied": how.apply,
        "moves": moves.collect::<Vec<_>>(),
        "folders": folders.collect::<Vec<_>>(),
        "notes": notes.collect::<Vec<_>>(),
        "created": created.collect::<Vec<_>>(),
        "warnings": plan.warnings,
        "repositories": repositories.collect::<Vec<_>>(),
    })
}

/// A refusal for programs.
pub(super) fn refusal(root: &Path, message: &str) -> Value {
    json!({"version": VERSION, "vault": root.display().to_string(), "applied": false, "refused": message})
}

fn summary(
    snapshot: &Snapshot,
    plan: &Plan,
    notes: &BTreeMap<String, Note>,
    out: &mut dyn Write,
) -> Result<()> {
    if !plan.moves.is_empty() {
        writeln!(out, "Files that move: {}", plan.moves.len())?;
        let mut tiers: BTreeMap<&str, usize> = BTreeMap::new();
        for own in &plan.moves {
            let tier = tier(snapshot, &own.from).unwrap_or("in no tier");
            *tiers.entry(tier).or_default() += 1;
        }
        for (tier, count) in tiers
            .iter()
            .filter(|own| tiers.len() > 1 || *own.0 != "in no tier")
        {
            writeln!(out, "  {tier}: {count}")?;
        }
        for (from, to) in &plan.folders {
            writeln!(out, "  {from}/ → {to}/, with all that is in it")?;
        }
        let alone = plan.moves.iter().filter(|own| !plan.is_carried(&own.from));
        let alone = alone.map(|own| format!("{} → {}", own.from, own.to));
        named(out, "  ", alone)?;
    }
    if !plan.created.is_empty() {
        let count = plan.created.len();
        writeln!(out, "Notes that stay at old paths: {count}")?;
        named(out, "  ", plan.created.iter().map(|own| &own.0))?;
    }
    let all = || notes.values().flat_map(|note| &note.parts);
    let count: usize = all().map(|own| own.1).sum();
    writeln!(
        out,
        "Places that are rewritten: {count}, in {} notes",
        notes.len()
    )?;
    for part in Part::ALL {
        let count: usize = all().filter(|own| *own.0 == part).map(|own| own.1).sum();
        if count > 0 {
            let look = if part.is_uncertain() {
                "  (look at these)"
            } else {
                ""
            };
            writeln!(out, "  {}: {count}{look}", part.words())?;
        }
    }
    for warning in &plan.warnings {
        writeln!(out, "Mind: {warning}")?;
    }
    Ok(())
}

/// Names things, each in a line of its own, as long as there are not too many.
fn named(
    out: &mut dyn Write,
    before: &str,
    things: impl Iterator<Item = impl std::fmt::Display>,
) -> Result<()> {
    let mut things = things;
    for thing in things.by_ref().take(MAX_NAMED) {
        writeln!(out, "{before}{thing}")?;
    }
    let rest = things.count();
    if rest > 0 {
        writeln!(out, "{before}… and {rest} more")?;
    }
    Ok(())
}

/// Says which git repositories around some files were changed.
///
/// # Errors
/// When it cannot be printed.
pub(super) fn repositories<'p>(
    root: &Path,
    paths: impl Iterator<Item = &'p str>,
    out: &mut dyn Write,
) -> Result<()> {
    let found = around(root, paths);
    if !found.is_empty() {
        writeln!(out, "Git repositories with changes:")?;
    }
    for repository in found {
        writeln!(out, "  {}", repository.display())?;
    }
    Ok(())
}
