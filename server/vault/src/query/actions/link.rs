//! Other targets and other forms for the link under the cursor.

use super::{Action, ActionKind, Place};
use crate::edit::{TextEdit, VaultEdit};
use crate::fact::{Form, Link, SymbolKind};
use crate::index::FileId;
use crate::link::{self, Draft};
use crate::note::Anchor;
use crate::path::{fold, fold_hash, split, strip_md};
use crate::query::diagnostics::MAX_CANDIDATES;
use crate::relink::{linktext, quote, relink};
use crate::resolve::{Missing, Target};
use crate::rule::Rule;
use crate::settings::LinkFormat;
use crate::symbol::{Symbol, needed};
use crate::vault::Vault;

pub(super) fn offer<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    let Some(link) = place.link() else { return };
    match place.vault.resolve(link, place.file) {
        Target::External => {}
        Target::Missing(class) => {
            if class == Missing::Broken {
                aliases(place, link, found);
            }
            if class == Missing::OwnOldName && !place.would_show_secret(link) {
                own_name(place, link, found);
            }
        }
        Target::File { file, ambiguous } => {
            if ambiguous {
                candidates(place, link, file, found);
            }
            forms(place, link, file, found);
            convert(place, link, file, found);
        }
    }
}

impl<'a> Place<'a> {
    /// The action that gives the link another path, or nothing if it has it.
    fn relinking(
        &'a self,
        kind: ActionKind,
        title: String,
        link: &'a Link,
        path: String,
        names: Option<[String; 2]>,
    ) -> Option<Action<'a>> {
        let edits =
            move || -> Option<Vec<TextEdit>> { relink(self.text, link, &path, names.as_slice()) };
        let changes = edits().is_some_and(|edits| !edits.is_empty());
        let action = move |_: &dyn crate::query::Texts| Some(VaultEdit::of(self.file, edits()?));
        changes.then(|| Action::new(kind, title, action))
    }

    pub(super) fn stem(&self, file: FileId) -> String {
        let path = self.vault.path(file).unwrap_or_default();
        let name = split(&path).1;
        strip_md(name).unwrap_or(name).to_owned()
    }
}

/// A name that is only an alias of notes: links do not find those (R9).
fn aliases<'a>(place: &'a Place<'a>, link: &'a Link, found: &mut Vec<Action<'a>>) {
    let vault = place.vault;
    let name = vault.string(link.name);
    if link.form != Form::Wiki || !link.folder.is_empty() || link.is(Link::FENCE) {
        return;
    }
    let mut named = with_alias(vault, &name);
    named.retain(|&file| !vault.is_more_secret(file, place.file));
    let is_sure = named.len() == 1;
    for file in named.into_iter().take(MAX_CANDIDATES) {
        let format = vault.settings().obsidian.new_link_format;
        let Some(path) = vault.linkpath(place.file, file, format, Form::Wiki) else {
            continue;
        };
        let parts = link::parts(place.text, place.wide(link));
        let alias = parts
            .alias
            .map_or(&place.text[parts.path.clone()], |alias| &place.text[alias]);
        let subpath = parts.subpath.map_or("", |subpath| &place.text[subpath]);
        let new = link::wiki(&Draft {
            path: &link::yaml(&path, quote(place.text, link)),
            subpath,
            alias,
            embed: link.is(Link::EMBED),
            table: place.is_in_table(link),
        });
        let title = format!("Link to `{path}`, which has this alias");
        let edit = VaultEdit::of(place.file, vec![(link.range(), new)]);
        let action = Action::new(ActionKind::QuickFix, title, |_| Some(edit));
        found.push(Action {
            is_preferred: is_sure,
            ..action.mends(&[Rule::BrokenLink])
        });
    }
}

/// The notes that have an alias, in any case, by path.
fn with_alias(vault: &Vault, name: &str) -> Vec<FileId> {
    let wanted = fold(name);
    let mut symbols: Vec<Symbol> = Vec::new();
    let go_on = || false;
    let key = fold_hash(name);
    vault
        .symbols()
        .names(needed(name), &go_on, |symbol, other, own| {
            if own == key && fold(other) == wanted {
                symbols.push(symbol);
            }
        });
    let files = symbols.into_iter().flat_map(|symbol| {
        let titled = vault.titled(SymbolKind::Alias, symbol);
        let has = move |file: &FileId| vault.has_alias(*file, symbol);
        titled.filter(has)
    });
    let mut files: Vec<(String, FileId)> = files
        .filter_map(|file| Some((vault.path(file)?, file)))
        .collect();
    files.sort();
    files.dedup();
    files.into_iter().map(|file| file.1).collect()
}

/// The former name of the note itself.
fn own_name<'a>(place: &'a Place<'a>, link: &'a Link, found: &mut Vec<Action<'a>>) {
    let vault = place.vault;
    let Some(spelled) = vault.spelled_path(link, place.file) else {
        return;
    };
    let own = vault.full_path(place.file).unwrap_or_default();
    let (path, rooted) = match vault.tiers().of(&spelled) {
        // A line of the tier section names a copy.
        Some(tier) if !link.folder.is_empty() => match vault.tiers().family(&own).get(tier) {
            Some(copy) => (strip_md(copy).unwrap_or(copy).to_owned(), "/"),
            None => return,
        },
        _ => match vault.linkpath(place.file, place.file, LinkFormat::Shortest, link.form) {
            Some(path) => (path, ""),
            None => return,
        },
    };
    let old = split(&spelled).1;
    let names = [strip_md(old).unwrap_or(old), split(&path).1].map(str::to_owned);
    let title = format!("Change it to `{}`", names[1]);
    let path = format!("{rooted}{path}");
    let action = place.relinking(ActionKind::QuickFix, title, link, path, Some(names));
    found.extend(action.map(|action| action.mends(&[Rule::OwnOldName]).preferred()));
}

