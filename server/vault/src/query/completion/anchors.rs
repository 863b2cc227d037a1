//! Headings and blocks, as the subpath of a link.

use rustc_hash::FxHashSet;

use super::context::Link;
use super::destination::Destination;
use super::fields::near;
use super::names::{self, close};
use super::secrecy::{self, Secrecy};
use super::{Item, ItemKind, List, MAX_ITEMS, Place, best};
use crate::edit::TextEdit;
use crate::fact::{Block, Form, SymbolKind};
use crate::heading;
use crate::index::FileId;
use crate::link::{self, decode, heading_chain, heading_subpath};
use crate::note::Note;
use crate::path::{split, strip_md};
use crate::query::names::{Named, headings_of};
use crate::query::rank::{Typed, Way};

/// Blocks show so much of their text.
const MAX_SHOWN: usize = 80;
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
        Some(id) => blocks(place, target, (&note, text), id),
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

/// The blocks of a note that have an id, and the paragraphs that could get one.
fn blocks(
    place: &Place<'_>,
    target: FileId,
    (note, text): (&Note, &str),
    typed: &str,
) -> (Vec<Item>, bool) {
    let vault = place.vault;
    let mut typed = Typed::new(typed);
    let mut found: Vec<(Way, u32, Option<&Block>, &str)> = Vec::new();
    for block in note.blocks.iter().filter(|block| !block.misplaced) {
        let id = vault.string(block.id);
        let shown = shown(text, block);
        let ways = [typed.matches(&id), typed.matches(shown)];
        if let Some(way) = ways.into_iter().flatten().min() {
            found.push((way, block.range.start, Some(block), shown));
        }
    }
    let own = (target == place.file).then_some(place.offset);
    for (count, line) in paragraphs(note, text).into_iter().enumerate() {
        if count % ASK == 0 && (place.stop)() {
            break;
        }
        // The edit must not meet the link that is written.
        let is_own = own.is_some_and(|own| line.start <= own && own <= line.end);
        if let Some(way) = typed.matches(line.text).filter(|_| !is_own) {
            found.push((way, line.text_end, None, line.text));
        }
    }
    let is_cut = best(&mut found, |found| (found.0, found.1));
    let mut taken: FxHashSet<u32> = note.blocks.iter().map(|block| block.key).collect();
    let items = found.into_iter().map(|(_, end, block, text)| {
        if let Some(block) = block {
            let id = vault.string(block.id);
            let mut item = Item::new(ItemKind::Block, text, format!("^{id}"));
            item.detail = format!("^{id}");
            item.matched = format!("^{id} {text}");
            item.target = Some((target, format!("^{id}")));
            return item;
        }
        let id = new_id(&mut taken, text);
        let mut item = Item::new(ItemKind::Block, cut(text), format!("^{id}"));
        "gets an id".clone_into(&mut item.detail);
        item.matched = format!("^{text}");
        let edit: TextEdit = (end..end, format!(" ^{id}"));
        if own.is_some() {
            item.additional.push(edit);
        } else {
            item.other = Some((target, edit));
        }
        item
    });
    (items.collect(), is_cut)
}

fn shown<'t>(text: &'t str, block: &Block) -> &'t str {
    let source = text.get(block.range.start as usize..block.range.end as usize);
    let line = source.unwrap_or("").lines().next().unwrap_or("");
    cut(line.split(" ^").next().unwrap_or(line).trim())
}

fn cut(line: &str) -> &str {
    let end = line
        .char_indices()
        .nth(MAX_SHOWN)
        .map_or(line.len(), |at| at.0);
    &line[..end]
}

/// The last line of a paragraph or list item.
struct Line<'t> {
    /// Where it begins.
    start: u32,
    /// Where it ends, with its break.
    end: u32,
    /// Where its text ends.
    text_end: u32,
    /// The text, without the mark of a list item.
    text: &'t str,
}

/// The last lines of paragraphs and list items without an id. Tables, quotes
/// and code need their id on a line of its own, so they are left out.
fn paragraphs<'t>(note: &Note, text: &'t str) -> Vec<Line<'t>> {
    let mut regions: Vec<_> = note.regions.iter().map(|region| &region.range).collect();
    regions.sort_unstable_by_key(|range| range.start);
    let mut regions = regions.into_iter().peekable();
    let ids: FxHashSet<u32> = note.blocks.iter().map(|block| block.id_range.end).collect();
    let mut found = Vec::new();
    let mut at = note.frontmatter.end as usize;
    // Up to here the regions reach that were met.
    let mut covered = 0;
    let body = text.get(at..).unwrap_or("");
    let mut lines = body.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let start = at as u32;
        at += line.len();
        let content = line.trim();
        let text_end = start + line.trim_end().len() as u32;
        while let Some(range) = regions.next_if(|range| range.start < text_end) {
            covered = covered.max(range.end);
        }
        let next = lines.peek().map_or("", |next| next.trim());
        let ends = next.is_empty() || in_item(next).is_some() || next.starts_with('#');
        let is_text = !content.starts_with(['#', '>', '|', '^']) && !is_rule(content);
        if ends && is_text && covered < text_end && !ids.contains(&text_end) {
            found.push(Line {
                start,
                end: at as u32,
                text_end,
                text: in_item(content).unwrap_or(content),
            });
        }
    }
    found
}

