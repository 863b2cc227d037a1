//! The aliases of a renamed note: those that repeat its name get the new one,
//! or, if that is set, stay and the old name is one more.

use rustc_hash::FxHashSet;

use super::Part;
use super::own::Source;
use super::site::{Site, What};
use crate::edit::TextEdit;
use crate::frontmatter::{self, Entry, Frontmatter, Style, Value};
use crate::properties::scalar;

/// The places where a note says its aliases. `None` when a name cannot be
/// added to them.
pub(super) fn sites(source: &Source<'_>, keep: bool) -> Option<Vec<Site>> {
    if keep {
        return added(source);
    }
    let vault = source.vault;
    let aliases = source.note.aliases.iter();
    let known: FxHashSet<String> = aliases
        .clone()
        .map(|alias| vault.string(alias.name))
        .collect();
    let sites = aliases.filter_map(|alias| {
        let old = vault.string(alias.name);
        let new = source.renamed(&old)?.clone();
        let range = alias.range();
        let what = if !known.contains(&new) {
            What::Value { range, old, new }
        } else if is_item(source, alias.start) {
            // It would be there twice.
            What::Item { range, old }
        } else {
            return None;
        };
        let part = Part::Alias;
        Some(Site { part, what })
    });
    Some(sites.collect())
}

/// Whether the value that begins here is an item of a list.
fn is_item(source: &Source<'_>, start: u32) -> bool {
    let mut entries = source.front.iter().flat_map(|front| &front.entries);
    entries.any(|entry| entry.range.start == start as usize && entry.key.is_none())
}

/// The place where names are added, so that the old one is an alias and the
/// new one is where the old one was.
fn added(source: &Source<'_>) -> Option<Vec<Site>> {
    let vault = source.vault;
    let aliases = source.note.aliases.iter();
    let known: Vec<String> = aliases.map(|alias| vault.string(alias.name)).collect();
    let is_known = |name: &String| known.contains(name);
    let said = source.names.iter().filter(|pair| is_known(&pair[0]));
    let mut names: Vec<&String> = said.map(|pair| &pair[1]).collect();
    names.extend(source.names.first().map(|pair| &pair[0]));
    names.retain(|name| !is_known(name));
    names.dedup();
    if names.is_empty() {
        return Some(Vec::new());
    }
    let (range, new) = edit(source, &names)?;
    let old = source.text.get(range.start as usize..range.end as usize)?;
    Some(vec![Site::text(Part::Alias, range.clone(), old, new)])
}

/// The edit that adds names to the aliases in the way in which they are written.
fn edit(source: &Source<'_>, names: &[&String]) -> Option<TextEdit> {
    let text = source.text;
    let line_break = match memchr::memchr2(b'\n', b'\r', text.as_bytes()) {
        Some(at) if text[at..].starts_with("\r\n") => "\r\n",
        Some(at) => &text[at..=at],
        None => "\n",
    };
    let plain: Vec<String> = names.iter().map(|name| scalar(name)).collect();
    let lines: Vec<String> = plain.iter().map(|name| format!("  - {name}")).collect();
    let block = format!("{line_break}{}", lines.join(line_break));
    let Some(cut) = frontmatter::cut(text) else {
        let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let new = format!("---{line_break}aliases:{block}{line_break}---{line_break}");
        return Some((start..start, new));
    };
    let front = source.front.as_ref().filter(|front| front.valid)?;
    let mut entries = front.entries.iter().enumerate();
    let found = entries.find(|(_, entry)| {
        let key = entry.key.as_ref().filter(|_| entry.parent.is_none());
        key.is_some_and(|key| ["aliases", "alias"].contains(&&*key.name.to_lowercase()))
    });
    let Some((index, entry)) = found else {
        let end = cut.content.end as u32;
        return Some((end..end, format!("aliases:{block}{line_break}")));
    };
    let written = text.get(entry.range.clone())?;
    match &entry.value {
        Value::List => appended(text, front, index, names, line_break),
        Value::Null if written.trim().is_empty() => {
            let start = entry.key.as_ref()?.range.end;
            let colon = start + text.get(start..)?.find(':')? + 1;
            let end = frontmatter::line_at(text, colon).0;
            let is_bare = text.get(colon..end)?.trim().is_empty();
            let flow = format!(" [{}]", plain.join(", "));
            Some(if is_bare {
                (colon as u32..end as u32, block)
            } else {
                (colon as u32..colon as u32, flow)
            })
        }
        Value::Null => Some((wide(entry), format!("[{}]", plain.join(", ")))),
        Value::Scalar(own) => {
            let first = match own.style {
                Style::Plain => scalar(&own.text),
                Style::Single | Style::Double => written.to_owned(),
                Style::Literal | Style::Folded => return None,
            };
            Some((wide(entry), format!("[{first}, {}]", plain.join(", "))))
        }
        Value::Map | Value::Alias => None,
    }
}

/// The edit that puts names behind the last item of a list.
fn appended(
    text: &str,
    front: &Frontmatter,
    index: usize,
    names: &[&String],
    line_break: &str,
) -> Option<TextEdit> {
    let entry = front.entries.get(index)?;
    let items = front.children(u32::try_from(index).ok());
    let last = items.map(|item| item.1).last();
    let is_flow = text.get(entry.range.start..)?.starts_with('[');
    let Some(item) = last else {
        let plain: Vec<String> = names.iter().map(|name| scalar(name)).collect();
        return is_flow.then(|| (wide(entry), format!("[{}]", plain.join(", "))));
    };
    let quote = text.get(item.range.clone())?.chars().next();
    let quote = quote.filter(|c| matches!(c, '\'' | '"'));
    let written: Vec<String> = names
        .iter()
        .map(|name| match quote {
            Some(quote) => format!("{quote}{}{quote}", crate::link::yaml(name, Some(quote))),
            None => scalar(name),
        })
        .collect();
    let end = item.range.end;
    if is_flow {
        let new = format!(", {}", written.join(", "));
        return Some((end as u32..end as u32, new));
    }
    let start = text.get(..item.range.start)?.rfind(['\n', '\r']);
    let start = start.map_or(0, |at| at + 1);
    let indent = text.get(start..item.range.start)?;
    let is_line = indent.trim() == "-" && matches!(item.value, Value::Scalar(_));
    let end = frontmatter::line_at(text, end).0;
    let before = format!("{line_break}{indent}");
    let new = before.clone() + &written.join(&before);
    is_line.then_some((end as u32..end as u32, new))
}

fn wide(entry: &Entry) -> std::ops::Range<u32> {
    entry.range.start as u32..entry.range.end as u32
}
