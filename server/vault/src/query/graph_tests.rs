use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::query::held::Held;

const ALL: Asked = Asked {
    center: None,
    depth: 0,
    limit: usize::MAX,
    families: false,
};

fn vault(notes: &[(&str, &str)]) -> Vault {
    let notes = notes.iter();
    let notes = notes.map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    Held::new(notes.collect(), &Arc::default()).vault
}

fn drawn(vault: &Vault, asked: Asked) -> Graph {
    graph(vault, asked, &|| false)
}

fn around(vault: &Vault, path: &str, depth: u32) -> Graph {
    let center = vault.find(path);
    let asked = Asked {
        center,
        depth,
        ..ALL
    };
    drawn(vault, asked)
}

/// The edges in words, by their words.
fn edges(graph: &Graph) -> Vec<String> {
    let words = graph.edges.iter().map(|edge| {
        let [from, to] = [edge.from, edge.to].map(|node| &graph.nodes[node].path);
        format!("{from} {} {to} {}", edge.class.name(), edge.count)
    });
    let mut words: Vec<String> = words.collect();
    words.sort();
    words
}

fn paths(graph: &Graph) -> Vec<&str> {
    graph.nodes.iter().map(|node| &*node.path).collect()
}

#[test]
fn links_have_classes_and_are_counted() {
    let vault = vault(&[
        (
            "a.md",
            "---\nup: \"[[b]]\"\n---\n[[b]] [[b#x|y]] ![[b]] [[a]] [[none]] [x](https://e.org) [[x/None2.md]]",
        ),
        ("b.md", "[[NONE]]"),
        ("c.md", ""),
        (
            "d.canvas",
            r#"{"nodes": [{"type": "file", "file": "b.md"}]}"#,
        ),
    ]);
    let graph = drawn(&vault, ALL);
    assert_eq!(
        edges(&graph),
        [
            "a.md embed b.md 1",
            "a.md link b.md 2",
            "a.md missing NONE 1",
            "a.md missing x/None2 1",
            "a.md property b.md 1",
            "b.md missing NONE 1",
            "d.canvas link b.md 1",
        ]
    );
    let kinds = graph
        .nodes
        .iter()
        .map(|node| (&*node.title, node.kind.name(), node.degree));
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        [
            ("a", "note", 6),
            ("b", "note", 6),
            ("NONE", "missing", 2),
            ("d.canvas", "attachment", 1),
            ("None2", "missing", 1),
            ("c", "note", 0),
        ]
    );
}

#[test]
fn a_neighbourhood_goes_both_ways_and_ends_at_its_depth() {
    let vault = vault(&[
        ("1.md", "[[2]]"),
        ("2.md", "[[3]] [[gone]]"),
        ("3.md", "[[x]]"),
        ("4.md", "[[3]] [[Gone]]"),
        ("x.md", "[[4]]"),
        ("alone.md", ""),
    ]);
    assert_eq!(paths(&around(&vault, "2.md", 0)), ["2.md"]);
    let one = around(&vault, "2.md", 1);
    assert_eq!(paths(&one), ["2.md", "1.md", "3.md", "gone"]);
    let distances = one.nodes.iter().map(|node| node.distance);
    assert_eq!(distances.collect::<Vec<_>>(), [0, 1, 1, 1]);
    let two = around(&vault, "2.md", 2);
    assert_eq!(two.nodes.len(), 6, "{:?}", paths(&two));
    assert!(edges(&two).contains(&"x.md link 4.md 1".to_owned()));
    assert_eq!(
        edges(&around(&vault, "1.md", 9)),
        edges(&drawn(&vault, ALL))
    );
    assert_eq!(paths(&around(&vault, "alone.md", 3)), ["alone.md"]);
}

#[test]
fn the_limit_keeps_the_nearest_and_best_linked() {
    let vault = vault(&[
        ("a.md", "[[b]] [[c]]"),
        ("b.md", "[[hub]]"),
        ("c.md", "[[hub]] [[b]]"),
        ("hub.md", ""),
    ]);
    let asked = Asked { limit: 2, ..ALL };
    let whole = drawn(&vault, asked);
    assert_eq!((paths(&whole), whole.left_out), (vec!["b.md", "c.md"], 2));
    assert_eq!(edges(&whole), ["c.md link b.md 1"]);
    let center = vault.find("a.md");
    let local = Asked {
        center,
        depth: 2,
        ..asked
    };
    assert_eq!(paths(&drawn(&vault, local)), ["a.md", "b.md"]);
}

#[test]
fn copies_are_one_node_on_demand_and_links_to_absent_ones_none() {
    let section = "## Confidential Links & Embeds:\n### is_:: [[/_Standards/X|X]]\n### is_:: [[/_public/X.public|X]]\n### is_:: [[/_secret/X.secret|X]]\n";
    let vault = vault(&[
        ("_Standards/X.md", section),
        ("_public/X.public.md", "![[/_Standards/X]] [[Y.public]]"),
        ("_public/Y.public.md", ""),
    ]);
    let graph = drawn(&vault, ALL);
    assert_eq!(
        edges(&graph),
        [
            "_Standards/X.md tier _public/X.public.md 1",
            "_public/X.public.md embed _Standards/X.md 1",
            "_public/X.public.md link _public/Y.public.md 1",
        ]
    );
    assert_eq!(graph.elsewhere, 1);
    let families = Asked {
        families: true,
        ..ALL
    };
    let graph = drawn(&vault, families);
    assert_eq!(
        edges(&graph),
        ["_Standards/X.md link _public/Y.public.md 1"]
    );
    let copies = graph.nodes.iter().map(|node| node.copies.clone());
    assert_eq!(copies.collect::<Vec<_>>(), [vec![0, 1], vec![1]]);
    // Any copy leads into the family.
    let center = vault.find("_public/X.public.md");
    let local = Asked {
        center,
        depth: 1,
        ..families
    };
    assert_eq!(drawn(&vault, local).nodes.len(), 2);
}

proptest! {
    /// What is around a note is what the whole graph says.
    #[test]
    fn a_neighbourhood_is_a_part_of_the_whole(
        links in proptest::collection::vec((0..8u8, 0..10u8, any::<bool>()), 0..24),
        depth in 0..4u32,
    ) {
        let mut notes: Vec<(String, String)> =
            (0..8).map(|note| (format!("{note}/n{}.md", note % 5), String::new())).collect();
        for (from, to, embed) in links {
            let mark = if embed { "!" } else { "" };
            let link = format!("{mark}[[{to}/n{}]]\n", to % 5);
            notes[usize::from(from)].1.push_str(&link);
        }
        let notes: Vec<(&str, &str)> = notes.iter().map(|(path, text)| (&**path, &**text)).collect();
        let vault = vault(&notes);
        let whole = drawn(&vault, ALL);
        let mut near: Vec<&str> = vec!["0/n0.md"];
        for _ in 0..depth {
            let before = near.clone();
            for edge in &whole.edges {
                let [from, to] = [edge.from, edge.to].map(|node| &*whole.nodes[node].path);
                near.extend([(from, to), (to, from)].iter().filter(|way| before.contains(&way.0)).map(|way| way.1));
            }
            near.sort_unstable();
            near.dedup();
        }
        let local = around(&vault, "0/n0.md", depth);
        let mut shown = paths(&local);
        shown.sort_unstable();
        prop_assert_eq!(shown, near.clone());
        let inner = whole.edges.iter().filter(|edge| {
            [edge.from, edge.to].iter().all(|node| near.contains(&&*whole.nodes[*node].path))
        });
        prop_assert_eq!(local.edges.len(), inner.count());
    }
}
