//! `vaultmark check`: the rules over a vault or some notes, for terminals and
//! for CI.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use vaultmark_vault::rule::{Rule, Severity};

use crate::apply::store;
use crate::cli::baseline::Baseline;
use crate::cli::findings::Search;
use crate::cli::status::open;
use crate::cli::{fix, print, sarif};
use crate::disk;
use crate::settings::nearest;

/// So often fixes are made and the notes checked again.
const MAX_ROUNDS: usize = 4;

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
    /// Do not report the findings that this file lists.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// List the findings in this file instead of reporting them.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "fix", "count"])]
    pub write_baseline: Option<PathBuf>,
}

impl Arguments {
    fn search<'a>(&'a self, wanted: &'a [String]) -> Search<'a> {
        Search {
            wanted,
            deny: &self.deny,
            severity: self.severity,
            excerpts: self.format == Format::Text && !self.count && self.write_baseline.is_none(),
            fixes: self.fix,
        }
    }
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
    let codes: Vec<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    Rule::of(code).ok_or_else(|| format!("there is no such rule; {}", nearest(code, &codes)))
}

/// Checks, prints, and says whether something was found.
///
/// # Errors
/// When a path is not there, a baseline is none, or the output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<bool> {
    let mut baseline = match &arguments.baseline {
        Some(file) => Baseline::read(file)?,
        None => Baseline::default(),
    };
    let (mut all, mut left, mut is_wrong) = (Vec::new(), 0, false);
    let roots = roots(&arguments.paths)?;
    if roots.len() > 1 && (arguments.baseline.is_some() || arguments.write_baseline.is_some()) {
        bail!("a baseline is of one vault: check these paths one by one");
    }
    for (root, wanted) in roots {
        if arguments.fix
            && !arguments.dry_run
            && let Some(message) = store::interrupted(&root)
        {
            bail!("{message}");
        }
        let opened = open(&root)?;
        for problem in opened.all_problems() {
            tell(problem);
        }
        let search = arguments.search(&wanted);
        let mut known = baseline.clone();
        let mut found = search.run(&opened.vault, &root, &mut known);
        drop(opened);
        is_wrong |= !found.is_empty();
        if arguments.dry_run {
            fix::show(&found, out)?;
            continue;
        }
        // A fix may have been in the way of another one.
        for _ in 0..MAX_ROUNDS {
            if !arguments.fix || !fix::mend(&root, &found) {
                break;
            }
            known = baseline.clone();
            found = search.run(&open(&root)?.vault, &root, &mut known);
        }
        left += known.left(|path| search.wants(path));
        baseline = known;
        let current = std::env::current_dir().unwrap_or_default();
        let shown = root.strip_prefix(&current).unwrap_or(&root).to_path_buf();
        if arguments.write_baseline.is_none() {
            for findings in &mut found {
                findings.path = shown.join(&findings.path).display().to_string();
            }
        }
        all.extend(found);
    }
    if arguments.dry_run {
        return Ok(is_wrong);
    }
    if let (1.., Some(file)) = (left, &arguments.baseline) {
        let file = file.display();
        tell(&format!(
            "{left} of the findings in {file} are mended; write it anew with `--write-baseline {file}`"
        ));
    }
    if let Some(file) = &arguments.write_baseline {
        Baseline::write(file, &all)?;
        let count: usize = all.iter().map(|findings| findings.found.len()).sum();
        writeln!(out, "{count} findings are known in {}.", file.display())?;
        return Ok(false);
    }
    if arguments.count {
        print::counts(&all, out)?;
    } else {
        match arguments.format {
            Format::Text => print::text(&all, out)?,
            Format::Json => print::json(&all, out)?,
            Format::Sarif => writeln!(out, "{:#}", sarif::log(&all))?,
            Format::Github => print::github(&all, out)?,
        }
    }
    Ok(!all.is_empty())
}

/// Says something that is no finding.
pub(super) fn tell(message: &str) {
    // Nothing helps when even this cannot be written.
    let _ = writeln!(std::io::stderr(), "vaultmark: {message}");
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
/// there, else what an editor would open. Who stands at the root of the disk or
/// in the home of the user hardly means all that is below.
pub(super) fn root_of(path: &Path) -> PathBuf {
    let current = std::env::current_dir().and_then(|folder| folder.canonicalize());
    let current = current
        .ok()
        .filter(|folder| path.starts_with(folder) && disk::is_bounded(folder));
    let alone = || {
        if path.is_dir() {
            path.to_path_buf()
        } else {
            disk::home_of(path).0
        }
    };
    disk::vault_around(path).or(current).unwrap_or_else(alone)
}
