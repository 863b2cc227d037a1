//! From the events of the YAML parser to entries, with a stack of its own.

use std::collections::{HashMap, hash_map};
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, options};

use super::fault::{TOO_DEEP, fault, problem};
use super::{
    BLANKS, Entry, Frontmatter, Key, Problem, ProblemKind, SPACES, Scalar, Style, Value, line_at,
};

/// Collections may nest this deep. Nobody writes more by hand, and readers of
/// the entries may then recurse.
const MAX_DEPTH: usize = 64;
/// So many values the aliases of a note may repeat. Here they are not followed,
/// but other programs write them out, and a few lines of aliases of aliases are
/// billions of values.
const MAX_REPEATED: usize = 10_000;

/// An open collection.
struct Frame {
    /// None for the mapping at the root.
    entry: Option<u32>,
    expect: Expect,
    members: u32,
    /// The values in it, and those that aliases repeat in it.
    weight: usize,
    anchor: Option<String>,
}

enum Expect {
    Item,
    Key,
    Value(Key),
    /// The value of a key that is no scalar and hence names no property.
    Ignored,
}

pub(super) struct Reader<'a> {
    text: &'a str,
    entries: Vec<Entry>,
    pub(super) problems: Vec<Problem>,
    stack: Vec<Frame>,
    /// The depth inside a subtree that is passed over.
    skipped: usize,
    /// The end of the last node; the parser ends a block only at what follows.
    end: usize,
    /// The members of the root, counted over all pieces.
    members: u32,
    /// Anchors stay known in later pieces, where the parser misses them.
    /// How many values each stands for; none while its collection is open.
    anchors: HashMap<String, Option<usize>>,
    /// Whether the last node opened a collection.
    opened: bool,
    /// How many values aliases have repeated.
    repeated: usize,
    /// The starts of the first keys of a name. The hash is the keyed one of
    /// the standard library, because the names may come from an attacker.
    keys: HashMap<(Option<u32>, String), usize>,
    /// Problems that still lack the line of the first key, and that key.
    duplicates: Vec<(usize, usize)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            entries: Vec::new(),
            problems: Vec::new(),
            stack: Vec::new(),
            skipped: 0,
            end: 0,
            members: 0,
            anchors: HashMap::new(),
            opened: false,
            repeated: 0,
            keys: HashMap::new(),
            duplicates: Vec::new(),
        }
    }

    /// Reads one document; after an error keeps what was read until then.
    pub(super) fn read(&mut self, piece: Range<usize>) -> Result<(), Problem> {
        self.end = piece.start;
        let result = self.events(&piece);
        self.skipped = 0;
        while let Some(frame) = self.stack.last_mut() {
            if let Expect::Value(key) = std::mem::replace(&mut frame.expect, Expect::Key) {
                let at = self.behind_colon(key.range.end);
                self.push(Some(key), Value::Null, at..at);
            }
            self.close(0..0);
        }
        result
    }

    fn events(&mut self, piece: &Range<usize>) -> Result<(), Problem> {
        let source = self.text.get(piece.clone()).unwrap_or_default();
        let options = options! { emit_unresolved_aliases: true, emit_anchor_events: true };
        let mut documents = 0;
        for event in Parser::new_from_str_with_options(source, options) {
            let (event, span) = event.map_err(|error| fault(self.text, piece, &error))?;
            let range = place(piece, span);
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        let message = "The properties end above this line: remove the line of \
                                       `---` or `...` in between";
                        return Err(problem(self.text, piece, range.start, message));
                    }
                }
                Event::Anchor(_, name) => self.anchor(name.into_owned()),
                Event::UnresolvedAlias(_) | Event::Alias(_) => {
                    self.alias(&range);
                    self.node(Value::Alias, range)?;
                }
                Event::Scalar(text, style, _, tag) => {
                    let style = style_of(style);
                    let null = range.is_empty()
                        || matches!(text.as_ref(), "~" | "null" | "Null" | "NULL" | "");
                    if null && style == Style::Plain && tag.is_none() {
                        self.node(Value::Null, range)?;
                    } else {
                        let text = text.into_owned();
                        self.node(Value::Scalar(Scalar { text, style }), range)?;
                    }
                }
                Event::SequenceStart(..) => self.node(Value::List, range)?,
                Event::MappingStart(..) => self.node(Value::Map, range)?,
                Event::SequenceEnd | Event::MappingEnd => self.close(range),
                _ => {}
            }
        }
        Ok(())
    }

    /// The name of the node before it.
    fn anchor(&mut self, name: String) {
        let frame = self.stack.last_mut().filter(|_| self.opened);
        let weight = frame.is_none().then_some(1);
        if let Some(frame) = frame {
            frame.anchor = Some(name.clone());
        }
        self.anchors.insert(name, weight);
    }

    /// Looks at what an alias stands for.
    fn alias(&mut self, range: &Range<usize>) {
        let written = self.text.get(range.clone()).unwrap_or_default();
        let name = written.trim_start_matches('*').trim_end_matches(SPACES);
        let (kind, message) = match self.anchors.get(name) {
            None => (
                ProblemKind::Syntax,
                format!("No value is named `&{name}`: quote the value if `*` is text"),
            ),
            Some(None) => (
                ProblemKind::TooLarge,
                format!("This value would hold itself: write what is meant instead of `*{name}`"),
            ),
            Some(&Some(weight)) => {
                let was_large = self.repeated > MAX_REPEATED;
                self.repeated = self.repeated.saturating_add(weight);
                if let Some(frame) = self.stack.last_mut() {
                    frame.weight = frame.weight.saturating_add(weight);
                }
                if was_large || self.repeated <= MAX_REPEATED {
                    return;
                }
                (
                    ProblemKind::TooLarge,
                    format!(
                        "Aliases such as this repeat more than {MAX_REPEATED} values: write fewer of them"
                    ),
                )
            }
        };
        let range = range.clone();
        self.problems.push(Problem {
            range,
            kind,
            message,
        });
    }

    /// A node in the place that the innermost open collection expects.
    fn node(&mut self, value: Value, mut range: Range<usize>) -> Result<(), Problem> {
        let opens = matches!(value, Value::List | Value::Map);
        self.opened = false;
        if opens && self.stack.len() + self.skipped >= MAX_DEPTH {
            return Err(Problem {
                range,
                kind: ProblemKind::TooDeep,
                message: TOO_DEEP.into(),
            });
        }
        if self.skipped > 0 {
            self.skipped += usize::from(opens);
            return Ok(());
        }
        let Some(frame) = self.stack.last_mut() else {
            return self.root(&value, range);
        };
        let expected = match frame.expect {
            Expect::Item => Expect::Item,
            Expect::Key => std::mem::replace(&mut frame.expect, Expect::Ignored),
            _ => std::mem::replace(&mut frame.expect, Expect::Key),
        };
        let key = match expected {
            Expect::Item => None,
            Expect::Value(key) => Some(key),
            Expect::Key => {
                self.key(value, range);
                return Ok(());
            }
            Expect::Ignored => {
                self.skipped = usize::from(opens);
                self.end = range.end;
                return Ok(());
            }
        };
        match &value {
            Value::Null if range.is_empty() && key.is_some() => {
                let at = self.behind_colon(range.start.max(self.end));
                range = at..at;
            }
            Value::Scalar(scalar) if matches!(scalar.style, Style::Literal | Style::Folded) => {
                let written = self.text.get(range.clone()).unwrap_or_default();
                range.end = range.start + written.trim_end_matches(SPACES).len();
            }
            _ => {}
        }
        let expect = match value {
            Value::List => Some(Expect::Item),
            Value::Map => Some(Expect::Key),
            _ => None,
        };
        let entry = Some(self.push(key, value, range));
        if let Some(expect) = expect {
            self.open(entry, expect);
        }
        Ok(())
    }

    fn root(&mut self, value: &Value, range: Range<usize>) -> Result<(), Problem> {
        match value {
            Value::Map => {
                self.open(None, Expect::Key);
                Ok(())
            }
            Value::Null if range.is_empty() => Ok(()),
            _ => {
                let message = "This is not a property: write it as `key: value`";
                let rest = self.end..self.text.len();
                let problem = problem(self.text, &rest, range.start, message);
                let kind = ProblemKind::NotAMapping;
                Err(Problem { kind, ..problem })
            }
        }
    }

    fn key(&mut self, value: Value, mut range: Range<usize>) {
        if range.is_empty() {
            // The parser places a missing key anywhere behind the last one.
            let at = range.start.max(self.end);
            range = at..at;
        }
        self.end = self.end.max(range.end);
        let name = match value {
            Value::Scalar(scalar) => scalar.text,
            Value::Null => self.text.get(range.clone()).unwrap_or_default().into(),
            Value::Alias => return,
            Value::List | Value::Map => {
                self.skipped = 1;
                return;
            }
        };
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        match self.keys.entry((frame.entry, name.clone())) {
            hash_map::Entry::Vacant(place) => {
                place.insert(range.start);
            }
            hash_map::Entry::Occupied(first) => {
                self.duplicates.push((self.problems.len(), *first.get()));
                self.problems.push(Problem {
                    range: range.clone(),
                    kind: ProblemKind::DuplicateKey,
                    message: name.clone(),
                });
            }
        }
        frame.expect = Expect::Value(Key { name, range });
    }

    fn push(&mut self, key: Option<Key>, value: Value, range: Range<usize>) -> u32 {
        let depth = self.stack.len().saturating_sub(1) as u8;
        let parent = self.stack.last().and_then(|frame| frame.entry);
        let members = match self.stack.last_mut() {
            Some(frame) if parent.is_some() => &mut frame.members,
            _ => &mut self.members,
        };
        let index = *members;
        *members += 1;
        self.end = self.end.max(range.end);
        let is_single = !matches!(value, Value::List | Value::Map);
        if let Some(frame) = self.stack.last_mut().filter(|_| is_single) {
            frame.weight = frame.weight.saturating_add(1);
        }
        self.entries.push(Entry {
            parent,
            index,
            depth,
            key,
            value,
            range,
        });
        self.entries.len() as u32 - 1
    }

    fn open(&mut self, entry: Option<u32>, expect: Expect) {
        self.opened = true;
        self.stack.push(Frame {
            entry,
            expect,
            members: 0,
            weight: 1,
            anchor: None,
        });
    }

    /// Ends a collection at `range`, which is empty unless a bracket ends it.
    fn close(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.end = self.end.max(range.end);
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let Some(frame) = self.stack.pop() else {
            return;
        };
        if let Some(up) = self.stack.last_mut() {
            up.weight = up.weight.saturating_add(frame.weight);
        }
        if let Some(name) = frame.anchor {
            self.anchors.insert(name, Some(frame.weight));
        }
        let entry = frame.entry;
        if let Some(entry) = entry.and_then(|entry| self.entries.get_mut(entry as usize)) {
            entry.range.end = entry.range.start.max(self.end);
        }
    }

    /// The parser puts a missing value before the colon, or at the key.
    fn behind_colon(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let colon = rest.trim_start_matches(BLANKS);
        // A colon with something right behind it begins a word.
        let is_indicator = |rest: &str| rest.is_empty() || rest.starts_with(SPACES);
        if colon.strip_prefix(':').is_some_and(is_indicator) {
            at + rest.len() - colon.len() + 1
        } else {
            at
        }
    }

    pub(super) fn finish(mut self) -> Frontmatter {
        let mut starts = Vec::new();
        if !self.duplicates.is_empty() {
            let mut next = Some(0);
            while let Some(start) = next {
                starts.push(start);
                let (_, after) = line_at(self.text, start);
                next = (after > start).then_some(after);
            }
        }
        for (at, first) in self.duplicates {
            if let Some(problem) = self.problems.get_mut(at) {
                let line = starts.partition_point(|&start| start <= first);
                let name = &problem.message;
                problem.message = format!("`{name}` is already set in line {line}: keep only one");
            }
        }
        Frontmatter {
            valid: self.problems.is_empty(),
            entries: self.entries,
            problems: self.problems,
        }
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

/// Bytes of a piece as bytes of the text.
fn place(piece: &Range<usize>, span: Span) -> Range<usize> {
    let range = span.byte_range().unwrap_or(0..0);
    let start = (piece.start + range.start).min(piece.end);
    start..(piece.start + range.end).clamp(start, piece.end)
}
