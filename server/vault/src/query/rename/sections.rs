//! Tier sections of renamed notes, and the properties that mirror them, where
//! they were wrong before.

use super::site::{Site, What};
use super::{Part, Plan, Refusal};
use crate::query::Texts;
use crate::query::actions::{Place, mirrored, repaired, stale_mirrors};
use crate::vault::Vault;

/// Puts right what did not name the copies of the notes that move.
pub(super) fn repair(vault: &Vault, plan: &mut Plan, texts: &dyn Texts) -> Result<(), Refusal> {
    for own in plan.moves.clone() {
        let full = |path: &str| format!("{}{path}", vault.mount());
        let [old, new] = [&own.from, &own.to].map(|path| vault.tiers().family(&full(path)));
        let Some(note) = vault.note(own.file).filter(|_| old.len() == new.len()) else {
            continue;
        };
        if old.is_empty() {
            continue;
        }
        let text = texts.text(own.file);
        let text = text.ok_or_else(|| Refusal::Unreadable(vec![own.from.clone()]))?;
        let place = Place::new(vault, own.file, &note, &text, 0..0);
        let is_right = repaired(&place, &old).is_empty();
        let lines = if is_right {
            Vec::new()
        } else {
            repaired(&place, &new)
        };
        let sites = plan.sites.entry(own.file).or_default();
        sites.retain(|site| {
            let start = match &site.what {
                What::Link { link, .. } => link.start,
                _ => return true,
            };
            !lines.iter().any(|line| line.0.contains(&start))
        });
        for (range, new) in lines {
            let old = text.get(range.start as usize..range.end as usize);
            sites.push(Site::text(Part::Section, range, old.unwrap_or(""), new));
        }
        for (link, tier) in stale_mirrors(&place, &old) {
            let is_same = |site: &Site| matches!(&site.what, What::Link { link: other, .. } if other.start == link.start);
            sites.retain(|site| !is_same(site));
            let Some(copy) = new.get(tier) else { continue };
            let (path, names) = mirrored(&place, link, copy);
            let what = What::Link {
                link: *link,
                path: Some(path),
                subpath: None,
                names: vec![names].into(),
            };
            let part = Part::Section;
            sites.push(Site { part, what });
        }
        if sites.is_empty() {
            plan.sites.remove(&own.file);
        }
    }
    Ok(())
}
