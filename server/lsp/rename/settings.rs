//! Settings about renames.

use serde_json::Value;
use vaultmark_vault::settings::{FolderOfNote, Renames};

use crate::options::keys;
use crate::settings::nearest;

/// Reads a table of settings into those in force. What is wrong is added to
/// `wrong`, and the rest is in force.
pub fn read(value: &Value, renames: &mut Renames, wrong: &mut Vec<String>) {
    let Some(table) = value.as_object() else {
        wrong.push("must be a table such as { folder = \"move\" }".to_owned());
        return;
    };
    // Clients send null for what is not set.
    for (key, value) in table.iter().filter(|own| !own.1.is_null()) {
        let read = if key == "folder" {
            folder(value)
                .map(|folder| renames.folder = folder)
                .ok_or("must be \"ask\", \"move\" or \"stay\"")
        } else if let Some(switch) = switch(key, renames) {
            value
                .as_bool()
                .map(|on| *switch = on)
                .ok_or("must be true or false")
        } else {
            let remedy = nearest(key, &keys("rename"));
            wrong.push(format!("there is no setting `{key}`; {remedy}"));
            continue;
        };
        if let Err(expected) = read {
            wrong.push(format!("`{key}` {expected}; it is left out"));
        }
    }
}

fn folder(value: &Value) -> Option<FolderOfNote> {
    match value.as_str()? {
        "ask" => Some(FolderOfNote::Ask),
        "move" => Some(FolderOfNote::Move),
        "stay" => Some(FolderOfNote::Stay),
        _ => None,
    }
}

/// What is on or off.
fn switch<'r>(key: &str, renames: &'r mut Renames) -> Option<&'r mut bool> {
    match key {
        "copies" => Some(&mut renames.copies),
        "headings" => Some(&mut renames.headings),
        "names" => Some(&mut renames.names),
        "old_name" => Some(&mut renames.old_name),
        "redirect" => Some(&mut renames.redirect),
        "repair_sections" => Some(&mut renames.repair_sections),
        "unlink" => Some(&mut renames.unlink),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_read_and_bad_ones_are_named() {
        let (mut renames, mut wrong) = (Renames::default(), Vec::new());
        let table = json!({"folder": "move", "copies": 1, "copys": true});
        read(&table, &mut renames, &mut wrong);
        let expected = Renames {
            folder: FolderOfNote::Move,
            ..Renames::default()
        };
        assert_eq!(renames, expected);
        assert!(
            wrong[0].contains("`copies` must be true or false"),
            "{wrong:?}"
        );
        assert!(wrong[1].contains("did you mean `copies`?"), "{wrong:?}");
        let unknown = |key: &&&str| **key != "folder" && switch(key, &mut renames).is_none();
        assert_eq!(keys("rename").iter().filter(unknown).count(), 0);
    }
}
