//! The outline of a note, and the names of the whole vault.

use std::cmp::Reverse;
use std::ops::Range;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::fact::ValueKind;
use crate::index::FileId;
use crate::note::Note;
use crate::path::strip_md;
use crate::query::subject::title;
use crate::symbol::{Symbol, letters};
use crate::vault::Vault;

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SymbolKind {
    Note,
    Alias,
    Heading,
    Tag,
    Property,
    Field,
    Block,
}

/// An entry of a note's outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Never empty.
    pub name: String,
    /// More about it, such as the value of a property.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it: a section to its end.
    pub range: Range<u32>,
    /// What names it, inside of `range`.
    pub selection: Range<u32>,
    /// What stands in it, in order.
    pub children: Vec<Outline>,
}

/// The outline of a note: its properties, its headings as a tree, and the
/// blocks and fields in their sections. `text` is the note's text.
pub fn outline(vault: &Vault, file: FileId, text: &str) -> Vec<Outline> {
    let Some(note) = vault.note(file) else {
        return Vec::new();
    };
    let slice = |range: &Range<u32>| {
        text.get(range.start as usize..range.end as usize)
            .unwrap_or("")
    };
    let mut entries: Vec<Outline> = Vec::new();
    for (index, property) in note.properties.iter().enumerate() {
        let range = note.property_extent(index, text);
        let value = slice(&(property.key_range().end..range.end.max(property.key_range().end)));
        let value = value.trim_start_matches(':').trim();
        let shown = !matches!(property.kind, ValueKind::List | ValueKind::Map);
        if property.depth == 0 {
            entries.push(Outline {
                name: vault.string(property.key),
                detail: if shown {
                    first_line(value)
                } else {
                    String::new()
                },
                kind: SymbolKind::Property,
                range,
                selection: property.key_range(),
                children: Vec::new(),
            });
        }
    }
    let hidden = |at: u32| {
        note.headings
            .iter()
            .any(|h| h.is_hidden() && h.range().contains(&at))
    };
    for (index, heading) in note
        .headings
        .iter()
        .enumerate()
        .filter(|h| !h.1.is_hidden())
    {
        let name = first_line(slice(&heading.range()));
        entries.push(Outline {
            name: if name.is_empty() {
                "#".to_owned()
            } else {
                name
            },
            detail: String::new(),
            kind: SymbolKind::Heading,
            range: note.section(index),
            selection: heading.range(),
            children: Vec::new(),
        });
    }
    let headings: FxHashSet<u32> = note
        .headings
        .iter()
        .map(|h| note.lines.line_of(h.start).start)
        .collect();
    for field in &note.fields {
        let line = note.lines.line_of(field.start).start;
        // A heading that is a field is in the outline already.
        if headings.contains(&line) || hidden(field.start) {
            continue;
        }
        let name = first_line(slice(&field.key_range()));
        if !name.is_empty() {
            let value = slice(&(field.key_range().end..field.range().end));
            entries.push(Outline {
                name,
                detail: first_line(value.trim_start_matches([':', ' '])),
                kind: SymbolKind::Field,
                range: field.range(),
                selection: field.key_range(),
                children: Vec::new(),
            });
        }
    }
    for block in note.blocks() {
        entries.push(Outline {
            name: slice(&block.id_range).to_owned(),
            detail: String::new(),
            kind: SymbolKind::Block,
            range: block.range.start..block.range.end.max(block.id_range.end),
            selection: block.id_range.clone(),
            children: Vec::new(),
        });
    }
    entries.retain(|entry| !entry.name.trim().is_empty());
    entries.sort_by_key(|entry| (entry.selection.start, Reverse(entry.range.end)));
    nest(entries)
}

/// Puts each entry below the section that holds it.
fn nest(entries: Vec<Outline>) -> Vec<Outline> {
    let mut top: Vec<Outline> = Vec::new();
    let mut open: Vec<Outline> = Vec::new();
    let close = |open: &mut Vec<Outline>, top: &mut Vec<Outline>| {
        if let Some(done) = open.pop() {
            match open.last_mut() {
                Some(parent) => parent.children.push(done),
                None => top.push(done),
            }
        }
    };
    for entry in entries {
        while open.last().is_some_and(|parent| {
            parent.kind != SymbolKind::Heading || entry.selection.start >= parent.range.end
        }) {
            close(&mut open, &mut top);
        }
        open.push(entry);
    }
    while !open.is_empty() {
        close(&mut open, &mut top);
    }
    top
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("").trim().to_owned()
}

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

