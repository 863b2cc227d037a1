//! The tier map: families of notes by tiers, what of them is there, and what
//! gives away something of a more secret tier.
//!
//! What a leak is the diagnostics say, with the rules and comments that silence
//! them; here only notes are found that cannot have one.

use std::collections::BTreeSet;
use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::fact::Link;
use crate::index::FileId;
use crate::lines::LineIndex;
use crate::note::Note;
use crate::path::strip_md;
use crate::query::Texts;
use crate::query::diagnostics::diagnostics;
use crate::query::targets::Targets;
use crate::query::tiers::{Section, is_mirror, sections};
use crate::rule::Rule;
use crate::text::Encoding;
use crate::vault::Vault;

/// Something of a more secret tier that a note names or shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// The path of what is named: from the root of the opened folder if it is
    /// there, else as it is written.
    pub target: String,
    /// Whether its text is shown and not only its name.
    pub embed: bool,
}

/// What there is of a family in a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// A note that gives away something of a more secret tier.
    Leak,
    /// Nothing, although the tier is here.
    Missing,
    /// A note.
    There,
}

impl State {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::Missing => "missing",
            Self::There => "there",
        }
    }
}

/// A note of the map, or the place of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its path from the root of the opened folder, whether it is there or not.
    pub path: String,
    /// What there is.
    pub state: State,
    /// What it gives away, by path.
    pub leaks: Vec<Leak>,
}

/// A family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The path of its notes below the folders of the tiers, without suffix.
    pub base: String,
    /// One for each of [`Matrix::tiers`].
    pub cells: Vec<Cell>,
}

impl Row {
    /// The worst of its cells.
    pub fn state(&self) -> State {
        let states = self.cells.iter().map(|cell| cell.state);
        states.min().unwrap_or(State::There)
    }
}

/// Families by tiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// The tiers whose folders are here, most public first.
    pub tiers: Vec<usize>,
    /// The families: those with a leak, those with a missing copy, the others;
    /// each by path.
    pub rows: Vec<Row>,
    /// How many families the limit left out.
    pub left_out: usize,
    /// Notes of no family that give something away, by path.
    pub others: Vec<Cell>,
}

/// The families of these files, or of all: at most `limit` of them. It takes time in
/// proportion to their notes. Texts are asked for only of notes that may give
/// something away. `stop` is asked now and then; when it says yes the answer is
/// cut short.
pub fn matrix(
    vault: &Vault,
    wanted: Option<&[FileId]>,
    limit: usize,
    texts: &dyn Texts,
    stop: &dyn Fn() -> bool,
) -> Matrix {
    let all = vault.tiers();
    let here = |&tier: &usize| vault.has_folder(&all.0[tier].folder);
    let tiers: Vec<usize> = (0..all.0.len()).filter(here).collect();
    if tiers.is_empty() {
        return Matrix::default();
    }
    let (families, others) = families(vault, wanted);
    let cell = |path: String| {
        let file = vault.find_full(&path);
        let leaks = file.map(|file| leaks(vault, file, texts));
        let state = match &leaks {
            None => State::Missing,
            Some(leaks) if leaks.is_empty() => State::There,
            Some(_) => State::Leak,
        };
        let inside = path.strip_prefix(vault.mount()).unwrap_or(&path);
        Cell {
            path: inside.to_owned(),
            state,
            leaks: leaks.unwrap_or_default(),
        }
    };
    let mut rows = Vec::new();
    for (count, base) in families.into_iter().enumerate() {
        if count % 256 == 0 && stop() {
            break;
        }
        let paths = tiers.iter().filter_map(|&tier| all.at(&base, tier));
        let cells = paths.map(cell).collect();
        rows.push(Row { base, cells });
    }
    let others = others.into_iter().take_while(|_| !stop());
    let others = others.map(cell);
    let others = others.filter(|cell| cell.state == State::Leak).collect();
    rows.sort_by_key(Row::state);
    let left_out = rows.len().saturating_sub(limit);
    rows.truncate(limit);
    Matrix {
        tiers,
        rows,
        left_out,
        others,
    }
}

