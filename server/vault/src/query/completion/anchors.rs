//! Headings and blocks, as the subpath of a link.

use super::context::{Destination, Link};
use super::names::close;
use super::{Item, ItemKind, List, MAX_ITEMS, Place};
use crate::edit::TextEdit;
use crate::fact::{Block, Form, SymbolKind};
use crate::heading;
use crate::index::FileId;
use crate::link::{self, decode, heading_chain, heading_subpath};
use crate::note::Note;
use crate::path::{split, strip_md};
use crate::query::names::{Named, workspace_symbols};
use crate::query::rank::Typed;
use crate::settings::LinkFormat;

/// Headings of other notes that are listed for `[[##`.
const MAX_EVERYWHERE: usize = 60;
/// Blocks show so much of their text.
const MAX_SHOWN: usize = 80;

/// What can stand behind the `#` of a wiki-link.
pub(super) fn subpaths(place: &Place<'_>, written: &Link) -> List {
    let range = written.parts.subpath.clone().unwrap_or_default();
    let path = place.text.get(written.parts.path.clone()).unwrap_or("");
    let typed = place.typed(range.start);
    if path.trim().is_empty() && typed.starts_with('#') {
        return every_heading(place, written, typed.trim_start_matches('#'));
    }
    let Some(target) = target(place, path, Form::Wiki) else {
        return List::new(&range, Vec::new());
    };
    let mut items = if let Some(id) = typed.strip_prefix('^') {
        blocks(place, target, id)
    } else {
        headings(place, target, typed)
    };
    for item in &mut items {
        let closed = close(written, item.kind, "", std::mem::take(&mut item.new));
        item.new = closed.new;
        item.additional.extend(closed.additional);
    }
    let end = if written.parts.close.len() == 1 {
        written.parts.close.end
    } else {
        range.end
    };
    List::new(&(range.start..end), items)
}

/// What can stand behind the `#` of a destination.
pub(super) fn fragments(place: &Place<'_>, written: &Destination, hash: usize) -> List {
    let typed = place.typed(written.range.start);
    let start = written.range.start + hash + 1;
    let Some(target) = target(place, &decode(&typed[..hash]), Form::Markdown) else {
        return List::new(&(start..written.range.end), Vec::new());
    };
    let fragment = decode(&typed[hash + 1..]);
    let mut items = match fragment.strip_prefix('^') {
        Some(id) => blocks(place, target, id),
        None => headings(place, target, &fragment),
    };
    for item in &mut items {
        item.new = link::encode(&item.new, written.in_angles);
        item.matched = item.new.clone();
        if !written.is_closed {
            item.new
                .push_str(if written.in_angles { ">)" } else { ")" });
        }
    }
    List::new(&(start..written.range.end), items)
}

fn target(place: &Place<'_>, path: &str, form: Form) -> Option<FileId> {
    if path.trim().is_empty() {
        return Some(place.file);
    }
    let found = place.vault.lookup_path(path, place.file, form);
    found.map(|found| found.0)
}

/// The headings of a note, below those that were typed: `A#` gives those in A.
/// Of equal ones a heading above tells which is meant.
fn headings(place: &Place<'_>, target: FileId, typed: &str) -> Vec<Item> {
    let vault = place.vault;
    let (Some(note), Some(text)) = (vault.note(target), own_text(place, target)) else {
        return Vec::new();
    };
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
    let mut found = Vec::new();
    for (index, heading) in note.headings.iter().enumerate() {
        let inside = within.contains(&heading.start) && Some(index) != parent;
        let source = title(index).unwrap_or("");
        let Some(segment) = heading_subpath(source).filter(|_| inside && !heading.is_hidden())
        else {
            continue;
        };
        let Some(way) = typed.matches(&segment) else {
            continue;
        };
        let subpath = format!("{prefix}{segment}");
        let Some(subpath) = heading_chain(&all, index, subpath, title) else {
            continue;
        };
        let mut item = Item::new(ItemKind::Heading, source.trim(), subpath.clone());
        item.matched = format!("{prefix}{segment}");
        item.detail = "#".repeat(usize::from(heading.level()));
        item.target = Some((target, subpath));
        found.push((way, index, item));
    }
    found.sort_by_key(|found| (found.0, found.1));
    found.into_iter().map(|found| found.2).collect()
}

