//! The graph of a vault: notes and other files, and the links between them, all
//! of them or those around one note.
//!
//! Links within a note are no part of it, and neither are links to copies, tiers
//! and folders that are not here: of these a tiered vault has several in each
//! note, and [`crate::query::matrix`] shows them. They are counted.

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::fact::Link;
use crate::index::FileId;
use crate::note::Note;
use crate::path::{split, strip_md};
use crate::query::subject::{missing, name_key};
use crate::query::targets::Targets;
use crate::query::tiers::{Section, is_mirror, sections};
use crate::resolve::{Missing, Target};
use crate::text::Encoding;
use crate::vault::Vault;

/// What of a vault is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The note or file in the middle; without one, the whole vault.
    pub center: Option<FileId>,
    /// How many links away from the middle a note may be.
    pub depth: u32,
    /// At most so many nodes.
    pub limit: usize,
    /// Whether the copies of a note in all tiers are one node.
    pub families: bool,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A note.
    Note,
    /// Another file, such as a picture or a canvas.
    Attachment,
    /// A note or file that is linked and not there.
    Missing,
}

impl Kind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Attachment => "attachment",
            Self::Missing => "missing",
        }
    }
}

/// How one file names another. A link has one class: the last one that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A link in the text.
    Link,
    /// What is shown in the text.
    Embed,
    /// A link in a property.
    Property,
    /// A link of the tier section, or of a property that mirrors it.
    Tier,
    /// To something that is not there.
    Missing,
}

impl Class {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::Link,
        Self::Embed,
        Self::Property,
        Self::Tier,
        Self::Missing,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Embed => "embed",
            Self::Property => "property",
            Self::Tier => "tier",
            Self::Missing => "missing",
        }
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The file, or the most public one of a family.
    pub file: Option<FileId>,
    /// Its path from the root of the opened folder; of what is missing, the path
    /// that a link says, without `.md`.
    pub path: String,
    /// The name that is shown.
    pub title: String,
    /// The index of its tier.
    pub tier: Option<usize>,
    /// What it is.
    pub kind: Kind,
    /// How many links lead to it and from it, before the limit.
    pub degree: u32,
    /// How many links away from the middle it is; 0 in a whole vault.
    pub distance: u32,
    /// The tiers of the files that it stands for, if families are one node.
    pub copies: Vec<usize>,
}

/// Links from one node to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The index of the node that holds them.
    pub from: usize,
    /// The index of the node to which they lead.
    pub to: usize,
    /// Their class.
    pub class: Class,
    /// How many there are.
    pub count: u32,
}

/// Nodes, the nearest and best linked ones first, and the edges between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The edges, by their nodes and class.
    pub edges: Vec<Edge>,
    /// How many nodes the limit left out.
    pub left_out: usize,
    /// How many links of all these notes lead to copies, tiers and folders that
    /// are not here.
    pub elsewhere: u32,
}

/// The graph that is asked for. It takes time in proportion to the notes that are
/// shown or link to what is shown. `stop` is asked now and then; when it says yes
/// the answer is cut short.
pub fn graph(vault: &Vault, asked: Asked, stop: &dyn Fn() -> bool) -> Graph {
    let mut drawing = Drawing {
        vault,
        families: asked.families,
        nodes: Vec::new(),
        of_file: FxHashMap::default(),
        of_name: FxHashMap::default(),
        edges: FxHashMap::default(),
        read: FxHashSet::default(),
        asked: FxHashSet::default(),
    };
    match asked.center {
        Some(file) => drawing.around(file, asked.depth, stop),
        None => drawing.whole(stop),
    }
    drawing.finish(asked.limit)
}

/// A node whose place is not known yet.
#[derive(Default)]
struct Draft {
    /// The files that it stands for, the most public one first; none of what is
    /// missing.
    files: Vec<FileId>,
    path: String,
    distance: Option<u32>,
    elsewhere: u32,
    /// The nodes with links to it or from it, once for each class and direction.
    near: Vec<usize>,
}

