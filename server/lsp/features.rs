//! Settings about that which helps to read: each feature is on or off.

use serde_json::Value;
use vaultmark_vault::settings::Features;

use crate::options::keys;
use crate::settings::nearest;

/// Reads a table of features and `true` or `false` into those in force. What is
/// wrong is added to `wrong`, and the rest is in force.
pub fn read(value: &Value, features: &mut Features, wrong: &mut Vec<String>) {
    let Some(table) = value.as_object() else {
        wrong.push("must be a table such as { code_lens = false }".to_owned());
        return;
    };
    // Clients send null for what is not set.
    for (key, value) in table.iter().filter(|feature| !feature.1.is_null()) {
        let Some(feature) = feature(key, features) else {
            let remedy = nearest(key, &keys("features"));
            wrong.push(format!("there is no feature `{key}`; {remedy}"));
            continue;
        };
        match value.as_bool() {
            Some(on) => *feature = on,
            None => wrong.push(format!("`{key}` must be true or false; it is left out")),
        }
    }
}

fn feature<'f>(key: &str, features: &'f mut Features) -> Option<&'f mut bool> {
    Some(match key {
        "code_lens" => &mut features.code_lens,
        "folding" => &mut features.folding,
        "hierarchies" => &mut features.hierarchies,
        "inlay_hints" => &mut features.inlay_hints,
        "selection" => &mut features.selection,
        "semantic_tokens" => &mut features.semantic_tokens,
        "unlinked_mentions" => &mut features.unlinked_mentions,
        "unresolved_reasons" => &mut features.unresolved_reasons,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn features_are_switched_and_bad_keys_are_named() {
        let (mut features, mut wrong) = (Features::default(), Vec::new());
        let table =
            json!({"folding": false, "code_lens": 1, "semantic_token": true, "selection": null});
        read(&table, &mut features, &mut wrong);
        let expected = Features {
            folding: false,
            ..Features::default()
        };
        assert_eq!(features, expected);
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong[0].contains("`code_lens` must be true or false"));
        assert!(wrong[1].contains("did you mean `semantic_tokens`?"));
        for key in keys("features") {
            assert!(feature(key, &mut features).is_some(), "{key}");
        }
        read(&json!([]), &mut features, &mut wrong);
        assert!(wrong[2].contains("must be a table"));
    }
}
