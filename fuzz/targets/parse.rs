//! Any bytes give a note: its facts lie inside of the text and on character
//! boundaries, a closed note says what an open one says, and every query
//! answers with ranges of the text.
#![no_main]

use std::ops::Range;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use vaultmark_vault::change::Change;
use vaultmark_vault::digest::Parsed;
use vaultmark_vault::index::FileId;
use vaultmark_vault::note::Note;
use vaultmark_vault::query::definition::{Destination, definition};
use vaultmark_vault::query::hover::{Hover, hover};
use vaultmark_vault::query::links::{DocumentLink, Goal, document_links};
use vaultmark_vault::query::references::{highlights, references};
use vaultmark_vault::query::subject::Occurrence;
use vaultmark_vault::query::symbols::{Outline, outline};
use vaultmark_vault::query::{Location, Texts};
use vaultmark_vault::symbol::Symbols;
use vaultmark_vault::vault::Vault;

/// Another note, to which links may lead.
const OTHER: &str = "---\naliases: [c]\ntags: t\nk: 1\n---\n# h\nk:: [[a]]\n\ntext ^b\n";

/// So many offsets of a text are asked for.
const ASKED: usize = 8;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut vault = Vault::new(Arc::default());
    put(&mut vault, "b.md", OTHER, Parsed::closed);
    put(&mut vault, "a.md", &text, Parsed::closed);
    vault.set_complete();
    let closed = Asked::new(&vault, &text);
    put(&mut vault, "a.md", &text, Parsed::open);
    let open = Asked::new(&vault, &text);

    assert_eq!(closed, open);
    let alone = Note::parse(&text, &Symbols::default(), &vault.parse_options());
    assert_eq!(alone.lines, open.note.lines);
    facts_are_inside(&text, &open.note);
    open.is_sound(&text);
});

type Parse = fn(&str, &Symbols, &vaultmark_vault::note::ParseOptions) -> Parsed;

fn put(vault: &mut Vault, path: &str, text: &str, parse: Parse) {
    let note = parse(text, vault.symbols(), &vault.parse_options());
    vault.apply([Change::Note(path.to_owned(), Some(note))]);
}

/// Whether a range is one of the text.
fn inside(text: &str, range: &Range<u32>) -> bool {
    text.get(range.start as usize..range.end as usize).is_some()
}

fn facts_are_inside(text: &str, note: &Note) {
    let ok = |range: Range<u32>| assert!(inside(text, &range), "{range:?}");
    assert_eq!(note.len as usize, text.len());
    ok(note.frontmatter.clone());
    note.links.iter().for_each(|link| ok(link.range()));
    note.headings.iter().for_each(|heading| ok(heading.range()));
    note.tags.iter().for_each(|tag| ok(tag.range()));
    for field in &note.fields {
        ok(field.range());
        ok(field.key_range());
    }
    note.properties.iter().for_each(|it| ok(it.key_range()));
    note.aliases.iter().for_each(|alias| ok(alias.range()));
    for block in &note.blocks {
        ok(block.id_range.clone());
        ok(block.range.clone());
    }
    note.labels.iter().for_each(|it| ok(it.range.clone()));
    note.regions.iter().for_each(|it| ok(it.range.clone()));
    (0..note.headings.len()).for_each(|index| ok(note.section(index)));
    (0..note.properties.len()).for_each(|index| ok(note.property_extent(index, text)));
    lists_are_sorted(note);
}

/// Queries search in the lists by halves.
fn lists_are_sorted(note: &Note) {
    assert!(note.links.is_sorted_by_key(|link| link.start));
    assert!(note.headings.is_sorted_by_key(|heading| heading.start));
    assert!(note.tags.is_sorted_by_key(|tag| tag.start));
    assert!(note.fields.is_sorted_by_key(|field| field.start));
    assert!(note.properties.is_sorted_by_key(|it| it.start));
    assert!(note.aliases.is_sorted_by_key(|alias| alias.start));
    assert!(note.blocks.is_sorted_by_key(|block| block.id_range.start));
}

