//! Files by what was typed of their name, path or alias.

use rustc_hash::FxHashMap;

use super::secrecy::confidential;
use super::{MAX_ITEMS, Place};
use crate::fact::SymbolKind;
use crate::files::File;
use crate::index::FileId;
use crate::note::Note;
use crate::path::{fold, split, strip_md};
use crate::query::rank::{Nearness, Rank, Typed, Way, rank};
use crate::settings::Confidential;
use crate::symbol::{Symbol, kind_bit, needed};
use crate::vault::Vault;

/// So many names are looked at closely first, the shortest of those that match
/// as well.
const MAX_CLOSE: usize = 1_000;

/// A name that matches: how, its length, and what it is of.
type Name = (Way, u32, Symbol, SymbolKind);

/// What is known of the folders that were met; `None` of those that do not lie
/// where was typed.
type Folders = FxHashMap<Symbol, Option<Folder>>;

/// What is known of a folder.
#[derive(Clone, Copy)]
struct Folder {
    /// Its files are of the tier of the note.
    same_tier: bool,
    /// They are more secret.
    secret: bool,
    /// It is the folder that was typed, or none was.
    whole: bool,
}

/// What is looked for, and what is known of the note that it is for.
pub(super) struct Search<'a> {
    vault: &'a Vault,
    file: FileId,
    own: Option<File>,
    own_tier: Option<usize>,
    /// Whether names of more secret tiers may be shown here.
    pub(super) confidential: Confidential,
    /// Whether a folder was typed, or just `/` or `./`.
    pub(super) has_folder: bool,
    /// The folder that was typed, folded, with a final `/`; may be empty.
    pub(super) folder: String,
    /// The name that was typed.
    pub(super) name: &'a str,
}

/// A file that may be meant.
pub(super) struct Found {
    rank: Rank,
    pub(super) file: FileId,
    /// The alias by which it was found.
    pub(super) alias: Option<Symbol>,
    /// Whether it is marked as more secret than the note.
    pub(super) marked: bool,
}

impl Found {
    /// Whether it begins with what was typed, and is not left out of lists.
    pub(super) fn is_sure(&self) -> bool {
        !self.rank.0 && !matches!(self.rank.1, Way::Fuzzy(_))
    }
}

impl<'a> Search<'a> {
    pub(super) fn new(place: &Place<'a>, note: &Note, typed: &'a str) -> Self {
        let vault = place.vault;
        let own = vault.files().get(place.file).cloned();
        let path = vault.full_path(place.file).unwrap_or_default();
        let (folder, name) = split(typed.trim_start());
        let has_folder = !folder.is_empty();
        let folder = folder.trim_start_matches('/').trim_start_matches("../");
        Self {
            vault,
            file: place.file,
            own_tier: vault.tiers().of(&path),
            own,
            confidential: confidential(place, note),
            has_folder,
            folder: fold(folder.trim_start_matches("./")),
            name: strip_md(name).unwrap_or(name),
        }
    }

    /// The files that match, best first, and whether there are more. Names that
    /// begin with what was typed are enough where many files have such.
    pub(super) fn found(&self, place: &Place<'_>, files_too: bool) -> (Vec<Found>, bool) {
        let mut found = Vec::new();
        let mut seen = FxHashMap::default();
        let is_left = if self.name.is_empty() {
            self.nearest(place, files_too, &mut seen, &mut found)
        } else {
            let mut typed = Typed::new(self.name);
            let mut take = |names| self.closest(place, names, files_too, &mut seen, &mut found);
            let begin = self.names(place, typed.initials(), |name| typed.begins(name));
            take(begin)
                || take(self.names(place, 0, |name| match typed.begins(name) {
                    Some(_) => None,
                    None => typed.fuzzy(name),
                }))
        };
        let path = |found: &Found| self.vault.path(found.file);
        let is_cut = is_left || found.len() > MAX_ITEMS;
        if found.len() > MAX_ITEMS {
            found.select_nth_unstable_by_key(MAX_ITEMS, |found| found.rank);
            found.truncate(MAX_ITEMS + 1);
        }
        found.sort_by_cached_key(|found| (found.rank, path(found)));
        // Few notes are looked at for whether they still have the alias.
        found.retain(|found| {
            let has = |alias| self.vault.has_alias(found.file, alias);
            found.alias.is_none_or(has)
        });
        (found, is_cut)
    }

    /// The names that match, each with how; all that do have these letters.
    fn names(
        &self,
        place: &Place<'_>,
        letters: u64,
        mut way: impl FnMut(&str) -> Option<Way>,
    ) -> Vec<Name> {
        let (note, alias) = (SymbolKind::Note, SymbolKind::Alias);
        let [note_bit, alias_bit] = [note, alias].map(|kind| kind_bit(kind as u32));
        let kinds = if self.folder.is_empty() {
            note_bit | alias_bit
        } else {
            note_bit
        };
        let mut found = Vec::new();
        let symbols = self.vault.symbols();
        let needed = needed(self.name) | letters;
        symbols.names_of(needed, kinds, place.stop, |symbol, name, bits| {
            for (kind, bit) in [(note, note_bit), (alias, alias_bit)] {
                let shown = shown(name, kind);
                if bits & bit != 0
                    && let Some(way) = way(shown)
                {
                    found.push((way, shown.len() as u32, symbol, kind));
                }
            }
        });
        found
    }

