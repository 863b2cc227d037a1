//! The links that would lead elsewhere, or nowhere, when files have other
//! paths (N1), and the paths that they get (N2).

use rustc_hash::{FxHashMap, FxHashSet};

use super::site::{Names, Site, What};
use super::{Part, Plan, Refusal};
use crate::fact::{Form, Link};
use crate::files::Facts;
use crate::index::FileId;
use crate::link::normalize;
use crate::linkpath::{is_holdable, relative, written};
use crate::path::{above, fold, fold_hash, is_relative, join, split, stem, strip_md};
use crate::relink::spelled_like;
use crate::resolve::{Missing, Target};
use crate::settings::LinkFormat;
use crate::symbol::Symbol;
use crate::vault::Vault;

/// Paths of the whole vault that change, whether there are files or not:
/// links to copies that are not here follow as well.
#[derive(Debug, Default)]
pub(super) struct Mapping {
    /// By the folded old path.
    files: FxHashMap<String, (String, String)>,
    /// New paths by the folded old ones.
    folders: FxHashMap<String, String>,
}

impl Mapping {
    pub(super) fn add_file(&mut self, from: String, to: String) {
        self.files.insert(fold(&from), (from, to));
    }

    pub(super) fn add_folder(&mut self, from: &str, to: &str) {
        self.folders.insert(fold(from), to.to_owned());
    }

    /// Where the file of a path, given without `.md` if it is a note, goes; in
    /// the same form.
    fn file(&self, path: &str) -> Option<String> {
        let plain = strip_md(path).unwrap_or(path);
        let found = self.files.get(&fold(&format!("{plain}.md")));
        if let Some((_, to)) = found {
            return Some(strip_md(to).unwrap_or(to).to_owned());
        }
        if let Some((_, to)) = self.files.get(&fold(path)) {
            return Some(to.clone());
        }
        self.folder(path)
    }

    /// Where a folder of the whole vault goes.
    pub(super) fn folder(&self, path: &str) -> Option<String> {
        if self.folders.is_empty() {
            return None;
        }
        let path = path.trim_end_matches('/');
        let mut folders = std::iter::once(path).chain(above(path));
        folders.find_map(|folder| {
            let to = self.folders.get(&fold(folder))?;
            Some(format!("{to}{}", &path[folder.len()..]))
        })
    }

    /// The keys under which links to all of this stand; those to what lies in its
    /// folders are known by the folders that they name.
    fn keys(&self) -> impl Iterator<Item = u32> + '_ {
        let names = self.files.values().flat_map(|own| [&own.0, &own.1]);
        let folders = self.folders.iter().map(|own| own.0.trim_end_matches('/'));
        let names = names.map(String::as_str).chain(folders);
        names.map(|path| fold_hash(stem(path)))
    }
}

/// Adds to the plan the links that its moves call for. `after` is the vault
/// with the moves made.
pub(super) fn rewrite(
    before: &Vault,
    after: &Vault,
    mapping: &Mapping,
    plan: &mut Plan,
) -> Result<(), Refusal> {
    let mut engine = Engine {
        before,
        after,
        mapping,
        names: FxHashMap::default(),
        moved: FxHashSet::default(),
        renamed: FxHashSet::default(),
        lost: Vec::new(),
    };
    let mut keys: FxHashSet<u32> = mapping.keys().collect();
    for own in &plan.moves {
        engine.moved.insert(own.file);
        let full = |path: &str| format!("{}{path}", before.mount());
        let names = names(before, &full(&own.from), &full(&own.to));
        engine.names.insert(own.file, names);
        if split(&own.from).1 != split(&own.to).1 {
            engine.renamed.insert(own.file);
        }
        for name in [stem(&own.from), stem(&own.to)] {
            keys.insert(fold_hash(name));
            // Links to `n.md.md` may be written `n.md`, and stand under `n`.
            keys.extend(strip_md(name).map(fold_hash));
        }
    }
    let mut sources: FxHashSet<FileId> = engine.moved.clone();
    sources.extend(keys.iter().flat_map(|&key| before.linking(key)));
    let mut folders = (!mapping.folders.is_empty()).then(|| Folders::new(mapping));
    if let Some(folders) = &mut folders {
        let all = before.files().iter();
        let named = all.filter(|(_, file)| {
            let mut links = file.facts.iter().flat_map(Facts::links);
            links.any(|link| folders.holds(before, link.folder))
        });
        sources.extend(named.map(|file| file.0));
    }
    for source in sources {
        let Some(facts) = before.facts(source) else {
            continue;
        };
        let is_moved = engine.moved.contains(&source);
        for link in facts.links() {
            let key = before.link_key(&link);
            let is_named = key.is_some_and(|key| keys.contains(&key));
            let mut holds = |folder| {
                let folders = folders.as_mut();
                folders.is_some_and(|own| own.holds(before, folder))
            };
            if (is_named || is_moved || holds(link.folder))
                && let Some(site) = engine.site(source, link)
            {
                plan.add(source, site);
            }
        }
    }
    match engine.lost.first() {
        None => Ok(()),
        Some((target, _)) => {
            let lost = engine.lost.iter().filter(|own| own.0 == *target);
            let mut notes: Vec<String> = lost.filter_map(|own| before.path(own.1)).collect();
            notes.sort();
            notes.dedup();
            let path = after.path(*target).unwrap_or_default();
            Err(Refusal::Unreachable(path, notes))
        }
    }
}

