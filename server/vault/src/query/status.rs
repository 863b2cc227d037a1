//! The state of a vault in numbers: notes, links by form and by class.

use std::collections::BTreeMap;

use crate::fact::{Form, Link};
use crate::query::targets::Targets;
use crate::resolve::{Missing, Target};
use crate::vault::Vault;

/// Counts over a whole vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Notes that could be read.
    pub notes: usize,
    /// Other files.
    pub other_files: usize,
    /// Notes whose frontmatter is not valid YAML.
    pub invalid_frontmatter: usize,
    /// Links that lead into the vault, by how they are written.
    pub forms: BTreeMap<&'static str, usize>,
    /// The same links, by where they lead.
    pub classes: BTreeMap<Class, usize>,
    /// Links out of the vault.
    pub external: usize,
    /// Links whose file is there and whose heading or block is not.
    pub missing_anchors: usize,
    /// Headings, tags, inline fields and properties.
    pub headings: usize,
    /// Tags.
    pub tags: usize,
    /// Inline fields.
    pub fields: usize,
    /// Properties.
    pub properties: usize,
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// To one file.
    Resolved,
    /// To the nearest of several files.
    Ambiguous,
    /// Nowhere.
    Missing(Missing),
}

/// Counts all files of the vault. This looks at everything: it is meant for
/// the command line and never asked for by an editor.
pub fn status(vault: &Vault) -> Status {
    let mut status = Status::default();
    for (id, _) in vault.files().iter() {
        let Some(note) = vault.note(id) else {
            status.other_files += 1;
            continue;
        };
        status.notes += 1;
        status.invalid_frontmatter += usize::from(!note.valid_frontmatter);
        status.headings += note.headings.len();
        status.tags += note.tags.len();
        status.fields += note.fields.len();
        status.properties += note.properties.len();
        let mut targets = Targets::new(vault, id, &note);
        for link in &note.links {
            let class = match targets.of(link) {
                Target::External => {
                    status.external += 1;
                    continue;
                }
                Target::File { file, ambiguous } => {
                    let missing = link.is(Link::SUBPATH) && vault.anchor(link, file).is_none();
                    status.missing_anchors += usize::from(missing);
                    if ambiguous {
                        Class::Ambiguous
                    } else {
                        Class::Resolved
                    }
                }
                Target::Missing(class) => Class::Missing(class),
            };
            *status.classes.entry(class).or_default() += 1;
            *status.forms.entry(form(vault, link)).or_default() += 1;
        }
    }
    status
}

/// How a link is written, in a word or two.
fn form(vault: &Vault, link: &Link) -> &'static str {
    let folder = |prefix: &str| {
        vault
            .symbols()
            .with(link.folder, |folder| folder.starts_with(prefix))
    };
    match link.form {
        Form::Markdown => "Markdown",
        Form::Definition => "reference definition",
        Form::Wiki if link.is(Link::FENCE) => "wiki in a fence",
        Form::Wiki if link.name.is_empty() && link.folder.is_empty() => "wiki within the note",
        Form::Wiki if folder("/") => "wiki rooted",
        Form::Wiki if folder("./") || folder("../") => "wiki relative",
        Form::Wiki if link.folder.is_empty() => "wiki bare",
        Form::Wiki => "wiki with folder",
        Form::Path => "path in a canvas",
    }
}
