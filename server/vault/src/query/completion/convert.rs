//! Wiki-links that are being written, as Markdown links, where the settings ask
//! for those: what was begun with `[[` is replaced as a whole.

use std::ops::Range;

use super::context::{Link, Part, Quote};
use super::names::linkpath;
use super::{List, Place};
use crate::fact::Form;
use crate::index::FileId;
use crate::link::{self, Draft};
use crate::path::{is_media, split};

/// Extensions of files that are no media and that links may name (R12).
const NAMED: [&str; 3] = [".md", ".canvas", ".base"];

/// Turns the items of a wiki-link into Markdown links. A property holds
/// wiki-links only, and an alias is written in the link that stands there.
pub(super) fn convert(place: &Place<'_>, written: &Link, list: List) -> List {
    let is_wanted = place.vault.settings().obsidian.use_markdown_links;
    if !is_wanted || written.quote != Quote::Text || written.part == Part::Alias {
        return list;
    }
    let parts = &written.parts;
    let start = parts.start + usize::from(parts.embed);
    let old = list.replace.start as usize..list.replace.end as usize;
    let end = if parts.close.len() == 2 {
        parts.close.end
    } else {
        old.end
    };
    let get = |from: usize, to: usize| place.text.get(from..to).unwrap_or("");
    let (before, after) = (get(start, old.start), get(old.end, end));
    let items = list.items.into_iter().filter_map(|mut item| {
        let wiki = format!("{before}{}{after}", item.new);
        item.new = markdown(place, written, &wiki, item.target.as_ref().map(|to| to.0))?;
        item.matched = format!("{before}{}", item.matched);
        Some(item)
    });
    List {
        is_incomplete: list.is_incomplete,
        ..List::whole(&(start..end), items.collect())
    }
}

/// A whole wiki-link as a Markdown link.
fn markdown(
    place: &Place<'_>,
    written: &Link,
    wiki: &str,
    target: Option<FileId>,
) -> Option<String> {
    let parts = link::whole(wiki)?;
    let get = |range: &Range<usize>| wiki.get(range.clone()).unwrap_or("");
    let path = get(&parts.path);
    let path = match target {
        _ if path.is_empty() => String::new(),
        Some(file) => {
            let typed = place.typed(written.parts.path.start);
            linkpath(place, typed, file, Form::Markdown)?
        }
        None => named(path),
    };
    let shown = [&parts.alias, &parts.size].into_iter().flatten();
    let shown: Vec<&str> = shown.map(get).collect();
    let shown = shown.join("|");
    let alias = if parts.escaped_pipe {
        shown.replace(r"\|", "|")
    } else {
        shown
    };
    Some(link::new(
        Form::Markdown,
        &Draft {
            path: &path,
            subpath: parts.subpath.as_ref().map_or("", get),
            alias: &alias,
            table: written.in_table,
            // Its `!` stands there already.
            embed: false,
        },
    ))
}

/// The path of a file that is not there yet, as Markdown links name it.
fn named(path: &str) -> String {
    let name = split(path).1;
    let is_whole = is_media(name) || NAMED.iter().any(|end| name.ends_with(end));
    let end = if is_whole { "" } else { ".md" };
    format!("{path}{end}")
}
