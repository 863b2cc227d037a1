//! Hover: what a link leads to, in plain words and with a preview.

use std::fmt::Write;
use std::ops::Range;

use crate::fact::ValueKind;
use crate::frontmatter;
use crate::index::FileId;
use crate::note::{Anchor, Note};
use crate::path::strip_md;
use crate::query::Texts;
use crate::query::at::{At, at};
use crate::query::references::count;
use crate::query::schemas;
use crate::query::subject::{Subject, anchor_extent, files, subject};
use crate::resolve::{Missing, Target};
use crate::vault::Vault;

/// A preview is cut behind this many lines or bytes.
const MAX_LINES: usize = 24;
const MAX_BYTES: usize = 2_000;
/// Longer values of properties are not read for their type.
const MAX_VALUE: usize = 2_000;
/// Other notes of the same name that are listed.
const MAX_OTHERS: usize = 5;
/// In more notes than this links are not counted one by one.
const MAX_COUNTED: usize = 250;

/// What hover shows, as Markdown, and the bytes that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The link, tag, key or heading under the cursor.
    pub range: Range<u32>,
    /// Markdown.
    pub text: String,
}

/// What to show for a byte offset of a note.
pub fn hover(vault: &Vault, file: FileId, offset: u32, texts: &dyn Texts) -> Option<Hover> {
    let note = &*vault.note(file)?;
    if at(note, offset) == Some(At::FirstLine) {
        return None;
    }
    let (subject, range) = subject(vault, file, offset)?;
    let text = match &subject {
        Subject::File(target) | Subject::Title(target, _) => {
            let mut text = file_header(vault, *target, &subject);
            let warnings = [
                missing_anchor(vault, file, note, offset, *target),
                ambiguous(vault, file, note, offset),
            ];
            for warning in warnings.into_iter().flatten() {
                let _ = write!(text, "\n\n{warning}");
            }
            text + &preview(vault, *target, Anchor::Note, texts)
        }
        Subject::Anchor(target, anchor) => {
            let mut text = String::new();
            if !matches!(anchor, Anchor::Label(_)) {
                text = file_header(vault, *target, &subject);
            }
            let preview = preview(vault, *target, *anchor, texts);
            if text.is_empty() {
                preview.trim_start_matches(['\n', '-']).to_owned()
            } else {
                text + &preview
            }
        }
        Subject::Tag(tag) => {
            let counts = |id: &FileId| vault.files().get(*id).is_some_and(|file| !file.excluded);
            let notes = vault.tagged(tag).filter(counts).count();
            let uses = vault.tag_uses(tag);
            format!(
                "`#{tag}`\n\nUsed {} in {}.",
                times(uses as usize),
                notes_of(notes)
            )
        }
        Subject::Key(key) => {
            let value = property_value(vault, file, note, offset, texts);
            let schema = schema_text(vault, file, note, offset, texts);
            key_text(vault, key) + &value.unwrap_or_default() + &schema.unwrap_or_default()
        }
        Subject::Missing(_) => missing_text(vault, file, note, offset)?,
    };
    Some(Hover { range, text })
}

