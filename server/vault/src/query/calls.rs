//! The tree of backlinks: a note or section, who links to it, and where its own
//! links lead.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::fact::{Form, Link};
use crate::index::FileId;
use crate::lines::LineIndex;
use crate::note::{Anchor, Note, Section};
use crate::path::{split, strip_md};
use crate::query::Texts;
use crate::query::at::{At, at};
use crate::query::subject::{Seen, Subject, files, occurrences, of_link, title, title_heading};
use crate::query::targets::Targets;
use crate::symbol::Symbol;
use crate::text::Encoding;
use crate::vault::Vault;

/// A note, or one of its sections by the index of the heading. The title stands
/// for the note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The note.
    pub file: FileId,
    /// The heading in [`Note::headings`].
    pub heading: Option<usize>,
}

/// What names a section of a note when other text was changed meanwhile: the
/// key of its heading, and how many of the key stand before it.
pub type Mark = (u32, usize);

/// Of so many notes the links are listed at once.
const MAX_CALLERS: usize = 1_000;

/// Notes that are kept at hand while many nodes are found or shown.
const MAX_NOTES: usize = 64;

/// Links by the notes and sections that hold them, with their ranges there.
pub type Calls = Vec<(Node, Vec<Range<u32>>)>;

/// The links to a note or section, or some of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// By the path of the note.
    pub calls: Calls,
    /// If there may be more: the path of the last note that was looked at, and
    /// the number of those behind it.
    pub rest: Option<(String, usize)>,
}

/// How a [`Node`] is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The name of the note or the text of the heading; never empty.
    pub name: String,
    /// The folder of a note, the path of the note of a section.
    pub detail: String,
    /// All of it, in bytes.
    pub extent: Range<u32>,
    /// What names it, inside of `extent`.
    pub selection: Range<u32>,
    /// What names a section later; `None` for a note as a whole.
    pub mark: Option<Mark>,
}

/// The note or section that is spoken of at a byte offset: the target of a
/// link, a heading, or the note itself on its first line.
pub fn prepare(vault: &Vault, file: FileId, offset: u32) -> Option<Node> {
    let note = vault.note(file)?;
    match at(&note, offset)? {
        At::Link(index) => match of_link(vault, file, &note.links[index])? {
            Subject::Anchor(file, Anchor::Heading(heading)) => {
                Some(node(vault, file, &*vault.note(file)?, Some(heading)))
            }
            Subject::File(file) | Subject::Anchor(file, _) => {
                vault.facts(file)?;
                Some(Node {
                    file,
                    heading: None,
                })
            }
            _ => None,
        },
        At::Heading(heading) => Some(node(vault, file, &note, Some(heading))),
        At::FirstLine | At::Alias(_) => Some(Node {
            file,
            heading: None,
        }),
        _ => None,
    }
}

/// The links to a note or section, by the notes and sections that hold them:
/// the ranges are theirs. Links of a note to itself are no backlinks of it
/// (G5), but its sections may link to one another. With `after` those of the
/// notes behind this path. `stop` is asked now and then.
pub fn incoming(
    vault: &Vault,
    end: Node,
    after: Option<&str>,
    stop: &dyn Fn() -> bool,
) -> Incoming {
    let mut found = Incoming::default();
    let Some(note) = vault.note(end.file) else {
        return found;
    };
    let subject = match (end.heading, title_heading(vault, end.file, &note)) {
        (Some(heading), _) => Subject::Anchor(end.file, Anchor::Heading(heading)),
        (None, Some(title)) => Subject::Title(end.file, title),
        (None, None) => Subject::File(end.file),
    };
    let mut seen = Seen::default();
    let mut callers = 0;
    let files = files(vault, &subject).into_iter();
    let mut files: Vec<(String, FileId)> = files
        .filter_map(|file| Some((vault.path(file)?, file)))
        .filter(|(path, _)| after.is_none_or(|after| after < path.as_str()))
        .collect();
    files.sort_unstable();
    for (count, &(ref path, file)) in files.iter().enumerate() {
        if count % 256 == 0 && stop() {
            break;
        }
        if file == end.file && end.heading.is_none() {
            continue;
        }
        let mut here = occurrences(vault, &subject, file, &mut seen);
        here.retain(|occurrence| !occurrence.definition);
        if !here.is_empty() {
            let ranges = here.into_iter().map(|occurrence| occurrence.range);
            found.calls.extend(by_section(vault, file, ranges));
            callers += 1;
        }
        let rest = files.len() - count - 1;
        if callers == MAX_CALLERS && rest > 0 {
            found.rest = Some((path.clone(), rest));
            break;
        }
    }
    found
}

