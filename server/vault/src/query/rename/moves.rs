//! Files that get other paths: which ones go along.

use rustc_hash::FxHashMap;

use super::collisions::Ground;
use super::folders::{FolderMoves, Spelled};
use super::links::{self, Mapping};
use super::names::{check, doubtful};
use super::refusal::list;
use super::{Move, Options, Plan, Refusal, own, redirect, sections, tiers};
use crate::change::Change;
use crate::index::FileId;
use crate::path::{same, split, stem, strip_md};
use crate::query::Texts;
use crate::vault::Vault;

/// The plan by which files and whole folders get other paths; all paths are
/// from the root of the opened folder. Copies in other tiers go along, as far
/// as the mapping of the tiers says where.
///
/// # Errors
/// Every [`Refusal`]; nothing is done by halves.
pub fn moved(
    vault: &Vault,
    wanted: &[(String, String)],
    options: Options,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    let mut moves = Moves::new(vault, options);
    for (from, to) in wanted {
        moves.add(from, to)?;
    }
    let mut plan = moves.plan()?;
    if let Some(now) = options.now.filter(|_| options.set.redirect) {
        plan.created = redirect::created(vault, &plan, now);
    }
    let mut after = vault.with_paths(plan.moves.iter().map(|own| (own.file, own.to.as_str())));
    // No link may lead to what is left at an old path.
    let created = plan.created.iter().map(|own| own.0.clone());
    after.apply(created.map(Change::File));
    links::rewrite(vault, &after, &moves.mapping, &mut plan)?;
    own::rewrite(vault, &mut plan, &moves.mapping, options.set, texts)?;
    if options.set.repair_sections {
        sections::repair(vault, &mut plan, texts)?;
    }
    super::chains::follow(vault, &mut plan, texts)?;
    Ok(plan)
}

/// The plan that makes links follow files that were moved already, without
/// anybody having cared for links: old and new paths, the new ones as they are.
/// Copies in other tiers stay where they are.
///
/// # Errors
/// Every [`Refusal`].
pub fn moved_already(
    vault: &Vault,
    moves: &[(String, String)],
    options: Options,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    let mut before = Vec::with_capacity(moves.len());
    for (from, to) in moves {
        let file = vault.find(to);
        let file = file.ok_or_else(|| Refusal::Missing(format!("file `{to}`")))?;
        before.push((file, from.as_str()));
    }
    let before = vault.with_paths(before);
    let mut options = options;
    (options.set.copies, options.folder) = (false, false);
    let mut plan = moved(&before, moves, options, texts)?;
    plan.moves.clear();
    plan.folders.clear();
    Ok(plan)
}

/// The folder that stands beside a folder note, without its final `/`, and
/// where it would go with the note: `X/` beside `X.md`.
pub fn folder_of_note(vault: &Vault, from: &str, to: &str) -> Option<(String, String)> {
    let (old, new) = (base(vault, from)?, base(vault, to)?);
    let full = format!("{}{old}", vault.mount());
    (old != new && vault.has_folder(&full)).then_some((old, new))
}

/// The path of a note without `.md` and the suffix of its tier.
fn base(vault: &Vault, path: &str) -> Option<String> {
    let full = format!("{}{path}", vault.mount());
    let tiers = vault.tiers();
    let plain = match tiers.base(&full) {
        Some((tier, base)) => format!("{}/{base}", tiers.0.get(tier)?.folder),
        None => strip_md(&full)?.to_owned(),
    };
    Some(vault.inside_mount(&plain)?.to_owned())
}

struct Moves<'a> {
    vault: &'a Vault,
    options: Options,
    /// New path of each file.
    files: FxHashMap<FileId, String>,
    folders: FolderMoves,
    /// The new paths of folders that were asked for, with the old ones.
    targets: Vec<(String, String)>,
    mapping: Mapping,
    spelled: Option<Spelled>,
}

impl<'a> Moves<'a> {
    fn new(vault: &'a Vault, options: Options) -> Self {
        Self {
            vault,
            options,
            files: FxHashMap::default(),
            folders: FolderMoves::default(),
            targets: Vec::new(),
            mapping: Mapping::default(),
            spelled: None,
        }
    }

