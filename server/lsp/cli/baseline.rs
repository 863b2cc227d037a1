//! What is known to be wrong already, so that an old vault can begin with
//! reports of what is new.
//!
//! A finding is known by its note, its rule, and the text that is wrong: it is
//! the same when lines above it come and go. Of equal ones so many are known as
//! were counted.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use vaultmark_vault::rule::Rule;

use crate::cli::findings::Findings;

/// The form of the file.
const VERSION: u64 = 1;

/// Findings that are known, or those of them that were not met yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Baseline(FxHashMap<String, BTreeMap<(String, String), u64>>);

impl Baseline {
    /// Reads a file that [`Baseline::write`] made.
    ///
    /// # Errors
    /// When it cannot be read or is no such file.
    pub(super) fn read(file: &Path) -> Result<Self> {
        let what = || format!("cannot read the baseline {}", file.display());
        let text = std::fs::read_to_string(file).with_context(what)?;
        let value: Value = serde_json::from_str(&text).with_context(what)?;
        let findings = value["findings"].as_array();
        let Some(findings) = findings.filter(|_| value["version"] == VERSION) else {
            bail!(
                "{}: it is no baseline of version {VERSION}; write one with `--write-baseline`",
                what()
            );
        };
        let mut baseline = Self::default();
        for (number, entry) in findings.iter().enumerate() {
            let field = |name: &str| entry[name].as_str().map(str::to_owned);
            let (Some(path), Some(rule), Some(text), Some(count)) = (
                field("path"),
                field("rule"),
                field("text"),
                entry["count"].as_u64(),
            ) else {
                bail!(
                    "{}: finding number {} lacks `path`, `rule`, `text` or `count`",
                    what(),
                    number + 1
                );
            };
            let known = baseline.0.entry(path).or_default();
            let known = known.entry((rule, text)).or_default();
            *known = known.saturating_add(count);
        }
        Ok(baseline)
    }

    /// Takes a finding out, if it is known.
    pub(super) fn take(&mut self, path: &str, rule: Rule, text: &str) -> bool {
        let Some(known) = self.0.get_mut(path) else {
            return false;
        };
        let key = (rule.code().to_owned(), shortened(text));
        let Some(left) = known.get_mut(&key).and_then(|count| {
            *count = count.checked_sub(1)?;
            Some(*count)
        }) else {
            return false;
        };
        if left == 0 {
            known.remove(&key);
        }
        true
    }

    /// How many findings were not met in the notes of which `looked` is true.
    pub(super) fn left(&self, looked: impl Fn(&str) -> bool) -> u64 {
        let notes = self.0.iter().filter(|(path, _)| looked(path));
        let counts = notes.flat_map(|(_, known)| known.values());
        counts.fold(0, |sum: u64, count| sum.saturating_add(*count))
    }

    /// Writes findings to a file, in order and one line for each value.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(file: &Path, all: &[Findings]) -> Result<()> {
        let mut counts: BTreeMap<(&str, &str, String), u64> = BTreeMap::new();
        for findings in all {
            for found in &findings.found {
                let key = (&*findings.path, found.rule.code(), shortened(&found.text));
                *counts.entry(key).or_default() += 1;
            }
        }
        let entries = counts.iter().map(|((path, rule, text), count)| {
            json!({"path": path, "rule": rule, "text": text, "count": count})
        });
        let entries: Vec<Value> = entries.collect();
        let what = || format!("cannot write the baseline {}", file.display());
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        // Never half a file, whatever happens meanwhile.
        let mut beside = tempfile::NamedTempFile::new_in(folder).with_context(what)?;
        let value = json!({"version": VERSION, "findings": entries});
        writeln!(beside, "{value:#}").with_context(what)?;
        readable(beside.as_file()).with_context(what)?;
        beside.persist(file).with_context(what)?;
        Ok(())
    }
}

/// A text by its hash: notes may be secret, and a baseline is for everybody.
/// FNV-1a is the same in every version of this program.
fn shortened(text: &str) -> String {
    let bytes = text.bytes().filter(|byte| *byte != b'\r');
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Lets others read the file, who may run the check as well.
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}
