//! Renaming parts of notes: headings and block ids.

use super::site::{Site, What};
use super::{Part, Plan, Refusal, chains};
use crate::heading;
use crate::index::FileId;
use crate::path::fold_hash;
use crate::query::Texts;
use crate::vault::Vault;

/// The plan by which a heading, by its index in its note, gets another text.
pub(super) fn heading(
    vault: &Vault,
    file: FileId,
    index: usize,
    new: &str,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    let new = new.trim().trim_start_matches('#').trim_start();
    let note = vault.note(file).ok_or(Refusal::NothingHere)?;
    let heading = note.headings.get(index).ok_or(Refusal::NothingHere)?;
    if new.is_empty() || new.contains(['\n', '\r']) {
        let why = "A heading is one line of text".to_owned();
        return Err(Refusal::Name(why, None));
    }
    let mut plan = Plan::default();
    let key = heading::key(new);
    let is_same = |own: &crate::fact::Heading| Some(own.key) == key;
    if key.is_none() {
        plan.warnings
            .push(format!("No link can name the heading `{new}`."));
    } else if heading.key != key.unwrap_or(0) && note.headings.iter().any(is_same) {
        plan.warnings
            .push(format!("The note has a heading `{new}` already."));
    }
    let what = What::Text {
        range: heading.range(),
        old: None,
        new: new.to_owned(),
    };
    let part = Part::Definition;
    plan.add(file, Site { part, what });
    chains::follow(vault, &mut plan, texts)?;
    Ok(plan)
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
