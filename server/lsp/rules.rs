//! Settings about the rules: how serious a breach is, everywhere or in some notes.

use globset::{GlobBuilder, GlobMatcher};
use serde_json::Value;
use vaultmark_vault::rule::{Override, Rule, Severity};
use vaultmark_vault::settings::Identifier;

use crate::settings::nearest;

/// Stands for all rules.
const ALL: &str = "*";
/// Silences a rule.
const OFF: &str = "off";
const IDENTIFIER_KEYS: [&str; 3] = ["link", "prefix", "property"];

/// Reads a table of rules and severities. What is wrong is added to `wrong`, and
/// the rest is in force.
pub fn read(value: &Value, wrong: &mut Vec<String>) -> Vec<Override> {
    table(value, None, wrong)
}

/// Reads a list of tables with `notes`, a glob, and `rules`.
pub fn read_for(value: &Value, wrong: &mut Vec<String>) -> Vec<Override> {
    let Some(list) = value.as_array() else {
        wrong.push("must be a list of tables with `notes` and `rules`".to_owned());
        return Vec::new();
    };
    let mut overrides = Vec::new();
    for entry in list {
        let notes = entry.get("notes").and_then(Value::as_str);
        let (Some(notes), Some(rules)) = (notes, entry.get("rules")) else {
            wrong.push("needs `notes`, such as \"Archive/**\", and `rules`".to_owned());
            continue;
        };
        match glob(notes) {
            Ok(notes) => overrides.extend(table(rules, Some(&notes), wrong)),
            Err(reason) => wrong.push(format!("has a bad pattern `{notes}`: {reason}")),
        }
    }
    overrides
}

/// A pattern of paths, in which `*` does not match `/`.
///
/// # Errors
/// When it cannot be read, in words.
pub fn glob(pattern: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    let glob = glob.map_err(|error| error.kind().to_string())?;
    Ok(glob.compile_matcher())
}

fn table(value: &Value, notes: Option<&GlobMatcher>, wrong: &mut Vec<String>) -> Vec<Override> {
    let Some(table) = value.as_object() else {
        wrong.push("must be a table such as { \"broken-link\" = \"error\" }".to_owned());
        return Vec::new();
    };
    let mut overrides = Vec::new();
    for (code, value) in table {
        let rule = Rule::of(code);
        if rule.is_none() && code != ALL {
            let codes: Vec<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
            wrong.push(format!(
                "there is no rule `{code}`; {}",
                nearest(code, &codes)
            ));
            continue;
        }
        let name = value.as_str().unwrap_or_default();
        let known = Severity::NAMES.iter().find(|known| known.0 == name);
        if known.is_none() && name != OFF {
            wrong.push(format!(
                "`{code}` must be \"error\", \"warning\", \"information\", \"hint\" or \"off\""
            ));
            continue;
        }
        overrides.push(Override {
            notes: notes.cloned(),
            rule,
            severity: known.map(|known| known.1),
        });
    }
    // What is said of all rules is less than what is said of one.
    overrides.sort_by_key(|line| line.rule.is_some());
    overrides
}

/// A whole number from `least` to `most`.
pub fn number(value: &Value, least: u32, most: u32) -> Option<u32> {
    let number = u32::try_from(value.as_u64()?).ok()?;
    (least..=most).contains(&number).then_some(number)
}

/// Reads a list of identifiers. `None`: it says nothing. An empty list says that
/// there are none. What is wrong is added to `wrong`, and the rest is in force.
pub fn identifiers(value: &Value, wrong: &mut Vec<String>) -> Option<Vec<Identifier>> {
    let Some(list) = value.as_array() else {
        wrong.push("it must be a list of tables; it is left out".to_owned());
        return None;
    };
    let read = list.iter().filter_map(|value| identifier(value, wrong));
    let read: Vec<Identifier> = read.collect();
    (list.is_empty() || !read.is_empty()).then_some(read)
}

