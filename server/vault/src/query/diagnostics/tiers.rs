//! The tier section of a note, the properties that mirror it, and what of a
//! more secret tier a note gives away.

use super::nearest::alike;
use super::{Check, wide};
use crate::fact::Link;
use crate::frontmatter::{Entry, Frontmatter, Value, inner, is_word};
use crate::path::{same, strip_md};
use crate::query::tiers::{self, Section};
use crate::rule::Rule;

impl Check<'_> {
    pub(super) fn tiers(&mut self, front: Option<&Frontmatter>) {
        let vault = self.vault;
        let Some(path) = vault.full_path(self.file) else {
            return;
        };
        if vault.tiers().is_empty() {
            return;
        }
        let sections = tiers::sections(vault, self.note, &self.lines);
        let Some(own) = vault.tiers().of(&path) else {
            self.leaks(None, &sections);
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
        if !family.is_empty() {
            self.lines(&family, &sections);
            self.mirrors(&family);
            self.family(&family, own, front);
        }
        if let Some(front) = front {
            self.confidential_note(front, own);
        }
        self.leaks(Some(own), &sections);
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
                    continue;
                }
                if !same(&path, expected) {
                    let message = format!(
                        "The copy of this note is `{expected}`, and this line says `{path}`"
                    );
                    self.report(range.clone(), Rule::TierLine, message);
                    self.write_copy(link, &format!("/{expected}"));
                }
                if seen.iter().any(|&before| before > tier) {
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
                self.write_copy(link, expected);
            }
        }
    }

    /// The fix of the last report, that the link names the right copy. An embed
    /// would show the text of that.
    fn write_copy(&mut self, link: &Link, path: &str) {
        let edits = self.retarget(link, path).filter(|_| !link.is(Link::EMBED));
        if let Some(edits) = edits {
            self.fix("Write the path of the copy", &edits, false);
        }
    }

    fn confidential_note(&mut self, front: &Frontmatter, own: usize) {
        let vault = self.vault;
        // Translations are tiers as well, and none of them is secret.
        if vault.tiers().0.iter().all(|tier| tier.suffix.is_empty()) {
            return;
        }
        let find = |name: &str| front.property(|key| key.name.eq_ignore_ascii_case(name));
        let tiers = &vault.tiers().0;
        let confidential = find(&vault.settings().confidential_key);
        self.unknown_secrecy(front, confidential, find("publish"));
        if let Some(entry) = confidential
            && let Some((word, says)) = tiers::declared(vault, front, entry)
            && vault.is_secret_in(Some(says), Some(own))
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
        {
            let message = format!(
                "The note is not to be published, and lies in the public `{}`: move it, or say otherwise",
                tiers[own].folder
            );
            self.report(entry.range.clone(), Rule::ConfidentialNote, message);
        }
    }

    /// Words of the properties about secrecy that say nothing, so that the note
    /// may be more secret than it seems.
    fn unknown_secrecy(
        &mut self,
        front: &Frontmatter,
        confidential: Option<&Entry>,
        publish: Option<&Entry>,
    ) {
        let vault = self.vault;
        let tiers = vault.tiers().0.iter();
        let names = tiers.map(|tier| tier.folder.trim_start_matches('_').to_owned());
        let names: Vec<String> = names.collect();
        for entry in confidential
            .into_iter()
            .flat_map(|entry| front.single(entry))
        {
            if tiers::declared(vault, front, entry).is_none() {
                self.unknown_word(entry, "names no tier", &names);
            }
        }
        let bools = ["true", "false"].map(str::to_owned);
        for entry in publish.into_iter().flat_map(|entry| front.single(entry)) {
            if !is_word(self.slice_of(entry)) {
                self.unknown_word(entry, "says neither yes nor no", &bools);
            }
        }
    }

    fn unknown_word(&mut self, entry: &Entry, what: &str, names: &[String]) {
        let word = self.slice_of(entry);
        // A template is filled in before anybody reads it.
        if word.is_empty() || word.contains("{{") || word.contains("<%") {
            return;
        }
        let near = alike(word, names).map(str::to_owned);
        let known: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let question = near
            .as_ref()
            .map_or(String::new(), |near| format!("did you mean `{near}`? "));
        let message = format!("`{word}` {what}: {question}There are {}", known.join(", "));
        self.report(entry.range.clone(), Rule::UnknownSecrecy, message);
        if let Some(near) = near {
            let edit = (inner(self.text, entry), near.clone());
            self.fix(format!("Change it to `{near}`"), &[edit], false);
        }
    }

    /// Links into more secret tiers outside of the section and its mirrors.
    fn leaks(&mut self, own: Option<usize>, sections: &[Section]) {
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
            if !vault.is_secret_in(Some(tier), own) {
                continue;
            }
            let there = &vault.tiers().0[tier].folder;
            let here = match own {
                Some(own) => format!("A note of `{}`", vault.tiers().0[own].folder),
                None => "A note outside of the tiers".to_owned(),
            };
            let range = wide(&link.range());
            if link.is(Link::EMBED) && target.is_some() {
                let message = format!("{here} shows text of the more secret `{there}`");
                self.report(range, Rule::ConfidentialEmbed, message);
            } else {
                let message = format!(
                    "{here} names one of the more secret `{there}`; only the tier section may"
                );
                self.report(range, Rule::ConfidentialLink, message);
            }
        }
    }
}