    fn add(&mut self, from: &str, to: &str) -> Result<(), Refusal> {
        let from = from.trim_end_matches('/');
        let to = to.trim_end_matches('/');
        if from == to {
            return Err(Refusal::Same);
        }
        for segment in to.split('/') {
            check(segment)?;
        }
        if let Some(file) = self.vault.find(from) {
            return self.note(file, from, to);
        }
        let full = format!("{}{from}", self.vault.mount());
        if from.is_empty() || !self.vault.has_folder(&full) {
            return Err(Refusal::Missing(format!("note, file or folder `{from}`")));
        }
        self.targets.push((from.to_owned(), to.to_owned()));
        self.family_folders(from, to)
    }

    /// A file gets a path, unless it is to get another one already.
    fn file(&mut self, file: FileId, to: String) -> Result<(), Refusal> {
        let known = self.files.insert(file, to.clone());
        match known.filter(|known| *known != to) {
            Some(known) => {
                let path = self.vault.path(file).unwrap_or_default();
                Err(Refusal::Torn(path, [known, to]))
            }
            None => Ok(()),
        }
    }

    /// A folder, and those that mirror it.
    fn family_folders(&mut self, from: &str, to: &str) -> Result<(), Refusal> {
        if self.options.set.copies {
            for (from, to) in self.folders_in_tiers(from, to) {
                self.folders.add(&from, &to)?;
            }
        }
        let mount = self.vault.mount();
        self.mapping
            .add_folder(&format!("{mount}{from}"), &format!("{mount}{to}"));
        for (from, to) in self.spelled(from, to) {
            self.folders.add(&from, &to)?;
        }
        Ok(())
    }

    /// A folder as it is spelled, with the path that it gets: where only its own
    /// name changes, those above it keep theirs.
    fn spelled(&mut self, from: &str, to: &str) -> Vec<(String, String)> {
        let vault = self.vault;
        let spelled = self.spelled.get_or_insert_with(|| Spelled::new(vault));
        let is_in_place = split(from).0 == split(to).0;
        let folders = spelled.of(from).iter().map(|own| {
            let to = if is_in_place {
                format!("{}{}", split(own).0, split(to).1)
            } else {
                to.to_owned()
            };
            (own.clone(), to)
        });
        folders.filter(|own| own.0 != own.1).collect()
    }

    /// A file and its copies.
    fn note(&mut self, file: FileId, from: &str, to: &str) -> Result<(), Refusal> {
        let vault = self.vault;
        let (tiers, mount) = (vault.tiers(), vault.mount());
        let (old, new) = (format!("{mount}{from}"), format!("{mount}{to}"));
        if self.options.folder
            && let Some((from, to)) = folder_of_note(vault, from, to)
        {
            self.family_folders(&from, &to)?;
        }
        if let (Some((was, old_base)), Some((is, new_base))) = (tiers.base(&old), tiers.base(&new))
            && was == is
            && self.options.set.copies
        {
            for tier in 0..tiers.0.len() {
                let (Some(old), Some(new)) = (tiers.at(old_base, tier), tiers.at(new_base, tier))
                else {
                    continue;
                };
                let copy = vault.find_full(&old);
                if let Some(copy) = copy.filter(|&copy| copy != file)
                    && let Some(new) = vault.inside_mount(&new)
                {
                    self.file(copy, new.to_owned())?;
                }
                self.mapping.add_file(old, new);
            }
        } else {
            self.mapping.add_file(old, new);
        }
        self.file(file, to.to_owned())
    }

