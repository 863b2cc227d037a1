//! What notes of the vault use, the commonest first: links and texts that are
//! values of a key, keys of fields, words.

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};

use super::secrecy::{MARK, Secrecy};
use super::{Item, ItemKind, MAX_ITEMS, Place};
use crate::fact::Form;
use crate::field::{canonical, canonical_path};
use crate::index::FileId;
use crate::note::Note;
use crate::path::{stem, strip_md};
use crate::query::rank::{Typed, Way};
use crate::said::unquoted;
use crate::symbol::{Symbol, needed};
use crate::tally::{self, Use, links_of, texts_of};

/// So many things are looked at closely, the commonest. Of those that are as
/// common as one that is left out none is, so that their order does not matter.
const MAX_CLOSE: usize = 2_000;
/// Of so many the letters are looked at, to leave out those that cannot match.
const MAX_LETTERS: usize = 20_000;

/// Something that is used.
struct Used {
    what: Use,
    count: u32,
    /// What is said of its secrecy.
    mark: &'static str,
}

/// What is used under a key of the tally and may be shown, and whether there is
/// more that may match what was typed.
fn used(place: &Place<'_>, secrecy: &mut Secrecy<'_>, key: u32, typed: &str) -> (Vec<Used>, bool) {
    let tally = &place.vault.tally;
    let shown = tally.of(key, |zone| secrecy.is_zone_shown(zone));
    let marked = if secrecy.marks() {
        let open: FxHashSet<Use> = shown.iter().map(|own| own.0).collect();
        let mut secret = tally.of(key, |zone| !secrecy.is_zone_shown(zone));
        secret.retain(|own| !open.contains(&own.0));
        secret
    } else {
        Vec::new()
    };
    let with = |mark| move |(what, count)| Used { what, count, mark };
    let shown = shown.into_iter().map(with(""));
    let mut found: Vec<Used> = shown.chain(marked.into_iter().map(with(MARK))).collect();
    let letters = needed(typed);
    if found.len() > MAX_CLOSE && found.len() <= MAX_LETTERS {
        found.retain(|own| place.vault.symbols().may_hold(own.what.name, letters));
    }
    let is_cut = found.len() > MAX_CLOSE;
    if is_cut {
        let by_count = |own: &Used| Reverse(own.count);
        let (_, first, _) = found.select_nth_unstable_by_key(MAX_CLOSE, by_count);
        let least = first.count;
        found.retain(|own| own.count > least);
    }
    (found, is_cut)
}

/// Those whose names match, each with how.
fn matching(place: &Place<'_>, found: Vec<Used>, typed: &str) -> Vec<(Way, Used)> {
    let mut typed = Typed::new(typed);
    let symbols = place.vault.symbols();
    let found = found.into_iter().filter_map(|own| {
        let way = symbols.with(own.what.name, |name| {
            typed.matches(strip_md(name).unwrap_or(name))
        });
        Some((way?, own))
    });
    found.collect()
}

/// A file that links in values of a key lead to.
struct Linked {
    file: FileId,
    /// How many of them do.
    count: u32,
    /// What is said of its secrecy.
    mark: &'static str,
}

/// The files that links in values of a key lead to and whose names match what
/// was typed, the commonest first among equals; and whether there are more. A
/// more secret file is named only where the settings say so.
fn links(place: &Place<'_>, note: &Note, key: &str, typed: &str) -> (Vec<Linked>, bool) {
    let vault = place.vault;
    let mut secrecy = Secrecy::new(place, note);
    let (found, mut is_cut) = used(place, &mut secrecy, links_of(&canonical_path(key)), typed);
    let mut found = matching(place, found, typed);
    let path = |own: &Used| {
        let mut path = vault.string(own.what.folder);
        path.push_str(&vault.string(own.what.name));
        path
    };
    found.sort_by_cached_key(|(way, own)| (*way, Reverse(own.count), path(own)));
    // Not all lead somewhere, and some lead to the same file.
    is_cut |= found.len() > 2 * MAX_ITEMS;
    found.truncate(2 * MAX_ITEMS);
    let mut at: FxHashMap<FileId, usize> = FxHashMap::default();
    let mut files: Vec<(Way, Linked)> = Vec::new();
    for (way, own) in found {
        let Some((file, _)) = vault.lookup_path(&path(&own), place.file, Form::Wiki) else {
            continue;
        };
        if let Some(&at) = at.get(&file) {
            files[at].1.count += own.count;
            continue;
        }
        if let Some(mark) = secrecy.mark(std::iter::once(file), |_| true) {
            at.insert(file, files.len());
            let mark = if own.mark.is_empty() { mark } else { own.mark };
            let count = own.count;
            files.push((way, Linked { file, count, mark }));
        }
    }
    files.sort_by_cached_key(|(way, own)| (*way, Reverse(own.count), vault.path(own.file)));
    is_cut |= files.len() > MAX_ITEMS;
    files.truncate(MAX_ITEMS);
    (files.into_iter().map(|found| found.1).collect(), is_cut)
}

