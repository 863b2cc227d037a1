//! What a client filters items by (§9.4 no. 3): the text from the start of the
//! replaced range to the cursor must be found in what an item is matched by, or
//! the client drops what was offered.

use nucleo_matcher::chars::normalize;

use super::List;
use crate::path::lower;

/// Lets each item be matched by something in which a client finds what was typed.
/// Of that nothing may be kept for the next letter, so the client must ask again.
pub(super) fn keep(typed: &str, list: &mut List) {
    let typed = typed.trim_start();
    let dropped = list.items.iter_mut();
    for item in dropped.filter(|item| !is_kept(typed, &item.matched)) {
        let plain: String = item.matched.chars().map(normalize).collect();
        item.matched = if is_kept(typed, &plain) {
            plain
        } else {
            format!("{typed} {}", item.matched)
        };
        list.is_incomplete = true;
    }
}

/// Whether clients find what was typed in a text: its letters in order, in any
/// case, the first at the start of a word. VS Code asks for that; others do not
/// mind where the first one is.
pub(super) fn is_kept(typed: &str, matched: &str) -> bool {
    let mut wanted = typed.chars().map(lower);
    let Some(first) = wanted.next() else {
        return true;
    };
    let mut before = None;
    for (at, c) in matched.char_indices() {
        if lower(c) == first && begins_word(before, c) {
            let mut rest = matched[at + c.len_utf8()..].chars().map(lower);
            return wanted.all(|wanted| rest.any(|own| own == wanted));
        }
        before = Some(c);
    }
    false
}

fn begins_word(before: Option<char>, c: char) -> bool {
    let is_upper = |c: char| lower(c) != c;
    before.is_none_or(|before| {
        parts(before) || before.is_whitespace() || parts(c) || is_upper(c) && !is_upper(before)
    })
}

/// Whether clients take a character for one between words.
fn parts(c: char) -> bool {
    "_-. /\\'\":$<>()[]{}".contains(c)
}

#[cfg(test)]
mod tests {
    use super::super::{Item, ItemKind};
    use super::*;

    #[test]
    fn what_was_typed_is_found_in_what_an_item_is_matched_by() {
        for (typed, matched, kept) in [
            ("ro", "Rome", "Rome"),
            (" ro", "Rome", "Rome"),
            ("nyk", "New_York", "New_York"),
            ("yk", "NewYork", "NewYork"),
            ("[[ro", "[[Rome", "[[Rome"),
            ("ecole", "École", "Ecole"),
            // Its first letter stands within a word.
            ("ome", "Rome", "ome Rome"),
            ("york new", "New York", "york new New York"),
            ("new y", "New_York", "new y New_York"),
            ("#x", "x", "#x x"),
        ] {
            let mut item = Item::new(ItemKind::Note, "it", "it");
            matched.clone_into(&mut item.matched);
            let mut list = List::new(&(0..0), vec![item]);
            keep(typed, &mut list);
            assert_eq!(list.items[0].matched, kept, "{typed}");
            assert_eq!(list.is_incomplete, kept != matched, "{typed}");
            assert!(is_kept(typed.trim_start(), kept), "{typed}");
        }
    }
}
