//! What is above and below a note by properties such as `instance_of`, and
//! above and below a tag by its segments. Each question is about one level, so
//! circles do no harm.

use std::collections::BTreeMap;

use crate::fact::SymbolKind;
use crate::index::FileId;
use crate::path::fold;
use crate::query::Location;
use crate::query::at::{At, at};
use crate::query::definition::Types;
use crate::query::subject::{Subject, of_link, title_heading};
use crate::symbol::{Symbol, kind_bit, letters};
use crate::vault::Vault;

/// A note or a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kin {
    /// A note.
    Note(FileId),
    /// A tag by its identity (T4), and the place where it is shown: where it or
    /// a tag below it is used.
    Tag(String, Location),
}

/// The note or tag at a byte offset: a tag, the target of a link, or the note
/// itself on its title and first line.
pub fn prepare(vault: &Vault, file: FileId, offset: u32) -> Option<Kin> {
    let note = vault.note(file)?;
    match at(&note, offset)? {
        At::Tag(index) => {
            let tag = &note.tags[index];
            let range = tag.range();
            Some(Kin::Tag(vault.string(tag.name), Location { file, range }))
        }
        At::Link(index) => match of_link(vault, file, &note.links[index])? {
            Subject::File(file) | Subject::Anchor(file, _) => {
                vault.facts(file).map(|_| Kin::Note(file))
            }
            _ => None,
        },
        At::Heading(index) if title_heading(vault, file, &note) == Some(index) => {
            Some(Kin::Note(file))
        }
        At::FirstLine | At::Alias(_) => Some(Kin::Note(file)),
        _ => None,
    }
}

/// The notes that a note says it is one of.
pub fn notes_above(vault: &Vault, file: FileId) -> Vec<FileId> {
    let mut types = Types::new(vault).of(file);
    types.retain(|other| *other != file && vault.facts(*other).is_some());
    types
}

/// The notes that say they are one of this note, by path. `stop` is asked now
/// and then.
pub fn notes_below(vault: &Vault, file: FileId, stop: &dyn Fn() -> bool) -> Vec<FileId> {
    let Some(own) = vault.files().get(file) else {
        return Vec::new();
    };
    let mut types = Types::new(vault);
    let linking = vault.linking(vault.file_key(own)).enumerate();
    let linking = linking.take_while(|(count, _)| count % 256 != 0 || !stop());
    let linking = linking.map(|(_, other)| other);
    let mut below: Vec<FileId> = linking
        .filter(|&other| other != file && types.of(other).contains(&file))
        .collect();
    below.sort_by_cached_key(|other| vault.path(*other));
    below
}

/// The tag of which another one is a part; none for one without `/`.
pub fn tag_above(vault: &Vault, tag: &str, stop: &dyn Fn() -> bool) -> Option<Kin> {
    let (above, _) = tag.rsplit_once('/')?;
    let mut uses = uses(vault, above, stop).into_iter();
    let place = uses.find_map(|(_, symbol)| place(vault, symbol))?;
    Some(Kin::Tag(above.to_owned(), place))
}

/// The tags with one segment more, in the order of their letters.
pub fn tags_below(vault: &Vault, tag: &str, stop: &dyn Fn() -> bool) -> Vec<Kin> {
    let depth = tag.split('/').count();
    let mut below: BTreeMap<String, Kin> = BTreeMap::new();
    for (name, symbol) in uses(vault, tag, stop) {
        let segments: Vec<&str> = name.split('/').take(depth + 1).collect();
        if segments.len() <= depth {
            continue;
        }
        let child = segments.join("/");
        let key = fold(&child);
        if !below.contains_key(&key)
            && let Some(place) = place(vault, symbol)
        {
            below.insert(key, Kin::Tag(child, place));
        }
    }
    below.into_values().collect()
}

