//! Text that goes from one note to another: its links are written so that
//! they lead where they led.

use std::ops::Range;

use crate::edit::{TextEdit, applied};
use crate::fact::{Heading, Link};
use crate::heading;
use crate::index::FileId;
use crate::note::{Anchor, Note};
use crate::query::subject::anchor_range;
use crate::relink::{relink, resubpath};
use crate::settings::LinkFormat;
use crate::vault::Vault;

/// A piece of a note that goes to another note.
pub(super) struct Carry<'a> {
    /// The vault as it is.
    pub(super) before: &'a Vault,
    /// The vault as it will be: with the note that the text goes to.
    pub(super) after: &'a Vault,
    /// The note that it comes from.
    pub(super) from: FileId,
    /// The note that it goes to, in `after`.
    pub(super) to: FileId,
    /// Whether the note that it comes from loses it.
    pub(super) moves: bool,
}

impl Carry<'_> {
    /// The text of `range` as it is to stand in the other note. `note` was
    /// read from `text`.
    pub(super) fn text(&self, note: &Note, text: &str, range: &Range<u32>) -> String {
        let inside = |link: &&Link| range.start <= link.start && link.range().end <= range.end;
        let mut edits: Vec<TextEdit> = Vec::new();
        for link in note.links.iter().filter(inside) {
            edits.extend(self.link(note, text, range, link).unwrap_or_default());
        }
        for edit in &mut edits {
            edit.0 = edit.0.start - range.start..edit.0.end - range.start;
        }
        let source = text.get(range.start as usize..range.end as usize);
        applied(source.unwrap_or(""), &edits)
    }

    fn link(
        &self,
        note: &Note,
        text: &str,
        range: &Range<u32>,
        link: &Link,
    ) -> Option<Vec<TextEdit>> {
        let target = self.before.resolve(link, self.from).file()?;
        let is_within = link.name.is_empty() && link.folder.is_empty();
        let goes_along = target == self.from && self.goes_along(note, range, link);
        let is_own = self.moves && target == self.from;
        let shorter = is_own.then(|| shorter(self.before, note, text, range, link));
        let shorter = shorter.flatten();
        if is_within && goes_along {
            return shorter.map(|edit| vec![edit]);
        }
        let target = if goes_along { self.to } else { target };
        let path = self.before.link_path(link);
        let found = self.after.lookup_path(&path, self.to, link.form);
        if !is_within && found.is_some_and(|found| found.0 == target) {
            return shorter.map(|edit| vec![edit]);
        }
        let format = if crate::path::is_relative(&path) {
            LinkFormat::Relative
        } else {
            self.before.settings().obsidian.new_link_format
        };
        let path = self.after.linkpath(self.to, target, format, link.form)?;
        let mut edits = relink(text, link, &path, &[])?;
        edits.extend(shorter);
        Some(edits)
    }

    /// Whether the place in its own note that a link names goes along.
    fn goes_along(&self, note: &Note, range: &Range<u32>, link: &Link) -> bool {
        let anchor = self.before.anchor_in(link, note);
        let named = anchor.map(|anchor| anchor_range(note, anchor));
        // A link to the whole note names no place in it.
        self.moves && named.is_some_and(|named| !named.is_empty() && range.contains(&named.start))
    }
}

/// The edit that cuts off a link's subpath the headings that will be in another
/// note than the one that they lead to. `note` is the one that loses `range`,
/// and the link stands in `text`.
pub(super) fn shorter(
    vault: &Vault,
    note: &Note,
    text: &str,
    range: &Range<u32>,
    link: &Link,
) -> Option<TextEdit> {
    let Some(Anchor::Heading(wanted)) = vault.anchor_in(link, note) else {
        return None;
    };
    let subpath = vault.string(link.subpath);
    let segments = subpath.split('#').map(str::trim);
    let segments: Vec<&str> = segments.filter(|segment| !segment.is_empty()).collect();
    let goes = |heading: &Heading| range.contains(&heading.start);
    let wanted_goes = note.headings.get(wanted).is_some_and(goes);
    let along = note.headings.iter().enumerate();
    let along = along.filter(|heading| goes(heading.1) == wanted_goes);
    let (places, along): (Vec<usize>, Vec<(u8, u32)>) = along
        .map(|(index, heading)| (index, (heading.level(), heading.key)))
        .unzip();
    let leads = |from: &usize| {
        let keys: Vec<u32> = segments[*from..]
            .iter()
            .map(|segment| heading::key(segment).unwrap_or(0))
            .collect();
        let found = heading::find(along.iter().copied(), &keys);
        found.and_then(|found| places.get(found)) == Some(&wanted)
    };
    let from = (0..segments.len()).find(leads).filter(|&from| from > 0)?;
    resubpath(text, link, &segments[from..].join("#"))
}
