//! What a renamed note says of its own name: its title, its aliases, its code
//! fences, and, if that is set, the properties that are its name.

use super::links::{Mapping, names};
use super::site::{Names, Site, What};
use super::{Move, Part, Plan, Refusal, fences, own_aliases};
use crate::field::canonical;
use crate::frontmatter::{self, Frontmatter, Value};
use crate::index::FileId;
use crate::note::Note;
use crate::path::{split, stem};
use crate::query::Texts;
use crate::query::subject::title_heading;
use crate::settings::Renames;
use crate::vault::Vault;

/// Adds the places in renamed notes that say their names, and in moved ones
/// the paths that no link holds.
pub(super) fn rewrite(
    vault: &Vault,
    plan: &mut Plan,
    mapping: &Mapping,
    set: Renames,
    texts: &dyn Texts,
) -> Result<(), Refusal> {
    let moves = fences::Moves::new(plan, mapping);
    let mut found = Vec::new();
    let mut warnings = Vec::new();
    for own in plan.moves.iter().chain(&fences::folder_notes(vault, plan)) {
        let Some(note) = vault.note(own.file) else {
            continue;
        };
        let is_renamed = stem(&own.from) != stem(&own.to);
        let has_fences = fences::has_some(vault, &note) && !moves.is_carried_in_place(own);
        if !is_renamed && !has_fences {
            continue;
        }
        let text = texts.text(own.file);
        let text = text.ok_or_else(|| Refusal::Unreadable(vec![own.from.clone()]))?;
        let source = Source::new(vault, own, &note, &text);
        let mut sites = Vec::new();
        if is_renamed {
            sites.extend(source.title());
            match own_aliases::sites(&source, set.old_name) {
                Some(aliases) => sites.extend(aliases),
                None => warnings.push(format!(
                    "`{}` was not added to the aliases in `{}`: they are not written so that a name can be added.",
                    stem(&own.from),
                    own.to
                )),
            }
            if set.names {
                sites.extend(source.properties());
            }
        }
        if has_fences {
            sites.extend(fences::sites(&source, &moves));
        }
        found.extend(sites.into_iter().map(|site| (own.file, site)));
    }
    plan.warnings.extend(warnings);
    for (file, site) in found {
        plan.add(file, site);
    }
    Ok(())
}

/// A note that goes elsewhere, or the folder beside it does.
pub(super) struct Source<'a> {
    pub(super) vault: &'a Vault,
    pub(super) file: FileId,
    pub(super) note: &'a Note,
    pub(super) text: &'a str,
    /// Old and new: the name of the note, and that of its family.
    pub(super) names: Names,
    /// Old and new: the folder of the note in the whole vault, with a final `/`.
    pub(super) folders: [String; 2],
    /// The properties, if there are some that can be read.
    pub(super) front: Option<Frontmatter>,
}

impl<'a> Source<'a> {
    fn new(vault: &'a Vault, own: &Move, note: &'a Note, text: &'a str) -> Self {
        let full = [&own.from, &own.to].map(|path| format!("{}{path}", vault.mount()));
        let cut = frontmatter::cut(text).filter(|_| note.valid_frontmatter);
        Self {
            vault,
            file: own.file,
            note,
            text,
            names: names(vault, &full[0], &full[1]),
            folders: full.map(|path| split(&path).0.to_owned()),
            front: cut.map(|cut| frontmatter::parse(text, &cut)),
        }
    }

    /// The new name that belongs to an old one.
    pub(super) fn renamed(&self, name: &str) -> Option<&String> {
        let pair = self.names.iter().find(|pair| pair[0] == name)?;
        Some(&pair[1])
    }

    /// `# Old`
    fn title(&self) -> Option<Site> {
        let index = title_heading(self.vault, self.file, self.note)?;
        let range = self.note.headings.get(index)?.range();
        let written = self.text.get(range.start as usize..range.end as usize)?;
        let name = written.trim();
        let new = self.renamed(name)?.clone();
        let start = range.start + written.find(name)? as u32;
        let range = start..start + name.len() as u32;
        Some(Site::text(Part::Title, range, name, new))
    }

    /// `title: Old` and `[name:: Old]`
    fn properties(&self) -> Vec<Site> {
        let wanted = &self.vault.settings().name_properties;
        let is_name = |key: &str| {
            let key = canonical(key);
            wanted.iter().any(|own| canonical(own) == key)
        };
        let entries = self.front.iter().flat_map(|front| &front.entries);
        let entries = entries.filter(|entry| {
            let key = entry.key.as_ref().filter(|_| entry.parent.is_none());
            key.is_some_and(|key| is_name(&key.name))
        });
        let values = entries.filter_map(|entry| {
            let Value::Scalar(scalar) = &entry.value else {
                return None;
            };
            let old = scalar.text.clone();
            let new = self.renamed(&old)?.clone();
            let range = entry.range.start as u32..entry.range.end as u32;
            let what = What::Value { range, old, new };
            let part = Part::Name;
            Some(Site { part, what })
        });
        let fields = self.note.fields.iter();
        let fields = fields.filter(|field| self.vault.symbols().with(field.key, is_name));
        let fields = fields.filter_map(|field| {
            let (start, end) = (field.key_range().end as usize, field.range().end as usize);
            let written = self.text.get(start..end)?;
            let value = written.split_once("::")?.1.trim();
            let new = self.renamed(value)?.clone();
            let start = (start + written.rfind(value)?) as u32;
            let range = start..start + value.len() as u32;
            Some(Site::text(Part::Name, range, value, new))
        });
        values.chain(fields).collect()
    }
}
