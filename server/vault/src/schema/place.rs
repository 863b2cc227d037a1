//! Where the parts of a JSON text stand.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A key, which may hold escapes.
#[derive(Deserialize, PartialEq, Eq, Hash)]
struct Name<'t>(#[serde(borrow)] Cow<'t, str>);

/// The bytes of the value at a JSON Pointer, cut behind its first line; of the
/// key when that is what is wrong; else of the first character.
pub(super) fn range(text: &str, pointer: &str) -> Range<usize> {
    let mut part = text.trim();
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let Some(below) = member(part, name) else {
            break;
        };
        part = below;
    }
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    let line = part.lines().next().unwrap_or_default();
    start..start + line.len()
}

/// A member of an object or list, where it stands.
fn member(part: &str, name: String) -> Option<&str> {
    if part.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(part).ok()?;
        return Some(items.get(name.parse::<usize>().ok()?)?.get());
    }
    let members: HashMap<Name, &RawValue> = serde_json::from_str(part).ok()?;
    members.get(&Name(name.into())).map(|value| value.get())
}

/// The offset of a place that the parser names: a line from one, and how many
/// bytes of it were read.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let mut at = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
