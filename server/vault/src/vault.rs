//! A vault: the value that holds the files, their facts and the indexes.
//!
//! It changes only through [`Vault::apply`] (in [`crate::change`]), and every answer depends on the
//! files and settings alone, never on the order in which they came. Notes of
//! other files are not touched by a change: links are resolved when asked.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::digest::{QUERIES, query_key, site_key, spelling_key, title_key, words};
use crate::fact::{Link, SymbolKind, ValueKind};
use crate::files::{Facts, File, Files};
use crate::index::{FileId, Pairs};
use crate::note::{Note, ParseOptions};
use crate::path::{fold_hash, fold_hash_of, is_canvas, same, split};
use crate::schema::Schemas;
use crate::settings::{Confidential, Settings};
use crate::symbol::{Symbol, Symbols};
use crate::tally::Tally;
use crate::tier::Tiers;
use crate::uses::type_keys;

/// The files of a folder, what they say, and the indexes over that. A clone
/// is a snapshot and costs little.
#[derive(Clone, Debug, Default)]
pub struct Vault {
    pub(crate) symbols: Arc<Symbols>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) schemas: Schemas,
    pub(crate) files: Files,
    /// Folded file name → files.
    pub(crate) names: Pairs,
    /// Folded path → files.
    pub(crate) paths: Pairs,
    /// Folded folder → files that lie in it.
    pub(crate) places: Pairs,
    /// Last segment of a link's path, folded and without `.md` → files with such links.
    pub(crate) sites: Pairs,
    /// Tag, and every tag above it → files.
    pub(crate) tags: Pairs,
    /// Canonical key of properties and fields → files.
    pub(crate) keys: Pairs,
    /// [`crate::digest::title_key`] → hashes of paths.
    pub(crate) titles: Pairs,
    pub(crate) tag_uses: Arc<FxHashMap<u32, u32>>,
    pub(crate) key_uses: Arc<FxHashMap<u32, [u32; KINDS]>>,
    /// [`spelling_key`] of a property → numbers of its spellings.
    pub(crate) spellings: Pairs,
    /// Spelling of a property → number of notes that have it.
    pub(crate) spelling_uses: Arc<FxHashMap<Symbol, u32>>,
    /// What is used how often, for completion.
    pub(crate) tally: Arc<Tally>,
    /// See [`type_keys`].
    pub(crate) type_keys: Arc<[u32]>,
    /// Folded folder (without final `/`) → number of files and folders in it.
    pub(crate) folders: Arc<FxHashMap<u32, u32>>,
    /// Mounts that self lines of notes speak of → number of notes.
    pub(crate) mounts: Arc<FxHashMap<String, u32>>,
    /// The tiers that are in force if the vault shows any.
    pub(crate) possible_tiers: Arc<Tiers>,
    pub(crate) tiers: Arc<Tiers>,
    pub(crate) mount: Arc<str>,
    pub(crate) complete: bool,
}

pub(crate) const KINDS: usize = ValueKind::ALL.len();

impl Vault {
    /// An empty vault.
    pub fn new(settings: Arc<Settings>) -> Self {
        let mut vault = Self {
            possible_tiers: settings.possible_tiers(),
            type_keys: type_keys(&settings),
            settings,
            ..Self::default()
        };
        vault.settle();
        vault
    }

