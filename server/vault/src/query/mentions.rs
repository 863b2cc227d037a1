//! Names of notes, and aliases, that stand in a text without being links. They
//! are found word by word in the index of names: no other note is read.

use std::ops::Range;

use crate::edit::TextEdit;
use crate::fact::{Field, Form, Link, RegionKind, SymbolKind, Tag};
use crate::index::FileId;
use crate::link::{self, Draft};
use crate::markdown;
use crate::note::Note;
use crate::path::{fold_hash, fold_hash_of, strip_md};
use crate::vault::Vault;

/// Names of more words are not looked for.
pub(crate) const MAX_WORDS: usize = 6;
/// Shorter words are too often no names.
const MIN_LENGTH: usize = 2;

/// A name that stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Its bytes.
    pub range: Range<u32>,
    /// The note that it names.
    pub file: FileId,
}

/// The mentions that begin within a range of bytes, in order and disjoint, the
/// longest ones. Code, links, tags, keys of fields and the frontmatter hold
/// none. The time is that of the lines of the range, and of what the note holds
/// that is more than text.
pub fn mentions(
    vault: &Vault,
    file: FileId,
    note: &Note,
    text: &str,
    within: &Range<u32>,
) -> Vec<Mention> {
    let start = (within.start.max(note.frontmatter.end) as usize).min(text.len());
    let end = (within.end as usize).min(text.len());
    let start = memchr::memrchr(b'\n', &text.as_bytes()[..start]).map_or(0, |at| at + 1);
    let closed = closed(note, start..end);
    let mut closed = &closed[..];
    let mut found = Vec::new();
    let mut at = start;
    while at < end {
        let stop = memchr::memchr(b'\n', &text.as_bytes()[at..]);
        let line = at..stop.map_or(text.len(), |stop| at + stop + 1);
        at = line.end;
        let source = text.get(line.clone()).unwrap_or("");
        closed = behind(closed, line.start);
        let here = closed.iter().take_while(|own| own.start < line.end);
        let mut here: Vec<Range<usize>> = here.cloned().collect();
        if source.contains(['`', '<', '$']) {
            let structure = markdown::structure(source, 0, &[]);
            let spans = structure.solid.into_iter().chain(structure.math);
            here.extend(spans.map(|span| line.start + span.start..line.start + span.end));
        }
        here.sort_unstable_by_key(|own| own.start);
        let mut here = &here[..];
        let words = words(text, line);
        let mut first = 0;
        while first < words.len() {
            let mention = longest(vault, file, text, &words[first..]);
            here = behind(here, words[first].start);
            let is_open = |range: &Range<usize>| {
                let mut near = here.iter().take_while(|own| own.start < range.end);
                !near.any(|own| range.start < own.end)
            };
            match mention.filter(|mention| is_open(&mention.1)) {
                Some((count, range, file)) => {
                    first += count;
                    let range = range.start as u32..range.end as u32;
                    found.push(Mention { range, file });
                }
                None => first += 1,
            }
        }
    }
    found.retain(|mention| within.contains(&mention.range.start));
    found
}

/// A name in the text as a link to its note: `path` leads there in the form of
/// new links.
pub(crate) fn linked(
    vault: &Vault,
    note: &Note,
    text: &str,
    path: &str,
    range: &Range<u32>,
) -> TextEdit {
    let name = text.get(range.start as usize..range.end as usize);
    let draft = Draft {
        path,
        alias: name.unwrap_or(""),
        table: note.is_in(RegionKind::Table, range.start),
        ..Draft::default()
    };
    (range.clone(), link::new(vault.new_form(), &draft))
}

/// The path by which a note is linked where its name stands.
pub(crate) fn path_to(vault: &Vault, source: FileId, target: FileId) -> Option<String> {
    let format = vault.settings().obsidian.new_link_format;
    vault.linkpath(source, target, format, vault.new_form())
}

/// The sorted ranges without those in front that end before `at`.
fn behind(mut ranges: &[Range<usize>], at: usize) -> &[Range<usize>] {
    while let [first, rest @ ..] = ranges
        && first.end <= at
    {
        ranges = rest;
    }
    ranges
}

/// The longest name that begins with the first of some words: how many of them,
/// its bytes, and the note.
fn longest(
    vault: &Vault,
    file: FileId,
    text: &str,
    words: &[Range<usize>],
) -> Option<(usize, Range<usize>, FileId)> {
    let most = MAX_WORDS.min(words.len());
    (1..=most).rev().find_map(|count| {
        let range = words.first()?.start..words.get(count - 1)?.end;
        let file = named(vault, file, text.get(range.clone())?)?;
        Some((count, range, file))
    })
}