struct Drawing<'a> {
    vault: &'a Vault,
    families: bool,
    nodes: Vec<Draft>,
    of_file: FxHashMap<FileId, usize>,
    /// By the identity of what is missing.
    of_name: FxHashMap<String, usize>,
    edges: FxHashMap<(usize, usize, Class), u32>,
    /// The files whose links are known.
    read: FxHashSet<FileId>,
    /// The keys of names of which the files with links to them are read.
    asked: FxHashSet<u32>,
}

impl Drawing<'_> {
    fn whole(&mut self, stop: &dyn Fn() -> bool) {
        let vault = self.vault;
        let files = vault.files().iter();
        let files = files.filter(|(_, file)| file.facts.is_some() && !file.excluded);
        for (count, (file, _)) in files.enumerate() {
            if count % 256 == 0 && stop() {
                break;
            }
            self.node(file);
            self.read(file);
        }
        for node in &mut self.nodes {
            node.distance = Some(0);
        }
    }

    fn around(&mut self, center: FileId, depth: u32, stop: &dyn Fn() -> bool) {
        let center = self.node(center);
        self.nodes[center].distance = Some(0);
        let mut level = vec![center];
        for distance in 1..=depth {
            if level.is_empty() {
                break;
            }
            for (count, &node) in level.iter().enumerate() {
                if count % 256 == 0 && stop() {
                    return;
                }
                self.read_around(node);
            }
            let mut next = Vec::new();
            for node in level {
                for near in std::mem::take(&mut self.nodes[node].near) {
                    if self.nodes[near].distance.is_none() {
                        self.nodes[near].distance = Some(distance);
                        next.push(near);
                    }
                }
            }
            level = next;
        }
        // The outermost may link to one another.
        for node in level {
            self.read_files(node);
        }
    }

    /// Reads the links of a node, and of all files that may link to it.
    fn read_around(&mut self, node: usize) {
        self.read_files(node);
        let vault = self.vault;
        let files = self.nodes[node].files.iter();
        let files = files.filter_map(|&file| vault.files().get(file));
        let mut keys: Vec<u32> = files.map(|file| vault.file_key(file)).collect();
        if keys.is_empty() {
            keys.push(name_key(&self.nodes[node].path));
        }
        for key in keys {
            // Files of one name share a key, which must not be asked for each.
            if self.asked.insert(key) {
                let linking: Vec<FileId> = vault.linking(key).collect();
                for file in linking {
                    self.read(file);
                }
            }
        }
    }

    fn read_files(&mut self, node: usize) {
        for file in self.nodes[node].files.clone() {
            self.read(file);
        }
    }

    /// Adds the links of a file, once.
    fn read(&mut self, file: FileId) {
        if !self.read.insert(file) {
            return;
        }
        let vault = self.vault;
        let Some(note) = vault.facts(file).map(crate::files::Facts::note) else {
            return;
        };
        let sections = if vault.tiers().is_empty() {
            Vec::new()
        } else {
            sections(vault, &note, &note.lines.index(Encoding::Utf8))
        };
        let mut targets = Targets::new(vault, file, &note);
        let from = self.node(file);
        for link in &note.links {
            let (to, class) = match targets.of(link) {
                Target::External => continue,
                Target::Missing(
                    Missing::TierAbsent | Missing::CopyMissing | Missing::MountAbsent,
                ) => {
                    self.nodes[from].elsewhere += 1;
                    continue;
                }
                Target::Missing(_) => (self.missing_node(link, file), Class::Missing),
                Target::File { file, .. } => {
                    (self.node(file), class(vault, &note, &sections, link))
                }
            };
            if from != to {
                self.link(from, to, class);
            }
        }
    }

    fn link(&mut self, from: usize, to: usize, class: Class) {
        let count = self.edges.entry((from, to, class)).or_default();
        *count += 1;
        if *count == 1 {
            self.nodes[from].near.push(to);
            self.nodes[to].near.push(from);
        }
    }

    /// The node of a file.
    fn node(&mut self, file: FileId) -> usize {
        if let Some(&node) = self.of_file.get(&file) {
            return node;
        }
        let vault = self.vault;
        let mut files = Vec::new();
        if self.families
            && let Some(path) = vault.full_path(file)
        {
            let family = vault.tiers().family(&path).into_iter();
            files.extend(family.filter_map(|path| vault.find_full(&path)));
        }
        if !files.contains(&file) {
            files = vec![file];
        }
        let node = self.nodes.len();
        self.of_file.extend(files.iter().map(|&file| (file, node)));
        let path = files.first().and_then(|&file| vault.path(file));
        self.nodes.push(Draft {
            files,
            path: path.unwrap_or_default(),
            ..Draft::default()
        });
        node
    }

    /// The node of what a link names and is not there.
    fn missing_node(&mut self, link: &Link, source: FileId) -> usize {
        let vault = self.vault;
        let nodes = &mut self.nodes;
        let name = missing(vault, link, source);
        let node = *self.of_name.entry(name).or_insert_with(|| {
            nodes.push(Draft::default());
            nodes.len() - 1
        });
        let spelled = vault.spelled_path(link, source);
        let spelled = spelled.unwrap_or_else(|| vault.link_path(link));
        let inside = spelled.strip_prefix(vault.mount()).unwrap_or(&spelled);
        let inside = inside.trim_matches('/');
        let path = strip_md(inside).unwrap_or(inside);
        // Of several spellings the same one is shown, in whatever order they come.
        let known = &mut self.nodes[node].path;
        if known.is_empty() || path < known.as_str() {
            path.clone_into(known);
        }
        node
    }

    /// What is shown: the nearest and best linked nodes, and what is between them.
    fn finish(self, limit: usize) -> Graph {
        let is_shown = |node: usize| self.nodes[node].distance.is_some();
        let mut degrees = vec![0; self.nodes.len()];
        for (&(from, to, _), count) in &self.edges {
            if is_shown(from) && is_shown(to) {
                degrees[from] += count;
                degrees[to] += count;
            }
        }
        let mut order: Vec<usize> = (0..self.nodes.len()).filter(|&at| is_shown(at)).collect();
        order.sort_unstable_by_key(|&at| {
            let node = &self.nodes[at];
            (node.distance, Reverse(degrees[at]), &node.path, &node.files)
        });
        let left_out = order.len().saturating_sub(limit);
        order.truncate(limit);
        let mut places = vec![None; self.nodes.len()];
        for (place, &node) in order.iter().enumerate() {
            places[node] = Some(place);
        }
        let edges = self
            .edges
            .iter()
            .filter_map(|(&(from, to, class), &count)| {
                let (from, to) = (places[from]?, places[to]?);
                Some(Edge {
                    from,
                    to,
                    class,
                    count,
                })
            });
        let mut edges: Vec<Edge> = edges.collect();
        edges.sort_unstable_by_key(|edge| (edge.from, edge.to, edge.class));
        let elsewhere = order.iter().map(|&at| self.nodes[at].elsewhere).sum();
        let nodes = order
            .into_iter()
            .map(|at| self.shown(&self.nodes[at], degrees[at]));
        Graph {
            nodes: nodes.collect(),
            edges,
            left_out,
            elsewhere,
        }
    }

    fn shown(&self, node: &Draft, degree: u32) -> Node {
        let vault = self.vault;
        let tier = |&file: &FileId| vault.tiers().of(&vault.full_folder(file));
        let name = split(&node.path).1;
        let stem = strip_md(name);
        let kind = match (node.files.is_empty(), stem) {
            (true, _) => Kind::Missing,
            (false, Some(_)) => Kind::Note,
            (false, None) => Kind::Attachment,
        };
        let copies = node.files.iter().filter_map(tier);
        Node {
            file: node.files.first().copied(),
            path: node.path.clone(),
            title: stem.unwrap_or(name).to_owned(),
            tier: node.files.first().and_then(tier),
            kind,
            degree,
            distance: node.distance.unwrap_or_default(),
            copies: copies.filter(|_| self.families).collect(),
        }
    }
}

/// The class of a link to something that is there.
fn class(vault: &Vault, note: &Note, sections: &[Section], link: &Link) -> Class {
    let in_section = |section: &Section| section.range.contains(&link.start);
    if is_mirror(vault, note, link) || sections.iter().any(in_section) {
        Class::Tier
    } else if link.is(Link::PROPERTY) {
        Class::Property
    } else if link.is(Link::EMBED) {
        Class::Embed
    } else {
        Class::Link
    }
}

#[cfg(test)]
#[path = "graph_tests.rs"]
mod tests;
