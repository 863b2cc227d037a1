//! Open documents: what the editor owns between opening and closing a note.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tower_lsp::gen_lsp_types::{TextDocumentContentChangeEvent, Uri};
use vaultmark_vault::text::{Encoding, LineCol, Text};

use crate::convert;

/// Documents are known by their decoded path, for editors spell addresses
/// in many ways; those that are no files by their address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A file.
    Path(PathBuf),
    /// Something else, such as `untitled:1`.
    Address(String),
}

impl Key {
    /// The key of an address.
    pub fn new(uri: &Uri) -> Self {
        match convert::path(uri) {
            Some(path) => Self::Path(path),
            None => Self::Address(uri.to_string()),
        }
    }
}

/// An open document.
#[derive(Clone, Debug)]
pub struct Document {
    /// The address as the editor spells it.
    pub uri: Uri,
    /// The version that the editor gave last.
    pub version: i32,
    /// The text, also with changes that are not parsed yet.
    pub text: Text,
    /// Whether the text is what the editor shows. After a change that does
    /// not fit nothing is answered from it, until it is opened or sent whole.
    pub in_sync: bool,
    /// Whether the facts in the vault are older than the text.
    pub stale: bool,
    /// Counts the changes; who waits to answer looks at it from outside.
    changes: Arc<AtomicU64>,
}

/// Tells whether a document changed since this was made.
#[derive(Clone, Debug)]
pub struct Outdated {
    changes: Arc<AtomicU64>,
    then: u64,
}

impl Outdated {
    /// Whether it did.
    pub fn is(&self) -> bool {
        self.changes.load(Ordering::Relaxed) != self.then
    }
}

impl Document {
    /// A document that was just opened.
    pub fn new(uri: Uri, version: i32, text: &str) -> Self {
        Self {
            uri,
            version,
            text: Text::new(text),
            in_sync: true,
            stale: true,
            changes: Arc::default(),
        }
    }

    /// See [`Outdated`].
    pub fn outdated(&self) -> Outdated {
        Outdated {
            changes: Arc::clone(&self.changes),
            then: self.changes.load(Ordering::Relaxed),
        }
    }

    /// Whether a place lies in the text. Editors clamp the start of the line
    /// behind the last one to the end of the text.
    fn contains(&self, at: LineCol) -> bool {
        self.text.contains(at) || (at.line as usize == self.text.line_count() && at.column == 0)
    }

    /// Applies changes in their order. `false` when one did not fit: the
    /// document is out of sync then.
    pub fn change(
        &mut self,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> bool {
        self.version = version;
        self.stale = true;
        self.changes.fetch_add(1, Ordering::Relaxed);
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
                    self.text = Text::new(&whole.text);
                    self.in_sync = true;
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let (start, end) = (
                        convert::line_col(part.range.start),
                        convert::line_col(part.range.end),
                    );
                    if !self.in_sync || start > end || !self.contains(start) || !self.contains(end)
                    {
                        self.in_sync = false;
                        continue;
                    }
                    let range = self.text.offset(start, encoding)..self.text.offset(end, encoding);
                    self.text.replace(range, &part.text);
                }
            }
        }
        self.in_sync
    }
}