/// A text, and how often it is used.
pub(super) struct Counted {
    pub(super) text: String,
    pub(super) count: u32,
    /// What is said of its secrecy.
    pub(super) mark: &'static str,
}

/// The texts and numbers that are values of a key and match what was typed, as
/// they are kept, but for those that this note alone says.
fn texts(place: &Place<'_>, note: &Note, key: &str, typed: &str) -> (Vec<Counted>, bool) {
    let symbols = place.vault.symbols();
    let key = canonical_path(key);
    let is_key = |said: Symbol| symbols.with(said, |said| canonical_path(said) == key);
    let said = note.said.iter().filter(|said| is_key(said.key));
    let own: Vec<Symbol> = said.map(|said| said.text).collect();
    listed(place, note, texts_of(&key), typed, &own)
}

/// The values that a key has elsewhere and that match what was typed, the
/// commonest first: links in a form, as `write` writes them from path and name,
/// and texts as `text` does. Whether there are more.
pub(super) fn values(
    place: &Place<'_>,
    note: &Note,
    (key, typed): (&str, &str),
    form: Form,
    write: &dyn Fn(&str, &str) -> String,
    text: &dyn Fn(&str) -> String,
) -> (Vec<Item>, bool) {
    let vault = place.vault;
    let format = vault.settings().obsidian.new_link_format;
    let (links, is_cut) = links(place, note, key, typed);
    let links = links.into_iter().filter_map(|own| {
        let path = vault.linkpath(place.file, own.file, format, form)?;
        let name = stem(&path);
        let mut item = Item::new(ItemKind::Value, name, write(&path, name));
        item.detail = format!("{}{}", own.count, own.mark);
        item.target = Some((own.file, String::new()));
        Some((own.count, item))
    });
    let (texts, is_more) = texts(place, note, key, typed);
    let texts = texts.into_iter().map(|own| {
        let mut item = Item::new(ItemKind::Value, unquoted(&own.text).0, text(&own.text));
        item.detail = format!("{}{}", own.count, own.mark);
        (own.count, item)
    });
    let mut items: Vec<(u32, Item)> = links.chain(texts).collect();
    items.sort_by_key(|item| Reverse(item.0));
    (
        items.into_iter().map(|item| item.1).collect(),
        is_cut || is_more,
    )
}

/// Words of the format that the vault uses and that match what was typed. `own`
/// is one that is being written.
pub(super) fn words(
    place: &Place<'_>,
    note: &Note,
    key: u32,
    typed: &str,
    own: Option<Symbol>,
) -> (Vec<Counted>, bool) {
    listed(place, note, key, typed, own.as_slice())
}

/// The keys of inline fields that match what was typed, each as it is written
/// most often.
pub(super) fn fields(place: &Place<'_>, note: &Note, typed: &str) -> (Vec<Counted>, bool) {
    let (mut found, is_cut) = listed(place, note, tally::fields(), typed, &[]);
    found.sort_by(|left, right| {
        let by = |own: &Counted| (canonical(&own.text).into_owned(), Reverse(own.count));
        by(left)
            .cmp(&by(right))
            .then_with(|| left.text.cmp(&right.text))
    });
    found.dedup_by(|next, last| {
        let is_same = canonical(&next.text) == canonical(&last.text);
        last.count += if is_same { next.count } else { 0 };
        is_same
    });
    found.sort_by(|left, right| {
        right
            .count
            .cmp(&left.count)
            .then_with(|| left.text.cmp(&right.text))
    });
    (found, is_cut)
}

/// Texts under a key of the tally that match, best first. Each of `own` is taken
/// off their counts.
fn listed(
    place: &Place<'_>,
    note: &Note,
    key: u32,
    typed: &str,
    own: &[Symbol],
) -> (Vec<Counted>, bool) {
    let vault = place.vault;
    let mut secrecy = Secrecy::new(place, note);
    let (mut found, is_cut) = used(place, &mut secrecy, key, typed);
    // What was not counted is not taken off.
    let file = vault.files().get(place.file);
    let is_excluded = file.is_some_and(|file| file.excluded);
    let name = vault.own_name(place.file);
    for used in &mut found {
        if !is_excluded && vault.is_counted(&name, &used.what) {
            let mine = own.iter().filter(|own| **own == used.what.name).count();
            used.count = used.count.saturating_sub(mine as u32);
        }
    }
    found.retain(|used| used.count > 0);
    let texts = matching(place, found, typed).into_iter().map(|(way, own)| {
        let text = vault.string(own.what.name);
        let Used { count, mark, .. } = own;
        (way, Counted { text, count, mark })
    });
    let mut texts: Vec<(Way, Counted)> = texts.collect();
    let is_more = texts.len() > MAX_ITEMS;
    texts.sort_by_cached_key(|(way, own)| (*way, Reverse(own.count), own.text.clone()));
    texts.truncate(MAX_ITEMS);
    let texts = texts.into_iter().map(|own| own.1);
    (texts.collect(), is_cut || is_more)
}
