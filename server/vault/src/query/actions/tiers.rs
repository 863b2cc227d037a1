//! The copies of a note in other tiers, its tier section and what mirrors it.

use std::ops::Range;

use super::{Action, ActionKind, Place, is_hidden, line_break};
use crate::edit::{TextEdit, VaultEdit};
use crate::fact::{Form, Link};
use crate::frontmatter;
use crate::link;
use crate::path::{split, strip_md};
use crate::query::at::At;
use crate::query::tiers::{Section, declared, is_line, is_mirror, sections};
use crate::relink::relink;
use crate::resolve::{Missing, Target};
use crate::rule::Rule;

/// Rules about the lines of the tier section.
const LINES: &[Rule] = &[
    Rule::TierLine,
    Rule::TierLineMissing,
    Rule::TierLineDoubled,
    Rule::TierLineOrder,
];

pub(super) fn offer<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    let Some(own) = place.vault.full_path(place.file) else {
        return;
    };
    let family = place.vault.tiers().family(&own);
    if family.is_empty() {
        return;
    }
    copy(place, found);
    section(place, &family, found);
    mirrors(place, &family, found);
}

/// The copy that the link under the cursor names, and all that are missing.
fn copy<'a>(place: &'a Place<'a>, found: &mut Vec<Action<'a>>) {
    let Some(link) = place.link() else { return };
    let vault = place.vault;
    let class = vault.resolve(link, place.file);
    if class != Target::Missing(Missing::CopyMissing) || place.would_show_secret(link) {
        return;
    }
    let Some(spelled) = vault.spelled_path(link, place.file) else {
        return;
    };
    let wanted = format!("{}.md", strip_md(&spelled).unwrap_or(&spelled));
    let copies = vault.tiers().family(&wanted);
    // Spelled as the mapping has it, for the link may be in another case.
    let Some(path) = vault
        .tiers()
        .of(&wanted)
        .and_then(|tier| copies.get(tier))
        .cloned()
    else {
        return;
    };
    let level = secrecy(place);
    // What the note says is secret must not be shown in a more public copy.
    let may_be_in = |tier: usize| !vault.is_secret_in(level, Some(tier));
    let is_missing = |copy: &String| {
        let tier = vault.tiers().of(copy);
        let is_there = |tier: usize| {
            let folder = vault.tiers().0.get(tier).map(|tier| tier.folder.as_str());
            folder.is_some_and(|folder| vault.has_folder(folder))
        };
        tier.is_some_and(|tier| is_there(tier) && may_be_in(tier))
            && vault.find_full(copy).is_none()
    };
    let tier = vault.tiers().of(&path).unwrap_or(0);
    if !may_be_in(tier) {
        return;
    }
    let own = vault.tiers().of(&vault.full_folder(place.file));
    let missing: Vec<String> = copies.into_iter().filter(is_missing).collect();
    let title = format!("Create the copy `{path}`");
    let edit = move |place: &Place<'_>, paths: &[String]| {
        let created = paths.iter().filter_map(|path| {
            let inside = place.vault.inside_mount(path)?;
            Some((inside.to_owned(), copy_text(place, path)))
        });
        let created: Vec<_> = created.collect();
        (!created.is_empty()).then(|| VaultEdit {
            created,
            ..VaultEdit::default()
        })
    };
    let one = [path];
    let action = Action::new(ActionKind::QuickFix, title, move |_| edit(place, &one));
    // A copy in a more public tier gives the name away.
    found.push(Action {
        is_preferred: !vault.is_secret_in(own, Some(tier)),
        ..action.creates().mends(&[Rule::CopyMissing])
    });
    if missing.len() > 1 {
        let title = format!("Create all {} missing copies", missing.len());
        let action = Action::new(ActionKind::QuickFix, title, move |_| edit(place, &missing));
        found.push(action.creates().mends(&[Rule::CopyMissing]));
    }
}

