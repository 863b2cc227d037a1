//! Files and folders that the client moves or deletes by itself, and the links
//! that lead to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use vaultmark_vault::path::above;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::deletion::{links_to, unlinked};
use vaultmark_vault::query::rename::{Options, Plan, Refusal, moved};

use super::pending::Moved;
use super::{Failure, answer, check, read, unread};
use crate::capabilities::Capabilities;
use crate::disk;
use crate::edits::{DocumentEdit, document_edit, lines, text_edits};
use crate::snapshot::Snapshot;

/// What comes of moves that the client is about to make.
#[derive(Debug, Default)]
pub struct Following {
    /// Edits of texts, to be made before the moves.
    pub texts: Vec<DocumentEdit>,
    /// Copies in other tiers, and folders, that are to be moved afterwards.
    pub siblings: Vec<Moved>,
    /// What the user should be told.
    pub said: Vec<String>,
    /// Notes that are not what was read from them. When they were read again,
    /// all of this should be asked for again.
    pub changed: BTreeSet<PathBuf>,
}

/// What comes of deleting files and folders: edits that unlink them where the
/// settings say so, and a word about links that lead to them.
pub fn deleted(snapshots: &[Snapshot], paths: &[PathBuf]) -> Following {
    let mut all = Following::default();
    // A note of a folder in another one counts once, as that of the deepest.
    let mut seen: FxHashSet<PathBuf> = FxHashSet::default();
    for snapshot in snapshots.iter().rev() {
        let inside = paths.iter();
        let inside = inside.filter_map(|path| disk::relative(snapshot.root(), path));
        let inside: Vec<String> = inside.collect();
        let mut found = links_to(&snapshot.vault, &inside);
        found.retain(|&file, _| {
            let path = snapshot.file_path(file);
            path.is_some_and(|path| seen.insert(path))
        });
        let count: usize = found.values().map(Vec::len).sum();
        let Some(first) = inside.first().filter(|_| count > 0) else {
            continue;
        };
        let name = match inside.len() {
            1 => format!("`{first}`"),
            more => format!("`{first}` and {} more", more - 1),
        };
        let unlink = snapshot.vault.settings().renames.unlink;
        let mut made = 0;
        let texts = found
            .iter()
            .filter(|_| unlink)
            .filter_map(|(&file, links)| {
                let edits = unlinked(&snapshot.vault, &snapshot.text(file)?, links);
                made += edits.len();
                let edits = text_edits(&lines(snapshot, file)?, &edits);
                document_edit(snapshot, file, edits)
            });
        all.texts.extend(texts);
        let became = match (made, count - made.min(count)) {
            (0, _) => "now without a target".to_owned(),
            (_, 0) => "now plain text".to_owned(),
            (made, left) => format!("now: {made} plain text, {left} without a target"),
        };
        all.said.push(format!(
            "{name}: {} in {} {became}.",
            counted(count, "link to it", "links to it"),
            counted(found.len(), "note", "notes"),
        ));
    }
    all
}

/// What comes of moves. Those that no vault holds bring nothing about. `tick`
/// is called now and then, and says whether to stop; `None` then.
pub fn following(
    snapshots: &[Snapshot],
    files: &[Moved],
    capabilities: Capabilities,
    tick: &dyn Fn(usize, usize) -> bool,
) -> Option<Following> {
    let mut all = Following::default();
    let mut wanted: BTreeMap<usize, Vec<(String, String)>> = BTreeMap::new();
    for (from, to) in files {
        // A folder comes before those in it: the deepest one counts.
        let holder = snapshots.iter().enumerate().rev().find_map(|(at, own)| {
            let inside = disk::relative(own.root(), from)?;
            let full = format!("{}{inside}", own.vault.mount());
            let is_there = own.vault.find(&inside).is_some() || own.vault.has_folder(&full);
            is_there.then_some((at, inside))
        });
        let Some((at, from)) = holder else {
            continue;
        };
        match disk::relative(snapshots[at].root(), to) {
            Some(to) => wanted.entry(at).or_default().push((from, to)),
            None => all.said.push(format!(
                "`{from}` leaves the vault; links to it are left as they are."
            )),
        }
    }
    for (at, wanted) in wanted {
        match of_root(&snapshots[at], &wanted, capabilities, tick) {
            Ok(own) => {
                all.texts.extend(own.texts);
                all.siblings.extend(own.siblings);
                all.said.extend(own.said);
            }
            Err(Failure::Cancelled) => return None,
            Err(failure) => {
                if let Failure::Changed(paths) = &failure {
                    let root = snapshots[at].root();
                    all.changed.extend(paths.iter().map(|path| root.join(path)));
                }
                let (from, to) = &wanted[0];
                all.said.push(format!(
                    "Links to `{from}` were not changed for `{to}`. {}",
                    String::from(failure)
                ));
            }
        }
    }
    Some(all)
}

