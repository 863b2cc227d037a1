//! What is wrong in the notes of a vault. Of their texts only what is shown is
//! kept: those of a large vault would fill the memory.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use indicatif::ProgressBar;
use vaultmark_vault::edit::applied;
use vaultmark_vault::index::FileId;
use vaultmark_vault::lines::{LineIndex, Lines};
use vaultmark_vault::query::diagnostics::Diagnostic;
use vaultmark_vault::query::diagnostics::fix::safe_edits;
use vaultmark_vault::query::schemas::bad_schemas;
use vaultmark_vault::rule::{Rule, Severity};
use vaultmark_vault::text::Encoding;
use vaultmark_vault::vault::Vault;

use crate::cli::baseline::Baseline;
use crate::disk;
use crate::survey::{Pace, similar, survey};

/// Longer lines are not shown, only where they are.
const MAX_EXCERPT: usize = 2_000;

/// One thing that is wrong.
#[derive(Debug)]
pub(super) struct Finding {
    /// The rule that is broken.
    pub rule: Rule,
    /// How serious it is.
    pub severity: Severity,
    /// What is wrong and what to do.
    pub message: String,
    /// Line and column of its beginning and its end, from 1 and in characters.
    pub place: [u32; 4],
    /// The lines that hold it, and what of them is wrong, in bytes.
    pub excerpt: Option<(String, Range<usize>)>,
    /// The text that is wrong.
    pub text: String,
}

/// The findings in one note.
#[derive(Debug)]
pub(super) struct Findings {
    /// The path of the note: from the root of the vault, and later as it is shown.
    pub path: String,
    /// What is wrong in it, in order.
    pub found: Vec<Finding>,
    /// Its text with all safe fixes made, and as it is, if that is asked for
    /// and there are any.
    pub mended: Option<(String, String)>,
}

/// What is looked for, and what of it is wanted.
#[derive(Debug)]
pub(super) struct Search<'a> {
    /// Paths of folders and notes from the root; the empty one means all.
    pub wanted: &'a [String],
    /// Rules whose breaches are errors.
    pub deny: &'a [Rule],
    /// The least that is reported.
    pub severity: Severity,
    /// Whether excerpts are kept.
    pub excerpts: bool,
    /// Whether mended texts are kept.
    pub fixes: bool,
}

impl Search<'_> {
    /// Whether a note is to be looked at, by its path from the root.
    pub(super) fn wants(&self, path: &str) -> bool {
        self.wanted.iter().any(|wanted| {
            let rest = path.strip_prefix(wanted.as_str());
            rest.is_some_and(|rest| wanted.is_empty() || rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// What is found in the notes that are asked for and is not in the
    /// baseline, by path. What is found of the baseline is taken out of it.
    pub(super) fn run(&self, vault: &Vault, root: &Path, baseline: &mut Baseline) -> Vec<Findings> {
        let files = vault.files().iter().filter(|file| file.1.facts.is_some());
        let notes = files.filter(|file| vault.path(file.0).is_some_and(|path| self.wants(&path)));
        let notes: Vec<FileId> = notes.map(|note| note.0).collect();
        let bar = ProgressBar::new(notes.len() as u64);
        let looked = AtomicU64::new(0);
        let (baseline, all) = (Mutex::new(baseline), Mutex::new(Vec::new()));
        survey(
            vault,
            &notes,
            |_| similar(notes.len()),
            |note| disk::listed_text(root, &vault.path(note)?),
            || {
                let looked = looked.fetch_add(1, Ordering::Relaxed);
                // To draw takes longer than to look at a note.
                if looked.is_multiple_of(256) {
                    bar.set_position(looked);
                }
                Pace::Full
            },
            |note, text, wrong| {
                let Some(path) = vault.path(note).filter(|_| !wrong.is_empty()) else {
                    return;
                };
                let mut wrong = wrong;
                wrong.retain(|found| {
                    let mut baseline = baseline.lock().unwrap_or_else(PoisonError::into_inner);
                    !baseline.take(&path, found.rule, slice(&text, found))
                });
                wrong.retain_mut(|found| self.keeps(found));
                if let Some(facts) = vault.facts(note).filter(|_| !wrong.is_empty()) {
                    let lines = facts.lines().index(Encoding::Utf32);
                    let findings = self.findings(path, text, &lines, wrong);
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    all.push(findings);
                }
            },
        );
        bar.finish_and_clear();
        let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        let baseline = baseline
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        all.extend(self.schemas(vault, root, baseline));
        all.sort_by(|left, right| left.path.cmp(&right.path));
        all
    }

    /// The schemas that cannot be used.
    fn schemas(&self, vault: &Vault, root: &Path, baseline: &mut Baseline) -> Vec<Findings> {
        let mut all = Vec::new();
        for (path, _, mut bad) in bad_schemas(vault) {
            let text = disk::listed_text(root, path).unwrap_or_default();
            let mut is_new = || !baseline.take(path, bad.rule, slice(&text, &bad));
            if self.wants(path) && is_new() && self.keeps(&mut bad) {
                let lines = Lines::new(&text).index(Encoding::Utf32);
                all.push(self.findings(path.to_owned(), text, &lines, vec![bad]));
            }
        }
        all
    }

    /// Whether something is to be reported; what is denied becomes an error.
    fn keeps(&self, found: &mut Diagnostic) -> bool {
        if self.deny.contains(&found.rule) {
            found.severity = Severity::Error;
        }
        found.severity <= self.severity
    }

    fn findings(
        &self,
        path: String,
        text: String,
        lines: &LineIndex,
        wrong: Vec<Diagnostic>,
    ) -> Findings {
        let edits = if self.fixes {
            safe_edits(&wrong)
        } else {
            Vec::new()
        };
        let found = wrong.into_iter().map(|found| Finding {
            place: place(lines, &found.range),
            excerpt: self
                .excerpts
                .then(|| excerpt(&text, lines, &found.range))
                .flatten(),
            text: slice(&text, &found).to_owned(),
            rule: found.rule,
            severity: found.severity,
            message: found.message,
        });
        Findings {
            path,
            found: found.collect(),
            mended: (!edits.is_empty()).then(|| (applied(&text, &edits), text)),
        }
    }
}

/// The text that is wrong.
fn slice<'t>(text: &'t str, found: &Diagnostic) -> &'t str {
    let range = found.range.start as usize..found.range.end as usize;
    text.get(range).unwrap_or("")
}

fn place(lines: &LineIndex, range: &Range<u32>) -> [u32; 4] {
    let (start, end) = (lines.line_col(range.start), lines.line_col(range.end));
    let from_1 = [start.line, start.column, end.line, end.column];
    from_1.map(|number| number + 1)
}

fn excerpt(text: &str, lines: &LineIndex, range: &Range<u32>) -> Option<(String, Range<usize>)> {
    let first = lines.line_of(range.start).start as usize;
    let last = lines.line_of(range.end).end as usize;
    let source = text
        .get(first..last)
        .filter(|source| source.len() <= MAX_EXCERPT)?;
    let span = range.start as usize - first..range.end as usize - first;
    Some((source.to_owned(), span))
}
