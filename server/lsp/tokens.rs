//! Semantic tokens as the protocol has them: rows of five numbers, each relative
//! to the one before, and what changed in them since the client asked last.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use vaultmark_vault::lines::LineIndex;
use vaultmark_vault::query::tokens::{Token, TokenKind};

use crate::convert;

/// Numbers of one token.
const ROW: usize = 5;

/// Names of the kinds of tokens, which themes know where they fit.
const KINDS: [&str; 5] = ["class", "enumMember", "property", "label", "keyword"];

/// Names of [`vaultmark_vault::query::tokens::Mark`], in its order.
const MARKS: [&str; 13] = [
    "embed",
    "resolved",
    "ambiguous",
    "external",
    "unresolved",
    "tierAbsent",
    "copyMissing",
    "mountAbsent",
    "ownOldName",
    "folder",
    "outsideVault",
    "broken",
    "definition",
];

/// What the numbers of kinds and marks mean.
pub fn legend() -> Value {
    json!({"tokenTypes": KINDS, "tokenModifiers": MARKS})
}

/// Tokens in order as rows of numbers.
pub fn rows(lines: &LineIndex, tokens: &[Token]) -> Vec<u32> {
    let mut rows = Vec::with_capacity(tokens.len() * ROW);
    let (mut line, mut column) = (0, 0);
    for token in tokens {
        let range = convert::range(lines, &token.range);
        let start = range.start;
        if start.line > line {
            column = 0;
        }
        let kind = match token.kind {
            TokenKind::Link => 0,
            TokenKind::Tag => 1,
            TokenKind::Field | TokenKind::Property => 2,
            TokenKind::Block => 3,
            TokenKind::Callout => 4,
        };
        rows.extend([
            start.line - line,
            start.character - column,
            range.end.character - start.character,
            kind,
            token.marks,
        ]);
        (line, column) = (start.line, start.character);
    }
    rows
}

/// An answer: all tokens, or what changed.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// All of them.
    #[serde(rename_all = "camelCase")]
    Full {
        /// By which the client will name them.
        #[serde(skip_serializing_if = "Option::is_none")]
        result_id: Option<String>,
        /// See [`rows`].
        #[serde(serialize_with = "numbers")]
        data: Arc<[u32]>,
    },
    /// What changed since the tokens that the client named.
    #[serde(rename_all = "camelCase")]
    Delta {
        /// By which the client will name the tokens as they are now.
        result_id: String,
        /// At most one.
        edits: Vec<Edit>,
    },
}

fn numbers<S: Serializer>(data: &Arc<[u32]>, serializer: S) -> Result<S::Ok, S::Error> {
    (**data).serialize(serializer)
}

/// A change of rows.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    start: usize,
    delete_count: usize,
    data: Vec<u32>,
}

/// The tokens of each open document that were sent last.
#[derive(Debug, Default)]
pub struct Sent {
    last: DashMap<String, (String, Arc<[u32]>)>,
    next: AtomicU64,
}

impl Sent {
    /// The answer that gives a document these tokens, to a client that has
    /// those called `previous`.
    pub fn answer(&self, uri: String, data: Vec<u32>, previous: Option<&str>) -> Answer {
        let data: Arc<[u32]> = data.into();
        let id = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let before = self.last.insert(uri, (id.clone(), Arc::clone(&data)));
        let before = before.filter(|before| previous == Some(&before.0));
        match before {
            Some((_, before)) => Answer::Delta {
                result_id: id,
                edits: edit(&before, &data).into_iter().collect(),
            },
            None => Answer::Full {
                result_id: Some(id),
                data,
            },
        }
    }

    /// A document was closed.
    pub fn forget(&self, uri: &str) {
        self.last.remove(uri);
    }
}

/// The rows between those that are the same at both ends.
fn edit(before: &[u32], after: &[u32]) -> Option<Edit> {
    let rows = |data: &[u32]| data.len() / ROW;
    let most = rows(before).min(rows(after));
    let pairs = before.chunks(ROW).zip(after.chunks(ROW));
    let head = pairs.take_while(|(before, after)| before == after).count();
    let pairs = before
        .rchunks(ROW)
        .zip(after.rchunks(ROW))
        .take(most - head);
    let tail = pairs.take_while(|(before, after)| before == after).count();
    let (start, end) = (head * ROW, before.len() - tail * ROW);
    let data = after[start..after.len() - tail * ROW].to_vec();
    (start < end || !data.is_empty()).then_some(Edit {
        start,
        delete_count: end - start,
        data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vaultmark_vault::note::{Note, ParseOptions};
    use vaultmark_vault::query::tokens::Mark;
    use vaultmark_vault::symbol::Symbols;
    use vaultmark_vault::text::{Encoding, LineCol, Text};

    #[test]
    fn every_mark_has_its_name() {
        assert_eq!(MARKS[Mark::Embed as usize], "embed");
        assert_eq!(MARKS[Mark::Unresolved as usize], "unresolved");
        assert_eq!(MARKS[Mark::Broken as usize], "broken");
        assert_eq!(MARKS.len(), Mark::Definition as usize + 1);
    }

    #[test]
    fn a_client_with_other_tokens_gets_all() {
        let sent = Sent::default();
        let full = |answer| matches!(answer, Answer::Full { .. });
        let ask = |previous| sent.answer("a".to_owned(), vec![1; 5], previous);
        assert!(full(ask(None)));
        let Answer::Delta { result_id, edits } = ask(Some("0")) else {
            panic!("the client has them");
        };
        assert_eq!((&*result_id, edits), ("1", vec![]));
        assert!(full(ask(Some("0"))));
        sent.forget("a");
        assert!(full(ask(Some("2"))));
    }

    proptest! {
        #[test]
        fn an_edit_gives_the_new_rows(
            before in prop::collection::vec(0u32..3, 0..8),
            after in prop::collection::vec(0u32..3, 0..8),
        ) {
            let rows = |rows: &[u32]| -> Vec<u32> {
                rows.iter().flat_map(|&row| [row, 1, 2, 3, 4]).collect()
            };
            let (before, after) = (rows(&before), rows(&after));
            let mut edited = before.clone();
            if let Some(edit) = edit(&before, &after) {
                edited.splice(edit.start..edit.start + edit.delete_count, edit.data);
            }
            prop_assert_eq!(edited, after);
            prop_assert_eq!(edit(&before, &before), None);
        }

        #[test]
        fn rows_lead_back_to_the_text(text in "(a|\n|\r\n|é|大|😀| ){0,40}") {
            let note = Note::parse(&text, &Symbols::default(), &ParseOptions::default());
            let is_plain = |at: usize, c: char| {
                let range = at as u32..(at + c.len_utf8()) as u32;
                let kind = TokenKind::Tag;
                (c != '\n' && c != '\r').then_some(Token { range, kind, marks: 1 })
            };
            let tokens: Vec<Token> =
                text.char_indices().filter_map(|(at, c)| is_plain(at, c)).collect();
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                let rope = Text::new(&text);
                let (mut line, mut column) = (0, 0);
                let rows = rows(&note.lines.index(encoding), &tokens);
                prop_assert_eq!(rows.len(), tokens.len() * ROW);
                for (row, token) in rows.chunks(ROW).zip(&tokens) {
                    column = if row[0] > 0 { row[1] } else { column + row[1] };
                    line += row[0];
                    let offset = |column| rope.offset(LineCol { line, column }, encoding) as u32;
                    prop_assert_eq!(offset(column)..offset(column + row[2]), token.range.clone());
                    prop_assert_eq!(&row[3..], &[1, 1]);
                }
            }
        }
    }
}
