//! Findings as terminals and other programs want them.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anyhow::Result;
use serde_json::json;
use vaultmark_vault::rule::{Rule, Severity};

use crate::cli::findings::Findings;

/// Prints how often each rule was broken, and in how many notes.
///
/// # Errors
/// When it cannot be printed.
pub(super) fn counts(all: &[Findings], out: &mut dyn Write) -> Result<()> {
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

/// Prints the findings with excerpts of the notes and carets.
///
/// # Errors
/// When they cannot be printed.
pub(super) fn text(all: &[Findings], out: &mut dyn Write) -> Result<()> {
    let renderer = if std::io::stdout().is_terminal() {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    for findings in all {
        for found in &findings.found {
            let level = match found.severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
                Severity::Information => Level::INFO,
                Severity::Hint => Level::HELP,
            };
            let title = level.primary_title(&*found.message).id(found.rule.code());
            let [line, column, ..] = found.place.map(|number| number as usize);
            let group = Group::with_title(title);
            let group = if let Some((source, range)) = &found.excerpt {
                let snippet = Snippet::source(source).line_start(line);
                let annotation = AnnotationKind::Primary.span(range.clone());
                group.element(snippet.path(&findings.path).annotation(annotation))
            } else {
                let path = Origin::path(&*findings.path);
                group.element(path.line(line).char_column(column))
            };
            writeln!(out, "{}\n", renderer.render(&[group]))?;
        }
    }
    let count: usize = all.iter().map(|findings| findings.found.len()).sum();
    if count == 0 {
        writeln!(out, "Nothing found.")?;
    } else {
        let plural = |count: usize, what: &str| {
            let s = if count == 1 { "" } else { "s" };
            format!("{count} {what}{s}")
        };
        let (findings, notes) = (plural(count, "finding"), plural(all.len(), "note"));
        writeln!(out, "{findings} in {notes}.")?;
    }
    Ok(())
}

/// Prints the findings as one JSON object.
///
/// # Errors
/// When they cannot be printed.
pub(super) fn json(all: &[Findings], out: &mut dyn Write) -> Result<()> {
    let found = all.iter().flat_map(|findings| {
        findings.found.iter().map(move |found| {
            let [line, column, end_line, end_column] = found.place;
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

/// Prints the findings as annotations of GitHub Actions.
///
/// # Errors
/// When they cannot be printed.
pub(super) fn github(all: &[Findings], out: &mut dyn Write) -> Result<()> {
    let escaped = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let property = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    for findings in all {
        for found in &findings.found {
            let level = match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Information | Severity::Hint => "notice",
            };
            let [line, column, end_line, _] = found.place;
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