fn of_root(
    snapshot: &Snapshot,
    wanted: &[(String, String)],
    capabilities: Capabilities,
    tick: &dyn Fn(usize, usize) -> bool,
) -> Result<Following, Failure> {
    check::is_read(snapshot).map_err(Failure::Refused)?;
    let mut options = Options::new(snapshot.vault.settings().renames);
    // Who can move no files for us moves no copies.
    options.set.copies &= capabilities.rename_files && capabilities.apply_edit;
    options.folder &= capabilities.rename_files && capabilities.apply_edit;
    let (guessed, unknown) = unread::guessed(snapshot);
    let mut said = Vec::new();
    said.extend(unknown);
    said.extend(kept(snapshot, &guessed, wanted, options));
    let plan = match plan(snapshot, wanted, options) {
        // The file is moved whatever becomes of its copies.
        Err(Failure::Refused(why)) if options.set.copies => {
            options.set.copies = false;
            let plan = plan(snapshot, wanted, options)?;
            said.push(format!(
                "The copies in other tiers stay where they are. {why}"
            ));
            plan
        }
        plan => plan?,
    };
    let edits = read(snapshot, &plan, tick)?;
    let texts = answer::texts(snapshot, &edits, capabilities);
    let texts = texts.ok_or_else(|| Failure::Refused(super::GONE.to_owned()))?;
    let asked: FxHashSet<&str> = wanted.iter().map(|own| own.0.as_str()).collect();
    let is_wanted =
        |from: &str| asked.contains(from) || above(from).any(|folder| asked.contains(folder));
    let siblings = answer::moves(&plan).into_iter();
    let siblings = siblings.filter(|own| !is_wanted(&own.0));
    let absolute = |path: String| snapshot.root().join(path);
    said.extend(plan.warnings);
    Ok(Following {
        changed: BTreeSet::new(),
        texts,
        siblings: siblings
            .map(|(from, to)| (absolute(from), absolute(to)))
            .collect(),
        said,
    })
}

fn plan(
    snapshot: &Snapshot,
    wanted: &[(String, String)],
    options: Options,
) -> Result<Plan, Failure> {
    let plan = match moved(&snapshot.vault, wanted, options, snapshot) {
        Err(Refusal::Same) => return Ok(Plan::default()),
        plan => plan?,
    };
    check::disk(snapshot, &plan).map_err(Failure::Refused)?;
    Ok(plan)
}

/// What to say of notes that are not UTF-8 and would have to be edited: the client
/// moves its files all the same, so that all other links follow.
fn kept(
    snapshot: &Snapshot,
    guessed: &Snapshot,
    wanted: &[(String, String)],
    options: Options,
) -> Option<String> {
    let vault = &snapshot.vault;
    if Arc::ptr_eq(vault, &guessed.vault) {
        return None;
    }
    let plan = moved(&guessed.vault, wanted, options, guessed).ok()?;
    let kept = plan.files().filter(|&file| vault.facts(file).is_none());
    let kept: Vec<String> = kept.filter_map(|file| vault.path(file)).collect();
    let first = kept.first()?;
    Some(match kept.len() {
        1 => format!("The links in `{first}` stay as they are: it is not UTF-8."),
        count => format!(
            "The links in `{first}` and {} more stay as they are: they are not UTF-8.",
            count - 1
        ),
    })
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
