//! Short texts and numbers that are values of properties and fields: which are
//! kept, so that other notes may be offered them.
//!
//! What no second note is likely to say takes memory and helps nobody: long
//! texts, addresses, and codes, which are texts and numbers of many digits.
//! Links, dates and checkboxes are offered by other facts.

use std::borrow::Cow;

use crate::fact::ValueKind;
use crate::frontmatter::is_word;

/// Longer texts, in bytes, are not kept.
const MAX_TEXT: usize = 48;
/// Nor are those with more digits.
const MAX_DIGITS: usize = 4;
/// Titles are what notes are called, so longer ones are kept.
const MAX_TITLE: usize = 200;
/// The key of a title.
const TITLE: &str = "title";

/// The value of a property as it is kept. A text that would be a number or a
/// word of YAML without its quotes has them.
pub(crate) fn in_property<'t>(
    key: &str,
    text: &'t str,
    kind: ValueKind,
    is_quoted: bool,
) -> Option<Cow<'t, str>> {
    let text = text.trim();
    if is_title(key) {
        return is_line(text, MAX_TITLE).then_some(Cow::Borrowed(text));
    }
    let is_usual = matches!(kind, ValueKind::Text | ValueKind::Number) && is_short(text);
    let needs_quotes = is_quoted && (is_word(text) || is_number(text));
    is_usual.then(|| {
        if needs_quotes {
            Cow::Owned(format!("\"{text}\""))
        } else {
            Cow::Borrowed(text)
        }
    })
}

/// The value of an inline field as it is kept.
pub(crate) fn in_field<'t>(key: &str, text: &'t str) -> Option<&'t str> {
    let is_plain = |text: &str| !text.contains(['[', ']', '(', ')', '`', '|']);
    let is_kept = if is_title(key) {
        is_line(text, MAX_TITLE)
    } else {
        is_short(text) && !is_word(text)
    };
    (is_kept && is_plain(text)).then_some(text)
}

/// Whether the values of a key are titles: those of one note.
pub(crate) fn is_title(key: &str) -> bool {
    key.eq_ignore_ascii_case(TITLE)
}

/// A value that is kept, without quotes, and whether it had some.
pub(crate) fn unquoted(kept: &str) -> (&str, bool) {
    let inside = kept
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match inside {
        Some(text) if is_word(text) || is_number(text) => (text, true),
        _ => (kept, false),
    }
}

/// Whether YAML reads a text as a number.
pub(crate) fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

fn is_line(text: &str, most: usize) -> bool {
    !text.is_empty() && text.len() <= most && !text.contains(char::is_control)
}

fn is_short(text: &str) -> bool {
    let digits = || text.bytes().filter(u8::is_ascii_digit).count();
    is_line(text, MAX_TEXT)
        && digits() <= MAX_DIGITS
        && ["[[", "](", "://"].iter().all(|mark| !text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_addresses_are_not_kept() {
        let kept = |text| in_property("k", text, ValueKind::Text, false);
        for text in ["draft", "geo/City", "in progress", "4.5", "É", "a: b"] {
            assert_eq!(kept(text).as_deref(), Some(text));
        }
        let long = "x".repeat(MAX_TEXT + 1);
        for text in ["", "Q12345", "https://x", "[[a]] b", "a\nb", &long] {
            assert_eq!(kept(text), None, "{text}");
        }
        assert_eq!(in_property("k", "true", ValueKind::Checkbox, false), None);
        assert!(in_property("Title", &long, ValueKind::Text, false).is_some());
    }

    #[test]
    fn quotes_stay_where_they_mean_something() {
        let kept = |text| in_property("k", text, ValueKind::Text, true).unwrap();
        assert_eq!(unquoted(&kept("1.0")), ("1.0", true));
        assert_eq!(unquoted(&kept("yes")), ("yes", true));
        assert_eq!(unquoted(&kept("draft")), ("draft", false));
        assert_eq!(unquoted("\"so\""), ("\"so\"", false));
        assert_eq!(in_field("k", "[x]"), None);
    }
}
