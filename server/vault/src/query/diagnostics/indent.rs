//! Items of lists in the frontmatter that are not indented alike, and tabs
//! that indent. Either YAML cannot be read then, or an item becomes part of
//! the one above it.

use std::ops::Range;

use memchr::memchr2;

use super::Check;
use crate::edit::applied;
use crate::frontmatter::{self, Cut, Entry, Frontmatter, Problem, Style, Value, line_at};
use crate::rule::Rule;

/// In so many places of a note a fix is tried: each reads the frontmatter again.
const MAX_TRIED: usize = 8;
/// What a tab may stand for, in spaces.
const WIDTHS: [usize; 2] = [2, 4];
/// So many characters of the item above are shown.
const MAX_SHOWN: usize = 30;

type Edits = Vec<(Range<usize>, String)>;

/// The lines of the frontmatter.
pub(super) struct Layout<'a> {
    text: &'a str,
    cut: &'a Cut,
    front: &'a Frontmatter,
    /// Without their breaks.
    lines: Vec<Range<usize>>,
    /// How many fixes may still be tried.
    tries: usize,
}

impl<'a> Layout<'a> {
    pub(super) fn new(text: &'a str, cut: &'a Cut, front: &'a Frontmatter) -> Self {
        let mut lines = Vec::new();
        let mut at = cut.content.start;
        while at < cut.content.end {
            let (end, next) = line_at(text, at);
            lines.push(at..end);
            at = next;
        }
        Self {
            text,
            cut,
            front,
            lines,
            tries: MAX_TRIED,
        }
    }

    /// The line of an offset.
    fn line(&self, offset: usize) -> usize {
        let after = self.lines.partition_point(|line| line.start <= offset);
        after.saturating_sub(1)
    }

    /// What stands on a line behind its blanks.
    fn content(&self, line: usize) -> Range<usize> {
        let range = self.lines.get(line).cloned().unwrap_or(0..0);
        let written = self.text.get(range.clone()).unwrap_or("");
        let start = range.start + written.len() - written.trim_start_matches([' ', '\t']).len();
        start..start + written.trim().len()
    }

    /// The blanks before it.
    fn blanks(&self, line: usize) -> Range<usize> {
        let start = self.lines.get(line).map_or(0, |line| line.start);
        start..self.content(line).start.max(start)
    }

    fn is_item(&self, line: usize) -> bool {
        let written = self.text.get(self.content(line)).unwrap_or("");
        written == "-" || written.starts_with("- ")
    }

    /// Whether a line begins a property of the note, so that no list goes on.
    fn is_outside(&self, line: usize) -> bool {
        line >= self.lines.len()
            || self.blanks(line).is_empty() && !self.content(line).is_empty() && !self.is_item(line)
    }

    /// The item of the same list above a line.
    fn item_above(&self, line: usize) -> Option<usize> {
        let above = (0..line).rev();
        let mut above = above.take_while(|&line| !self.is_outside(line));
        above.find(|&line| self.is_item(line))
    }

    /// The edits that indent an item, and those below that are indented like
    /// it, like another line. `None` where other things stand among them.
    fn aligned(&mut self, line: usize, model: usize) -> Option<Edits> {
        // To look costs as much as to try.
        self.tries = self.tries.checked_sub(1)?;
        let wanted = self.text.get(self.blanks(model))?;
        let own = self.text.get(self.blanks(line))?;
        let rest = (line..).take_while(|&line| !self.is_outside(line));
        let mut edits = Vec::new();
        for line in rest.filter(|&line| !self.content(line).is_empty()) {
            let blanks = self.blanks(line);
            match self.text.get(blanks.clone())? {
                _ if !self.is_item(line) => return None,
                written if written == own => edits.push((blanks, wanted.to_owned())),
                written if written == wanted => {}
                _ => return None,
            }
        }
        Some(edits)
    }

    /// Whether the items around two lines are indented in more ways than they.
    fn is_nested(&self, line: usize, above: usize) -> bool {
        let written = |line: usize| self.text.get(self.blanks(line));
        let before = (0..line).rev().take_while(|&line| !self.is_outside(line));
        let behind = (line..).take_while(|&line| !self.is_outside(line));
        let mut items = before.chain(behind).filter(|&line| self.is_item(line));
        items.any(|item| written(item) != written(line) && written(item) != written(above))
    }

    /// The edits that write spaces for the tabs that indent a line and those
    /// below it, up to the next property.
    fn without_tabs(&self, line: usize, width: usize) -> Edits {
        let rest = (line..).take_while(|&below| below == line || !self.is_outside(below));
        let blanks = rest.map(|line| self.blanks(line)).filter_map(|blanks| {
            let written = self.text.get(blanks.clone())?;
            let new = written.replace('\t', &" ".repeat(width));
            (new != written).then_some((blanks, new))
        });
        blanks.collect()
    }