/// One identifier, if all of it is said, and what is wrong with it.
fn identifier(value: &Value, wrong: &mut Vec<String>) -> Option<Identifier> {
    let missing = || "there must be `property` and `link`, and `prefix` if there is one";
    let Some(table) = value.as_object() else {
        wrong.push(missing().to_owned());
        return None;
    };
    let unknown = table
        .keys()
        .filter(|key| !IDENTIFIER_KEYS.contains(&key.as_str()));
    wrong.extend(unknown.map(|key| {
        let remedy = nearest(key, &IDENTIFIER_KEYS);
        format!("there is no setting `{key}`; {remedy}")
    }));
    let text = |key: &str| match table.get(key) {
        None if key == "prefix" => Some(""),
        value => value
            .and_then(Value::as_str)
            .filter(|text| key == "prefix" || !text.is_empty()),
    };
    let (Some(property), Some(prefix), Some(link)) =
        (text("property"), text("prefix"), text("link"))
    else {
        wrong.push(format!("{}; one is left out", missing()));
        return None;
    };
    Some(Identifier {
        property: property.to_owned(),
        prefix: prefix.to_owned(),
        link: link.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;
    use serde_json::json;
    use vaultmark_vault::rule::severity;

    #[test]
    fn rules_are_set_everywhere_or_in_some_notes() {
        let mut wrong = Vec::new();
        let mut rules = read(&json!({"broken-link": "error", "*": "hint"}), &mut wrong);
        let some = json!([{"notes": "old/**", "rules": {"*": "off"}}]);
        rules.extend(read_for(&some, &mut wrong));
        assert_eq!(wrong, [""; 0]);
        let says = |rule, path| severity(&rules, rule, path);
        assert_eq!(says(Rule::BrokenLink, "a.md"), Some(Severity::Error));
        assert_eq!(says(Rule::YamlSyntax, "a.md"), Some(Severity::Hint));
        assert_eq!(says(Rule::BrokenLink, "old/x/a.md"), None);
    }

    #[test]
    fn bad_rules_are_named_with_the_nearest_good_one() {
        let mut wrong = Vec::new();
        let bad = json!({"brokn-link": "error", "open-fence": "loud", "open-comment": "off"});
        assert_eq!(read(&bad, &mut wrong).len(), 1);
        assert!(
            wrong[0].contains("`brokn-link`; did you mean `broken-link`?"),
            "{wrong:?}"
        );
        assert!(wrong[1].contains("`open-fence` must be"), "{wrong:?}");
        wrong.clear();
        assert!(read_for(&json!([{"notes": "[", "rules": {}}, 3]), &mut wrong).is_empty());
        assert_eq!(wrong.len(), 2, "{wrong:?}");
    }

    #[test]
    fn what_rules_may_be_told_is_read_strictly() {
        let root = tempfile::tempdir().unwrap();
        let toml = "shape_uses = 5\nshape_agreeing = 60\nagree_headings = true\nagree_properties = [\"name\"]\n[[identifier]]\nproperty = \"isbn\"\nlink = \"Book~\"\n";
        std::fs::write(root.path().join(settings::FILE), toml).unwrap();
        let good = settings::load(root.path(), &Value::Null);
        assert_eq!(good.problems, Vec::<String>::new());
        let identifier = Identifier {
            property: "isbn".to_owned(),
            prefix: String::new(),
            link: "Book~".to_owned(),
        };
        assert_eq!(good.settings.identifiers, [identifier]);
        assert_eq!(
            (good.settings.shape_uses, good.settings.shape_agreeing),
            (5, 60)
        );
        assert!(good.settings.agree_headings);
        assert_eq!(good.settings.agree_properties, ["name"]);
        let client = json!({
            "agree_headings": 1,
            "identifier": [{"property": "x", "lnk": "y"}],
            "shape_agreeing": 50,
            "shape_uses": 0,
        });
        let bad = settings::load(root.path(), &client);
        assert_eq!(bad.settings, good.settings);
        let mut problems = bad.problems.iter();
        for part in [
            "true or false",
            "did you mean `link`?",
            "one is left out",
            "from 51 to 100",
            "1 or more",
        ] {
            let problem = problems.next().unwrap();
            assert!(problem.contains(part), "{part}: {problem}");
        }
        assert_eq!(problems.next(), None);
        let none = settings::load(root.path(), &json!({"identifier": []}));
        assert_eq!(none.settings.identifiers, []);
    }
}
