//! Copies of a note in other tiers: whether they name it, and what they are to
//! have in common. Facts are compared; only for the values of properties that
//! are to agree the text of one other copy is read.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::{Check, wide};
use crate::fact::{Heading, Link, Property, ValueKind};
use crate::frontmatter::{self, Frontmatter, Value};
use crate::index::FileId;
use crate::link;
use crate::note::Note;
use crate::path::{split, strip_md};
use crate::query::Location;
use crate::query::tiers::{Section, sections};
use crate::resolve::Target;
use crate::rule::Rule;
use crate::text::Encoding;

/// So many headings are named in one message.
const MAX_NAMED: usize = 5;

impl Check<'_> {
    /// What is wrong with a note as one of its family, whose paths these are,
    /// one for each tier.
    pub(super) fn family(&mut self, family: &[String], own: usize, front: Option<&Frontmatter>) {
        let settings = self.vault.settings();
        let agree = settings.agree_headings || !settings.agree_properties.is_empty();
        let tier = self.vault.tiers().0.get(own);
        let is_copy = own > 0 && tier.is_some_and(|tier| !tier.suffix.is_empty());
        if !agree && !is_copy {
            return;
        }
        let copies: Vec<Option<FileId>> = family
            .iter()
            .map(|path| self.vault.find_full(path))
            .collect();
        let kin = self.kin(&copies);
        if is_copy && kin.is_empty() && matches!(copies.first(), Some(Some(_))) {
            self.stray(family);
        }
        let first = copies.iter().zip(family);
        let mut first = first.filter_map(|(copy, path)| Some(((*copy)?, path)));
        let base = first.next().filter(|base| agree && base.0 != self.file);
        let Some((file, path)) = base else { return };
        let Some(note) = self.vault.note(file) else {
            return;
        };
        // An embed shows what the other copy has.
        if settings.agree_headings && !kin.iter().any(|link| link.is(Link::EMBED)) {
            self.headings(file, path, &note);
        }
        if let Some(front) = front {
            self.properties(file, path, &note, front);
        }
    }

    /// The links to other notes of the family.
    fn kin(&self, copies: &[Option<FileId>]) -> Vec<Link> {
        let is_kin = |target: &Target| {
            let file = target.file().filter(|&file| file != self.file);
            file.is_some_and(|file| copies.contains(&Some(file)))
        };
        let links = self.note.links.iter().zip(&self.targets);
        let links = links.filter(|(_, target)| is_kin(target));
        links.map(|(link, _)| *link).collect()
    }

    /// A copy that neither shows nor links the note that it is a copy of.
    fn stray(&mut self, family: &[String]) {
        let Some(base) = family.first() else { return };
        let message = format!(
            "This copy neither shows nor links its note: embed it, `![[/{}]]`",
            strip_md(base).unwrap_or(base)
        );
        self.report(self.top(), Rule::CopyStray, message);
    }

    /// The first heading, where there is one, stands for the note.
    fn top(&self) -> Range<usize> {
        let first = self.note.headings.first();
        first.map_or(0..0, |heading| wide(&heading.range()))
    }

    /// Headings that the most public copy has and this one lacks.
    fn headings(&mut self, file: FileId, path: &str, base: &Note) {
        let own = self.note.headings.iter();
        let own: FxHashSet<(u8, u32)> = own.map(|own| (own.level(), own.key)).collect();
        let name = split(path).1;
        let name = strip_md(name).unwrap_or(name);
        let sections = sections(self.vault, base, &base.lines.index(Encoding::Utf8));
        let is_missing = |heading: &&Heading| {
            let in_section = |section: &Section| section.range.contains(&heading.start);
            heading.key != 0
                && !heading.is_hidden()
                && !heading.title.is_empty()
                && !own.contains(&(heading.level(), heading.key))
                && !sections.iter().any(in_section)
                && !self
                    .vault
                    .symbols()
                    .with(heading.title, |title| title == name)
        };
        let missing: Vec<&Heading> = base.headings.iter().filter(is_missing).collect();
        let Some(first) = missing.first() else { return };
        let shown = missing.iter().take(MAX_NAMED).map(|heading| {
            let marks = "#".repeat(heading.level().into());
            format!("`{marks} {}`", self.vault.string(heading.title))
        });
        let shown = shown.collect::<Vec<_>>().join(", ");
        let more = match missing.len().saturating_sub(MAX_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("This copy lacks headings of `{path}`: {shown}{more}");
        let range = first.range();
        self.report(self.top(), Rule::FamilyDiffers, message);
        self.relate(Location { file, range }, "the first of them");
    }

    /// Properties that are to agree, and differ in the kind of their value or
    /// in where their links lead.
    fn properties(&mut self, file: FileId, path: &str, base: &Note, front: &Frontmatter) {
        let vault = self.vault;
        for name in &vault.settings().agree_properties {
            let is = |property: &&Property| {
                property.depth == 0 && vault.symbols().with(property.key, |key| key == name)
            };
            let own = self.note.properties.iter().find(is);
            let (Some(own), Some(other)) = (own, base.properties.iter().find(is)) else {
                continue;
            };
            let same_links =
                || self.leads(self.file, self.note, own) == self.leads(file, base, other);
            let message = if own.kind != other.kind {
                format!(
                    "`{name}` is {} in `{path}`, and {} here",
                    other.kind.words(),
                    own.kind.words()
                )
            } else if matches!(own.kind, ValueKind::Link | ValueKind::List) && !same_links() {
                format!("`{name}` names other notes in `{path}`")
            } else if let Some((mine, theirs)) = self.values_differ(file, front, name) {
                format!("`{name}` is `{theirs}` in `{path}`, and `{mine}` here")
            } else {
                continue;
            };
            let start = own.start as usize;
            let entry = front.property(|key| key.range.start == start);
            let range = entry.map(|entry| entry.range.clone());
            let range = range.filter(|range| !range.is_empty());
            let range = range.unwrap_or_else(|| wide(&own.key_range()));
            self.report(range, Rule::FamilyDiffers, message);
            let range = other.key_range();
            self.relate(Location { file, range }, "the other one");
        }
    }

    /// The values of a property here and in another copy, if both are single
    /// ones and differ.
    fn values_differ(
        &self,
        other: FileId,
        front: &Frontmatter,
        name: &str,
    ) -> Option<(String, String)> {
        let value = |front: &Frontmatter| match &front.property(|key| key.name == name)?.value {
            Value::Scalar(scalar) if link::whole(&scalar.text).is_none() => {
                Some(scalar.text.trim().to_owned())
            }
            _ => None,
        };
        let own = value(front)?;
        let text = self.texts.text(other)?;
        let theirs = value(&frontmatter::parse(&text, &frontmatter::cut(&text)?))?;
        (own != theirs).then_some((own, theirs))
    }

    /// Where the links of a property lead, in order. The copies of one note
    /// are the same thing.
    fn leads(&self, file: FileId, note: &Note, property: &Property) -> Vec<String> {
        let vault = self.vault;
        let is_inside = |link: &&Link| {
            link.is(Link::PROPERTY)
                && note
                    .property_at(link.start)
                    .is_some_and(|own| own.start == property.start)
        };
        let links = note.links.iter().filter(is_inside);
        let path = links.map(|link| {
            let target = vault.resolve(link, file).file();
            let path = target.and_then(|target| vault.full_path(target));
            let path = path.unwrap_or_else(|| vault.link_path(link));
            let base = vault.tiers().base(&path);
            base.map_or(path.clone(), |base| base.1.to_owned())
        });
        path.collect()
    }
}