/// The tier that the properties of the note say it is of.
fn secrecy(place: &Place<'_>) -> Option<usize> {
    let vault = place.vault;
    let cut = frontmatter::cut(place.text)?;
    let front = frontmatter::parse(place.text, &cut);
    let key = &vault.settings().confidential_key;
    let entry = front.property(|own| own.name.eq_ignore_ascii_case(key));
    let declared = entry.and_then(|entry| declared(vault, &front, entry));
    declared.map(|found| found.1)
}

/// The text of a new copy: the template, less the lines that show a base
/// where none may be shown. A copy shows no note that is more secret.
fn copy_text(place: &Place<'_>, path: &str) -> String {
    let vault = place.vault;
    let tiers = vault.tiers();
    let family = tiers.family(path);
    let own = tiers.of(path);
    let shown = family.iter().enumerate().find(|(tier, copy)| {
        let may_be_seen = !vault.is_secret_in(Some(*tier), own);
        may_be_seen && *copy != path && vault.find_full(copy).is_some()
    });
    let stem = |path: &str| strip_md(path).unwrap_or(path).to_owned();
    let section = section_text(
        &vault.settings().tier_section,
        &lines_of(place, &family),
        "\n",
    );
    let template = vault.settings().copy_template.split_inclusive('\n');
    let lines = template.filter(|line| shown.is_some() || !line.contains("{base"));
    let text = lines.collect::<String>().replace("{section}", &section);
    let base = shown.map_or(String::new(), |(_, base)| stem(base));
    let name = stem(split(path).1);
    let text = text
        .replace("{name}", &name)
        .replace("{base}", &base)
        .replace("{base_name}", split(&base).1);
    let break_of_note = line_break(place.text, 0);
    text.trim_start_matches('\n').replace('\n', break_of_note)
}

/// The lines of the section of a family, without their breaks.
fn lines_of(place: &Place<'_>, family: &[String]) -> Vec<String> {
    let template = &place.vault.settings().tier_line;
    let line = |path: &String| {
        let path = strip_md(path).unwrap_or(path);
        template
            .replace("{path}", path)
            .replace("{name}", split(path).1)
    };
    family.iter().map(line).collect()
}

/// A whole section with these lines, each followed by an empty one.
fn section_text(heading: &str, lines: &[String], line_break: &str) -> String {
    let mut text = format!("## {heading} {line_break}{line_break}");
    for line in lines {
        text.push_str(line);
        text.push_str(line_break);
        text.push_str(line_break);
    }
    text
}

fn section<'a>(place: &'a Place<'a>, family: &[String], found: &mut Vec<Action<'a>>) {
    let lines = lines_of(place, family);
    let all = sections(place.vault, place.note, &place.lines);
    let Some(first) = all.first() else {
        let is_title = matches!(place.at, Some(At::FirstLine | At::Heading(_)));
        let end = place.text.trim_end().len();
        if (is_title || place.range.start as usize >= end)
            && let Some(text) = tier_section(place)
        {
            let edit = move |_: &dyn crate::query::Texts| Some(added(place, end, text));
            found.push(Action::new(
                ActionKind::Rewrite,
                "Add the tier section",
                edit,
            ));
        }
        return;
    };
    if !all
        .iter()
        .any(|section| section.range.contains(&place.range.start))
    {
        return;
    }
    let edits = rewritten(place, &all, first, &lines);
    if !edits.is_empty() {
        let edit = VaultEdit::of(place.file, edits);
        let title = "Rewrite the tier section";
        // A line that says more than the link stays, and names its copy twice then.
        let mut written = place.note.links.iter();
        let keeps_line = written.any(|link| {
            let mut all = all.iter();
            all.any(|section| section.range.contains(&link.start))
                && is_line(place.text, &place.lines, link)
                && is_tiered(place, link)
                && !is_statement(place, link)
        });
        found.push(if keeps_line {
            Action::new(ActionKind::Rewrite, title, |_| Some(edit))
        } else {
            let action = Action::new(ActionKind::QuickFix, title, |_| Some(edit));
            action.mends(LINES).preferred()
        });
    }
}

