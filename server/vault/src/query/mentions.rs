//! Names of notes, and aliases, that stand in a text without being links. They
//! are found word by word in the index of names: no other note is read.

use std::ops::Range;

use crate::edit::TextEdit;
use crate::fact::{Field, Form, LabelKind, Link, RegionKind, SymbolKind, Tag};
use crate::index::FileId;
use crate::link::{self, Draft};
use crate::markdown;
use crate::note::Note;
use crate::path::{fold_hash, fold_hash_of, strip_md};
use crate::vault::Vault;

/// Names of more words are not looked for.
const MAX_WORDS: usize = 6;
/// Of the punctuation around a word so much may belong to a name.
const MAX_EDGE: usize = 3;
/// Texts up to so many bytes are read whole; of longer ones, where a part is asked
/// for, only its lines.
const MAX_READ: usize = 1 << 18;
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
/// longest ones. Code, HTML, math, links, labels, addresses, tags, ids of blocks,
/// keys of fields and the frontmatter hold none. The time is that of a text which
/// is not very long; else of the lines of the range, and of what the note holds
/// that is more than text.
pub fn mentions(
    vault: &Vault,
    file: FileId,
    note: &Note,
    text: &str,
    within: &Range<u32>,
) -> Vec<Mention> {
    let body = (note.frontmatter.end as usize).min(text.len());
    let start = (within.start as usize).clamp(body, text.len());
    let end = (within.end as usize).min(text.len());
    let start = memchr::memrchr(b'\n', &text.as_bytes()[..start]).map_or(0, |at| at + 1);
    let mut closed = closed(vault, note, start..end);
    let is_read = text.len() <= MAX_READ || end.saturating_sub(start) > text.len() / 2;
    if is_read {
        closed.extend(spans(text, body..text.len()));
    }
    let closed = merged(closed);
    let mut closed = &closed[..];
    let mut found = Vec::new();
    let mut at = start;
    while at < end {
        let stop = memchr::memchr(b'\n', &text.as_bytes()[at..]);
        let line = at..stop.map_or(text.len(), |stop| at + stop + 1);
        at = line.end;
        closed = behind(closed, line.start);
        let here = closed.iter().take_while(|own| own.start < line.end);
        let mut here: Vec<Range<usize>> = here.cloned().collect();
        if !is_read {
            here.extend(spans(text, line.clone()));
            here = merged(here);
        }
        let mut here = &here[..];
        let words = words(text, line);
        let mut first = 0;
        while first < words.len() {
            let mention = longest(vault, file, text, &words[first..]);
            here = behind(here, words[first].whole.start);
            let is_open = |range: &Range<usize>| {
                let mut near = here.iter().take_while(|own| own.start < range.end);
                let is_text = !near.any(|own| range.start < own.end);
                is_text && is_free(vault, text, range)
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
    words: &[Word],
) -> Option<(usize, Range<usize>, FileId)> {
    let most = MAX_WORDS.min(words.len());
    let first = words.first()?;
    (1..=most).rev().find_map(|count| {
        let mut ends = words.get(count - 1)?.ends(text);
        ends.find_map(|end| {
            let mut starts = first.starts(text);
            starts.find_map(|start| {
                let file = named(vault, file, text.get(start..end)?)?;
                Some((count, start..end, file))
            })
        })
    })
}

/// Whether a link may stand here: marks before it would make something else of it,
/// and a `#` behind it would begin a tag (T2).
fn is_free(vault: &Vault, text: &str, range: &Range<usize>) -> bool {
    let before = &text[..range.start];
    // Two brackets begin a wiki-link.
    let is_wiki = vault.new_form() == Form::Wiki;
    let is_plain = is_wiki || !before.ends_with('[');
    is_plain && !before.ends_with(['!', '\\', '^']) && !text[range.end..].starts_with('#')
}

/// What of a text is no text, as far as the text alone tells: code, HTML, math,
/// what a template is to fill in, and links of every kind but wiki-links.
fn spans(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let source = text.get(within.clone()).unwrap_or("");
    if !source.contains(['`', '<', '$', '[', '{']) {
        return Vec::new();
    }
    let structure = markdown::structure(source, 0, &[]);
    let links = structure.links.into_iter().map(|link| link.range);
    let spans = structure.solid.into_iter().chain(structure.math);
    let spans = spans.chain(links);
    let spans = spans.chain(blanks(source, ["{{", "}}"]));
    let spans = spans.chain(blanks(source, ["<%", "%>"]));
    spans
        .map(|span| within.start + span.start..within.start + span.end)
        .collect()
}

/// What stands between two marks of a template, with these.
fn blanks(source: &str, marks: [&'static str; 2]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + source.get(at..)?.find(marks[0])?;
        at = start + source[start..].find(marks[1])? + marks[1].len();
        Some(start..at)
    })
}

/// Ranges in order, those that meet as one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    ranges.dedup_by(|next, last| {
        let meets = next.start < last.end;
        if meets {
            last.end = last.end.max(next.end);
        }
        meets
    });
    ranges
}