/// The bases of families, and the full paths of notes that are in none.
fn families(vault: &Vault, wanted: Option<&[FileId]>) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut families, mut others) = (BTreeSet::new(), BTreeSet::new());
    let mut add = |file: FileId| {
        let Some(path) = vault.full_path(file) else {
            return;
        };
        if let Some((_, base)) = vault.tiers().base(&path) {
            if !families.contains(base) {
                families.insert(base.to_owned());
            }
        } else if strip_md(&path).is_some() {
            others.insert(path);
        }
    };
    if let Some(files) = wanted {
        files.iter().copied().for_each(&mut add);
    } else {
        let files = vault.files().iter().filter(|(_, file)| !file.excluded);
        files.for_each(|(file, _)| add(file));
    }
    (families, others)
}

/// What a note gives away, as the rules say.
fn leaks(vault: &Vault, file: FileId, texts: &dyn Texts) -> Vec<Leak> {
    let note = vault.note(file).filter(|note| may_leak(vault, file, note));
    let Some((note, text)) = note.and_then(|note| Some((note, texts.text(file)?))) else {
        return Vec::new();
    };
    let links = note.links.iter();
    let links: FxHashMap<Range<u32>, &Link> = links.map(|link| (link.range(), link)).collect();
    let found = diagnostics(vault, file, &text, 0, texts).into_iter();
    let found = found.filter_map(|found| {
        let embed = match found.rule {
            Rule::ConfidentialEmbed => true,
            Rule::ConfidentialLink => false,
            _ => return None,
        };
        let link = links.get(&found.range)?;
        let target = vault.resolve(link, file).file();
        let target = target.and_then(|target| vault.path(target));
        Some(Leak {
            target: target.unwrap_or_else(|| vault.link_path(link)),
            embed,
        })
    });
    let mut leaks: Vec<Leak> = found.collect();
    leaks.sort_unstable();
    leaks.dedup();
    leaks
}

/// Whether the facts of a note leave open that it gives something away. In a good
/// vault nearly no note does, and so nearly no text is read.
fn may_leak(vault: &Vault, file: FileId, note: &Note) -> bool {
    let own = vault.tiers().of(&vault.full_folder(file));
    let lines = note.lines.index(Encoding::Utf8);
    let sections = sections(vault, note, &lines);
    let mut targets = Targets::new(vault, file, note);
    note.links.iter().any(|link| {
        let is_copy =
            || is_mirror(vault, note, link) || is_section_line(note, &lines, &sections, link);
        if link.is(Link::EXTERNAL) || !link.is(Link::EMBED) && is_copy() {
            return false;
        }
        let target = targets.of(link).file();
        let path = target.and_then(|target| vault.full_path(target));
        let path = path.or_else(|| vault.spelled_path(link, file));
        path.is_some_and(|path| vault.is_secret_in(vault.tiers().of(&path), own))
    })
}

/// Whether facts alone tell that a link is a line of the tier section: a plain
/// heading of the third level or below. Of other lines the text has to be read.
fn is_section_line(note: &Note, lines: &LineIndex, sections: &[Section], link: &Link) -> bool {
    let headings = &note.headings;
    let next = headings.partition_point(|heading| heading.start <= link.start);
    let heading = next.checked_sub(1).and_then(|last| headings.get(last));
    heading.is_some_and(|heading| {
        let marks = heading.start - lines.line_of(heading.start).start;
        heading.level() >= 3
            && heading.range().contains(&link.start)
            && marks == u32::from(heading.level()) + 1
            && sections
                .iter()
                .any(|section| section.range.contains(&link.start))
    })
}

#[cfg(test)]
#[path = "matrix_tests.rs"]
mod tests;
