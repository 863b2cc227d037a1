//! Words that stand behind links, and behind names that are none yet: where an
//! ambiguous one leads, what a note of an id-like name is called, why a link
//! leads nowhere.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::edit::TextEdit;
use crate::fact::{Form, Link, Said};
use crate::index::FileId;
use crate::link;
use crate::note::Note;
use crate::path::{same, split, stem, strip_md};
use crate::query::hover::sentence;
use crate::query::mentions::{Mention, linked, mentions, path_to};
use crate::query::subject::title_heading;
use crate::query::targets::Targets;
use crate::resolve::{Missing, Target};
use crate::said;
use crate::settings::Settings;
use crate::vault::Vault;

/// Longer titles are cut behind this many characters.
const MAX_TITLE: usize = 40;

/// Words behind a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The byte offset behind the link or name.
    pub at: u32,
    /// What is shown; never empty.
    pub label: String,
    /// More about it, as plain text.
    pub tooltip: String,
    /// The file that the words speak of.
    pub file: Option<FileId>,
    /// What makes a link of a name.
    pub edit: Option<TextEdit>,
}

/// The hints of the links that end within a range of bytes, in order. Why a
/// link leads nowhere is said only with `unresolved_reasons`, and once all
/// notes were read; names that are no links yet have hints only with
/// `unlinked_mentions`. `text` is the note's text.
pub fn hints(vault: &Vault, file: FileId, text: &str, within: &Range<u32>) -> Vec<Hint> {
    let Some(note) = vault.note(file) else {
        return Vec::new();
    };
    let mut targets = Targets::new(vault, file, &note);
    let mut titles = Titles::default();
    let from = within.start.saturating_sub(u32::from(u16::MAX));
    let first = note.links.partition_point(|link| link.start < from);
    let links = note.links.get(first..).unwrap_or_default().iter();
    let links = links.take_while(|link| link.start < within.end);
    let links = links.filter(|link| {
        let end = link.range().end;
        within.start <= end && end <= within.end
    });
    let features = vault.settings().features;
    let reasons = features.unresolved_reasons && vault.is_complete();
    let hint = |link: &Link| match targets.of(link) {
        Target::External => None,
        Target::Missing(class) => reasons.then(|| reason(link, class)),
        Target::File { file, ambiguous } => {
            let chosen = ambiguous.then(|| folder(vault, link, file)).flatten();
            chosen.or_else(|| titled(vault, text, link, file, &mut titles))
        }
    };
    let mut found: Vec<Hint> = links.filter_map(hint).collect();
    if features.unlinked_mentions {
        let mentions = mentions(vault, file, &note, text, within).into_iter();
        found.extend(mentions.filter_map(|mention| unlinked(vault, file, &note, text, &mention)));
        found.sort_by_key(|hint| hint.at);
    }
    found
}

/// That a name could be a link.
fn unlinked(
    vault: &Vault,
    source: FileId,
    note: &Note,
    text: &str,
    mention: &Mention,
) -> Option<Hint> {
    let range = &mention.range;
    let name = text.get(range.start as usize..range.end as usize)?;
    let to = path_to(vault, source, mention.file)?;
    let path = vault.path(mention.file)?;
    Some(Hint {
        at: range.end,
        label: format!("link to {}", stem(&path)),
        tooltip: format!("{name} is a name of {path}, and no link: accept the hint to make it one"),
        file: Some(mention.file),
        edit: Some(linked(vault, note, text, &to, range)),
    })
}

/// The folder of the note that was taken of several.
fn folder(vault: &Vault, link: &Link, file: FileId) -> Option<Hint> {
    let path = vault.path(file)?;
    let (folder, name) = split(&path);
    let folder = if folder.is_empty() { "/" } else { folder };
    Some(Hint {
        at: link.range().end,
        label: format!("→ {folder}"),
        tooltip: format!(
            "Several files are called {name}; of these {path} is the nearest. Write more of the path to choose another."
        ),
        file: Some(file),
        edit: None,
    })
}