/// The text of a note; of the one that is written in as it stands there.
fn own_text(place: &Place<'_>, file: FileId) -> Option<String> {
    if file == place.file {
        return Some(place.text.to_owned());
    }
    place.texts.text(file).map(|text| (*text).to_owned())
}

/// The blocks of a note that have an id, and the paragraphs that could get one.
fn blocks(place: &Place<'_>, target: FileId, typed: &str) -> Vec<Item> {
    let vault = place.vault;
    let (Some(note), Some(text)) = (vault.note(target), own_text(place, target)) else {
        return Vec::new();
    };
    let mut typed = Typed::new(typed);
    let mut found = Vec::new();
    for block in note.blocks.iter().filter(|block| !block.misplaced) {
        let id = vault.string(block.id);
        let shown = shown(&text, block);
        let way = typed.matches(&id).or_else(|| typed.matches(&shown));
        let Some(way) = way else { continue };
        let mut item = Item::new(ItemKind::Block, &*shown, format!("^{id}"));
        item.detail = format!("^{id}");
        item.matched = format!("^{id} {shown}");
        item.target = Some((target, format!("^{id}")));
        found.push((way, block.range.start, item));
    }
    for (end, line) in paragraphs(&note, &text) {
        let Some(way) = typed.matches(line) else {
            continue;
        };
        let id = new_id(&note, place, line);
        let mut item = Item::new(ItemKind::Block, cut(line), format!("^{id}"));
        "gets an id".clone_into(&mut item.detail);
        item.matched = format!("^{line}");
        let edit: TextEdit = (end..end, format!(" ^{id}"));
        if target == place.file {
            // The edit must not meet the link that is written.
            let touches = edit.0.start >= place.offset.saturating_sub(line.len() as u32)
                && edit.0.start <= place.offset + line.len() as u32
                && place.text[..end as usize].ends_with(line)
                && place.offset + (line.len() as u32) > end
                && place.offset <= end;
            if touches {
                continue;
            }
            item.additional.push(edit);
        } else {
            item.other = Some((target, edit));
        }
        found.push((way, end, item));
    }
    found.sort_by_key(|found| (found.0, found.1));
    found.truncate(MAX_ITEMS);
    found.into_iter().map(|found| found.2).collect()
}

fn shown(text: &str, block: &Block) -> String {
    let source = text.get(block.range.start as usize..block.range.end as usize);
    let line = source.unwrap_or("").lines().next().unwrap_or("");
    cut(line.split(" ^").next().unwrap_or(line).trim()).to_owned()
}

fn cut(line: &str) -> &str {
    let end = line
        .char_indices()
        .nth(MAX_SHOWN)
        .map_or(line.len(), |at| at.0);
    &line[..end]
}

/// The last lines of paragraphs and list items without an id, with where they
/// end. Tables, quotes and code need their id on a line of its own, so they
/// are left out.
fn paragraphs<'t>(note: &Note, text: &'t str) -> Vec<(u32, &'t str)> {
    let mut found = Vec::new();
    let mut at = note.frontmatter.end as usize;
    let body = text.get(at..).unwrap_or("");
    let mut lines = body.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let start = at;
        at += line.len();
        let content = line.trim();
        let next = lines.peek().map_or("", |next| next.trim());
        let is_item = |line: &str| line.starts_with("- ") || line.starts_with("* ");
        let ends = next.is_empty() || is_item(next) || next.starts_with('#');
        let offset = (start + line.trim_end().len()) as u32;
        let in_region = note
            .regions
            .iter()
            .any(|region| region.range.contains(&(start as u32)));
        let is_text = !content.is_empty() && !content.starts_with(['#', '>', '|', '^']);
        let has_id = note.blocks.iter().any(|block| block.id_range.end == offset);
        if ends && is_text && !in_region && !has_id && !content.starts_with("---") {
            found.push((offset, content.trim_start_matches(['-', '*', ' '])));
        }
    }
    found
}

