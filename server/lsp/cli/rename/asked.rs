//! What was asked for, as a plan.

use std::path::Path;

use vaultmark_vault::path::join;
use vaultmark_vault::query::rename::{
    Options, Plan, Refusal, Subject, alias, at, moved, named, place, wanted,
};

use super::How;
use crate::apply::Fault;
use crate::disk;
use crate::snapshot::Snapshot;

/// What kind of thing gets another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A note, a folder or another file.
    Path,
    /// A heading.
    Heading,
    /// A block.
    Block,
    /// A tag.
    Tag,
    /// The key of a property.
    Property,
    /// A value of a property.
    Value,
    /// An alias.
    Alias,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

/// How the vault's settings and the command line want it.
pub(super) fn options(snapshot: &Snapshot, how: &How) -> Options {
    let mut options = Options::new(snapshot.vault.settings().renames);
    options.folder |= how.with_folder;
    options.now = Some(jiff::ZonedDateTime::now().datetime());
    options
}

/// The plan by which something gets another name: the old one and the new one.
pub(super) fn plan(
    snapshot: &Snapshot,
    kind: Kind,
    [old, new]: [&str; 2],
    how: &How,
) -> Result<Plan, Fault> {
    let (vault, options) = (&*snapshot.vault, options(snapshot, how));
    let subject = match kind {
        Kind::Path => {
            let pair = pair(snapshot, [old, new])?;
            return Ok(moved(vault, &[pair], options, snapshot)?);
        }
        Kind::Tag => {
            let name = old.trim().trim_start_matches('#');
            Subject::Tag(vaultmark_vault::tag::identity(name).into_owned())
        }
        Kind::Property => Subject::Key(old.trim().to_owned()),
        Kind::Value => {
            let [key, value] = parts(old, '=', "key=value")?;
            Subject::Value(key.trim().to_owned(), value.trim().to_owned())
        }
        Kind::Alias => {
            let [note, name] = parts(old, '|', "Note|Alias")?;
            alias(vault, &from_here(snapshot.root(), note), name)?
        }
        Kind::Heading | Kind::Block => of_note(snapshot, kind, old)?,
    };
    Ok(at(vault, &subject, new, options, snapshot)?)
}

/// A heading or block.
fn of_note(snapshot: &Snapshot, kind: Kind, old: &str) -> Result<Subject, Refusal> {
    let (what, is_heading) = match kind {
        Kind::Heading => ("heading", true),
        _ => ("block", false),
    };
    let missing = || Refusal::Missing(format!("{what} `{old}`"));
    let (note, subpath) = old.split_once('#').ok_or_else(missing)?;
    let full = format!("{}#{subpath}", from_here(snapshot.root(), note));
    let found = place(&snapshot.vault, &full)?;
    let is_right = matches!(found, Subject::Heading(..)) == is_heading;
    is_right.then_some(found).ok_or_else(missing)
}

/// What stands before a mark and behind it.
fn parts<'t>(text: &'t str, mark: char, form: &str) -> Result<[&'t str; 2], Fault> {
    let parts = text.split_once(mark).map(<[&str; 2]>::from);
    parts.ok_or_else(|| {
        Fault::Refused(format!(
            "Nothing was renamed: write `{form}` instead of `{text}`."
        ))
    })
}

/// The path of something today and the one that its new name gives it, both from
/// the root.
pub(super) fn pair(
    snapshot: &Snapshot,
    [old, new]: [&str; 2],
) -> Result<(String, String), Refusal> {
    let vault = &snapshot.vault;
    let found = named(vault, &from_here(snapshot.root(), old))?;
    wanted(vault, &found, new)
}

/// A path from the current folder as one from the root, if there is such a file or
/// folder: so shells complete it. Everything else stays as it is.
pub(in crate::cli) fn from_here(root: &Path, text: &str) -> String {
    let here = std::env::current_dir().and_then(|folder| folder.canonicalize());
    let here = here.unwrap_or_default();
    let inside = if Path::new(text).is_absolute() {
        disk::relative(root, Path::new(text))
    } else if here == root {
        join("", text)
    } else {
        disk::relative(root, &here).and_then(|here| join(&here, text))
    };
    let is_there = |path: &String| {
        let exists = |path: &str| disk::look(root, path).is_some();
        !path.is_empty() && (exists(path) || exists(&format!("{path}.md")))
    };
    let slash = if text.ends_with('/') { "/" } else { "" };
    match inside.filter(is_there) {
        Some(inside) => format!("{inside}{slash}"),
        None => text.to_owned(),
    }
}
