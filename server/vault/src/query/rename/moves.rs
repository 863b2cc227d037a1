//! Files that get other paths: which ones go along, and whether they can.

use rustc_hash::{FxHashMap, FxHashSet};

use super::links::{self, Mapping};
use super::names::{check, doubtful};
use super::refusal::list;
use super::{Move, Options, Plan, Refusal, own, redirect, sections};
use crate::change::Change;
use crate::index::FileId;
use crate::path::{fold, split, stem, strip_md};
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
    let mut moves = Moves::new(vault);
    for (from, to) in wanted {
        moves.add(from, to, options)?;
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
    /// New path of each file.
    files: FxHashMap<FileId, String>,
    folders: Vec<(String, String)>,
    mapping: Mapping,
}

impl<'a> Moves<'a> {
    fn new(vault: &'a Vault) -> Self {
        Self {
            vault,
            files: FxHashMap::default(),
            folders: Vec::new(),
            mapping: Mapping::default(),
        }
    }

    fn add(&mut self, from: &str, to: &str, options: Options) -> Result<(), Refusal> {
        let from = from.trim_end_matches('/');
        let to = to.trim_end_matches('/');
        if from == to {
            return Err(Refusal::Same);
        }
        for segment in to.split('/') {
            check(segment)?;
        }
        if let Some(file) = self.vault.find(from) {
            self.note(file, from, to, options);
            return Ok(());
        }
        let full = format!("{}{from}", self.vault.mount());
        if from.is_empty() || !self.vault.has_folder(&full) {
            return Err(Refusal::Missing(format!("note, file or folder `{from}`")));
        }
        if is_in(to, from) {
            let why = format!("The folder `{from}` cannot go into itself");
            return Err(Refusal::Name(why, None));
        }
        let is_there = self
            .vault
            .has_folder(&format!("{}{to}", self.vault.mount()));
        if is_there && !crate::path::same(from, to) {
            return Err(Refusal::Taken(vec![to.to_owned()]));
        }
        self.family_folders(from, to, options.set.copies);
        Ok(())
    }

    /// A folder, and those that mirror it.
    fn family_folders(&mut self, from: &str, to: &str, family: bool) {
        if family {
            for (from, to) in self.folders_in_tiers(from, to) {
                self.folder(&from, &to);
            }
        }
        self.folder(from, to);
    }