/// What stands in a list item, behind its mark.
fn in_item(line: &str) -> Option<&str> {
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = if numbered.len() < line.len() {
        numbered.strip_prefix(['.', ')'])?
    } else {
        line.strip_prefix(['-', '*', '+'])?
    };
    rest.starts_with([' ', '\t']).then(|| rest.trim_start())
}

/// Whether a line is empty, parts what is above and below, or underlines a
/// heading.
fn is_rule(line: &str) -> bool {
    let mark = line.chars().next().unwrap_or('-');
    matches!(mark, '-' | '*' | '_' | '=' | '+')
        && line.chars().all(|c| c == mark || c.is_whitespace())
}

/// An id that the note does not have: six letters and digits made of the text,
/// so that the same block gets the same id when it is asked for again.
fn new_id(taken: &mut FxHashSet<u32>, line: &str) -> String {
    let mut hash = crate::path::fold_hash(line);
    loop {
        let id = format!("{:06x}", hash & 0x00ff_ffff);
        if taken.insert(crate::path::fold_hash(&id)) {
            return id;
        }
        hash = hash.wrapping_mul(0x9e37_79b1).wrapping_add(1);
    }
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
        let typed = format!("##{typed}");
        elsewhere(place, &mut secrecy, written, &named, &subpath, &typed)
    });
    let items = items.collect();
    everywhere(place, written, items)
}

/// `[[^^`: blocks with an id, of the notes that are near.
pub(super) fn every_block(place: &Place<'_>, note: &Note, written: &Link, typed: &str) -> List {
    let vault = place.vault;
    let mut words = Typed::new(typed);
    let mut files: Vec<FileId> = near(vault, place.file);
    files.extend(place.recent);
    files.sort_unstable();
    files.dedup();
    let mut found: Vec<(Way, Named)> = Vec::new();
    for file in files {
        if (place.stop)() {
            break;
        }
        let Some(note) = vault.note(file) else {
            continue;
        };
        for block in note.blocks.iter().filter(|block| !block.misplaced) {
            let name = vault.string(block.id);
            if let Some(way) = words.matches(&name) {
                let named = Named {
                    name,
                    kind: SymbolKind::Block,
                    file,
                    range: block.range.clone(),
                };
                found.push((way, named));
            }
        }
    }
    let mut secrecy = Secrecy::new(place, note);
    found.sort_by(|left, right| (left.0, &left.1.name).cmp(&(right.0, &right.1.name)));
    let items = found.iter().filter_map(|(_, named)| {
        let subpath = format!("^{}", named.name);
        let typed = format!("^^{typed}");
        elsewhere(place, &mut secrecy, written, named, &subpath, &typed)
    });
    let items = items.take(MAX_ITEMS).collect();
    everywhere(place, written, items)
}

/// A link to a place in some note, where only the place was typed.
fn elsewhere(
    place: &Place<'_>,
    secrecy: &mut Secrecy<'_>,
    written: &Link,
    named: &Named,
    subpath: &str,
    typed: &str,
) -> Option<Item> {
    let vault = place.vault;
    let mark = secrecy.mark(std::iter::once(named.file), |_| true)?;
    let path = if named.file == place.file {
        String::new()
    } else {
        let format = vault.settings().obsidian.new_link_format;
        vault.linkpath(place.file, named.file, format, Form::Wiki)?
    };
    let kind = match named.kind {
        SymbolKind::Block => ItemKind::Block,
        _ => ItemKind::Heading,
    };
    let mut item = close(written, kind, &named.name, format!("{path}#{subpath}"));
    let own = vault.path(named.file)?;
    let name = split(&own).1;
    item.detail = format!("{}{mark}", strip_md(name).unwrap_or(name));
    item.matched = format!("{typed}{}", named.name);
    item.target = Some((named.file, subpath.to_owned()));
    Some(item)
}

/// The link from its brackets on is replaced: `##` is no part of what is written.
fn everywhere(place: &Place<'_>, written: &Link, items: Vec<Item>) -> List {
    let link = &written.parts;
    let subpath = link.subpath.as_ref();
    let end = subpath.map_or(link.path.end, |subpath| subpath.end);
    let mut list = names::list(place, written, &(link.path.start..end), items);
    list.is_incomplete = true;
    list
}