/// What is to be known of a note, or of a place in it: name, tiers, number of
/// links, and a preview, as Markdown.
pub fn about(vault: &Vault, file: FileId, subpath: &str, texts: &dyn Texts) -> String {
    let note = vault.note(file);
    let anchor = note.and_then(|note| note.anchor(subpath));
    let anchor = anchor.unwrap_or(Anchor::Note);
    let subject = match anchor {
        Anchor::Note => Subject::File(file),
        anchor => Subject::Anchor(file, anchor),
    };
    file_header(vault, file, &subject) + &preview(vault, file, anchor, texts)
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

fn notes_of(count: usize) -> String {
    match count {
        1 => "1 note".to_owned(),
        count => format!("{count} notes"),
    }
}

/// Name, path, tiers and number of links.
fn file_header(vault: &Vault, target: FileId, subject: &Subject) -> String {
    let path = vault.full_path(target).unwrap_or_default();
    let name = crate::path::split(&path).1;
    let mut text = format!("**{}**\n\n`{path}`", strip_md(name).unwrap_or(name));
    if let Some((own, base)) = vault.tiers().base(&path) {
        let exists = |tier: &usize| {
            let copy = vault.tiers().at(base, *tier);
            copy.is_some_and(|copy| vault.find_full(&copy).is_some())
        };
        let tiers = (0..vault.tiers().0.len()).filter(exists);
        let tiers = tiers.map(|tier| {
            let mark = if tier == own { "**" } else { "" };
            format!("{mark}{}{mark}", vault.tiers().0[tier].folder)
        });
        let tiers: Vec<String> = tiers.collect();
        let _ = write!(text, "\n\nIn the tiers {}", tiers.join(", "));
    }
    let what = match subject {
        Subject::Anchor(_, Anchor::Heading(_)) => "Links to this heading",
        Subject::Anchor(..) => "Links to this block",
        _ => "Backlinks",
    };
    // Exact numbers of a hub's links would take longer than a hover may.
    let notes = files(vault, subject).len();
    let _ = if notes > MAX_COUNTED {
        write!(text, " · {what}: in about {notes} notes")
    } else {
        write!(text, " · {what}: {}", count(vault, subject))
    };
    text
}

/// A sentence when the file is there and its heading or block is not.
fn missing_anchor(
    vault: &Vault,
    file: FileId,
    note: &Note,
    offset: u32,
    target: FileId,
) -> Option<String> {
    let At::Link(index) = at(note, offset)? else {
        return None;
    };
    let link = &note.links[index];
    if vault.resolve(link, file).file() != Some(target) || vault.anchor(link, target).is_some() {
        return None;
    }
    let subpath = vault.string(link.subpath);
    let what = if subpath.contains('^') {
        "block"
    } else {
        "heading"
    };
    Some(format!(
        "⚠ This note has no {what} `{}`.",
        subpath.trim_start_matches('^')
    ))
}

/// A sentence when other notes have the name of the link as well (R8).
fn ambiguous(vault: &Vault, file: FileId, note: &Note, offset: u32) -> Option<String> {
    let At::Link(index) = at(note, offset)? else {
        return None;
    };
    let link = &note.links[index];
    let Target::File {
        file: target,
        ambiguous: true,
    } = vault.resolve(link, file)
    else {
        return None;
    };
    let others = vault.candidates(link).into_iter();
    let others = others.filter(|&other| other != target);
    let mut others: Vec<String> = others.filter_map(|other| vault.full_path(other)).collect();
    others.sort_unstable();
    let more = others.len().saturating_sub(MAX_OTHERS);
    others.truncate(MAX_OTHERS);
    let others: Vec<String> = others.iter().map(|path| format!("`{path}`")).collect();
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "⚠ Other notes have this name, too, and this one is the nearest: {}{more}. A path in the link would make it sure.",
        others.join(", ")
    ))
}

/// The text of the note, section or block, shortened.
fn preview(vault: &Vault, target: FileId, anchor: Anchor, texts: &dyn Texts) -> String {
    let (Some(note), Some(text)) = (vault.note(target), texts.text(target)) else {
        return String::new();
    };
    let mut extent = anchor_extent(&note, anchor);
    if anchor == Anchor::Note {
        extent.start = note.frontmatter.end;
    }
    let Some(source) = text.get(extent.start as usize..extent.end as usize) else {
        return String::new();
    };
    let source = source.trim_matches(['\u{feff}', '\n', '\r', ' ']);
    if source.is_empty() {
        return String::new();
    }
    let mut end = source.len().min(MAX_BYTES);
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let breaks = memchr::memchr_iter(b'\n', &source.as_bytes()[..end]);
    let line_end = breaks.take(MAX_LINES).last();
    let is_cut = end < source.len() || source[..end].lines().count() > MAX_LINES;
    if is_cut {
        end = line_end.unwrap_or(end);
    }
    let more = if is_cut { "\n\n…" } else { "" };
    format!("\n\n---\n\n{}{more}", source[..end].trim_end())
}

