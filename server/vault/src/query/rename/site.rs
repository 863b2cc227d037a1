//! A place of a note that a rename rewrites, and the edits that do it.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Edit, Part};
use crate::fact::Link;
use crate::field::canonical;
use crate::frontmatter::{self, Entry, Frontmatter, Key, Value};
use crate::properties::scalar;
use crate::relink::{is_there, relink, resubpath, spelled_place};
use crate::vault::Vault;

/// Old and new names that links may show.
pub(super) type Names = Arc<[[String; 2]]>;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) part: Part,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// A link is to have another path, subpath or both.
    Link {
        link: Link,
        path: Option<String>,
        subpath: Option<String>,
        names: Names,
    },
    /// These bytes, which read so, are to read otherwise.
    Text {
        range: Range<u32>,
        old: String,
        new: String,
    },
    /// A value of the frontmatter, by its bytes, that says `old` is to say `new`.
    /// It stays in the quotes that it has, and gets some where it needs them.
    Value {
        range: Range<u32>,
        old: String,
        new: String,
    },
    /// An item of a list in the frontmatter, by its bytes, that says this goes.
    Item { range: Range<u32>, old: String },
    /// A key, by its bytes with its quotes, that is `old` in canonical form is
    /// to be `new`. That of a property gets quotes where it needs them.
    Key {
        range: Range<u32>,
        old: String,
        new: String,
    },
}

impl Site {
    pub(super) fn text(part: Part, range: Range<u32>, old: &str, new: String) -> Self {
        let old = old.to_owned();
        let what = What::Text { range, old, new };
        Self { part, what }
    }
}

/// The edits of all sites of one note, in order. `None` when the text is not
/// what the facts of the sites were read from.
pub(super) fn edits(vault: &Vault, sites: &[Site], text: &str) -> Option<Vec<Edit>> {
    let mut all: Vec<Edit> = Vec::new();
    let needs_front = |site: &Site| {
        let what = &site.what;
        matches!(
            what,
            What::Value { .. } | What::Item { .. } | What::Key { .. }
        )
    };
    let front = sites.iter().any(needs_front).then(|| {
        let cut = frontmatter::cut(text)?;
        Some(Front::new(frontmatter::parse(text, &cut)))
    });
    let front = front.flatten();
    for site in sites {
        let found = match &site.what {
            What::Link {
                link,
                path,
                subpath,
                names,
            } => {
                if !is_there(vault, text, link) {
                    return None;
                }
                let mut edits = match path {
                    Some(path) => relink(text, link, path, names)?,
                    None => Vec::new(),
                };
                if let Some(subpath) = subpath {
                    if !is_place_there(vault, text, link) {
                        return None;
                    }
                    edits.push(resubpath(text, link, subpath)?);
                }
                edits
            }
            What::Text { range, old, new } => {
                let written = text.get(range.start as usize..range.end as usize)?;
                if old != written {
                    return None;
                }
                vec![(range.clone(), new.clone())]
            }
            What::Value { range, old, new } => {
                vec![value(text, front.as_ref()?.entry(range, old)?, new)?]
            }
            What::Item { range, old } => {
                vec![without(text, front.as_ref()?.entry(range, old)?)?]
            }
            What::Key { range, old, new } => {
                vec![key(text, front.as_ref(), range, [old, new])?]
            }
        };
        all.extend(found.into_iter().map(|(range, new)| Edit {
            range,
            new,
            part: site.part,
        }));
    }
    let is_change = |edit: &Edit| {
        text.get(edit.range.start as usize..edit.range.end as usize) != Some(&edit.new)
    };
    all.retain(is_change);
    all.sort_by_key(|edit| (edit.range.start, edit.range.end));
    // Two sites may say the same of one place.
    all.dedup_by(|next, last| next.range == last.range && next.new == last.new);
    // Items of a list that go side by side share a comma.
    all.dedup_by(|next, last| {
        let is_shared = next.range.start < last.range.end
            && next.part == last.part
            && next.new.is_empty()
            && last.new.is_empty();
        if is_shared {
            last.range.end = last.range.end.max(next.range.end);
        }
        is_shared
    });
    let is_disjoint = |pair: &[Edit]| pair[0].range.end <= pair[1].range.start;
    all.windows(2).all(is_disjoint).then_some(all)
}

/// Whether a link of the facts names its place in the text.
fn is_place_there(vault: &Vault, text: &str, link: &Link) -> bool {
    let place = spelled_place(text, link);
    place.is_some_and(|place| link.is(Link::ESCAPED) || place == vault.string(link.subpath))
}

