//! What of a vault is asked for.

use std::path::{Path, PathBuf};

use vaultmark::cli::status::open;
use vaultmark_vault::index::FileId;
use vaultmark_vault::path::{split, strip_md};
use vaultmark_vault::query::definition::definition;
use vaultmark_vault::text::Encoding;
use vaultmark_vault::vault::Vault;

/// Notes that are looked at.
const NOTES: usize = 300;
/// Longer ones, in bytes, are not usual.
const USUAL: u64 = 20_000;

/// Notes and links, taken evenly from the whole vault.
pub(crate) struct Sample {
    pub(crate) folder: PathBuf,
    /// The note to which most notes link, and how many do.
    pub(crate) hub: (PathBuf, usize),
    pub(crate) notes: Vec<PathBuf>,
    /// The first link of each note that leads to a note.
    pub(crate) links: Vec<Link>,
}

/// A link, and the name of the file to which it leads.
pub(crate) struct Link {
    pub(crate) note: PathBuf,
    pub(crate) line: usize,
    pub(crate) character: usize,
    pub(crate) target: String,
}

impl Sample {
    /// Reads the vault in a folder.
    pub(crate) fn of(folder: &Path) -> anyhow::Result<Self> {
        let folder = folder.canonicalize()?;
        let vault = open(&folder)?.vault;
        let notes = vault.files().iter().filter(|file| file.1.facts.is_some());
        let notes: Vec<FileId> = notes.map(|file| file.0).collect();
        let path = |file| Some(folder.join(vault.path(file)?));
        let linking = |file: FileId| {
            let file = vault.files().get(file);
            file.map_or(0, |file| vault.linking(vault.file_key(file)).count())
        };
        let hub = notes.iter().max_by_key(|&&file| linking(file));
        let Some((&hub, hub_path)) = hub.and_then(|hub| Some((hub, path(*hub)?))) else {
            anyhow::bail!("there are no notes");
        };
        let is_usual = |path: &PathBuf| path.metadata().is_ok_and(|file| file.len() <= USUAL);
        let step = (notes.len() / NOTES).max(1);
        let some = notes.iter().step_by(step);
        let some = some.filter_map(|&file| Some((file, path(file).filter(is_usual)?)));
        let some: Vec<(FileId, PathBuf)> = some.take(NOTES).collect();
        Ok(Self {
            hub: (hub_path, linking(hub)),
            links: some
                .iter()
                .filter_map(|(file, path)| link(&vault, *file, path))
                .collect(),
            notes: some.into_iter().map(|note| note.1).collect(),
            folder,
        })
    }

    /// The names of the notes, without `.md`.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        self.notes.iter().filter_map(|note| {
            let name = note.file_name()?.to_str()?;
            Some(strip_md(name).unwrap_or(name).to_owned())
        })
    }
}

fn link(vault: &Vault, file: FileId, note: &Path) -> Option<Link> {
    let facts = vault.facts(file)?;
    let mut links = facts.links();
    links.find_map(|link| {
        let offset = link.start + 3;
        let target = definition(vault, file, offset)?.file;
        let at = facts.lines().index(Encoding::Utf32).line_col(offset);
        Some(Link {
            note: note.to_owned(),
            line: at.line as usize,
            character: at.column as usize,
            target: split(&vault.path(target)?).1.to_owned(),
        })
    })
}