/// The whole tier section of a note that lacks one, and the line break that it
/// is written with; `None` where it would be no section.
pub(crate) fn tier_section(place: &Place<'_>) -> Option<(String, &'static str)> {
    let family = place
        .vault
        .tiers()
        .family(&place.vault.full_path(place.file)?);
    let last = place.text.trim_end().len() as u32;
    let lacks = sections(place.vault, place.note, &place.lines).is_empty();
    if family.is_empty() || !lacks || is_hidden(place.note, last) {
        return None;
    }
    let line_break = line_break(place.text, place.text.len());
    let heading = &place.vault.settings().tier_section;
    let text = section_text(heading, &lines_of(place, &family), line_break);
    Some((text, line_break))
}

/// Whether a link names a path of some tier.
fn is_tiered(place: &Place<'_>, link: &Link) -> bool {
    let spelled = place.vault.spelled_path(link, place.file);
    let tier = spelled.and_then(|path| place.vault.tiers().of(&path));
    tier.is_some() && !link.is(Link::EXTERNAL)
}

/// The section at the end of the note, two empty lines below its text.
fn added(place: &Place<'_>, end: usize, (text, line_break): (String, &str)) -> VaultEdit {
    let above = if end == 0 { 0 } else { 3 };
    let new = line_break.repeat(above) + &text;
    VaultEdit::of(place.file, vec![(end as u32..place.text.len() as u32, new)])
}

/// The edits that put the right lines into the first section and take all
/// statements out of the others. Other text in the sections stays.
fn rewritten(
    place: &Place<'_>,
    all: &[Section],
    first: &Section,
    lines: &[String],
) -> Vec<TextEdit> {
    let mut old: Vec<Range<u32>> = Vec::new();
    for section in all {
        let inside = |link: &&Link| section.range.contains(&link.start);
        for link in place.note.links.iter().filter(inside) {
            if is_statement(place, link) {
                old.push(with_blank(place, place.lines.line_of(link.start)));
            }
        }
    }
    // A section may stand in another one.
    old.sort_by_key(|line| line.start);
    old.dedup();
    let line_break = line_break(place.text, first.heading.start as usize);
    let heading = place.lines.line_of(first.heading.start);
    let start = match old.first() {
        Some(line) if first.range.contains(&line.start) => line.start,
        _ => with_blank(place, heading.clone()).end,
    };
    let written: Vec<&str> = old
        .iter()
        .flat_map(|line| place.slice(line).lines())
        .collect();
    let written: Vec<&str> = written
        .into_iter()
        .filter(|line| !line.trim().is_empty())
        .collect();
    if all.len() == 1
        && written
            == lines
                .iter()
                .map(|line| line.trim_end_matches('\n'))
                .collect::<Vec<_>>()
    {
        return Vec::new();
    }
    let mut new = String::new();
    if start == heading.end && !place.slice(&heading).ends_with(['\n', '\r']) {
        new.push_str(line_break);
    }
    for line in lines {
        new.push_str(line);
        new.push_str(line_break);
        new.push_str(line_break);
    }
    let mut edits: Vec<TextEdit> = Vec::new();
    let mut new = Some(new);
    if old.first().is_none_or(|line| line.start != start) {
        edits.push((start..start, new.take().unwrap_or_default()));
    }
    for line in old {
        match edits.last_mut() {
            Some(last) if last.0.end == line.start && new.is_none() => last.0.end = line.end,
            _ => edits.push((line, new.take().unwrap_or_default())),
        }
    }
    for section in &all[1..] {
        // The heading of a second section has nothing below it any more.
        let line = with_blank(place, place.lines.line_of(section.heading.start));
        edits.push((line, String::new()));
    }
    edits.sort_by_key(|edit| (edit.0.start, edit.0.end));
    edits
}

