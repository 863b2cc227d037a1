//! Notes that are left at old paths, for the client to make.

use vaultmark_vault::query::rename::Plan;

use crate::capabilities::Capabilities;
use crate::edits::{Change, creation};
use crate::snapshot::Snapshot;

/// Leaves no notes where the client cannot make files, and says so.
pub fn check(plan: &mut Plan, capabilities: Capabilities) {
    if !plan.created.is_empty() && !capabilities.create_files {
        plan.created.clear();
        plan.warnings.push(
            "No note was left at the old path: this editor lets no language server make files."
                .to_owned(),
        );
    }
}

/// The operations that make the notes; they come behind all others, when the
/// old paths are free.
pub fn operations(snapshot: &Snapshot, plan: &Plan) -> Vec<Change> {
    let created = plan.created.iter();
    let operations = created.flat_map(|(path, text)| creation(&snapshot.address_of(path), text));
    operations.collect()
}
