//! Errors of the parser in plain words, and how to go on behind them.

use std::ops::Range;

use granit_parser::{ErrorKind, ScanError};

use super::{BLANKS, Problem, ProblemKind, SPACES, line_at};

pub(super) const TOO_DEEP: &str = "This nests too deep: use fewer lists in lists";

const OPEN: &str = "The bracket is not closed: close it, or quote the value";

const TABS: &str = "Tabs cannot indent: use spaces";

/// The content cut before every line that begins a property, judged by its
/// look only. One piece if that would cut a mapping in braces.
pub(super) fn pieces(text: &str, content: &Range<usize>) -> Vec<Range<usize>> {
    let source = text.get(content.clone()).unwrap_or_default();
    let mut pieces = Vec::new();
    let (mut start, mut at) = (content.start, content.start);
    while at < content.end && !source.trim_start().starts_with('{') {
        let (end, next) = line_at(text, at);
        if at > start && begins_property(text.get(at..end).unwrap_or_default()) {
            pieces.push(start..at);
            start = at;
        }
        at = next;
    }
    pieces.push(start..content.end);
    pieces
}

fn begins_property(line: &str) -> bool {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(BLANKS);
    let quote = match line.chars().next() {
        None | Some(' ' | '\t' | '#' | '[' | ']' | '{' | '}' | ',' | '|' | '>') => return false,
        Some('-' | '?' | ':') if ends(&line[1..]) => return false,
        quote @ Some('"' | '\'') => quote,
        _ => None,
    };
    let comment = if quote.is_some() {
        None
    } else {
        line.find(" #")
    };
    let line = comment.map_or(line, |comment| &line[..comment]);
    line.match_indices(':').any(|(at, _)| {
        let key = line[..at].trim_end_matches(BLANKS);
        ends(&line[at + 1..]) && quote.is_none_or(|quote| at > 1 && key.ends_with(quote))
    })
}

/// A syntax error at the byte `at` of the text.
pub(super) fn problem(text: &str, piece: &Range<usize>, at: usize, message: &str) -> Problem {
    Problem {
        range: underline(text, piece, at),
        kind: ProblemKind::Syntax,
        message: message.into(),
    }
}

/// What the parser says of a piece, with the range that should be changed.
pub(super) fn fault(text: &str, piece: &Range<usize>, error: &ScanError) -> Problem {
    let at = piece.start + error.marker().byte_offset().unwrap_or_default();
    let mut problem = problem(text, piece, at, "");
    let written = text.get(problem.range.clone()).unwrap_or_default();
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        problem.kind = ProblemKind::TooDeep;
        problem.message = TOO_DEEP.into();
    } else if written.starts_with("[[") || written.starts_with("![[") {
        // The most frequent mistake by far; the parser sees lists and tags.
        problem.message = "Quote the link: write `\"[[Note]]\"`".into();
    } else {
        problem.message = advice(error);
    }
    if problem.message == OPEN
        && let Some(advice) = in_brackets(written)
    {
        problem.message = advice.into();
    }
    if problem.message == TABS {
        problem.range = tabs(text, piece, at).unwrap_or(problem.range);
    }
    problem
}

/// What is wrong in brackets that are closed, although the parser does not see
/// their end.
fn in_brackets(written: &str) -> Option<&'static str> {
    let packed = written.replace(BLANKS, "");
    if ["[,", "{,", ",,"]
        .iter()
        .any(|comma| packed.contains(comma))
    {
        Some("No item stands before a comma: write it, or remove the comma")
    } else if written.contains(" #") {
        Some("`#` begins a comment here, which hides the bracket: quote the item")
    } else {
        None
    }
}

/// The indentation with the tab, which the parser notices before the value
/// or the line that it belongs to.
fn tabs(text: &str, piece: &Range<usize>, at: usize) -> Option<Range<usize>> {
    let before = text.get(piece.start..at)?;
    let mut line = before.rfind(['\n', '\r']).map_or(0, |last| last + 1) + piece.start;
    while line < piece.end {
        let (end, next) = line_at(text, line);
        let written = text.get(line..end)?;
        let indent = written.len() - written.trim_start_matches(BLANKS).len();
        if written.get(..indent)?.contains('\t') {
            return Some(line..line + indent);
        }
        line = next;
    }
    None
}

