//! Any text between `---` lines gives properties that keep the rules: ranges
//! lie inside of the frontmatter and on character boundaries, a collection
//! stands before its members and holds them, every entry has a path, and line
//! ends change nothing.
#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use vaultmark_vault::frontmatter::{Cut, Entry, Frontmatter, Value, cut, inner, parse};

fuzz_target!(|data: &[u8]| {
    let yaml = String::from_utf8_lossy(data);
    let text = format!("---\n{yaml}\n---\n");
    let cut = cut(&text).expect("both delimiters are there");
    let found = parse(&text, &cut);
    ranges_are_inside(&text, &cut, &found);
    members_follow_their_collection(&found);
    paths_name_the_entries(&found);
    if !text.contains('\r') {
        line_ends_do_not_matter(&text, &found);
    }
});

fn ranges_are_inside(text: &str, cut: &Cut, found: &Frontmatter) {
    assert!(text.get(cut.whole.clone()).is_some(), "{cut:?}");
    let inside = |range: &Range<usize>| {
        assert!(text.get(range.clone()).is_some(), "{range:?}");
        let content = &cut.content;
        assert!(
            content.start <= range.start && range.end <= content.end,
            "{range:?}"
        );
    };
    for entry in &found.entries {
        inside(&entry.range);
        inside(&inner(text, entry));
        if let Some(key) = &entry.key {
            inside(&key.range);
            assert!(key.range.end <= entry.range.start, "{entry:?}");
        }
    }
    for problem in &found.problems {
        inside(&problem.range);
    }
    assert_eq!(found.valid, found.problems.is_empty());
}

fn start(entry: &Entry) -> usize {
    let key = entry.key.as_ref();
    key.map_or(entry.range.start, |key| key.range.start)
}

fn members_follow_their_collection(found: &Frontmatter) {
    for (at, entry) in found.entries.iter().enumerate() {
        let Some(parent) = entry.parent else {
            assert_eq!(entry.depth, 0, "{entry:?}");
            continue;
        };
        assert!((parent as usize) < at, "{entry:?}");
        let parent = &found.entries[parent as usize];
        assert!(matches!(parent.value, Value::List | Value::Map));
        assert_eq!(parent.depth + 1, entry.depth);
        assert!(parent.range.start <= start(entry), "{entry:?} {parent:?}");
        assert!(entry.range.end <= parent.range.end, "{entry:?} {parent:?}");
    }
}

fn paths_name_the_entries(found: &Frontmatter) {
    let mut members = found.children(None).count();
    for (at, entry) in found.entries.iter().enumerate() {
        let path = found.key_path(at);
        if let Some(key) = &entry.key {
            assert!(path.ends_with(&key.name), "{path:?}");
        }
        members += found.children(Some(at as u32)).count();
    }
    assert_eq!(members, found.entries.len());
}

fn line_ends_do_not_matter(text: &str, found: &Frontmatter) {
    let text = text.replace('\n', "\r\n");
    let cut = cut(&text).expect("both delimiters are there");
    let other = parse(&text, &cut);
    let shown = |found: &Frontmatter| -> Vec<_> {
        let entries = found.entries.iter();
        let entries = entries.map(|entry| {
            let key = entry.key.as_ref().map(|key| key.name.clone());
            (entry.parent, entry.index, key, entry.value.clone())
        });
        entries.collect()
    };
    assert_eq!(shown(found), shown(&other));
    let problems = |found: &Frontmatter| -> Vec<_> {
        let problems = found.problems.iter();
        problems.map(|p| (p.kind, p.message.clone())).collect()
    };
    assert_eq!(problems(found), problems(&other));
}
