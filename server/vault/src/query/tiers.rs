//! The tier section of a note and the properties that mirror it: where they
//! are, whatever they say.

use std::ops::Range;

use crate::fact::Link;
use crate::heading;
use crate::lines::LineIndex;
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
