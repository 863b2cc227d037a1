//! Footnotes and references: uses of what is not written, and what is written
//! twice.

use std::ops::Range;

use memchr::{memchr3, memmem, memrchr3};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Check, wide};
use crate::fact::{LabelKind, RegionKind};
use crate::link::inside;
use crate::markdown;
use crate::path::fold_hash;
use crate::query::Location;
use crate::rule::Rule;

/// What stands before a reference in a sentence. Behind a letter or a bracket
/// such brackets are indices.
const BEFORE: &str = "(!*,;\"“„>|—";
/// What stands behind one.
const AFTER: &str = ".,;!?)*\"”“|—'’";

/// Something that is wrong unless it stands in code or the like.
struct Suspect {
    range: Range<usize>,
    rule: Rule,
    message: String,
    /// The definition that is taken.
    first: Option<Range<u32>>,
}

impl Check<'_> {
    /// The Markdown parser takes uses of what is not written for text, so they
    /// are found by their look.
    pub(super) fn labels(&mut self) {
        let body = self.note.frontmatter.end as usize;
        let mut suspects = self.footnotes(body);
        suspects.extend(self.references(body));
        suspects.extend(self.definitions(body));
        suspects.extend(self.footnotes_again());
        if suspects.is_empty() {
            return;
        }
        suspects.sort_by_key(|suspect| suspect.range.start);
        let structure = markdown::structure(self.text, body, &[]);
        let comments = self.note.regions.iter();
        let comments = comments.filter(|region| region.kind == RegionKind::Comment);
        let comments: Vec<_> = comments.map(|region| wide(&region.range)).collect();
        let mut hidden = [&structure.solid[..], &structure.math[..], &comments[..]];
        for suspect in suspects {
            let at = suspect.range.start;
            // Each list of ranges moves on with the places.
            let is_hidden = hidden.iter_mut().any(|list| inside(list, at));
            if is_hidden {
                continue;
            }
            self.report(suspect.range, suspect.rule, suspect.message);
            if let Some(range) = suspect.first {
                let file = self.file;
                self.relate(Location { file, range }, "this one is taken");
            }
        }
    }

    /// The keys of what the note writes of a kind.
    fn written(&self, kind: LabelKind) -> FxHashSet<u32> {
        let labels = self.note.labels.iter().filter(|label| label.kind == kind);
        labels.map(|label| label.key).collect()
    }

    /// Uses of footnotes that are not written.
    fn footnotes(&self, body: usize) -> Vec<Suspect> {
        let text = self.text;
        let written = self.written(LabelKind::Footnote);
        let uses = memmem::find_iter(&text.as_bytes()[body..], b"[^").map(|at| at + body);
        let suspect = |at: usize| {
            let rest = &text[at + 2..];
            let id = rest.split([']', '[', ' ', '\t', '\n', '\r']).next()?;
            let end = at + 2 + id.len() + 1;
            let is_use = !id.is_empty()
                && rest[id.len()..].starts_with(']')
                && !text[..at].ends_with(['\\', '['])
                && !text[end..].starts_with([':', '(']);
            (is_use && !written.contains(&fold_hash(id))).then(|| Suspect {
                range: at..end,
                rule: Rule::BrokenFootnote,
                message: format!("The footnote is not written: add a line `[^{id}]: …`"),
                first: None,
            })
        };
        uses.filter_map(suspect).collect()
    }

    /// References, `[text][label]`, without a definition of the label.
    fn references(&self, body: usize) -> Vec<Suspect> {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let defined = self.written(LabelKind::Definition);
        let middles = memmem::find_iter(&bytes[body..], b"][").map(|at| at + body);
        let suspect = |at: usize| {
            let start = body + memrchr3(b'[', b']', b'\n', &bytes[body..at])?;
            let end = at + 2 + memchr3(b'[', b']', b'\n', &bytes[at + 2..])?;
            if bytes[start] != b'[' || bytes[end] != b']' {
                return None;
            }
            let (shown, label) = (&text[start + 1..at], &text[at + 2..end]);
            let before = text[..start].chars().next_back();
            let after = text[end + 1..].chars().next();
            let is_free = before.is_none_or(|c| c.is_whitespace() || BEFORE.contains(c))
                && after.is_none_or(|c| c.is_whitespace() || AFTER.contains(c));
            // Marks in capitals, such as those of a log, are no text of a link.
            let is_text = shown.chars().count() > 1
                && shown.contains(char::is_lowercase)
                && !shown.starts_with(['^', '!']);
            // Nor is a word between brackets, where a note has no references.
            let is_sure = !defined.is_empty() || before == Some('!') || shown.contains(' ');
            let is_label = label.contains(char::is_alphabetic) && !label.starts_with('^');
            let is_escaped = shown.ends_with('\\') || label.ends_with('\\');
            let is_use = is_free && is_text && is_sure && is_label && !is_escaped;
            let is_known = || defined.contains(&fold_hash(label)) || self.is_linked(start as u32);
            (is_use && !is_known()).then(|| Suspect {
                range: start..end + 1,
                rule: Rule::BrokenReference,
                message: format!("`[{label}]` is not defined: add a line `[{label}]: address`"),
                first: None,
            })
        };
        middles.filter_map(suspect).collect()
    }

    /// Whether a place lies in a link or in the use of a label.
    fn is_linked(&self, at: u32) -> bool {
        let links = &self.note.links;
        let link = links[..links.partition_point(|link| link.start <= at)].last();
        let labels = &self.note.labels;
        let label = labels[..labels.partition_point(|label| label.range.start <= at)].last();
        link.is_some_and(|link| link.range().contains(&at))
            || label.is_some_and(|label| {
                label.kind == LabelKind::DefinitionUse && label.range.contains(&at)
            })
    }

    /// Footnotes of which there is one above with the same label.
    fn footnotes_again(&self) -> Vec<Suspect> {
        let labels = self.note.labels.iter();
        let written = labels.filter(|label| label.kind == LabelKind::Footnote);
        let mut firsts: FxHashMap<u32, Range<u32>> = FxHashMap::default();
        let mut found = Vec::new();
        for label in written {
            let rest = self.slice(&label.range);
            let mark = rest.find(']').map_or(rest.len(), |end| end + 1);
            let range = label.range.start..label.range.start + mark as u32;
            if let Some(first) = firsts.get(&label.key) {
                found.push(Suspect {
                    message: format!(
                        "`{}` is written above, and that one is taken: remove this one, or give it another name",
                        self.slice(&range)
                    ),
                    range: wide(&range),
                    rule: Rule::DuplicateDefinition,
                    first: Some(first.clone()),
                });
            } else {
                firsts.insert(label.key, range);
            }
        }
        found
    }

    /// Definitions of a label that is defined above: the first is taken.
    fn definitions(&self, body: usize) -> Vec<Suspect> {
        let labels = self.note.labels.iter();
        let firsts = labels.filter(|label| label.kind == LabelKind::Definition);
        let firsts: FxHashMap<u32, Range<u32>> = firsts
            .map(|label| (label.key, label.range.clone()))
            .collect();
        let mut found = Vec::new();
        // In the middle of a paragraph nothing is defined.
        let (mut at, mut may_define) = (body, true);
        let lines = self.text[body..].split_inclusive('\n');
        for line in lines.filter(|_| !firsts.is_empty()) {
            let label = definition(line);
            if let Some(label) = label.filter(|_| may_define) {
                let start = at + line.len() - line.trim_start().len();
                let first = firsts.get(&fold_hash(label));
                if let Some(first) = first.filter(|first| (first.end as usize) <= start) {
                    found.push(Suspect {
                        range: start..start + label.len() + 2,
                        rule: Rule::DuplicateDefinition,
                        message: format!(
                            "`[{label}]` is defined above, and that line is taken: remove this one, or give it another name"
                        ),
                        first: Some(first.clone()),
                    });
                }
            }
            may_define = line.trim().is_empty() || may_define && label.is_some();
            at += line.len();
        }
        found
    }
}

/// The label that a line defines, by its look.
fn definition(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(' ');
    let rest = rest
        .strip_prefix('[')
        .filter(|_| line.len() - rest.len() < 4)?;
    let (label, address) = rest.split_once("]:")?;
    let is_label = !label.is_empty() && !label.contains(['[', ']']) && !label.starts_with('^');
    (is_label && !address.trim().is_empty()).then_some(label)
}
