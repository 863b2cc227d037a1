//! The names of the whole vault: notes, aliases, headings and tags.
//!
//! Every name is matched once, however many notes have it: the table of
//! strings knows which strings are names and which letters they hold, and the
//! index of names says where the best ones stand.

use std::cmp::Reverse;
use std::ops::Range;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::digest::title_key;
use crate::fact::SymbolKind;
use crate::files::File;
use crate::index::FileId;
use crate::path::{fold, split, strip_md};
use crate::query::subject::title;
use crate::symbol::{Symbol, kind_bit, needed};
use crate::vault::Vault;

/// A name in the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name, as it is shown.
    pub name: String,
    /// What has it.
    pub kind: SymbolKind,
    /// The file that has it.
    pub file: FileId,
    /// Where in the file.
    pub range: Range<u32>,
}

/// A name that matches: score, length, folded hash. The best is the least. The
/// order depends on the names alone, not on the order in which they were read.
type Match = ((Reverse<u32>, u32, u32), Symbol);

/// Where a name stands: its match, then kind, hash of the path, file, offset.
type Place = ((Reverse<u32>, u32, u32), SymbolKind, u32, FileId, u32);

/// What is asked for: a name, and where it may stand.
struct Query<'q> {
    /// What names must match.
    name: &'q str,
    /// Only names of this kind are wanted: tags, where the query begins with `#`.
    only: Option<SymbolKind>,
    /// Only notes and files are wanted whose folder holds this, folded.
    folder: Option<String>,
}

impl<'q> Query<'q> {
    fn new(query: &'q str) -> Self {
        let query = query.trim();
        if let Some(tag) = query.strip_prefix('#') {
            return Self {
                name: tag,
                only: Some(SymbolKind::Tag),
                folder: None,
            };
        }
        let (folder, name) = split(query);
        Self {
            name,
            only: None,
            folder: (!folder.is_empty()).then(|| fold(folder)),
        }
    }

    /// Whether things of this kind are asked for.
    fn wants(&self, kind: SymbolKind) -> bool {
        match self.only {
            Some(only) => kind == only,
            None => kind == SymbolKind::Note || self.folder.is_none(),
        }
    }
}

/// The notes, aliases, headings and tags whose names match `query`, best
/// first and short ones before long ones, at most `limit`. An empty query
/// gives notes, one with `#` before it tags, and one with a `/` notes in
/// folders that are so called.
pub fn workspace_symbols(
    vault: &Vault,
    query: &str,
    limit: usize,
    stop: &dyn Fn() -> bool,
) -> Vec<Named> {
    named(vault, &Query::new(query), limit, stop, &mut |_| true)
}

/// The headings that match what was typed, best first, at most `limit`: those
/// of notes that `accept` takes.
pub(crate) fn headings_of(
    vault: &Vault,
    typed: &str,
    limit: usize,
    stop: &dyn Fn() -> bool,
    accept: &mut dyn FnMut(FileId) -> bool,
) -> Vec<Named> {
    let query = Query {
        name: typed,
        only: Some(SymbolKind::Heading),
        folder: None,
    };
    named(vault, &query, limit, stop, accept)
}

fn named(
    vault: &Vault,
    query: &Query<'_>,
    limit: usize,
    stop: &dyn Fn() -> bool,
    accept: &mut dyn FnMut(FileId) -> bool,
) -> Vec<Named> {
    let mut matches = matches(vault, query, stop);
    let mut found: Vec<Place> = Vec::new();
    // Some names stand nowhere any more, so more of them are looked at each time.
    let mut count = limit.max(1);
    while found.len() < limit && !matches.is_empty() && !stop() {
        for (rank, symbol) in best(&mut matches, count) {
            let mut places = places(vault, query, (rank, symbol), limit, accept);
            found.append(&mut places);
        }
        count *= 2;
    }
    found.sort_by_cached_key(|&(rank, kind, _, file, at)| (rank, kind, vault.path(file), at));
    found.truncate(limit);
    let named = found.iter();
    named.filter_map(|place| show(vault, place)).collect()
}

/// The names that match a query.
fn matches(vault: &Vault, query: &Query<'_>, stop: &dyn Fn() -> bool) -> Vec<Match> {
    let only_notes = query.name.is_empty() && query.only.is_none();
    let bits = needed(query.name) | query.only.map_or(0, |only| kind_bit(only as u32));
    let query = query.name;
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut found = Vec::new();
    vault.symbols().names(bits, stop, |symbol, name, key| {
        let stem = strip_md(name);
        if only_notes && stem.is_none() {
            return;
        }
        let stem = stem.unwrap_or(name);
        if let Some(score) = pattern.score(Utf32Str::new(stem, &mut buffer), &mut matcher) {
            found.push(((Reverse(score), stem.len() as u32, key), symbol));
        }
    });
    found
}