/// The strings that may be this tag or one below it, in the order of their
/// letters: the tag itself comes first.
fn uses(vault: &Vault, tag: &str, stop: &dyn Fn() -> bool) -> Vec<(String, Symbol)> {
    let folded = fold(tag);
    let mut found: Vec<(String, Symbol)> = Vec::new();
    let own = if tag.is_ascii() { letters(tag) } else { 0 };
    let needed = own | kind_bit(SymbolKind::Tag as u32);
    let is_within = |name: &str| {
        let own = fold(name);
        let rest = own.strip_prefix(&folded);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    vault.symbols().names(needed, stop, |symbol, name, _| {
        // Most names are of other things and of other length.
        if name.len() >= tag.len().min(folded.len()) && is_within(name) {
            found.push((name.to_owned(), symbol));
        }
    });
    found.sort();
    found.sort_by_cached_key(|(name, _)| fold(name));
    found
}

/// Where a tag is written exactly so.
fn place(vault: &Vault, tag: Symbol) -> Option<Location> {
    let mut files = vault.titled(SymbolKind::Tag, tag);
    files.find_map(|file| {
        let mut tags = vault.facts(file)?.tags();
        let range = tags.find(|own| own.name == tag)?.range();
        Some(Location { file, range })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::change::Change;
    use crate::digest::Parsed;

    fn vault() -> Vault {
        let mut vault = Vault::new(Arc::default());
        let notes = [
            (
                "a.md",
                "---\ninstance_of: [\"[[b]]\", \"[[a]]\", \"[[none]]\"]\n---\nis_a:: [[c]]\n",
            ),
            ("b.md", "---\nsubclass_of: \"[[a]]\"\n---\n[[c]] #x #y/p/q"),
            ("c.md", "#Y/r/s #y/R #yy/t"),
            // Composed, it has other letters at the same number of bytes.
            ("d.md", "#cafe #cafe/z #cafe\u{301} #cafe\u{301}/x"),
        ];
        let changes = notes.map(|(path, text)| {
            let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
            Change::Note(path.to_owned(), Some(parsed))
        });
        vault.apply(changes);
        vault
    }

    #[test]
    fn notes_are_above_and_below_one_another() {
        let vault = vault();
        let [a, b, c] = ["a.md", "b.md", "c.md"].map(|path| vault.find(path).unwrap());
        let never: &dyn Fn() -> bool = &|| false;
        assert_eq!(notes_above(&vault, a), [b, c]);
        assert_eq!(
            notes_above(&vault, b),
            [a],
            "a circle is one level at a time"
        );
        assert_eq!(notes_below(&vault, a, never), [b]);
        assert_eq!(notes_below(&vault, c, never), [a]);
        assert_eq!(prepare(&vault, a, 20), Some(Kin::Note(b)));
        assert_eq!(prepare(&vault, a, 0), Some(Kin::Note(a)));
    }

    #[test]
    fn tags_are_above_and_below_one_another() {
        let vault = vault();
        let never: &dyn Fn() -> bool = &|| false;
        let names = |kin: Vec<Kin>| -> Vec<String> {
            let name = |kin| match kin {
                Kin::Tag(name, _) => name,
                Kin::Note(_) => panic!("a note"),
            };
            kin.into_iter().map(name).collect()
        };
        assert_eq!(names(tags_below(&vault, "y", never)), ["y/p", "y/R"]);
        assert_eq!(names(tags_below(&vault, "Y/P", never)), ["y/p/q"]);
        assert_eq!(names(tags_below(&vault, "x", never)), [""; 0]);
        assert_eq!(names(tags_below(&vault, "cafe", never)), ["cafe/z"]);
        assert_eq!(
            names(tags_below(&vault, "caf\u{e9}", never)),
            ["cafe\u{301}/x"]
        );
        let above = tag_above(&vault, "cafe/z", never);
        assert_eq!(names(above.into_iter().collect()), ["cafe"]);
        let above = tag_above(&vault, "y/p/q", never);
        assert_eq!(names(above.into_iter().collect()), ["y/p"]);
        assert_eq!(tag_above(&vault, "y", never), None);
    }
}
