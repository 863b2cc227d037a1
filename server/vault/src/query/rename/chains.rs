//! Links to headings and blocks whose text or id changes (N6).

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::site::{Site, What, edits};
use super::{Edit, Plan, Refusal};
use crate::fact::{Form, Heading, Link};
use crate::heading::{self, Subpath};
use crate::index::FileId;
use crate::link::{heading_chain, heading_subpath};
use crate::note::{Anchor, Note};
use crate::path::fold_hash;
use crate::query::Texts;
use crate::query::subject::{Seen, Subject, files, links_to};
use crate::query::tiers::sections;
use crate::text::Encoding;
use crate::vault::Vault;

/// Adds to the plan the subpaths of links to headings and blocks that its
/// edits change: whatever changes the text of a heading changes how links must
/// name it.
pub(super) fn follow(vault: &Vault, plan: &mut Plan, texts: &dyn Texts) -> Result<(), Refusal> {
    let notes: Vec<FileId> = plan.files().collect();
    let mut subpaths = Subpaths::default();
    for file in notes {
        let Some(note) = vault.note(file) else {
            continue;
        };
        let sites = plan.sites.get(&file).map_or(&[][..], Vec::as_slice);
        if !touches_anchor(vault, &note, sites) {
            continue;
        }
        let links = incoming(vault, file, &note);
        if links.is_empty() {
            continue;
        }
        let path = || vec![vault.path(file).unwrap_or_default()];
        let text = texts.text(file);
        let text = text.ok_or_else(|| Refusal::Unreadable(path()))?;
        let edits = edits(vault, sites, &text).ok_or_else(|| Refusal::Changed(path()))?;
        let renamed = Renamed::new(&note, &text, &edits);
        let mut lost: Vec<FileId> = Vec::new();
        for (source, link) in links {
            match renamed.subpath(vault, &link) {
                Naming::New(subpath) => subpaths.set(plan, source, link, subpath),
                Naming::Lost => lost.push(source),
                Naming::Same => {}
            }
        }
        if !lost.is_empty() {
            let mut notes: Vec<String> = lost.iter().filter_map(|&own| vault.path(own)).collect();
            notes.sort();
            notes.dedup();
            return Err(Refusal::Unnamed(
                vault.path(file).unwrap_or_default(),
                notes,
            ));
        }
    }
    Ok(())
}

/// Whether an edit may lie in a heading or a block id. The lines of a tier
/// section are headings to which nothing links.
fn touches_anchor(vault: &Vault, note: &Note, sites: &[Site]) -> bool {
    let starts = sites.iter().filter_map(|site| match &site.what {
        What::Link { link, .. } => Some(link.start),
        What::Text { range, .. } | What::Key { range, .. } => Some(range.start),
        _ => None,
    });
    let is_in = |range: Range<u32>, at: u32| range.start <= at && at <= range.end;
    let mut ids: Vec<Range<u32>> = note.blocks.iter().map(|own| own.id_range.clone()).collect();
    ids.sort_by_key(|id| id.start);
    let mut in_anchor = starts.filter(|&at| {
        let index = note.headings.partition_point(|own| own.start <= at);
        let heading = index
            .checked_sub(1)
            .and_then(|index| note.headings.get(index));
        let index = ids.partition_point(|id| id.start <= at);
        let id = index.checked_sub(1).and_then(|index| ids.get(index));
        heading.is_some_and(|own| is_in(own.range(), at))
            || id.is_some_and(|id| is_in(id.clone(), at))
    });
    let Some(first) = in_anchor.next() else {
        return false;
    };
    let tiers = sections(vault, note, &note.lines.index(Encoding::Utf8));
    let in_tiers = |at: u32| tiers.iter().any(|section| section.range.contains(&at));
    !in_tiers(first) || in_anchor.any(|at| !in_tiers(at))
}

/// The links of all notes to places in this one.
pub(super) fn incoming(vault: &Vault, file: FileId, note: &Note) -> Vec<(FileId, Link)> {
    let mut seen = Seen::default();
    let mut found = Vec::new();
    let ways = Ways::of(note);
    for source in files(vault, &Subject::File(file)) {
        let Some(facts) = vault.facts(source) else {
            continue;
        };
        let links = links_to(vault, facts, source, file, &mut seen).into_iter();
        let links = links.filter(|link| link.is(Link::SUBPATH));
        let links = links.filter(|link| ways.anchor(vault, link, note).is_some());
        found.extend(links.map(|link| (source, link)));
    }
    found
}

