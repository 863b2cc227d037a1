//! What stands above a title and the headings: how many links lead there, and
//! in which other tiers the note is.

use rustc_hash::FxHashMap;

use crate::fact::{Form, Link};
use crate::index::FileId;
use crate::note::{Anchor, Note};
use crate::query::references;
use crate::query::subject::{Seen, Subject, links_to, title_heading};
use crate::symbol::Symbol;
use crate::vault::Vault;

/// In more notes than this links are not counted for a list, which is to be
/// quick.
const MAX_COUNTED: usize = 400;

/// A line above a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// Where the title or heading begins; the start of a note without a title.
    pub at: u32,
    /// What it says.
    pub says: Says,
}

/// What a [`Lens`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// So many links of other notes lead to the note; `None`: ask [`backlinks`].
    Note(Option<usize>),
    /// So many of them lead to this heading; at least one.
    Heading(usize),
    /// Folders of the other tiers that have a copy; never empty.
    Tiers(Vec<String>),
}

/// The lenses of a note, in order. Where many notes speak of it only the note
/// as a whole has one, still to be counted.
pub fn lenses(vault: &Vault, file: FileId) -> Vec<Lens> {
    let Some(note) = vault.note(file) else {
        return Vec::new();
    };
    let title = title_heading(vault, file, &note);
    let at = title.map_or(0, |title| note.headings[title].start);
    let counts = counts(vault, file, &note);
    let says = Says::Note(counts.as_ref().map(|counts| counts.0));
    let mut found = vec![Lens { at, says }];
    let tiers = tiers(vault, file);
    if !tiers.is_empty() {
        let says = Says::Tiers(tiers);
        found.push(Lens { at, says });
    }
    let headings = counts.into_iter().flat_map(|counts| counts.1);
    let headings = headings.filter(|(heading, _)| Some(*heading) != title);
    found.extend(headings.map(|(heading, count)| Lens {
        at: note.headings[heading].start,
        says: Says::Heading(count),
    }));
    found.sort_by_key(|lens| lens.at);
    found
}

/// How many links of other notes lead to a note, however many there are.
pub fn backlinks(vault: &Vault, file: FileId) -> usize {
    references::count(vault, &Subject::File(file))
}

/// The links of other notes to a note, and those to each of its headings.
fn counts(vault: &Vault, file: FileId, note: &Note) -> Option<(usize, FxHashMap<usize, usize>)> {
    let key = vault.file_key(vault.files().get(file)?);
    if vault.linking(key).nth(MAX_COUNTED).is_some() {
        return None;
    }
    let mut seen = Seen::default();
    let mut anchors: FxHashMap<(bool, Symbol), Option<Anchor>> = FxHashMap::default();
    let (mut all, mut headings) = (0, FxHashMap::default());
    for other in vault.linking(key).filter(|&other| other != file) {
        let Some(facts) = vault.facts(other) else {
            continue;
        };
        for link in links_to(vault, facts, other, file, &mut seen) {
            all += 1;
            if !link.is(Link::SUBPATH) {
                continue;
            }
            let key = (link.form == Form::Wiki, link.subpath);
            let anchor = anchors.entry(key);
            if let Some(Anchor::Heading(heading)) =
                anchor.or_insert_with(|| vault.anchor_in(&link, note))
            {
                *headings.entry(*heading).or_default() += 1;
            }
        }
    }
    Some((all, headings))
}

/// The folders of the other tiers in which a copy of the note is there.
fn tiers(vault: &Vault, file: FileId) -> Vec<String> {
    let tiers = vault.tiers();
    let Some(path) = vault.full_path(file) else {
        return Vec::new();
    };
    let Some((own, base)) = tiers.base(&path) else {
        return Vec::new();
    };
    let others = tiers.0.iter().enumerate().filter(|tier| tier.0 != own);
    let there = others.filter(|tier| {
        let copy = tiers.at(base, tier.0);
        copy.is_some_and(|copy| vault.find_full(&copy).is_some())
    });
    there.map(|tier| tier.1.folder.clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::change::Change;
    use crate::digest::Parsed;

    fn vault(notes: &[(String, String)]) -> Vault {
        let mut vault = Vault::new(Arc::default());
        let changes: Vec<Change> = notes
            .iter()
            .map(|(path, text)| {
                let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
                Change::Note(path.clone(), Some(parsed))
            })
            .collect();
        vault.apply(changes);
        vault.set_complete();
        vault
    }

    fn owned(notes: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |note: &(&str, &str)| (note.0.to_owned(), note.1.to_owned());
        notes.iter().map(own).collect()
    }

    #[test]
    fn links_of_other_notes_are_counted() {
        let vault = vault(&owned(&[
            ("a.md", "x\n\n# A\n\n## B\n\n[[#B]] [[a]]\n\n## C\n"),
            ("b.md", "[[a]] [[a#B]] [x](a.md#b)"),
            ("c.md", "[[a#A]] [[a#None]]"),
        ]));
        let file = vault.find("a.md").unwrap();
        let lens = |at, says| Lens { at, says };
        assert_eq!(
            lenses(&vault, file),
            [lens(5, Says::Note(Some(5))), lens(11, Says::Heading(2))]
        );
        assert_eq!(backlinks(&vault, file), 5);
    }

    #[test]
    fn other_tiers_are_named_and_hubs_are_counted_later() {
        let mut notes = owned(&[
            ("_Standards/a.md", ""),
            ("_secret/a.secret.md", ""),
            ("_public/a.public.md", ""),
        ]);
        notes.extend((0..=MAX_COUNTED).map(|n| (format!("{n}.md"), "[[a#x]]".to_owned())));
        let vault = vault(&notes);
        let file = vault.find("_Standards/a.md").unwrap();
        let tiers = ["_public", "_secret"].map(str::to_owned).to_vec();
        let says: Vec<Says> = lenses(&vault, file)
            .into_iter()
            .map(|lens| lens.says)
            .collect();
        assert_eq!(says, [Says::Note(None), Says::Tiers(tiers)]);
        assert_eq!(backlinks(&vault, file), MAX_COUNTED + 1);
    }
}