/// The notes that an ambiguous name may mean.
fn candidates<'a>(
    place: &'a Place<'a>,
    link: &'a Link,
    target: FileId,
    found: &mut Vec<Action<'a>>,
) {
    let vault = place.vault;
    let mut candidates = vault.candidates(link);
    candidates.sort_by_cached_key(|&file| (file != target, vault.path(file)));
    // A note that lacks the heading, or may not be named here, is not meant.
    let has_place = |file| vault.anchor(link, file).is_some();
    let may_be_meant =
        |file| !vault.is_more_secret(file, place.file) && (has_place(file) || !has_place(target));
    candidates.retain(|&file| file == target || may_be_meant(file));
    for file in candidates.into_iter().take(MAX_CANDIDATES) {
        let Some(path) = vault.linkpath(place.file, file, LinkFormat::Absolute, link.form) else {
            continue;
        };
        let title = if file == target {
            format!("Make it sure: link to `{path}`")
        } else {
            format!("Link to `{path}` instead")
        };
        let action = place.relinking(ActionKind::QuickFix, title, link, path, None);
        found.extend(action.map(|action| Action {
            is_preferred: file == target,
            ..action.mends(&[Rule::AmbiguousLink])
        }));
    }
}

/// Another form of the link's path.
fn forms<'a>(place: &'a Place<'a>, link: &'a Link, target: FileId, found: &mut Vec<Action<'a>>) {
    if link.name.is_empty() || link.is(Link::FENCE) {
        return;
    }
    let mut seen = Vec::new();
    for (format, what) in [
        (LinkFormat::Shortest, "as short as it can be"),
        (LinkFormat::Relative, "as the way from this note"),
        (LinkFormat::Absolute, "from the root of the vault"),
    ] {
        let path = place.vault.linkpath(place.file, target, format, link.form);
        let Some(path) = path.filter(|path| !seen.contains(path)) else {
            continue;
        };
        seen.push(path.clone());
        let title = format!("Write the path {what}: `{path}`");
        found.extend(place.relinking(ActionKind::Rewrite, title, link, path, None));
    }
}

/// The wiki-link as a Markdown link, or the other way round.
fn convert<'a>(place: &'a Place<'a>, link: &'a Link, target: FileId, found: &mut Vec<Action<'a>>) {
    // In a property and in a fence only one of the forms is read everywhere.
    if link.is(Link::PROPERTY) || link.is(Link::FENCE) {
        return;
    }
    let converted = match link.form {
        Form::Wiki => markdown(place, link, target).map(|new| ("a Markdown link", new)),
        Form::Markdown => wiki(place, link, target).map(|new| ("a wiki-link", new)),
        Form::Definition | Form::Path => None,
    };
    let Some((what, new)) = converted else { return };
    let edit = VaultEdit::of(place.file, vec![(link.range(), new)]);
    let title = format!("Make {what} of it");
    found.push(Action::new(ActionKind::Rewrite, title, |_| Some(edit)));
}

fn markdown(place: &Place<'_>, link: &Link, target: FileId) -> Option<String> {
    let parts = link::parts(place.text, place.wide(link));
    // A size has no place in a Markdown link that every program reads.
    if parts.size.is_some() {
        return None;
    }
    let is_within = parts.path.is_empty();
    let path = if is_within {
        String::new()
    } else {
        place
            .vault
            .linkpath(place.file, target, LinkFormat::Relative, Form::Markdown)?
    };
    let subpath = parts.subpath.map_or("", |subpath| &place.text[subpath]);
    let stem = place.stem(target);
    let text = match parts.alias {
        Some(alias) => &place.text[alias],
        None if is_within => subpath,
        None => &stem,
    };
    Some(link::markdown(&path, subpath, text, link.is(Link::EMBED)))
}

fn wiki(place: &Place<'_>, link: &Link, target: FileId) -> Option<String> {
    let source = place.slice(&link.range());
    let label = link::label_end(source)?;
    let text = source.get(1 + usize::from(link.is(Link::EMBED))..label)?;
    let after = linktext(place.text, link)?.end;
    let rest = place.text.get(after..link.range().end as usize)?;
    // A title would be lost, and so would other links in the text.
    if !matches!(rest, ")" | ">)") || text.contains(['[', ']', '|', '\n', '\r']) {
        return None;
    }
    let path = if link.name.is_empty() {
        String::new()
    } else {
        let format = place.vault.settings().obsidian.new_link_format;
        place
            .vault
            .linkpath(place.file, target, format, Form::Wiki)?
    };
    let mut subpath = place.vault.string(link.subpath);
    if let Some(note) = place.vault.note(target)
        && note.anchor(&subpath).is_none()
        && let Some(Anchor::Heading(heading)) = place.vault.anchor_in(link, &note)
    {
        // Only Markdown links find a heading in the way of other tools.
        let title = place.vault.string(note.headings.get(heading)?.title);
        subpath = link::heading_subpath(&title)?;
    }
    if subpath.contains(['|', '\n']) || subpath.contains("]]") {
        return None;
    }
    Some(link::wiki(&Draft {
        path: &path,
        subpath: &subpath,
        alias: text,
        embed: link.is(Link::EMBED),
        table: place.is_in_table(link),
    }))
}
