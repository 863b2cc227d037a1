//! `vaultmark status`: what a vault holds, and what is the matter with it.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use vaultmark_vault::change::Change;
use vaultmark_vault::path::strip_md;
use vaultmark_vault::query::status::{Class, Status, status};
use vaultmark_vault::resolve::Missing;
use vaultmark_vault::vault::Vault;

use crate::disk::{self, Extent};
use crate::fingerprints::Fingerprints;
use crate::{schemas, settings};

/// A vault that was read whole.
#[derive(Debug)]
pub struct Opened {
    /// The vault.
    pub vault: Vault,
    /// What was wrong with settings.
    pub problems: Vec<String>,
    /// What was wrong with folders and files, each with its path from the root.
    pub unread: Vec<String>,
    /// Bytes of all notes.
    pub bytes: u64,
    /// How long it took until the names of all files were known.
    pub names: Duration,
    /// How long it took in all.
    pub whole: Duration,
}

impl Opened {
    /// All that was wrong.
    pub fn all_problems(&self) -> impl Iterator<Item = &String> {
        self.problems.iter().chain(&self.unread)
    }
}

/// Reads the vault in a folder.
///
/// # Errors
/// When the folder is not there.
pub fn open(folder: &Path) -> Result<Opened> {
    let root = folder
        .canonicalize()
        .with_context(|| format!("there is no folder {}", folder.display()))?;
    if !root.is_dir() {
        bail!(
            "{} is not a folder; name the folder of the vault",
            folder.display()
        );
    }
    let begin = Instant::now();
    let mut loaded = settings::load(&root, &Value::Null);
    let stop = AtomicBool::new(false);
    let listing = disk::list(&root, "", Extent::WHOLE, &stop);
    loaded.settings.absent_folders = listing.separate_folders();
    let seen = Fingerprints::default();
    let schemas = schemas::read_all(&root, &listing.files, &loaded.settings, &seen);
    let mut vault = Vault::new(Arc::new(loaded.settings));
    vault.apply(listing.files.iter().cloned().map(Change::File));
    vault.apply(schemas);
    let names = begin.elapsed();
    let symbols = Arc::clone(vault.symbols());
    let options = vault.parse_options();
    let bar = ProgressBar::new(listing.files.len() as u64);
    let read = disk::read(
        &root,
        &listing.files,
        &symbols,
        &options,
        &seen,
        &stop,
        |batch, done| {
            vault.apply(batch);
            bar.set_position(done as u64);
        },
    );
    bar.finish_and_clear();
    vault.set_complete();
    let mut unread = [listing.problems, read.problems].concat();
    if listing.unreadable_names > 0 {
        unread.push(format!(
            "{} files have names that are not UTF-8; they are left out",
            listing.unreadable_names
        ));
    }
    Ok(Opened {
        vault,
        problems: loaded.problems,
        unread,
        bytes: read.bytes,
        names,
        whole: begin.elapsed(),
    })
}

/// Prints the state of the vault in a folder.
///
/// # Errors
/// When the folder is not there or the output cannot be written.
pub fn run(folder: &Path, as_json: bool, out: &mut dyn Write) -> Result<()> {
    let opened = open(folder)?;
    let status = status(&opened.vault);
    if as_json {
        let value = to_json(&opened, &status);
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        print(&opened, &status, out)?;
    }
    Ok(())
}

