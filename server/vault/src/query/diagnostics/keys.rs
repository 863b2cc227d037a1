//! The keys of properties: those that Obsidian gave up, and rare spellings.

use std::ops::Range;

use super::Check;
use crate::frontmatter::{Entry, Frontmatter, Key, Value};
use crate::rule::Rule;

/// Keys that Obsidian gave up, and what it reads now (P3).
const DEPRECATED: [(&str, &str); 3] = [
    ("tag", "tags"),
    ("alias", "aliases"),
    ("cssclass", "cssclasses"),
];
/// A spelling counts as common from so many notes on.
const COMMON: u32 = 10;
/// A key so many times rarer than another spelling of it is a variant.
const RARER: u32 = 3;

impl Check<'_> {
    pub(super) fn key(&mut self, front: &Frontmatter, entry: &Entry) {
        let Some(key) = &entry.key else { return };
        let is = |name: &&(&str, &str)| key.name.eq_ignore_ascii_case(name.0);
        let deprecated = DEPRECATED.iter().find(is).filter(|_| entry.depth == 0);
        if let Some((old, new)) = deprecated {
            let message = format!("Obsidian no longer reads `{old}`: write `{new}`, with a list");
            self.report(key.range.clone(), Rule::DeprecatedKey, message);
            self.rename_deprecated(front, entry, old, new);
        } else if self.vault.is_complete() && entry.depth == 0 {
            self.variant(front, &key.name, &key.range);
        }
    }

    /// The key that Obsidian reads now, with a list.
    fn rename_deprecated(&mut self, front: &Frontmatter, entry: &Entry, old: &str, new: &str) {
        let Some(key) = &entry.key else { return };
        let mut edits = vec![(key.range.clone(), new.to_owned())];
        if matches!(entry.value, Value::Scalar(_)) {
            let is_split = old == "tag" && self.slice_of(entry).contains(' ');
            let Some(list) = self.as_list(entry).filter(|_| !is_split) else {
                return;
            };
            edits.push((entry.range.clone(), list));
        }
        // Where the new key is set as well, only the writer can join the two.
        let is_new = |key: &Key| key.name.eq_ignore_ascii_case(new);
        if front.property(is_new).is_none() {
            self.fix(format!("Write `{new}`"), &edits, true);
        }
    }

    /// A key that is a rare spelling of a common one.
    fn variant(&mut self, front: &Frontmatter, name: &str, range: &Range<usize>) {
        let others = self.vault.other_spellings(name).into_iter();
        let common = others.max_by(|left, right| {
            let by_name = || right.0.cmp(&left.0);
            left.1.cmp(&right.1).then_with(by_name)
        });
        let Some((spelling, count)) = common else {
            return;
        };
        // A note whose frontmatter cannot be read is not counted.
        let own = self.vault.spelling_uses(name).max(1);
        if count < COMMON || u64::from(count) < u64::from(own) * u64::from(RARER) {
            return;
        }
        let notes = if own == 1 {
            "note writes"
        } else {
            "notes write"
        };
        let message =
            format!("{own} {notes} `{name}`, and {count} write `{spelling}`: use one spelling");
        self.report(range.clone(), Rule::KeyVariant, message);
        if is_plain(&spelling) && front.property(|key| key.name == spelling).is_none() {
            let edit = (range.clone(), spelling.clone());
            self.fix(format!("Write `{spelling}`"), &[edit], false);
        }
    }
}

/// Whether a key needs no quotes.
fn is_plain(key: &str) -> bool {
    let is_inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.');
    key.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && key.chars().all(is_inner)
        && !key.ends_with(' ')
}