fn key_text(vault: &Vault, key: &str) -> String {
    let mut kinds: Vec<(ValueKind, u32)> = vault.key_kinds(key).collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.1));
    let types = &vault.settings().property_types;
    let declared = types
        .iter()
        .find(|(name, _)| crate::field::canonical(name) == key);
    let mut text = format!("`{key}`");
    if let Some((_, kind)) = declared {
        let _ = write!(text, ": {kind}");
    } else if let Some((kind, _)) = kinds.iter().find(|kind| kind.0 != ValueKind::Empty) {
        let _ = write!(text, ": {}", kind_word(*kind));
    }
    let _ = write!(text, "\n\nUsed in {}.", notes_of(vault.key_count(key)));
    if kinds.len() > 1 {
        let kinds = kinds
            .iter()
            .map(|(kind, uses)| format!("{} {uses}", kind_word(*kind)));
        let kinds: Vec<String> = kinds.collect();
        let _ = write!(text, " Values: {}.", kinds.join(", "));
    }
    text
}

/// The value of the property at `offset` as YAML reads it, which is not always
/// what it looks like. Only small values without anchors are read: the typed
/// parser is not safe with others.
fn property_value(
    vault: &Vault,
    file: FileId,
    note: &Note,
    offset: u32,
    texts: &dyn Texts,
) -> Option<String> {
    let At::Property(index) = at(note, offset)? else {
        return None;
    };
    let property = &note.properties[index];
    let text = texts.text(file)?;
    let extent = note.property_extent(index, &text);
    let source = text.get(extent.start as usize..extent.end as usize)?;
    if property.depth > 0 || source.len() > MAX_VALUE || source.contains(['&', '*']) {
        return None;
    }
    let entry: serde_yaml::Mapping = serde_yaml::from_str(source).ok()?;
    let value = serde_yaml::to_string(entry.iter().next()?.1).ok()?;
    let key = vault.string(property.key);
    Some(format!(
        "\n\nHere `{key}` is read as\n\n```yaml\n{}\n```",
        value.trim_end()
    ))
}

/// What the schemas of the note say of the property at `offset`.
fn schema_text(
    vault: &Vault,
    file: FileId,
    note: &Note,
    offset: u32,
    texts: &dyn Texts,
) -> Option<String> {
    if !matches!(at(note, offset)?, At::Property(_)) {
        return None;
    }
    let text = texts.text(file)?;
    let front = frontmatter::parse(&text, &frontmatter::cut(&text)?);
    let is_here = |entry: &frontmatter::Entry| {
        let key = entry.key.as_ref();
        key.is_some_and(|key| (key.range.start..=key.range.end).contains(&(offset as usize)))
    };
    let entry = front.entries.iter().position(is_here)?;
    let said = schemas::about(vault, &vault.path(file)?, &front, entry)?;
    Some(format!("\n\n{said}"))
}

fn kind_word(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Empty => "empty",
        ValueKind::Text => "text",
        ValueKind::Number => "number",
        ValueKind::Checkbox => "checkbox",
        ValueKind::Date => "date",
        ValueKind::DateTime => "date and time",
        ValueKind::Link => "link",
        ValueKind::List => "list",
        ValueKind::Map => "group",
    }
}

fn missing_text(vault: &Vault, file: FileId, note: &Note, offset: u32) -> Option<String> {
    let At::Link(index) = at(note, offset)? else {
        return None;
    };
    let link = &note.links[index];
    let Target::Missing(class) = vault.resolve(link, file) else {
        return None;
    };
    let path = vault.link_path(link);
    if !vault.is_complete() {
        return Some(format!("`{path}`\n\nThe vault is still being read."));
    }
    Some(format!("`{path}`\n\n{}", sentence(class)))
}

/// What a class of unresolved links means, as a sentence.
pub fn sentence(class: Missing) -> &'static str {
    match class {
        Missing::TierAbsent => "The note lies in a tier that is not in this workspace.",
        Missing::CopyMissing => "The copy of the note in this tier is not written yet.",
        Missing::MountAbsent => {
            "The note lies in a folder that is kept separately and is not fetched here."
        }
        Missing::OwnOldName => {
            "There is no such note; it seems to be a former name of the note that holds this link."
        }
        Missing::Folder => "This is a folder; there is no note that stands for it.",
        Missing::OutsideVault => "The path climbs above the vault; nothing is read there.",
        Missing::Broken => "There is no note of this name.",
    }
}
