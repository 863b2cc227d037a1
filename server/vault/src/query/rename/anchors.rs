//! Renaming the anchors of notes: headings and block ids.

use std::sync::Arc;

use super::site::Site;
use super::{Options, Part, Plan, Refusal, chains};
use crate::edit::applied;
use crate::fact::Heading;
use crate::heading;
use crate::index::FileId;
use crate::note::Note;
use crate::path::fold_hash;
use crate::query::Texts;
use crate::vault::Vault;

/// The plan by which a heading, by its index in its note, gets another text;
/// where it is set so, the same heading of the copies in other tiers as well.
pub(super) fn heading(
    vault: &Vault,
    file: FileId,
    index: usize,
    new: &str,
    options: Options,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    let new = text_of(new);
    let note = vault.note(file).ok_or(Refusal::NothingHere)?;
    let heading = note.headings.get(index).ok_or(Refusal::NothingHere)?;
    if new.is_empty() || new.contains(['\n', '\r']) {
        let why = "A heading is one line of text".to_owned();
        return Err(Refusal::Name(why, None));
    }
    let marks = new.trim_end_matches('#');
    if marks.len() < new.len() && marks.ends_with([' ', '\t']) {
        let why = "A heading cannot end with a blank and `#`: that closes it".to_owned();
        return Err(Refusal::Name(why, Some(marks.trim_end().to_owned())));
    }
    let mut plan = Plan::default();
    let key = heading::key(new);
    if key.is_none() {
        plan.warnings
            .push(format!("No link can name the heading `{new}`."));
    }
    let mut places = vec![(file, Arc::clone(&note), index)];
    if options.set.headings {
        places.extend(in_copies(vault, file, &note, heading));
    }
    for (file, note, index) in places {
        let Some(own) = note.headings.get(index) else {
            continue;
        };
        let is_new = |other: &Heading| Some(other.key) == key;
        if key.is_some() && !is_new(own) && note.headings.iter().any(is_new) {
            let path = vault.path(file).unwrap_or_default();
            plan.warnings
                .push(format!("`{path}` has a heading `{new}` already."));
        }
        let path = || vec![vault.path(file).unwrap_or_default()];
        let text = texts.text(file);
        let text = text.ok_or_else(|| Refusal::Unreadable(path()))?;
        let old = written(&text, own).ok_or_else(|| Refusal::Changed(path()))?;
        if !stays_heading(vault, &note, &text, own, new) {
            let why = format!("`{new}` would not be read as a heading there");
            return Err(Refusal::Name(why, None));
        }
        let site = Site::text(Part::Definition, own.range(), old, new.to_owned());
        plan.add(file, site);
    }
    chains::follow(vault, &mut plan, texts)?;
    Ok(plan)
}

/// The same heading in the copies of a note: of the same level and key, and of
/// several such ones the one in the same place among them.
fn in_copies(
    vault: &Vault,
    file: FileId,
    note: &Note,
    wanted: &Heading,
) -> Vec<(FileId, Arc<Note>, usize)> {
    let is_same = |own: &Heading| own.level() == wanted.level() && own.key == wanted.key;
    let before = note.headings.iter();
    let before = before.take_while(|own| own.start < wanted.start);
    let nth = before.filter(|own| is_same(own)).count();
    // What no link can name is not known to be the same.
    let copies = super::copies(vault, file).into_iter();
    let copies = copies.filter(|_| wanted.key != 0);
    let found = copies.filter_map(|copy| {
        let note = vault.note(copy)?;
        let headings = note.headings.iter().enumerate();
        let index = headings.filter(|own| is_same(own.1)).nth(nth)?.0;
        Some((copy, note, index))
    });
    found.collect()
}

/// What a heading says, if it is the one that the facts tell of.
fn written<'t>(text: &'t str, own: &Heading) -> Option<&'t str> {
    let range = own.range();
    let written = text.get(range.start as usize..range.end as usize)?;
    (heading::key(written).unwrap_or(0) == own.key).then_some(written)
}

/// Whether a heading is one with another text, and all others stay.
fn stays_heading(vault: &Vault, note: &Note, text: &str, own: &Heading, new: &str) -> bool {
    let made = applied(text, &[(own.range(), new.to_owned())]);
    let made = Note::parse(&made, vault.symbols(), &vault.parse_options());
    let levels = |note: &Note| -> Vec<u8> { note.headings.iter().map(Heading::level).collect() };
    levels(note) == levels(&made)
}

/// The text of a heading, which may be given with its marks. A `#` at a word is
/// a tag.
fn text_of(given: &str) -> &str {
    let given = given.trim();
    let text = given.trim_start_matches('#');
    if text.starts_with([' ', '\t']) || text.is_empty() {
        text.trim_start()
    } else {
        given
    }
}

/// The plan by which a block, by its index in its note, gets another id (B1).
pub(super) fn block(
    vault: &Vault,
    file: FileId,
    index: usize,
    new: &str,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    let new = new.trim().trim_start_matches('^');
    let is_id = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if new.is_empty() || !new.chars().all(is_id) {
        let plain: String = new
            .chars()
            .map(|c| if is_id(c) { c } else { '-' })
            .collect();
        let plain = plain.trim_matches('-').to_owned();
        let why = "A block id is made of the letters a to z, digits and `-`".to_owned();
        return Err(Refusal::Name(why, (!plain.is_empty()).then_some(plain)));
    }
    let note = vault.note(file).ok_or(Refusal::NothingHere)?;
    let block = note.blocks.get(index).ok_or(Refusal::NothingHere)?;
    let key = fold_hash(new);
    if key != block.key && note.blocks.iter().any(|own| own.key == key) {
        let why = format!("The note has a block `^{new}` already");
        return Err(Refusal::Name(why, None));
    }
    let old = format!("^{}", vault.string(block.id));
    let mut plan = Plan::default();
    let range = block.id_range.clone();
    let site = Site::text(Part::Definition, range, &old, format!("^{new}"));
    plan.add(file, site);
    chains::follow(vault, &mut plan, texts)?;
    Ok(plan)
}