/// Groups ranges of a note by the sections that hold them.
fn by_section(vault: &Vault, file: FileId, ranges: impl Iterator<Item = Range<u32>>) -> Calls {
    let Some(note) = vault.note(file) else {
        return Vec::new();
    };
    let sections = note.sections(&note.lines.index(Encoding::Utf8));
    let title = title_heading(vault, file, &note);
    let mut groups: BTreeMap<Option<usize>, Vec<Range<u32>>> = BTreeMap::new();
    for range in ranges {
        let heading = holder(&note, &sections, range.start);
        let heading = heading.filter(|heading| Some(*heading) != title);
        groups.entry(heading).or_default().push(range);
    }
    let groups = groups.into_iter();
    groups
        .map(|(heading, ranges)| (Node { file, heading }, ranges))
        .collect()
}

/// The heading of the innermost section that holds an offset. Headings that
/// are statements, such as the lines of a tier section, have no sections.
fn holder(note: &Note, sections: &[Section], offset: u32) -> Option<usize> {
    let after = sections.partition_point(|section| section.range.start <= offset);
    let parent = |&index: &usize| sections[index].parent;
    let mut chain = std::iter::successors(after.checked_sub(1), parent);
    chain.find(|&index| {
        let heading = &note.headings[index];
        !heading.title.is_empty() && !heading.is_hidden()
    })
}

/// The notes and sections to which the links of a note or section lead, in the
/// order in which they are first named. The ranges are those of the links. `stop`
/// is asked now and then.
pub fn outgoing(vault: &Vault, from: Node, stop: &dyn Fn() -> bool) -> Calls {
    let Some(note) = vault.note(from.file) else {
        return Vec::new();
    };
    let within = match from.heading {
        Some(heading) => note.section(heading),
        None => 0..note.len,
    };
    let mut targets = Targets::new(vault, from.file, &note);
    let mut nodes: FxHashMap<(FileId, bool, Symbol), Option<Node>> = FxHashMap::default();
    let mut known: FxHashMap<FileId, Option<Arc<Note>>> = FxHashMap::default();
    let mut order: FxHashMap<Node, usize> = FxHashMap::default();
    let mut found = Calls::new();
    let inside = |link: &&Link| within.contains(&link.start);
    for (count, link) in note.links.iter().filter(inside).enumerate() {
        if count % 256 == 0 && stop() {
            break;
        }
        let Some(file) = targets.of(link).file() else {
            continue;
        };
        let key = (file, link.form == Form::Wiki, link.subpath);
        let to = nodes.entry(key).or_insert_with(|| {
            if known.len() >= MAX_NOTES && !known.contains_key(&file) {
                known.clear();
            }
            let note = known.entry(file).or_insert_with(|| vault.note(file));
            Some(target(vault, link, file, note.as_deref()?))
        });
        let Some(to) = to.filter(|to| *to != from) else {
            continue;
        };
        let next = found.len();
        let index = *order.entry(to).or_insert(next);
        match found.get_mut(index) {
            Some(call) => call.1.push(link.range()),
            None => found.push((to, vec![link.range()])),
        }
    }
    found
}

/// The note or section of a link whose path leads to this note.
fn target(vault: &Vault, link: &Link, file: FileId, note: &Note) -> Node {
    let heading = match vault.anchor_in(link, note) {
        Some(Anchor::Heading(heading)) => Some(heading),
        _ => None,
    };
    node(vault, file, note, heading)
}

