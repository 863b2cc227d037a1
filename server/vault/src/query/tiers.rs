//! The tier section of a note and the properties that mirror it: where they
//! are, whatever they say.

use std::ops::Range;

use crate::fact::Link;
use crate::frontmatter::{Entry, Frontmatter, Scalar, Value};
use crate::heading;
use crate::lines::LineIndex;
use crate::link;
use crate::note::Note;
use crate::vault::Vault;

/// A tier section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The text of its heading.
    pub heading: Range<u32>,
    /// All of it, from the line of the heading on.
    pub range: Range<u32>,
}

/// The tier sections of a note, in order; a good note has one at most.
pub fn sections(vault: &Vault, note: &Note, lines: &LineIndex) -> Vec<Section> {
    let wanted = heading::key(&vault.settings().tier_section);
    let headings = note.headings.iter().enumerate();
    let found = headings.filter(|found| wanted.is_some() && Some(found.1.key) == wanted);
    let section = |(index, heading): (usize, &crate::fact::Heading)| Section {
        heading: heading.range(),
        range: note.section_in(index, lines),
    };
    found.map(section).collect()
}

/// Whether a link of a tier section is the statement of its line: a heading,
/// or an item of a list as older sections have it. `text` is the note's text.
pub fn is_line(text: &str, lines: &LineIndex, link: &Link) -> bool {
    let start = lines.line_of(link.start).start;
    let before = text.get(start as usize..link.start as usize);
    let before = before.unwrap_or("");
    before.contains("::")
        || before.trim_start().starts_with("###")
        || matches!(before.trim(), "-" | "*")
}

/// Whether a link stands in a property that mirrors the tier section.
pub fn is_mirror(vault: &Vault, note: &Note, link: &Link) -> bool {
    if !link.is(Link::PROPERTY) {
        return false;
    }
    let key = note.property_at(link.start).map(|property| property.key);
    let mirrors = &vault.settings().tier_mirrors;
    let is = |key: &str| mirrors.iter().any(|mirror| mirror == key);
    key.is_some_and(|key| vault.symbols().with(key, is))
}

/// The tier that a property such as `confidential` names, with the word that
/// does: a name or a link, or the most secret one of a list of them.
pub fn declared(vault: &Vault, front: &Frontmatter, entry: &Entry) -> Option<(String, usize)> {
    let tier = |scalar: &Scalar| {
        let word = scalar.text.trim();
        let name = link::whole(word).map_or(word, |parts| &word[parts.path]);
        let name = name.rsplit('/').next().unwrap_or(name);
        let mut tiers = vault.tiers().0.iter();
        let found = tiers.position(|tier| {
            let own = tier.folder.trim_start_matches('_');
            own.eq_ignore_ascii_case(name.trim_start_matches('_'))
        });
        Some((word.to_owned(), found?))
    };
    match &entry.value {
        Value::Scalar(scalar) => tier(scalar),
        Value::List => {
            let at = front
                .entries
                .iter()
                .position(|own| own.range == entry.range)?;
            let items = front.children(Some(at as u32));
            let items = items.filter_map(|(_, item)| match &item.value {
                Value::Scalar(scalar) => tier(scalar),
                _ => None,
            });
            items.max_by_key(|found| found.1)
        }
        _ => None,
    }
}
