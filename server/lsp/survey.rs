//! Looking at many notes: on all processors, in steps of one note, so that
//! whoever waits for something else need not wait for long. One processor is
//! left to them while they ask: where all are taken, each thread that has a
//! part in an answer waits until the system gives it a turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use vaultmark_vault::index::FileId;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::diagnostics::{Diagnostic, SIMILAR, diagnostics};
use vaultmark_vault::vault::Vault;

use crate::panics;

/// In more notes than this no similar names are looked for: that would take
/// most of the time.
const MANY: usize = 5_000;

/// A thread that leaves its processor to others looks so often whether it still
/// is to.
const REST: Duration = Duration::from_millis(20);

/// How the work goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// On all processors.
    Full,
    /// On all but one, where there are several.
    Modest,
    /// Not at all.
    End,
}

/// How often similar names are looked for in each of so many notes; see
/// [`SIMILAR`].
pub fn similar(notes: usize) -> usize {
    if notes > MANY { 0 } else { SIMILAR }
}

/// The texts of other notes, read in the same way.
pub(crate) struct Others<'a, F>(pub(crate) &'a F);

impl<T: AsRef<str>, F: Fn(FileId) -> Option<T>> Texts for Others<'_, F> {
    fn text(&self, file: FileId) -> Option<Arc<str>> {
        (self.0)(file).map(|text| text.as_ref().into())
    }
}

/// Looks for what is wrong in notes. `pace` is asked before each of them; it
/// may let others go first. `found` is called on the threads that look, with the
/// text and what is wrong in it, for notes that can be read.
pub fn survey<T: AsRef<str>>(
    vault: &Vault,
    notes: &[FileId],
    similar: impl Fn(FileId) -> usize + Sync,
    text: impl Fn(FileId) -> Option<T> + Sync,
    pace: impl Fn() -> Pace + Sync,
    found: impl Fn(FileId, T, Vec<Diagnostic>) + Sync,
) {
    let next = AtomicUsize::new(0);
    let others = Others(&text);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let threads = threads.min(notes.len());
    let look = |can_rest: bool| {
        loop {
            match pace() {
                Pace::End => return,
                Pace::Modest if can_rest && next.load(Ordering::Relaxed) < notes.len() => {
                    std::thread::sleep(REST);
                    continue;
                }
                Pace::Modest | Pace::Full => {}
            }
            let Some(&note) = notes.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
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
        for thread in 0..threads {
            let look = &look;
            scope.spawn(move || look(thread == 1));
        }
    });
}