/// Gives links other subpaths, with what else they get.
#[derive(Default)]
pub(super) struct Subpaths {
    /// The links of the plan: by note and start, where among the sites.
    known: FxHashMap<FileId, FxHashMap<u32, usize>>,
}

impl Subpaths {
    /// Nothing but this may have changed the plan since the last time.
    pub(super) fn set(&mut self, plan: &mut Plan, source: FileId, wanted: Link, new: String) {
        let sites = plan.sites.entry(source).or_default();
        let known = self.known.entry(source).or_insert_with(|| {
            let links = sites.iter().enumerate();
            let links = links.filter_map(|(at, site)| match &site.what {
                What::Link { link, .. } => Some((link.start, at)),
                _ => None,
            });
            links.collect()
        });
        let site = known.get(&wanted.start).and_then(|&at| sites.get_mut(at));
        if let Some(What::Link { subpath, .. }) = site.map(|site| &mut site.what) {
            *subpath = Some(new);
            return;
        }
        let what = What::Link {
            link: wanted,
            path: None,
            subpath: Some(new),
            names: super::site::Names::default(),
        };
        let part = super::links::part(&wanted);
        known.insert(wanted.start, sites.len());
        sites.push(Site { part, what });
    }
}

/// How a link is to name a place after the edits.
enum Naming {
    /// As it does.
    Same,
    /// By this subpath.
    New(String),
    /// No subpath leads there.
    Lost,
}

/// The headings and block ids of a note after its edits.
struct Renamed<'a> {
    note: &'a Note,
    /// The headings before.
    old: Ways,
    /// The text of each heading.
    titles: Vec<String>,
    /// The headings.
    new: Ways,
    /// New ids of blocks, by index.
    blocks: FxHashMap<usize, String>,
}

impl<'a> Renamed<'a> {
    fn new(note: &'a Note, text: &str, edits: &[Edit]) -> Self {
        let after = |range: &Range<u32>| {
            let first = edits.partition_point(|edit| edit.range.end < range.start);
            let inside = edits[first..].iter();
            let inside = inside.take_while(|edit| edit.range.start <= range.end);
            let inside = inside
                .filter(|edit| range.start <= edit.range.start && edit.range.end <= range.end);
            let inside: Vec<_> = inside
                .map(|edit| {
                    let moved = edit.range.start - range.start..edit.range.end - range.start;
                    (moved, edit.new.clone())
                })
                .collect();
            let source = text.get(range.start as usize..range.end as usize);
            crate::edit::applied(source.unwrap_or(""), &inside)
        };
        let titles = note.headings.iter().map(|own| after(&own.range()));
        let titles: Vec<String> = titles.collect();
        let key = |(heading, title): (&Heading, &String)| {
            (heading.level(), heading::key(title).unwrap_or(0))
        };
        let headings = note.headings.iter().zip(&titles).map(key).collect();
        let new = Ways::new(headings);
        let blocks = note.blocks.iter().enumerate().filter_map(|(index, own)| {
            let id = after(&own.id_range);
            let id = id.trim_start_matches('^');
            let is_new = fold_hash(id) != own.key;
            is_new.then(|| (index, id.to_owned()))
        });
        Self {
            note,
            old: Ways::of(note),
            blocks: blocks.collect(),
            titles,
            new,
        }
    }

    /// How a link is to name the place that it names.
    fn subpath(&self, vault: &Vault, link: &Link) -> Naming {
        let old = vault.string(link.subpath);
        let segments: Vec<&str> = old.split('#').collect();
        match self.old.anchor(vault, link, self.note) {
            Some(Anchor::Block(index)) => {
                let Some(id) = self.blocks.get(&index) else {
                    return Naming::Same;
                };
                let above = &segments[..segments.len() - 1];
                let id = format!("^{id}");
                let all: Vec<&str> = above.iter().copied().chain([id.as_str()]).collect();
                Naming::New(all.join("#"))
            }
            Some(Anchor::Heading(wanted)) => self.heading(link, &segments, wanted),
            Some(Anchor::Note | Anchor::Label(_)) | None => Naming::Same,
        }
    }

