//! `vaultmark check`: the rules over a vault or some notes, for terminals and
//! for CI.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::json;
use vaultmark_vault::index::FileId;
use vaultmark_vault::lines::{LineIndex, Lines};
use vaultmark_vault::query::diagnostics::{Diagnostic, SIMILAR, diagnostics};
use vaultmark_vault::query::schemas::bad_schemas;
use vaultmark_vault::rule::{Rule, Severity};
use vaultmark_vault::text::Encoding;
use vaultmark_vault::vault::Vault;

use crate::cli::status::open;
use crate::cli::{fix, sarif};
use crate::disk;

/// Longer lines are not shown, only where they are.
const MAX_EXCERPT: usize = 2_000;

/// So often fixes are made and the notes checked again.
const MAX_ROUNDS: usize = 4;

/// In more notes than this no similar names are proposed.
const MANY: usize = 5_000;

/// How the findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Excerpts of the notes with carets.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

/// What is asked for.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Folders and notes to check; the current folder if none is named.
    pub paths: Vec<PathBuf>,
    /// How the findings are printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Report only what is at least so serious: error, warning, information, hint.
    #[arg(long, value_parser = severity, default_value = "warning")]
    pub severity: Severity,
    /// Report this rule, whatever its severity, and as an error.
    #[arg(long, value_parser = rule)]
    pub deny: Vec<Rule>,
    /// Mend what can be mended without a doubt, and report the rest.
    #[arg(long)]
    pub fix: bool,
    /// With `--fix`: show what would be changed, and change nothing.
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
    /// Count the findings of each rule instead of listing them.
    #[arg(long)]
    pub count: bool,
}

fn severity(name: &str) -> Result<Severity, String> {
    let names = Severity::NAMES;
    let found = names.iter().find(|known| known.0 == name);
    found.map(|found| found.1).ok_or_else(|| {
        let names: Vec<&str> = names.iter().map(|name| name.0).collect();
        format!("there are {}", names.join(", "))
    })
}

fn rule(code: &str) -> Result<Rule, String> {
    Rule::of(code).ok_or_else(|| "docs/diagnostics.md lists the rules".to_owned())
}

/// The findings in one note.
#[derive(Debug)]
pub struct Findings {
    /// The path of the note as it is shown.
    pub path: String,
    /// Its text.
    pub text: String,
    /// What is wrong in it, in order.
    pub found: Vec<Diagnostic>,
}

impl Findings {
    /// The lines of the text, for [`place`].
    pub fn lines(&self) -> LineIndex {
        Lines::new(&self.text).index(Encoding::Utf32)
    }
}

/// Line and column, from 1 and in characters, of the ends of a range.
pub fn place(lines: &LineIndex, range: &std::ops::Range<u32>) -> [u32; 4] {
    let (start, end) = (lines.line_col(range.start), lines.line_col(range.end));
    [
        start.line + 1,
        start.column + 1,
        end.line + 1,
        end.column + 1,
    ]
}

/// Checks, prints, and says whether something was found.
///
/// # Errors
/// When a path is not there, or the output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<bool> {
    let mut all = Vec::new();
    for (root, wanted) in roots(&arguments.paths)? {
        let opened = open(&root)?;
        for problem in &opened.problems {
            let _ = writeln!(std::io::stderr(), "vaultmark: {problem}");
        }
        let mut found = findings(&opened.vault, &root, &wanted, arguments);
        if arguments.dry_run {
            fix::show(&found, out)?;
            continue;
        }
        // A fix may have been in the way of another one.
        for _ in 0..MAX_ROUNDS {
            if !arguments.fix || !fix::mend(&root, &found)? {
                break;
            }
            found = findings(&open(&root)?.vault, &root, &wanted, arguments);
        }
        let current = std::env::current_dir().unwrap_or_default();
        let shown = root.strip_prefix(&current).unwrap_or(&root).to_path_buf();
        all.extend(found.into_iter().map(|findings| Findings {
            path: shown.join(&findings.path).display().to_string(),
            ..findings
        }));
    }
    let some = !all.is_empty();
    if arguments.dry_run {
        return Ok(false);
    }
    if arguments.count {
        print_counts(&all, out)?;
        return Ok(some);
    }
    match arguments.format {
        Format::Text => print_text(&all, out)?,
        Format::Json => print_json(&all, out)?,
        Format::Sarif => writeln!(out, "{:#}", sarif::log(&all))?,
        Format::Github => print_github(&all, out)?,
    }
    Ok(some)
}

/// The vaults that the paths lie in, each with the paths in it that are asked
/// for; the empty path means all notes.
fn roots(paths: &[PathBuf]) -> Result<BTreeMap<PathBuf, Vec<String>>> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut roots: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for path in paths {
        let full = path
            .canonicalize()
            .with_context(|| format!("there is no {}", path.display()))?;
        let root = root_of(&full);
        let inside = disk::relative(&root, &full).unwrap_or_default();
        roots.entry(root).or_default().push(inside);
    }
    Ok(roots)
}

/// The vault of a path: the one around it, else the current folder if it lies
/// there, else what an editor would open.
fn root_of(path: &Path) -> PathBuf {
    let current = std::env::current_dir().and_then(|folder| folder.canonicalize());
    let current = current.ok().filter(|folder| path.starts_with(folder));
    let alone = || {
        if path.is_dir() {
            path.to_path_buf()
        } else {
            disk::home_of(path).0
        }
    };
    disk::vault_around(path).or(current).unwrap_or_else(alone)
}