/// The notes, aliases, headings and tags whose names match `query`, best
/// first, at most `limit`. An empty query gives notes by name.
pub fn workspace_symbols(
    vault: &Vault,
    query: &str,
    limit: usize,
    stop: &dyn Fn() -> bool,
) -> Vec<Named> {
    let query = query.trim().trim_start_matches('#');
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut search = Search {
        vault,
        pattern,
        matcher: Matcher::new(Config::DEFAULT),
        buffer: Vec::new(),
        needed: if query.is_ascii() { letters(query) } else { 0 },
        titles: FxHashMap::default(),
        tags: FxHashMap::default(),
        found: Vec::new(),
        limit,
    };
    for (count, (id, file)) in vault.files().iter().enumerate() {
        if count % 1024 == 0 && stop() {
            break;
        }
        if vault
            .symbols()
            .with(file.name, |name| strip_md(name).is_some())
            && let Some(score) = search.score_of(file.name)
        {
            search.keep(score, SymbolKind::Note, id, 0);
        }
        let Some(note) = file.note.as_ref().filter(|_| !query.is_empty()) else {
            continue;
        };
        // An alias or a heading that is the note's name would show it twice.
        let is_own = |other: Symbol| {
            let other = vault.string(other);
            let is = |name: &str| strip_md(name) == Some(other.as_str());
            vault.symbols().with(file.name, is)
        };
        for alias in &note.aliases {
            if let Some(score) = search.score_of(alias.name)
                && !is_own(alias.name)
            {
                search.keep(score, SymbolKind::Alias, id, alias.start);
            }
        }
        for heading in &note.headings {
            if !heading.title.is_empty()
                && !heading.is_hidden()
                && let Some(score) = search.score_of_title(heading.title)
                && !is_own(heading.title)
            {
                search.keep(score, SymbolKind::Heading, id, heading.start);
            }
        }
        search.tags_of(id, note);
    }
    search.finish()
}

/// Score, kind, rank of the file, offset, file: in the order of preference.
type Found = (Reverse<u32>, SymbolKind, u64, u32, FileId);

struct Search<'v> {
    vault: &'v Vault,
    pattern: Pattern,
    matcher: Matcher,
    buffer: Vec<char>,
    /// The letters of the query.
    needed: u64,
    titles: FxHashMap<Symbol, Option<u32>>,
    /// Where each tag is shown to stand: rank of the file, file, offset.
    tags: FxHashMap<Symbol, (u64, FileId, u32)>,
    found: Vec<Found>,
    limit: usize,
}

impl Search<'_> {
    /// How well a name matches.
    fn score_of(&mut self, name: Symbol) -> Option<u32> {
        let vault = self.vault;
        if vault.symbols().letters(name) & self.needed != self.needed {
            return None;
        }
        vault.symbols().with(name, |name| {
            let name = strip_md(name).unwrap_or(name);
            let name = Utf32Str::new(name, &mut self.buffer);
            self.pattern.score(name, &mut self.matcher)
        })
    }

    /// The same for headings: many notes have the usual ones, so each is
    /// matched once.
    fn score_of_title(&mut self, title: Symbol) -> Option<u32> {
        if let Some(&score) = self.titles.get(&title) {
            return score;
        }
        let score = self.score_of(title);
        self.titles.insert(title, score);
        score
    }

    /// A tag stands in many notes. The one that is shown does not depend on
    /// the order in which they were read.
    fn tags_of(&mut self, id: FileId, note: &Note) {
        let (rank, mut last) = (self.rank(id), None);
        for tag in note
            .tags
            .iter()
            .filter(|tag| last.replace(tag.name) != Some(tag.name))
        {
            let place = (rank, id, tag.start);
            let shown = self.tags.entry(tag.name).or_insert(place);
            if place.0 < shown.0 {
                *shown = place;
            }
        }
    }

    fn keep(&mut self, score: u32, kind: SymbolKind, file: FileId, at: u32) {
        let rank = self.rank(file);
        self.found.push((Reverse(score), kind, rank, at, file));
        if self.found.len() > self.limit * 64 {
            self.cut();
        }
    }

    /// A number for a file that depends on its path alone, and not on the
    /// order in which files were read.
    fn rank(&self, file: FileId) -> u64 {
        self.vault.files().get(file).map_or(0, |file| {
            let key = |symbol| u64::from(self.vault.symbols().fold_hash(symbol));
            key(file.folder) << 32 | key(file.name)
        })
    }

    /// Keeps the best by score, then by kind, then by rank.
    fn cut(&mut self) {
        if self.found.len() > self.limit {
            self.found.select_nth_unstable(self.limit - 1);
            self.found.truncate(self.limit);
        }
    }

    fn finish(mut self) -> Vec<Named> {
        for (tag, (_, file, at)) in std::mem::take(&mut self.tags) {
            if let Some(score) = self.score_of(tag) {
                self.keep(score, SymbolKind::Tag, file, at);
            }
        }
        self.cut();
        let vault = self.vault;
        self.found
            .sort_by_cached_key(|&(score, kind, _, at, file)| (score, kind, vault.path(file), at));
        let named = self.found.iter().filter_map(|&(_, kind, _, at, file)| {
            let own = vault.files().get(file)?;
            let note = own.note.as_ref();
            let (name, range) = match kind {
                SymbolKind::Alias => {
                    let alias = note?.aliases.iter().find(|alias| alias.start == at)?;
                    (vault.string(alias.name), at..at + u32::from(alias.len))
                }
                SymbolKind::Heading => {
                    let heading = note?.headings.iter().find(|heading| heading.start == at)?;
                    (vault.string(heading.title), heading.range())
                }
                SymbolKind::Tag => {
                    let tag = note?.tags.iter().find(|tag| tag.start == at)?;
                    (format!("#{}", vault.string(tag.name)), tag.range())
                }
                _ => {
                    let name = vault.string(own.name);
                    let range = note.map_or(0..0, |note| title(vault, file, note));
                    (strip_md(&name).unwrap_or(&name).to_owned(), range)
                }
            };
            Some(Named {
                name,
                kind,
                file,
                range,
            })
        });
        named.collect()
    }
}
