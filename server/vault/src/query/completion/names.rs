//! Notes and files by name, path and alias, as the target of a link.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::context::{Link, Part, Quote};
use super::fields::missing_copies;
use super::search::{Found, Search};
use super::secrecy::{MARK, Secrecy};
use super::{Item, ItemKind, List, MAX_ITEMS, Place, anchors, blocks, days};
use crate::fact::Form;
use crate::index::FileId;
use crate::link;
use crate::linkpath;
use crate::note::Note;
use crate::path::{fold, fold_hash, is_media, same, split, strip_md};
use crate::query::actions::is_creatable;
use crate::query::rank::{Typed, Way};
use crate::settings::LinkFormat;
use crate::symbol::needed;

/// What can stand in a wiki-link.
pub(super) fn links(place: &Place<'_>, note: &Note, written: &Link) -> List {
    let typed = &*written.read(place.typed(written.parts.path.start));
    match written.part {
        Part::Alias => aliases(place, note, written),
        Part::Subpath => anchors::subpaths(place, note, written),
        Part::Path if typed.starts_with('^') => {
            blocks::of_vault(place, note, written, typed.trim_start_matches('^'))
        }
        Part::Path => {
            let search = Search::new(place, note, typed);
            let (found, mut is_cut) = search.found(place, written.parts.embed);
            let mut items: Vec<Item> = Vec::new();
            // Names that begin with what was typed come before those that just
            // hold its letters, whatever has them.
            let mut sure = 0;
            for found in &found {
                if let Some(item) = wiki(place, written, typed, found) {
                    sure += usize::from(found.is_sure());
                    items.push(item);
                }
            }
            let days = days::links(place, written, typed, search.confidential);
            sure = days::merge(&mut items, days, typed, sure);
            if sure < MAX_ITEMS {
                let (names, is_more) = missing(place, note, written, &search, sure);
                is_cut |= is_more;
                items.splice(sure..sure, names);
            }
            let copies = copies(place, note, written, typed);
            items.retain(|item| !copies.iter().any(|copy| copy.label == item.label));
            items.splice(0..0, copies);
            is_cut |= items.len() > MAX_ITEMS;
            items.truncate(MAX_ITEMS);
            if !is_cut {
                items.extend(new_note(place, written, typed, &search, &items));
            }
            let mut list = list(place, written, &written.parts.path, items);
            // What is typed next may bring names that were not looked at.
            list.is_incomplete = is_cut || typed.is_empty();
            list
        }
    }
}

/// The items for a piece of a link, as its quotes need them. Half a bracket
/// behind it is replaced with it.
pub(super) fn list(
    place: &Place<'_>,
    written: &Link,
    piece: &Range<usize>,
    mut items: Vec<Item>,
) -> List {
    let close = &written.parts.close;
    let is_half = close.len() == 1;
    let end = if is_half { close.end } else { piece.end };
    let range = piece.start..end;
    for item in &mut items {
        match written.quote {
            Quote::Text => {}
            Quote::In(quote) => {
                item.new = link::yaml(&item.new, Some(quote));
                item.matched = link::yaml(&item.matched, Some(quote));
                complete(written, item);
            }
            Quote::Plain => quote(place.text, written, &range, item),
        }
    }
    let rest = place.text.get(place.offset as usize..end).unwrap_or("");
    if is_half || written.quote == Quote::Plain && rest.contains(['"', '\'', '\\']) {
        return List::whole(&range, items);
    }
    List::new(&range, items)
}

/// Adds what the property of a link in quotes lacks.
fn complete(written: &Link, item: &mut Item) {
    let mut add = |at: usize, new: String| item.additional.push((at as u32..at as u32, new));
    if let Some(at) = written.lacks.blank {
        add(at, " ".to_owned());
    }
    if let Some(quote) = written.lacks.quote {
        if written.parts.close.len() == 2 {
            add(written.parts.close.end, quote.to_string());
        } else {
            item.new.push(quote);
        }
    }
}

/// Puts a link of a property into quotes: what is new in it, and what stands
/// around that.
fn quote(text: &str, written: &Link, range: &Range<usize>, item: &mut Item) {
    let link = &written.parts;
    let around = [link.start..range.start, range.end..link.close.end];
    let around = around.map(|piece| (piece.start, text.get(piece).unwrap_or("")));
    let [(_, before), (_, after)] = around;
    let quote = link::quote_for(&format!("{before}{}{after}", item.new));
    item.new = link::yaml(&item.new, Some(quote));
    let mut add = |at: usize| {
        let is_joined = written.lacks.blank == Some(at) && at == link.start;
        let blank = if is_joined { " " } else { "" };
        item.additional
            .push((at as u32..at as u32, format!("{blank}{quote}")));
    };
    add(link.start);
    for (start, piece) in around {
        // Of the two quotes only this one may stand in what it quotes.
        let own = piece.match_indices(quote);
        own.for_each(|(at, _)| add(start + at));
    }
    if link.close.len() == 2 {
        add(link.close.end);
    } else {
        item.new.push(quote);
    }
    if let Some(at) = written.lacks.blank.filter(|&at| at != link.start) {
        item.additional.push((at as u32..at as u32, " ".to_owned()));
    }
}