/// The parts of a note, among these bytes, that are something else than text.
fn closed(vault: &Vault, note: &Note, within: Range<usize>) -> Vec<Range<usize>> {
    let (start, end) = (within.start as u32, within.end as u32);
    let meets = |range: &Range<u32>| range.start < end && start < range.end;
    let links = note.links.iter().map(Link::range);
    let tags = note.tags.iter().map(Tag::range);
    let fields = note.fields.iter().map(Field::key_range);
    let blocks = note.blocks.iter().map(|block| block.id_range.clone());
    let labels = note.labels.iter().map(|label| match label.kind {
        // Behind `[^id]:` is text.
        LabelKind::Footnote => {
            let id = vault.symbols().with(label.id, str::len);
            label.range.start..label.range.start + id as u32 + 4
        }
        _ => label.range.clone(),
    });
    let regions = note.regions.iter();
    let regions = regions
        .filter(|region| matches!(region.kind, RegionKind::Code | RegionKind::Opaque))
        .map(|region| region.range.clone());
    let all = links.chain(tags).chain(fields).chain(blocks);
    let all = all.chain(labels).chain(regions).filter(meets);
    all.map(|range| range.start as usize..range.end as usize)
        .collect()
}

/// A word of a line.
#[derive(Debug)]
struct Word {
    /// Without punctuation around it.
    inner: Range<usize>,
    /// With it.
    whole: Range<usize>,
}

impl Word {
    /// Where a name may begin that begins with the word: with some of the
    /// punctuation before it, as `_Lakes` does.
    fn starts(&self, text: &str) -> impl Iterator<Item = usize> {
        let before = text.get(self.whole.start..self.inner.start).unwrap_or("");
        let most = before.chars().rev().take(MAX_EDGE).count();
        (0..=most).rev().map(move |count| {
            let marks = before.chars().rev().take(count);
            self.inner.start - marks.map(char::len_utf8).sum::<usize>()
        })
    }

    /// Where a name may end that ends with the word, as `C++` does.
    fn ends(&self, text: &str) -> impl Iterator<Item = usize> {
        let behind = text.get(self.inner.end..self.whole.end).unwrap_or("");
        let most = behind.chars().take(MAX_EDGE).count();
        (0..=most).rev().map(move |count| {
            let marks = behind.chars().take(count);
            self.inner.end + marks.map(char::len_utf8).sum::<usize>()
        })
    }
}

/// The words of a line. Addresses and the kinds of callouts are none.
fn words(text: &str, line: Range<usize>) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = line.start;
    let mut in_kind = false;
    for part in text[line].split_inclusive(char::is_whitespace) {
        let is_edge = |c: char| !c.is_alphanumeric();
        let lead = part.len() - part.trim_start_matches(is_edge).len();
        let word = part.trim_matches(is_edge);
        in_kind |= part.starts_with("[!");
        if !word.is_empty() && !in_kind && !is_address(word) {
            words.push(Word {
                inner: at + lead..at + lead + word.len(),
                whole: at..at + part.trim_end().len(),
            });
        }
        in_kind &= !part.contains(']');
        at += part.len();
    }
    words
}

/// Whether a word is an address of the web or of mail.
fn is_address(word: &str) -> bool {
    word.contains("://") || word.contains('@') || word.starts_with("www.")
}

