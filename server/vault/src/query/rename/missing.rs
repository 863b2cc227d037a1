//! Renaming a note or file that is not there (R12): all links that name it.

use rustc_hash::FxHashSet;

use super::links::part;
use super::names::check;
use super::site::{Names, Site, What};
use super::{Plan, Refusal, chains};
use crate::fact::Link;
use crate::index::FileId;
use crate::linkpath::{is_holdable, relative};
use crate::path::{fold, is_media, is_relative, join, split, strip_md};
use crate::query::Texts;
use crate::query::subject::{missing, name_key};
use crate::resolve::{Missing, Target};
use crate::vault::Vault;

/// The copy that is here of the note that a link names, if that is a copy in
/// a tier.
pub(super) fn copy(vault: &Vault, source: FileId, link: &Link) -> Option<FileId> {
    let path = vault.spelled_path(link, source)?;
    let note = format!("{}.md", strip_md(&path).unwrap_or(&path));
    let family = vault.tiers().family(&note);
    family.iter().find_map(|copy| vault.find_full(copy))
}

/// The identity of the missing note that a link names; `None` where a link
/// names a folder, or climbs out of the vault.
pub(super) fn identity(vault: &Vault, source: FileId, link: &Link) -> Option<String> {
    let Target::Missing(class) = vault.resolve(link, source) else {
        return None;
    };
    let is_note = class != Missing::OutsideVault && !link.name.is_empty();
    is_note.then(|| missing(vault, link, source))
}

/// The plan by which all links to a missing note, by its identity, name `new`
/// instead: a name in the same place, or, with `/`, a path. Where it is a copy
/// in a tier, links to the other copies follow.
pub(super) fn renamed(
    vault: &Vault,
    old: &str,
    new: &str,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    let goals = goals(vault, old, new.trim())?;
    let mut plan = Plan::default();
    plan.writes(new);
    let (mut is_found, mut is_there) = (false, false);
    for goal in &goals {
        let files: FxHashSet<FileId> = vault.linking(name_key(&goal.old)).collect();
        for source in files {
            let Some(facts) = vault.facts(source) else {
                continue;
            };
            for link in facts.links() {
                if identity(vault, source, &link).as_ref() != Some(&goal.old) {
                    continue;
                }
                is_found = true;
                let path = goal.path(vault, source, &link);
                if !is_holdable(&path, link.form) {
                    let why = format!("No link can hold the path `{path}`");
                    return Err(Refusal::Name(why, None));
                }
                is_there |= vault.lookup_path(&path, source, link.form).is_some();
                if path != vault.link_path(&link) {
                    plan.add(source, goal.site(vault, link, path));
                }
            }
        }
    }
    if plan.is_empty() {
        return Err(if is_found {
            Refusal::Same
        } else {
            Refusal::Missing(format!("link to a missing `{old}`"))
        });
    }
    let name = split(new.trim()).1;
    let is_named =
        |goal: &Goal| fold(&goal.full) != goal.old && is_missing(vault, &fold(&goal.full));
    if is_there {
        plan.warnings.push(format!(
            "`{name}` is there already: the links will lead to it, and no renaming parts them again."
        ));
    } else if goals.iter().any(is_named) {
        plan.warnings.push(format!(
            "Other links name `{name}`, which is not there either: no renaming parts them again."
        ));
    }
    chains::follow(vault, &mut plan, texts)?;
    Ok(plan)
}

/// Whether links name this missing note.
fn is_missing(vault: &Vault, wanted: &str) -> bool {
    let mut files = vault.linking(name_key(wanted));
    files.any(|source| {
        let links = vault.facts(source).into_iter();
        let mut links = links.flat_map(crate::files::Facts::links);
        links.any(|link| identity(vault, source, &link).as_deref() == Some(wanted))
    })
}

/// What the links to one missing note are to name.
struct Goal {
    /// The identity of the note.
    old: String,
    /// The new path in the whole vault without `.md`, or a name that has no
    /// folder yet.
    full: String,
    /// Whether only the name changes: then links keep their way to it.
    is_name: bool,
    /// The suffix of the tier, which names of the family lack.
    suffix: String,
}

impl Goal {
    /// The path that a link gets, in its style.
    fn path(&self, vault: &Vault, source: FileId, link: &Link) -> String {
        let old = vault.link_path(link);
        let path = if self.is_name {
            format!("{}{}", split(&old).0, split(&self.full).1)
        } else if old.starts_with('/') {
            format!("/{}", self.full)
        } else if is_relative(&old) {
            let way = relative(&vault.full_folder(source), &self.full);
            let mark = if way.starts_with("../") { "" } else { "./" };
            format!("{mark}{way}")
        } else {
            self.full.clone()
        };
        if strip_md(&old).is_some() {
            format!("{path}.md")
        } else {
            path
        }
    }

    fn site(&self, vault: &Vault, link: Link, path: String) -> Site {
        let name = vault.string(link.name);
        let old = strip_md(&name).unwrap_or(&name);
        let new = split(&self.full).1;
        let bare = |name: &str| name.strip_suffix(&*self.suffix).unwrap_or(name).to_owned();
        let mut names = vec![[old.to_owned(), new.to_owned()], [bare(old), bare(new)]];
        names.dedup();
        let what = What::Link {
            link,
            path: Some(path),
            subpath: None,
            names: Names::from(names),
        };
        Site {
            part: part(&link),
            what,
        }
    }
}

/// The missing notes whose links change: one, or all copies of a family.
fn goals(vault: &Vault, old: &str, new: &str) -> Result<Vec<Goal>, Refusal> {
    let new = strip_md(new).unwrap_or(new);
    let tiers = vault.tiers();
    let old_note = format!("{old}.md");
    let family = tiers.base(&old_note);
    let (folder, name) = split(family.map_or(old, |own| own.1));
    let is_name = !new.contains('/');
    let own_suffix = family.and_then(|own| tiers.0.get(own.0));
    let own_suffix = own_suffix.map_or("", |tier| tier.suffix.as_str());
    let plain = if is_name {
        let plain = new.strip_suffix(own_suffix).unwrap_or(new);
        let extension = name
            .rsplit_once('.')
            .filter(|_| is_media(name) && !new.contains('.'));
        let end = extension.map_or(String::new(), |own| format!(".{}", own.1));
        format!("{folder}{plain}{end}")
    } else {
        let base = if is_relative(new) { split(old).0 } else { "" };
        let path = join(base, new).ok_or_else(|| Refusal::Outside(new.to_owned()))?;
        let note = format!("{path}.md");
        match (family, tiers.base(&note)) {
            (Some(_), Some((_, base))) => base.to_owned(),
            (Some(_), None) if tiers.of(&path).is_some() => {
                path.split_once('/').map_or("", |cut| cut.1).to_owned()
            }
            _ => path,
        }
    };
    for segment in plain.split('/') {
        check(segment)?;
    }
    let goal = |old: &str, full: &str, suffix: &str| Goal {
        old: fold(strip_md(old).unwrap_or(old)),
        full: strip_md(full).unwrap_or(full).to_owned(),
        is_name,
        suffix: suffix.to_owned(),
    };
    let Some((_, base)) = family else {
        return Ok(vec![goal(&old_note, &plain, "")]);
    };
    let goals = tiers.0.iter().enumerate().filter_map(|(index, tier)| {
        let (from, to) = (tiers.at(base, index)?, tiers.at(&plain, index)?);
        Some(goal(&from, &to, &tier.suffix))
    });
    Ok(goals.collect())
}
