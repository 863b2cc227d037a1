//! Days by their names, as links to daily notes and as values.

use jiff::ToSpan;
use jiff::civil::Date;

use super::context::Link;
use super::names::item;
use super::secrecy::MARK;
use super::{Item, ItemKind, Place};
use crate::daily::{WEEKDAYS, weekday};
use crate::fact::Form;
use crate::path::{fold, split, stem, strip_md};
use crate::query::actions::new_folder;
use crate::settings::{Confidential, LinkFormat};

/// From so many letters on a name is more likely meant than a note that begins
/// with them.
const SURE: usize = 3;

/// The names of days, from near to far. A weekday is the first one behind
/// today, or that of the week before or behind this one, from Monday on.
pub(super) fn names(today: Date) -> Vec<(String, Date)> {
    let from_today = |days: i64| today.saturating_add(days.days());
    let monday = -i64::from(today.weekday().to_monday_zero_offset());
    let mut names = vec![
        ("today".to_owned(), today),
        ("tomorrow".to_owned(), from_today(1)),
        ("yesterday".to_owned(), from_today(-1)),
    ];
    names.extend((1..=7).map(|days| {
        let day = from_today(days);
        (fold(weekday(day)), day)
    }));
    for (word, week) in [("next", 7), ("last", -7)] {
        names.extend(WEEKDAYS.iter().zip(0..).map(|(name, day)| {
            let day = from_today(monday + week + day);
            (format!("{word} {}", fold(name)), day)
        }));
    }
    names
}

/// Links to the notes of days whose names begin with what was typed.
pub(super) fn links(
    place: &Place<'_>,
    written: &Link,
    typed: &str,
    confidential: Confidential,
) -> Vec<Item> {
    let typed = fold(typed.trim_start());
    let is_free = written.parts.subpath.is_none() && !written.parts.embed;
    if typed.is_empty() || !is_free {
        return Vec::new();
    }
    names(place.today)
        .into_iter()
        .filter(|day| day.0.starts_with(&typed))
        .filter_map(|(name, day)| link(place, written, &name, day, confidential))
        .collect()
}

/// Puts the days among other items, of which the first `sure` begin with what was
/// typed: behind those, or once enough was typed above those that are not called
/// so. Gives how many items are sure then.
pub(super) fn merge(items: &mut Vec<Item>, days: Vec<Item>, typed: &str, sure: usize) -> usize {
    let typed = fold(typed.trim_start());
    let is_exact = |item: &Item| fold(&item.label) == typed;
    let at = if typed.chars().count() < SURE {
        sure
    } else {
        items.iter().take_while(|item| is_exact(item)).count()
    };
    let count = days.len();
    items.splice(at..at, days);
    sure + count
}

fn link(
    place: &Place<'_>,
    written: &Link,
    name: &str,
    day: Date,
    confidential: Confidential,
) -> Option<Item> {
    let vault = place.vault;
    let daily = vault.settings().daily.as_ref()?;
    let path = daily.path(day);
    let full = format!("{}{path}", vault.mount());
    let is_secret = vault.is_path_more_secret(&full, place.file);
    if is_secret && confidential == Confidential::Hide {
        return None;
    }
    let file = vault.twins(&path).next();
    let to = match file {
        Some(file) => {
            let format = vault.settings().obsidian.new_link_format;
            vault.linkpath(place.file, file, format, Form::Wiki)?
        }
        None if daily.is_set => unwritten(place, &full),
        None => return None,
    };
    let kind = match file {
        Some(_) => ItemKind::Note,
        None => ItemKind::Missing,
    };
    let stem = stem(&full);
    let mut item = item(written, kind, name, &to, Some(stem));
    stem.clone_into(&mut item.detail);
    if file.is_none() {
        item.detail.push_str(", not written yet");
    }
    if is_secret && confidential == Confidential::Mark {
        item.detail.push_str(MARK);
    }
    item.target = file.map(|file| (file, String::new()));
    Some(item)
}

/// The path of a link that names a note which is not there, so that following
/// it makes the note where it belongs.
fn unwritten(place: &Place<'_>, full: &str) -> String {
    let vault = place.vault;
    let (folder, name) = split(full);
    let is_bare = vault.settings().obsidian.new_link_format == LinkFormat::Shortest
        && new_folder(vault, place.file) == folder
        && vault.named([name, ""]).next().is_none();
    let path = if is_bare { name } else { full };
    strip_md(path).unwrap_or(path).to_owned()
}
