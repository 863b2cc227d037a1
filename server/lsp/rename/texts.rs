//! Reading the notes that a rename edits: many of them, side by side.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use vaultmark_vault::index::FileId;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::rename::{Edits, Plan, Refusal, gathered};
use vaultmark_vault::vault::Vault;

/// Fewer notes than this are not worth another thread.
const FEW: usize = 64;
/// So many notes a thread takes at a time.
const STRIDE: usize = 32;

/// The edits of all notes of a plan. `tick` is called every now and then with
/// how many notes are done; what it says ends the work: `None` then.
///
/// # Errors
/// As [`Plan::all_edits`].
pub fn edits(
    vault: &Vault,
    plan: &Plan,
    texts: &(dyn Texts + Sync),
    tick: &dyn Fn(usize) -> bool,
) -> Option<Result<Edits, Refusal>> {
    let files: Vec<FileId> = plan.files().collect();
    if tick(0) {
        return None;
    }
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let take = || {
        let start = next.fetch_add(STRIDE, Ordering::Relaxed);
        let end = (start + STRIDE).min(files.len());
        let is_wanted = !is_over.load(Ordering::Relaxed);
        files
            .get(start..end)
            .filter(|some| is_wanted && !some.is_empty())
    };
    let work = |tick: &dyn Fn(usize)| {
        let mut found = Vec::new();
        while let Some(some) = take() {
            let some = some.iter();
            found.extend(some.map(|&file| (file, plan.edits_of(vault, file, texts))));
            tick(next.load(Ordering::Relaxed).min(files.len()));
        }
        found
    };
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let helpers = if files.len() < FEW { 0 } else { processors - 1 };
    let found = std::thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers)
            .map(|_| scope.spawn(|| work(&|_| {})))
            .collect();
        let mut found = work(&|done| {
            if tick(done) {
                is_over.store(true, Ordering::Relaxed);
            }
        });
        for helper in helpers {
            match helper.join() {
                Ok(more) => found.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        found
    });
    (!is_over.into_inner()).then(|| gathered(found))
}
