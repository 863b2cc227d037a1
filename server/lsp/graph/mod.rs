//! A graph as JSON, for the command line and for editors. `docs/graph.md` says what
//! its members mean; what is there stays, and other versions have another number.

pub mod command;

use serde_json::{Value, json};
use vaultmark_vault::index::FileId;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::graph::{Asked, Edge, Graph, Node};
use vaultmark_vault::query::matrix::{Cell, Leak, Matrix, Row, matrix as tier_map};
use vaultmark_vault::vault::Vault;

/// The number of the format.
const VERSION: u32 = 1;

/// What is shown of a vault.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The vault.
    pub vault: &'a Vault,
    /// What was asked for.
    pub asked: Asked,
    /// The graph.
    pub graph: &'a Graph,
    /// The tier map, if it is wanted.
    pub matrix: Option<&'a Matrix>,
}

impl Shown<'_> {
    /// All of it.
    pub fn json(&self) -> Value {
        let (vault, graph) = (self.vault, self.graph);
        let tiers = vault.tiers().0.iter().enumerate();
        let tiers = tiers.map(|(index, tier)| {
            json!({
                "folder": tier.folder, "suffix": tier.suffix,
                "here": vault.has_folder(&tier.folder), "public": vault.is_public(index),
            })
        });
        let mut value = json!({
            "version": VERSION,
            "tiers": tiers.collect::<Vec<_>>(),
            "nodes": graph.nodes.iter().map(node).collect::<Vec<_>>(),
            "edges": graph.edges.iter().map(edge).collect::<Vec<_>>(),
            "leftOut": graph.left_out,
            "elsewhere": graph.elsewhere,
        });
        if self.asked.center.is_some() {
            // The nearest is the first.
            value["center"] = json!(0);
            value["depth"] = json!(self.asked.depth);
        }
        if let Some(map) = self.matrix {
            value["matrix"] = matrix(map);
        }
        value
    }
}

/// The tier map beside a graph: of all families, or with a note in the middle of
/// those whose notes are drawn. `stop` is asked now and then; when it says yes the
/// answer is cut short.
pub fn map(
    vault: &Vault,
    asked: Asked,
    drawn: &Graph,
    texts: &dyn Texts,
    stop: &dyn Fn() -> bool,
) -> Matrix {
    let files: Vec<FileId> = drawn.nodes.iter().filter_map(|node| node.file).collect();
    let wanted = asked.center.map(|_| &*files);
    tier_map(vault, wanted, asked.limit, texts, stop)
}

fn node(node: &Node) -> Value {
    let mut value = json!({
        "path": node.path, "title": node.title, "kind": node.kind.name(),
        "tier": node.tier, "degree": node.degree, "distance": node.distance,
    });
    if !node.copies.is_empty() {
        value["copies"] = json!(node.copies);
    }
    value
}

fn edge(edge: &Edge) -> Value {
    json!({"from": edge.from, "to": edge.to, "class": edge.class.name(), "count": edge.count})
}

fn matrix(map: &Matrix) -> Value {
    let row = |row: &Row| json!({"base": row.base, "cells": row.cells.iter().map(cell).collect::<Vec<_>>()});
    json!({
        "tiers": map.tiers,
        "rows": map.rows.iter().map(row).collect::<Vec<_>>(),
        "leftOut": map.left_out,
        "others": map.others.iter().map(cell).collect::<Vec<_>>(),
    })
}

fn cell(cell: &Cell) -> Value {
    let leak = |leak: &Leak| json!({"target": leak.target, "embed": leak.embed});
    let mut value = json!({"path": cell.path, "state": cell.state.name()});
    if !cell.leaks.is_empty() {
        value["leaks"] = cell.leaks.iter().map(leak).collect();
    }
    value
}
