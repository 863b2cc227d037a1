//! Moving a section or the selection into a new note.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::carry::{Carry, shorter};
use super::create::is_creatable;
use super::{Action, ActionKind, Place, apart, line_break};
use crate::change::Change;
use crate::edit::{TextEdit, VaultEdit};
use crate::fact::{Label, LabelKind, Link};
use crate::index::FileId;
use crate::link::{self, Draft};
use crate::note::Note;
use crate::path::split;
use crate::query::Texts;
use crate::query::at::At;
use crate::query::subject::{anchor_range, title_heading};
use crate::query::tiers::sections;
use crate::relink::relink;
use crate::settings::NewFileLocation;
use crate::vault::Vault;

/// Names made of text are cut behind so many characters.
const MAX_NAME: usize = 60;

pub(super) fn offer<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    let (range, what) = if place.range.is_empty() {
        let Some((range, heading)) = section(place) else {
            return;
        };
        (range, format!("the section `{heading}`"))
    } else {
        let Some(range) = selection(place) else {
            return;
        };
        (range, "the selection".to_owned())
    };
    if !stands_alone(place, &range) {
        return;
    }
    let Some(path) = new_path(place, &range) else {
        return;
    };
    let title = format!("Move {what} into the new note `{path}`");
    let edit = move |texts: &dyn Texts| moved(place, &range, &path, texts);
    found.push(Action::new(ActionKind::Extract, title, edit).creates());
}

/// The section whose heading is under the cursor, without a tier section that
/// ends it, and the text of the heading. A note's title names all of it.
fn section(place: &Place<'_>) -> Option<(Range<u32>, String)> {
    let Some(At::Heading(index)) = place.at else {
        return None;
    };
    let heading = place.note.headings.get(index)?;
    let title = place.vault.string(heading.title);
    if title.is_empty() || title_heading(place.vault, place.file, place.note) == Some(index) {
        return None;
    }
    let mut range = place.note.section_in(index, &place.lines);
    for section in sections(place.vault, place.note, &place.lines) {
        if section.range.start <= range.start {
            // It is the tier section, or in it.
            if range.start < section.range.end {
                return None;
            }
        } else if section.range.start < range.end {
            range.end = section.range.start;
        }
    }
    Some((trimmed(place, range), title))
}

/// The selected lines as a whole: half a line means little elsewhere.
fn selection(place: &Place<'_>) -> Option<Range<u32>> {
    let start = place.lines.line_of(place.range.start).start;
    let last = place.range.end.max(place.range.start + 1) - 1;
    let range = trimmed(place, start..place.lines.line_of(last).end);
    let front = &place.note.frontmatter;
    let is_body = front.is_empty() || range.start >= front.end;
    let tiers = sections(place.vault, place.note, &place.lines);
    let apart = |part: &Range<u32>| part.end <= range.start || range.end <= part.start;
    let cuts_none =
        |part: &Range<u32>| apart(part) || range.start <= part.start && part.end <= range.end;
    let is_whole = place
        .note
        .regions
        .iter()
        .all(|region| cuts_none(&region.range));
    let is_free = tiers.iter().all(|section| apart(&section.range));
    (!range.is_empty() && is_body && is_whole && is_free).then_some(range)
}

/// Whether text says the same by itself as it does in its note: a part of a
/// list, a table or a footnote may not.
fn stands_alone(place: &Place<'_>, range: &Range<u32>) -> bool {
    let options = place.vault.parse_options();
    let alone = Note::parse(place.slice(range), place.vault.symbols(), &options);
    let links = |note: &Note, range: &Range<u32>| -> Vec<_> {
        let links = note.links.iter();
        let links = links.filter(|link| range.contains(&link.start));
        links
            .map(|link| {
                let names = (link.folder, link.name, link.subpath);
                (link.start - range.start, link.form, names)
            })
            .collect()
    };
    let labels = |note: &Note, range: &Range<u32>| -> Vec<_> {
        let labels = note.labels.iter();
        let labels = labels.filter(|label| range.contains(&label.range.start));
        labels
            .map(|label| (label.range.start - range.start, label.kind, label.key))
            .collect()
    };
    let places = |note: &Note, range: &Range<u32>| -> Vec<u32> {
        let headings = note.headings.iter();
        let headings = headings.map(|heading| (heading.start, heading.key));
        let blocks = note.blocks.iter().filter(|block| !block.misplaced);
        let blocks = blocks.map(|block| (block.id_range.start, block.key));
        let all = headings.chain(blocks);
        all.filter(|place| range.contains(&place.0))
            .map(|place| place.1)
            .collect()
    };
    let straddles = |part: Range<u32>| {
        let holds = |bound: u32| part.start < bound && bound < part.end;
        holds(range.start) || holds(range.end)
    };
    let is_cut = place.note.links.iter().any(|link| straddles(link.range()))
        || place
            .note
            .labels
            .iter()
            .any(|label| straddles(label.range.clone()));
    let whole = 0..alone.len.max(1);
    !is_cut
        && alone.frontmatter.is_empty()
        && links(&alone, &whole) == links(place.note, range)
        && labels(&alone, &whole) == labels(place.note, range)
        && places(&alone, &whole) == places(place.note, range)
}

