//! Many renames as one: a file with one of them in each line.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use rustc_hash::FxHashMap;
use vaultmark_vault::path::fold;
use vaultmark_vault::query::rename::{Plan, Refusal, moved};

use super::How;
use super::asked::{options, pair};
use crate::apply::Fault;
use crate::snapshot::Snapshot;

/// So many lines are tried alone to find those that cannot be done.
const MAX_TRIED: usize = 200;

/// A line: its number from 1, the old name and the new one.
type Line = (usize, String, String);
/// What a line means: its number, the path today and the new one.
type Wanted = (usize, (String, String));

/// The renames of a file: `OLD`, a tab, `NEW`. Empty lines count for nothing.
///
/// # Errors
/// When it cannot be read, or with all lines that are no rename.
pub(super) fn read(file: &Path) -> Result<Vec<Line>, Fault> {
    let mut text = String::new();
    let what = || format!("cannot read {}", file.display());
    if file == Path::new("-") {
        let mut input = std::io::stdin();
        input.read_to_string(&mut text).with_context(what)?;
    } else {
        text = std::fs::read_to_string(file).with_context(what)?;
    }
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let mut parts = line.split('\t').map(str::trim);
        match (parts.next(), parts.next(), parts.next()) {
            _ if line.trim().is_empty() => {}
            (Some(old), Some(new), None) if !old.is_empty() && !new.is_empty() => {
                lines.push((index + 1, old.to_owned(), new.to_owned()));
            }
            _ => wrong.push((
                index + 1,
                "write the old name, a tab, and the new one".to_owned(),
            )),
        }
    }
    if lines.is_empty() && wrong.is_empty() {
        let why = format!("Nothing was renamed: {} has no lines.", file.display());
        return Err(Fault::Refused(why));
    }
    refuse(&wrong)?;
    Ok(lines)
}

/// The plan of all renames together. All paths are those of before.
///
/// # Errors
/// With all lines that cannot be done.
pub(super) fn plan(snapshot: &Snapshot, lines: &[Line], how: &How) -> Result<Plan, Fault> {
    let (mut all, mut wrong): (Vec<Wanted>, _) = (Vec::new(), Vec::new());
    let mut known: [FxHashMap<String, usize>; 2] = Default::default();
    for (number, old, new) in lines {
        let pair = match pair(snapshot, [old, new]) {
            Ok(pair) => pair,
            Err(refusal) => {
                wrong.push((*number, refusal.to_string()));
                continue;
            }
        };
        let twice = [(&pair.0, "is renamed"), (&pair.1, "is a new name")];
        for (known, (path, what)) in known.iter_mut().zip(twice) {
            if let Some(first) = known.insert(fold(path), *number) {
                wrong.push((*number, format!("`{path}` {what} in line {first} already.")));
            }
        }
        all.push((*number, pair));
    }
    refuse(&wrong)?;
    let pairs: Vec<(String, String)> = all.iter().map(|own| own.1.clone()).collect();
    let planned = moved(&snapshot.vault, &pairs, options(snapshot, how), snapshot);
    planned.map_err(|refusal| blame(snapshot, &all, &refusal, how))
}

/// The lines that cannot be done even alone; where there are none, what the
/// whole was refused for.
fn blame(snapshot: &Snapshot, all: &[Wanted], refusal: &Refusal, how: &How) -> Fault {
    let leaving: FxHashMap<String, usize> = all.iter().map(|own| (fold(&own.1.0), own.0)).collect();
    let alone = all
        .iter()
        .take(MAX_TRIED)
        // Alone, what takes the place of another one could not.
        .filter(|own| !leaving.contains_key(&fold(&own.1.1)))
        .filter_map(|(number, pair)| {
            let pair = std::slice::from_ref(pair);
            let planned = moved(&snapshot.vault, pair, options(snapshot, how), snapshot);
            Some((*number, planned.err()?.to_string()))
        });
    let alone: Vec<(usize, String)> = alone.collect();
    let whole = || Fault::Refused(refusal.to_string());
    refuse(&alone).err().unwrap_or_else(whole)
}

/// Refuses everything for the sake of some lines.
fn refuse(wrong: &[(usize, String)]) -> Result<(), Fault> {
    if wrong.is_empty() {
        return Ok(());
    }
    let lines = wrong
        .iter()
        .map(|(number, why)| format!("\n  line {number}: {why}"));
    let lines: String = lines.collect();
    Err(Fault::Refused(format!(
        "None of the renames was done:{lines}"
    )))
}
