//! What the user may set about a vault. Reading and checking settings is the
//! server's task; here they are plain values.

use std::sync::Arc;

use globset::GlobMatcher;
use regex::Regex;

use crate::daily::Daily;
use crate::rule::Override;
use crate::schema;
use crate::tier::Tiers;

/// The settings of one vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The tiers; `None`: the standard ones if the vault shows them, else none.
    pub tiers: Option<Tiers>,
    /// Where the opened folder lies in the whole vault, such as
    /// `_Standards/Earth`; `None`: found by itself.
    pub mount: Option<String>,
    /// Languages of code fences whose links count.
    pub soft_fences: Vec<String>,
    /// Properties and fields whose links say what a note is an instance of.
    pub type_properties: Vec<String>,
    /// Properties and fields that may say the name of their note.
    pub name_properties: Vec<String>,
    /// Types of properties as declared, by name (P5).
    pub property_types: Vec<(String, String)>,
    /// Folders, from the root of the opened folder, that are known to be
    /// fetched separately: those that are not there are no mistake of links
    /// into them. The disk tells them.
    pub absent_folders: Vec<String>,
    /// Where the daily notes are; `None`: nowhere that could be known.
    pub daily: Option<Daily>,
    /// What is set in Obsidian.
    pub obsidian: Obsidian,
    /// How serious breaches of rules are; a later line wins.
    pub rules: Vec<Override>,
    /// Whether an editor is told of all notes, and not only of open ones.
    pub whole: bool,
    /// Properties that begin and end the same thing.
    pub date_pairs: Vec<(String, String)>,
    /// Identifiers that a link of the note repeats.
    pub identifiers: Vec<Identifier>,
    /// Which notes follow which schemas of properties.
    pub schemas: Vec<Assignment>,
    /// In so many notes a property must be set before its usual shape is known.
    pub shape_uses: u32,
    /// Of a hundred values of a property so many must be of one shape for
    /// others to be odd.
    pub shape_agreeing: u32,
    /// Copies of a note have its headings.
    pub agree_headings: bool,
    /// Properties that say the same in all copies of a note.
    pub agree_properties: Vec<String>,
    /// The heading of the tier section.
    pub tier_section: String,
    /// A line of the tier section; `{path}` is the path of the copy without
    /// `.md` and `{name}` its name.
    pub tier_line: String,
    /// The text of a new copy of a note; `{name}` is its name, `{base}` the
    /// path of the most public copy that it may show, `{base_name}` its name,
    /// and `{section}` the tier section.
    pub copy_template: String,
    /// Properties, by the path of their keys, that mirror the tier section.
    pub tier_mirrors: Vec<String>,
    /// Folders of the tiers that anybody may read; `None`: of the standard
    /// tiers the first two, of others all.
    pub public_tiers: Option<Vec<String>>,
    /// The property that says how secret a note is: the name of a tier.
    pub confidential_key: String,
    /// The address of a page with the rules, to which diagnostics lead.
    pub documentation: Option<String>,
    /// What is done with names of more secret tiers where something is completed.
    pub confidential_completion: Confidential,
    /// What of that which helps to read is on.
    pub features: Features,
    /// How renames are done.
    pub renames: Renames,
}

/// How renames are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are independent of one another"
)]
pub struct Renames {
    /// Whether the copies in other tiers go along.
    pub copies: bool,
    /// What becomes of the folder beside a folder note that is renamed.
    pub folder: FolderOfNote,
    /// Whether a heading is renamed in the copies in other tiers as well.
    pub headings: bool,
    /// Whether the old name of a note becomes one of its aliases.
    pub old_name: bool,
    /// Whether properties that say the name of their note get the new one; see
    /// [`Settings::name_properties`].
    pub names: bool,
    /// Whether a note is left at the old path that leads to the new one.
    pub redirect: bool,
    /// Whether stale lines of tier sections and their mirrors are put right.
    pub repair_sections: bool,
    /// Whether links to files that are deleted become the text that they show.
    pub unlink: bool,
}