/// A wiki-link to a file.
fn wiki(place: &Place<'_>, written: &Link, typed: &str, found: &Found) -> Option<Item> {
    let vault = place.vault;
    let own = vault.files().get(found.file)?;
    let name = vault.string(own.name);
    let stem = strip_md(&name).unwrap_or(&name);
    let path = linkpath(place, typed, found.file, Form::Wiki)?;
    let alias = found.alias.map(|alias| vault.string(alias));
    let shown = match &alias {
        Some(alias) => Some(alias.as_str()),
        // A path is shown by its last segment (R11).
        None if path.contains('/') && !written.parts.embed => Some(stem),
        None => None,
    };
    let kind = match (&alias, strip_md(&name)) {
        (Some(_), _) => ItemKind::Alias,
        (None, Some(_)) => ItemKind::Note,
        (None, None) => ItemKind::File,
    };
    let label = alias.as_deref().unwrap_or(stem);
    let mut item = item(written, kind, label, &path, shown);
    item.matched = format!("{}{label}", split(typed).0);
    let folder = vault.full_folder(found.file);
    item.detail = match alias {
        Some(_) => format!("{folder}{stem}"),
        None => folder.trim_end_matches('/').to_owned(),
    };
    if found.marked {
        item.detail.push_str(MARK);
    }
    item.target = Some((found.file, String::new()));
    Some(item)
}

/// The path of a link in the form that was begun, else in that of the settings.
pub(super) fn linkpath(place: &Place<'_>, typed: &str, file: FileId, form: Form) -> Option<String> {
    let vault = place.vault;
    if typed.starts_with('/') {
        let full = format!("/{}", vault.full_path(file)?);
        let path = linkpath::written(&full, form);
        let leads = vault.lookup_path(path, place.file, form);
        if linkpath::is_holdable(path, form) && leads.is_some_and(|found| found.0 == file) {
            return Some(path.to_owned());
        }
    }
    let format = if typed.starts_with("./") || typed.starts_with("../") {
        LinkFormat::Relative
    } else {
        vault.settings().obsidian.new_link_format
    };
    vault.linkpath(place.file, file, format, form)
}

/// An item that writes a path, what is shown for it where nothing is yet, and
/// what closes the link.
pub(super) fn item(
    written: &Link,
    kind: ItemKind,
    label: &str,
    path: &str,
    shown: Option<&str>,
) -> Item {
    let link = &written.parts;
    let mut new = path.to_owned();
    let is_free = link.alias.is_none() && link.subpath.is_none();
    if let Some(shown) = shown.filter(|shown| is_free && *shown != path) {
        let whole = link::wiki(&link::Draft {
            path,
            alias: shown,
            table: written.in_table,
            ..link::Draft::default()
        });
        whole[2..whole.len() - 2].clone_into(&mut new);
    }
    close(written, kind, label, new)
}

/// An item that writes `new` into a link, with the brackets that are missing.
pub(super) fn close(written: &Link, kind: ItemKind, label: &str, mut new: String) -> Item {
    if written.parts.close.len() < 2 {
        new.push_str("]]");
    }
    Item::new(kind, label, new)
}

/// Behind the predicate of a line in the tier section: the copies of the note that
/// the section does not name yet, as such a line has them.
fn copies(place: &Place<'_>, note: &Note, written: &Link, typed: &str) -> Vec<Item> {
    let before = place.text.get(..written.parts.start).unwrap_or("");
    let line = before.rsplit(['\n', '\r']).next().unwrap_or("");
    let usual = place.vault.settings().tier_line.split("[[").next();
    let predicate = usual.map_or("", |usual| usual.trim().trim_start_matches('#').trim());
    if predicate.is_empty() || !line.trim_end().ends_with(predicate) {
        return Vec::new();
    }
    let mut words = Typed::new(typed);
    let pipe = if written.in_table { r"\|" } else { "|" };
    let item = |copy: String| {
        let (path, name) = (format!("/{copy}"), split(&copy).1);
        let is_named = typed.is_empty() || words.matches(name).is_some();
        let is_begun = fold(&path).starts_with(&fold(typed));
        let new = match written.parts.alias {
            Some(_) => path.clone(),
            None => format!("{path}{pipe}{name}"),
        };
        let mut item = close(written, ItemKind::Note, name, new);
        if !is_named {
            item.matched = path;
        }
        (is_named || is_begun).then_some(item)
    };
    let copies = missing_copies(place, note).into_iter();
    copies.filter_map(item).collect()
}