/// An id that the note does not have: six letters and digits made of the text,
/// so that the same block gets the same id when it is asked for again.
fn new_id(note: &Note, place: &Place<'_>, line: &str) -> String {
    let mut hash = crate::path::fold_hash(line);
    loop {
        let id = format!("{:06x}", hash & 0x00ff_ffff);
        let key = crate::path::fold_hash(&id);
        let is_taken = note.blocks.iter().any(|block| block.key == key);
        if !is_taken || (place.stop)() {
            return id;
        }
        hash = hash.wrapping_mul(0x9e37_79b1).wrapping_add(1);
    }
}

/// `[[##`: headings of all notes.
fn every_heading(place: &Place<'_>, written: &Link, typed: &str) -> List {
    let vault = place.vault;
    let found = workspace_symbols(vault, typed.trim(), 4 * MAX_ITEMS, place.stop);
    let headings = found
        .into_iter()
        .filter(|named| named.kind == SymbolKind::Heading);
    let items = headings.take(MAX_EVERYWHERE).filter_map(|named| {
        let subpath = heading_subpath(&named.name)?;
        elsewhere(
            place,
            written,
            &named,
            ItemKind::Heading,
            &subpath,
            &format!("##{typed}"),
        )
    });
    everywhere(written, items.collect())
}

/// `[[^^`: blocks with an id, of the notes that are near.
pub(super) fn every_block(place: &Place<'_>, written: &Link) -> List {
    let vault = place.vault;
    let typed = place
        .typed(written.parts.path.start)
        .trim_start_matches('^');
    let mut words = Typed::new(typed);
    let mut found = Vec::new();
    let own = vault.files().get(place.file).map(|own| own.folder);
    let near = vault
        .files()
        .iter()
        .filter(|(_, file)| Some(file.folder) == own);
    let mut files: Vec<FileId> = near
        .map(|near| near.0)
        .chain(place.recent.iter().copied())
        .collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        let Some(note) = vault.note(file) else {
            continue;
        };
        for block in note.blocks.iter().filter(|block| !block.misplaced) {
            let id = vault.string(block.id);
            if let Some(way) = words.matches(&id) {
                let named = Named {
                    name: id.clone(),
                    kind: SymbolKind::Block,
                    file,
                    range: block.range.clone(),
                };
                let marked = format!("^^{typed}");
                let subpath = format!("^{id}");
                let item = elsewhere(place, written, &named, ItemKind::Block, &subpath, &marked);
                found.extend(item.map(|item| (way, item.label.clone(), item)));
            }
        }
    }
    found.sort_by(|left, right| (left.0, &left.1).cmp(&(right.0, &right.1)));
    everywhere(written, found.into_iter().map(|found| found.2).collect())
}

/// A link to a place in some note, where only the place was typed.
fn elsewhere(
    place: &Place<'_>,
    written: &Link,
    named: &Named,
    kind: ItemKind,
    subpath: &str,
    marked: &str,
) -> Option<Item> {
    let vault = place.vault;
    if !vault.may_name(place.file, named.file) {
        return None;
    }
    let path = if named.file == place.file {
        String::new()
    } else {
        let format: LinkFormat = vault.settings().obsidian.new_link_format;
        vault.linkpath(place.file, named.file, format, Form::Wiki)?
    };
    let new = format!("{path}#{subpath}");
    let mut item = close(written, kind, &named.name, new);
    let own = vault.path(named.file)?;
    let name = split(&own).1;
    strip_md(name).unwrap_or(name).clone_into(&mut item.detail);
    item.matched = format!("{marked}{}", named.name);
    item.target = Some((named.file, subpath.to_owned()));
    Some(item)
}

/// The link from its brackets on is replaced: `##` is no part of what is written.
fn everywhere(written: &Link, items: Vec<Item>) -> List {
    let link = &written.parts;
    let end = link
        .subpath
        .as_ref()
        .map_or(link.path.end, |subpath| subpath.end);
    let end = if link.close.len() == 1 {
        link.close.end
    } else {
        end
    };
    let mut list = List::new(&(link.path.start..end), items);
    list.is_incomplete = true;
    list
}