impl Default for Renames {
    fn default() -> Self {
        Self {
            copies: true,
            folder: FolderOfNote::Ask,
            headings: false,
            old_name: false,
            names: false,
            redirect: false,
            repair_sections: false,
            unlink: false,
        }
    }
}

/// What becomes of the folder beside a folder note that is renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderOfNote {
    /// The user is asked; where nobody can be asked, it stays.
    Ask,
    /// It goes along.
    Move,
    /// It stays.
    Stay,
}

/// What is done with names of more secret tiers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confidential {
    /// They are left out.
    #[default]
    Hide,
    /// They are offered with a word of warning.
    Mark,
    /// They are offered like any other.
    Offer,
}

/// What helps to read a note, each on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are independent of one another"
)]
pub struct Features {
    /// Colors of links, tags, keys and the like.
    pub semantic_tokens: bool,
    /// Words behind links.
    pub inlay_hints: bool,
    /// Among those words, why a link leads nowhere.
    pub unresolved_reasons: bool,
    /// Among those words, which names could be links.
    pub unlinked_mentions: bool,
    /// Lines above titles and headings.
    pub code_lens: bool,
    /// What can be folded.
    pub folding: bool,
    /// What a selection grows to.
    pub selection: bool,
    /// Trees of backlinks and of types.
    pub hierarchies: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            semantic_tokens: true,
            inlay_hints: true,
            unresolved_reasons: false,
            unlinked_mentions: false,
            code_lens: true,
            folding: true,
            selection: true,
            hierarchies: true,
        }
    }
}

/// A property whose value, behind a prefix, also stands in the name of the
/// note that this one is said to be: `Q15` and `[[WD~Earth,15]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// The property.
    pub property: String,
    /// What stands before the number in the property.
    pub prefix: String,
    /// How names of such notes begin; the number follows the last comma.
    pub link: String,
}

impl Identifier {
    /// The number in a name of such a note.
    pub fn number<'n>(&self, name: &'n str) -> Option<&'n str> {
        let (_, number) = name.strip_prefix(self.link.as_str())?.rsplit_once(',')?;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        (is_number && !number.is_empty()).then_some(number)
    }
}

/// Notes that follow a schema. Both conditions hold where both are given.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The path of the schema from the root of the opened folder.
    pub file: String,
    /// The notes, by path; `None`: all.
    pub notes: Option<GlobMatcher>,
    /// A property of the notes, and its value or one of its items: a text, or
    /// the name in a link.
    pub property: Option<(String, String)>,
}

impl PartialEq for Assignment {
    fn eq(&self, other: &Self) -> bool {
        let glob = |own: &Self| own.notes.as_ref().map(|notes| notes.glob().to_string());
        (&self.file, glob(self), &self.property) == (&other.file, glob(other), &other.property)
    }
}

impl Eq for Assignment {}

impl Default for Settings {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            tiers: None,
            mount: None,
            soft_fences: names(&["leaflet"]),
            type_properties: names(&[
                "instance_of",
                "subclass_of",
                "is_a",
                "is_a_",
                "dv_is_a_",
                "dv_instance_of",
                "dv_subclass_of",
            ]),
            name_properties: names(&["title", "dv_has_name", "name"]),
            property_types: Vec::new(),
            absent_folders: Vec::new(),
            daily: None,
            obsidian: Obsidian::default(),
            rules: Vec::new(),
            whole: false,
            date_pairs: vec![("start_time".to_owned(), "end_time".to_owned())],
            identifiers: vec![Identifier {
                property: "has_id_wikidata".to_owned(),
                prefix: "Q".to_owned(),
                link: "WD~".to_owned(),
            }],
            schemas: Vec::new(),
            shape_uses: 50,
            shape_agreeing: 95,
            agree_headings: false,
            agree_properties: Vec::new(),
            tier_section: "Confidential Links & Embeds:".to_owned(),
            tier_line: "### #is_/same_as :: [[/{path}|{name}]] ".to_owned(),
            copy_template: "![[/{base}|{base_name}]]\n\n\n{section}".to_owned(),
            tier_mirrors: names(&["dv_is_same_as", "dv_is_.same_as"]),
            public_tiers: None,
            confidential_key: "confidential".to_owned(),
            documentation: None,
            confidential_completion: Confidential::default(),
            features: Features::default(),
            renames: Renames::default(),
        }
    }
}

