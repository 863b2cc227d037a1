//! What is to be changed in a vault, before it is: texts of notes, and new
//! files. Who asked for an edit makes it, or shows it first.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::index::FileId;

/// Bytes of a text, and what replaces them.
pub type TextEdit = (Range<u32>, String);

/// Changes of a vault that belong together: all of them or none are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VaultEdit {
    /// New files, each with its path from the root of the opened folder and
    /// its text. None of them exists.
    pub created: Vec<(String, String)>,
    /// Edits of notes, those of each in order and disjoint.
    pub texts: BTreeMap<FileId, Vec<TextEdit>>,
}

impl VaultEdit {
    /// The edit that changes one note.
    pub fn of(file: FileId, edits: Vec<TextEdit>) -> Self {
        Self {
            texts: BTreeMap::from([(file, edits)]),
            ..Self::default()
        }
    }
}

/// A text with edits made. They must be in order and disjoint.
pub fn applied(text: &str, edits: &[TextEdit]) -> String {
    let mut made = String::with_capacity(text.len());
    let mut last = 0;
    for (range, new) in edits {
        let (start, end) = (range.start as usize, range.end as usize);
        made.push_str(text.get(last..start).unwrap_or(""));
        made.push_str(new);
        last = end;
    }
    made + text.get(last..).unwrap_or("")
}