/// The texts of the two notes.
struct Memory<'a>(FileId, &'a str);

impl Texts for Memory<'_> {
    fn text(&self, file: FileId) -> Option<Arc<str>> {
        Some(if file == self.0 { self.1 } else { OTHER }.into())
    }
}

/// What is said of an offset.
type Answers = (
    Vec<Occurrence>,
    Vec<Location>,
    Option<Hover>,
    Option<Destination>,
);

/// What the vault says of a note.
#[derive(Debug, PartialEq)]
struct Asked {
    file: FileId,
    note: Arc<Note>,
    outline: Vec<Outline>,
    links: Vec<DocumentLink>,
    answers: Vec<(u32, Answers)>,
}

impl Asked {
    fn new(vault: &Vault, text: &str) -> Self {
        let file = vault.find("a.md").expect("the note was put there");
        let note = vault.note(file).expect("the note was put there");
        let texts = Memory(file, text);
        let asked = offsets(&note).into_iter().map(|offset| {
            let answers = (
                highlights(vault, file, offset),
                references(vault, file, offset, true, &|| false),
                hover(vault, file, offset, &texts),
                definition(vault, file, offset),
            );
            (offset, answers)
        });
        Self {
            answers: asked.collect(),
            outline: outline(vault, file, text),
            links: document_links(vault, file, &texts),
            file,
            note,
        }
    }

    fn is_sound(&self, text: &str) {
        self.outline.iter().for_each(|it| entry_is_sound(text, it));
        let text_of = |file| if file == self.file { text } else { OTHER };
        for link in &self.links {
            assert!(inside(text, &link.range), "{link:?}");
            if let Goal::File(file, at) = link.goal {
                assert!(text_of(file).is_char_boundary(at as usize), "{link:?}");
            }
        }
        for (_, (here, all, hover, destination)) in &self.answers {
            assert!(here.iter().all(|it| inside(text, &it.range)), "{here:?}");
            let is_there = |it: &Location| inside(text_of(it.file), &it.range);
            assert!(all.iter().all(is_there), "{all:?}");
            assert!(hover.iter().all(|it| inside(text, &it.range)), "{hover:?}");
            if let Some(it) = destination {
                assert!(inside(text, &it.origin), "{it:?}");
                assert!(inside(text_of(it.file), &it.extent), "{it:?}");
                assert!(inside(text_of(it.file), &it.selection), "{it:?}");
                assert!(holds(&it.extent, &it.selection), "{it:?}");
            }
        }
    }
}

fn holds(outer: &Range<u32>, inner: &Range<u32>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn entry_is_sound(text: &str, entry: &Outline) {
    assert!(!entry.name.is_empty(), "{entry:?}");
    assert!(inside(text, &entry.range), "{entry:?}");
    assert!(inside(text, &entry.selection), "{entry:?}");
    assert!(holds(&entry.range, &entry.selection), "{entry:?}");
    let children = entry.children.iter();
    children.for_each(|child| entry_is_sound(text, child));
}

/// A few of the offsets at which something begins, and both ends of the text.
fn offsets(note: &Note) -> Vec<u32> {
    let mut starts = vec![0, note.len];
    starts.extend(note.links.iter().map(|it| it.start));
    starts.extend(note.headings.iter().map(|it| it.start));
    starts.extend(note.tags.iter().map(|it| it.start));
    starts.extend(note.fields.iter().map(|it| it.start));
    starts.extend(note.properties.iter().map(|it| it.start));
    starts.extend(note.aliases.iter().map(|it| it.start));
    starts.extend(note.blocks.iter().map(|it| it.id_range.start));
    starts.extend(note.labels.iter().map(|it| it.range.start));
    let step = starts.len().div_ceil(ASKED);
    starts.into_iter().step_by(step).collect()
}
