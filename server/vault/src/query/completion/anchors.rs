//! Headings and blocks, as the subpath of a link.

use super::context::Link;
use super::destination::Destination;
use super::names::{self, close};
use super::secrecy::{self, Secrecy};
use super::{Item, ItemKind, List, MAX_ITEMS, Place, best, blocks};
use crate::fact::Form;
use crate::heading;
use crate::index::FileId;
use crate::link::{self, decode, heading_chain, heading_subpath};
use crate::note::Note;
use crate::path::{split, strip_md};
use crate::query::names::headings_of;
use crate::query::rank::{Typed, Way};

/// After so many headings or lines is asked whether somebody still waits.
const ASK: usize = 1024;

/// What can stand behind the `#` of a wiki-link.
pub(super) fn subpaths(place: &Place<'_>, note: &Note, written: &Link) -> List {
    let range = written.parts.subpath.clone().unwrap_or_default();
    let path = written.path(place.text);
    let typed = written.read(place.typed(range.start));
    if path.trim().is_empty() && typed.starts_with('#') {
        return every_heading(place, note, written, typed.trim_start_matches('#'));
    }
    let Some(target) = target(place, note, &path, Form::Wiki) else {
        return List::new(&range, Vec::new());
    };
    let (mut items, is_cut) = anchors(place, target, &typed);
    for item in &mut items {
        let new = std::mem::take(&mut item.new);
        item.new = close(written, item.kind, "", new).new;
    }
    let mut list = names::list(place, written, &range, items);
    list.is_incomplete = is_cut;
    list
}

/// What can stand behind the `#` of a destination.
pub(super) fn fragments(
    place: &Place<'_>,
    note: &Note,
    written: &Destination,
    hash: usize,
) -> List {
    let typed = place.typed(written.range.start);
    let (path, fragment) = (&typed[..hash], &typed[hash + 1..]);
    let decoded = decode(path);
    // A bare `%` keeps all of a destination from being decoded.
    let is_bare = decoded == path && path.contains('%');
    let (start, before) = if is_bare {
        let whole = format!("{}#", link::encode(path, written.in_angles));
        (written.range.start, [whole, format!("{path}#")])
    } else {
        (written.range.start + hash + 1, <[String; 2]>::default())
    };
    let Some(target) = target(place, note, &decoded, Form::Markdown) else {
        return List::new(&(start..written.range.end), Vec::new());
    };
    let (mut items, is_cut) = anchors(place, target, &decode(fragment));
    for item in &mut items {
        let [new, matched] =
            [&item.new, &item.matched].map(|it| link::encode(it, written.in_angles));
        item.new = format!("{}{new}", before[0]);
        item.matched = format!("{}{matched}", before[1]);
        written.close(item);
    }
    let mut list = if is_bare {
        List::whole(&(start..written.range.end), items)
    } else {
        List::new(&(start..written.range.end), items)
    };
    list.is_incomplete = is_cut;
    list
}

/// The file of a path, the own note for none, and what is said of its secrecy;
/// if what stands in it may be shown.
pub(super) fn target(
    place: &Place<'_>,
    note: &Note,
    path: &str,
    form: Form,
) -> Option<(FileId, &'static str)> {
    if path.trim().is_empty() {
        return Some((place.file, ""));
    }
    let found = place.vault.lookup_path(path, place.file, form)?.0;
    Some((found, secrecy::mark(place, note, found)?))
}

/// Headings or blocks, and whether there are more.
fn anchors(place: &Place<'_>, (target, mark): (FileId, &str), typed: &str) -> (Vec<Item>, bool) {
    let Some(note) = place.vault.note(target) else {
        return (Vec::new(), false);
    };
    let other = (target != place.file).then(|| place.texts.text(target));
    let text = match &other {
        Some(Some(text)) => text,
        Some(None) => return (Vec::new(), false),
        None => place.text,
    };
    let (mut items, is_cut) = match typed.strip_prefix('^') {
        Some(id) => blocks::of_note(place, target, (&note, text), id),
        None => headings(place, target, (&note, text), typed),
    };
    for item in &mut items {
        item.detail.push_str(mark);
    }
    (items, is_cut)
}

