//! Queries: pure functions on a snapshot of a vault, one for each feature.
//!
//! They take files and byte offsets and give plain data; lines, columns and
//! addresses are the caller's business.

pub mod actions;
pub mod at;
pub mod calls;
pub mod completion;
pub mod definition;
pub mod deletion;
pub mod diagnostics;
pub mod folding;
pub mod graph;
#[cfg(test)]
mod held;
pub mod hints;
pub mod hover;
pub mod lenses;
pub mod lineage;
pub mod links;
pub mod matrix;
pub mod mentions;
pub mod names;
pub mod rank;
pub mod references;
pub mod rename;
pub mod schemas;
pub mod selection;
pub mod status;
pub mod subject;
pub mod symbols;
mod targets;
pub mod tiers;
pub mod tokens;

use std::ops::Range;
use std::sync::Arc;

use crate::index::FileId;

/// The texts of notes. Open notes have theirs in memory, others are read from
/// the disk; a note that cannot be read has none.
pub trait Texts {
    /// The text of a file, as its facts describe it.
    fn text(&self, file: FileId) -> Option<Arc<str>>;
}

/// No texts: for questions that are answered from facts alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoTexts;

impl Texts for NoTexts {
    fn text(&self, _: FileId) -> Option<Arc<str>> {
        None
    }
}

/// A range of bytes in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub range: Range<u32>,
}
