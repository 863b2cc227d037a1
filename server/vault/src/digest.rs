//! The digest of a note: the keys under which it stands in the indexes, and
//! what it adds to the counts. It is made where the note is parsed, beside
//! other notes, so that the one writer has little to do.

use crate::canvas;
use crate::fact::{Link, RegionKind, SymbolKind, ValueKind};
use crate::field::canonical_path;
use crate::files::Facts;
use crate::note::{Note, ParseOptions};
use crate::path::{fold_hash, fold_hash_of, is_canvas, split, strip_md};
use crate::symbol::{Symbol, Symbols};
use crate::tag::with_ancestors;
use crate::tally::Use;
use crate::uses::uses;

/// A note that was parsed, ready to be put into a vault.
#[derive(Clone, Debug)]
pub struct Parsed {
    pub(crate) facts: Facts,
    pub(crate) digest: Digest,
}

impl Parsed {
    /// Parses an open note with the table of strings of the vault that it is
    /// for. It is ready to be asked and to be changed again.
    pub fn open(text: &str, symbols: &Symbols, options: &ParseOptions) -> Self {
        let note = Note::parse(text, symbols, options);
        let digest = Digest::new(&note, symbols);
        let facts = Facts::open(note);
        Self { facts, digest }
    }

    /// Parses a closed note: the same, in less memory.
    pub fn closed(text: &str, symbols: &Symbols, options: &ParseOptions) -> Self {
        Self::packed(&Note::parse(text, symbols, options), symbols)
    }

    /// Parses a canvas, of which links are the only facts.
    pub fn canvas(text: &str, symbols: &Symbols, options: &ParseOptions) -> Self {
        Self::packed(&canvas::parse(text, symbols, options), symbols)
    }

    /// Parses a closed file by its path: a canvas or a note.
    pub fn of(path: &str, text: &str, symbols: &Symbols, options: &ParseOptions) -> Self {
        if is_canvas(path) {
            Self::canvas(text, symbols, options)
        } else {
            Self::closed(text, symbols, options)
        }
    }

    fn packed(note: &Note, symbols: &Symbols) -> Self {
        let digest = Digest::new(note, symbols);
        let facts = Facts::packed(note);
        Self { facts, digest }
    }

    /// The facts of the note.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }
}

/// See the module. All lists are sorted and without repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    /// Keys of the files that its links may mean.
    pub(crate) sites: Vec<u32>,
    /// Tags with those above them, and how often they stand in the note.
    pub(crate) tags: Vec<(u32, u32)>,
    /// Keys of properties and fields.
    pub(crate) keys: Vec<u32>,
    /// Aliases, headings, tags, and blocks by id and by text; see [`title_key`].
    pub(crate) titles: Vec<u32>,
    /// Keys of properties with the kind of the value, and how often.
    pub(crate) kinds: Vec<((u32, ValueKind), u32)>,
    /// Keys of the properties of the note itself as they are written, each once.
    pub(crate) spellings: Vec<(Symbol, u32)>,
    /// What other notes may want to use as well, and how often.
    pub(crate) uses: Vec<(Use, u32)>,
}

impl Digest {
    pub(crate) fn new(note: &Note, symbols: &Symbols) -> Self {
        let mut tags: Vec<u32> = Vec::with_capacity(note.tags.len() * 2);
        for tag in &note.tags {
            symbols.with(tag.name, |name| {
                tags.extend(with_ancestors(name).map(fold_hash));
            });
        }
        let kinds = note.properties.iter().map(|property| {
            let key = symbols.with(property.key, |key| fold_hash(&canonical_path(key)));
            (key, property.kind)
        });
        let kinds: Vec<(u32, ValueKind)> = kinds.collect();
        let own = note.properties.iter().filter(|own| own.depth == 0);
        let fields = note.fields.iter().map(|field| symbols.fold_hash(field.key));
        let queries = note.regions.iter().filter_map(|region| {
            let is_code = region.kind == RegionKind::Code;
            is_code.then(|| symbols.with(region.info, query_key))?
        });
        let mut keys: Vec<u32> = kinds.iter().map(|kind| kind.0).collect();
        keys.extend(fields.chain(queries));
        let mut sites: Vec<u32> = note
            .links
            .iter()
            .filter_map(|link| site_key(symbols, link))
            .collect();
        let mut titles = titles(note, symbols);
        for keys in [&mut keys, &mut sites, &mut titles] {
            keys.sort_unstable();
            keys.dedup();
        }
        Self {
            sites,
            tags: counted(tags),
            keys,
            titles,
            kinds: counted(kinds),
            spellings: counted(own.map(|property| property.key).collect()),
            uses: counted(uses(note, symbols)),
        }
    }
}

