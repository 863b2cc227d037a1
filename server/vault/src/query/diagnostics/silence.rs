//! Comments in a note that silence rules in it.

use std::ops::Range;

use memchr::memmem;

use super::Check;
use super::nearest::alike;
use crate::fact::RegionKind;
use crate::link::inside;
use crate::markdown;
use crate::rule::Rule;

/// A comment with this word in a note silences rules in it: all of them, or
/// those whose codes follow on the line.
const SILENCE: &str = "vaultmark-ignore";

/// The rules that comments in a note silence.
#[derive(Default)]
pub(super) struct Silenced {
    all: bool,
    rules: Vec<Rule>,
}

impl Silenced {
    pub(super) fn holds(&self, rule: Rule) -> bool {
        self.all || self.rules.contains(&rule)
    }
}

impl Check<'_> {
    /// Reads the comments that silence rules; what names none is reported.
    pub(super) fn silenced(&mut self) -> Silenced {
        let mut silenced = Silenced::default();
        let comments = self.comments();
        if comments.is_empty() {
            return silenced;
        }
        let code = self.code();
        let mut code = &code[..];
        for at in comments {
            if !inside(&mut code, at) {
                self.silence(at + SILENCE.len(), &mut silenced);
            }
        }
        silenced
    }

    /// Where the word stands at the start of a comment.
    fn comments(&self) -> Vec<usize> {
        let places = memmem::find_iter(self.text.as_bytes(), SILENCE);
        let is_comment = |at: &usize| {
            let before = self.text[..*at].trim_end();
            before.ends_with("%%") || before.ends_with("<!--")
        };
        places.filter(is_comment).collect()
    }

    /// Code in the body, which only shows such a comment.
    fn code(&self) -> Vec<Range<usize>> {
        let structure = markdown::structure(self.text, self.note.body_start(self.text), &[]);
        let blocks = structure.regions.into_iter();
        let blocks = blocks.filter(|region| region.0 == RegionKind::Code);
        let is_span = |range: &Range<usize>| self.text[range.clone()].starts_with('`');
        let spans = structure.solid.into_iter().filter(is_span);
        let mut code: Vec<Range<usize>> = blocks.map(|block| block.1).chain(spans).collect();
        code.sort_unstable_by_key(|range| range.start);
        code
    }

    /// The words of a comment from an offset on.
    fn silence(&mut self, start: usize, silenced: &mut Silenced) {
        let line = self.text[start..].lines().next().unwrap_or("");
        let line = line.split("%%").next().unwrap_or("");
        let line = line.split("-->").next().unwrap_or("");
        let (mut at, mut unknown) = (start, Vec::new());
        let mut known = Vec::new();
        for word in line.split([' ', '\t', ',', ':', ';']) {
            match Rule::of(word) {
                Some(rule) => known.push(rule),
                None if !word.is_empty() => unknown.push(at..at + word.len()),
                None => {}
            }
            at += word.len() + 1;
        }
        silenced.all |= known.is_empty() && unknown.is_empty();
        let codes: Vec<String> = Rule::ALL
            .iter()
            .map(|rule| rule.code().to_owned())
            .collect();
        let mut is_lone = known.is_empty();
        silenced.rules.extend(known);
        for range in unknown {
            let word = &self.text[range.clone()];
            if let Some(near) = alike(word, &codes) {
                let message = format!("There is no rule `{word}`; did you mean `{near}`?");
                self.report(range.clone(), Rule::UnknownRule, message);
                let edit = (range, near.to_owned());
                self.fix(format!("Change it to `{near}`"), &[edit], false);
            } else if is_lone {
                // Else it may say why.
                let message = format!("There is no rule `{word}`, so this silences nothing");
                self.report(range, Rule::UnknownRule, message);
            }
            is_lone = false;
        }
    }
}
