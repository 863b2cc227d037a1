//! Completion in the form that the client takes.

use serde_json::{Value, json};
use vaultmark_vault::query::completion::{Item, ItemKind, List, Place, completion};
use vaultmark_vault::query::{Texts, hover};

use crate::capabilities::Capabilities;
use crate::convert;
use crate::edits::{self, note_edit, text_edits};
use crate::snapshot::Snapshot;

/// The command that an item carries when it also changes another note.
pub const APPLY: &str = "vaultmark.applyEdit";

/// Characters behind which a client asks without being told: those that begin
/// a link, a path, a heading, a tag, a field or an embed.
pub const TRIGGERS: [&str; 9] = ["[", "#", "^", "|", "/", "!", "(", ">", ":"];

/// What can be written at a byte offset of the snapshot's file.
pub fn list(
    snapshot: &Snapshot,
    offset: u32,
    capabilities: Capabilities,
    stop: &dyn Fn() -> bool,
) -> Option<Value> {
    let text = snapshot.text(snapshot.file)?;
    let recent = snapshot.open_files();
    let place = Place {
        vault: &snapshot.vault,
        file: snapshot.file,
        text: &text,
        offset,
        recent: &recent,
        today: jiff::ZonedDateTime::now().date(),
        texts: snapshot,
        stop,
    };
    let list = completion(&place)?;
    let note = snapshot.vault.note(snapshot.file)?;
    let lines = note.lines.index(snapshot.encoding);
    let replace = json!(convert::range(&lines, &list.replace));
    let insert = if list.takes_rest {
        replace.clone()
    } else {
        json!(convert::range(&lines, &(list.replace.start..offset)))
    };
    let shared = capabilities.shared_edit_range;
    // Edits of other notes are of the one that is linked.
    let other = list.items.iter().find_map(|item| item.other.as_ref());
    let other = other.and_then(|other| Some((other.0, edits::lines(snapshot, other.0)?)));
    let items = list.items.iter().enumerate().filter_map(|(index, item)| {
        let mut value = self::item(snapshot, index, item, capabilities)?;
        if shared {
            if item.new != item.label {
                value["textEditText"] = Value::String(item.new.clone());
            }
        } else if capabilities.insert_replace {
            value["textEdit"] = json!({"insert": insert, "replace": replace, "newText": item.new});
        } else {
            value["textEdit"] = json!({"range": replace, "newText": item.new});
        }
        if let Some((file, edit)) = &item.other {
            let (_, lines) = other.as_ref().filter(|other| other.0 == *file)?;
            let edit = note_edit(snapshot, *file, lines, std::slice::from_ref(edit))?;
            let title = "Add an id to the block";
            value["command"] = json!({"title": title, "command": APPLY, "arguments": [edit]});
        }
        if !item.additional.is_empty() {
            value["additionalTextEdits"] = json!(text_edits(&lines, &item.additional));
        }
        Some(value)
    });
    let items: Vec<Value> = items.collect();
    let List { is_incomplete, .. } = list;
    let mut answer = json!({"isIncomplete": is_incomplete, "items": items});
    if shared {
        answer["itemDefaults"] = json!({"editRange": if capabilities.insert_replace {
            json!({"insert": insert, "replace": replace})
        } else {
            replace
        }});
    }
    Some(answer)
}

fn item(
    snapshot: &Snapshot,
    index: usize,
    item: &Item,
    capabilities: Capabilities,
) -> Option<Value> {
    if item.other.is_some() && !capabilities.apply_edit {
        return None;
    }
    let mut value = json!({
        "label": item.label,
        "kind": kind(item.kind),
        "sortText": format!("{index:03}"),
        // Names hold `$` and `}`, which mean something in snippets.
        "insertTextFormat": 1,
    });
    if item.matched != item.label {
        value["filterText"] = Value::String(item.matched.clone());
    }
    if !item.detail.is_empty() {
        if capabilities.label_details {
            value["labelDetails"] = json!({"description": item.detail});
        } else {
            value["detail"] = Value::String(item.detail.clone());
        }
    }
    if item.deprecated && capabilities.deprecated_items {
        value["tags"] = json!([1]);
    }
    if let Some((file, subpath)) = &item.target {
        value["data"] = json!({
            "uri": snapshot.address(snapshot.file)?,
            "path": snapshot.vault.path(*file)?,
            "subpath": subpath,
        });
    }
    Some(value)
}

fn kind(kind: ItemKind) -> u32 {
    match kind {
        ItemKind::Note | ItemKind::File => 17,
        ItemKind::Alias | ItemKind::Heading | ItemKind::Label => 18,
        ItemKind::Missing => 1,
        ItemKind::Block => 15,
        ItemKind::Tag | ItemKind::Word => 14,
        ItemKind::Key => 10,
        ItemKind::Value => 12,
    }
}

/// What an item names, as Markdown: a preview of the note or of its section.
pub fn documentation(snapshot: &Snapshot, path: &str, subpath: &str) -> Option<String> {
    let file = snapshot.vault.find(path)?;
    Some(hover::about(&snapshot.vault, file, subpath, snapshot))
}
