//! The outline of a note.

use std::cmp::Reverse;
use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::fact::ValueKind;
use crate::index::FileId;
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