fn node(vault: &Vault, file: FileId, note: &Note, heading: Option<usize>) -> Node {
    let title = heading.and_then(|_| title_heading(vault, file, note));
    Node {
        file,
        heading: heading.filter(|_| heading != title),
    }
}

/// Shows nodes, of which many may lie in one note.
pub struct Shows<'a> {
    vault: &'a Vault,
    texts: &'a dyn Texts,
    encoding: Encoding,
    notes: FxHashMap<FileId, Known>,
}

/// A note at hand.
struct Known {
    note: Arc<Note>,
    lines: LineIndex,
    sections: Vec<Section>,
    /// Read when it is needed.
    text: OnceCell<Option<Arc<str>>>,
}

impl<'a> Shows<'a> {
    /// Of this vault; `encoding` is that of the tables of lines.
    pub fn new(vault: &'a Vault, texts: &'a dyn Texts, encoding: Encoding) -> Self {
        Self {
            vault,
            texts,
            encoding,
            notes: FxHashMap::default(),
        }
    }

    /// How a note or section is shown, with the lines of the note; `None` when
    /// it is not there.
    pub fn show(&mut self, end: Node) -> Option<(Shown, &LineIndex)> {
        let Self { vault, texts, .. } = *self;
        let path = vault.path(end.file)?;
        let known = self.known(end.file)?;
        let Some(index) = end.heading else {
            let (folder, name) = split(&path);
            let shown = Shown {
                name: strip_md(name).unwrap_or(name).to_owned(),
                detail: folder.trim_end_matches('/').to_owned(),
                extent: 0..known.note.len,
                selection: title(vault, end.file, &known.note),
                mark: None,
            };
            return Some((shown, &known.lines));
        };
        let heading = known.note.headings.get(index)?;
        let name = if heading.title.is_empty() {
            // Of statements no text is kept.
            let text = known.text.get_or_init(|| texts.text(end.file));
            let range = heading.range();
            let written = text.as_ref().and_then(|text| {
                let source = text.get(range.start as usize..range.end as usize)?;
                Some(source.lines().next()?.trim().to_owned())
            });
            written.unwrap_or_default()
        } else {
            vault.string(heading.title)
        };
        let is_blank = name.trim().is_empty();
        let shown = Shown {
            name: if is_blank { "#".to_owned() } else { name },
            detail: path,
            extent: known.sections.get(index)?.range.clone(),
            selection: heading.range(),
            mark: Some(mark(&known.note, index)),
        };
        Some((shown, &known.lines))
    }

    fn known(&mut self, file: FileId) -> Option<&mut Known> {
        if self.notes.len() >= MAX_NOTES && !self.notes.contains_key(&file) {
            self.notes.clear();
        }
        match self.notes.entry(file) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(place) => {
                let note = self.vault.note(file)?;
                let lines = note.lines.index(self.encoding);
                Some(place.insert(Known {
                    sections: note.sections(&lines),
                    note,
                    lines,
                    text: OnceCell::new(),
                }))
            }
        }
    }
}

/// What names the section of a heading later.
fn mark(note: &Note, heading: usize) -> Mark {
    let mut before = note.headings.iter().take(heading + 1).rev();
    let key = before.next().map_or(0, |heading| heading.key);
    (key, before.filter(|heading| heading.key == key).count())
}

