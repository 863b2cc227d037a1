//! What is wrong in a note, in plain words and with the place.
//!
//! A healthy vault is silent: of a link that leads nowhere the class decides
//! whether to speak, and what most notes do is never reported.

mod families;
pub mod fix;
mod frontmatter;
mod indent;
mod keys;
mod labels;
mod links;
mod nearest;
mod schema;
mod shapes;
mod silence;
mod tags;
#[cfg(test)]
mod tests;
mod tiers;
mod values;

use std::ops::Range;

use self::fix::Fix;

use crate::frontmatter::{Cut, Frontmatter};
use crate::index::FileId;
use crate::lines::LineIndex;
use crate::note::Note;
use crate::query::targets::Targets;
use crate::query::{Location, Texts};
use crate::resolve::Target;
use crate::rule::{self, Rule, Severity};
use crate::text::Encoding;
use crate::vault::Vault;

/// Something wrong in a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The bytes to underline.
    pub range: Range<u32>,
    /// The rule that is broken.
    pub rule: Rule,
    /// How serious it is by the settings.
    pub severity: Severity,
    /// What is wrong and what to do, in plain words.
    pub message: String,
    /// Other places that have to do with it, with a word on each.
    pub related: Vec<(Location, String)>,
    /// How to mend it, where that is plain.
    pub fix: Option<Fix>,
}

/// In so many broken links of a note the name is looked for that was probably
/// meant: each costs a look at all names of the vault.
pub const SIMILAR: usize = 8;

/// Candidates that are named with an ambiguous link.
pub(crate) const MAX_CANDIDATES: usize = 8;

/// All that is wrong in a note, in order. `text` is the note's text. Before
/// all notes were read, links are not judged. `similar` is usually [`SIMILAR`].
/// Of `texts` another copy of the note is asked for, where the settings say that
/// the values of properties are to agree, and nothing else.
pub fn diagnostics(
    vault: &Vault,
    file: FileId,
    text: &str,
    similar: usize,
    texts: &dyn Texts,
) -> Vec<Diagnostic> {
    let (Some(note), Some(path)) = (vault.note(file), vault.path(file)) else {
        return Vec::new();
    };
    if note.len as usize != text.len() {
        return Vec::new();
    }
    let cut = crate::frontmatter::cut(text);
    let front = cut.as_ref().map(|cut| crate::frontmatter::parse(text, cut));
    let mut check = Check {
        vault,
        file,
        note: &note,
        text,
        texts,
        lines: note.lines.index(Encoding::Utf8),
        targets: Vec::new(),
        similar,
        found: Vec::new(),
    };
    check.frontmatter(cut.as_ref().zip(front.as_ref()));
    if let Some((cut, front)) = cut.as_ref().zip(front.as_ref()) {
        check.schema(&path, cut, front);
    }
    check.structure();
    if vault.is_complete() {
        let mut targets = Targets::new(vault, file, &note);
        check.targets = note.links.iter().map(|link| targets.of(link)).collect();
        check.names(&path);
        check.links();
        check.tiers(front.as_ref());
    }
    let silent = check.silenced();
    let overrides = &vault.settings().rules;
    let mut found = check.found;
    found.retain_mut(|diagnostic| {
        let severity = rule::severity(overrides, diagnostic.rule, &path);
        diagnostic.severity = severity.unwrap_or(diagnostic.severity);
        severity.is_some() && !silent.holds(diagnostic.rule)
    });
    found.sort_by_key(|found| (found.range.start, found.range.end, found.rule));
    found.dedup();
    found
}

/// The note that is looked at, and what was found so far.
struct Check<'a> {
    vault: &'a Vault,
    file: FileId,
    note: &'a Note,
    text: &'a str,
    texts: &'a dyn Texts,
    lines: LineIndex,
    /// Where each link leads, once the vault is complete.
    targets: Vec<Target>,
    /// How often similar names are still looked for.
    similar: usize,
    found: Vec<Diagnostic>,
}

impl Check<'_> {
    fn report(&mut self, range: Range<usize>, rule: Rule, message: impl Into<String>) {
        self.found.push(Diagnostic {
            range: range.start as u32..range.end as u32,
            rule,
            severity: rule.severity(),
            message: message.into(),
            related: Vec::new(),
            fix: None,
        });
    }

    /// Adds a place to the last report.
    fn relate(&mut self, location: Location, word: impl Into<String>) {
        if let Some(last) = self.found.last_mut() {
            last.related.push((location, word.into()));
        }
    }

    fn slice(&self, range: &Range<u32>) -> &str {
        let slice = self.text.get(range.start as usize..range.end as usize);
        slice.unwrap_or("")
    }

    /// The frontmatter and what its values mean.
    fn frontmatter(&mut self, front: Option<(&Cut, &Frontmatter)>) {
        self.syntax(front);
        if let Some((_, front)) = front {
            self.values(front);
        }
    }
}

/// A range of offsets as one of indices.
fn wide(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}
