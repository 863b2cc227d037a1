//! Renaming a tag with those below it (T6).

use super::site::{Site, What};
use super::{Part, Plan, Refusal, chains};
use crate::fact::Tag;
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
    if !same(old, new) && vault.tag_uses(new) > 0 {
        plan.warnings.push(format!(
            "There is a tag `#{new}` already: the two become one, which no renaming parts again."
        ));
    }
    for file in vault.tagged(old) {
        note(vault, file, [old, new], &mut plan, texts)?;
    }
    if plan.is_empty() {
        return Err(Refusal::Missing(format!("tag `#{old}`")));
    }
    chains::follow(vault, &mut plan, texts)?;
    Ok(plan)
}

fn note(
    vault: &Vault,
    file: FileId,
    names: [&str; 2],
    plan: &mut Plan,
    texts: &dyn Texts,
) -> Result<(), Refusal> {
    let Some(facts) = vault.facts(file) else {
        return Ok(());
    };
    let is_below = |tag: &Tag| {
        let holds = |own: &str| tag::with_ancestors(own).any(|own| same(own, names[0]));
        vault.symbols().with(tag.name, holds)
    };
    let tags: Vec<Tag> = facts.tags().filter(is_below).collect();
    if tags.is_empty() {
        return Ok(());
    }
    let text = texts.text(file);
    let text =
        text.ok_or_else(|| Refusal::Unreadable(vec![vault.path(file).unwrap_or_default()]))?;
    let own: Vec<(Tag, String)> = facts
        .tags()
        .filter(|tag| tag.property)
        .map(|tag| {
            let name = vault.string(tag.name);
            let name = if is_below(&tag) {
                rest(&name, names)
            } else {
                name
            };
            (tag, fold(&name))
        })
        .collect();
    for tag in tags {
        let range = tag.range();
        let written = text.get(range.start as usize..range.end as usize);
        let Some(written) = written else {
            return Err(Refusal::Changed(vec![vault.path(file).unwrap_or_default()]));
        };
        let new = rest(&vault.string(tag.name), names);
        let key = fold(&new);
        let is_again = |other: &&(Tag, String)| other.0.start < tag.start && other.1 == key;
        let is_later = |other: &&(Tag, String)| {
            other.0.start > tag.start && other.1 == key && !is_below(&other.0)
        };
        let is_repeated = own.iter().any(|other| is_again(&other) || is_later(&other));
        if tag.property && is_repeated && is_item(&text, &range) {
            let part = Part::Tag;
            let what = What::Item { range };
            plan.add(file, Site { part, what });
            continue;
        }
        // The head of what is written goes, with as many segments as the old
        // name has; marks before it and what is below it stay.
        let lead = written.len() - written.trim_start_matches(['"', '\'', '#', ' ']).len();
        let Some(length) = head(&written[lead..], names[0]) else {
            return Err(Refusal::Changed(vec![vault.path(file).unwrap_or_default()]));
        };
        let start = range.start + lead as u32;
        let old = &written[lead..lead + length];
        let range = start..start + length as u32;
        plan.add(file, Site::text(Part::Tag, range, old, names[1].to_owned()));
    }
    Ok(())
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

/// Whether a tag of the frontmatter is an item of a list by itself.
fn is_item(text: &str, range: &std::ops::Range<u32>) -> bool {
    let Some(cut) = crate::frontmatter::cut(text) else {
        return false;
    };
    let front = crate::frontmatter::parse(text, &cut);
    front.entries.iter().any(|entry| {
        entry.key.is_none()
            && entry.range.start == range.start as usize
            && entry.range.end == range.end as usize
    })
}
