//! `vaultmark explain`: what a rule is about, from the documentation.

use std::io::Write;

use anyhow::{Result, bail};
use vaultmark_vault::rule::Rule;

use crate::settings::nearest;

const DOCUMENT: &str = include_str!("../../../docs/diagnostics.md");

/// Prints the documentation of a rule; without one, the list of all rules.
///
/// # Errors
/// When there is no such rule, or the output cannot be written.
pub fn run(code: Option<&str>, out: &mut dyn Write) -> Result<()> {
    let Some(code) = code else {
        for rule in Rule::ALL {
            let severity = rule.severity().name();
            writeln!(out, "{:<22}{severity:<13}{}", rule.code(), rule.about())?;
        }
        return Ok(());
    };
    let Some(rule) = Rule::of(code) else {
        let codes: Vec<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        bail!("there is no rule `{code}`; {}", nearest(code, &codes));
    };
    match section(rule.code()) {
        Some(section) => writeln!(out, "{section}")?,
        None => writeln!(out, "## {code}\n\nIt reports {}.", rule.about())?,
    }
    Ok(())
}

/// The section of a rule. Headings in its examples do not end it.
fn section(code: &str) -> Option<&'static str> {
    let heading = format!("## {code}");
    let (mut at, mut start, mut fence) = (0, None, None);
    for line in DOCUMENT.split_inclusive('\n') {
        let content = line.trim_end();
        let mark = ["````", "```"]
            .into_iter()
            .find(|mark| content.starts_with(mark));
        match (fence, mark) {
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, Some(mark)) => fence = Some(mark),
            _ => {}
        }
        if fence.is_none() && content.starts_with("## ") {
            if start.is_some() {
                break;
            }
            start = (content == heading).then_some(at);
        }
        at += line.len();
    }
    DOCUMENT.get(start?..at).map(str::trim_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_explained() {
        for rule in Rule::ALL {
            let mut out = Vec::new();
            run(Some(rule.code()), &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.starts_with(&format!("## {}\n", rule.code())), "{text}");
            let is_shown = section(rule.code()).is_some_and(|text| text.contains("```fixture"));
            assert!(is_shown || *rule == Rule::BadSchema, "{text}");
        }
        let unknown = run(Some("brokn-link"), &mut Vec::new()).unwrap_err();
        assert!(unknown.to_string().contains("did you mean `broken-link`?"));
        let mut list = Vec::new();
        run(None, &mut list).unwrap();
        let list = String::from_utf8(list).unwrap();
        assert_eq!(list.lines().count(), Rule::ALL.len());
    }
}
