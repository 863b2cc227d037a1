//! Blocks, as the subpath of a link: those of a note, of which some get an id
//! when they are chosen, and those of the whole vault that have one.

use rustc_hash::FxHashSet;

use super::anchors::{elsewhere, everywhere};
use super::context::Link;
use super::fields::near;
use super::secrecy::Secrecy;
use super::unnamed::{Unnamed, unnamed};
use super::{Item, ItemKind, List, MAX_ITEMS, Place, best};
use crate::block;
use crate::digest::title_key;
use crate::edit::TextEdit;
use crate::fact::{Block, SymbolKind};
use crate::index::FileId;
use crate::note::Note;
use crate::query::rank::{Typed, Way};
use crate::symbol::{Symbol, kind_bit, needed};

/// Blocks show so many characters of their text.
const MAX_SHOWN: usize = 80;
/// After so many blocks is asked whether somebody still waits.
const ASK: usize = 1024;

/// The blocks of a note that have an id, and those that could get one.
pub(super) fn of_note(
    place: &Place<'_>,
    target: FileId,
    (note, text): (&Note, &str),
    typed: &str,
) -> (Vec<Item>, bool) {
    let vault = place.vault;
    let mut typed = Typed::new(typed);
    let mut found: Vec<(Way, u32, Result<&Block, Unnamed>)> = Vec::new();
    for block in note.blocks.iter().filter(|block| !block.misplaced) {
        let id = vault.string(block.id);
        let ways = [typed.matches(&id), typed.matches(shown(text, block))];
        if let Some(way) = ways.into_iter().flatten().min() {
            found.push((way, block.range.start, Ok(block)));
        }
    }
    let own = (target == place.file).then_some(place.offset);
    for (count, block) in unnamed(note, text).into_iter().enumerate() {
        if count % ASK == 0 && (place.stop)() {
            break;
        }
        // The edit must not meet the link that is written.
        let is_own = own.is_some_and(|own| block.lines.start <= own && own <= block.lines.end);
        if let Some(way) = typed.matches(&block.text).filter(|_| !is_own) {
            found.push((way, block.lines.start, Err(block)));
        }
    }
    let is_cut = best(&mut found, |found| (found.0, found.1));
    let mut taken: FxHashSet<u32> = note.blocks.iter().map(|block| block.key).collect();
    let items = found.into_iter().map(|(_, _, block)| match block {
        Ok(block) => {
            let (id, text) = (vault.string(block.id), shown(text, block));
            let mut item = Item::new(ItemKind::Block, text, format!("^{id}"));
            item.detail = format!("^{id}");
            item.matched = format!("^{id} {text}");
            item.target = Some((target, format!("^{id}")));
            item
        }
        Err(block) => {
            let id = new_id(&mut taken, &block.text);
            let mut item = Item::new(ItemKind::Block, cut(&block.text), format!("^{id}"));
            "gets an id".clone_into(&mut item.detail);
            item.matched = format!("^{}", block.text);
            let edit: TextEdit = (block.end..block.end, block.with_id(&id));
            if own.is_some() {
                item.additional.push(edit);
            } else {
                item.other = Some((target, edit));
            }
            item
        }
    });
    (items.collect(), is_cut)
}

fn shown<'t>(text: &'t str, block: &Block) -> &'t str {
    let source = text.get(block.range.start as usize..block.range.end as usize);
    block::shown(source.unwrap_or(""), MAX_SHOWN)
}

fn cut(text: &str) -> &str {
    let end = text.char_indices().nth(MAX_SHOWN);
    &text[..end.map_or(text.len(), |end| end.0)]
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

/// A block with an id: how it matches, whether it is far, its file, id and text.
type Found = (Way, bool, FileId, Symbol, Symbol);

/// `[[^^`: blocks with an id whose id or text matches. Where nothing was typed,
/// those of near notes.
pub(super) fn of_vault(place: &Place<'_>, note: &Note, written: &Link, typed: &str) -> List {
    let vault = place.vault;
    let mut secrecy = Secrecy::new(place, note);
    let mut close: Vec<FileId> = near(vault, place.file);
    close.extend(place.recent);
    let is_close: FxHashSet<FileId> = close.iter().copied().collect();
    let mut found: Vec<Found> = Vec::new();
    let mut seen: FxHashSet<(FileId, Symbol)> = FxHashSet::default();
    let mut add = |file: FileId, way: Way, is_it: &dyn Fn(&Block) -> bool| {
        let is_shown = secrecy.mark(std::iter::once(file), |_| true).is_some();
        let note = vault.note(file).filter(|_| is_shown);
        let blocks = note.iter().flat_map(|note| &note.blocks);
        let named = blocks.filter(|block| !block.misplaced && is_it(block));
        let mut count = 0;
        for block in named.filter(|block| seen.insert((file, block.id))) {
            let is_far = !is_close.contains(&file);
            found.push((way, is_far, file, block.id, block.text));
            count += 1;
        }
        count
    };
    if typed.trim().is_empty() {
        for file in close {
            if (place.stop)() {
                break;
            }
            add(file, Way::Prefix, &|_| true);
        }
    } else {
        let mut names = names(place, typed);
        let mut count = MAX_ITEMS;
        let mut wanted = MAX_ITEMS;
        // Some stand nowhere any more, so more of them are looked at each time.
        while wanted > 0 && !names.is_empty() && !(place.stop)() {
            if count < names.len() {
                names.select_nth_unstable(count);
            }
            for (way, _, _, name) in names.drain(..count.min(names.len())) {
                let hashes = vault.titles.files(title_key(SymbolKind::Block, name));
                for file in hashes
                    .flat_map(|hash| vault.paths.files(hash))
                    .take(MAX_ITEMS)
                {
                    let is_it = |block: &Block| block.id == name || block.text == name;
                    wanted = wanted.saturating_sub(add(file, way, &is_it));
                }
            }
            count *= 2;
        }
    }
    found.sort_by_cached_key(|&(way, is_far, file, id, text)| {
        (
            way,
            is_far,
            vault.string(text),
            vault.path(file),
            vault.string(id),
        )
    });
    let items = found.iter().filter_map(|&(_, _, file, id, text)| {
        let (id, text) = (vault.string(id), vault.string(text));
        let label = if text.is_empty() { &id } else { &text };
        let (subpath, matched) = (format!("^{id}"), format!("^^{typed} {id} {text}"));
        let words: [&str; 3] = [label, &subpath, &matched];
        let mut item = elsewhere(place, &mut secrecy, written, (ItemKind::Block, file), words)?;
        item.detail = format!("^{id} · {}", item.detail);
        Some(item)
    });
    let items = items.take(MAX_ITEMS).collect();
    everywhere(place, written, items)
}

/// The ids and texts of blocks that match, each with how, its length, and a
/// hash: the best is the least.
fn names(place: &Place<'_>, typed: &str) -> Vec<(Way, u32, u32, Symbol)> {
    let mut words = Typed::new(typed);
    let kind = kind_bit(SymbolKind::Block as u32);
    let mut found = Vec::new();
    let symbols = place.vault.symbols();
    symbols.names_of(needed(typed), kind, place.stop, |symbol, name, _| {
        if let Some(way) = words.matches(name) {
            let hash = crate::path::fold_hash(name);
            found.push((way, name.len() as u32, hash, symbol));
        }
    });
    found
}