    fn heading(&self, link: &Link, segments: &[&str], wanted: usize) -> Naming {
        let keys = |segments: &[&str]| -> Vec<u32> {
            let named = segments.iter().map(|own| own.trim());
            let named = named.filter(|own| !own.is_empty());
            named.map(|own| heading::key(own).unwrap_or(0)).collect()
        };
        let (old, new) = (&self.old.headings, &self.new.headings);
        let way = self.old.way(&keys(segments));
        if way.last() != Some(&wanted) {
            // It was found in the way of other tools: `#see-also`.
            let slug = slug(&self.titles[wanted]);
            let is_new = link.form != Form::Wiki && slug != segments.concat().to_lowercase();
            let is_renamed = new[wanted].1 != old[wanted].1;
            return if is_new && is_renamed {
                Naming::New(slug)
            } else {
                Naming::Same
            };
        }
        let leads = |segments: &[&str]| self.new.way(&keys(segments)).last() == Some(&wanted);
        let mut on_way = way.iter();
        let renamed: Option<Vec<String>> = segments
            .iter()
            .map(|&segment| {
                if segment.trim().is_empty() {
                    return Some(segment.to_owned());
                }
                let &at = on_way.next()?;
                if new[at].1 == old[at].1 {
                    return Some(segment.to_owned());
                }
                heading_subpath(&self.titles[at])
            })
            .collect();
        if let Some(renamed) = &renamed {
            let parts: Vec<&str> = renamed.iter().map(String::as_str).collect();
            if leads(&parts) {
                return if parts == segments {
                    Naming::Same
                } else {
                    Naming::New(renamed.join("#"))
                };
            }
        }
        let title = |index: usize| self.titles.get(index).map(String::as_str);
        let chain = title(wanted).and_then(heading_subpath);
        let chain = chain.and_then(|last| heading_chain(new, wanted, last, title));
        chain.map_or(Naming::Lost, Naming::New)
    }
}

/// The headings of a note, and where those of each key are: links to thousands of
/// them are not looked for one heading after the other.
struct Ways {
    /// Level and key of each.
    headings: Vec<(u8, u32)>,
    by_key: FxHashMap<u32, Vec<usize>>,
}

impl Ways {
    fn of(note: &Note) -> Self {
        let headings = note.headings.iter();
        Self::new(headings.map(|own| (own.level(), own.key)).collect())
    }

    fn new(headings: Vec<(u8, u32)>) -> Self {
        let mut by_key: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        for (index, (_, key)) in headings.iter().enumerate() {
            by_key.entry(*key).or_default().push(index);
        }
        Self { headings, by_key }
    }

    /// The headings that the segments of a subpath match one after the other (H4);
    /// none if not all of them match one.
    fn way(&self, wanted: &[u32]) -> Vec<usize> {
        let (mut level, mut start) = (0, 0);
        let mut found = Vec::with_capacity(wanted.len());
        for key in wanted {
            let all = self.by_key.get(key).map_or(&[][..], Vec::as_slice);
            let first = all.partition_point(|&at| at < start);
            let mut deeper = all[first..].iter();
            let next = deeper.find(|&&at| self.headings[at].0 > level);
            let Some(&at) = next else {
                return Vec::new();
            };
            (level, start) = (self.headings[at].0, at + 1);
            found.push(at);
        }
        found
    }

    /// What a link names in the note of these headings.
    fn anchor(&self, vault: &Vault, link: &Link, note: &Note) -> Option<Anchor> {
        let subpath = vault.string(link.subpath);
        let found = match heading::subpath(&subpath) {
            Subpath::Headings(wanted) => self.way(&wanted).pop().map(Anchor::Heading),
            _ => None,
        };
        found.or_else(|| vault.anchor_in(link, note))
    }
}

/// A heading as other tools name it in fragments.
fn slug(title: &str) -> String {
    heading::strip(title).to_lowercase().replace(' ', "-")
}
