//! Looking at many notes: on all processors, in steps of one note, so that
//! whoever waits for something else need not wait for long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vaultmark_vault::index::FileId;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::diagnostics::{Diagnostic, SIMILAR, diagnostics};
use vaultmark_vault::vault::Vault;

use crate::panics;

/// In more notes than this no similar names are looked for: that would take
/// most of the time.
const MANY: usize = 5_000;

/// How often similar names are looked for in each of so many notes; see
/// [`SIMILAR`].
pub fn similar(notes: usize) -> usize {
    if notes > MANY { 0 } else { SIMILAR }
}

/// The texts of other notes, read in the same way.
struct Others<'a, F>(&'a F);

impl<T: AsRef<str>, F: Fn(FileId) -> Option<T>> Texts for Others<'_, F> {
    fn text(&self, file: FileId) -> Option<Arc<str>> {
        (self.0)(file).map(|text| text.as_ref().into())
    }
}

/// Looks for what is wrong in notes. `goes_on` is asked before each of them; it
/// may let others go first, and ends the work by `false`. `found` is called on
/// the threads that look, with the text and what is wrong in it, for notes that
/// can be read.
pub fn survey<T: AsRef<str>>(
    vault: &Vault,
    notes: &[FileId],
    similar: impl Fn(FileId) -> usize + Sync,
    text: impl Fn(FileId) -> Option<T> + Sync,
    goes_on: impl Fn() -> bool + Sync,
    found: impl Fn(FileId, T, Vec<Diagnostic>) + Sync,
) {
    let next = AtomicUsize::new(0);
    let others = Others(&text);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let look = || {
        while goes_on()
            && let Some(&note) = notes.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let Some(text) = text(note) else { continue };
            // One note on which a rule fails must not end the look at all.
            let wrong = || diagnostics(vault, note, text.as_ref(), similar(note), &others);
            if let Some(wrong) = panics::caught(wrong) {
                found(note, text, wrong);
            } else {
                tracing::error!(note, "a note cannot be checked");
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(notes.len()) {
            scope.spawn(look);
        }
    });
}
