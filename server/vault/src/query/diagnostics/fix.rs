//! How to mend what was found: changes of the note itself, as small as can be.

use std::ops::Range;

use super::{Check, Diagnostic, wide};
use crate::fact::{Form, Link};
use crate::link;
use crate::path::split;

/// Changes of a note that mend what was found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order.
    pub title: String,
    /// Bytes and what replaces them, in order and disjoint.
    pub edits: Vec<(Range<u32>, String)>,
    /// Whether nothing is lost and nothing else can have been meant.
    pub is_safe: bool,
}

/// The edits of all safe fixes, in order. Of fixes that touch each other the
/// first is taken; the others can be made behind it.
pub fn safe_edits(found: &[Diagnostic]) -> Vec<(Range<u32>, String)> {
    let mut all: Vec<(Range<u32>, String)> = Vec::new();
    let fixes = found.iter().filter_map(|found| found.fix.as_ref());
    for fix in fixes.filter(|fix| fix.is_safe) {
        let touches = |edit: &(Range<u32>, String)| {
            let other =
                |own: &(Range<u32>, String)| own.0.start <= edit.0.end && edit.0.start <= own.0.end;
            all.iter().any(other)
        };
        if !fix.edits.iter().any(touches) {
            all.extend(fix.edits.iter().cloned());
        }
    }
    all.sort_by_key(|edit| edit.0.start);
    all
}

/// A text with edits made. They must be in order and disjoint.
pub fn applied(text: &str, edits: &[(Range<u32>, String)]) -> String {
    let mut made = String::with_capacity(text.len());
    let mut last = 0;
    for (range, new) in edits {
        let range = wide(range);
        made.push_str(text.get(last..range.start).unwrap_or(""));
        made.push_str(new);
        last = range.end;
    }
    made + text.get(last..).unwrap_or("")
}

/// A value in quotes of YAML.
pub(super) fn quoted(value: &str) -> String {
    if value.contains(['"', '\\']) {
        format!("'{}'", value.replace('\'', "''"))
    } else {
        format!("\"{value}\"")
    }
}

/// A value as the only item of a list in brackets, if it can stand there as it is.
pub(super) fn listed(written: &str) -> Option<String> {
    let is_quoted =
        written.len() > 1 && written.starts_with(['"', '\'']) && written.ends_with(['"', '\'']);
    let is_plain = !written.contains([',', '[', ']', '{', '}', '#', ':', '"', '\'', '\n', '\r']);
    (is_quoted && !written.contains(['\n', '\r']) || is_plain).then(|| format!("[{written}]"))
}

impl Check<'_> {
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

    /// The edits that write another path into a link, and into its alias where
    /// that repeats the name. `None` for links that are not plain wiki-links.
    pub(super) fn retarget(&self, fact: &Link, path: &str) -> Option<Vec<(Range<usize>, String)>> {
        if fact.form != Form::Wiki || fact.is(Link::ESCAPED) {
            return None;
        }
        let parts = link::parts(self.text, wide(&fact.range()));
        let old = split(&self.text[parts.path.clone()]).1;
        let new = split(path).1;
        let mut edits = vec![(parts.path.clone(), path.to_owned())];
        if let Some(alias) = parts.alias.filter(|alias| &self.text[alias.clone()] == old) {
            edits.push((alias, new.to_owned()));
        }
        Some(edits)
    }
}