/// The only note that a name means, if it may be named in the note `source`.
fn named(vault: &Vault, source: FileId, name: &str) -> Option<FileId> {
    if name.len() < MIN_LENGTH || name.contains(['/', '\\', '#', '|', '[', ']']) {
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
        (!found.1).then_some(found.0)
    };
    // Nearly all words are no names, which is quickly seen.
    let may_be_name =
        is_there(fold_hash_of(&[name, ".md"])) || name.contains('.') && is_there(fold_hash(name));
    let direct = may_be_name.then(direct).flatten();
    let alias = || {
        let symbol = vault.symbols().lookup(name)?;
        let titled = vault.titled(SymbolKind::Alias, symbol);
        let mut titled = titled.filter(|&file| may_be(file) && vault.has_alias(file, symbol));
        let first = titled.next()?;
        titled.next().is_none().then_some(first)
    };
    direct.filter(|&file| may_be(file)).or_else(alias)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::change::Change;
    use crate::digest::Parsed;
    use crate::edit::applied;
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

    #[test]
    fn names_have_their_punctuation_and_addresses_none() {
        let mut vault = Vault::new(Arc::default());
        let names = [
            "C", "C++", "_Lakes", "Lakes", "Note", "Rome", "New Rome", "St. P.",
        ];
        vault.apply(names.map(|name| Change::File(format!("{name}.md"))));
        let text = "C++, C+ and C. (_Lakes) *Lakes* St. P. in !Rome ^Rome\n> [!note] Note\n\n\
                    https://x/Rome Rome@x www.Rome <b\ntitle=' Rome '> New Rome.";
        let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
        vault.apply([Change::Note("a.md".to_owned(), Some(parsed))]);
        let file = vault.find("a.md").unwrap();
        let note = vault.note(file).unwrap();
        let found = mentions(&vault, file, &note, text, &(0..u32::MAX));
        let found = found.into_iter().map(|mention| {
            let range = mention.range.start as usize..mention.range.end as usize;
            &text[range]
        });
        let found: Vec<&str> = found.collect();
        let names = ["C++", "_Lakes", "Lakes", "St. P.", "Note", "New Rome"];
        assert_eq!(found, names);
    }

    #[test]
    fn no_markdown_link_is_made_behind_a_bracket() {
        for (markdown, count) in [(false, 1), (true, 0)] {
            let mut settings = Settings::default();
            settings.obsidian.use_markdown_links = markdown;
            let mut vault = Vault::new(Arc::new(settings));
            vault.apply(["a.md", "Rome.md"].map(|path| Change::File(path.to_owned())));
            let file = vault.find("a.md").unwrap();
            let text = "[Rome]] ";
            let note = Note::parse(text, vault.symbols(), &vault.parse_options());
            let found = mentions(&vault, file, &note, text, &(0..u32::MAX));
            assert_eq!(found.len(), count);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        #[test]
        fn a_link_made_of_each_mention_leaves_the_rest(
            text in r"(Rome|New Rome|AI|C\+\+|a| | |\n|\n\n|`|<b |>|<!--|-->|\[|\]|\(x\)|\[r\]: u|https://a/|@|!|\^|#|\$|\\|\| |> \[!|::|%%|\[\[|\]\]|    |- |\n---\n|\|-\|\n|'){0,24}",
            markdown in any::<bool>(),
        ) {
            let mut settings = Settings::default();
            settings.obsidian.use_markdown_links = markdown;
            let mut vault = Vault::new(Arc::new(settings));
            let names = ["Rome", "x/New Rome", "C++", "Other"];
            vault.apply(names.map(|name| Change::File(format!("{name}.md"))));
            let put = |vault: &mut Vault, path: &str, text: &str| {
                let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
                vault.apply([Change::Note(path.to_owned(), Some(parsed))]);
                let file = vault.find(path).unwrap();
                (file, vault.note(file).unwrap())
            };
            put(&mut vault, "Other.md", "---\naliases: [AI]\n---\n");
            let (file, before) = put(&mut vault, "a.md", &text);
            // Cells beyond the columns of a table hold nothing but wiki-links.
            let has_table = before.regions.iter().any(|own| own.kind == RegionKind::Table);
            prop_assume!(!markdown || !has_table);
            let found = mentions(&vault, file, &before, &text, &(0..u32::MAX));
            let edits: Vec<TextEdit> = found
                .iter()
                .map(|mention| {
                    let path = path_to(&vault, file, mention.file).unwrap();
                    linked(&vault, &before, &text, &path, &mention.range)
                })
                .collect();
            let made = applied(&text, &edits);
            let (file, after) = put(&mut vault, "a.md", &made);
            let links = |note: &Note| -> Vec<(FileId, bool)> {
                let links = note.links.iter().filter(|link| !link.is(Link::EXTERNAL));
                let links = links.filter_map(|link| {
                    Some((vault.resolve(link, file).file()?, link.is(Link::EMBED)))
                });
                links.collect()
            };
            let mut expected = links(&before);
            expected.extend(found.iter().map(|mention| (mention.file, false)));
            expected.sort_unstable();
            let mut now = links(&after);
            now.sort_unstable();
            prop_assert_eq!(now, expected, "{:?} of {:?}", made, text);
            let rest = |note: &Note| {
                let kinds = note.regions.iter().map(|region| (region.kind, region.info));
                let labels = note.labels.iter().map(|label| (label.kind, label.id));
                let blocks = note.blocks.iter().map(|block| block.id);
                let tags = note.tags.iter().map(|tag| tag.name);
                (
                    kinds.collect::<Vec<_>>(),
                    labels.collect::<Vec<_>>(),
                    blocks.collect::<Vec<_>>(),
                    tags.collect::<Vec<_>>(),
                )
            };
            prop_assert_eq!(rest(&after), rest(&before), "{:?} of {:?}", made, text);
        }
    }
}
