//! Findings as SARIF 2.1.0, the form in which code scanning takes them.

use serde_json::{Value, json};
use vaultmark_vault::rule::{Rule, Severity};

use crate::cli::findings::Findings;
use crate::convert;

/// A log of one run.
pub(super) fn log(all: &[Findings]) -> Value {
    let rules = Rule::ALL.iter().map(|rule| {
        json!({
            "id": rule.code(),
            "shortDescription": {"text": rule.about()},
            "defaultConfiguration": {"level": level(rule.severity())},
        })
    });
    let results = all.iter().flat_map(|findings| {
        let mut uri = String::new();
        convert::push_path(&mut uri, &findings.path);
        let uri = uri.trim_start_matches('/').to_owned();
        findings.found.iter().map(move |found| {
            let [line, column, end_line, end_column] = found.place;
            let index = Rule::ALL.iter().position(|rule| *rule == found.rule);
            json!({
                "ruleId": found.rule.code(),
                "ruleIndex": index,
                "level": level(found.severity),
                "message": {"text": found.message},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {
                        "startLine": line, "startColumn": column,
                        "endLine": end_line, "endColumn": end_column,
                    },
                }}],
            })
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Vaultmark",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information | Severity::Hint => "note",
    }
}
