//! How to mend what was found: changes of the note itself, as small as can be.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Check, Diagnostic, wide};
use crate::edit::TextEdit;
use crate::fact::{Form, Link};
use crate::frontmatter::{Entry, is_word};
use crate::link::quoted;
use crate::path::{split, strip_md};
use crate::relink::relink;
use crate::tag;

/// Changes of a note that mend what was found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order.
    pub title: String,
    /// Bytes and what replaces them, in order and disjoint.
    pub edits: Vec<TextEdit>,
    /// Whether nothing is lost and nothing else can have been meant.
    pub is_safe: bool,
}

/// The edits of all safe fixes, in order. Of fixes that touch each other the
/// first is taken; the others can be made behind it.
pub fn safe_edits(found: &[Diagnostic]) -> Vec<TextEdit> {
    let mut all: Vec<TextEdit> = Vec::new();
    // Where the edits begin and end; none of them touch.
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    let fixes = found.iter().filter_map(|found| found.fix.as_ref());
    for fix in fixes.filter(|fix| fix.is_safe) {
        let touches = |edit: &TextEdit| {
            let before = taken.range(..=edit.0.end).next_back();
            before.is_some_and(|own| *own.1 >= edit.0.start)
        };
        if !fix.edits.iter().any(touches) {
            taken.extend(fix.edits.iter().map(|edit| (edit.0.start, edit.0.end)));
            all.extend(fix.edits.iter().cloned());
        }
    }
    all.sort_by_key(|edit| edit.0.start);
    all
}

/// A value as the only item of a list in brackets, if it can stand there as it is.
fn listed(written: &str) -> Option<String> {
    let is_quoted =
        written.len() > 1 && written.starts_with(['"', '\'']) && written.ends_with(['"', '\'']);
    let is_plain = !written.contains([',', '[', ']', '{', '}', '#', ':', '"', '\'', '\n', '\r']);
    (is_quoted && !written.contains(['\n', '\r']) || is_plain).then(|| format!("[{written}]"))
}

/// Tags as a list in brackets, each in quotes unless nothing in it has a meaning
/// for YAML of any age; `None` if one of them is no tag.
pub(super) fn tag_list<'t>(tags: impl Iterator<Item = &'t str>) -> Option<String> {
    let tags = tags.map(|tag| {
        let has_no_meaning = tag.starts_with(char::is_alphabetic) && !is_word(tag);
        is_tag(tag).then(|| {
            if has_no_meaning {
                tag.to_owned()
            } else {
                quoted(tag)
            }
        })
    });
    let tags: Vec<String> = tags.collect::<Option<_>>()?;
    Some(format!("[{}]", tags.join(", ")))
}

/// Whether a text without `#` is the name of a tag (T1).
pub(super) fn is_tag(name: &str) -> bool {
    tag::name_length(name) == Some(name.len())
}

impl Check<'_> {
    /// The value of a property as the only item of a list, if it can stand
    /// there as it is. A tag of YAML would be that of the list.
    pub(super) fn as_list(&self, entry: &Entry) -> Option<String> {
        let key = entry.key.as_ref()?;
        let between = self.text.get(key.range.end..entry.range.start)?;
        let written = self.text.get(entry.range.clone())?;
        listed(written).filter(|_| between.trim() == ":")
    }

    /// Adds a fix to the last report.
    pub(super) fn fix(
        &mut self,
        title: impl Into<String>,
        edits: &[(Range<usize>, String)],
        is_safe: bool,
    ) {
        let narrow = |(range, new): &(Range<usize>, String)| {
            (range.start as u32..range.end as u32, new.clone())
        };
        if let Some(last) = self.found.last_mut() {
            last.fix = Some(Fix {
                title: title.into(),
                edits: edits.iter().map(narrow).collect(),
                is_safe,
            });
        }
    }

    /// The whole line of an offset, if nothing stands on it but a list item.
    pub(super) fn item_line(&self, item: &Range<usize>) -> Option<Range<usize>> {
        let line = wide(&self.lines.line_of(item.start as u32));
        let source = self.text.get(line.clone())?;
        let value = source.trim().strip_prefix('-')?.trim();
        (self.text.get(item.clone())?.trim() == value).then_some(line)
    }

    /// The edits that write another path, as it stands in a wiki-link, into a
    /// link, and its last segment where the link shows the old one.
    pub(super) fn retarget(&self, fact: &Link, path: &str) -> Option<Vec<(Range<usize>, String)>> {
        if fact.form != Form::Wiki {
            return None;
        }
        let old = self.vault.string(fact.name);
        let old = strip_md(&old).unwrap_or(&old);
        let names = [[old, split(path).1].map(str::to_owned)];
        let edits = relink(self.text, fact, path, &names)?;
        Some(
            edits
                .into_iter()
                .map(|(range, new)| (wide(&range), new))
                .collect(),
        )
    }
}