/// The parts of a note, among these bytes, that are something else than text,
/// in order.
pub(crate) fn closed(note: &Note, within: Range<usize>) -> Vec<Range<usize>> {
    let (start, end) = (within.start as u32, within.end as u32);
    let meets = |range: &Range<u32>| range.start < end && start < range.end;
    let links = note.links.iter().map(Link::range);
    let tags = note.tags.iter().map(Tag::range);
    let fields = note.fields.iter().map(Field::key_range);
    let regions = note.regions.iter();
    let code = regions.filter(|region| region.kind == RegionKind::Code);
    let code = code.map(|region| region.range.clone());
    let all = links.chain(tags).chain(fields).chain(code).filter(meets);
    let mut all: Vec<Range<usize>> = all
        .map(|range| range.start as usize..range.end as usize)
        .collect();
    all.sort_unstable_by_key(|range| range.start);
    all
}

/// The words of a line, without punctuation around them.
pub(crate) fn words(text: &str, line: Range<usize>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut at = line.start;
    for part in text[line].split_inclusive(char::is_whitespace) {
        let is_edge = |c: char| !c.is_alphanumeric();
        let lead = part.len() - part.trim_start_matches(is_edge).len();
        let word = part.trim_matches(is_edge);
        if !word.is_empty() {
            words.push(at + lead..at + lead + word.len());
        }
        at += part.len();
    }
    words
}

/// The note that a name means, if it may be named in the note `source`.
pub(crate) fn named(vault: &Vault, source: FileId, name: &str) -> Option<FileId> {
    if name.len() < MIN_LENGTH || name.contains(['/', '#', '|', '[', ']']) {
        return None;
    }
    let may_be = |file: FileId| {
        let own = vault.files().get(file).filter(|own| !own.excluded);
        let is_note = |name: &str| strip_md(name).is_some();
        let is_note = own.is_some_and(|own| vault.symbols().with(own.name, is_note));
        is_note && file != source && vault.may_name(source, file)
    };
    let is_there = |hash: u32| vault.names.count(hash) > 0;
    let direct = || {
        let found = vault.lookup_path(name, source, Form::Wiki)?;
        Some(found.0)
    };
    // Nearly all words are no names, which is quickly seen.
    let may_be_name =
        is_there(fold_hash_of(&[name, ".md"])) || name.contains('.') && is_there(fold_hash(name));
    let direct = may_be_name.then(direct).flatten();
    let alias = || {
        let symbol = vault.symbols().lookup(name)?;
        let mut titled = vault.titled(SymbolKind::Alias, symbol);
        titled.find(|&file| may_be(file) && vault.has_alias(file, symbol))
    };
    direct.filter(|&file| may_be(file)).or_else(alias)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::change::Change;
    use crate::digest::Parsed;
    use crate::settings::{Filter, Settings};

    #[test]
    fn the_longest_names_in_plain_text_are_found() {
        let text = "---\nx: Rome\n---\n# On Rome\n\nnew rome, Rome's; Romes `Rome` [[Rome]] #Rome\n\
                    Rome:: AI\n\n```\nRome\n```\n\n😀 (Rome) Old\nNew Rome";
        let mut vault = Vault::new(Arc::default());
        let alias = "---\naliases: [AI]\n---\n";
        for (path, text) in [("a.md", text), ("Rome.md", ""), ("x/New Rome.md", alias)] {
            let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
            vault.apply([Change::Note(path.to_owned(), Some(parsed))]);
        }
        let file = vault.find("a.md").unwrap();
        let note = vault.note(file).unwrap();
        let found = |within: Range<u32>| {
            let found = mentions(&vault, file, &note, text, &within).into_iter();
            let said = found.map(|mention| {
                let range = mention.range.start as usize..mention.range.end as usize;
                (text[range].to_owned(), vault.path(mention.file).unwrap())
            });
            said.collect::<Vec<_>>()
        };
        let rome = ("Rome".to_owned(), "Rome.md".to_owned());
        let new = |name: &str| (name.to_owned(), "x/New Rome.md".to_owned());
        let all = [
            rome.clone(),
            new("new rome"),
            new("AI"),
            rome.clone(),
            new("New Rome"),
        ];
        assert_eq!(found(0..u32::MAX), all);
        let second = text.find("😀").unwrap() as u32;
        assert_eq!(found(second + 6..second + 7), [rome]);
        assert_eq!(found(text.len() as u32..u32::MAX), []);
    }

    #[test]
    fn an_alias_means_the_first_note_that_may_be_named() {
        let mut settings = Settings::default();
        settings.obsidian.excluded = vec![Filter::new("old/").unwrap()];
        let mut vault = Vault::new(Arc::new(settings));
        let alias = "---\naliases: [AI]\n---\n";
        for (path, text) in [("a.md", ""), ("old/Rome.md", alias), ("x/b.md", alias)] {
            let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
            vault.apply([Change::Note(path.to_owned(), Some(parsed))]);
        }
        let [a, b] = ["a.md", "x/b.md"].map(|path| vault.find(path).unwrap());
        assert_eq!(named(&vault, a, "AI"), Some(b));
        assert_eq!(named(&vault, a, "Rome"), None, "lists leave it out");
        assert_eq!(named(&vault, b, "AI"), None);
    }
}