/// Whether a line says nothing but which copy there is: of a line that holds
/// more than the link to a tier the rest would be lost.
fn is_statement(place: &Place<'_>, link: &Link) -> bool {
    let whole = place.lines.line_of(link.start);
    let before = place.slice(&(whole.start..link.start)).trim();
    let behind = place.slice(&(link.range().end..whole.end)).trim();
    let template = place.vault.settings().tier_line.split("[[").next();
    let is_mark = matches!(before, "-" | "*") || Some(before) == template.map(str::trim);
    let heading = before.trim_start_matches('#');
    let is_heading = before.len() - heading.len() >= 3
        && (heading.trim().is_empty() || heading.trim_start().starts_with("#is_"));
    let parts = link::parts(place.text, place.wide(link));
    let name = split(&place.text[parts.path]).1;
    let repeats = |alias: Range<usize>| place.text[alias] == *name;
    let is_plain = link.form != Form::Wiki || parts.alias.is_none_or(repeats);
    is_tiered(place, link)
        && is_plain
        && behind.is_empty()
        && (is_mark || is_heading)
        && is_line(place.text, &place.lines, link)
}

/// A line together with the empty one below it.
fn with_blank(place: &Place<'_>, line: Range<u32>) -> Range<u32> {
    let next = place.lines.line_of(line.end);
    let is_blank = next.start == line.end && place.slice(&next).trim().is_empty();
    line.start..if is_blank { next.end } else { line.end }
}

/// The edits that put the lines of the tier section right, if there is one, for
/// a family of copies.
pub(crate) fn repaired(place: &Place<'_>, family: &[String]) -> Vec<TextEdit> {
    let all = sections(place.vault, place.note, &place.lines);
    let Some(first) = all.first() else {
        return Vec::new();
    };
    rewritten(place, &all, first, &lines_of(place, family))
}

/// The links in properties that mirror the tier section and name no copy of
/// this family, with the tiers that they name.
pub(crate) fn stale_mirrors<'a>(place: &Place<'a>, family: &[String]) -> Vec<(&'a Link, usize)> {
    let vault = place.vault;
    let links = place.note.links.iter();
    let mirrors = links.filter(|link| is_mirror(vault, place.note, link));
    let mirrors = mirrors.filter(|link| !place.would_show_secret(link));
    let stale = mirrors.filter_map(|link| {
        let spelled = vault.spelled_path(link, place.file)?;
        let tier = vault.tiers().of(&spelled)?;
        let copy = family.get(tier)?;
        let [spelled, copy] = [&spelled, copy].map(|path| strip_md(path).unwrap_or(path));
        (!crate::path::same(spelled, copy)).then_some((link, tier))
    });
    stale.collect()
}

/// The path by which a link of a mirror names a copy, and the name that it shows
/// with the one that it is to show.
pub(crate) fn mirrored(place: &Place<'_>, link: &Link, copy: &str) -> (String, [String; 2]) {
    let copy = strip_md(copy).unwrap_or(copy);
    let written = place.vault.link_path(link);
    let rooted = if written.starts_with('/') { "/" } else { "" };
    let was = split(strip_md(&written).unwrap_or(&written)).1;
    let names = [was, split(copy).1].map(str::to_owned);
    (format!("{rooted}{copy}"), names)
}

/// The properties that mirror the section.
fn mirrors<'a>(place: &'a Place<'a>, family: &[String], found: &mut Vec<Action<'a>>) {
    let vault = place.vault;
    let at_mirror = place
        .link()
        .is_some_and(|link| is_mirror(vault, place.note, link));
    if !at_mirror {
        return;
    }
    let mut edits: Vec<TextEdit> = Vec::new();
    for (link, tier) in stale_mirrors(place, family) {
        let (path, names) = mirrored(place, link, &family[tier]);
        edits.extend(relink(place.text, link, &path, &[names]).unwrap_or_default());
    }
    if !edits.is_empty() {
        let edit = VaultEdit::of(place.file, edits);
        let title = "Rewrite the properties that mirror the tier section";
        let action = Action::new(ActionKind::QuickFix, title, |_| Some(edit));
        found.push(action.mends(&[Rule::TierMirror]).preferred());
    }
}
