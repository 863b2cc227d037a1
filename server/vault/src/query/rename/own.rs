//! What a renamed note says of its own name: its title, its aliases, its code
//! fences.

use super::links::names;
use super::site::{Names, Site, What};
use super::{Part, Plan, Refusal, folder_of_note};
use crate::fact::RegionKind;
use crate::index::FileId;
use crate::note::Note;
use crate::path::{split, stem};
use crate::query::Texts;
use crate::query::subject::title_heading;
use crate::vault::Vault;

/// Adds the places in renamed notes that say their names.
pub(super) fn rewrite(vault: &Vault, plan: &mut Plan, texts: &dyn Texts) -> Result<(), Refusal> {
    let mut found = Vec::new();
    for own in plan
        .moves
        .iter()
        .filter(|own| stem(&own.from) != stem(&own.to))
    {
        let Some(note) = vault.note(own.file) else {
            continue;
        };
        let text = texts.text(own.file);
        let text = text.ok_or_else(|| Refusal::Unreadable(vec![own.from.clone()]))?;
        let full = |path: &str| format!("{}{path}", vault.mount());
        let source = Source {
            vault,
            file: own.file,
            note: &note,
            text: &text,
            names: names(vault, &full(&own.from), &full(&own.to)),
        };
        let folder = folder_of_note(vault, &own.from, &own.to);
        let folder = folder.filter(|folder| plan.folders.contains(folder));
        let folder = folder.map(|(from, to)| [from, to].map(|own| format!("./{}/", split(&own).1)));
        let mut sites = source.aliases();
        sites.extend(source.title());
        sites.extend(source.fences(folder.as_ref()));
        found.extend(sites.into_iter().map(|site| (own.file, site)));
    }
    for (file, site) in found {
        plan.add(file, site);
    }
    Ok(())
}

struct Source<'a> {
    vault: &'a Vault,
    file: FileId,
    note: &'a Note,
    text: &'a str,
    /// Old and new: the name of the note, and that of its family.
    names: Names,
}

impl Source<'_> {
    fn renamed(&self, name: &str) -> Option<&String> {
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

    /// Aliases that repeat the name.
    fn aliases(&self) -> Vec<Site> {
        let aliases = self.note.aliases.iter().filter_map(|alias| {
            let name = self.vault.string(alias.name);
            let new = self.renamed(&name)?.clone();
            let what = What::Value {
                range: alias.range(),
                new,
            };
            let part = Part::Alias;
            Some(Site { part, what })
        });
        aliases.collect()
    }

    /// Lines of code fences whose links count: `id: Old`, and the folder
    /// beside the note, if it moves along.
    fn fences(&self, folders: Option<&[String; 2]>) -> Vec<Site> {
        let soft = &self.vault.settings().soft_fences;
        let is_soft = |info: &str| soft.iter().any(|own| own.eq_ignore_ascii_case(info));
        let regions = self.note.regions.iter();
        let regions = regions.filter(|region| {
            region.kind == RegionKind::Code && self.vault.symbols().with(region.info, is_soft)
        });
        let mut sites = Vec::new();
        for region in regions {
            let (start, end) = (region.range.start as usize, region.range.end as usize);
            let source = self.text.get(start..end).unwrap_or("");
            let mut at = start;
            for line in source.split_inclusive(['\n', '\r']) {
                let here = at;
                at += line.len();
                let Some((key, value)) = line.split_once(':') else {
                    continue;
                };
                let value = value.trim();
                let new = match (key.trim(), folders) {
                    ("id", _) => self.renamed(value).cloned(),
                    (_, Some([old, new])) if value == old => Some(new.clone()),
                    _ => None,
                };
                if let (Some(new), Some(offset)) = (new, line.rfind(value)) {
                    let start = (here + offset) as u32;
                    let range = start..start + value.len() as u32;
                    sites.push(Site::text(Part::Fence, range, value, new));
                }
            }
        }
        sites
    }
}
