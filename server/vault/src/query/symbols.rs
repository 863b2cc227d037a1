//! The outline of a note.

use std::cmp::Reverse;
use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::fact::{Property, SymbolKind, ValueKind};
use crate::index::FileId;
use crate::lines::LineIndex;
use crate::note::Note;
use crate::text::Encoding;
use crate::vault::Vault;

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
    let source = Source {
        note: &note,
        text,
        lines: note.lines.index(Encoding::Utf8),
    };
    let mut entries = source.properties(vault);
    entries.extend(source.headings());
    entries.extend(source.fields());
    entries.extend(source.blocks());
    entries.retain(|entry| !entry.name.trim().is_empty());
    entries.sort_by_key(|entry| (entry.selection.start, Reverse(entry.range.end)));
    nest(entries)
}

/// The note of which an outline is made.
struct Source<'a> {
    note: &'a Note,
    text: &'a str,
    lines: LineIndex,
}

impl Source<'_> {
    fn slice(&self, range: &Range<u32>) -> &str {
        let slice = self.text.get(range.start as usize..range.end as usize);
        slice.unwrap_or("")
    }

    fn properties(&self, vault: &Vault) -> Vec<Outline> {
        let properties = self.note.properties.iter().enumerate();
        let top = properties.filter(|property| property.1.depth == 0);
        let entry = |(index, property): (usize, &Property)| {
            let range = self.note.property_extent(index, self.text);
            let key = property.key_range();
            let value = self.slice(&(key.end..range.end.max(key.end)));
            let shown = !matches!(property.kind, ValueKind::List | ValueKind::Map);
            let value = if shown { value } else { "" };
            Outline {
                name: vault.string(property.key),
                detail: first_line(value.trim_start_matches(':').trim()),
                kind: SymbolKind::Property,
                range,
                selection: key,
                children: Vec::new(),
            }
        };
        top.map(entry).collect()
    }

    fn headings(&self) -> impl Iterator<Item = Outline> {
        let headings = self.note.headings.iter().enumerate();
        let shown = headings.filter(|heading| !heading.1.is_hidden());
        shown.map(|(index, heading)| {
            let name = first_line(self.slice(&heading.range()));
            Outline {
                name: if name.is_empty() {
                    "#".to_owned()
                } else {
                    name
                },
                detail: String::new(),
                kind: SymbolKind::Heading,
                range: self.note.section_in(index, &self.lines),
                selection: heading.range(),
                children: Vec::new(),
            }
        })
    }

    fn fields(&self) -> impl Iterator<Item = Outline> {
        // A heading that is a field is in the outline already, or hidden.
        let line = |at: u32| self.lines.line_of(at).start;
        let headings = self.note.headings.iter();
        let headings: FxHashSet<u32> = headings.map(|heading| line(heading.start)).collect();
        let fields = self.note.fields.iter();
        let shown = fields.filter(move |field| !headings.contains(&line(field.start)));
        shown.map(|field| {
            let value = self.slice(&(field.key_range().end..field.range().end));
            let value = value.split_once("::").map_or("", |(_, value)| value);
            Outline {
                name: first_line(self.slice(&field.key_range())),
                detail: first_line(value),
                kind: SymbolKind::Field,
                range: field.range(),
                selection: field.key_range(),
                children: Vec::new(),
            }
        })
    }

    fn blocks(&self) -> impl Iterator<Item = Outline> {
        self.note.blocks.iter().map(|block| Outline {
            name: self.slice(&block.id_range).to_owned(),
            detail: String::new(),
            kind: SymbolKind::Block,
            range: block.range.start..block.range.end.max(block.id_range.end),
            selection: block.id_range.clone(),
            children: Vec::new(),
        })
    }
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
