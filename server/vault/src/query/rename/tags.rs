//! Renaming a tag with those below it (T6).

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::site::{Site, What};
use super::{Part, Plan, Refusal, chains};
use crate::fact::Tag;
use crate::frontmatter::{self, Value};
use crate::index::FileId;
use crate::path::{fold, same};
use crate::query::Texts;
use crate::tag;
use crate::vault::Vault;

/// The plan by which the tag `old`, given by its identity, and those below it
/// are called `new`. Forms stay: with `#` or without, in quotes or not.
pub(super) fn renamed(
    vault: &Vault,
    old: &str,
    new: &str,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    let new = new.trim().trim_start_matches('#');
    let new = &*tag::identity(new);
    if tag::name_length(new) != Some(new.len()) || new.is_empty() {
        let plain: String = new
            .chars()
            .map(|c| if tag::is_name(c) { c } else { '-' })
            .collect();
        let why = "A tag has no blanks or punctuation but `_`, `-` and `/`, and not only digits";
        let plain = plain.trim_matches('-').to_owned();
        let is_one = tag::name_length(&plain) == Some(plain.len()) && !plain.is_empty();
        return Err(Refusal::Name(why.to_owned(), is_one.then_some(plain)));
    }
    if old == new {
        return Err(Refusal::Same);
    }
    let mut plan = Plan::default();
    let is_above = tag::with_ancestors(old).any(|own| same(own, new));
    let own_uses = if is_above { vault.tag_uses(old) } else { 0 };
    let is_merged = !same(old, new) && vault.tag_uses(new) > own_uses;
    if is_merged {
        plan.warnings.push(format!(
            "There is a tag `#{new}` already: the two become one, which no renaming parts again."
        ));
    }
    let part = if is_merged { Part::Merged } else { Part::Tag };
    for file in vault.tagged(old) {
        for site in sites(vault, file, [old, new], part, texts)? {
            plan.add(file, site);
        }
    }
    if plan.is_empty() {
        return Err(Refusal::Missing(format!("tag `#{old}`")));
    }
    chains::follow(vault, &mut plan, texts)?;
    Ok(plan)
}

/// The tags of a note at or below the old one.
fn sites(
    vault: &Vault,
    file: FileId,
    names: [&str; 2],
    part: Part,
    texts: &dyn Texts,
) -> Result<Vec<Site>, Refusal> {
    let mut sites = Vec::new();
    let Some(facts) = vault.facts(file) else {
        return Ok(sites);
    };
    let is_below = |tag: &Tag| {
        let holds = |own: &str| tag::with_ancestors(own).any(|own| same(own, names[0]));
        vault.symbols().with(tag.name, holds)
    };
    let (tags, others): (Vec<Tag>, Vec<Tag>) = facts.tags().partition(is_below);
    if tags.is_empty() {
        return Ok(sites);
    }
    let path = || vec![vault.path(file).unwrap_or_default()];
    let text = texts.text(file);
    let text = text.ok_or_else(|| Refusal::Unreadable(path()))?;
    let has_properties = tags.iter().any(|tag| tag.property);
    let items = if has_properties {
        items(&text)
    } else {
        FxHashMap::default()
    };
    // The tags that the frontmatter has afterwards.
    let others = others.iter().filter(|tag| tag.property);
    let others = others.map(|tag| fold(&vault.string(tag.name)));
    let mut said: FxHashSet<String> = others.collect();
    for tag in tags {
        let range = tag.range();
        let name = vault.string(tag.name);
        let is_again = tag.property && !said.insert(fold(&rest(&name, names)));
        if let Some((range, old)) = items.get(&range).filter(|_| is_again) {
            if !same(&tag::identity(old.trim_start_matches('#')), &name) {
                return Err(Refusal::Changed(path()));
            }
            let (range, old) = (range.clone(), old.clone());
            let what = What::Item { range, old };
            sites.push(Site { part, what });
            continue;
        }
        // The head of what is written goes, with as many segments as the old
        // name has; marks before it and what is below it stay.
        let written = text.get(range.start as usize..range.end as usize);
        let written = written.ok_or_else(|| Refusal::Changed(path()))?;
        let lead = written.len() - written.trim_start_matches(['"', '\'', '#', ' ']).len();
        let length = head(&written[lead..], names[0]);
        let length = length.ok_or_else(|| Refusal::Changed(path()))?;
        let start = range.start + lead as u32;
        let old = &written[lead..lead + length];
        let range = start..start + length as u32;
        sites.push(Site::text(part, range, old, names[1].to_owned()));
    }
    Ok(sites)
}

/// A tag at or below the old one, with the new one in its place.
fn rest(own: &str, [old, new]: [&str; 2]) -> String {
    let depth = old.matches('/').count() + 1;
    let below: Vec<&str> = own.split('/').skip(depth).collect();
    if below.is_empty() {
        new.to_owned()
    } else {
        format!("{new}/{}", below.join("/"))
    }
}

/// The length of the part of a written tag that spells `old`; slashes may be
/// doubled in it.
fn head(written: &str, old: &str) -> Option<usize> {
    let ends = written.char_indices().map(|(at, c)| at + c.len_utf8());
    let mut ends = ends.filter(|&end| {
        let rest = &written[end..];
        rest.is_empty() || !rest.starts_with(tag::is_name) || rest.starts_with('/')
    });
    ends.find(|&end| same(&tag::identity(&written[..end]), old))
}

/// The items of the lists of the frontmatter, by their bytes without quotes: their
/// bytes with those, and what they say.
fn items(text: &str) -> FxHashMap<Range<u32>, (Range<u32>, String)> {
    let Some(cut) = frontmatter::cut(text) else {
        return FxHashMap::default();
    };
    let front = frontmatter::parse(text, &cut);
    let items = front.entries.iter().filter(|entry| entry.key.is_none());
    let items = items.filter_map(|entry| {
        let Value::Scalar(scalar) = &entry.value else {
            return None;
        };
        let narrow = |range: Range<usize>| range.start as u32..range.end as u32;
        let inner = narrow(frontmatter::inner(text, entry));
        Some((inner, (narrow(entry.range.clone()), scalar.text.clone())))
    });
    items.collect()
}
