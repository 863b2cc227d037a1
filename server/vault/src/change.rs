//! How a vault changes: the one writer of its files, facts and indexes.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::field::canonical;
use crate::files::File;
use crate::index::{FileId, set};
use crate::note::Note;
use crate::path::{fold_hash, split, strip_md};
use crate::settings::Settings;
use crate::symbol::Symbol;
use crate::tag::with_ancestors;
use crate::tier::Tiers;
use crate::vault::Vault;

/// A change of a vault. Paths are from its root, as in [`crate::path::VaultPath`].
#[derive(Clone, Debug)]
pub enum Change {
    /// A file exists; what is known of its content stays.
    File(String),
    /// A note exists and says this. `None`: it cannot be read as text.
    Note(String, Option<Arc<Note>>),
    /// A file is gone.
    Remove(String),
    /// The settings are these.
    Settings(Arc<Settings>),
}

/// The keys under which a note stands in the indexes.
#[derive(Default)]
struct Keys {
    sites: Vec<u32>,
    tags: Vec<u32>,
    fields: Vec<u32>,
}

/// Pairs that wait to be added in one go.
#[derive(Default)]
struct Pending {
    /// Hashes of the paths that wait, for a file must not be added twice.
    waiting: FxHashSet<u32>,
    names: Vec<(u32, FileId)>,
    paths: Vec<(u32, FileId)>,
    sites: Vec<(u32, FileId)>,
    tags: Vec<(u32, FileId)>,
    keys: Vec<(u32, FileId)>,
}

