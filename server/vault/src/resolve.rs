//! What a link means: link and source note → file, or why there is none.
//!
//! Paths here are paths in the whole vault: the mount stands before those of
//! the opened folder.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::fact::{Form, Link};
use crate::index::FileId;
use crate::link::normalize;
use crate::note::{Anchor, Note};
use crate::path::{fold, fold_hash_of, is_relative, join, same, split, strip_md};
use crate::vault::Vault;

/// So many links of a note are asked where notes like a missing one lie; those
/// of properties, which say so, come first.
const MAX_BESIDE: usize = 64;

/// What the path of a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file of the vault; `ambiguous` if others have the name as well.
    File {
        /// The file.
        file: FileId,
        /// Whether other files would fit, too, and this one was the nearest.
        ambiguous: bool,
    },
    /// Nothing, for this reason.
    Missing(Missing),
    /// A place outside of the vault, such as a web page.
    External,
}

impl Target {
    /// The file, if there is one.
    pub fn file(&self) -> Option<FileId> {
        match self {
            Self::File { file, .. } => Some(*file),
            _ => None,
        }
    }
}

/// Why a link leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Missing {
    /// Its tier is not among the folders of the workspace.
    TierAbsent,
    /// Its tier is there, the note's copy in it is not written yet.
    CopyMissing,
    /// It lies in a folder that is fetched separately and is not there.
    MountAbsent,
    /// It is the former name or path of the note that holds it.
    OwnOldName,
    /// A folder has the name, and no note stands for it.
    Folder,
    /// It climbs above the vault.
    OutsideVault,
    /// There is no such file.
    Broken,
}

impl Vault {
    /// Resolves the path of a link that stands in `source` (R1–R10).
    pub fn resolve(&self, link: &Link, source: FileId) -> Target {
        if link.is(Link::EXTERNAL) {
            return Target::External;
        }
        if link.name.is_empty() && link.folder.is_empty() {
            return found(source);
        }
        let path = self.link_path(link);
        // Beyond Obsidian: `[[folder/]]` is the note that stands for the folder.
        let wanted = path.trim_end_matches('/');
        let (folder, name) = split(wanted);
        if matches!(name, "" | "." | "..") {
            return self.missing(link, source, wanted);
        }
        match self.lookup(folder, name, source, link.form) {
            Some((file, ambiguous)) => Target::File { file, ambiguous },
            None => self.missing(link, source, wanted),
        }
    }

    /// What the subpath of a link names in the file that its path leads to;
    /// `None` when there is no such heading or block. Subpaths of other files
    /// than notes are not checked (G6).
    pub fn anchor(&self, link: &Link, file: FileId) -> Option<Anchor> {
        match self.note(file) {
            Some(note) => self.anchor_in(link, &note),
            None => Some(Anchor::Note),
        }
    }

    /// What the subpath of a link names in this note.
    pub(crate) fn anchor_in(&self, link: &Link, note: &Note) -> Option<Anchor> {
        if link.subpath.is_empty() {
            return Some(Anchor::Note);
        }
        let subpath = self.string(link.subpath);
        let anchor = note.anchor(&subpath);
        if anchor.is_none() && link.form != Form::Wiki {
            return note.slug(&subpath, self.symbols());
        }
        anchor
    }

    /// The path of a link as it is looked up: normalized, without its subpath.
    pub fn link_path(&self, link: &Link) -> String {
        let mut path = self.string(link.folder);
        self.symbols().with(link.name, |name| path.push_str(name));
        path
    }

    /// The path in the whole vault that a link spells, seen from its note if
    /// it is relative, else from the root; `None` when it climbs above that.
    pub(crate) fn spelled_path(&self, link: &Link, source: FileId) -> Option<String> {
        let path = self.link_path(link);
        let base = if is_relative(&path) {
            self.full_folder(source)
        } else {
            String::new()
        };
        join(&base, &path)
    }

    /// The file to which a path written in a link of `source` leads, and
    /// whether others would fit. Only what is spelled in the path counts.
    pub fn lookup_path(&self, path: &str, source: FileId, form: Form) -> Option<(FileId, bool)> {
        let path = normalize(path);
        let (folder, name) = split(path.trim_end_matches('/'));
        let is_name = !matches!(name, "" | "." | "..");
        is_name.then(|| self.lookup(folder, name, source, form))?
    }

