//! Links that lead nowhere or not where they seem to, and what hides places.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::nearest::{alike, nearest};
use super::{Check, MAX_CANDIDATES, wide};
use crate::fact::{Link, RegionKind};
use crate::index::FileId;
use crate::link::{heading_subpath, inside};
use crate::note::Note;
use crate::path::{is_media, split, strip_md};
use crate::query::Location;
use crate::query::hover::sentence;
use crate::relink::resubpath;
use crate::resolve::{Missing, Target};
use crate::rule::Rule;

impl Check<'_> {
    pub(super) fn links(&mut self) {
        let note = self.note;
        let mut absent = FxHashSet::default();
        let mut targets: FxHashMap<FileId, Option<Arc<Note>>> = FxHashMap::default();
        for (index, link) in note.links.iter().enumerate() {
            match self.targets[index].clone() {
                Target::External => {}
                Target::Missing(class) => self.missing(link, class, &mut absent),
                Target::File { file, ambiguous } => {
                    if ambiguous && !link.is(Link::FENCE) {
                        self.ambiguous(link, file);
                    }
                    if link.is(Link::SUBPATH) {
                        let vault = self.vault;
                        let target = targets.entry(file).or_insert_with(|| vault.note(file));
                        let target = target.clone();
                        if let Some(target) = target {
                            self.anchor(link, file, &target);
                        }
                    }
                }
            }
        }
        self.labels();
    }

    fn missing(&mut self, link: &Link, class: Missing, absent: &mut FxHashSet<String>) {
        let range = wide(&link.range());
        let path = self.vault.link_path(link);
        let rule = match class {
            Missing::TierAbsent => return,
            Missing::CopyMissing => Rule::CopyMissing,
            Missing::MountAbsent => {
                // One word for each folder is enough.
                let folder = split(&path)
                    .0
                    .trim_start_matches(['/', '.'])
                    .split('/')
                    .take(2);
                if !absent.insert(folder.collect::<Vec<_>>().join("/")) {
                    return;
                }
                Rule::MountAbsent
            }
            Missing::OwnOldName => Rule::OwnOldName,
            Missing::Folder => Rule::FolderLink,
            Missing::OutsideVault => Rule::OutsideVault,
            Missing::Broken => Rule::BrokenLink,
        };
        if rule != Rule::BrokenLink {
            self.report(range, rule, sentence(class));
            return;
        }
        let name = split(&path).1;
        // A template is filled in before the link is.
        if path.contains("{{") || path.contains("<%") {
            return;
        }
        if let Some(tier) = self.misspelt_tier(&path) {
            let message = format!("There is no tier of this name; did you mean `{tier}`?");
            self.report(range, rule, message);
            return;
        }
        let may_look = self.similar > 0;
        self.similar = self.similar.saturating_sub(1);
        let near = may_look.then(|| nearest(self.vault, name)).flatten();
        let what = if is_attachment(name) { "file" } else { "note" };
        let message = match &near {
            Some(near) if split(&path).0.is_empty() => {
                format!("There is no {what} `{name}`; did you mean `{near}`?")
            }
            Some(near) => format!("There is no {what} `{path}`; there is one called `{near}`"),
            None => format!("There is no {what} `{path}`"),
        };
        self.report(range, rule, message);
        // Where a folder is written, it may be the folder that is wrong.
        if let Some(near) = near.filter(|near| split(&path).0.is_empty() && self.is_sure(near))
            && let Some(edits) = self.retarget(link, &near)
        {
            self.fix(format!("Change it to `{near}`"), &edits, false);
        }
    }

    /// Whether one note has a name, and may be named here.
    fn is_sure(&self, name: &str) -> bool {
        let mut notes = self.vault.named([name, ".md"]);
        let first = notes.next().filter(|_| notes.next().is_none());
        first.is_some_and(|note| !self.vault.is_more_secret(note, self.file))
    }

    /// The tier that the first folder of a path nearly names.
    fn misspelt_tier(&self, path: &str) -> Option<String> {
        let first = path.trim_start_matches(['/', '.']).split_once('/')?.0;
        let folders = self.vault.tiers().0.iter().map(|tier| tier.folder.clone());
        let folders: Vec<String> = folders.collect();
        let is_there = self.vault.has_folder(first);
        alike(first, &folders)
            .filter(|_| !is_there)
            .map(str::to_owned)
    }

    fn ambiguous(&mut self, link: &Link, target: FileId) {
        let mut candidates = self.vault.candidates(link);
        candidates.sort_by_cached_key(|&file| (file != target, self.vault.path(file)));
        let name = self.vault.link_path(link);
        let message = format!(
            "{} notes are called `{name}`; the nearest is taken. A path makes it sure",
            candidates.len()
        );
        self.report(wide(&link.range()), Rule::AmbiguousLink, message);
        for file in candidates.into_iter().take(MAX_CANDIDATES) {
            let word = if file == target {
                "this one is taken"
            } else {
                "another one"
            };
            self.relate(Location { file, range: 0..0 }, word);
        }
    }

    fn anchor(&mut self, link: &Link, file: FileId, target: &Note) {
        if self.vault.anchor_in(link, target).is_some() {
            return;
        }
        let subpath = self.vault.string(link.subpath);
        let name = self.vault.path(file).unwrap_or_default();
        let name = split(&name).1;
        let name = strip_md(name).unwrap_or(name);
        let last = subpath.rsplit('#').next().unwrap_or("").trim();
        let vault = self.vault;
        let (rule, what, names): (_, _, Vec<String>) = if last.starts_with('^') {
            let ids = target.blocks.iter().map(|block| vault.string(block.id));
            let ids = ids.map(|id| format!("^{id}"));
            (Rule::BrokenBlock, "block", ids.collect())
        } else {
            let headings = target.headings.iter();
            let titles = headings.map(|heading| vault.string(heading.title));
            let titles = titles.filter_map(|title| heading_subpath(&title));
            (Rule::BrokenHeading, "heading", titles.collect())
        };
        let may_look = self.similar > 0;
        self.similar = self.similar.saturating_sub(1);
        let near = may_look.then(|| alike(last, &names)).flatten();
        let message = match near {
            Some(near) => format!("`{name}` has no {what} `{subpath}`; did you mean `{near}`?"),
            None => format!("`{name}` has no {what} `{subpath}`"),
        };
        self.report(wide(&link.range()), rule, message);
        if let Some(near) = near
            && let Some((range, new)) = resubpath(self.text, link, near)
        {
            let title = format!("Change it to `#{near}`");
            self.fix(title, &[(wide(&range), new)], false);
        }
    }

    /// Places that no link reaches, and what swallows the rest of the note.
    pub(super) fn structure(&mut self) {
        self.twins();
        self.block_ids();
        for region in &self.note.regions {
            let source = self.slice(&region.range);
            if region.range.end as usize != self.text.trim_end().len()
                && region.range.end != self.note.len
            {
                continue;
            }
            let start = region.range.start as usize;
            match region.kind {
                RegionKind::Code if is_open_fence(source) => {
                    let end = start + source.lines().next().unwrap_or("").len();
                    let message = "This code fence is not closed, so all that follows is code: add a closing line";
                    self.report(start..end, Rule::OpenFence, message);
                }
                RegionKind::Comment if self.is_open_comment(&region.range) => {
                    let message =
                        "This comment is not closed, so all that follows is hidden: add `%%`";
                    self.report(start..start + 2, Rule::OpenComment, message);
                }
                _ => {}
            }
        }
    }

    /// Whether a comment that ends with the note lacks its end and hides more
    /// than code, which drawings put there.
    fn is_open_comment(&self, range: &std::ops::Range<u32>) -> bool {
        let source = self.slice(range).trim_end();
        let hides = |at: u32| range.contains(&at);
        (source.len() < 4 || !source.ends_with("%%"))
            && (self.note.links.iter().any(|link| hides(link.start))
                || self.note.tags.iter().any(|tag| hides(tag.start)))
    }

    /// Headings that only a parent could tell apart, and have the same one (H4).
    fn twins(&mut self) {
        let note = self.note;
        let mut path: Vec<(u8, u32)> = Vec::new();
        let mut seen: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
        for heading in note.headings.iter().filter(|heading| heading.key != 0) {
            path.retain(|up| up.0 < heading.level());
            path.push((heading.level(), heading.key));
            let keys: Vec<u32> = path.iter().map(|up| up.1).collect();
            let is_statement = heading.title.is_empty();
            match seen.get(&keys) {
                Some(&first) if !is_statement => {
                    let message = "Another heading of this text stands above, and links lead there: make the two differ";
                    self.report(wide(&heading.range()), Rule::UnreachableHeading, message);
                    let range = first..first;
                    self.relate(
                        Location {
                            file: self.file,
                            range,
                        },
                        "links lead here",
                    );
                }
                Some(_) => {}
                None => {
                    seen.insert(keys, heading.start);
                }
            }
        }
    }

    fn block_ids(&mut self) {
        let note = self.note;
        let mut seen: FxHashMap<u32, u32> = FxHashMap::default();
        for block in &note.blocks {
            if let Some(first) = seen.insert(block.key, block.id_range.start) {
                let message = "This block id is given to another block as well, and links lead to the first: give this one another";
                self.report(wide(&block.id_range), Rule::DuplicateBlockId, message);
                let range = first..first;
                self.relate(
                    Location {
                        file: self.file,
                        range,
                    },
                    "first given here",
                );
                seen.insert(block.key, first);
            }
        }
        let code = note
            .regions
            .iter()
            .filter(|region| region.kind == RegionKind::Code);
        let code: Vec<_> = code.map(|region| wide(&region.range)).collect();
        let mut code = &code[..];
        let body = note.frontmatter.end as usize;
        for at in memchr::memchr_iter(b'^', &self.text.as_bytes()[body..]).map(|at| at + body) {
            let rest = &self.text[at + 1..];
            let word = rest.split([' ', '\t', '\n', '\r']).next().unwrap_or("");
            let is_end = rest[word.len()..].trim_start_matches([' ', '\t']);
            let is_end = is_end.is_empty() || is_end.starts_with(['\n', '\r']);
            let is_id = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let odd = word.chars().any(|c| !is_id(c)) && word.chars().all(|c| is_id(c) || c == '_');
            if odd && is_end && self.text[..at].ends_with(' ') && !inside(&mut code, at) {
                let message = "Obsidian accepts only letters, digits and `-` in a block id";
                self.report(at..at + 1 + word.len(), Rule::InvalidBlockId, message);
            }
        }
    }

    /// The name of the note itself.
    pub(super) fn names(&mut self, path: &str) {
        let name = split(path).1;
        if name.contains(['#', '^', '|'])
            || ["[[", "]]", "%%"].iter().any(|mark| name.contains(mark))
        {
            let message = "No link can hold the name of this note: rename it without `#`, `^`, `|`, `[[`, `]]` and `%%`";
            self.report(0..0, Rule::UnreachableName, message);
        }
        let twin = self.vault.twins(path).find(|&twin| twin != self.file);
        if let Some(twin) = twin {
            let other = self.vault.path(twin).unwrap_or_default();
            let message = format!(
                "`{other}` differs from this note only in case or in the form of its letters; other systems take them for one"
            );
            self.report(0..0, Rule::NameTwin, message);
            self.relate(
                Location {
                    file: twin,
                    range: 0..0,
                },
                "the other one",
            );
        }
    }
}

fn is_attachment(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |found| found.1);
    is_media(name)
        || ["canvas", "base"]
            .iter()
            .any(|other| extension.eq_ignore_ascii_case(other))
}

/// Whether a code block that ends with the note lacks its closing line.
fn is_open_fence(source: &str) -> bool {
    let mut lines = source.lines();
    let first = lines
        .next()
        .unwrap_or("")
        .trim_start_matches([' ', '>', '\t']);
    let mark = first.chars().next().filter(|c| matches!(c, '`' | '~'));
    let Some(mark) = mark else { return false };
    let length = first.len() - first.trim_start_matches(mark).len();
    let closes = |line: &str| {
        let line = line.trim_start_matches([' ', '>', '\t']).trim_end();
        line.len() >= length && line.chars().all(|c| c == mark)
    };
    length >= 3 && !lines.next_back().is_some_and(closes)
}