impl Settings {
    /// The tiers that the vault has, if it turns out to have any.
    pub(crate) fn possible_tiers(&self) -> Arc<Tiers> {
        Arc::new(self.tiers.clone().unwrap_or_else(Tiers::standard))
    }

    /// Whether a file, by its path from the root of the opened folder, is a
    /// schema of properties: by its name, or because it is set.
    pub fn is_schema(&self, path: &str) -> bool {
        path.ends_with(schema::SUFFIX) || self.schemas.iter().any(|own| own.file == path)
    }

    /// Whether a file, by its path from the root of the opened folder, is to be
    /// left out of lists of names and counts. Links to it resolve (R1).
    pub fn is_excluded(&self, path: &str) -> bool {
        self.obsidian
            .excluded
            .iter()
            .any(|filter| filter.matches(path))
    }
}

/// The settings of Obsidian that matter here (N9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Obsidian {
    /// How links to notes are written.
    pub new_link_format: LinkFormat,
    /// Links are written in Markdown's own form.
    pub use_markdown_links: bool,
    /// Links are changed without a question when a note is renamed.
    pub always_update_links: bool,
    /// Where new notes are put.
    pub new_file_location: NewFileLocation,
    /// The folder for new notes, if they go into one; empty for the root.
    pub new_file_folder: String,
    /// Where attachments are put.
    pub attachment_folder: AttachmentFolder,
    /// Files that are left out of lists and counts.
    pub excluded: Vec<Filter>,
}

/// How much of its path a link to a note shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkFormat {
    /// As little as names it.
    #[default]
    Shortest,
    /// The way from the note that holds the link.
    Relative,
    /// The way from the root of the vault.
    Absolute,
}

/// Where new notes are put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewFileLocation {
    /// At the root of the vault.
    #[default]
    Root,
    /// Beside the note that is open.
    Current,
    /// In [`Obsidian::new_file_folder`].
    Folder,
}

/// Where attachments are put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachmentFolder {
    /// In a folder of the vault; empty for its root.
    Fixed(String),
    /// In a folder below that of the note; empty for the same one.
    Beside(String),
}

impl Default for AttachmentFolder {
    fn default() -> Self {
        Self::Fixed(String::new())
    }
}

/// Says which paths are meant: those that begin with a text, or, between
/// slashes, those in which a regular expression is found.
#[derive(Clone, Debug)]
pub struct Filter {
    source: String,
    pattern: Option<Regex>,
}

impl Filter {
    /// Reads a filter. An empty one means nothing.
    ///
    /// # Errors
    /// The reason, in words, when it is no regular expression.
    pub fn new(source: &str) -> Result<Self, String> {
        let inner = source
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        let pattern = inner.filter(|inner| !inner.is_empty()).map(Regex::new);
        let reason = |error: regex::Error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.trim_start_matches("error: ").to_owned()
        };
        Ok(Self {
            source: source.to_owned(),
            pattern: pattern.transpose().map_err(reason)?,
        })
    }

    /// Whether a path is meant.
    pub fn matches(&self, path: &str) -> bool {
        if let Some(pattern) = &self.pattern {
            return pattern.is_match(path);
        }
        let start = self.source.trim_start_matches('/');
        !start.is_empty() && path.starts_with(start)
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Filter {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_mean_beginnings_or_expressions() {
        let means = |filter: &str, path: &str| Filter::new(filter).unwrap().matches(path);
        assert!(means("Archive/", "Archive/a.md") && means("Arch", "Archive/a.md"));
        assert!(!means("Archive/", "x/Archive/a.md") && !means("Archive/", "Archive.md"));
        assert!(means("/^x.*b\\.md$/", "x/a/b.md") && !means("/^b/", "a/b.md"));
        for nothing in ["", "/", "//"] {
            assert!(!means(nothing, "a.md"), "{nothing}");
        }
        assert!(Filter::new("/(/").unwrap_err().contains("unclosed"));
    }
}
