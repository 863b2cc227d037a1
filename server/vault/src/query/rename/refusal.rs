//! Why a rename is not done.

use std::fmt;

/// Why nothing is done; [`fmt::Display`] says it in plain words, with what to
/// do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing that has a name stands here.
    NothingHere,
    /// The new name cannot be one; why, and one that could.
    Name(String, Option<String>),
    /// There are files of these paths already.
    Taken(Vec<String>),
    /// These files of other tiers would become copies of a note that gets their
    /// name.
    Adopted(Vec<String>),
    /// These files would have to be folders.
    BelowFile(Vec<String>),
    /// A file or folder cannot get two paths: its own, and the two.
    Torn(String, [String; 2]),
    /// These notes cannot be read as text, so their links cannot be kept.
    Unreadable(Vec<String>),
    /// These notes are not what was read from them any more.
    Changed(Vec<String>),
    /// With the new name the links in these notes would be read otherwise.
    Misread(Vec<String>),
    /// No link that a note can hold would lead to a file: its new path, and
    /// notes with links to it.
    Unreachable(String, Vec<String>),
    /// No link could lead to a heading of a note any more: the path of the note,
    /// and notes with links to the heading.
    Unnamed(String, Vec<String>),
    /// There is no such thing in the vault: what was looked for.
    Missing(String),
    /// Several files have this name; their paths.
    Ambiguous(String, Vec<String>),
    /// The new place lies outside of the vault.
    Outside(String),
    /// Nothing would change.
    Same,
}

/// So many names are listed.
const MAX_LISTED: usize = 10;

/// A list in words, cut where it grows long.
pub(super) fn list(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(MAX_LISTED)
        .map(|name| format!("`{name}`"))
        .collect();
    let rest = names.len() - shown.len();
    if rest == 0 {
        shown.join(", ")
    } else {
        format!("{} and {rest} more", shown.join(", "))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingHere => write!(
                out,
                "Nothing can be renamed here. Put the cursor on a link, the title, a heading, a tag, an alias, a block id, a footnote, the label of a reference, or the key of a property or a text that it has as value."
            ),
            Self::Name(why, None) => write!(out, "{why}."),
            Self::Name(why, Some(other)) => write!(out, "{why}. `{other}` would do."),
            Self::Taken(paths) => write!(
                out,
                "Nothing was renamed: {} exists already. Choose another name, or move that file away first.",
                list(paths)
            ),
            Self::Adopted(paths) => write!(
                out,
                "Nothing was renamed: {} has the new name in another tier, and would be taken for a copy of the note. Choose another name, or move that file away first.",
                list(paths)
            ),
            Self::BelowFile(paths) => write!(
                out,
                "Nothing was renamed: {} is a file, so nothing can lie below it. Choose another folder.",
                list(paths)
            ),
            Self::Torn(path, [one, other]) => write!(
                out,
                "Nothing was renamed: `{path}` would become `{one}`, and `{other}` as well. Copies of a note get its name: name only one of them."
            ),
            Self::Unreadable(paths) => write!(
                out,
                "Nothing was renamed: {} cannot be read as text, so the links in it would break. Save it as UTF-8, or look at who may read it.",
                list(paths)
            ),
            Self::Changed(paths) => write!(
                out,
                "Nothing was renamed: {} changed on the disk just now. Try again.",
                list(paths)
            ),
            Self::Misread(paths) => write!(
                out,
                "Nothing was renamed: with this name links in {} would be read as something else, or not at all. Choose one without characters such as ` $ < [ ( and wide blanks.",
                list(paths)
            ),
            Self::Unreachable(path, notes) => write!(
                out,
                "Nothing was renamed: no link can lead to `{path}`, and {} would lose theirs. Leave out what links cannot hold, which is # | ^ [ ], and the ending of another kind of file.",
                list(notes)
            ),
            Self::Unnamed(path, notes) => write!(
                out,
                "Nothing was renamed: no link could lead to the heading in `{path}` any more, and {} would lose theirs. Choose a text that no heading above it has and that links can hold.",
                list(notes)
            ),
            Self::Missing(what) => write!(out, "There is no {what}."),
            Self::Ambiguous(name, paths) => write!(
                out,
                "Several files are called `{name}`: {}. Name one by its path.",
                list(paths)
            ),
            Self::Outside(path) => {
                write!(
                    out,
                    "Nothing was renamed: `{path}` lies outside of the vault."
                )
            }
            Self::Same => write!(out, "It has this name already."),
        }
    }
}

impl std::error::Error for Refusal {}
