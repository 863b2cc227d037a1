//! The one order of names that are offered: how well a name matches what was
//! typed, then how near it is to the note that is written in.
//!
//! A name matches *exactly*, or *begins* with what was typed, or has a *word*
//! that begins with it, or holds its letters in order (*fuzzy*). A better way
//! to match always comes first; case and accents make no difference. Within one
//! way count, in points: a note opened lately 6, one in the same folder 4, in
//! the same tier 2, and one for every doubling of the notes that link to it, to
//! 12. Then short names come before long ones. Files that the settings leave
//! out of lists come last of all.

use std::cmp::Reverse;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::path::{fold, is_inert, lower, parts_words};
use crate::symbol::initials;

/// How a name matches, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// It is what was typed.
    Exact,
    /// It begins with it.
    Prefix,
    /// One of its words begins with it.
    Word,
    /// It holds the letters in order; a higher score is better.
    Fuzzy(Reverse<u32>),
}

/// What was typed.
#[derive(Debug)]
pub struct Typed {
    folded: String,
    pattern: Pattern,
    matcher: Matcher,
    buffer: Vec<char>,
}

impl Typed {
    /// What was typed, as it is.
    pub fn new(text: &str) -> Self {
        Self {
            folded: fold(text.trim_start()),
            pattern: Pattern::new(
                text,
                CaseMatching::Ignore,
                Normalization::Smart,
                AtomKind::Fuzzy,
            ),
            matcher: Matcher::new(Config::DEFAULT),
            buffer: Vec::new(),
        }
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.folded.is_empty()
    }

    /// The bits that names have which begin with what was typed, or have a word
    /// that does; see [`initials`].
    pub fn initials(&self) -> u64 {
        let first = self.folded.chars().next();
        first.map_or(0, |first| initials(first.encode_utf8(&mut [0; 4])))
    }

    /// How a name begins with what was typed, or one of its words does.
    pub fn begins(&self, name: &str) -> Option<Way> {
        if name.is_ascii() {
            return begins_ascii(name, &self.folded);
        }
        // Most names need no folding in memory of its own.
        if name.chars().all(is_inert) {
            return begins(name, &self.folded);
        }
        begins(&fold(name), &self.folded)
    }

    /// How a name matches.
    pub fn matches(&mut self, name: &str) -> Option<Way> {
        self.begins(name).or_else(|| self.fuzzy(name))
    }

    /// Whether a name holds the letters in order.
    pub fn fuzzy(&mut self, name: &str) -> Option<Way> {
        let name = Utf32Str::new(name, &mut self.buffer);
        let score = self.pattern.score(name, &mut self.matcher)?;
        Some(Way::Fuzzy(Reverse(score)))
    }
}

/// `name` is ASCII, `typed` is folded.
fn begins_ascii(name: &str, typed: &str) -> Option<Way> {
    let has = |at: usize| {
        let slice = name.as_bytes().get(at..at + typed.len());
        slice.is_some_and(|slice| slice.eq_ignore_ascii_case(typed.as_bytes()))
    };
    if has(0) {
        let is_whole = name.len() == typed.len();
        return Some(if is_whole { Way::Exact } else { Way::Prefix });
    }
    let mut words = name.bytes().enumerate();
    let word = words.find(|&(at, byte)| parts_words(char::from(byte)) && has(at + 1));
    word.map(|_| Way::Word)
}

/// `name` is folded but for the case of its letters, `typed` is folded.
fn begins(name: &str, typed: &str) -> Option<Way> {
    // What is left of a text behind the letters that were typed.
    let rest = |text: &str| {
        let mut letters = text.chars();
        let mut folded = letters.by_ref().map(lower);
        let has = typed.chars().all(|letter| folded.next() == Some(letter));
        has.then_some(letters.as_str().len())
    };
    match rest(name) {
        Some(0) => Some(Way::Exact),
        Some(_) => Some(Way::Prefix),
        None => {
            let mut starts = name.match_indices(parts_words);
            let word = starts.any(|(at, sign)| rest(&name[at + sign.len()..]).is_some());
            word.then_some(Way::Word)
        }
    }
}

/// Where a name stands in the order; the best is the least.
pub type Rank = (bool, Way, Reverse<u32>, u32);

/// What is known of a thing with a name, beside the name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are independent of one another"
)]
pub struct Nearness {
    /// The settings leave it out of lists.
    pub excluded: bool,
    /// It was opened lately.
    pub recent: bool,
    /// It is in the folder of the note that is written in.
    pub same_folder: bool,
    /// It is in its tier.
    pub same_tier: bool,
    /// So many notes link to it.
    pub links: u32,
}

/// The rank of a name that matches in this way.
pub fn rank(way: Way, name: &str, near: Nearness) -> Rank {
    let points = u32::from(near.recent) * 6
        + u32::from(near.same_folder) * 4
        + u32::from(near.same_tier) * 2
        + (u32::BITS - near.links.leading_zeros()).min(12);
    (near.excluded, way, Reverse(points), name.len() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_ways_to_match_come_first() {
        let way = |typed: &str, name: &str| Typed::new(typed).matches(name);
        assert_eq!(way("rome", "Rome"), Some(Way::Exact));
        assert_eq!(way("Ro", "rome"), Some(Way::Prefix));
        assert_eq!(way("yo", "New_York"), Some(Way::Word));
        assert_eq!(way("É", "école"), Some(Way::Prefix));
        assert_eq!(way("ÉCOLE", "E\u{301}cole"), Some(Way::Exact));
        assert_eq!(way("ö", "E\u{301}cole_Östlich"), Some(Way::Word));
        // A byte of a letter is no blank, though a blank has its number.
        assert!(matches!(way("lue", "vàlue"), Some(Way::Fuzzy(_))));
        assert!(matches!(way("nyk", "New_York"), Some(Way::Fuzzy(_))));
        assert_eq!(way("x", "Rome"), None);
        assert_eq!(way("", "Rome"), Some(Way::Prefix));
        assert!(
            matches!(way("!^", "a!b^"), Some(Way::Fuzzy(_))),
            "no signs of a pattern"
        );
    }

    #[test]
    fn near_things_come_before_far_ones_that_match_as_well() {
        let near = Nearness {
            same_folder: true,
            ..Nearness::default()
        };
        let linked = Nearness {
            links: 1000,
            ..Nearness::default()
        };
        let far = Nearness::default();
        assert!(rank(Way::Prefix, "aa", near) < rank(Way::Prefix, "a", far));
        assert!(rank(Way::Prefix, "aa", linked) < rank(Way::Prefix, "aa", near));
        assert!(rank(Way::Exact, "aa", far) < rank(Way::Prefix, "aa", near));
        let out = Nearness {
            excluded: true,
            ..near
        };
        assert!(rank(Way::Word, "a", far) < rank(Way::Exact, "a", out));
    }
}