fn print(opened: &Opened, status: &Status, out: &mut dyn Write) -> Result<()> {
    let vault = &opened.vault;
    let unread = unread(vault);
    writeln!(
        out,
        "Notes            {:>9}   ({} MB; {} other files)",
        status.notes,
        opened.bytes >> 20,
        status.other_files.saturating_sub(unread)
    )?;
    if unread > 0 {
        writeln!(out, "  others that cannot be read: {unread}")?;
    }
    if status.invalid_frontmatter > 0 {
        writeln!(
            out,
            "  of them with frontmatter that is not valid YAML: {}",
            status.invalid_frontmatter
        )?;
    }
    let all: usize = status.classes.values().sum();
    writeln!(
        out,
        "Links            {all:>9}   (and {} out of the vault)",
        status.external
    )?;
    for (form, count) in &status.forms {
        writeln!(out, "  {form:<22}{count:>9}")?;
    }
    writeln!(out, "Where they lead")?;
    for (class, count) in &status.classes {
        writeln!(
            out,
            "  {:<22}{count:>9}   {}",
            name(*class),
            meaning(*class)
        )?;
    }
    if status.missing_anchors > 0 {
        writeln!(
            out,
            "  of the resolved ones, {} name a heading or block that is not there",
            status.missing_anchors
        )?;
    }
    writeln!(out, "Headings         {:>9}", status.headings)?;
    writeln!(out, "Tags             {:>9}", status.tags)?;
    writeln!(out, "Inline fields    {:>9}", status.fields)?;
    writeln!(out, "Properties       {:>9}", status.properties)?;
    let tiers: Vec<&str> = vault
        .tiers()
        .0
        .iter()
        .map(|tier| tier.folder.as_str())
        .collect();
    if tiers.is_empty() {
        writeln!(out, "Tiers                 none")?;
    } else {
        let here = |tier: &&&str| vault.has_folder(tier);
        let present: Vec<&str> = tiers.iter().filter(here).copied().collect();
        writeln!(out, "Tiers            {}", tiers.join(", "))?;
        writeln!(out, "  of them here   {}", present.join(", "))?;
    }
    if !vault.mount().is_empty() {
        writeln!(out, "Mount            {}", vault.mount())?;
    }
    for folder in missing_folders(vault) {
        writeln!(out, "Kept separately  {folder}")?;
    }
    writeln!(
        out,
        "Time             {:>6} ms   (names known after {} ms)",
        opened.whole.as_millis(),
        opened.names.as_millis()
    )?;
    let size = vault.size();
    let sum = size.notes + size.files + size.strings + size.indexes;
    let mb = |bytes: usize| format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10);
    writeln!(
        out,
        "Memory           {:>6} MB   (notes {}, names and paths {}, indexes {})",
        mb(sum),
        mb(size.notes + size.files),
        mb(size.strings),
        mb(size.indexes)
    )?;
    for problem in opened.all_problems() {
        writeln!(out, "Problem          {problem}")?;
    }
    Ok(())
}

fn to_json(opened: &Opened, status: &Status) -> Value {
    let vault = &opened.vault;
    let classes = status
        .classes
        .iter()
        .map(|(class, count)| (name(*class).to_owned(), json!(count)));
    let size = vault.size();
    json!({
        "notes": status.notes,
        "unreadNotes": unread(vault),
        "otherFiles": status.other_files.saturating_sub(unread(vault)),
        "bytes": opened.bytes,
        "invalidFrontmatter": status.invalid_frontmatter,
        "links": {
            "byForm": status.forms,
            "byClass": classes.collect::<serde_json::Map<String, Value>>(),
            "external": status.external,
            "missingAnchors": status.missing_anchors,
        },
        "headings": status.headings,
        "tags": status.tags,
        "fields": status.fields,
        "properties": status.properties,
        "tiers": vault.tiers().0.iter().map(|tier| json!({
            "folder": tier.folder, "suffix": tier.suffix, "present": vault.has_folder(&tier.folder),
        })).collect::<Vec<_>>(),
        "mount": vault.mount(),
        "keptSeparately": missing_folders(vault),
        "problems": opened.all_problems().collect::<Vec<_>>(),
        "milliseconds": {"names": opened.names.as_millis() as u64, "whole": opened.whole.as_millis() as u64},
        "memoryBytes": {"notes": size.notes + size.files, "strings": size.strings, "indexes": size.indexes},
    })
}

/// How many notes exist of which nothing could be read.
pub(super) fn unread(vault: &Vault) -> usize {
    let files = vault.files().iter();
    let notes = files.filter(|(id, file)| {
        file.facts.is_none()
            && vault
                .path(*id)
                .is_some_and(|path| strip_md(&path).is_some())
    });
    notes.count()
}

/// The folders that are fetched separately and are not here.
fn missing_folders(vault: &Vault) -> Vec<&String> {
    let folders = vault.settings().absent_folders.iter();
    let here = |folder: &str| vault.has_folder(&format!("{}{folder}", vault.mount()));
    folders.filter(|folder| !here(folder)).collect()
}

fn name(class: Class) -> &'static str {
    match class {
        Class::Resolved => "resolved",
        Class::Ambiguous => "ambiguous",
        Class::Missing(Missing::TierAbsent) => "tier absent",
        Class::Missing(Missing::CopyMissing) => "copy missing",
        Class::Missing(Missing::MountAbsent) => "mount absent",
        Class::Missing(Missing::OwnOldName) => "own old name",
        Class::Missing(Missing::Folder) => "folder",
        Class::Missing(Missing::OutsideVault) => "outside the vault",
        Class::Missing(Missing::Broken) => "broken",
    }
}

fn meaning(class: Class) -> &'static str {
    match class {
        Class::Resolved => "",
        Class::Ambiguous => "several files have the name; the nearest is taken",
        Class::Missing(class) => vaultmark_vault::query::hover::sentence(class),
    }
}
