//! Interned strings: every name, folder, tag and key of a vault is kept once.
//!
//! A vault of 100,000 notes has millions of link targets and few distinct
//! folders and names, so facts hold a [`Symbol`] of four bytes instead of a
//! string. The table only grows; snapshots of a vault share it, and a symbol
//! means the same string in all of them.

use std::hash::{Hash, Hasher};
use std::sync::{PoisonError, RwLock};

use hashbrown::HashTable;
use nucleo_matcher::chars::{normalize, to_lower_case};
use rustc_hash::FxHasher;

use crate::path::{fold_hash, is_inert, lower, parts_words, strip_md};

/// Shards are locked one by one, so that notes can be parsed in parallel.
const SHARDS: usize = 64;

/// The bit of a string's letters which says that it is a name.
const NAME: u64 = 1 << 63;
/// The letters of a string; the bits between them and [`NAME`] say what has it.
const LETTERS: u64 = (1 << 36) - 1;
/// The bits of [`initials`].
const INITIALS: u64 = ((1 << 20) - 1) << 43;
/// The bit which says that a file has the name: its kind is 0.
const FILE: u64 = 1 << 36;

/// The number of a string in [`Symbols`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

/// The table of interned strings.
#[derive(Debug)]
pub struct Symbols {
    shards: Vec<RwLock<Shard>>,
}

#[derive(Debug, Default)]
struct Shard {
    text: String,
    /// End of each string in `text`; it begins where the one before it ends.
    ends: Vec<u32>,
    /// Hash of the folded string (R2), and of the string without `.md`, so
    /// that names compare without folding.
    folded: Vec<[u32; 2]>,
    /// See [`letters`] and [`initials`]; with [`NAME`] for names.
    letters: Vec<u64>,
    table: HashTable<u32>,
}

impl Symbol {
    /// The symbol of the empty string; it stands for "none" in facts.
    pub const EMPTY: Self = Self(u32::MAX);

    /// The number; those of a table are dense.
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// The symbol of a number; the inverse of [`Symbol::number`].
    pub(crate) fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// Whether this is the empty string.
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }
}

impl Shard {
    fn get(&self, index: u32) -> &str {
        let index = index as usize;
        let start = match index.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(0),
            None => 0,
        };
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.text.get(start as usize..end as usize).unwrap_or("")
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The shard comes from the upper half of the hash, the bucket from all of it.
fn shard_of(hash: u64) -> usize {
    (hash >> 32) as usize % SHARDS
}

impl Default for Symbols {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| RwLock::default()).collect();
        Self { shards }
    }
}

impl Symbols {
    /// The symbol of `text`, which is added when it is new.
    pub fn intern(&self, text: &str) -> Symbol {
        if text.is_empty() {
            return Symbol::EMPTY;
        }
        if let Some(symbol) = self.lookup(text) {
            return symbol;
        }
        let hash_of_text = hash(text);
        let at = shard_of(hash_of_text);
        let mut shard = self.shards[at]
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // Another thread may have added it between the two locks.
        if let Some(&index) = shard
            .table
            .find(hash_of_text, |&index| shard.get(index) == text)
        {
            return symbol(at, index);
        }
        let index = shard.ends.len() as u32;
        shard.text.push_str(text);
        let end = shard.text.len() as u32;
        shard.ends.push(end);
        let whole = fold_hash(text);
        shard.letters.push(letters(text) | initials(text));
        shard
            .folded
            .push([whole, strip_md(text).map_or(whole, fold_hash)]);
        let Shard {
            table, text, ends, ..
        } = &mut *shard;
        table.insert_unique(hash_of_text, index, |&index| {
            let start = match (index as usize).checked_sub(1) {
                Some(before) => ends[before],
                None => 0,
            };
            hash(&text[start as usize..ends[index as usize] as usize])
        });
        symbol(at, index)
    }

    /// The symbol of `text` when it was interned before.
    pub fn lookup(&self, text: &str) -> Option<Symbol> {
        if text.is_empty() {
            return Some(Symbol::EMPTY);
        }
        let hash_of_text = hash(text);
        let at = shard_of(hash_of_text);
        let shard = self.shards[at]
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        shard
            .table
            .find(hash_of_text, |&index| shard.get(index) == text)
            .map(|&index| symbol(at, index))
    }

