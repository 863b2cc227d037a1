//! What code fences whose links count say besides links: the name of their
//! note as `id`, and paths of folders and files from the note.

use rustc_hash::{FxHashMap, FxHashSet};

use super::links::Mapping;
use super::own::Source;
use super::site::Site;
use super::{Move, Part, Plan};
use crate::fact::{Region, RegionKind};
use crate::index::FileId;
use crate::linkpath::relative;
use crate::note::Note;
use crate::path::{below, is_relative, join, split};
use crate::vault::Vault;

/// Where files and folders go.
pub(super) struct Moves<'a> {
    files: FxHashMap<FileId, String>,
    plan: &'a Plan,
    mapping: &'a Mapping,
}

impl<'a> Moves<'a> {
    pub(super) fn new(plan: &'a Plan, mapping: &'a Mapping) -> Self {
        let files = plan.moves.iter().map(|own| (own.file, own.to.clone()));
        Self {
            files: files.collect(),
            plan,
            mapping,
        }
    }

    /// Whether a note goes along with a folder that gets another name and
    /// stays where it is: the ways from the note stay right.
    pub(super) fn is_carried_in_place(&self, own: &Move) -> bool {
        let carrier = self.plan.carrier(&own.from);
        carrier.is_some_and(|(from, to)| {
            below(&own.from, from) == below(&own.to, to) && split(from).0 == split(to).0
        })
    }

    /// Where the file or folder of a path in the whole vault is afterwards;
    /// `None` when there is none.
    fn goal(&self, vault: &Vault, path: &str, is_folder: bool) -> Option<String> {
        if is_folder {
            let is_there = vault.has_folder(path);
            let goal = self.mapping.folder(path);
            return is_there.then(|| goal.unwrap_or_else(|| path.to_owned()));
        }
        let file = vault.find_full(path)?;
        let goal = self.files.get(&file);
        Some(goal.map_or_else(|| path.to_owned(), |to| format!("{}{to}", vault.mount())))
    }
}

/// The notes that stay while the folder beside them goes, as if they moved to
/// where they are.
pub(super) fn folder_notes(vault: &Vault, plan: &Plan) -> Vec<Move> {
    let moved: FxHashSet<FileId> = plan.moves.iter().map(|own| own.file).collect();
    let notes = plan.folders.iter().filter_map(|(folder, _)| {
        let full = format!("{}{folder}", vault.mount());
        let tiers = vault.tiers();
        let tier = tiers.of(&full).and_then(|tier| tiers.0.get(tier));
        let suffix = tier.map_or("", |tier| tier.suffix.as_str());
        let path = format!("{folder}{suffix}.md");
        let file = vault.find(&path)?;
        (!moved.contains(&file)).then(|| Move {
            file,
            from: path.clone(),
            to: path,
        })
    });
    notes.collect()
}

/// Whether a note has fences of which something may be rewritten.
pub(super) fn has_some(vault: &Vault, note: &Note) -> bool {
    soft(vault, note).next().is_some()
}

fn soft<'n>(vault: &'n Vault, note: &'n Note) -> impl Iterator<Item = &'n Region> {
    let soft = &vault.settings().soft_fences;
    let is_soft = |info: &str| soft.iter().any(|own| own.eq_ignore_ascii_case(info));
    note.regions.iter().filter(move |region| {
        region.kind == RegionKind::Code && vault.symbols().with(region.info, is_soft)
    })
}

/// The lines `id: Old` and `key: ./path/` that are to say something else.
pub(super) fn sites(source: &Source<'_>, moves: &Moves<'_>) -> Vec<Site> {
    let mut sites = Vec::new();
    for region in soft(source.vault, source.note) {
        let (start, end) = (region.range.start as usize, region.range.end as usize);
        let mut at = start;
        let written = source.text.get(start..end).unwrap_or("");
        for line in written.split_inclusive(['\n', '\r']) {
            let here = at;
            at += line.len();
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            let new = if key.trim() == "id" {
                source.renamed(value).cloned()
            } else {
                path(source, moves, value)
            };
            if let (Some(new), Some(offset)) = (new, line.rfind(value)) {
                let start = (here + offset) as u32;
                let range = start..start + value.len() as u32;
                sites.push(Site::text(Part::Fence, range, value, new));
            }
        }
    }
    sites
}

/// A relative path as it is to be afterwards, if it changes.
fn path(source: &Source<'_>, moves: &Moves<'_>, value: &str) -> Option<String> {
    if !is_relative(value) {
        return None;
    }
    let [before, after] = &source.folders;
    let target = join(before, value)?;
    let is_folder = value.ends_with('/');
    let goal = moves.goal(source.vault, &target, is_folder)?;
    if goal == target && before == after {
        return None;
    }
    let way = relative(after, &goal);
    let mark = if way.starts_with("../") { "" } else { "./" };
    let slash = if is_folder { "/" } else { "" };
    let new = format!("{mark}{way}{slash}");
    (new != value).then_some(new)
}