/// The node of a note that a mark names; `None` when the heading is gone.
pub fn find(vault: &Vault, file: FileId, mark: Option<Mark>) -> Option<Node> {
    let note = vault.note(file)?;
    let Some((key, before)) = mark else {
        return Some(Node {
            file,
            heading: None,
        });
    };
    let headings = note.headings.iter().enumerate();
    let mut same = headings.filter(|heading| heading.1.key == key);
    let heading = Some(same.nth(before)?.0);
    Some(Node { file, heading })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Change;
    use crate::digest::Parsed;

    const NOTES: [(&str, &str); 3] = [
        (
            "x/a.md",
            "# a\n\n[[#B]] [[b]]\n\n## B\n\n[[b#C]] [[b|it]] [[a]] [[none]]\n",
        ),
        (
            "b.md",
            "[[a]]\n\n## C\n\n### [[a#B]]\n\n[[a]] [x](x/a.md)\n",
        ),
        ("c.png.md", ""),
    ];

    struct NoTexts;

    impl Texts for NoTexts {
        fn text(&self, _: FileId) -> Option<Arc<str>> {
            None
        }
    }

    fn vault() -> Vault {
        let mut vault = Vault::new(Arc::default());
        let changes = NOTES.map(|(path, text)| {
            let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
            Change::Note(path.to_owned(), Some(parsed))
        });
        vault.apply(changes);
        vault
    }

    fn shown(vault: &Vault, end: Node) -> Shown {
        let mut shows = Shows::new(vault, &NoTexts, Encoding::Utf8);
        shows.show(end).unwrap().0
    }

    fn said(vault: &Vault, calls: Calls) -> Vec<(String, usize)> {
        let calls = calls.into_iter();
        calls
            .map(|(node, ranges)| (shown(vault, node).name, ranges.len()))
            .collect()
    }

    fn named(names: &[(&str, usize)]) -> Vec<(String, usize)> {
        let own = |name: &(&str, usize)| (name.0.to_owned(), name.1);
        names.iter().map(own).collect()
    }

    #[test]
    fn backlinks_are_grouped_by_section() {
        let vault = vault();
        let [a, b] = ["x/a.md", "b.md"].map(|path| vault.find(path).unwrap());
        let never: &dyn Fn() -> bool = &|| false;
        let note = Node {
            file: a,
            heading: None,
        };
        let calls = incoming(&vault, note, None, never).calls;
        // `### [[a#B]]` is a statement in the section C.
        assert_eq!(said(&vault, calls), named(&[("b", 1), ("C", 3)]));
        let section = prepare(&vault, a, NOTES[0].1.find("## B").unwrap() as u32 + 3).unwrap();
        assert_eq!(section.heading, Some(1));
        assert_eq!(
            said(&vault, incoming(&vault, section, None, never).calls),
            named(&[("C", 1), ("a", 1)])
        );
        assert_eq!(prepare(&vault, b, 2), Some(note));
        assert_eq!(prepare(&vault, a, 2), Some(note));
        assert_eq!(find(&vault, a, shown(&vault, section).mark), Some(section));
        assert_eq!(find(&vault, a, Some((1, 0))), None);
    }

    #[test]
    fn many_backlinks_come_in_parts() {
        let mut vault = vault();
        let parsed = |vault: &Vault| {
            let options = vault.parse_options();
            Some(Parsed::closed("[[c.png]]", vault.symbols(), &options))
        };
        let notes = (0..MAX_CALLERS + 2).map(|n| format!("n/{n:04}.md"));
        let notes: Vec<Change> = notes
            .map(|path| Change::Note(path, parsed(&vault)))
            .collect();
        vault.apply(notes);
        let file = vault.find("c.png.md").unwrap();
        let hub = Node {
            file,
            heading: None,
        };
        let first = incoming(&vault, hub, None, &|| false);
        assert_eq!(first.calls.len(), MAX_CALLERS);
        let (after, rest) = first.rest.unwrap();
        assert_eq!((after.as_str(), rest), ("n/0999.md", 2));
        let others = incoming(&vault, hub, Some(&after), &|| false);
        let names = named(&[("1000", 1), ("1001", 1)]);
        assert_eq!(said(&vault, others.calls), names);
        assert_eq!(others.rest, None);
    }

    #[test]
    fn links_of_a_note_or_section_are_grouped_by_target() {
        let vault = vault();
        let file = vault.find("x/a.md").unwrap();
        let out = |heading| said(&vault, outgoing(&vault, Node { file, heading }, &|| false));
        assert_eq!(out(None), named(&[("B", 1), ("b", 2), ("C", 1)]));
        assert_eq!(out(Some(1)), named(&[("C", 1), ("b", 1), ("a", 1)]));
    }
}
