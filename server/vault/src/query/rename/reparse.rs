//! Whether the links of a note are read in its new text as they are meant. Some
//! names make what stands around them something else: a backtick begins code, a
//! `$` math, a bracket another link.

use super::{Edit, Plan};
use crate::edit::{TextEdit, applied};
use crate::fact::Link;
use crate::note::Note;
use crate::vault::Vault;

/// What can change how the text around it is read.
const DELICATE: [char; 14] = [
    '`', '$', '<', '>', '[', ']', '(', ')', '%', '{', '}', '!', '\\', '\'',
];

impl Plan {
    /// A new name goes into links.
    pub(super) fn writes(&mut self, name: &str) {
        self.is_delicate |= name.contains(is_odd);
    }
}

fn is_odd(c: char) -> bool {
    DELICATE.contains(&c) || c.is_whitespace() && c != ' '
}

/// Whether edits bring or take away something that can change how the text around
/// them is read: a folder that stays in a link does neither.
pub(super) fn are_delicate(text: &str, edits: &[Edit]) -> bool {
    let mut edits = edits.iter();
    edits.any(|edit| {
        let old = text.get(edit.range.start as usize..edit.range.end as usize);
        let old = old.unwrap_or("").chars().filter(|&c| is_odd(c));
        !old.eq(edit.new.chars().filter(|&c| is_odd(c)))
    })
}

/// Whether a text has the same links with edits made, each as these make it.
pub(super) fn keeps_links(vault: &Vault, text: &str, edits: &[Edit]) -> bool {
    let all: Vec<TextEdit> = edits
        .iter()
        .map(|edit| (edit.range.clone(), edit.new.clone()))
        .collect();
    let new = applied(text, &all);
    let options = vault.parse_options();
    let links = |text: &str| Note::parse(text, vault.symbols(), &options).links;
    let (before, after) = (links(text), links(&new));
    let is_meant = |(old, made): (&Link, &Link)| {
        let range = old.range();
        let first = all.partition_point(|own| own.0.start < range.start);
        let inside = all[first..].iter();
        let inside = inside.take_while(|own| own.0.start <= range.end);
        let inside = inside.filter(|own| own.0.end <= range.end);
        let inside = inside.map(|(own, new)| {
            let range = own.start - range.start..own.end - range.start;
            (range, new.clone())
        });
        let expected = slice(text, old).map(|old| applied(old, &inside.collect::<Vec<_>>()));
        let expected = expected.unwrap_or_default();
        let bare = expected.trim_matches(['"', '\'']);
        old.form == made.form
            && old.flags == made.flags
            && slice(&new, made).is_some_and(|made| made == expected || made == bare)
    };
    before.len() == after.len() && before.iter().zip(&after).all(is_meant)
}

fn slice<'t>(text: &'t str, link: &Link) -> Option<&'t str> {
    let range = link.range();
    text.get(range.start as usize..range.end as usize)
}
