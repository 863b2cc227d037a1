//! Whether the disk is as a rename takes it to be, before anything is done.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};
use vaultmark_vault::path::{above, fold};
use vaultmark_vault::query::rename::Refusal;

use super::Fault;
use super::files::{digest_of, exists};
use super::journal::{Journal, Replaced, Step};
use super::steps::Ground;
use crate::disk;

/// Whether everything that moves is there, and nothing where it goes.
pub(super) fn moves(root: &Path, journal: &Journal) -> Result<(), Fault> {
    let (mut gone, mut taken) = (Vec::new(), Vec::new());
    let mut leaving = FxHashSet::default();
    for step in &journal.steps {
        if let Step::Move { from, .. } | Step::Park { from, .. } = step {
            leaving.insert(fold(from));
            if disk::look(root, from).is_none() {
                gone.push(from.clone());
            }
        }
    }
    for step in &journal.steps {
        if let Step::Move { to, .. } | Step::Unpark { to, .. } | Step::Create { path: to, .. } =
            step
        {
            if disk::is_behind_link(root, to) {
                return Err(Fault::Refused(format!(
                    "Nothing was renamed: `{to}` lies behind a symbolic link, where Vaultmark sees no notes."
                )));
            }
            if exists(&root.join(to)) && !leaving.contains(&fold(to)) {
                taken.push(to.clone());
            }
        }
    }
    if !gone.is_empty() {
        return refused(&Refusal::Changed(gone));
    }
    if !taken.is_empty() {
        return refused(&Refusal::Taken(taken));
    }
    Ok(())
}

/// Whether the notes that get other texts hold what those were made from.
pub(super) fn texts(ground: &Ground<'_>) -> Result<(), Fault> {
    let is_other = |file: &&Replaced| {
        let path = ground.root.join(&file.path);
        // A staged text is in the place of its note already.
        let is_waiting = exists(&ground.slot("new", file.slot));
        is_waiting
            && (disk::is_behind_link(ground.root, &file.path)
                || digest_of(&path).as_ref() != Some(&file.before))
    };
    let other = ground.journal.files.iter().filter(is_other);
    let other: Vec<String> = other.map(|file| file.path.clone()).collect();
    if other.is_empty() {
        return Ok(());
    }
    refused(&Refusal::Changed(other))
}

fn refused(refusal: &Refusal) -> Result<(), Fault> {
    Err(Fault::Refused(refusal.to_string()))
}

/// What keeps a rename from being taken back: files that changed since, or that
/// are not where it put them. `whole` if it was done to the end.
pub(super) fn undo(ground: &Ground<'_>, whole: bool) -> Vec<String> {
    let places = Places::new(ground);
    let files = ground.journal.files.iter();
    let changed = files.filter_map(|file| {
        let place = places.of(&file.path);
        let holds = digest_of(&place);
        let kept = || digest_of(&ground.slot("old", file.slot));
        let is_untouched = exists(&ground.slot("new", file.slot));
        let is_right = if holds.as_ref() == Some(&file.after) {
            kept().as_ref() == Some(&file.before)
        } else {
            // Taken back already, or never replaced: it stays as it is.
            !whole && (is_untouched || holds.as_ref() == Some(&file.before))
        };
        (!is_right).then(|| shown(ground, &place))
    });
    let mut wrong: Vec<String> = changed.collect();
    wrong.extend(
        ground
            .journal
            .steps
            .iter()
            .filter_map(|step| places.wrong(step, whole)),
    );
    wrong.sort();
    wrong.dedup();
    wrong
}

/// A path as the user knows it.
fn shown(ground: &Ground<'_>, path: &Path) -> String {
    disk::relative(ground.root, path).unwrap_or_else(|| path.display().to_string())
}

/// Where files are now that a rename moves, however far it is.
struct Places<'a> {
    ground: &'a Ground<'a>,
    steps: FxHashMap<&'a str, &'a Step>,
    arrivals: FxHashMap<usize, &'a Step>,
    targets: FxHashSet<String>,
}

impl<'a> Places<'a> {
    fn new(ground: &'a Ground<'a>) -> Self {
        let (mut steps, mut arrivals) = (FxHashMap::default(), FxHashMap::default());
        let mut targets = FxHashSet::default();
        for step in &ground.journal.steps {
            match step {
                Step::Move { from, to, .. } => {
                    steps.insert(from.as_str(), step);
                    targets.insert(fold(to));
                }
                Step::Park { from, .. } => drop(steps.insert(from.as_str(), step)),
                Step::Unpark { slot, to } => {
                    arrivals.insert(*slot, step);
                    targets.insert(fold(to));
                }
                _ => {}
            }
        }
        Self {
            ground,
            steps,
            arrivals,
            targets,
        }
    }

    /// Where a file of this path is now, itself or in a folder that moves.
    fn of(&self, path: &str) -> PathBuf {
        let root = self.ground.root;
        let mut bases = std::iter::once(path).chain(above(path));
        let found = bases.find_map(|base| Some((base, *self.steps.get(base)?)));
        let Some((base, step)) = found.filter(|found| self.ground.is_done(found.1)) else {
            return root.join(path);
        };
        let rest = path[base.len()..].trim_start_matches('/');
        let base = match step {
            Step::Move { to, .. } => root.join(to),
            Step::Park { slot, .. } => match self.arrivals.get(slot) {
                Some(step @ Step::Unpark { to, .. }) if self.ground.is_done(step) => root.join(to),
                _ => self.ground.slot("parked", *slot),
            },
            _ => root.join(base),
        };
        if rest.is_empty() {
            base
        } else {
            base.join(rest)
        }
    }

    /// What of a move cannot be taken back.
    fn wrong(&self, step: &Step, whole: bool) -> Option<String> {
        let there = |path: &String| exists(&self.ground.root.join(path));
        let is_done = || self.ground.is_done(step);
        // What is to make way for this one may still be there.
        let is_leaving = |path: &String| {
            let step = self.steps.get(path.as_str());
            step.is_some_and(|step| !self.ground.is_done(step))
        };
        match step {
            Step::Move { from, to, .. } if !is_done() && there(to) && !is_leaving(to) => {
                Some(from.clone())
            }
            Step::Move { from, to, .. } if !there(to) && (whole || !there(from)) => {
                Some(to.clone())
            }
            Step::Unpark { to, .. } if is_done() && !there(to) => Some(to.clone()),
            Step::Create { path, slot, .. } if there(path) && !is_done() => {
                let is_waiting = exists(&self.ground.slot("new", *slot));
                (!is_waiting).then(|| path.clone())
            }
            Step::Park { from, .. } if is_done() && there(from) => {
                (!self.targets.contains(&fold(from))).then(|| from.clone())
            }
            _ => None,
        }
    }
}
