//! Mistakes in the writing of the frontmatter.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Check;
use super::indent::Layout;
use crate::fact::{Form, ValueKind};
use crate::frontmatter::{Cut, Entry, Frontmatter, Problem, ProblemKind, Style, Value};
use crate::index::FileId;
use crate::link::{self, quoted};
use crate::properties::kind;
use crate::query::Location;
use crate::rule::Rule;

impl Check<'_> {
    pub(super) fn syntax(&mut self, front: Option<(&Cut, &Frontmatter)>) {
        self.merge_conflicts();
        let Some((cut, front)) = front else {
            self.no_frontmatter();
            return;
        };
        let mut layout = Layout::new(self.text, cut, front);
        for problem in &front.problems {
            if problem.kind == ProblemKind::Syntax && self.is_indentation(&mut layout, problem) {
                continue;
            }
            let rule = match problem.kind {
                ProblemKind::DuplicateKey => Rule::DuplicateKey,
                _ if self.text[problem.range.clone()].starts_with("[[") => Rule::UnquotedLink,
                _ => Rule::YamlSyntax,
            };
            self.report(problem.range.clone(), rule, &*problem.message);
            let written = &self.text[problem.range.clone()];
            let is_whole = written.ends_with("]]") && self.ends_line(problem.range.end);
            if rule == Rule::UnquotedLink && is_whole {
                let edit = (problem.range.clone(), quoted(written));
                self.fix("Quote the link", &[edit], true);
            }
        }
        self.swallowed(&mut layout);
        self.duplicates(front);
        for (index, entry) in front.entries.iter().enumerate() {
            self.unquoted_link(front, index, entry);
        }
        self.tags(front);
        self.residue(cut.content.clone());
        if cut.whole.start > 0 {
            self.byte_order_mark(cut.whole.start);
        }
    }

    /// Obsidian passes over the mark (P1), other programs see no frontmatter.
    fn byte_order_mark(&mut self, end: usize) {
        let message = "An invisible mark, U+FEFF, stands before the properties, and not every program reads them behind it";
        self.report(0..end, Rule::ByteOrderMark, message);
        self.fix("Remove the mark", &[(0..end, String::new())], true);
    }

    /// The first of equal keys is reported as well: any of them may go.
    fn duplicates(&mut self, front: &Frontmatter) {
        let is_duplicate = |problem: &&Problem| problem.kind == ProblemKind::DuplicateKey;
        let seconds = front.problems.iter().filter(is_duplicate);
        let seconds: FxHashSet<usize> = seconds.map(|problem| problem.range.start).collect();
        // The first key of each name, and whether it was reported.
        let mut firsts: FxHashMap<_, (Range<usize>, bool)> = FxHashMap::default();
        for entry in front.entries.iter().filter(|_| !seconds.is_empty()) {
            let Some(key) = &entry.key else { continue };
            let name = (entry.parent, key.name.as_str());
            if !seconds.contains(&key.range.start) {
                firsts.insert(name, (key.range.clone(), false));
                continue;
            }
            let Some((first, is_reported)) = firsts.get_mut(&name) else {
                continue;
            };
            if !std::mem::replace(is_reported, true) {
                let message = format!("`{}` is set again below: keep only one", key.name);
                let first = first.clone();
                self.report(first, Rule::DuplicateKey, message);
                self.relate(location(self.file, &key.range), "set again here");
            }
        }
    }

    /// A first line of `---` that nothing closes, or that comes too late.
    fn no_frontmatter(&mut self) {
        let start = if self.text.starts_with('\u{feff}') {
            3
        } else {
            0
        };
        let rest = &self.text[start..];
        let lead = rest.len() - rest.trim_start().len();
        let at = start + lead;
        let mut lines = self.text[at..].lines();
        if lines.next().is_none_or(|line| line.trim_end() != "---") {
            return;
        }
        let is_key = lines.next().is_some_and(is_property);
        if !is_key {
            return;
        }
        let is_closed = lines.any(|line| line.trim_end() == "---");
        if lead > 0 || !rest.starts_with("---\n") && !rest.starts_with("---\r") {
            let message = "Properties are read only at the very start of a note, behind a line of just `---`: remove what stands before";
            self.report(at..at + 3, Rule::MisplacedFrontmatter, message);
        } else if !is_closed {
            let message =
                "The properties are not closed: add a line of just `---` behind the last one";
            self.report(at..at + 3, Rule::UnclosedFrontmatter, message);
        }
    }

    fn merge_conflicts(&mut self) {
        let mut at = 0;
        let has_end = self.text.contains("\n>>>>>>> ");
        for line in self.text.split_inclusive('\n') {
            let is_mark = line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ");
            if is_mark && has_end {
                let end = at + line.trim_end().len();
                let message = "A merge was not finished here: keep one of the two versions and remove the marks";
                self.report(at..end, Rule::MergeConflict, message);
            }
            at += line.len();
        }
    }

    /// `key: [[Note]]` is a list in a list for YAML (G9).
    fn unquoted_link(&mut self, front: &Frontmatter, index: usize, entry: &Entry) {
        let written = self.text.get(entry.range.clone()).unwrap_or("");
        let is_list =
            entry.value == Value::List && written.starts_with("[[") && written.ends_with("]]");
        let is_inner = entry.parent.is_some_and(|parent| {
            front
                .entries
                .get(parent as usize)
                .is_some_and(|up| up.range == entry.range)
        });
        let mut children = front.children(Some(index as u32));
        let inner = children.next();
        let inner = inner.filter(|child| child.1.value == Value::List);
        let Some((inner, _)) = inner.filter(|_| is_list && !is_inner) else {
            return;
        };
        if children.next().is_none() && self.is_name(front, inner, written) {
            let message = format!("YAML reads this as a list: quote the link, `\"{written}\"`");
            let edit = (entry.range.clone(), quoted(written));
            self.report(entry.range.clone(), Rule::UnquotedLink, message);
            self.fix("Quote the link", &[edit], true);
        }
    }

    /// Whether a list in a list is a link that lacks its quotes, and no list of
    /// lists: its only item is a word, or there is a note of the name.
    fn is_name(&self, front: &Frontmatter, inner: usize, written: &str) -> bool {
        let mut items = front.children(Some(inner as u32));
        let only = items.next().filter(|_| items.next().is_none());
        let is_word = only.is_some_and(|(_, item)| match &item.value {
            Value::Scalar(scalar) => {
                scalar.style == Style::Plain && kind(item) != ValueKind::Number
            }
            _ => false,
        });
        let path = link::whole(written).map(|parts| &written[parts.path]);
        let leads = |path| {
            self.vault
                .lookup_path(path, self.file, Form::Wiki)
                .is_some()
        };
        is_word || path.is_some_and(leads)
    }

    /// Whether nothing but a comment stands between an offset and its line's end.
    fn ends_line(&self, offset: usize) -> bool {
        let rest = self.text.get(offset..).unwrap_or("");
        let rest = rest.lines().next().unwrap_or("").trim_start();
        rest.is_empty() || rest.starts_with('#')
    }

    fn residue(&mut self, content: Range<usize>) {
        let mut from = content.start;
        while let Some(open) = self.text[from..content.end].find("{{") {
            let start = from + open;
            let rest = &self.text[start..content.end];
            let line = rest.lines().next().unwrap_or("");
            let Some(close) = line.find("}}") else {
                from = start + 2;
                continue;
            };
            let end = start + close + 2;
            let message = "A placeholder of a template was not filled in: write the value, or remove the property";
            self.report(start..end, Rule::TemplateResidue, message);
            from = end;
        }
    }
}

fn location(file: FileId, range: &Range<usize>) -> Location {
    let range = range.start as u32..range.end as u32;
    Location { file, range }
}

/// Whether a line looks like a property.
fn is_property(line: &str) -> bool {
    line.split_once(':').is_some_and(|(key, rest)| {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
        !key.is_empty() && key.chars().all(is_word) && (rest.is_empty() || rest.starts_with(' '))
    })
}
