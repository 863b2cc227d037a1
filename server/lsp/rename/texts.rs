//! Reading the notes that a rename edits: many of them, side by side.

use std::convert::Infallible;
use std::num::NonZero;

use vaultmark_vault::index::FileId;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::rename::{Edits, Plan, Refusal, gathered};
use vaultmark_vault::vault::Vault;

use super::pool;

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
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let found = pool::each(&files, processors, tick, |&file| {
        Ok::<_, Infallible>((file, plan.edits_of(vault, file, texts)))
    });
    found.ok().map(gathered)
}
