//! Schemas of properties: from the disk into the vault, and what is wrong with
//! them to the client. They are files that no editor pulls diagnostics of, so
//! these are pushed to every client.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::Value;
use tower_lsp::gen_lsp_types as lsp;
use vaultmark_vault::change::Change;
use vaultmark_vault::query::schemas::bad_schemas;
use vaultmark_vault::schema::{self, MAX_SCHEMA, Read};
use vaultmark_vault::settings::Settings;
use vaultmark_vault::vault::Vault;

use crate::fingerprints::Fingerprints;
use crate::session::Session;
use crate::{disk, panics, publish};

/// Reads the schemas among the files of a root.
pub fn read_all(
    root: &Path,
    files: &[String],
    settings: &Settings,
    seen: &Fingerprints,
) -> Vec<Change> {
    let schemas = files.iter().filter(|file| settings.is_schema(file));
    schemas.map(|file| read(root, file, seen)).collect()
}

/// Reads one schema of a root.
pub fn read(root: &Path, inside: &str, seen: &Fingerprints) -> Change {
    let read = text(root, inside, seen).and_then(|text| {
        let read = panics::caught(|| schema::read(&text));
        read.ok_or("an internal error; the log has the details".to_owned())
    });
    let read = read.unwrap_or_else(|problem| Err(schema::unread(&problem)));
    Change::Schema(inside.to_owned(), Some(Arc::new(read)))
}

/// The text of a schema, or why it cannot be read.
fn text(root: &Path, inside: &str, seen: &Fingerprints) -> Result<String, String> {
    let path = root.join(inside);
    let now = SystemTime::now();
    seen.forget(&path);
    let data = disk::look(root, inside).filter(std::fs::Metadata::is_file);
    let data = data.ok_or("it is no file")?;
    if data.len() > MAX_SCHEMA as u64 {
        return Err(format!(
            "larger than {} KB; it is not read",
            MAX_SCHEMA >> 10
        ));
    }
    let bytes = fs::read(&path).map_err(|error| format!("it cannot be read: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    seen.note(&path, &data, now);
    Ok(text)
}

/// What changes when other files are schemas by new settings; `vault` still has
/// the old ones.
pub fn reassigned(
    root: &Path,
    vault: &Vault,
    settings: &Settings,
    seen: &Fingerprints,
) -> Vec<Change> {
    let old = vault.schemas().iter().map(|schema| schema.0);
    let gone = old.filter(|path| !settings.is_schema(path));
    let gone = gone.map(|path| Change::Schema(path.to_owned(), None));
    let named = settings.schemas.iter().map(|assignment| &assignment.file);
    let new =
        named.filter(|file| vault.find(file).is_some() && vault.schemas().get(file).is_none());
    gone.chain(new.map(|file| read(root, file, seen))).collect()
}

/// What the client was told of schemas that cannot be used, by address.
#[derive(Debug, Default)]
pub struct Told(Mutex<BTreeMap<String, Value>>);

impl Told {
    /// The lists that the client does not have, empty ones for schemas that
    /// were mended or are gone.
    pub fn news(&self, session: &Session) -> Vec<(lsp::Uri, Vec<Value>, Option<i32>)> {
        let mut now: BTreeMap<String, Value> = BTreeMap::new();
        for snapshot in session.snapshots() {
            for (path, read, bad) in bad_schemas(&snapshot.vault) {
                let (Some(file), Read::Err(fault)) = (snapshot.vault.find(path), read) else {
                    continue;
                };
                let lines = fault.lines.index(snapshot.encoding);
                let bad = publish::diagnostic(&snapshot, &lines, &bad);
                now.extend(snapshot.address(file).map(|address| (address, bad)));
            }
        }
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_gone = |address: &&String| !now.contains_key(*address);
        let gone = told
            .keys()
            .filter(is_gone)
            .map(|address| (address, Vec::new()));
        let is_new = |bad: &(&String, &Value)| told.get(bad.0) != Some(bad.1);
        let new = now.iter().filter(is_new);
        let new = new.map(|(address, bad)| (address, vec![bad.clone()]));
        let lists = gone
            .chain(new)
            .filter_map(|(address, list)| Some((lsp::Uri::parse(address).ok()?, list, None)));
        let lists = lists.collect();
        *told = now;
        lists
    }
}