/// Old and new names of a file that links may show: its own, and that of its
/// family. The paths are those in the whole vault.
pub(super) fn names(vault: &Vault, from: &str, to: &str) -> Names {
    let pair = |from: &str, to: &str| [stem(from).to_owned(), stem(to).to_owned()];
    let mut names = vec![pair(from, to)];
    let bases = [from, to].map(|path| vault.tiers().base(path));
    if let [Some((_, old)), Some((_, new))] = bases {
        let name = |base: &str| split(base).1.to_owned();
        names.push([name(old), name(new)]);
    }
    names.retain(|pair| pair[0] != pair[1]);
    names.dedup();
    names.into()
}

/// Knows of folders of links whether they may lie in a folder that moves.
struct Folders {
    /// The last segments of those folders, folded.
    segments: FxHashSet<String>,
    known: FxHashMap<Symbol, bool>,
}

impl Folders {
    fn new(mapping: &Mapping) -> Self {
        let folders = mapping.folders.keys();
        Self {
            segments: folders.map(|folder| split(folder).1.to_owned()).collect(),
            known: FxHashMap::default(),
        }
    }

    fn holds(&mut self, vault: &Vault, folder: Symbol) -> bool {
        let segments = &self.segments;
        *self.known.entry(folder).or_insert_with(|| {
            vault.symbols().with(folder, |folder| {
                let folder = fold(folder);
                folder.split('/').any(|segment| segments.contains(segment))
            })
        })
    }
}

struct Engine<'a> {
    before: &'a Vault,
    after: &'a Vault,
    mapping: &'a Mapping,
    names: FxHashMap<FileId, Names>,
    moved: FxHashSet<FileId>,
    /// Those of the moved whose name changes.
    renamed: FxHashSet<FileId>,
    /// Targets to which no link would lead, and who links there.
    lost: Vec<(FileId, FileId)>,
}