fn trimmed(place: &Place<'_>, range: Range<u32>) -> Range<u32> {
    let text = place.slice(&range);
    let lead = text.len() - text.trim_start_matches(['\n', '\r', ' ', '\t']).len();
    let start = text[..lead].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    range.start + start as u32..range.start + (text.trim_end().len().max(start)) as u32
}

/// The path of the new note from the root of the opened folder: named by its
/// first heading or line, where new notes are put, or, in a tier, beside the
/// note that it comes from: what is secret must not move into the open.
fn new_path(place: &Place<'_>, range: &Range<u32>) -> Option<String> {
    let vault = place.vault;
    let own = vault.path(place.file)?;
    let full = vault.full_path(place.file)?;
    let tier = vault
        .tiers()
        .of(&full)
        .and_then(|tier| vault.tiers().0.get(tier));
    let obsidian = &vault.settings().obsidian;
    let folder = match obsidian.new_file_location {
        _ if tier.is_some() => split(&own).0.to_owned(),
        NewFileLocation::Root => String::new(),
        NewFileLocation::Current => split(&own).0.to_owned(),
        NewFileLocation::Folder if obsidian.new_file_folder.trim_matches('/').is_empty() => {
            String::new()
        }
        NewFileLocation::Folder => format!("{}/", obsidian.new_file_folder.trim_matches('/')),
    };
    // Out of all tiers nothing goes into one.
    let is_tier = |folder: &str| {
        vault
            .tiers()
            .of(&format!("{}{folder}", vault.mount()))
            .is_some()
    };
    let folder = if tier.is_none() && is_tier(&folder) {
        split(&own).0.to_owned()
    } else {
        folder
    };
    let suffix = tier.map_or("", |tier| tier.suffix.as_str());
    let name = name(place, range)?;
    let mut numbers = 0..;
    let path = numbers.find_map(|number: u32| {
        let number = if number == 0 {
            String::new()
        } else {
            format!(" {number}")
        };
        let path = format!("{folder}{name}{number}{suffix}.md");
        let is_taken = vault.named([split(&path).1, ""]).next().is_some();
        (!is_taken).then_some(path)
    });
    path.filter(|path| is_creatable(path))
}

fn name(place: &Place<'_>, range: &Range<u32>) -> Option<String> {
    let inside = |start: u32| range.contains(&start);
    let mut headings = place.note.headings.iter();
    let heading = headings.find(|heading| inside(heading.start) && !heading.title.is_empty());
    let text = match heading {
        Some(heading) => place.vault.string(heading.title),
        None => place.line(range.start).to_owned(),
    };
    // What no file can have, and marks at the start of a line.
    let plain = |c: char| {
        if is_creatable(&format!("a{c}b")) && !"[]*`~=/".contains(c) {
            c
        } else {
            ' '
        }
    };
    let text: String = text.chars().map(plain).collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    let name: String = words.join(" ").chars().take(MAX_NAME).collect();
    let name = name.trim_matches([' ', '.', '-', '+', '!']).to_owned();
    let name = if name.is_empty() {
        "New note".to_owned()
    } else {
        name
    };
    is_creatable(&name).then_some(name)
}

