//! Notes that are left at old paths and lead to the new ones.

use jiff::civil::DateTime;
use rustc_hash::FxHashSet;

use super::Plan;
use crate::fact::Form;
use crate::link::{self, Draft};
use crate::linkpath::{is_holdable, written};
use crate::path::{fold, stem, strip_md};
use crate::vault::Vault;

/// The paths and texts of the notes that are left, with links from the root of
/// the whole vault. Notes that go along with a folder leave none.
pub(super) fn created(vault: &Vault, plan: &Plan, now: DateTime) -> Vec<(String, String)> {
    let taken: FxHashSet<String> = plan.moves.iter().map(|own| fold(&own.to)).collect();
    let is_taken = |path: &str| taken.contains(&fold(path));
    let left = plan.moves.iter().filter(|own| {
        strip_md(&own.from).is_some() && !plan.is_carried(&own.from) && !is_taken(&own.from)
    });
    let notes = left.map(|own| {
        let full = format!("/{}{}", vault.mount(), own.to);
        let full = link::normalize(&full);
        let is_wiki = is_holdable(written(&full, Form::Wiki), Form::Wiki);
        let form = if is_wiki { Form::Wiki } else { Form::Markdown };
        let link = link::new(
            form,
            &Draft {
                path: written(&full, form),
                alias: stem(&own.to),
                ..Draft::default()
            },
        );
        let time = now.strftime("%Y-%m-%d %H:%M");
        (own.from.clone(), format!("Moved to {link} on {time}.\n"))
    });
    notes.collect()
}