    /// The file that a link with this path means, and whether others would fit.
    fn lookup(
        &self,
        folder: &str,
        name: &str,
        source: FileId,
        form: Form,
    ) -> Option<(FileId, bool)> {
        // R3: files of exactly this name if it has a dot, else notes of the name.
        let has_exact = name.contains('.') && self.named([name, ""]).next().is_some();
        let extension = if has_exact { "" } else { ".md" };
        let sure = |file: Option<FileId>| file.map(|file| (file, false));
        if is_relative(folder) {
            let folder = join(&self.full_folder(source), folder)?;
            return sure(self.in_folder(&folder, name, extension));
        }
        let inner = folder.strip_prefix('/').unwrap_or(folder);
        let is_rooted = inner.len() != folder.len();
        let inner = inner.trim_end_matches('/');
        let exact = self.in_folder(inner, name, extension);
        if exact.is_some() {
            return sure(exact);
        }
        // Beyond Obsidian: a path from the root of the opened folder, where
        // that is a part of the whole vault.
        if is_rooted {
            let opened = format!("{}{inner}", self.mount());
            return sure(self.in_folder(opened.trim_end_matches('/'), name, extension));
        }
        let own = self.full_folder(source);
        if let Some(best) = self.nearest(folder, [name, extension], &own) {
            return Some(best);
        }
        // R10, the last step: as other Markdown tools read a destination.
        if form == Form::Wiki {
            return None;
        }
        let folder = join(&own, folder)?;
        sure(self.in_folder(&folder, name, extension))
    }

    /// The files whose path ends with that of a link (R8), in no order.
    pub fn candidates(&self, link: &Link) -> Vec<FileId> {
        let (folder, name) = (self.string(link.folder), self.string(link.name));
        let fits = |&file: &FileId| ends_with(&self.full_folder(file), &folder);
        let named = |extension| self.named([&name, extension]).filter(fits).collect();
        let exact: Vec<FileId> = if name.contains('.') {
            named("")
        } else {
            Vec::new()
        };
        if exact.is_empty() {
            named(".md")
        } else {
            exact
        }
    }

    /// Whether a link means the same in every note: it is not relative, and
    /// no more than one file has the name.
    pub(crate) fn is_same_everywhere(&self, link: &Link) -> bool {
        let relative = self.symbols().with(link.folder, is_relative);
        let name = self.string(link.name);
        let has_two = |extension| self.named([&name, extension]).nth(1).is_some();
        link.form == Form::Wiki && !relative && !has_two("") && !has_two(".md")
    }

    /// R5, R6: the file in exactly this folder of the whole vault. Of several
    /// that differ in case or normal form, the one spelled like the link.
    fn in_folder(&self, folder: &str, name: &str, extension: &str) -> Option<FileId> {
        let folder = self.inside_mount(folder)?;
        let slash = if folder.is_empty() { "" } else { "/" };
        let symbols = self.symbols();
        let fits = |&id: &FileId| {
            self.files().get(id).is_some_and(|file| {
                let is_folder = |own: &str| same(own.trim_end_matches('/'), folder);
                symbols.with(file.folder, is_folder) && self.is_named(file, [name, extension])
            })
        };
        let found = self
            .paths
            .files(fold_hash_of(&[folder, slash, name, extension]));
        let mut found = found.filter(fits);
        let first = found.next()?;
        let Some(second) = found.next() else {
            return Some(first);
        };
        let spelled = [folder, slash, name, extension].concat();
        let all = [first, second].into_iter().chain(found);
        all.min_by_key(|&id| {
            let own = self.path(id).unwrap_or_default();
            (own != spelled, own)
        })
    }

    /// R8: the files of this name whose path ends with the link, those in or
    /// below the source's folder first, then by length of the path, then by
    /// path.
    fn nearest(&self, folder: &str, name: [&str; 2], own: &str) -> Option<(FileId, bool)> {
        let mut count = 0;
        let mut best: Option<((bool, usize), FileId)> = None;
        for file in self.named(name) {
            let full = self.full_folder(file);
            if !ends_with(&full, folder) {
                continue;
            }
            count += 1;
            let length = full.encode_utf16().count() + self.name_length(file);
            let rank = (!starts_with(&full, own), length);
            let is_better = best.is_none_or(|best| match rank.cmp(&best.0) {
                Ordering::Less => true,
                Ordering::Equal => self.is_before(file, best.1, name),
                Ordering::Greater => false,
            });
            if is_better {
                best = Some((rank, file));
            }
        }
        best.map(|best| (best.1, count > 1))
    }

    fn name_length(&self, file: FileId) -> usize {
        let length = |name: &str| name.encode_utf16().count();
        let file = self.files().get(file);
        file.map_or(0, |file| self.symbols().with(file.name, length))
    }

    /// Which of two equally near files comes first: the one spelled like the
    /// link, then the first by path.
    fn is_before(&self, left: FileId, right: FileId, name: [&str; 2]) -> bool {
        let order = |file| {
            let path = self.path(file).unwrap_or_default();
            let spelled = split(&path).1 == name.concat();
            (!spelled, path)
        };
        order(left) < order(right)
    }

    /// The folder of a file in the whole vault, with a final `/` unless empty.
    pub(crate) fn full_folder(&self, file: FileId) -> String {
        let mut folder = self.mount().to_owned();
        if let Some(file) = self.files().get(file) {
            self.symbols().with(file.folder, |own| folder.push_str(own));
        }
        folder
    }

    /// The class of a link that leads nowhere.
    fn missing(&self, link: &Link, source: FileId, path: &str) -> Target {
        Target::Missing(self.class(link, source, path))
    }

