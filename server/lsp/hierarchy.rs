//! The trees of backlinks and of types, as the client wants them.
//!
//! What an item is stands in its data, without offsets: text may be changed
//! before the client asks for the next level.

use std::ops::Range;

use serde_json::{Value, json};
use tower_lsp::gen_lsp_types as lsp;
use vaultmark_vault::fact::SymbolKind;
use vaultmark_vault::index::FileId;
use vaultmark_vault::lines::LineIndex;
use vaultmark_vault::query::calls::{self, Calls, Node, Shown, Shows};
use vaultmark_vault::query::lineage::{self, Kin};

use crate::convert::{range, symbol_kind};
use crate::snapshot::Snapshot;

impl Snapshot {
    /// The item of a note or section.
    pub fn call_item(&self, node: Node) -> Option<Value> {
        let mut views = Shows::new(&self.vault, self, self.encoding);
        let (shown, lines) = views.show(node)?;
        self.item(node, &shown, lines)
    }

    fn item(&self, node: Node, shown: &Shown, lines: &LineIndex) -> Option<Value> {
        let kind = match node.heading {
            Some(_) => SymbolKind::Heading,
            None => SymbolKind::Note,
        };
        let mut item = json!({
            "name": shown.name,
            "kind": symbol_kind(kind),
            "uri": self.address(node.file)?,
            "range": range(lines, &shown.extent),
            "selectionRange": range(lines, &shown.selection),
            "data": {"heading": shown.mark},
        });
        if !shown.detail.is_empty() {
            item["detail"] = json!(shown.detail);
        }
        Some(item)
    }

    /// What an item of the request's file stands for.
    pub fn node_of(&self, data: Option<&Value>) -> Option<Node> {
        let mark = data.and_then(|data| data.get("heading"));
        let mark = mark.and_then(|mark| serde_json::from_value(mark.clone()).ok());
        calls::find(&self.vault, self.file, mark.flatten())
    }

    /// Links by the other end. The ranges lie in `ranges_in`, or where the other
    /// end is if that is `None`; `end` is what the protocol calls it.
    pub fn calls(&self, found: Calls, end: &str, ranges_in: Option<FileId>) -> Vec<Value> {
        let own = ranges_in.and_then(|file| self.vault.facts(file));
        let own = own.map(|facts| facts.lines().index(self.encoding));
        let mut views = Shows::new(&self.vault, self, self.encoding);
        let call = |(node, ranges): (Node, Vec<Range<u32>>)| {
            let (shown, lines) = views.show(node)?;
            let holder = own.as_ref().unwrap_or(lines);
            let ranges = ranges.iter().map(|bytes| range(holder, bytes));
            let ranges: Vec<lsp::Range> = ranges.collect();
            Some(json!({end: self.item(node, &shown, lines)?, "fromRanges": ranges}))
        };
        found.into_iter().filter_map(call).collect()
    }

    /// The call that stands for those of notes behind a path, of which there are
    /// at most so many: the next level of its item lists them.
    pub fn more_calls(&self, node: Node, after: &str, rest: usize) -> Option<Value> {
        let mut item = self.call_item(node)?;
        item["name"] = json!(format!("… links in up to {rest} more notes"));
        item["data"]["after"] = json!(after);
        Some(json!({"from": item, "fromRanges": []}))
    }

    /// The item of a note or tag in the tree of types.
    pub fn type_item(&self, kin: &Kin) -> Option<Value> {
        match kin {
            Kin::Note(file) => self.call_item(Node {
                file: *file,
                heading: None,
            }),
            Kin::Tag(tag, place) => {
                let range = self.range(place.file, &place.range);
                Some(json!({
                    "name": format!("#{tag}"),
                    "kind": symbol_kind(SymbolKind::Tag),
                    "uri": self.address(place.file)?,
                    "range": range,
                    "selectionRange": range,
                    "data": {"tag": tag},
                }))
            }
        }
    }

    /// The items above an item of the request's file.
    pub fn supertypes(&self, data: Option<&Value>, stop: &dyn Fn() -> bool) -> Vec<Value> {
        let notes = || lineage::notes_above(&self.vault, self.file).into_iter();
        let above: Vec<Kin> = match tag(data) {
            Some(tag) => Vec::from_iter(lineage::tag_above(&self.vault, tag, stop)),
            None => notes().map(Kin::Note).collect(),
        };
        self.type_items(&above)
    }

    /// The items below an item of the request's file.
    pub fn subtypes(&self, data: Option<&Value>, stop: &dyn Fn() -> bool) -> Vec<Value> {
        let notes = || lineage::notes_below(&self.vault, self.file, stop).into_iter();
        let below: Vec<Kin> = match tag(data) {
            Some(tag) => lineage::tags_below(&self.vault, tag, stop),
            None => notes().map(Kin::Note).collect(),
        };
        self.type_items(&below)
    }

    fn type_items(&self, kin: &[Kin]) -> Vec<Value> {
        kin.iter().filter_map(|kin| self.type_item(kin)).collect()
    }
}

fn tag(data: Option<&Value>) -> Option<&str> {
    data?.get("tag")?.as_str()
}
