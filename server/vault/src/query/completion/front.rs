//! The frontmatter around the cursor, also while its end is not written yet.

use crate::frontmatter::{self, Cut, line_at};

/// The frontmatter of a text: where none ends, the lines below the first `---`
/// that look like properties, if they reach the cursor.
pub(super) fn cut(text: &str, offset: usize) -> Option<Cut> {
    frontmatter::cut(text).or_else(|| begun(text, offset))
}

/// Whether something is written in the frontmatter.
pub(super) fn holds(text: &str, offset: usize) -> bool {
    cut(text, offset).is_some_and(|cut| cut.whole.contains(&offset) || is_in(&cut, offset))
}

fn is_in(cut: &Cut, offset: usize) -> bool {
    cut.content.start <= offset && offset <= cut.content.end
}

fn begun(text: &str, offset: usize) -> Option<Cut> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let (end, first) = line_at(text, start);
    if text.get(start..end)? != "---" || offset < first {
        return None;
    }
    let mut at = first;
    let mut is_reached = false;
    while at < text.len() {
        let (end, next) = line_at(text, at);
        let is_own = at <= offset && offset <= end;
        let line = text.get(at..if is_own { offset } else { end })?;
        let is_begun = is_own && is_key(line);
        if !is_begun && !is_property(line, at > first) {
            break;
        }
        is_reached |= is_own;
        at = next;
    }
    // The last line may have nothing on it.
    is_reached |= at == text.len() && offset == at;
    is_reached.then_some(Cut {
        whole: start..at,
        content: first..at,
    })
}

/// Whether a line looks like a property, or like what belongs to the one above.
/// Keys with blanks are rare, and sentences with a colon are not.
fn is_property(line: &str, is_below: bool) -> bool {
    let content = line.trim_start_matches([' ', '\t']);
    let is_item = content.starts_with("- ") || content == "-";
    if is_item || content.len() < line.len() {
        return is_below && !content.trim_end().is_empty();
    }
    content.split_once(':').is_some_and(|(key, value)| {
        !key.is_empty() && is_key(key) && (value.is_empty() || value.starts_with([' ', '\t']))
    })
}

/// Whether this may be the beginning of a key.
fn is_key(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$' | '/');
    text.chars().all(is_part)
}
