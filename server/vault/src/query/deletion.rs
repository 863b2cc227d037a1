//! Deleting files: the links that lead to them, and what can become of those.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::edit::TextEdit;
use crate::fact::{Form, Link};
use crate::index::FileId;
use crate::link::parts;
use crate::path::{above, split, strip_md};
use crate::relink::{is_there, shown};
use crate::resolve::Target;
use crate::vault::Vault;

/// The links that lead to files or into folders, by note; of notes that stay.
/// Paths are from the root of the opened folder.
pub fn links_to(vault: &Vault, paths: &[String]) -> BTreeMap<FileId, Vec<Link>> {
    let mut gone: FxHashSet<FileId> = paths.iter().filter_map(|path| vault.find(path)).collect();
    let folders = paths.iter().filter(|path| vault.find(path).is_none());
    let folders: FxHashSet<&str> = folders.map(String::as_str).collect();
    if !folders.is_empty() {
        let is_below = |own: &str| above(own).any(|folder| folders.contains(folder));
        let files = vault.files().iter();
        let below = files.filter(|own| vault.symbols().with(own.1.folder, is_below));
        gone.extend(below.map(|file| file.0));
    }
    let keys = gone.iter().filter_map(|&file| vault.files().get(file));
    let keys: FxHashSet<u32> = keys.map(|file| vault.file_key(file)).collect();
    let sources: FxHashSet<FileId> = keys.iter().flat_map(|&key| vault.linking(key)).collect();
    let mut found = BTreeMap::new();
    for source in sources.into_iter().filter(|source| !gone.contains(source)) {
        let Some(facts) = vault.facts(source) else {
            continue;
        };
        let leads_there = |link: &Link| {
            vault.link_key(link).is_some_and(|key| keys.contains(&key))
                && matches!(vault.resolve(link, source), Target::File { file, .. } if gone.contains(&file))
        };
        let links: Vec<Link> = facts.links().filter(leads_there).collect();
        if !links.is_empty() {
            found.insert(source, links);
        }
    }
    found
}

/// The edits that make links the text that they show. Left alone are
/// definitions of references, links in code fences and canvases, and those that
/// are written with escapes of YAML. `text` must be what the links were read from:
/// what stands elsewhere by now is left alone, too.
pub fn unlinked(vault: &Vault, text: &str, links: &[Link]) -> Vec<TextEdit> {
    let mut last = 0;
    let edits = links.iter().filter_map(|link| {
        let is_kept = link.is(Link::FENCE) || link.is(Link::ESCAPED) || link.is(Link::CANVAS);
        if is_kept || !is_there(vault, text, link) {
            return None;
        }
        let range = link.range();
        let (start, end) = (range.start as usize, range.end as usize);
        // An image in a link goes with it.
        if start < last {
            return None;
        }
        let name = |range: Range<usize>| {
            let name = split(text.get(range)?).1;
            Some(strip_md(name).unwrap_or(name))
        };
        let shown = match (shown(text, link), link.form) {
            (Some(range), _) => text.get(range)?,
            (None, Form::Wiki) => name(parts(text, start..end).path)?,
            (None, _) => return None,
        };
        last = end;
        Some((range, shown.to_owned()))
    });
    edits.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::edit::applied;
    use crate::query::held::Held;

    fn unlinked_in(notes: &[(&str, &str)], gone: &[&str], path: &str) -> String {
        let notes = notes.iter().map(|own| (own.0.to_owned(), own.1.to_owned()));
        let held = Held::new(notes.collect(), &Arc::default());
        let gone: Vec<String> = gone.iter().map(|&path| path.to_owned()).collect();
        let found = links_to(&held.vault, &gone);
        let links = held.vault.find(path).and_then(|file| found.get(&file));
        let text = &held.notes[path];
        applied(
            text,
            &unlinked(&held.vault, text, links.map_or(&[], Vec::as_slice)),
        )
    }

    #[test]
    fn links_to_what_is_deleted_become_what_they_show() {
        let text = "---\na: \"[[x/Gone|it]]\"\n---\n[[Gone]] ![[x/Gone.md|350]] [a *b*](x/Gone.md \"t\") [[Kept]] `[[Gone]]`\n[![i](x/Gone.md)](x/Gone.md)\n[d]: x/Gone.md\n";
        let notes = [("n.md", text), ("x/Gone.md", "[[n]]\n"), ("Kept.md", "")];
        let expected = "---\na: \"it\"\n---\nGone Gone a *b* [[Kept]] `[[Gone]]`\n![i](x/Gone.md)\n[d]: x/Gone.md\n";
        for gone in ["x/Gone.md", "x"] {
            assert_eq!(unlinked_in(&notes, &[gone], "n.md"), expected);
        }
        assert_eq!(unlinked_in(&notes, &["y"], "n.md"), text);
    }

    #[test]
    fn links_that_stand_elsewhere_by_now_are_left() {
        let notes = [("n.md", "[[Gone]] x"), ("Gone.md", "")];
        let notes = notes.map(|own| (own.0.to_owned(), own.1.to_owned()));
        let held = Held::new(notes.into_iter().collect(), &Arc::default());
        let found = links_to(&held.vault, &["Gone.md".to_owned()]);
        for links in found.values() {
            assert_eq!(unlinked(&held.vault, "x [[Gone]]", links), []);
            assert_eq!(unlinked(&held.vault, "[[Gone]] y", links).len(), 1);
        }
        assert_eq!(found.len(), 1);
    }
}
