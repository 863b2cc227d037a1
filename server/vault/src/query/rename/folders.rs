//! Folders that get other paths, with all that lies in them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Move, Refusal};
use crate::path::{above, below, fold, same};
use crate::vault::Vault;

/// Where folders go, by their old paths from the root of the opened folder.
#[derive(Debug, Default)]
pub(super) struct FolderMoves {
    to: FxHashMap<String, String>,
}

impl FolderMoves {
    /// A folder gets a path.
    ///
    /// # Errors
    /// [`Refusal::Torn`] when it is to get another one already, and
    /// [`Refusal::Name`] when it would go into itself.
    pub(super) fn add(&mut self, from: &str, to: &str) -> Result<(), Refusal> {
        if below(to, from).is_some() {
            let why = format!("The folder `{from}` cannot go into itself");
            return Err(Refusal::Name(why, None));
        }
        let known = self.to.insert(from.to_owned(), to.to_owned());
        match known.filter(|known| known != to) {
            Some(known) => Err(Refusal::Torn(from.to_owned(), [known, to.to_owned()])),
            None => Ok(()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.to.is_empty()
    }

    /// The old paths, in order.
    pub(super) fn old(&self) -> Vec<String> {
        let mut old: Vec<String> = self.to.keys().cloned().collect();
        old.sort();
        old
    }

    /// Whether a folder makes way, itself or with one that holds it.
    pub(super) fn is_leaving(&self, folder: &str) -> bool {
        self.to.contains_key(folder) || self.target(folder).is_some()
    }

    /// Where the nearest folder takes a path that lies in it.
    pub(super) fn target(&self, path: &str) -> Option<String> {
        let (from, to) = above(path).find_map(|folder| self.to.get_key_value(folder))?;
        Some(format!("{to}{}", &path[from.len()..]))
    }

    /// The folders that move in one go. Where one move lies in another, or
    /// files come together in a folder, each file is moved by itself.
    pub(super) fn whole(&self, vault: &Vault, moves: &[Move]) -> Vec<(String, String)> {
        // Old and new paths of folders, each with the old paths of those moves.
        let mut ends: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
        for (from, to) in &self.to {
            ends.entry(from).or_default().push(from);
            ends.entry(to).or_default().push(from);
        }
        let lies_in_other = |path: &str, own: Option<&str>| {
            let mut owners = above(path).filter_map(|folder| ends.get(folder)).flatten();
            owners.any(|&owner| Some(owner) != own)
        };
        let mut targets = FxHashSet::default();
        let mut is_entangled = |(from, to): (&String, &String)| {
            let is_there = vault.has_folder(&format!("{}{to}", vault.mount()));
            is_there && !same(from, to) && !self.to.contains_key(to)
                || !targets.insert(fold(to))
                || lies_in_other(from, Some(from))
                || lies_in_other(to, Some(from))
        };
        let is_carried = |own: &Move| self.target(&own.from).as_ref() == Some(&own.to);
        let mut alone = moves.iter().filter(|own| !is_carried(own));
        if self.to.iter().any(&mut is_entangled)
            || alone.any(|own| lies_in_other(&own.from, None) || lies_in_other(&own.to, None))
        {
            return Vec::new();
        }
        let folders = self.to.iter();
        let mut folders: Vec<_> = folders
            .map(|(from, to)| (from.clone(), to.clone()))
            .collect();
        folders.sort();
        folders
    }
}

/// How the folders of a vault are spelled, by their folded paths from the root of
/// the opened folder.
#[derive(Debug)]
pub(super) struct Spelled(FxHashMap<String, Vec<String>>);

impl Spelled {
    pub(super) fn new(vault: &Vault) -> Self {
        let mut folders = FxHashSet::default();
        for (_, file) in vault.files().iter() {
            folders.insert(file.folder);
        }
        let mut known = FxHashSet::default();
        let mut spelled: FxHashMap<String, Vec<String>> = FxHashMap::default();
        for folder in folders {
            let path = vault.string(folder);
            for folder in above(&path) {
                if !known.insert(folder.to_owned()) {
                    break;
                }
                let own = spelled.entry(fold(folder)).or_default();
                own.push(folder.to_owned());
            }
        }
        Self(spelled)
    }

    /// The folders of a path: that of just this spelling, else those in another
    /// case or form of letters.
    pub(super) fn of(&self, path: &str) -> &[String] {
        let all = self.0.get(&fold(path)).map_or(&[][..], Vec::as_slice);
        match all.iter().position(|own| own == path) {
            Some(at) => &all[at..=at],
            None => all,
        }
    }
}
