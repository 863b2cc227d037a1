//! The tier section of a note, the properties that mirror it, and what of a
//! more secret tier a note gives away.

use super::{Check, wide};
use crate::fact::Link;
use crate::frontmatter::{Frontmatter, Value};
use crate::path::{same, strip_md};
use crate::query::tiers::{self, Section};
use crate::rule::Rule;

impl Check<'_> {
    pub(super) fn tiers(&mut self, front: Option<&Frontmatter>) {
        let vault = self.vault;
        let Some(path) = vault.full_path(self.file) else {
            return;
        };
        let Some(own) = vault.tiers().of(&path) else {
            return;
        };
        let family = vault.tiers().family(&path);
        if family.is_empty() && strip_md(&path).is_some() {
            let tier = &vault.tiers().0[own];
            let message = format!(
                "Notes in `{}` end with `{}.md`; this one belongs to no family",
                tier.folder, tier.suffix
            );
            self.report(0..0, Rule::TierSuffix, message);
        }
        let sections = tiers::sections(vault, self.note, &self.lines);
        if !family.is_empty() {
            self.lines(&family, &sections);
            self.mirrors(&family);
            self.family(&family, own, front);
        }
        if let Some(front) = front {
            self.confidential_note(front, own);
        }
        self.leaks(own, &sections);
    }

    /// The path in the whole vault that a link writes, without `.md`.
    fn written_path(&self, link: &Link) -> Option<String> {
        let full = self.vault.spelled_path(link, self.file)?;
        Some(strip_md(&full).unwrap_or(&full).to_owned())
    }

    fn lines(&mut self, family: &[String], sections: &[Section]) {
        let vault = self.vault;
        let mut seen: Vec<usize> = Vec::new();
        for Section {
            heading,
            range: section,
        } in sections
        {
            let inside = |link: &&Link| section.contains(&link.start) && !link.is(Link::EXTERNAL);
            for link in self.note.links.iter().filter(inside) {
                let Some(path) = self.written_path(link) else {
                    continue;
                };
                let range = wide(&link.range());
                let Some(tier) = vault.tiers().of(&path) else {
                    // Text of other kinds may stand below the lines.
                    if tiers::is_line(self.text, &self.lines, link) {
                        let message = "This line of the tier section leads into no tier: write the path from the root of the vault";
                        self.report(range, Rule::TierLine, message);
                    }
                    continue;
                };
                let expected = strip_md(&family[tier]).unwrap_or(&family[tier]);
                if !tiers::is_line(self.text, &self.lines, link) {
                    continue;
                }
                if seen.contains(&tier) {
                    let message = format!(
                        "The section names the copy in `{}` already: remove this line",
                        vault.tiers().0[tier].folder
                    );
                    self.report(range, Rule::TierLineDoubled, message);
                } else if !same(&path, expected) {
                    let message = format!(
                        "The copy of this note is `{expected}`, and this line says `{path}`"
                    );
                    self.report(range, Rule::TierLine, message);
                    if let Some(edits) = self.retarget(link, &format!("/{expected}")) {
                        self.fix("Write the path of the copy", &edits, false);
                    }
                } else if seen.iter().any(|&before| before > tier) {
                    let message =
                        "The lines of the section go from the most public to the most secret tier";
                    self.report(range, Rule::TierLineOrder, message);
                }
                seen.push(tier);
            }
            let missing = (0..family.len()).filter(|tier| !seen.contains(tier));
            let missing: Vec<String> = missing
                .map(|tier| format!("`{}`", vault.tiers().0[tier].folder))
                .collect();
            if !missing.is_empty() {
                let message = format!("The section has no line for {}", missing.join(", "));
                self.report(wide(heading), Rule::TierLineMissing, message);
            }
        }
    }

    fn mirrors(&mut self, family: &[String]) {
        let vault = self.vault;
        let links = self
            .note
            .links
            .iter()
            .filter(|link| tiers::is_mirror(vault, self.note, link));
        let items = links.filter_map(|link| {
            let path = self.written_path(link)?;
            let tier = vault.tiers().of(&path)?;
            Some((link, path, tier))
        });
        let items: Vec<(&Link, String, usize)> = items.collect();
        // The property may also name another thing that the note is the same as.
        if items.iter().all(|item| item.2 == items[0].2) {
            return;
        }
        for (link, path, tier) in items {
            let expected = strip_md(&family[tier]).unwrap_or(&family[tier]);
            if !same(&path, expected) {
                let message =
                    format!("The copy of this note is `{expected}`, and this item says `{path}`");
                self.report(wide(&link.range()), Rule::TierMirror, message);
                if let Some(edits) = self.retarget(link, expected) {
                    self.fix("Write the path of the copy", &edits, false);
                }
            }
        }
    }

    fn confidential_note(&mut self, front: &Frontmatter, own: usize) {
        let vault = self.vault;
        let find = |name: &str| front.property(|key| key.name.eq_ignore_ascii_case(name));
        let tiers = &vault.tiers().0;
        if let Some(entry) = find(&vault.settings().confidential_key)
            && let Some((word, says)) = tiers::declared(vault, front, entry)
            && says > own
            && !vault.is_public(says)
        {
            let message = format!(
                "The note says that it is `{}`, and lies in the more public `{}`: move it, or say otherwise",
                word, tiers[own].folder
            );
            self.report(entry.range.clone(), Rule::ConfidentialNote, message);
        }
        if let Some(entry) = find("publish")
            && let Value::Scalar(scalar) = &entry.value
            && matches!(
                &*scalar.text.trim().to_ascii_lowercase(),
                "false" | "no" | "off"
            )
            && vault.is_public(own)
            && tiers.iter().any(|tier| !tier.suffix.is_empty())
        {
            let message = format!(
                "The note is not to be published, and lies in the public `{}`: move it, or say otherwise",
                tiers[own].folder
            );
            self.report(entry.range.clone(), Rule::ConfidentialNote, message);
        }
    }

    /// Links into more secret tiers outside of the section and its mirrors.
    fn leaks(&mut self, own: usize, sections: &[Section]) {
        let vault = self.vault;
        for (index, link) in self.note.links.iter().enumerate() {
            let in_section = || {
                let mut all = sections.iter();
                all.any(|section| section.range.contains(&link.start))
                    && tiers::is_line(self.text, &self.lines, link)
            };
            // The lines of the section and their mirrors name copies; an embed
            // shows what is in them, wherever it stands.
            let names_copy = || in_section() || tiers::is_mirror(vault, self.note, link);
            if link.is(Link::EXTERNAL) || !link.is(Link::EMBED) && names_copy() {
                continue;
            }
            let target = self.targets[index].file();
            let path = match target.and_then(|file| vault.full_path(file)) {
                Some(path) => Some(path),
                None => self.written_path(link),
            };
            let Some(tier) = path.and_then(|path| vault.tiers().of(&path)) else {
                continue;
            };
            if tier <= own || vault.is_public(tier) {
                continue;
            }
            let (here, there) = (&vault.tiers().0[own].folder, &vault.tiers().0[tier].folder);
            let range = wide(&link.range());
            if link.is(Link::EMBED) && target.is_some() {
                let message =
                    format!("This shows text of the more secret `{there}` in a note of `{here}`");
                self.report(range, Rule::ConfidentialEmbed, message);
            } else {
                let message = format!(
                    "A note of `{here}` names one of the more secret `{there}`; only the tier section may"
                );
                self.report(range, Rule::ConfidentialLink, message);
            }
        }
    }
}