    /// The folders that mirror one in other tiers and are there.
    fn folders_in_tiers(&mut self, from: &str, to: &str) -> Vec<(String, String)> {
        let vault = self.vault;
        let (tiers, mount) = (vault.tiers(), vault.mount());
        let (old, new) = (format!("{mount}{from}"), format!("{mount}{to}"));
        let own = tiers.of(&old);
        if own.is_none() || own != tiers.of(&new) {
            return Vec::new();
        }
        let rest = |path: &str| path.split_once('/').map_or("", |cut| cut.1).to_owned();
        let (old, new) = (rest(&old), rest(&new));
        let others = tiers.0.iter().enumerate();
        let others = others.filter(|tier| Some(tier.0) != own);
        let mut found = Vec::new();
        for (_, tier) in others {
            let (old, new) = (
                format!("{}/{old}", tier.folder),
                format!("{}/{new}", tier.folder),
            );
            if let (Some(from), Some(to), true) = (
                vault.inside_mount(&old),
                vault.inside_mount(&new),
                vault.has_folder(&old),
            ) {
                found.extend(self.spelled(from, to));
            }
            self.mapping.add_folder(&old, &new);
        }
        found
    }

    /// What lies in folders goes with the nearest one that moves; what was asked
    /// for by name goes where that says.
    fn files_in_folders(&mut self) {
        if self.folders.is_empty() {
            return;
        }
        let vault = self.vault;
        let mut known: FxHashMap<_, Option<String>> = FxHashMap::default();
        for (id, file) in vault.files().iter() {
            let folder = known.entry(file.folder).or_insert_with(|| {
                let folders = &self.folders;
                vault.symbols().with(file.folder, |own| folders.target(own))
            });
            if let Some(folder) = folder {
                let to = || format!("{folder}{}", vault.string(file.name));
                self.files.entry(id).or_insert_with(to);
            }
        }
    }

    /// Whether the folders that were asked for come to where none is.
    fn check_targets(&self) -> Result<(), Refusal> {
        let vault = self.vault;
        let is_taken = |own: &&(String, String)| {
            let is_there = vault.has_folder(&format!("{}{}", vault.mount(), own.1));
            is_there && !same(&own.0, &own.1) && !self.folders.is_leaving(&own.1)
        };
        let taken = self.targets.iter().filter(is_taken);
        let taken: Vec<String> = taken.map(|own| own.1.clone()).collect();
        if taken.is_empty() {
            return Ok(());
        }
        Err(Refusal::Taken(taken))
    }

    /// The plan of the moves, if all of them can be made.
    fn plan(&mut self) -> Result<Plan, Refusal> {
        let vault = self.vault;
        self.check_targets()?;
        self.files_in_folders();
        let moves = self.files.iter().filter_map(|(&file, to)| {
            let from = vault.path(file)?;
            let to = to.clone();
            (from != to).then_some(Move { file, from, to })
        });
        let mut moves: Vec<Move> = moves.collect();
        if moves.is_empty() {
            return Err(Refusal::Same);
        }
        moves.sort_by(|left, right| left.from.cmp(&right.from));
        let ground = Ground {
            vault,
            files: &self.files,
            folders: &self.folders,
        };
        ground.check(&moves, self.options.set.copies)?;
        let mut plan = Plan {
            folders: self.folders.whole(vault, &moves),
            ..Plan::default()
        };
        plan.warnings.extend(self.scattered(&plan));
        plan.warnings.extend(odd_names(&moves));
        plan.warnings.extend(tiers::warnings(vault, &moves));
        for own in &moves {
            plan.writes(&own.to);
        }
        plan.moves = moves;
        Ok(plan)
    }

    /// What to say of folders whose files are moved one by one.
    fn scattered(&self, plan: &Plan) -> Option<String> {
        (plan.folders.is_empty() && !self.folders.is_empty()).then(|| {
            format!(
                "The files in {} are moved one by one. What Vaultmark does not see there, such as hidden files, stays.",
                list(&self.folders.old())
            )
        })
    }
}

/// What to say of new names that not all systems and links take.
fn odd_names(moves: &[Move]) -> impl Iterator<Item = String> {
    let renamed = moves.iter().filter(|own| stem(&own.from) != stem(&own.to));
    renamed.filter_map(|own| {
        let marks = doubtful(&own.to);
        (!marks.is_empty()).then(|| {
            format!(
                "The name `{}` holds {}, which some systems and links do not take.",
                split(&own.to).1,
                marks.join(" ")
            )
        })
    })
}