/// The new note, the link to it in place of the text, and the links of other
/// notes to places that go along.
fn moved(
    place: &Place<'_>,
    range: &Range<u32>,
    path: &str,
    texts: &dyn Texts,
) -> Option<VaultEdit> {
    let vault = place.vault;
    let mut after = vault.clone();
    after.apply([Change::File(path.to_owned())]);
    let to = after.find(path)?;
    let carry = Carry {
        before: vault,
        after: &after,
        from: place.file,
        to,
        moves: true,
    };
    let line_break = line_break(place.text, range.start as usize);
    let mut text = secrecy(place, line_break);
    text.push_str(&carry.text(place.note, place.text, range));
    text.push_str(line_break);
    for definition in definitions(place, range, true) {
        text.push_str(line_break);
        text.push_str(&carry.text(place.note, place.text, &definition));
        text.push_str(line_break);
    }
    let format = vault.settings().obsidian.new_link_format;
    let form = vault.new_form();
    let draft = Draft {
        path: &after.linkpath(place.file, to, format, form)?,
        ..Draft::default()
    };
    let mut left = link::new(form, &draft);
    for definition in definitions(place, range, false) {
        left.push_str(line_break);
        left.push_str(line_break);
        left.push_str(place.slice(&definition));
    }
    let mut edit = VaultEdit {
        created: vec![(path.to_owned(), text)],
        ..VaultEdit::default()
    };
    let mut own = vec![(range.clone(), apart(place, range, &left, line_break))];
    own.extend(incoming(place, &after, place.file, to, range, texts)?);
    own.sort_by_key(|edit| edit.0.start);
    edit.texts.insert(place.file, own);
    let key = vault
        .files()
        .get(place.file)
        .map(|own| vault.file_key(own))?;
    for file in vault.linking(key).filter(|&file| file != place.file) {
        let edits = incoming(place, &after, file, to, range, texts)?;
        if !edits.is_empty() {
            edit.texts.insert(file, edits);
        }
    }
    Some(edit)
}

/// The edits of a note whose links lead to places that go along.
fn incoming(
    place: &Place<'_>,
    after: &Vault,
    file: FileId,
    to: FileId,
    range: &Range<u32>,
    texts: &dyn Texts,
) -> Option<Vec<TextEdit>> {
    let vault = place.vault;
    let concerns = |link: &Link| {
        link.is(Link::SUBPATH)
            && !(file == place.file && range.contains(&link.start))
            && vault.resolve(link, file).file() == Some(place.file)
    };
    let goes_along = |link: &Link| {
        vault.anchor_in(link, place.note).is_some_and(|anchor| {
            let named = anchor_range(place.note, anchor);
            !named.is_empty() && range.contains(&named.start)
        })
    };
    let is_chain = |link: &Link| vault.string(link.subpath).contains('#');
    let Some(facts) = vault.facts(file) else {
        return Some(Vec::new());
    };
    let links = facts.links().filter(concerns);
    let links: Vec<Link> = links
        .filter(|link| goes_along(link) || is_chain(link))
        .collect();
    if links.is_empty() {
        return Some(Vec::new());
    }
    let text = texts.text(file)?;
    let mut edits = Vec::new();
    for link in &links {
        if goes_along(link) {
            let format = vault.settings().obsidian.new_link_format;
            let path = after.linkpath(file, to, format, link.form)?;
            edits.extend(relink(&text, link, &path, &[])?);
        }
        edits.extend(shorter(vault, place.note, &text, range, link));
    }
    edits.sort_by_key(|edit| edit.0.start);
    Some(edits)
}

/// Properties that say how secret the note is, as the frontmatter of the new one.
fn secrecy(place: &Place<'_>, line_break: &str) -> String {
    let vault = place.vault;
    let key = &vault.settings().confidential_key;
    let says = |name: &str| name.eq_ignore_ascii_case(key) || name.eq_ignore_ascii_case("publish");
    let properties = place.note.properties.iter().enumerate();
    let properties =
        properties.filter(|(_, own)| own.depth == 0 && vault.symbols().with(own.key, says));
    let lines = properties.map(|(index, _)| {
        let range = place.note.property_extent(index, place.text);
        format!("{}{line_break}", place.slice(&range))
    });
    let lines: String = lines.collect();
    if lines.is_empty() {
        return lines;
    }
    format!("---{line_break}{lines}---{line_break}")
}

/// Footnotes and reference definitions that stand on one side of the cut and
/// are used on the other: outside of the range and used in it, or, if not
/// `outside`, in it and used outside. Both sides will have them.
fn definitions(place: &Place<'_>, range: &Range<u32>, outside: bool) -> Vec<Range<u32>> {
    let labels = &place.note.labels;
    let is_inside = |label: &Label| range.contains(&label.range.start);
    let uses = labels.iter().filter(|label| {
        let is_use = matches!(
            label.kind,
            LabelKind::FootnoteUse | LabelKind::DefinitionUse
        );
        is_use && is_inside(label) == outside
    });
    let wanted: FxHashSet<(bool, u32)> = uses
        .map(|label| (label.kind == LabelKind::FootnoteUse, label.key))
        .collect();
    let defined = labels.iter().filter(|label| {
        let is_footnote = label.kind == LabelKind::Footnote;
        let is_definition = is_footnote || label.kind == LabelKind::Definition;
        is_definition && is_inside(label) != outside && wanted.contains(&(is_footnote, label.key))
    });
    defined
        .map(|label| trimmed(place, label.range.clone()))
        .collect()
}