impl Engine<'_> {
    fn site(&mut self, source: FileId, link: Link) -> Option<Site> {
        if link.name.is_empty() && link.folder.is_empty() {
            // A place in the same note goes where the note goes.
            return None;
        }
        let (part, path, names) = match self.before.resolve(&link, source) {
            Target::External => return None,
            Target::File { file, ambiguous } => {
                if !self.is_wrong(&link, source, file, ambiguous) {
                    return None;
                }
                let Some(path) = self.path(&link, source, file) else {
                    self.lost.push((file, source));
                    return None;
                };
                let names = self.names.get(&file).cloned();
                let part = if ambiguous {
                    Part::Ambiguous
                } else {
                    part(&link)
                };
                (part, path, names.unwrap_or_default())
            }
            Target::Missing(class) => {
                let (path, names) = self.missing(&link, source, class)?;
                (part(&link), path, names)
            }
        };
        let what = What::Link {
            link,
            path: Some(path),
            subpath: None,
            names,
        };
        Some(Site { part, what })
    }

    /// Whether a link that led to `file` must be written anew.
    fn is_wrong(&self, link: &Link, source: FileId, file: FileId, was_ambiguous: bool) -> bool {
        match self.after.resolve(link, source) {
            Target::File {
                file: now,
                ambiguous,
            } if now == file && (was_ambiguous || !ambiguous) => {
                // A change of case or form of letters is a renaming, too (N7).
                self.renamed.contains(&file) && self.is_spelled(link, file)
                    || self.moved.contains(&file) && self.is_way_spelled(link, source, file)
            }
            _ => true,
        }
    }

    /// Whether a link spells the name of a file just as it was.
    fn is_spelled(&self, link: &Link, file: FileId) -> bool {
        let path = self.before.path(file).unwrap_or_default();
        let (name, link) = (split(&path).1, self.before.string(link.name));
        link == name || Some(link.as_str()) == strip_md(name)
    }

    /// Whether a link spells the folders of a file just as they were, and as they
    /// will not be.
    fn is_way_spelled(&self, link: &Link, source: FileId, file: FileId) -> bool {
        if link.folder.is_empty() {
            return false;
        }
        let path = self.before.link_path(link);
        let is_suffix = !path.starts_with('/') && !is_relative(&path);
        let spells = |vault: &Vault| {
            let spelled = vault.spelled_path(link, source);
            let full = vault.full_path(file);
            spelled.zip(full).is_some_and(|(spelled, full)| {
                let full = strip_md(&full).unwrap_or(&full);
                let spelled = strip_md(&spelled).unwrap_or(&spelled);
                let rest = full.strip_suffix(spelled);
                rest.is_some_and(|rest| rest.is_empty() || is_suffix && rest.ends_with('/'))
            })
        };
        spells(self.before) && !spells(self.after)
    }

    /// The path by which a link of this style leads to `file` afterwards.
    fn path(&self, link: &Link, source: FileId, file: FileId) -> Option<String> {
        let old = self.before.link_path(link);
        let full = self.after.full_path(file)?;
        let was = self.before.full_path(file)?;
        let preferred = self.in_style(&old, link.form, source, &was, &full);
        let format = self.after.settings().obsidian.new_link_format;
        let path = self
            .after
            .linkpath_like(source, file, format, link.form, Some(preferred))?;
        // Written without `.md`, as it was, it may name a file of another kind.
        let written = spelled_like(&old, &path, link.form);
        let leads = || {
            let found = self.after.lookup_path(written, source, link.form);
            found.is_some_and(|found| found.0 == file)
        };
        (written == path || leads()).then_some(path)
    }

    /// A path in the style of an old one: from the root, relative, or with as
    /// many folders. `was` and `full` are the old and new path of the target in
    /// the whole vault.
    fn in_style(&self, old: &str, form: Form, source: FileId, was: &str, full: &str) -> String {
        let new = written(full, form);
        if let Some(old) = old.strip_prefix('/') {
            let mount = self.after.mount();
            // The whole path is written, unless that from the opened folder was.
            let spelled = |path: &str| fold(strip_md(path).unwrap_or(path));
            let is_opened = !mount.is_empty() && spelled(was) != spelled(old);
            let inside = new.strip_prefix(mount).filter(|_| is_opened);
            return format!("/{}", inside.unwrap_or(new));
        }
        if is_relative(old) {
            let own = self.after.full_folder(source);
            let (folder, name) = (split(old).0, split(new).1);
            // Where only the name changes, the way there stays as it is.
            let is_there = |path: &String| join(&own, path).as_deref() == Some(new);
            let same = format!("{folder}{name}");
            if is_there(&same) {
                return same;
            }
            let path = relative(&own, new);
            let mark = if path.starts_with("../") { "" } else { "./" };
            return format!("{mark}{path}");
        }
        let depth = |path: &str| path.matches('/').count();
        let folders = depth(old.trim_end_matches('/'));
        let format = self.after.settings().obsidian.new_link_format;
        if folders == 0 && form == Form::Wiki && format != LinkFormat::Absolute {
            // A bare name stays one, also that of a note at the root.
            return split(new).1.to_owned();
        }
        if folders >= depth(was) {
            return new.to_owned();
        }
        let cut = new.rmatch_indices('/').nth(folders);
        cut.map_or(new, |(at, _)| &new[at + 1..]).to_owned()
    }

    /// The path and names of a link to what is not here: it goes along when
    /// that is absent by design, and keeps its meaning when its note moves.
    fn missing(&self, link: &Link, source: FileId, class: Missing) -> Option<(String, Names)> {
        let old = self.before.link_path(link);
        let spelled = self.before.spelled_path(link, source)?;
        let goes_along = match class {
            Missing::TierAbsent | Missing::CopyMissing | Missing::MountAbsent => {
                self.mapping.file(&spelled)
            }
            Missing::Folder => self.mapping.folder(&spelled),
            Missing::OwnOldName | Missing::OutsideVault | Missing::Broken => None,
        };
        let is_moved = self.moved.contains(&source) && is_relative(&old);
        let new = match &goes_along {
            Some(new) => new,
            None if is_moved && class != Missing::OutsideVault => &spelled,
            None => return None,
        };
        let mut path = self.in_style(&old, Form::Wiki, source, &spelled, new);
        if old.ends_with('/') {
            path.push('/');
        }
        let is_note = strip_md(&old).is_some();
        if is_note && link.form != Form::Wiki && strip_md(&path).is_none() {
            path.push_str(".md");
        }
        let path = normalize(&path).into_owned();
        if path == old || !is_holdable(&path, link.form) {
            return None;
        }
        let note = |path: &str| format!("{}.md", strip_md(path).unwrap_or(path));
        let names = goes_along.map_or_else(Names::default, |new| {
            names(self.before, &note(&spelled), &note(&new))
        });
        Some((path, names))
    }
}

/// What the edit of a link is about.
pub(super) fn part(link: &Link) -> Part {
    if link.is(Link::CANVAS) {
        Part::Canvas
    } else if link.is(Link::FENCE) {
        Part::Fence
    } else if link.is(Link::PROPERTY) {
        Part::PropertyLink
    } else {
        Part::Link
    }
}