    /// Whether the frontmatter has fewer mistakes with these edits, and no
    /// item that swallows another.
    fn mends(&mut self, edits: &Edits) -> bool {
        if edits.is_empty() || self.tries == 0 {
            return false;
        }
        self.tries -= 1;
        let narrow = edits.iter().map(|(range, new)| {
            let range = range.start as u32..range.end as u32;
            (range, new.clone())
        });
        let narrow: Vec<_> = narrow.collect();
        let whole = self.text.get(..self.cut.whole.end).unwrap_or("");
        let text = applied(whole, &narrow);
        let Some(cut) = frontmatter::cut(&text) else {
            return false;
        };
        let front = frontmatter::parse(&text, &cut);
        let swallowing = |text: &str, front: &Frontmatter| {
            let entries = front.entries.iter();
            entries.map(|entry| swallowed(text, entry).len()).sum()
        };
        let (before, after): (usize, usize) =
            (swallowing(self.text, self.front), swallowing(&text, &front));
        let (old, new) = (self.front.problems.len(), front.problems.len());
        after <= before && new <= old && (after < before || new < old)
    }
}

/// Where lines in the item of a list begin that look like items themselves:
/// the text of a plain item goes on over deeper lines.
fn swallowed(text: &str, entry: &Entry) -> Vec<usize> {
    let is_plain = matches!(&entry.value, Value::Scalar(scalar) if scalar.style == Style::Plain);
    let written = text.get(entry.range.clone()).unwrap_or("");
    let is_item = is_plain && entry.key.is_none() && entry.parent.is_some();
    let mut found = Vec::new();
    if !is_item || memchr2(b'\n', b'\r', written.as_bytes()).is_none() {
        return found;
    }
    let mut at = entry.range.start;
    while at < entry.range.end {
        let (_, next) = line_at(text, at);
        let rest = text.get(next..entry.range.end).unwrap_or("");
        if rest.trim_start_matches([' ', '\t']).starts_with("- ") {
            found.push(next);
        }
        at = next.max(at + 1);
    }
    found
}

impl Check<'_> {
    /// Whether a mistake is one of the indentation; then it is reported.
    pub(super) fn is_indentation(&mut self, layout: &mut Layout<'_>, problem: &Problem) -> bool {
        let written = self.text.get(problem.range.clone()).unwrap_or("");
        let line = layout.line(problem.range.start);
        if written.contains('\t') && written.trim().is_empty() {
            self.report(problem.range.clone(), Rule::ListIndent, &*problem.message);
            let all = WIDTHS.map(|width| layout.without_tabs(line, width));
            if let Some(edits) = all.iter().find(|edits| layout.mends(edits)) {
                self.fix("Indent with spaces", edits, true);
            }
            return true;
        }
        if !layout.is_item(line) {
            return false;
        }
        let above = layout.item_above(line);
        let differs =
            |above: &usize| self.text[layout.blanks(*above)] != self.text[layout.blanks(line)];
        let Some(above) = above.filter(differs) else {
            return false;
        };
        self.crooked(
            layout,
            line,
            above,
            "The items of a list begin below one another",
        );
        true
    }

    /// Items that YAML takes for the end of the item above them.
    pub(super) fn swallowed(&mut self, layout: &mut Layout<'_>) {
        let front = layout.front;
        for entry in &front.entries {
            for start in swallowed(self.text, entry) {
                let above = layout.line(entry.range.start);
                let line = layout.line(start);
                let what = "YAML reads this line as the end of the item above";
                self.crooked(layout, line, above, what);
            }
        }
    }

    /// Reports an item, and how it is to be indented.
    fn crooked(&mut self, layout: &mut Layout<'_>, line: usize, above: usize, what: &str) {
        let item = self.text.get(layout.content(above)).unwrap_or("");
        let spaces = layout.blanks(above).len();
        let remedy = match spaces {
            0 => "no spaces".to_owned(),
            1 => "1 space".to_owned(),
            _ => format!("{spaces} spaces"),
        };
        let shown: String = item.chars().take(MAX_SHOWN).collect();
        let dots = if shown.len() < item.len() { "…" } else { "" };
        let message = format!("{what}: write {remedy} before this one, as before `{shown}{dots}`");
        self.report(layout.content(line), Rule::ListIndent, message);
        let edits = layout.is_item(above).then(|| layout.aligned(line, above));
        if let Some(edits) = edits.flatten().filter(|edits| layout.mends(edits)) {
            // What is swallowed can be read as it stands, and where lists lie
            // in lists, the item may be one of another.
            let is_safe = !layout.front.valid && !layout.is_nested(line, above);
            self.fix("Indent it like the item above", &edits, is_safe);
        }
    }
}