    /// A file and its copies.
    fn note(&mut self, file: FileId, from: &str, to: &str, options: Options) {
        let vault = self.vault;
        let (tiers, mount) = (vault.tiers(), vault.mount());
        let (old, new) = (format!("{mount}{from}"), format!("{mount}{to}"));
        if let Some((from, to)) = folder_of_note(vault, from, to).filter(|_| options.folder) {
            self.family_folders(&from, &to, options.set.copies);
        }
        if let (Some((was, old_base)), Some((is, new_base))) = (tiers.base(&old), tiers.base(&new))
            && was == is
            && options.set.copies
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
                    self.files.insert(copy, new.to_owned());
                }
                self.mapping.add_file(old, new);
            }
        } else {
            self.mapping.add_file(old, new);
        }
        self.files.insert(file, to.to_owned());
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
        let mut found = Vec::new();
        for tier in tiers
            .0
            .iter()
            .enumerate()
            .filter(|tier| Some(tier.0) != own)
        {
            let folder = &tier.1.folder;
            let (old, new) = (format!("{folder}/{old}"), format!("{folder}/{new}"));
            if let (Some(from), Some(to), true) = (
                vault.inside_mount(&old),
                vault.inside_mount(&new),
                vault.has_folder(&old),
            ) {
                found.push((from.to_owned(), to.to_owned()));
            }
            self.mapping.add_folder(&old, &new);
        }
        found
    }

    fn folder(&mut self, from: &str, to: &str) {
        let vault = self.vault;
        let (inside, mount) = (format!("{from}/"), vault.mount());
        for (id, file) in vault.files().iter() {
            let rest = vault.symbols().with(file.folder, |own| {
                own.strip_prefix(&*inside).map(str::to_owned)
            });
            if let Some(rest) = rest {
                let name = vault.string(file.name);
                let path = format!("{to}/{rest}{name}");
                // What was asked for by name goes where that says.
                self.files.entry(id).or_insert(path);
            }
        }
        self.mapping
            .add_folder(&format!("{mount}{from}"), &format!("{mount}{to}"));
        self.folders.push((from.to_owned(), to.to_owned()));
    }

    /// The plan of the moves, if all of them can be made.
    fn plan(&self) -> Result<Plan, Refusal> {
        let vault = self.vault;
        let mut plan = Plan::default();
        let (mut taken, mut unreadable) = (Vec::new(), Vec::new());
        let mut new_paths = FxHashSet::default();
        for (&file, to) in &self.files {
            let Some(from) = vault.path(file) else {
                continue;
            };
            if from == *to {
                continue;
            }
            let is_free = vault.twins(to).all(|twin| {
                twin == file
                    || self
                        .files
                        .get(&twin)
                        .is_some_and(|new| !crate::path::same(new, to))
            });
            let full = format!("{}{to}", vault.mount());
            if !is_free || !new_paths.insert(fold(to)) || self.is_folder(&full) {
                taken.push(to.clone());
            }
            if strip_md(&from).is_some() && vault.facts(file).is_none() {
                unreadable.push(from.clone());
            }
            plan.moves.push(Move {
                file,
                from,
                to: to.clone(),
            });
        }
        for problem in [&mut taken, &mut unreadable] {
            problem.sort();
            problem.dedup();
        }
        if !taken.is_empty() {
            return Err(Refusal::Taken(taken));
        }
        if !unreadable.is_empty() {
            return Err(Refusal::Unreadable(unreadable));
        }
        plan.moves.sort_by(|left, right| left.from.cmp(&right.from));
        plan.folders = self.whole_folders(&plan.moves);
        plan.warnings.extend(self.scattered(&plan));
        let names: Vec<String> = plan.moves.iter().map(|own| own.to.clone()).collect();
        for name in &names {
            plan.writes(name);
        }
        for own in &plan.moves {
            let doubtful = doubtful(&own.to);
            if stem(&own.from) != stem(&own.to) && !doubtful.is_empty() {
                let marks: Vec<String> = doubtful.iter().map(char::to_string).collect();
                plan.warnings.push(format!(
                    "The name `{}` holds {}, which some systems and links do not take.",
                    split(&own.to).1,
                    marks.join(" ")
                ));
            }
        }
        if plan.moves.is_empty() {
            return Err(Refusal::Same);
        }
        Ok(plan)
    }

    /// The folders that move in one go. Where one move lies in another, or
    /// files come together in a folder, each file is moved by itself.
    fn whole_folders(&self, moves: &[Move]) -> Vec<(String, String)> {
        let carries = |own: &Move| {
            let mut folders = self.folders.iter();
            folders
                .find(|folder| is_in(&own.from, &folder.0))
                .is_some_and(|folder| {
                    own.to.strip_prefix(&*folder.1) == own.from.strip_prefix(&*folder.0)
                })
        };
        let is_entangled = |folder: &(String, String)| {
            let lies_in = |path: &str| is_in(path, &folder.0) || is_in(path, &folder.1);
            let mut others = self.folders.iter().filter(|other| *other != folder);
            let mut files = moves.iter().filter(|own| !carries(own));
            let target = format!("{}{}", self.vault.mount(), folder.1);
            others.any(|other| lies_in(&other.0) || lies_in(&other.1) || other.1 == folder.1)
                || files.any(|own| lies_in(&own.from) || lies_in(&own.to))
                || self.vault.has_folder(&target) && !crate::path::same(&folder.0, &folder.1)
        };
        if self.folders.iter().any(is_entangled) {
            return Vec::new();
        }
        let mut folders = self.folders.clone();
        folders.sort();
        folders.dedup();
        folders
    }

    /// What to say of folders whose files are moved one by one.
    fn scattered(&self, plan: &Plan) -> Option<String> {
        let folders = self.folders.iter().map(|own| own.0.clone());
        let mut folders: Vec<String> = folders.collect();
        folders.sort();
        folders.dedup();
        (plan.folders.is_empty() && !folders.is_empty()).then(|| {
            format!(
                "The files in {} are moved one by one. What Vaultmark does not see there, such as hidden files, stays.",
                list(&folders)
            )
        })
    }

    /// Whether a folder has this path and is to stay where it is.
    fn is_folder(&self, full: &str) -> bool {
        let is_going = |path: &str| {
            let path = format!("{path}/");
            let mut folders = self.folders.iter();
            folders.any(|folder| path.starts_with(&format!("{}/", folder.0)))
        };
        self.vault.has_folder(full) && !self.vault.inside_mount(full).is_some_and(is_going)
    }
}

/// Whether a path lies in a folder.
fn is_in(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| rest.starts_with('/'))
}