/// What the target is called, where its name is no more than an id and the
/// link shows nothing else.
fn titled(
    vault: &Vault,
    text: &str,
    link: &Link,
    file: FileId,
    titles: &mut Titles,
) -> Option<Hint> {
    let own = vault.files().get(file)?;
    let is_id = |name: &str| is_id(strip_md(name).unwrap_or(name), vault.settings());
    if link.name.is_empty() || !vault.symbols().with(own.name, is_id) {
        return None;
    }
    let name = vault.string(own.name);
    let name = strip_md(&name)?;
    if shown(text, link).is_some_and(|shown| !same(split(shown).1, name)) {
        return None;
    }
    let title = titles.of(vault, file, name)?;
    let label = match title.char_indices().nth(MAX_TITLE) {
        Some((cut, _)) => format!("{}…", title[..cut].trim_end()),
        None => title.to_owned(),
    };
    let path = vault.path(file)?;
    Some(Hint {
        at: link.range().end,
        label,
        tooltip: format!("{title}: {path}"),
        file: Some(file),
        edit: None,
    })
}

/// What a link shows instead of its path.
fn shown<'t>(text: &'t str, link: &Link) -> Option<&'t str> {
    let whole = link.start as usize..link.range().end as usize;
    match link.form {
        Form::Wiki => {
            let alias = link::parts(text, whole).alias?;
            text.get(alias)
        }
        Form::Markdown => {
            let source = text.get(whole)?;
            let start = 1 + usize::from(link.is(Link::EMBED));
            let shown = source.get(start..link::label_end(source)?)?;
            Some(strip_md(shown).unwrap_or(shown))
        }
        Form::Definition | Form::Path => None,
    }
}

/// Whether a name without its extension is no more than an id: `Q42`,
/// `2021-03-04`, or as the settings say that such names look: `WD~Earth,2`.
fn is_id(name: &str, settings: &Settings) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut identifiers = settings.identifiers.iter();
    let as_set = identifiers.any(|own| {
        let rest = name.strip_prefix(own.link.as_str());
        rest.and_then(|rest| rest.rsplit_once(','))
            .is_some_and(|rest| is_number(rest.1))
    });
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let rest = &name[letters..];
    let plain = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.' | b',' | b'~' | b' ');
    let is_short = letters <= 3 && rest.bytes().all(plain);
    as_set || is_short && rest.bytes().any(|b| b.is_ascii_digit())
}

/// A name for each target, looked for once.
#[derive(Default)]
struct Titles(FxHashMap<FileId, Option<String>>);

impl Titles {
    /// The property `title` of a note, its first alias, or its first heading: what
    /// is not its name.
    fn of(&mut self, vault: &Vault, file: FileId, name: &str) -> Option<&str> {
        let find = || {
            let note = vault.note(file)?;
            let is_title = |said: &&Said| vault.symbols().with(said.key, said::is_title);
            let own = note.said.iter().find(is_title);
            let own = own.map(|own| vault.string(own.text));
            let aliases = note.aliases.iter().map(|alias| vault.string(alias.name));
            let heading = title_heading(vault, file, &note).map(|index| note.headings[index].title);
            let title = heading.map(|title| vault.string(title));
            let mut titles = own.into_iter().chain(aliases).chain(title);
            titles.find(|title| !title.trim().is_empty() && !same(title, name))
        };
        self.0.entry(file).or_insert_with(find).as_deref()
    }
}