    fn class(&self, link: &Link, source: FileId, path: &str) -> Missing {
        let anchored = is_relative(path) || path.starts_with('/');
        let Some(full) = self.spelled_path(link, source) else {
            return Missing::OutsideVault;
        };
        if !self.tiers().is_empty()
            && let Some(class) = self.tier_class(link, source, &full)
        {
            return class;
        }
        if link.is(Link::FENCE) && link.folder.is_empty() && !path.contains('.') {
            return Missing::OwnOldName;
        }
        if self.is_mount_absent(&full, anchored) {
            return Missing::MountAbsent;
        }
        if self.has_folder(&full) {
            return Missing::Folder;
        }
        if !anchored && self.is_one_of_absent(link, source) {
            return Missing::MountAbsent;
        }
        Missing::Broken
    }

    /// Whether a link without a way names one of the notes that programs make
    /// for identifiers, and another link of its note says that these lie in a
    /// folder that is fetched separately.
    fn is_one_of_absent(&self, link: &Link, source: FileId) -> bool {
        let name = self.string(link.name);
        let mut series = self.settings().identifiers.iter();
        let Some(series) = series.find(|series| series.number(&name).is_some()) else {
            return false;
        };
        let is_absent = |other: Link| {
            let path = self.link_path(&other);
            let is_other = !other.folder.is_empty() && series.number(split(&path).1).is_some();
            let anchored = is_relative(&path) || path.starts_with('/');
            let full = || self.spelled_path(&other, source);
            is_other && full().is_some_and(|full| self.is_mount_absent(&full, anchored))
        };
        let links = self.facts(source).into_iter();
        let mut links = links.flat_map(|facts| facts.links().take(MAX_BESIDE));
        links.any(is_absent)
    }

    fn tier_class(&self, link: &Link, source: FileId, full: &str) -> Option<Missing> {
        let tiers = self.tiers();
        let tier = tiers.of(full)?;
        if !self.has_folder(&tiers.0[tier].folder) {
            return Some(Missing::TierAbsent);
        }
        let note = format!("{}.md", strip_md(full).unwrap_or(full));
        let family = tiers.family(&note);
        if family.iter().any(|copy| self.find_full(copy).is_some()) {
            return Some(Missing::CopyMissing);
        }
        // A line of the tier section names the note itself, or did so once.
        let holder = self.note(source)?;
        let statement = holder
            .headings
            .iter()
            .any(|heading| heading.range().contains(&link.start));
        (statement && !self.is_mount_absent(full, false)).then_some(Missing::OwnOldName)
    }

    /// Whether a path lies outside the mount, or in a folder that is fetched
    /// separately. In a tiered vault an anchored path whose folder is missing
    /// below one that exists counts as such.
    fn is_mount_absent(&self, full: &str, anchored: bool) -> bool {
        let tiered = !self.tiers().is_empty();
        let mount = self.mount();
        let in_tier = tiered && self.tiers().of(full).is_some();
        if !mount.is_empty() && (anchored || in_tier) && !starts_with(full, mount) {
            return true;
        }
        let separate = self.settings().absent_folders.iter();
        let mut absent = separate.filter(|folder| !self.has_folder(&format!("{mount}{folder}")));
        let inside = full.strip_prefix(mount).unwrap_or(full);
        let first = format!("{}/", full.split('/').next().unwrap_or(""));
        let below = |folder: &String| {
            let folder = format!("{folder}/");
            starts_with(inside, &folder) || ends_with(&folder, &first)
        };
        if full.contains('/') && absent.any(below) {
            return true;
        }
        let folder = split(full).0.trim_end_matches('/');
        let first = folder.split('/').next().unwrap_or("");
        (anchored || in_tier) && tiered && !self.has_folder(folder) && self.has_folder(first)
    }
}

fn found(file: FileId) -> Target {
    let ambiguous = false;
    Target::File { file, ambiguous }
}

/// Whether the segments of `path` end with those of `tail`, ignoring case.
/// Both are empty or end with `/`.
pub(crate) fn ends_with(path: &str, tail: &str) -> bool {
    let (path, tail) = folded(path, tail);
    let at_segment = |rest: &str| rest.is_empty() || rest.ends_with('/');
    tail.is_empty() || path.strip_suffix(&*tail).is_some_and(at_segment)
}

/// Whether `path` begins with `head`, which is empty or ends with `/`.
fn starts_with(path: &str, head: &str) -> bool {
    let (path, head) = folded(path, head);
    path.starts_with(&*head)
}

/// Two texts in a form in which they compare: folded, unless the first holds
/// the second as it is.
fn folded<'a>(text: &'a str, part: &'a str) -> (Cow<'a, str>, Cow<'a, str>) {
    if text.starts_with(part) || text.ends_with(part) {
        return (Cow::Borrowed(text), Cow::Borrowed(part));
    }
    if text.is_ascii() && part.is_ascii() && text.len() < part.len() {
        return (Cow::Borrowed(text), Cow::Borrowed(part));
    }
    (Cow::Owned(fold(text)), Cow::Owned(fold(part)))
}
