//! What helps to read a note, as the client wants it: folds, selections, words
//! behind links, lines above headings.

use std::ops::Range;

use serde_json::{Value, json};
use tower_lsp::gen_lsp_types as lsp;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::folding::folds;
use vaultmark_vault::query::hints::{Hint, hints};
use vaultmark_vault::query::lenses::{Lens, Says, lenses};
use vaultmark_vault::query::selection::selections;
use vaultmark_vault::query::subject::title;
use vaultmark_vault::query::tokens::tokens;

use crate::convert::{line_col, range};
use crate::edits::text_edits;
use crate::snapshot::Snapshot;
use crate::tokens::rows;

impl Snapshot {
    /// The folds of the request's file: whole lines, at most `limit` unless
    /// that is 0.
    pub fn folds(&self, limit: u32) -> Option<Vec<lsp::FoldingRange>> {
        let (text, note) = (self.text(self.file)?, self.vault.note(self.file)?);
        let lines = note.lines.index(self.encoding);
        let most = if limit == 0 {
            usize::MAX
        } else {
            limit as usize
        };
        let folds = folds(&note, &text, most).into_iter().map(|fold| {
            let place = range(&lines, &fold.range);
            lsp::FoldingRange {
                start_line: place.start.line,
                end_line: place.end.line,
                kind: fold.comment.then_some(lsp::FoldingRangeKind::Comment),
                start_character: None,
                end_character: None,
                collapsed_text: None,
            }
        });
        Some(folds.collect())
    }

    /// What a selection at each of the positions grows to.
    pub fn selections(&self, positions: &[lsp::Position]) -> Option<Vec<lsp::SelectionRange>> {
        let (text, note) = (self.text(self.file)?, self.vault.note(self.file)?);
        let lines = note.lines.index(self.encoding);
        let offsets = positions.iter().map(|&at| self.offset(line_col(at)));
        let offsets: Option<Vec<u32>> = offsets.collect();
        let grown = selections(&note, &text, &offsets?).into_iter();
        let chain = |steps: Vec<Range<u32>>| {
            let whole = range(&lines, &(0..note.len));
            let whole = lsp::SelectionRange {
                range: whole,
                parent: None,
            };
            let inner = steps.iter().rev().skip(1);
            inner.fold(whole, |parent, step| lsp::SelectionRange {
                range: range(&lines, step),
                parent: Some(Box::new(parent)),
            })
        };
        Some(grown.map(chain).collect())
    }

    /// The semantic tokens of the lines of the request's file that hold these
    /// bytes; see [`rows`].
    pub fn tokens(&self, within: &Range<u32>) -> Option<Vec<u32>> {
        let (text, note) = (self.text(self.file)?, self.vault.note(self.file)?);
        let found = tokens(&self.vault, self.file, &text, within);
        Some(rows(&note.lines.index(self.encoding), &found))
    }

    /// The inlay hints among these bytes. `locations`: their words may name a
    /// place.
    pub fn hints(&self, within: &Range<u32>, locations: bool) -> Option<Vec<Value>> {
        let (text, note) = (self.text(self.file)?, self.vault.note(self.file)?);
        let lines = note.lines.index(self.encoding);
        let found = hints(&self.vault, self.file, &text, within).into_iter();
        let hint = |hint: Hint| {
            let place = hint.file.filter(|_| locations);
            let place = place.and_then(|file| self.place(file));
            let label = match place {
                Some(location) => json!([{"value": hint.label, "location": location}]),
                None => json!(hint.label),
            };
            let mut value = json!({
                "position": range(&lines, &(hint.at..hint.at)).start,
                "label": label,
                "tooltip": hint.tooltip,
                "paddingLeft": true,
            });
            if let Some(edit) = hint.edit {
                value["textEdits"] = json!(text_edits(&lines, &[edit]));
            }
            value
        };
        Some(found.map(hint).collect())
    }

    /// Where a note is named in itself.
    fn place(&self, file: u32) -> Option<Value> {
        let note = self.vault.note(file);
        let named = note.map_or(0..0, |note| title(&self.vault, file, &note));
        Some(json!({"uri": self.address(file)?, "range": self.range(file, &named)}))
    }

    /// The code lenses of the request's file. Those that are still to be
    /// counted have data instead of a command.
    pub fn lenses(&self) -> Option<Vec<Value>> {
        let note = self.vault.note(self.file)?;
        let lines = note.lines.index(self.encoding);
        let data = json!({"uri": self.address(self.file)?});
        let lens = |lens: Lens| {
            let place = range(&lines, &(lens.at..lens.at));
            match lens.says {
                Says::Note(None) => json!({"range": place, "data": data}),
                Says::Note(Some(count)) => json!({"range": place, "command": backlinks(count)}),
                Says::Heading(count) => json!({"range": place, "command": words(&links(count))}),
                Says::Tiers(tiers) => {
                    let tiers = format!("also in {}", tiers.join(", "));
                    json!({"range": place, "command": words(&tiers)})
                }
            }
        };
        Some(
            lenses(&self.vault, self.file)
                .into_iter()
                .map(lens)
                .collect(),
        )
    }
}

/// The command of a lens about the backlinks of a note.
pub fn backlinks(count: usize) -> Value {
    let text = match count {
        0 => "no backlinks".to_owned(),
        1 => "1 backlink".to_owned(),
        count => format!("{count} backlinks"),
    };
    words(&text)
}

fn links(count: usize) -> String {
    match count {
        1 => "1 link".to_owned(),
        count => format!("{count} links"),
    }
}

/// A command that does nothing: the client shows its title as text.
fn words(text: &str) -> Value {
    json!({"title": text, "command": ""})
}