/// Why a link leads nowhere.
fn reason(link: &Link, class: Missing) -> Hint {
    let label = match class {
        Missing::TierAbsent => "tier absent",
        Missing::CopyMissing => "no copy",
        Missing::MountAbsent => "not fetched",
        Missing::OwnOldName => "old name",
        Missing::Folder => "a folder",
        Missing::OutsideVault => "outside",
        Missing::Broken => "no note",
    };
    Hint {
        at: link.range().end,
        label: label.to_owned(),
        tooltip: sentence(class).to_owned(),
        file: None,
        edit: None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::change::Change;
    use crate::digest::Parsed;
    use crate::settings::Features;

    fn found(text: &str, unresolved_reasons: bool) -> Vec<(u32, String)> {
        let features = Features {
            unresolved_reasons,
            ..Features::default()
        };
        all(text, features)
            .into_iter()
            .map(|hint| (hint.at, hint.label))
            .collect()
    }

    fn all(text: &str, features: Features) -> Vec<Hint> {
        let settings = Settings {
            features,
            ..Settings::default()
        };
        let mut vault = Vault::new(Arc::new(settings));
        let notes = [
            ("a.md", text),
            ("x/City.md", ""),
            ("xx/City.md", ""),
            (
                "WD~Earth,2.md",
                "---\naliases: [\"WD~Earth,2\", The Earth]\n---\n",
            ),
            (
                "Q42.md",
                "# Douglas Adams, who wrote a guide for those who travel\n",
            ),
            ("7.md", "# 7\n"),
            (
                "8.md",
                "---\naliases: x\ntitle: The eighth, of 12345\n---\n# y\n",
            ),
            ("Name.md", "---\naliases: Other\n---\n"),
        ];
        for (path, text) in notes {
            let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
            vault.apply([Change::Note(path.to_owned(), Some(parsed))]);
        }
        vault.set_complete();
        let file = vault.find("a.md").unwrap();
        hints(&vault, file, text, &(0..text.len() as u32))
    }

    #[test]
    fn names_that_could_be_links_are_shown_when_that_is_asked_for() {
        let text = "On Name and [[Name]], `Name` and Other.\n";
        assert_eq!(found(text, false), []);
        let features = Features {
            unlinked_mentions: true,
            ..Features::default()
        };
        let hints = all(text, features).into_iter();
        let shown: Vec<_> = hints
            .map(|hint| (hint.at, hint.label, hint.edit.unwrap()))
            .collect();
        let label = || "link to Name".to_owned();
        let expected = [
            (7, label(), (3..7, "[[Name]]".to_owned())),
            (38, label(), (33..38, "[[Name|Other]]".to_owned())),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn an_ambiguous_link_shows_the_folder() {
        let hints = found("[[x/City]] [[City]] [[City|c]]", false);
        assert_eq!(hints, [19, 30].map(|at| (at, "→ x/".to_owned())));
    }

    #[test]
    fn an_id_shows_what_the_note_is_called() {
        let text =
            "[[WD~Earth,2]] [[WD~Earth,2|wd~earth,2]] [[WD~Earth,2|it]] [x](Q42.md) [Q42](Q42.md)";
        let earth = |at| (at, "The Earth".to_owned());
        let adams = "Douglas Adams, who wrote a guide for tho…".to_owned();
        assert_eq!(
            found(text, false),
            [earth(14), earth(40), (text.len() as u32, adams)]
        );
        assert_eq!(found("[[7]] [[Name]] [[#x]]", false), []);
        let eighth = (5, "The eighth, of 12345".to_owned());
        assert_eq!(found("[[8]]", false), [eighth]);
        let settings = Settings::default();
        for name in ["Q42", "2021-03-04", "WD~a b,7", "T-1000"] {
            assert!(is_id(name, &settings), "{name}");
        }
        for name in ["Name", "", "ABCD1", "--", "WD~x", "1a", "é1"] {
            assert!(!is_id(name, &settings), "{name}");
        }
    }

    #[test]
    fn reasons_are_given_when_they_are_asked_for() {
        let text = "[[No]] [[../../z]] [[x/]] [x](https://y)";
        assert_eq!(found(text, false), []);
        let labels: Vec<String> = found(text, true).into_iter().map(|hint| hint.1).collect();
        assert_eq!(labels, ["no note", "outside", "a folder"]);
    }
}