    /// Calls `read` with the string of `symbol`. `read` must not ask for other
    /// strings: the table is locked, and a writer may wait between the two.
    pub fn with<T>(&self, symbol: Symbol, read: impl FnOnce(&str) -> T) -> T {
        if symbol.is_empty() {
            return read("");
        }
        let shard = self.shards[symbol.0 as usize % SHARDS]
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        read(shard.get(symbol.0 / SHARDS as u32))
    }

    /// Gives back the room that was kept for more strings.
    pub(crate) fn shrink(&self) {
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            shard.text.shrink_to_fit();
            shard.ends.shrink_to_fit();
            shard.folded.shrink_to_fit();
            shard.letters.shrink_to_fit();
        }
    }

    /// The bytes that the table takes, for measuring memory.
    pub fn size(&self) -> usize {
        let shards = self.shards.iter();
        let size = shards.map(|shard| {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            shard.text.capacity()
                + 4 * shard.ends.capacity()
                + 8 * shard.folded.capacity()
                + 8 * shard.letters.capacity()
                + 5 * shard.table.capacity()
        });
        size.sum()
    }

    /// A copy of the string of `symbol`.
    pub fn string(&self, symbol: Symbol) -> String {
        self.with(symbol, str::to_owned)
    }

    /// The hash of the folded string of `symbol`; see [`fold_hash`].
    pub fn fold_hash(&self, symbol: Symbol) -> u32 {
        self.folded(symbol)[0]
    }

    /// The hash of the folded string of `symbol` without its `.md`: the key
    /// under which a file and the links to it meet.
    pub fn name_key(&self, symbol: Symbol) -> u32 {
        self.folded(symbol)[1]
    }

    /// Whether a string may hold these [`letters`].
    pub(crate) fn may_hold(&self, symbol: Symbol, letters: u64) -> bool {
        let shard = self.shards[symbol.0 as usize % SHARDS]
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let own = shard.letters.get(symbol.0 as usize / SHARDS);
        own.is_some_and(|own| own & letters == letters)
    }

    /// Remembers that something of this kind has this name; see [`kind_bit`].
    pub(crate) fn mark_name(&self, symbol: Symbol, kind: u32) {
        self.mark(symbol, NAME | kind_bit(kind));
    }

    /// Remembers that something of this kind is called so, which is no name: it
    /// is looked for by its kind alone.
    pub(crate) fn mark_kind(&self, symbol: Symbol, kind: u32) {
        self.mark(symbol, kind_bit(kind));
    }

    fn mark(&self, symbol: Symbol, mark: u64) {
        let (shard, index) = (symbol.0 as usize % SHARDS, symbol.0 as usize / SHARDS);
        let is_marked = |shard: &Shard| {
            let letters = shard.letters.get(index);
            letters.is_none_or(|letters| letters & mark == mark)
        };
        let shard = &self.shards[shard];
        if is_marked(&shard.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(letters) = shard.letters.get_mut(index) {
            *letters |= mark;
        }
    }

    /// Calls `see` with every string that was a name at some time and holds the
    /// letters `needed`, which may say of what kind it is, with its
    /// [`Symbols::name_key`], until `stop` says so.
    /// `see` must not ask for other strings, as in [`Symbols::with`].
    pub(crate) fn names(
        &self,
        needed: u64,
        stop: &dyn Fn() -> bool,
        mut see: impl FnMut(Symbol, &str, u32),
    ) {
        self.each(needed | NAME, NAME, stop, |symbol, shard, index| {
            see(symbol, shard.get(index), shard.folded[index as usize][1]);
        });
    }

    /// Like [`Symbols::names`], of things of some kinds, with the bits that say
    /// of which they are; see [`kind_bit`].
    pub(crate) fn names_of(
        &self,
        needed: u64,
        kinds: u64,
        stop: &dyn Fn() -> bool,
        mut see: impl FnMut(Symbol, &str, u64),
    ) {
        self.each(needed, kinds, stop, |symbol, shard, index| {
            let own = shard.letters[index as usize] & kinds;
            see(symbol, shard.get(index), own);
        });
    }

    /// Every string that has all bits `needed` and one of `some`.
    fn each(
        &self,
        needed: u64,
        some: u64,
        stop: &dyn Fn() -> bool,
        mut see: impl FnMut(Symbol, &Shard, u32),
    ) {
        for (number, shard) in self.shards.iter().enumerate() {
            if stop() {
                return;
            }
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            for (index, letters) in shard.letters.iter().enumerate() {
                if letters & needed == needed && letters & some != 0 {
                    let index = index as u32;
                    see(symbol(number, index), &shard, index);
                }
            }
        }
    }

    /// Calls `see` with every string that is the name of nothing and holds the
    /// letters `needed`, with its [`Symbols::name_key`]; links may name it.
    pub(crate) fn linked_names(
        &self,
        needed: u64,
        stop: &dyn Fn() -> bool,
        mut see: impl FnMut(&str, u32),
    ) {
        for shard in &self.shards {
            if stop() {
                return;
            }
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            for (index, letters) in shard.letters.iter().enumerate() {
                if letters & (needed | FILE) == needed {
                    see(shard.get(index as u32), shard.folded[index][1]);
                }
            }
        }
    }

    /// Calls `see` with every string that was the name of a file at some time
    /// and whose letters differ from `wanted` in at most so many. See
    /// [`Symbols::with`].
    pub(crate) fn files_like(&self, wanted: u64, most: u32, mut see: impl FnMut(&str)) {
        // Dearer to count, as not all processors can, than to take away.
        let few = |mut bits: u64| {
            for _ in 0..most {
                bits &= bits.wrapping_sub(1);
            }
            bits == 0
        };
        for shard in &self.shards {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            for (index, letters) in shard.letters.iter().enumerate() {
                let own = letters & LETTERS;
                if letters & FILE != 0 && few(own ^ wanted) {
                    see(shard.get(index as u32));
                }
            }
        }
    }

    fn folded(&self, symbol: Symbol) -> [u32; 2] {
        let shard = self.shards[symbol.0 as usize % SHARDS]
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let index = symbol.0 as usize / SHARDS;
        shard.folded.get(index).copied().unwrap_or_default()
    }
}