    /// Whether both are moments of one vault, so that numbers of files mean the
    /// same.
    pub(crate) fn is_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.symbols, &other.symbols)
    }

    /// The table of strings.
    pub fn symbols(&self) -> &Arc<Symbols> {
        &self.symbols
    }

    /// The settings.
    pub fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// The schemas of properties.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// How its notes are to be read.
    pub fn parse_options(&self) -> ParseOptions {
        ParseOptions {
            soft_fences: self.settings.soft_fences.clone(),
        }
    }

    /// The files.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The tiers in force.
    pub fn tiers(&self) -> &Tiers {
        &self.tiers
    }

    /// Whether anybody may read the notes of a tier.
    pub fn is_public(&self, tier: usize) -> bool {
        let Some(tier) = self.tiers.0.get(tier) else {
            return true;
        };
        match (&self.settings.public_tiers, &self.settings.tiers) {
            (Some(public), _) => public.iter().any(|folder| same(folder, &tier.folder)),
            (None, Some(_)) => true,
            (None, None) => matches!(&*tier.folder, "_Standards" | "_public"),
        }
    }

    /// Whether what is in a tier may not be shown or named in another one. What
    /// lies in no tier may be seen by anybody: as a target it is no secret, and
    /// beside it everything that is not public is one.
    pub fn is_secret_in(&self, tier: Option<usize>, than: Option<usize>) -> bool {
        tier.is_some_and(|tier| !self.is_public(tier) && than.is_none_or(|than| tier > than))
    }

    /// Whether a note is more secret than another; see [`Vault::is_secret_in`].
    pub fn is_more_secret(&self, target: FileId, than: FileId) -> bool {
        self.is_path_more_secret(&self.full_folder(target), than)
    }

    /// Whether a path or folder of the whole vault is more secret than a note.
    pub fn is_path_more_secret(&self, target: &str, than: FileId) -> bool {
        let own = self.tiers.of(&self.full_folder(than));
        self.is_secret_in(self.tiers.of(target), own)
    }

    /// Whether the name of a note may be offered to somebody who writes in
    /// another one.
    pub fn may_name(&self, source: FileId, target: FileId) -> bool {
        self.settings.confidential_completion != Confidential::Hide
            || !self.is_more_secret(target, source)
    }

    /// How many files hold links whose last segment is the name of this one.
    pub fn links_to_name(&self, file: &File) -> u32 {
        self.sites.count(self.file_key(file)) as u32
    }

    /// The files whose path is this one but for case and the form of letters.
    pub fn twins(&self, path: &str) -> impl Iterator<Item = FileId> + '_ {
        let path = path.to_owned();
        let files = self.paths.files(fold_hash(&path));
        files.filter(move |&id| self.path(id).is_some_and(|own| same(&own, &path)))
    }

    /// Where the opened folder lies in the whole vault, with a final `/`;
    /// empty when it is the whole vault.
    pub fn mount(&self) -> &str {
        &self.mount
    }

    /// Whether all notes were read once; before that, no link is broken.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Says that all notes were read: little will be added from now on.
    pub fn set_complete(&mut self) {
        self.complete = true;
        self.symbols.shrink();
        Arc::make_mut(&mut self.tally).shrink();
    }

    /// The text of a symbol.
    pub fn string(&self, symbol: Symbol) -> String {
        self.symbols.string(symbol)
    }

    /// The path of a file from the root of the opened folder.
    pub fn path(&self, id: FileId) -> Option<String> {
        let file = self.files.get(id)?;
        let mut path = self.symbols.string(file.folder);
        self.symbols.with(file.name, |name| path.push_str(name));
        Some(path)
    }

    /// The path of a file in the whole vault: with the mount before it.
    pub fn full_path(&self, id: FileId) -> Option<String> {
        let path = self.path(id)?;
        Some(format!("{}{path}", self.mount))
    }

    /// The facts of a file that is a note and was read.
    pub fn note(&self, id: FileId) -> Option<Arc<Note>> {
        let file = self.files.get(id)?;
        let facts = file.facts.as_ref()?;
        (!self.symbols.with(file.name, is_canvas)).then(|| facts.note())
    }

    /// The facts of a note or canvas that was read, for questions about one
    /// kind of them. Of a canvas they are links alone.
    pub fn facts(&self, id: FileId) -> Option<&Facts> {
        self.files.get(id)?.facts.as_ref()
    }

    /// The file whose path is spelled exactly so.
    pub fn find(&self, path: &str) -> Option<FileId> {
        let (folder, name) = split(path);
        self.paths.files(fold_hash(path)).find(|&id| {
            self.files.get(id).is_some_and(|file| {
                self.symbols.with(file.folder, |own| own == folder)
                    && self.symbols.with(file.name, |own| own == name)
            })
        })
    }

    /// The files in the folder of this one, itself among them, in rising order.
    pub fn beside(&self, id: FileId) -> impl Iterator<Item = FileId> + '_ {
        let folder = self.files.get(id).map(|file| file.folder);
        let hash = folder.map(|folder| self.symbols.with(folder, fold_hash));
        let files = hash.into_iter().flat_map(|hash| self.places.files(hash));
        let folder_of = |id| self.files.get(id).map(|file| file.folder);
        files.filter(move |&id| folder_of(id) == folder)
    }

    /// The file with this path in the whole vault.
    pub fn find_full(&self, path: &str) -> Option<FileId> {
        self.find(path.strip_prefix(&*self.mount)?)
    }

    /// The files whose name has the same folded form as the parts together.
    pub fn named<'a>(&'a self, parts: [&'a str; 2]) -> impl Iterator<Item = FileId> + 'a {
        let named = self.names.files(fold_hash_of(&parts));
        named.filter(move |&id| {
            let file = self.files.get(id);
            file.is_some_and(|file| self.is_named(file, parts))
        })
    }

    /// Whether the name of a file has the same folded form as the parts together.
    pub(crate) fn is_named(&self, file: &File, parts: [&str; 2]) -> bool {
        self.symbols.with(file.name, |name| {
            name.strip_prefix(parts[0]) == Some(parts[1]) || same(name, &parts.concat())
        })
    }

    /// The files that may hold links whose last segment has this key; see
    /// [`Vault::link_key`].
    pub fn linking(&self, key: u32) -> impl Iterator<Item = FileId> + '_ {
        self.sites.files(key)
    }

    /// The files that may hold this tag or one below it.
    pub fn tagged(&self, identity: &str) -> impl Iterator<Item = FileId> + '_ {
        self.tags.files(fold_hash(identity))
    }

    /// How often a tag and those below it are used.
    pub fn tag_uses(&self, identity: &str) -> u32 {
        self.tag_uses
            .get(&fold_hash(identity))
            .copied()
            .unwrap_or(0)
    }

    /// The files that may hold this property or field, by canonical key.
    pub fn with_key(&self, canonical: &str) -> impl Iterator<Item = FileId> + '_ {
        self.keys.files(fold_hash(canonical))
    }

    /// The notes with code fences that hold queries about notes.
    pub fn with_queries(&self) -> impl Iterator<Item = FileId> + '_ {
        let keys = QUERIES.into_iter().filter_map(query_key);
        keys.flat_map(|key| self.keys.files(key))
    }

    /// The files that may hold this alias, heading or tag, spelled exactly so.
    pub fn titled(&self, kind: SymbolKind, name: Symbol) -> impl Iterator<Item = FileId> + '_ {
        let paths = self.titles.files(title_key(kind, name));
        paths.flat_map(|path| self.paths.files(path))
    }

    /// Whether a note has this alias, spelled exactly so.
    pub fn has_alias(&self, file: FileId, name: Symbol) -> bool {
        let note = self.note(file);
        note.is_some_and(|note| note.aliases.iter().any(|alias| alias.name == name))
    }

    /// How many files have a property or field of this canonical key.
    pub fn key_count(&self, canonical: &str) -> usize {
        self.keys.count(fold_hash(canonical))
    }

    /// How often the values of a property look like each kind.
    pub fn key_kinds(&self, canonical: &str) -> impl Iterator<Item = (ValueKind, u32)> {
        let uses = self
            .key_uses
            .get(&fold_hash(canonical))
            .copied()
            .unwrap_or_default();
        ValueKind::ALL
            .into_iter()
            .zip(uses)
            .filter(|kind| kind.1 > 0)
    }

    /// How many notes have a property that is spelled exactly so.
    pub fn spelling_uses(&self, name: &str) -> u32 {
        let symbol = self.symbols.lookup(name);
        let uses = symbol.and_then(|symbol| self.spelling_uses.get(&symbol));
        uses.copied().unwrap_or(0)
    }

    /// How else a property is written, and in how many notes: in another case,
    /// with `_`, `-`, a blank or nothing between its words.
    pub fn other_spellings(&self, name: &str) -> Vec<(String, u32)> {
        let key = spelling_key(name);
        // Nearly all properties have one spelling.
        if self.spellings.count(key) < 2 && self.spelling_uses(name) > 0 {
            return Vec::new();
        }
        let plain = |name: &str| words(name).collect::<String>();
        let wanted = plain(name);
        let symbols = self.spellings.files(key).map(Symbol::from_number);
        let counted = symbols.map(|symbol| {
            let count = self.spelling_uses.get(&symbol).copied().unwrap_or(0);
            (self.symbols.string(symbol), count)
        });
        let is_other = |other: &str| other != name && same(&plain(other), &wanted);
        counted.filter(|other| is_other(&other.0)).collect()
    }

    /// Whether a folder of the whole vault is there, in any case. The folders
    /// of the mount are.
    pub fn has_folder(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        if path.is_empty() {
            return true;
        }
        match self.inside_mount(path) {
            Some("") => true,
            Some(inside) => self.folders.contains_key(&fold_hash(inside)),
            None => {
                let above = self.mount.get(..path.len()).unwrap_or("");
                same(above, path) && self.mount[above.len()..].starts_with('/')
            }
        }
    }

    /// A folder or path of the whole vault as one of the opened folder, if it
    /// lies there.
    pub(crate) fn inside_mount<'p>(&self, path: &'p str) -> Option<&'p str> {
        let mount = self.mount.trim_end_matches('/');
        if mount.is_empty() {
            return Some(path);
        }
        let inside = path.get(mount.len()..)?;
        if !same(&path[..mount.len()], mount) {
            return None;
        }
        if inside.is_empty() {
            return Some(inside);
        }
        inside.strip_prefix('/')
    }

    /// The key of the file names that a link's path may end with; `None` for
    /// links to the note itself and out of the vault.
    pub fn link_key(&self, link: &Link) -> Option<u32> {
        site_key(&self.symbols, link)
    }

    /// The key under which links to a file stand.
    pub fn file_key(&self, file: &File) -> u32 {
        self.symbols.name_key(file.name)
    }

    /// About how many bytes the vault takes, for measuring memory.
    pub fn size(&self) -> VaultSize {
        let notes = self
            .files
            .iter()
            .filter_map(|(_, file)| file.facts.as_ref());
        let pairs = [
            &self.names,
            &self.paths,
            &self.places,
            &self.sites,
            &self.tags,
            &self.keys,
            &self.titles,
            &self.spellings,
        ];
        VaultSize {
            notes: notes.map(Facts::size).sum(),
            files: self.files.len() * size_of::<Option<File>>(),
            strings: self.symbols.size(),
            indexes: pairs.iter().map(|pairs| pairs.size()).sum::<usize>() + self.tally.size(),
        }
    }
}

/// The bytes that the parts of a vault take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultSize {
    /// The facts of the notes.
    pub notes: usize,
    /// The table of files.
    pub files: usize,
    /// The table of strings.
    pub strings: usize,
    /// The indexes.
    pub indexes: usize,
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