/// Takes the best `count` out of `matches`, and those that are equal to the last.
fn best(matches: &mut Vec<Match>, count: usize) -> Vec<Match> {
    if matches.len() <= count {
        return std::mem::take(matches);
    }
    let (_, last, _) = matches.select_nth_unstable(count - 1);
    let last = last.0;
    let mut best: Vec<Match> = matches.drain(..count).collect();
    best.extend(matches.extract_if(.., |other| other.0 == last));
    best
}

/// The places where a name stands, at most `limit` of each kind.
fn places(
    vault: &Vault,
    query: &Query<'_>,
    (rank, symbol): Match,
    limit: usize,
    accept: &mut dyn FnMut(FileId) -> bool,
) -> Vec<Place> {
    let mut found = Vec::new();
    let symbols = vault.symbols();
    let is_note = || symbols.with(symbol, |name| strip_md(name).is_some());
    if query.wants(SymbolKind::Note) && is_note() {
        let files = vault.names.files(symbols.fold_hash(symbol));
        let in_folder = |file: &File| {
            let holds =
                |wanted: &String| symbols.with(file.folder, |own| fold(own).contains(wanted));
            query.folder.as_ref().is_none_or(holds)
        };
        let own = |&id: &FileId| {
            let file = vault.files().get(id);
            file.is_some_and(|file| file.name == symbol && !file.excluded && in_folder(file))
        };
        found.extend(files.filter(own).take(limit).map(|id| {
            let path = vault.path(id).unwrap_or_default();
            let hash = crate::path::fold_hash(&path);
            (rank, SymbolKind::Note, hash, id, 0)
        }));
    }
    let kinds = [SymbolKind::Alias, SymbolKind::Heading, SymbolKind::Tag];
    for kind in kinds.into_iter().filter(|&kind| query.wants(kind)) {
        let key = title_key(kind, symbol);
        let limit = if kind == SymbolKind::Tag { 1 } else { limit };
        let start = found.len();
        for hash in vault.titles.files(key) {
            if found.len() - start >= limit {
                break;
            }
            for file in vault.paths.files(hash).filter(|&file| accept(file)) {
                if let Some(at) = place(vault, file, kind, symbol) {
                    found.push((rank, kind, hash, file, at));
                }
            }
        }
    }
    found
}

/// Where a note has an alias, heading or tag first. An alias or a heading that
/// is the note's own name would show it twice.
fn place(vault: &Vault, file: FileId, kind: SymbolKind, symbol: Symbol) -> Option<u32> {
    let own = vault.files().get(file).filter(|own| !own.excluded)?;
    let note = own.facts.as_ref()?.note();
    if kind == SymbolKind::Tag {
        let tag = note.tags.iter().find(|tag| tag.name == symbol)?;
        return Some(tag.start);
    }
    let symbols = vault.symbols();
    if symbols.name_key(own.name) == symbols.fold_hash(symbol) {
        return None;
    }
    if kind == SymbolKind::Alias {
        let alias = note.aliases.iter().find(|alias| alias.name == symbol)?;
        return Some(alias.start);
    }
    let mut headings = note.headings.iter();
    let heading = headings.find(|h| h.title == symbol && !h.is_hidden())?;
    Some(heading.start)
}

fn show(vault: &Vault, &(_, kind, _, file, at): &Place) -> Option<Named> {
    let own = vault.files().get(file)?;
    let note = vault.note(file);
    let facts = note.as_deref();
    let (name, range) = match kind {
        SymbolKind::Alias => {
            let mut aliases = facts?.aliases.iter();
            let alias = aliases.find(|alias| alias.start == at)?;
            (vault.string(alias.name), alias.range())
        }
        SymbolKind::Heading => {
            let mut headings = facts?.headings.iter();
            let heading = headings.find(|heading| heading.start == at)?;
            (vault.string(heading.title), heading.range())
        }
        SymbolKind::Tag => {
            let tag = facts?.tags.iter().find(|tag| tag.start == at)?;
            (format!("#{}", vault.string(tag.name)), tag.range())
        }
        _ => {
            let name = vault.string(own.name);
            let range = facts.map_or(0..0, |note| title(vault, file, note));
            (strip_md(&name).unwrap_or(&name).to_owned(), range)
        }
    };
    Some(Named {
        name,
        kind,
        file,
        range,
    })
}