/// The properties of a note, by where they stand.
struct Front {
    all: Frontmatter,
    values: FxHashMap<Range<usize>, usize>,
    keys: FxHashMap<Range<usize>, usize>,
}

impl Front {
    fn new(all: Frontmatter) -> Self {
        let entries = || all.entries.iter().enumerate();
        let is_scalar = |entry: &Entry| matches!(entry.value, Value::Scalar(_));
        let values = entries().filter(|own| is_scalar(own.1));
        let values = values
            .map(|(at, entry)| (entry.range.clone(), at))
            .collect();
        let keys =
            entries().filter_map(|(at, entry)| Some((entry.key.as_ref()?.range.clone(), at)));
        let keys = keys.collect();
        Self { all, values, keys }
    }

    /// The value at these bytes, if it says this.
    fn entry(&self, range: &Range<u32>, says: &str) -> Option<&Entry> {
        let entry = self.all.entries.get(*self.values.get(&wide(range))?)?;
        let is_said = matches!(&entry.value, Value::Scalar(scalar) if scalar.text == says);
        is_said.then_some(entry)
    }

    fn key(&self, range: &Range<u32>) -> Option<&Key> {
        let entry = self.all.entries.get(*self.keys.get(&wide(range))?)?;
        entry.key.as_ref()
    }
}

fn wide(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// A value in the quotes that it has, or in some where it needs them.
fn value(text: &str, entry: &Entry, new: &str) -> Option<(Range<u32>, String)> {
    let range = entry.range.start as u32..entry.range.end as u32;
    let written = text.get(entry.range.clone())?;
    let quote = written.chars().next().filter(|c| matches!(c, '\'' | '"'));
    Some(match quote {
        Some(_) => (
            range.start + 1..range.end - 1,
            crate::link::yaml(new, quote),
        ),
        None => (range, scalar(new)),
    })
}

/// A key in the quotes that it has, or in some where it needs them.
fn key(
    text: &str,
    front: Option<&Front>,
    range: &Range<u32>,
    [old, new]: [&str; 2],
) -> Option<(Range<u32>, String)> {
    let written = text.get(wide(range))?;
    let property = front.and_then(|front| front.key(range));
    let name = property.map_or(written, |key| &key.name);
    if canonical(name) != old {
        return None;
    }
    if property.is_none() {
        return Some((range.clone(), new.to_owned()));
    }
    let quote = written.chars().next().filter(|c| matches!(c, '\'' | '"'));
    Some(match quote {
        Some(_) => (
            range.start + 1..range.end - 1,
            crate::link::yaml(new, quote),
        ),
        None => (range.clone(), plain_key(new)),
    })
}

/// A text as a key that says it, plain where that is possible also in a mapping
/// of one line.
fn plain_key(text: &str) -> String {
    let is_read = |probe: String| {
        frontmatter::cut(&probe).is_some_and(|cut| {
            let front = frontmatter::parse(&probe, &cut);
            let last = front.entries.last().and_then(|entry| entry.key.as_ref());
            front.valid && last.is_some_and(|key| key.name == text)
        })
    };
    let is_plain = is_read(format!("---\n{text}: x\n---\n"))
        && is_read(format!("---\na: {{{text}: x}}\n---\n"));
    if is_plain && !frontmatter::is_word(text) && !text.starts_with(['"', '\'']) {
        text.to_owned()
    } else {
        crate::link::quoted(text)
    }
}

/// The edit that takes an item out of its list.
fn without(text: &str, item: &Entry) -> Option<(Range<u32>, String)> {
    let before = text.get(..item.range.start)?;
    let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let is_block = before[line..].trim() == "-";
    let range = if is_block {
        line..frontmatter::line_at(text, item.range.end).1
    } else {
        // Its comma goes along: the one behind it, or that of the last item.
        let behind = &text[item.range.end..];
        let blanks = |text: &str| text.len() - text.trim_start().len();
        if let Some(rest) = behind.trim_start().strip_prefix(',') {
            let end = text.len() - rest.len();
            item.range.start..end + blanks(rest)
        } else {
            let kept = before.trim_end();
            let start = kept
                .strip_suffix(',')
                .map_or(item.range.start, |kept| kept.trim_end().len());
            start..item.range.end
        }
    };
    Some((range.start as u32..range.end as u32, String::new()))
}