impl Vault {
    /// Applies changes in their order.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change>) {
        let mut pending = Pending::default();
        for change in changes {
            match change {
                Change::File(path) => {
                    self.add(&path, &mut pending);
                }
                Change::Note(path, note) => {
                    let id = self.add(&path, &mut pending);
                    self.set_note(id, note.as_ref(), &mut pending);
                }
                Change::Remove(path) => {
                    self.flush(&mut pending);
                    if let Some(id) = self.find(&path) {
                        self.set_note(id, None, &mut pending);
                        self.remove(id, &path);
                    }
                }
                Change::Settings(settings) => {
                    self.flush(&mut pending);
                    let same_tiers = self.settings.tiers == settings.tiers;
                    self.settings = settings;
                    if !same_tiers {
                        self.count_mounts();
                    }
                }
            }
        }
        self.flush(&mut pending);
        self.settle();
    }

    fn flush(&mut self, pending: &mut Pending) {
        let Pending {
            names,
            paths,
            sites,
            tags,
            keys,
            ..
        } = std::mem::take(pending);
        self.names.extend(names);
        self.paths.extend(paths);
        self.sites.extend(sites);
        self.tags.extend(tags);
        self.keys.extend(keys);
    }

    fn add(&mut self, path: &str, pending: &mut Pending) -> FileId {
        // A pending file of the same path would not be found.
        let hash = fold_hash(path);
        if pending
            .paths
            .iter()
            .rev()
            .take(1)
            .any(|pair| pair.0 == hash)
        {
            self.flush(pending);
        }
        if let Some(id) = self.find(path) {
            return id;
        }
        let (folder, name) = split(path);
        let id = self.files.push(File {
            folder: self.symbols.intern(folder),
            name: self.symbols.intern(name),
            note: None,
        });
        pending.names.push((fold_hash(name), id));
        pending.paths.push((hash, id));
        pending.waiting.insert(hash);
        self.count_folder(folder.trim_end_matches('/'), true);
        id
    }

    fn remove(&mut self, id: FileId, path: &str) {
        let (folder, name) = split(path);
        self.names.remove(fold_hash(name), id);
        self.paths.remove(fold_hash(path), id);
        self.files.remove(id);
        self.count_folder(folder.trim_end_matches('/'), false);
    }

    /// Counts a file in its folder, and a new or vanished folder in the one above.
    fn count_folder(&mut self, folder: &str, more: bool) {
        let folders = Arc::make_mut(&mut self.folders);
        let mut folder = folder;
        while !folder.is_empty() {
            let count = folders.entry(fold_hash(folder)).or_insert(0);
            let was = *count;
            *count = if more { was + 1 } else { was.saturating_sub(1) };
            let now = *count;
            if now == 0 {
                folders.remove(&fold_hash(folder));
            }
            if was != 0 && now != 0 {
                break;
            }
            folder = folder.rsplit_once('/').map_or("", |(up, _)| up);
        }
    }

    fn set_note(&mut self, id: FileId, note: Option<&Arc<Note>>, pending: &mut Pending) {
        let new = note.map(|note| self.keys_of(note));
        let old_note = self.files.set_note(id, note.cloned());
        match (&old_note, new) {
            (None, Some(new)) => {
                pending.sites.extend(new.sites.iter().map(|&key| (key, id)));
                pending.tags.extend(new.tags.iter().map(|&key| (key, id)));
                pending.keys.extend(new.fields.iter().map(|&key| (key, id)));
            }
            (Some(old), new) => {
                self.flush(pending);
                let old = self.keys_of(old);
                let new = new.unwrap_or_default();
                self.sites.update(id, &old.sites, &new.sites);
                self.tags.update(id, &old.tags, &new.tags);
                self.keys.update(id, &old.fields, &new.fields);
            }
            (None, None) => {}
        }
        self.count(id, old_note.as_deref(), note.map(|note| &**note));
    }

    fn keys_of(&self, note: &Note) -> Keys {
        let tags = note.tags.iter().flat_map(|tag| {
            let up = |name: &str| with_ancestors(name).map(fold_hash).collect::<Vec<_>>();
            self.symbols.with(tag.name, up)
        });
        let properties = note
            .properties
            .iter()
            .map(|property| self.key_hash(property.key));
        let fields = note
            .fields
            .iter()
            .map(|field| self.symbols.fold_hash(field.key));
        Keys {
            sites: set(note.links.iter().filter_map(|link| self.link_key(link))),
            tags: set(tags),
            fields: set(properties.chain(fields)),
        }
    }

    /// The key of a property in the index: its canonical form (D3).
    fn key_hash(&self, key: Symbol) -> u32 {
        self.symbols.with(key, |key| fold_hash(&canonical(key)))
    }

    /// Changes the counts that hover and completion show, where they differ.
    fn count(&mut self, id: FileId, old: Option<&Note>, new: Option<&Note>) {
        let mut tags: FxHashMap<u32, i64> = FxHashMap::default();
        let mut keys: FxHashMap<(u32, usize), i64> = FxHashMap::default();
        for (note, step) in [(old, -1), (new, 1)] {
            let Some(note) = note else { continue };
            for tag in &note.tags {
                self.symbols.with(tag.name, |name| {
                    for tag in with_ancestors(name) {
                        *tags.entry(fold_hash(tag)).or_default() += step;
                    }
                });
            }
            for property in &note.properties {
                let key = (self.key_hash(property.key), property.kind as usize);
                *keys.entry(key).or_default() += step;
            }
        }
        let add = |count: &mut u32, step: i64| *count = count.saturating_add_signed(step as i32);
        for (tag, step) in tags.into_iter().filter(|tag| tag.1 != 0) {
            add(
                Arc::make_mut(&mut self.tag_uses).entry(tag).or_default(),
                step,
            );
        }
        for ((key, kind), step) in keys.into_iter().filter(|key| key.1 != 0) {
            add(
                &mut Arc::make_mut(&mut self.key_uses).entry(key).or_default()[kind],
                step,
            );
        }
        let mounts = [old, new].map(|note| note.and_then(|note| self.self_line(id, note)));
        if mounts[0] != mounts[1] {
            for (mount, step) in mounts.into_iter().zip([-1, 1]) {
                if let Some(mount) = mount {
                    let counts = Arc::make_mut(&mut self.mounts);
                    let count = counts.entry(mount).or_default();
                    add(count, step);
                }
            }
        }
    }

    /// The mount of which the self line of a note speaks: its rooted link to
    /// a tier, less the note's own path.
    fn self_line(&self, id: FileId, note: &Note) -> Option<String> {
        let file = self.files.get(id)?;
        let standard = Tiers::standard();
        let tiers = self.settings.tiers.as_ref().unwrap_or(&standard);
        let name = self.symbols.string(file.name);
        let stem = self.symbols.lookup(strip_md(&name)?)?;
        note.links
            .iter()
            .filter(|link| link.name == stem)
            .find_map(|link| {
                let folder = self.symbols.string(link.folder);
                let path = folder.strip_prefix('/')?;
                tiers.of(path)?;
                let own = self.symbols.string(file.folder);
                let mount = path.strip_suffix(own.as_str())?;
                (mount.is_empty() || mount.ends_with('/')).then(|| mount.to_owned())
            })
    }

    /// Counts the mounts afresh: other tiers make other self lines.
    fn count_mounts(&mut self) {
        let mut mounts: FxHashMap<String, u32> = FxHashMap::default();
        for (id, file) in self.files.iter() {
            let note = file.note.as_deref();
            if let Some(mount) = note.and_then(|note| self.self_line(id, note)) {
                *mounts.entry(mount).or_default() += 1;
            }
        }
        self.mounts = Arc::new(mounts);
    }

    /// Finds the tiers and the mount in force.
    pub(crate) fn settle(&mut self) {
        let standard = Tiers::standard();
        let tiers = self.settings.tiers.as_ref().unwrap_or(&standard);
        let present = |folder: &str| self.folders.contains_key(&fold_hash(folder));
        let at_root = tiers.0.iter().any(|tier| present(&tier.folder));
        let seen = self.mounts.iter().filter(|mount| *mount.1 > 0);
        let best = seen.max_by(|left, right| left.1.cmp(right.1).then(right.0.cmp(left.0)));
        let mount = match &self.settings.mount {
            Some(mount) => mount.trim_matches('/').to_owned(),
            None if at_root => String::new(),
            None => best.map_or("", |best| best.0).trim_matches('/').to_owned(),
        };
        let tiered = self.settings.tiers.is_some()
            || at_root
            || best.is_some()
            || tiers.of(&format!("{mount}/")).is_some();
        let none = Tiers::default();
        let tiers = if tiered { tiers } else { &none };
        if *self.tiers != *tiers {
            self.tiers = Arc::new(tiers.clone());
        }
        let mount = if mount.is_empty() { mount } else { mount + "/" };
        if *self.mount != *mount {
            self.mount = mount.into();
        }
    }
}
