//! The destination of a Markdown link: what was written of it, and the files
//! that it can name.

use std::ops::Range;

use super::names::linkpath;
use super::search::{Found, Search};
use super::secrecy::MARK;
use super::{Item, ItemKind, List, Place, anchors};
use crate::fact::Form;
use crate::link::{self, decode};
use crate::note::Note;
use crate::path::{split, strip_md};

/// The destination of a Markdown link.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    /// Path and fragment, as far as they belong to the link.
    pub(super) range: Range<usize>,
    pub(super) in_angles: bool,
    end: End,
}

/// How the link goes on behind what was typed.
#[derive(Clone, Debug, Default)]
struct End {
    /// So many bytes more belong to the destination.
    more: usize,
    /// What is missing behind it.
    missing: &'static str,
    /// Where the `)` is missing that stands further behind.
    paren: Option<usize>,
}

impl Destination {
    /// Adds to an item what the link lacks to be one.
    pub(super) fn close(&self, item: &mut Item) {
        item.new.push_str(self.end.missing);
        if let Some(at) = self.end.paren {
            let at = at as u32;
            item.additional.push((at..at, ")".to_owned()));
        }
    }
}

/// `](` with an open end, or with its `)`, before which a title may stand.
pub(super) fn destination(text: &str, line: &Range<usize>, offset: usize) -> Option<Destination> {
    let before = &text[line.start..offset];
    let open = before.rfind("](")?;
    let start = line.start + open + 2;
    let in_angles = start < offset && text[start..].starts_with('<');
    let start = start + usize::from(in_angles);
    let written = text.get(start..offset)?;
    if written.contains("://") || !before[..open].contains('[') {
        return None;
    }
    let rest = &text[offset..line.end];
    let mut end = if in_angles {
        (!written.contains(['<', '>'])).then(|| angled(rest))?
    } else {
        bare(rest, depth(written)?)
    };
    end.paren = end.paren.map(|at| offset + at);
    Some(Destination {
        range: start..offset + end.more,
        in_angles,
        end,
    })
}

/// How many parentheses are open at the end of a bare destination. `None` if it
/// ended before.
fn depth(written: &str) -> Option<usize> {
    written.chars().try_fold(0_usize, |depth, c| match c {
        '(' => Some(depth + 1),
        ')' => depth.checked_sub(1),
        c => (!c.is_whitespace()).then_some(depth),
    })
}

/// The end of a destination without angle brackets.
fn bare(rest: &str, mut depth: usize) -> End {
    let mut more = rest.len();
    for (at, c) in rest.char_indices() {
        match c {
            ')' if depth == 0 => {
                return End {
                    more: at,
                    ..End::default()
                };
            }
            ')' => depth -= 1,
            '(' => depth += 1,
            '[' | '<' => break,
            c if c.is_whitespace() => {
                more = at;
                break;
            }
            _ => {}
        }
    }
    if let Some(end) = titled(rest, more) {
        return End { more, ..end };
    }
    // Editors that close brackets have put one there.
    let is_closed = rest.starts_with(')');
    End {
        missing: if is_closed { "" } else { ")" },
        ..End::default()
    }
}

/// The end of a destination in angle brackets.
fn angled(rest: &str) -> End {
    let close = rest.find(['<', '>']);
    if let Some(more) = close.filter(|&close| rest[close..].starts_with('>')) {
        let behind = &rest[more + 1..];
        let untitled = || {
            let is_closed = behind.starts_with(')');
            let is_last = more == 0 || behind.trim().is_empty();
            let paren = (!is_closed).then_some(more + 1);
            (is_closed || is_last).then_some(End {
                paren,
                ..End::default()
            })
        };
        if let Some(end) = titled(rest, more + 1).or_else(untitled) {
            return End { more, ..end };
        }
    }
    let end = titled(rest, 0);
    let is_closed = end.is_some() || rest.starts_with(')');
    End {
        missing: if is_closed { ">" } else { ">)" },
        ..end.unwrap_or_default()
    }
}

/// The end of a link whose title stands in a line from `at` on. If its `)` is
/// missing nothing may follow: what somebody says may be in quotes too.
fn titled(line: &str, at: usize) -> Option<End> {
    let rest = line.get(at..)?;
    let title = rest.trim_start();
    if title.len() == rest.len() {
        return None;
    }
    let open = title.chars().next()?;
    let close = match open {
        '"' | '\'' => open,
        '(' => ')',
        _ => return None,
    };
    let mut is_escaped = false;
    let end = title.char_indices().skip(1).find(|&(_, c)| {
        let ends = c == close && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    let behind = &title[end.0 + 1..];
    let is_closed = behind.trim_start().starts_with(')');
    let is_last = behind.trim().is_empty() && open != '(';
    let paren = (!is_closed).then_some(line.len() - behind.len());
    (is_closed || is_last).then_some(End {
        paren,
        ..End::default()
    })
}

/// What can stand behind `](`.
pub(super) fn destinations(place: &Place<'_>, note: &Note, written: &Destination) -> List {
    let typed = place.typed(written.range.start);
    if let Some(hash) = typed.find('#') {
        return anchors::fragments(place, note, written, hash);
    }
    let decoded = decode(typed);
    let rest = place.text.get(place.offset as usize..written.range.end);
    let fragment = rest.and_then(|rest| rest.find('#'));
    let end = fragment.map_or(written.range.end, |at| place.offset as usize + at);
    let search = Search::new(place, note, &decoded);
    let (found, is_cut) = search.found(place, true);
    let item = |found: &Found| {
        let vault = place.vault;
        let name = vault.string(vault.files().get(found.file)?.name);
        let path = linkpath(place, &decoded, found.file, Form::Markdown)?;
        let new = link::encode(&path, written.in_angles);
        let kind = if strip_md(&name).is_some() {
            ItemKind::Note
        } else {
            ItemKind::File
        };
        let mut item = Item::new(kind, name, new);
        let name = link::encode(&item.label, written.in_angles);
        item.matched = format!("{}{name}", split(typed).0);
        let folder = vault.full_folder(found.file);
        let mark = if found.marked { MARK } else { "" };
        item.detail = format!("{}{mark}", folder.trim_end_matches('/'));
        item.target = Some((found.file, String::new()));
        written.close(&mut item);
        Some(item)
    };
    let wanted = |found: &&Found| found.alias.is_none();
    let items = found.iter().filter(wanted).filter_map(item).collect();
    let mut list = List::new(&(written.range.start..end), items);
    list.is_incomplete = is_cut || typed.is_empty();
    list
}