    /// Adds the files that have some of the names, until there are more than are
    /// shown: those of the best names, and the shortest of these. Tells whether
    /// names are left.
    fn closest(
        &self,
        place: &Place<'_>,
        mut names: Vec<Name>,
        files_too: bool,
        seen: &mut Folders,
        found: &mut Vec<Found>,
    ) -> bool {
        let mut count = MAX_CLOSE;
        while !names.is_empty() && found.len() <= MAX_ITEMS && !(place.stop)() {
            if count < names.len() {
                names.select_nth_unstable_by_key(count, |name| (name.0, name.1));
            }
            for (way, _, symbol, kind) in names.drain(..count.min(names.len())) {
                self.places(place, (way, symbol, kind), files_too, seen, found);
            }
            count *= 2;
        }
        found.len() > MAX_ITEMS || !names.is_empty()
    }

    /// The files that have a name.
    fn places(
        &self,
        place: &Place<'_>,
        (way, symbol, kind): (Way, Symbol, SymbolKind),
        files_too: bool,
        seen: &mut Folders,
        found: &mut Vec<Found>,
    ) {
        let vault = self.vault;
        let name = vault.string(symbol);
        let has_dot = self.name.contains('.');
        if kind == SymbolKind::Note {
            let stem = strip_md(&name);
            if stem.is_none() && !files_too && !has_dot {
                return;
            }
            let shown = stem.unwrap_or(&name);
            for file in vault.names.files(vault.symbols().fold_hash(symbol)) {
                let own = vault.files().get(file);
                if own.is_some_and(|own| own.name == symbol) {
                    found.extend(self.one(place, way, shown, (file, None), seen));
                }
            }
        } else {
            let key = vault.symbols().fold_hash(symbol);
            for file in vault.titled(kind, symbol) {
                let own = vault.files().get(file);
                // A note's own name as its alias would show it twice.
                if own.is_some_and(|own| vault.file_key(own) != key) {
                    found.extend(self.one(place, way, &name, (file, Some(symbol)), seen));
                }
            }
        }
    }

    /// Nothing was typed: what is near. Tells whether more is.
    fn nearest(
        &self,
        place: &Place<'_>,
        files_too: bool,
        seen: &mut Folders,
        found: &mut Vec<Found>,
    ) -> bool {
        let vault = self.vault;
        let all = || vault.files().iter();
        let mut in_folder = |(id, file): (FileId, &File)| {
            let of_folder = seen.entry(file.folder);
            let of_folder = of_folder.or_insert_with(|| self.folder(id));
            of_folder.map(|_| id)
        };
        // A folder may hold the whole vault.
        let most = MAX_CLOSE + 1;
        let mut files: Vec<FileId> = if self.folder.is_empty() {
            vault.beside(self.file).take(most).collect()
        } else {
            all().filter_map(&mut in_folder).take(most).collect()
        };
        let is_left = files.len() == most;
        files.extend(place.recent);
        if self.folder.is_empty() && files.len() < MAX_ITEMS {
            files.extend(all().map(|file| file.0).take(2 * MAX_ITEMS));
        }
        files.sort_unstable();
        files.dedup();
        for file in files {
            let Some(name) = vault.files().get(file).map(|file| vault.string(file.name)) else {
                continue;
            };
            if strip_md(&name).is_some() || files_too {
                let stem = strip_md(&name).unwrap_or(&name);
                found.extend(self.one(place, Way::Prefix, stem, (file, None), seen));
            }
        }
        is_left
    }

    /// One file, if it lies where was typed and may be shown.
    fn one(
        &self,
        place: &Place<'_>,
        way: Way,
        name: &str,
        (file, alias): (FileId, Option<Symbol>),
        seen: &mut Folders,
    ) -> Option<Found> {
        let own = self.vault.files().get(file)?;
        let of_folder = *seen.entry(own.folder).or_insert_with(|| self.folder(file));
        let Folder {
            same_tier,
            secret,
            whole,
        } = of_folder?;
        // A path is what was typed only as a whole.
        let way = match way {
            Way::Exact if !whole => Way::Prefix,
            way => way,
        };
        if secret && self.confidential == Confidential::Hide
            || file == place.file && alias.is_none() && self.name.is_empty()
        {
            return None;
        }
        let near = Nearness {
            excluded: own.excluded,
            recent: place.recent.contains(&file),
            same_folder: self
                .own
                .as_ref()
                .is_some_and(|mine| mine.folder == own.folder),
            same_tier,
            links: self.vault.links_to_name(own),
        };
        Some(Found {
            rank: rank(way, name, near),
            file,
            alias,
            marked: secret && self.confidential == Confidential::Mark,
        })
    }

    /// What is known of the folder of a file.
    fn folder(&self, file: FileId) -> Option<Folder> {
        let full = self.vault.full_folder(file);
        let mut whole = true;
        if !self.folder.is_empty() {
            let [own, typed] = [&fold(&full), &self.folder].map(|folder| format!("/{folder}"));
            own.contains(&typed).then_some(())?;
            whole = own == typed;
        }
        let tier = self.vault.tiers().of(&full);
        Some(Folder {
            same_tier: tier.is_some() && tier == self.own_tier,
            secret: self.vault.is_more_secret(file, self.file),
            whole,
        })
    }
}

/// What a name is matched by: notes go without `.md`.
fn shown(name: &str, kind: SymbolKind) -> &str {
    match kind {
        SymbolKind::Note => strip_md(name).unwrap_or(name),
        _ => name,
    }
}
