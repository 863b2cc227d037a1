//! A graph in the language of Graphviz.

use std::io::Write;

use anyhow::Result;
use vaultmark_vault::query::graph::{Class, Graph, Kind};
use vaultmark_vault::vault::Vault;

/// Colors of tiers, most public first, with black letters on them; the last one
/// stands for all that follow.
const TIERS: [&str; 7] = [
    "#c7e9b4", "#7fcdbb", "#a6bddb", "#fdd49e", "#fdbb84", "#fc8d59", "#ef6548",
];

/// Prints the graph.
///
/// # Errors
/// When it cannot be printed.
pub(super) fn print(vault: &Vault, graph: &Graph, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "digraph vault {{")?;
    writeln!(out, "  graph [overlap=false, outputorder=edgesfirst];")?;
    writeln!(
        out,
        "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#eeeeee\"];"
    )?;
    for (index, node) in graph.nodes.iter().enumerate() {
        let tier = node
            .tier
            .and_then(|tier| Some((vault.tiers().0.get(tier)?, tier)));
        let color = tier.map_or(String::new(), |(_, tier)| {
            let color = TIERS.get(tier).or(TIERS.last()).unwrap_or(&"#eeeeee");
            format!(", fillcolor=\"{color}\"")
        });
        let shape = match node.kind {
            Kind::Note => "",
            Kind::Attachment => ", shape=note, style=filled",
            Kind::Missing => ", style=dashed",
        };
        let (title, path) = (quoted(&node.title), quoted(&node.path));
        writeln!(
            out,
            "  n{index} [label={title}, tooltip={path}{color}{shape}];"
        )?;
    }
    for edge in &graph.edges {
        let style = match edge.class {
            Class::Link => "color=\"#777777\"",
            Class::Embed => "color=\"#1f6feb\", arrowhead=diamond",
            Class::Property => "color=\"#2f855a\"",
            Class::Tier => "color=\"#8250df\", style=dotted",
            Class::Missing => "color=\"#c53030\", style=dashed",
        };
        let (class, count) = (edge.class.name(), edge.count);
        writeln!(
            out,
            "  n{} -> n{} [class={class}, weight={count}, {style}];",
            edge.from, edge.to
        )?;
    }
    writeln!(out, "}}")?;
    Ok(())
}

/// A string of the language, on one line: a backslash would begin an escape of labels.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\u{2028}' | '\u{2029}' => quoted.push(' '),
            letter if letter.is_control() => quoted.push(' '),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