fn advice(error: &ScanError) -> String {
    use ErrorKind as E;
    let advice = match error.kind() {
        E::UnexpectedCharacter { character } if character.is_control() => {
            let code = u32::from(*character);
            return format!("The invisible character U+{code:04X} is not allowed: remove it");
        }
        E::UnexpectedCharacter { character } => {
            return format!("A value cannot begin with `{character}`: quote the value");
        }
        E::MappingValueNotAllowed | E::InvalidColonPlacement | E::MappingKeyNotAllowed => {
            "A second `: ` is not allowed here: quote the value"
        }
        E::UnclosedQuotedScalar | E::DocumentIndicatorInQuotedScalar => {
            "The quote is not closed: add the same quote at the end of the value"
        }
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => {
            "Text follows the closing quote: quote the whole value"
        }
        E::UnclosedFlowCollection { .. }
        | E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping => OPEN,
        E::ExpectedFlowSequenceSeparator | E::ExpectedFlowMappingSeparator => {
            "A comma is missing between the items: add it, or quote the value"
        }
        E::MisplacedFlowCollectionEnd | E::MismatchedFlowCollectionEnd { .. } => {
            "The brackets do not match: correct them, or quote the value"
        }
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabAtBlockScalarStart
        | E::TabInIndentation
        | E::TabInPlainScalar
        | E::InvalidBlockEntryWhitespace
        | E::InvalidMappingValueWhitespace => TABS,
        E::UnknownQuotedScalarEscape | E::InvalidQuotedScalarHexEscape => {
            "`\\` has a meaning in double quotes: write `\\\\`, or use single quotes"
        }
        E::SimpleKeyExpected | E::InvalidSimpleKey => "The colon is missing: write `key: value`",
        E::ExpectedBlockMappingKey | E::ExpectedBlockSequenceEntry | E::InvalidIndentation => {
            "This does not fit to the lines above: indent it alike, or quote the value"
        }
        E::BlockSequenceEntryNotAllowed | E::BlockEntryInFlowCollection => {
            "A list item needs a line of its own: break the line, or quote the value"
        }
        E::CommentNotSeparated => "`#` begins a comment here: quote the item, or the value",
        E::MissingAnchorOrAliasName => "`*` and `&` have a meaning here: quote the value",
        E::InvalidTagTerminator | E::MissingTagUri | E::UndeclaredTagHandle => {
            "`!` has a meaning here: quote the value"
        }
        E::InvalidBlockScalarHeader => {
            "Nothing may follow `|` and `>` in their line: break the line, or quote the value"
        }
        _ => return format!("This is not valid YAML ({}): quote the value", error.info()),
    };
    advice.into()
}

/// The value that holds the byte `at`, or else the rest of the line.
fn underline(text: &str, piece: &Range<usize>, at: usize) -> Range<usize> {
    let at = at.clamp(piece.start, piece.end);
    let before = text.get(piece.start..at).unwrap_or_default();
    let (end, _) = line_at(text, at);
    let rest = text.get(at..end.min(piece.end)).unwrap_or_default();
    if rest.trim_matches(SPACES).is_empty() {
        // Nothing to see here: the mistake is the end of what came before.
        let shown = before.trim_end_matches(SPACES);
        return match shown.char_indices().next_back() {
            Some((last, _)) => underline(text, &(piece.start..piece.start + shown.len()), {
                piece.start + last
            }),
            None => at..at,
        };
    }
    let line = before.rfind(['\n', '\r']).map_or(0, |last| last + 1) + piece.start;
    let whole = text.get(line..end.min(piece.end)).unwrap_or_default();
    let mut value = whole.trim_start_matches(BLANKS);
    while let Some(item) = value.strip_prefix("- ") {
        value = item.trim_start_matches(BLANKS);
    }
    let colon = value.find(": ").or_else(|| value.find(":\t"));
    value = colon.map_or(value, |colon| value[colon + 1..].trim_start_matches(BLANKS));
    let start = line + whole.len() - value.len();
    let (start, mut value) = if start <= at {
        (start, value)
    } else {
        (at, rest)
    };
    // In quotes and in links `#` is text, and often the very mistake.
    if !value.starts_with(['"', '\'', '[', '!']) {
        value = value.find(" #").map_or(value, |comment| &value[..comment]);
    }
    start..start + value.trim_end_matches(SPACES).len()
}
