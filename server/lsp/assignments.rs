//! Settings about schemas: which notes follow which.

use serde_json::{Map, Value};
use vaultmark_vault::path::join;
use vaultmark_vault::settings::Assignment;

use crate::settings::nearest;
use crate::{disk, rules};

const KEYS: [&str; 4] = ["file", "notes", "property", "value"];

/// Reads a list of tables with `file`, and `notes` or `property` and `value`.
/// What is wrong is added to `wrong`, and the rest is in force.
pub fn read(value: &Value, wrong: &mut Vec<String>) -> Vec<Assignment> {
    let Some(list) = value.as_array() else {
        wrong.push(
            "must be a list of tables with `file`, and `notes` or `property` and `value`"
                .to_owned(),
        );
        return Vec::new();
    };
    let mut assignments = Vec::new();
    for entry in list {
        match entry.as_object().map(|table| assignment(table, wrong)) {
            Some(Ok(assignment)) => assignments.push(assignment),
            Some(Err(problem)) => wrong.push(format!("{problem}; it is left out")),
            None => wrong.push("needs `file`, and `notes` or `property` and `value`".to_owned()),
        }
    }
    assignments
}

fn assignment(table: &Map<String, Value>, wrong: &mut Vec<String>) -> Result<Assignment, String> {
    let unknown = table.keys().filter(|key| !KEYS.contains(&key.as_str()));
    wrong.extend(unknown.map(|key| {
        let remedy = nearest(key, &KEYS);
        format!("there is no setting `{key}`; {remedy}")
    }));
    let text = |key: &str| match table.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(format!("`{key}` must be a text")),
    };
    let file = text("file")?.and_then(|file| join("", file.trim_start_matches('/')));
    let is_good = |file: &String| {
        let extension = std::path::Path::new(file).extension();
        extension.is_some_and(|extension| extension == "json") && !disk::is_hidden(file)
    };
    let expected =
        "`file` must be the path of a schema in this folder, such as \"schemas/city.json\"";
    let file = file.filter(is_good).ok_or(expected)?;
    let pattern = text("notes")?;
    let notes = pattern.map(|pattern| {
        let bad = |reason| format!("has a bad pattern `{pattern}`: {reason}");
        rules::glob(pattern).map_err(bad)
    });
    let notes = notes.transpose()?;
    let property = match (text("property")?, text("value")?) {
        (Some(property), Some(value)) => Some((property.to_owned(), value.to_owned())),
        (None, None) => None,
        _ => return Err(format!("`{file}` needs `property` and `value` together")),
    };
    if notes.is_none() && property.is_none() {
        return Err(format!(
            "`{file}` needs `notes`, such as \"Cities/**\", or `property` and `value`"
        ));
    }
    Ok(Assignment {
        file,
        notes,
        property,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn bad_assignments_are_named_and_the_rest_is_in_force() {
        let mut wrong = Vec::new();
        let list = json!([
            {"file": "schemas/city.json", "notes": "Cities/**"},
            {"file": "/p.schema.json", "property": "is", "value": "City", "valu": 1},
            {"file": "../x.json", "notes": "**"},
            {"file": ".x/y.json", "notes": "**"},
            {"file": "x.json"},
            {"file": "x.json", "property": "is"},
            {"file": "x.json", "notes": "["},
            {"file": 3, "notes": "**"},
            3,
        ]);
        let read = super::read(&list, &mut wrong);
        let files: Vec<&str> = read.iter().map(|own| own.file.as_str()).collect();
        assert_eq!(files, ["schemas/city.json", "p.schema.json"]);
        assert_eq!(read[1].property, Some(("is".to_owned(), "City".to_owned())));
        for (problem, words) in wrong.iter().zip([
            "`valu`; did you mean `value`?",
            "`file` must be the path",
            "`file` must be the path",
            "needs `notes`",
            "`property` and `value` together",
            "bad pattern `[`",
            "`file` must be a text",
            "needs `file`",
        ]) {
            assert!(problem.contains(words), "{words}: {problem}");
        }
        assert_eq!(wrong.len(), 8, "{wrong:?}");
        assert!(super::read(&json!({}), &mut wrong).is_empty());
    }
}