/// The headings of a note, below those that were typed: `A#` gives those in A.
/// Of equal ones a heading above tells which is meant.
fn headings(
    place: &Place<'_>,
    target: FileId,
    (note, text): (&Note, &str),
    typed: &str,
) -> (Vec<Item>, bool) {
    let (above, name) = typed.rsplit_once('#').unwrap_or(("", typed));
    let mut typed = Typed::new(name);
    let prefix = if above.is_empty() {
        String::new()
    } else {
        format!("{above}#")
    };
    let all = note.headings.iter();
    let all = all.map(|heading| (heading.level(), heading.key));
    let all: Vec<(u8, u32)> = all.collect();
    let parent = match heading::subpath(above) {
        heading::Subpath::Headings(keys) => heading::find(all.iter().copied(), &keys),
        _ => None,
    };
    let title = |index: usize| {
        let range = note.headings.get(index)?.range();
        text.get(range.start as usize..range.end as usize)
    };
    let within = parent.map_or(0..note.len, |parent| note.section(parent));
    let mut found: Vec<(Way, usize)> = Vec::new();
    for (index, heading) in note.headings.iter().enumerate() {
        if index % ASK == 0 && (place.stop)() {
            break;
        }
        let inside = within.contains(&heading.start) && Some(index) != parent;
        if inside
            && !heading.is_hidden()
            && let Some(segment) = title(index).and_then(heading_subpath)
            && let Some(way) = typed.matches(&segment)
        {
            found.push((way, index));
        }
    }
    let is_cut = best(&mut found, |found| *found);
    // To find what leads to a heading takes as long as the note has headings.
    let kept = found.into_iter().take_while(|_| !(place.stop)());
    let items = kept.filter_map(|(_, index)| {
        let source = title(index)?;
        let own = format!("{prefix}{}", heading_subpath(source)?);
        let subpath = heading_chain(&all, index, own.clone(), title)?;
        let mut item = Item::new(ItemKind::Heading, source.trim(), subpath.clone());
        item.matched = own;
        item.detail = "#".repeat(usize::from(note.headings.get(index)?.level()));
        item.target = Some((target, subpath));
        Some(item)
    });
    (items.collect(), is_cut)
}

/// `[[##`: headings of all notes.
fn every_heading(place: &Place<'_>, note: &Note, written: &Link, typed: &str) -> List {
    let mut secrecy = Secrecy::new(place, note);
    let mut may_be = |file: FileId| secrecy.mark(std::iter::once(file), |_| true).is_some();
    let name = typed.trim();
    let mut found = headings_of(place.vault, name, MAX_ITEMS, place.stop, &mut may_be);
    let mut words = Typed::new(name);
    found.sort_by_cached_key(|named| {
        let way = words.matches(&named.name);
        (way.is_none(), way)
    });
    let items = found.into_iter().filter_map(|named| {
        let subpath = heading_subpath(&named.name)?;
        let matched = format!("##{typed}{}", named.name);
        let of = (ItemKind::Heading, named.file);
        let words: [&str; 3] = [&named.name, &subpath, &matched];
        elsewhere(place, &mut secrecy, written, of, words)
    });
    let items = items.collect();
    everywhere(place, written, items)
}

/// A link to a place in some note, where only the place was typed.
pub(super) fn elsewhere(
    place: &Place<'_>,
    secrecy: &mut Secrecy<'_>,
    written: &Link,
    (kind, file): (ItemKind, FileId),
    [label, subpath, matched]: [&str; 3],
) -> Option<Item> {
    let vault = place.vault;
    let mark = secrecy.mark(std::iter::once(file), |_| true)?;
    let path = if file == place.file {
        String::new()
    } else {
        let format = vault.settings().obsidian.new_link_format;
        vault.linkpath(place.file, file, format, Form::Wiki)?
    };
    let mut item = close(written, kind, label, format!("{path}#{subpath}"));
    let own = vault.path(file)?;
    let name = split(&own).1;
    item.detail = format!("{}{mark}", strip_md(name).unwrap_or(name));
    matched.clone_into(&mut item.matched);
    item.target = Some((file, subpath.to_owned()));
    Some(item)
}

/// The link from its brackets on is replaced: `##` is no part of what is written.
pub(super) fn everywhere(place: &Place<'_>, written: &Link, items: Vec<Item>) -> List {
    let link = &written.parts;
    let subpath = link.subpath.as_ref();
    let end = subpath.map_or(link.path.end, |subpath| subpath.end);
    let mut list = names::list(place, written, &(link.path.start..end), items);
    list.is_incomplete = true;
    list
}