/// Names that notes link to and no note has, as many as fit behind `sure`
/// items; and whether there are more of them.
fn missing(
    place: &Place<'_>,
    note: &Note,
    written: &Link,
    search: &Search<'_>,
    sure: usize,
) -> (Vec<Item>, bool) {
    let vault = place.vault;
    if search.name.is_empty() || search.has_folder {
        return (Vec::new(), false);
    }
    let typed = Typed::new(search.name);
    let mut names: Vec<(Way, String, u32)> = Vec::new();
    let bits = needed(search.name) | typed.initials();
    vault.symbols().linked_names(bits, place.stop, |name, key| {
        names.extend(typed.begins(name).map(|way| (way, name.to_owned(), key)));
    });
    let most = MAX_ITEMS.saturating_sub(sure);
    let mut secrecy = Secrecy::new(place, note);
    let mut seen = FxHashSet::default();
    let mut items = Vec::new();
    // Of many names few are looked at, the first ones by how they match.
    let mut count = 4 * MAX_ITEMS;
    while !names.is_empty() && items.len() <= most && !(place.stop)() {
        if count < names.len() {
            names.select_nth_unstable(count);
        }
        let mut first: Vec<_> = names.drain(..count.min(names.len())).collect();
        first.sort_unstable();
        for (_, name, key) in first {
            let is_there = |extension| vault.named([&name, extension]).next().is_some();
            let may_be = linkpath::is_holdable(&name, Form::Wiki) && strip_md(&name).is_none();
            let mut others = vault
                .linking(key)
                .filter(|&file| file != place.file)
                .peekable();
            if others.peek().is_some()
                && seen.insert(fold_hash(&name))
                && may_be
                && !is_there("")
                && !is_there(".md")
                && let Some(mark) = secrecy.mark(others, |_| true)
            {
                let mut item = item(written, ItemKind::Missing, &name, &name, None);
                item.detail = format!("not written yet{mark}");
                items.push(item);
            }
        }
        count *= 2;
    }
    let is_more = items.len() > most || !names.is_empty();
    items.truncate(most);
    (items, is_more)
}

/// The name that was typed, if it is none yet and a note can have it.
fn new_note(
    place: &Place<'_>,
    written: &Link,
    typed: &str,
    search: &Search<'_>,
    items: &[Item],
) -> Option<Item> {
    let (path, name) = (typed.trim(), search.name.trim_end());
    let is_offered = || items.iter().any(|item| same(&item.label, name));
    let is_there = || {
        place
            .vault
            .lookup_path(path, place.file, Form::Wiki)
            .is_some()
    };
    let is_new = search.folder.is_empty() && is_creatable(name) && !is_media(name);
    (is_new && !is_offered() && !is_there()).then(|| {
        let mut item = item(written, ItemKind::Missing, name, path, None);
        "new note".clone_into(&mut item.detail);
        typed.clone_into(&mut item.matched);
        item
    })
}

/// What can be shown for the target of a link: its aliases and its name.
fn aliases(place: &Place<'_>, note: &Note, written: &Link) -> List {
    let vault = place.vault;
    let path = written.path(place.text);
    let range = written.parts.alias.clone().unwrap_or_default();
    let target = anchors::target(place, note, &path, Form::Wiki);
    let mark = target.map_or("", |target| target.1);
    let target = target.and_then(|target| vault.note(target.0));
    let aliases = target.iter().flat_map(|note| &note.aliases);
    let mut names: Vec<String> = aliases.map(|alias| vault.string(alias.name)).collect();
    let stem = split(&path).1;
    names.push(strip_md(stem).unwrap_or(stem).to_owned());
    let pipe = if written.in_table { r"\|" } else { "|" };
    let items = names
        .iter()
        .filter(|name| !name.is_empty() && !name.contains("]]"));
    let items = items.map(|name| {
        let mut item = close(written, ItemKind::Alias, name, name.replace('|', pipe));
        item.detail.push_str(mark);
        // In a table the mark before the alias is escaped, too.
        let before = place.text.get(..range.start).unwrap_or("");
        if written.in_table && before.ends_with('|') && !before.ends_with(r"\|") {
            let at = range.start as u32 - 1;
            item.additional.push((at..at, r"\".to_owned()));
        }
        item
    });
    list(place, written, &range, items.collect())
}
