//! What a link means: link and source note → file, or why there is none.
//!
//! Paths here are paths in the whole vault: the mount stands before those of
//! the opened folder.

use std::borrow::Cow;

use crate::fact::{Form, Link};
use crate::index::FileId;
use crate::note::Anchor;
use crate::path::{fold, join, same, split, strip_md};
use crate::vault::Vault;

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
        let mut path = self.string(link.folder);
        self.symbols().with(link.name, |name| path.push_str(name));
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
            Some(note) => {
                let subpath = self.string(link.subpath);
                let anchor = note.anchor(&subpath, self.symbols());
                if anchor.is_none() && link.form != Form::Wiki {
                    return note.slug(&subpath);
                }
                anchor
            }
            None => Some(Anchor::Note),
        }
    }

    /// The files that a link with this path may mean, best first, and whether
    /// there are several.
    fn lookup(
        &self,
        folder: &str,
        name: &str,
        source: FileId,
        form: Form,
    ) -> Option<(FileId, bool)> {
        let candidates = self.candidates(name);
        if candidates.is_empty() {
            return None;
        }
        let own = self.full_folder(source);
        if is_relative(folder) {
            let folder = join(&own, folder)?;
            return self
                .in_folder(&candidates, &folder, name)
                .map(|file| (file, false));
        }
        let inner = folder.strip_prefix('/').unwrap_or(folder);
        let exact = self.in_folder(&candidates, inner.trim_end_matches('/'), name);
        if exact.is_some() || inner.len() != folder.len() {
            return exact.map(|file| (file, false));
        }
        if let [only] = candidates[..] {
            if ends_with(&self.full_folder(only), folder) {
                return Some((only, false));
            }
        } else if let Some(best) = self.nearest(&candidates, folder, name, &own) {
            return Some(best);
        }
        // R10, the last step: as other Markdown tools read a destination.
        if form == Form::Wiki {
            return None;
        }
        let folder = join(&own, folder)?;
        self.in_folder(&candidates, &folder, name)
            .map(|file| (file, false))
    }

    /// Whether a link means the same in every note: it is not relative, and
    /// no more than one file has the name.
    pub(crate) fn is_same_everywhere(&self, link: &Link) -> bool {
        let relative = self.symbols().with(link.folder, is_relative);
        let only = || self.candidates(&self.string(link.name)).len() < 2;
        link.form == Form::Wiki && !relative && only()
    }

    /// R3: files of exactly this name if it has a dot, else notes of the name.
    fn candidates(&self, name: &str) -> Vec<FileId> {
        if name.contains('.') {
            let exact: Vec<FileId> = self.named([name, ""]).collect();
            if !exact.is_empty() {
                return exact;
            }
        }
        self.named([name, ".md"]).collect()
    }

    /// R5, R6: the candidate in exactly this folder. Of several that differ
    /// in case or normal form, the one spelled like the link.
    fn in_folder(&self, candidates: &[FileId], folder: &str, name: &str) -> Option<FileId> {
        let fits = |&&file: &&FileId| same(self.full_folder(file).trim_end_matches('/'), folder);
        let mut fitting = candidates.iter().filter(fits).copied();
        let first = fitting.next()?;
        let Some(second) = fitting.next() else {
            return Some(first);
        };
        let spelled = format!("{folder}/{name}");
        let spelled = spelled.trim_start_matches('/');
        let all = [first, second].into_iter().chain(fitting);
        all.filter_map(|file| Some((self.full_path(file)?, file)))
            .min_by_key(|(path, _)| {
                let exact = path == spelled || strip_md(path) == Some(spelled);
                (!exact, path.clone())
            })
            .map(|best| best.1)
    }

    /// R8: the candidates that end with the link, those in or below the
    /// source's folder first, then by length of the path, then by path.
    fn nearest(
        &self,
        candidates: &[FileId],
        folder: &str,
        name: &str,
        own: &str,
    ) -> Option<(FileId, bool)> {
        let mut count = 0;
        let mut best: Option<((bool, usize, bool, String), FileId)> = None;
        for &file in candidates {
            let full = self.full_folder(file);
            if !ends_with(&full, folder) {
                continue;
            }
            count += 1;
            let below = starts_with(&full, own);
            let path = self.full_path(file)?;
            let length = path.encode_utf16().count();
            let spelled = split(&path).1;
            let exact = spelled == name || strip_md(spelled) == Some(name);
            let rank = (!below, length, !exact, path);
            if best.as_ref().is_none_or(|best| rank < best.0) {
                best = Some((rank, file));
            }
        }
        best.map(|best| (best.1, count > 1))
    }

    /// The folder of a file in the whole vault, with a final `/` unless empty.
    fn full_folder(&self, file: FileId) -> String {
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
        let own = self.full_folder(source);
        let base = if is_relative(path) { &own } else { "" };
        let Some(full) = join(base, path) else {
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
        Missing::Broken
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
        let absent = &self.settings().absent_folders;
        let inside = full.strip_prefix(mount).unwrap_or(full);
        let below = |folder: &String| {
            starts_with(inside, &format!("{folder}/"))
                || ends_with(
                    &format!("{folder}/"),
                    &format!("{}/", full.split('/').next().unwrap_or("")),
                )
        };
        if full.contains('/') && absent.iter().any(below) {
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

/// Whether a path is explicitly relative (R5).
fn is_relative(path: &str) -> bool {
    path.starts_with("./") || path.starts_with("../") || matches!(path, "." | "..")
}

/// Whether the segments of `path` end with those of `tail`, ignoring case.
/// Both are empty or end with `/`.
fn ends_with(path: &str, tail: &str) -> bool {
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