/// What is found in the notes that are asked for, by path.
fn findings(vault: &Vault, root: &Path, wanted: &[String], arguments: &Arguments) -> Vec<Findings> {
    let is_wanted = |path: &str| {
        wanted.iter().any(|wanted| {
            let rest = path.strip_prefix(wanted.as_str());
            rest.is_some_and(|rest| wanted.is_empty() || rest.is_empty() || rest.starts_with('/'))
        })
    };
    let files = vault.files().iter().filter(|file| file.1.facts.is_some());
    let notes = files.filter_map(|(id, _)| Some((vault.path(id)?, id)));
    let mut notes: Vec<(String, FileId)> = notes.filter(|note| is_wanted(&note.0)).collect();
    notes.sort();
    // In a whole large vault the names that were meant would take most of the time.
    let similar = if notes.len() > MANY { 0 } else { SIMILAR };
    let next = AtomicUsize::new(0);
    let all: Mutex<Vec<Findings>> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((path, id)) = notes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(text) = disk::listed_text(root, path) else {
                        continue;
                    };
                    let mut found = diagnostics(vault, *id, &text, similar);
                    found.retain_mut(|diagnostic| keeps(diagnostic, arguments));
                    if !found.is_empty() {
                        let path = path.clone();
                        let findings = Findings { path, text, found };
                        all.lock()
                            .unwrap_or_else(std::sync::PoisonError::into_inner)
                            .push(findings);
                    }
                }
            });
        }
    });
    let mut all = all
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let bad = bad_schemas(vault).into_iter();
    let bad = bad.filter(|(path, ..)| is_wanted(path));
    all.extend(bad.filter_map(|(path, _, mut bad)| {
        let text = disk::listed_text(root, path).unwrap_or_default();
        keeps(&mut bad, arguments).then(|| Findings {
            path: path.to_owned(),
            text,
            found: vec![bad],
        })
    }));
    all.sort_by(|left, right| left.path.cmp(&right.path));
    all
}

/// Whether a finding is to be reported; one that is denied becomes an error.
fn keeps(diagnostic: &mut Diagnostic, arguments: &Arguments) -> bool {
    if arguments.deny.contains(&diagnostic.rule) {
        diagnostic.severity = Severity::Error;
    }
    diagnostic.severity <= arguments.severity
}

fn print_counts(all: &[Findings], out: &mut dyn Write) -> Result<()> {
    let mut counts: BTreeMap<Rule, (usize, usize)> = BTreeMap::new();
    for findings in all {
        let mut rules: Vec<Rule> = findings.found.iter().map(|found| found.rule).collect();
        for rule in &rules {
            counts.entry(*rule).or_default().0 += 1;
        }
        rules.sort_unstable();
        rules.dedup();
        for rule in rules {
            counts.entry(rule).or_default().1 += 1;
        }
    }
    writeln!(out, "{:<24}{:>9}{:>9}", "rule", "findings", "notes")?;
    for (rule, (findings, notes)) in counts {
        writeln!(out, "{:<24}{findings:>9}{notes:>9}", rule.code())?;
    }
    Ok(())
}

fn print_text(all: &[Findings], out: &mut dyn Write) -> Result<()> {
    let renderer = if std::io::stdout().is_terminal() {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut count = 0;
    for findings in all {
        let lines = findings.lines();
        for found in &findings.found {
            count += 1;
            let level = match found.severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
                Severity::Information => Level::INFO,
                Severity::Hint => Level::HELP,
            };
            let title = level.primary_title(&*found.message).id(found.rule.code());
            // Only the lines that are shown: the whole text would be read each time.
            let first = lines.line_of(found.range.start).start as usize;
            let last = lines.line_of(found.range.end).end as usize;
            let [line, column, ..] = place(&lines, &found.range);
            let group = Group::with_title(title);
            let group = if last - first > MAX_EXCERPT {
                let path = Origin::path(&*findings.path);
                group.element(path.line(line as usize).char_column(column as usize))
            } else {
                let source = findings.text.get(first..last).unwrap_or("");
                let range = found.range.start as usize - first..found.range.end as usize - first;
                let snippet = Snippet::source(source).line_start(line as usize);
                let annotation = AnnotationKind::Primary.span(range);
                group.element(snippet.path(&findings.path).annotation(annotation))
            };
            writeln!(out, "{}\n", renderer.render(&[group]))?;
        }
    }
    let notes = all.len();
    match count {
        0 => writeln!(out, "Nothing found.")?,
        _ => writeln!(out, "{count} findings in {notes} notes.")?,
    }
    Ok(())
}

fn print_json(all: &[Findings], out: &mut dyn Write) -> Result<()> {
    let found = all.iter().flat_map(|findings| {
        let lines = findings.lines();
        findings.found.iter().map(move |found| {
            let [line, column, end_line, end_column] = place(&lines, &found.range);
            json!({
                "path": findings.path, "line": line, "column": column,
                "endLine": end_line, "endColumn": end_column,
                "rule": found.rule.code(), "severity": found.severity.name(),
                "message": found.message,
            })
        })
    });
    let found: Vec<serde_json::Value> = found.collect();
    writeln!(out, "{:#}", json!({"findings": found}))?;
    Ok(())
}

fn print_github(all: &[Findings], out: &mut dyn Write) -> Result<()> {
    let escaped = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let property = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    for findings in all {
        let lines = findings.lines();
        for found in &findings.found {
            let level = match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Information | Severity::Hint => "notice",
            };
            let [line, column, end_line, _] = place(&lines, &found.range);
            writeln!(
                out,
                "::{level} file={},line={line},col={column},endLine={end_line},title={}::{}",
                property(&findings.path),
                found.rule.code(),
                escaped(&found.message)
            )?;
        }
    }
    Ok(())
}