/// The [`letters`] that a name must hold to be found by `query`.
pub(crate) fn needed(query: &str) -> u64 {
    letters(query)
}

/// The bit that says of a string that something of this kind has the name.
/// Kinds are numbers below 27.
pub(crate) fn kind_bit(kind: u32) -> u64 {
    1 << (36 + kind)
}

/// A bit for each ASCII letter and digit that a text holds. A text that lacks
/// a letter of a query cannot match it. Accented letters count as their letters.
pub fn letters(text: &str) -> u64 {
    let bit = |byte: u8| match byte {
        letter @ b'a'..=b'z' => 1 << (letter - b'a'),
        digit @ b'0'..=b'9' => 1 << (26 + digit - b'0'),
        _ => 0,
    };
    if text.is_ascii() {
        let bytes = text.bytes().map(|byte| byte.to_ascii_lowercase());
        return bytes.fold(0, |bits, byte| bits | bit(byte));
    }
    text.chars().fold(0, |bits, c| {
        let plain = to_lower_case(normalize(c));
        bits | u8::try_from(plain).map_or(0, bit)
    })
}

/// The bits of the letters with which the words of a text begin, of which
/// several share one: a text without that of a query has no word that begins
/// with it.
pub(crate) fn initials(text: &str) -> u64 {
    if !text.chars().all(is_inert) {
        return INITIALS;
    }
    let mut is_start = true;
    text.chars().fold(0, |bits, c| {
        let own = if is_start { initial(lower(c)) } else { 0 };
        is_start = parts_words(c);
        bits | own
    })
}

fn initial(c: char) -> u64 {
    1 << (43 + u32::from(c) % 20)
}

fn symbol(shard: usize, index: u32) -> Symbol {
    Symbol(index * SHARDS as u32 + shard as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_keeps_its_symbol() {
        let symbols = Symbols::default();
        let names: Vec<String> = (0..5000).map(|n| format!("Näme {n}")).collect();
        let first: Vec<Symbol> = names.iter().map(|name| symbols.intern(name)).collect();
        for (name, &symbol) in names.iter().zip(&first) {
            assert_eq!(symbols.intern(name), symbol);
            assert_eq!(symbols.lookup(name), Some(symbol));
            assert_eq!(&symbols.string(symbol), name);
        }
        assert_eq!(symbols.lookup("never seen"), None);
    }

    #[test]
    fn equal_keys_have_equal_fold_hashes() {
        let symbols = Symbols::default();
        let hash = |text| symbols.fold_hash(symbols.intern(text));
        assert_eq!(hash("Füssen"), hash("fu\u{308}SSEN"));
        assert_ne!(hash("Füssen"), hash("Fussen"));
    }
}