/// Languages of code fences that hold queries about notes.
pub(crate) const QUERIES: [&str; 3] = ["base", "dataview", "dataviewjs"];

/// The key of code fences of a language, if they hold queries, in the index of
/// properties: no property has such a name.
pub(crate) fn query_key(language: &str) -> Option<u32> {
    QUERIES
        .contains(&language)
        .then(|| fold_hash_of(&["```", language]))
}

/// The key of a name in the index of names. The kinds are those of
/// [`SymbolKind`] that stand inside of notes.
pub(crate) fn title_key(kind: SymbolKind, symbol: Symbol) -> u32 {
    // Blocks have the number of notes, which stand in an index of their own.
    let kind = match kind {
        SymbolKind::Block => SymbolKind::Note,
        kind => kind,
    };
    // An odd factor keeps the keys distinct, and spreads them over the shards.
    (symbol.number() << 2 | kind as u32 & 3).wrapping_mul(0x9e37_79b1)
}

/// The key under which the spellings of one property meet: case, blanks, `_`
/// and `-` make no difference.
pub(crate) fn spelling_key(name: &str) -> u32 {
    let words: Vec<&str> = words(name).collect();
    fold_hash_of(&words)
}

/// The words of the name of a property.
pub(crate) fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['_', '-', ' '])
}

/// The keys of the names in a note, which the table of strings learns to be names.
fn titles(note: &Note, symbols: &Symbols) -> Vec<u32> {
    let aliases = note.aliases.iter().map(|a| (SymbolKind::Alias, a.name));
    let headings = note.headings.iter().filter(|heading| !heading.is_hidden());
    let headings = headings.map(|heading| (SymbolKind::Heading, heading.title));
    let tags = note.tags.iter().map(|tag| (SymbolKind::Tag, tag.name));
    let blocks = note.blocks.iter().filter(|block| !block.misplaced);
    let blocks = blocks.flat_map(|block| [block.id, block.text]);
    let blocks = blocks.map(|name| (SymbolKind::Block, name));
    let titles = aliases.chain(headings).chain(tags).chain(blocks);
    let titles = titles.filter(|title| !title.1.is_empty());
    titles
        .map(|(kind, symbol)| {
            // Texts of blocks are no names among those of the vault.
            match kind {
                SymbolKind::Block => symbols.mark_kind(symbol, kind as u32),
                kind => symbols.mark_name(symbol, kind as u32),
            }
            title_key(kind, symbol)
        })
        .collect()
}

fn counted<T: Ord + Copy>(mut items: Vec<T>) -> Vec<(T, u32)> {
    items.sort_unstable();
    let groups = items.chunk_by(|left, right| left == right);
    groups.map(|group| (group[0], group.len() as u32)).collect()
}

/// The items whose counts differ, with the difference.
pub(crate) fn difference<T: Ord + Copy>(old: &[(T, u32)], new: &[(T, u32)]) -> Vec<(T, i32)> {
    let signed = |count: u32| count.min(i32::MAX as u32).cast_signed();
    let mut all: Vec<(T, i32)> = old
        .iter()
        .map(|&(item, count)| (item, -signed(count)))
        .collect();
    all.extend(new.iter().map(|&(item, count)| (item, signed(count))));
    all.sort_unstable_by_key(|item| item.0);
    let groups = all.chunk_by(|left, right| left.0 == right.0);
    let sums = groups.map(|group| (group[0].0, group.iter().map(|item| item.1).sum()));
    sums.filter(|sum| sum.1 != 0).collect()
}

/// The key of the file names that a link's path may end with; `None` for
/// links to the note itself and out of the vault.
pub(crate) fn site_key(symbols: &Symbols, link: &Link) -> Option<u32> {
    if link.is(Link::EXTERNAL) {
        return None;
    }
    if !link.name.is_empty() {
        return Some(symbols.name_key(link.name));
    }
    let last = |folder: &str| {
        let (_, name) = split(folder.trim_end_matches('/'));
        (!matches!(name, "" | "." | "..")).then(|| fold_hash(strip_md(name).unwrap_or(name)))
    };
    symbols.with(link.folder, last)
}
