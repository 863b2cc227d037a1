//! Renaming an alias of a note (P4).

use super::place::{Cursor, Prepared, Subject};
use super::refusal::list;
use super::site::{Site, What};
use super::{Options, Part, Plan, Refusal};
use crate::fact::{Alias, Form, Link};
use crate::index::FileId;
use crate::link::{label, whole, yaml};
use crate::query::Texts;
use crate::query::subject::{self, Seen, files, links_to};
use crate::relink::{quote, shown};
use crate::vault::Vault;

/// The alias under the cursor. One that is written over several lines is not
/// renamed.
pub(super) fn of_alias(cursor: &Cursor<'_>, index: usize) -> Option<Prepared> {
    let alias = cursor.note.aliases.get(index)?;
    let range = cursor.unquoted(alias.range());
    let is_line = !cursor.slice(&range).contains(['\n', '\r']);
    is_line.then(|| Prepared {
        subject: Subject::Alias(cursor.file, index),
        range,
        name: cursor.vault.string(alias.name),
    })
}

/// The plan by which an alias, by its index in its note, is called `new`, in
/// the copies of the note as well, and links that show it show the new one.
pub(super) fn renamed(
    vault: &Vault,
    file: FileId,
    index: usize,
    new: &str,
    options: Options,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    let new = new.trim();
    if new.is_empty() || new.contains(char::is_control) {
        let why = "An alias is one line of text".to_owned();
        return Err(Refusal::Name(why, None));
    }
    let note = vault.note(file).ok_or(Refusal::NothingHere)?;
    let alias = note.aliases.get(index).ok_or(Refusal::NothingHere)?.name;
    let old = vault.string(alias);
    if old == new {
        return Err(Refusal::Same);
    }
    let mut owners = vec![file];
    if options.set.copies {
        owners.extend(super::copies(vault, file));
        owners.retain(|&owner| vault.has_alias(owner, alias));
    }
    let known = vault.symbols().lookup(new);
    let has_both = |owner: &&FileId| known.is_some_and(|new| vault.has_alias(**owner, new));
    let both = owners.iter().filter(has_both);
    let both: Vec<String> = both.filter_map(|&owner| vault.path(owner)).collect();
    if !both.is_empty() {
        let why = format!("The alias `{new}` is in {} already", list(&both));
        return Err(Refusal::Name(why, None));
    }
    let mut plan = Plan::default();
    for &owner in &owners {
        let facts = vault.note(owner).ok_or(Refusal::NothingHere)?;
        let is_it = |own: &&Alias| own.name == alias;
        for own in facts.aliases.iter().filter(is_it) {
            let what = What::Value {
                range: own.range(),
                old: old.clone(),
                new: new.to_owned(),
            };
            let part = Part::Definition;
            plan.add(owner, Site { part, what });
        }
    }
    for &owner in &owners {
        links(vault, owner, [&old, new], &mut plan, texts)?;
    }
    super::chains::follow(vault, &mut plan, texts)?;
    Ok(plan)
}

/// Adds the links to a note that show the old alias.
fn links(
    vault: &Vault,
    owner: FileId,
    names: [&str; 2],
    plan: &mut Plan,
    texts: &dyn Texts,
) -> Result<(), Refusal> {
    let mut seen = Seen::default();
    let mut kept = Vec::new();
    for source in files(vault, &subject::Subject::File(owner)) {
        let Some(facts) = vault.facts(source) else {
            continue;
        };
        let mut links = links_to(vault, facts, source, owner, &mut seen);
        links.retain(|link| has_room(vault, link, names[0]));
        if links.is_empty() {
            continue;
        }
        let path = || vault.path(source).unwrap_or_default();
        let text = texts.text(source);
        let text = text.ok_or_else(|| Refusal::Unreadable(vec![path()]))?;
        for link in links {
            match showing(&text, &link, names) {
                Showing::New(site) => plan.add(source, site),
                Showing::Kept => kept.push(path()),
                Showing::Other => {}
            }
        }
    }
    if !kept.is_empty() {
        kept.sort();
        kept.dedup();
        plan.warnings.push(format!(
            "No link can show `{}`: those in {} keep the old alias.",
            names[1],
            list(&kept)
        ));
    }
    Ok(())
}

/// Whether a link is long enough to show an alias beside the name: most links
/// to a hub show none, and their notes need not be read.
fn has_room(vault: &Vault, link: &Link, alias: &str) -> bool {
    let length = |name: &str| if name.is_ascii() { name.len() } else { 0 };
    let name = vault.symbols().with(link.name, length);
    usize::from(link.len) >= name + alias.len() + "[]()".len()
}

enum Showing {
    /// It shows the alias, and will show the new one.
    New(Site),
    /// It shows the alias, and cannot show the new one.
    Kept,
    /// It shows something else.
    Other,
}

fn showing(text: &str, link: &Link, [old, new]: [&str; 2]) -> Showing {
    let Some(range) = shown(text, link) else {
        return Showing::Other;
    };
    let written = text.get(range.clone()).unwrap_or("");
    let quote = quote(text, link);
    let in_cell = |name: &str| {
        if link.is(Link::TABLE) {
            name.replace('|', r"\|")
        } else {
            name.to_owned()
        }
    };
    let forms = |name: &str| {
        let plain = yaml(&in_cell(name), quote);
        match link.form {
            Form::Wiki => [plain.clone(), plain],
            _ => [yaml(&in_cell(&label(name)), quote), plain],
        }
    };
    if !forms(old).iter().any(|form| form == written) {
        return Showing::Other;
    }
    let [new, _] = forms(new);
    let own = link.range();
    let source = text.get(own.start as usize..own.end as usize);
    let source = source.unwrap_or("").to_owned();
    let inside = range.start - own.start as usize..range.end - own.start as usize;
    let mut changed = source.clone();
    changed.replace_range(inside.clone(), &new);
    let is_read = link.form != Form::Wiki
        || whole(&changed).is_some_and(|parts| {
            let alias = parts.alias.and_then(|alias| changed.get(alias));
            alias == Some(&new)
                && changed.get(parts.path) == whole(&source).and_then(|old| source.get(old.path))
        });
    if !is_read {
        return Showing::Kept;
    }
    let range = range.start as u32..range.end as u32;
    Showing::New(Site::text(Part::Shown, range, written, new))
}
