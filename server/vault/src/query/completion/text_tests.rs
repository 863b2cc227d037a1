//! Completion: what an accepted item leaves of the text around it, and where
//! nothing is offered.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::tests::{accepted, ask, put};
use super::{Item, List, Place, completion};
use crate::change::Change;
use crate::fact::{Form, Link};
use crate::frontmatter;
use crate::index::FileId;
use crate::link;
use crate::query::Texts;
use crate::schema;
use crate::settings::{Assignment, Confidential, LinkFormat, Settings};
use crate::vault::Vault;

/// All other notes have this text.
struct Other<'t>(&'t str);

impl Texts for Other<'_> {
    fn text(&self, _: FileId) -> Option<Arc<str>> {
        Some(Arc::from(self.0))
    }
}

/// What is offered at `$0` of a note, and the text without that.
fn offered(vault: &mut Vault, path: &str, marked: &str, other: &str) -> (List, String) {
    let (offset, text) = (marked.find("$0").unwrap(), marked.replace("$0", ""));
    let file = put(vault, path, &text);
    vault.set_complete();
    let place = Place {
        vault,
        file,
        text: &text,
        offset: offset as u32,
        recent: &[],
        today: jiff::civil::date(2024, 1, 31),
        texts: &Other(other),
        stop: &|| false,
    };
    (completion(&place).unwrap_or_default(), text)
}

#[test]
fn a_value_of_a_schema_is_of_its_type() {
    let values = json!([
        "yes",
        "1",
        "a: b",
        "#x",
        "[[x]]",
        "@x",
        "2024-01-31",
        "true",
        "~",
        "null",
        "a, b",
        "- a",
        "it's",
        "say \"it\"",
        "a #b",
        "0x1F",
        "*x",
        "{x}",
        "!x",
        "%x",
        "`x`",
        "plain text",
        1,
        2.5,
        false,
        "x\ny",
        ""
    ]);
    let schema = json!({"properties": {"kind": {"enum": values}}}).to_string();
    let mut vault = Vault::new(Arc::new(Settings {
        schemas: vec![Assignment {
            file: "s.json".to_owned(),
            notes: None,
            property: None,
        }],
        ..Settings::default()
    }));
    let schema = Some(Arc::new(schema::read(&schema)));
    vault.apply([Change::Schema("s.json".to_owned(), schema)]);
    for (before, after, count) in [
        ("kind: ", "", 25),
        ("kind:", "", 25),
        ("kind:", " old", 25),
        ("kind: \"", "", 22),
        ("kind:\"", "\"", 22),
        ("kind: '", "'", 22),
        ("kind: [", "]", 25),
        ("kind:[x, ", "]", 25),
        ("kind:\n  -", "", 25),
        ("kind:\n  - \"", "\"", 22),
    ] {
        let text = format!("---\n{before}{after}\n---\n");
        let file = put(&mut vault, "a.md", &text);
        vault.set_complete();
        let list = ask(&vault, file, &text, 4 + before.len()).unwrap();
        assert_eq!(list.items.len(), count, "{before}: {list:?}");
        let mut found = Vec::new();
        for index in 0..list.items.len() {
            let after = accepted(&text, &list, index);
            let Some(cut) = frontmatter::cut(&after) else {
                panic!("{after:?}")
            };
            let front = frontmatter::parse(&after, &cut);
            let read = front.to_json();
            let value = &read["kind"];
            let value = value
                .as_array()
                .and_then(|items| items.last())
                .unwrap_or(value);
            assert!(
                front.valid && values.as_array().unwrap().contains(value),
                "{after:?}: {read}"
            );
            found.push(value.to_string());
        }
        found.sort();
        found.dedup();
        assert_eq!(found.len(), count, "{before}: each of them once");
    }
}

#[test]
fn nothing_is_offered_where_nothing_counts() {
    let mut vault = Vault::default();
    put(&mut vault, "Rome.md", "#tag\n");
    let mut labels = |marked: &str| -> Vec<String> {
        let items = offered(&mut vault, "a.md", marked, "").0.items.into_iter();
        items.map(|item| item.label).collect()
    };
    for text in [
        "<div>\n[[ro$0\n</div>\n",
        "<div>\n#ta$0",
        "<div>[[ro$0",
        "<!-- [[ro$0 -->",
        "<!--\n\n[[ro$0\n-->\n",
        "a <!-- [[ro$0 --> b",
        "a <b title=\"[[ro$0\">b</b>",
        "a <b\n title=\"[[ro$0\">b</b>",
        "$$\n[[ro$0\n$$\n",
        "$$\nx #ta$0\n$$\n",
        "$a #ta$0$",
        "`[[ro$0`",
        "`a\n[[ro$0 b`",
        "```\n[[ro$0\n```\n",
        "x\n\n    [[ro$0",
    ] {
        assert_eq!(labels(text), [""; 0], "{text:?}");
    }
    for text in [
        "<div>\n\n[[ro$0",
        "<!-- c -->\n[[ro$0",
        "<div>\nx\n</div>\n\n[[ro$0",
        "<b>x</b> [[ro$0",
        "$$\nx\n$$\n[[ro$0",
        "It costs $5 or [[ro$0]] for 6 $",
        "[[ro$0]] `x` <b>",
        "- a\n    - [[ro$0",
        "%%\n[[ro$0\n%%\n",
    ] {
        let found = labels(text);
        assert_eq!(found.first().map(String::as_str), Some("Rome"), "{text:?}");
    }
}

#[test]
fn what_secret_notes_say_stays_there() {
    for (confidential, mark) in [
        (Confidential::Hide, None),
        (Confidential::Mark, Some(" (more secret)")),
        (Confidential::Offer, Some("")),
    ] {
        let mut vault = Vault::new(Arc::new(Settings {
            confidential_completion: confidential,
            ..Settings::default()
        }));
        let text = "---\naliases: [The plan]\n---\n## Old plans\nText ^plan\n";
        put(&mut vault, "_secret/Plan.secret.md", text);
        let section = "## Confidential Links & Embeds:\n\n";
        for typed in [
            "[[Plan.secret#$0",
            "[[Plan.secret#^$0",
            "[[Plan.secret|$0",
            "![[Plan.secret#$0",
            "[[##$0",
            "[[^^pla$0",
            "[x](Plan.secret.md#$0)",
            "[x](Plan.secret.md#^$0)",
            "[[Pla$0",
            "[x](Pla$0",
        ] {
            let mut details = |marked: &str| -> Vec<String> {
                let (list, _) = offered(&mut vault, "_Standards/a.md", marked, text);
                // The name that was typed is known to who typed it.
                let is_news = |item: &Item| {
                    let is_typed = item.label == "Plan.secret" && item.target.is_none();
                    !is_typed && item.detail != "new note"
                };
                let found = list.items.into_iter().filter(is_news);
                found.map(|item| item.detail).collect()
            };
            let found = details(typed);
            match mark {
                None => assert_eq!(found, [""; 0], "{typed}"),
                Some(mark) => assert!(
                    !found.is_empty() && found.iter().all(|detail| detail.ends_with(mark)),
                    "{typed}: {found:?}"
                ),
            }
            // In the section they are meant, also on a last line that does not end yet.
            let found = details(&format!("{section}{typed}"));
            assert!(!found.is_empty(), "{typed} {confidential:?}");
            assert!(
                !found.iter().any(|detail| detail.contains("more secret")),
                "{typed}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn an_accepted_destination_leads_to_what_it_names(
        paths in prop::collection::btree_set("(x/|Ä/)?[ab]( d|:c|%|%41|%C|\\|p|\\(o\\)|\\(|\\)|`|#h|\\]|'\")?\\.(md|png)", 2..8),
        format in prop::sample::select(vec![LinkFormat::Shortest, LinkFormat::Relative, LinkFormat::Absolute]),
        lead in prop::sample::select(vec!["", "😀 ", "> ", "- ", "| a |\n|---|\n| ", "x `y` and "]),
        open in prop::sample::select(vec!["[t](", "![t](", "[t](<", "[t](/", "[t](./", "[t](<x/", "[t](x/", "[t](a"]),
        tail in prop::sample::select(vec!["", ")", " \"t\")", " 't\"'", " (t)", " (t))", " \"t\\\"(\")", "#H)", " and (more)"]),
        close in prop::sample::select(vec!["", ">"]),
    ) {
        let mut settings = Settings::default();
        settings.obsidian.new_link_format = format;
        let mut vault = Vault::new(Arc::new(settings));
        vault.apply(paths.iter().cloned().map(Change::File));
        let in_angles = open.contains('<');
        let tail = if in_angles && !tail.starts_with('#') { format!("{close}{tail}") } else { tail.to_owned() };
        let tail = if in_angles && tail == "#H)" { "#H>)" } else { &*tail };
        let text = format!("{lead}{open}{tail} `z`\n");
        // A title that lacks its `)` must be the last thing of the line.
        let text = if tail.ends_with(['"', '\'']) { text.replace(" `z`", "") } else { text };
        let offset = lead.len() + open.len();
        let file = put(&mut vault, "x/note.md", &text);
        vault.set_complete();
        let list = ask(&vault, file, &text, offset).unwrap();
        for (index, item) in list.items.iter().enumerate() {
            let Some((target, _)) = item.target.clone() else { continue };
            let after = accepted(&text, &list, index);
            let mut vault = vault.clone();
            let file = put(&mut vault, "x/note.md", &after);
            let note = vault.note(file).unwrap();
            let found = note.links.iter().find(|own| !own.is(Link::EXTERNAL));
            let goal = found.and_then(|own| vault.resolve(own, file).file());
            prop_assert!(goal == Some(target), "{after:?} to {:?}", vault.path(target));
            let found = found.unwrap().range();
            let source = &after[found.start as usize..found.end as usize];
            let is_titled = tail.contains(['"', '\'']);
            prop_assert!(!is_titled || source.trim_end_matches(')').ends_with(['"', '\'']), "{after:?}: {source:?}");
            // What stood behind it stands there still.
            let rest = tail.trim_start_matches('>').trim_end_matches([')', '>']);
            prop_assert!(after.contains(rest), "{after:?}");
        }
    }

    #[test]
    fn an_accepted_place_leads_to_its_heading(
        path in "[ab]( d|:c|%|%41|\\|p|\\(o\\)|\\(|`|'\")?\\.md",
        heading in "[ab](: c| \\| d|%| \\(e|#f| `g`| \\[\\[h\\]\\]|\\)|'i)?",
        open in prop::sample::select(vec!["[t](", "[t](<"]),
        is_bare in any::<bool>(),
        close in prop::sample::select(vec!["", ")", "> \"t\")"]),
    ) {
        let in_angles = open.ends_with('<');
        let mut vault = Vault::default();
        let other = put(&mut vault, &path, &format!("# A\n## {heading}\n"));
        let source = put(&mut vault, "x/n.md", "");
        let way = vault.linkpath(source, other, LinkFormat::Shortest, Form::Markdown).unwrap();
        // By hand a `%` is written as it is.
        let way = if is_bare { way.replace(['(', ')', ' ', '|', '`'], "") } else { link::encode(&way, in_angles) };
        let tail = if in_angles { close } else { close.trim_start_matches('>') };
        let tail = if in_angles && tail == ")" { ">)" } else { tail };
        let title = format!("# A\n## {heading}\n");
        let marked = format!("{open}{way}#$0{tail}\n");
        let (list, text) = offered(&mut vault, "x/n.md", &marked, &title);
        prop_assert!(is_bare || !list.items.is_empty(), "{text:?}");
        for (index, item) in list.items.iter().enumerate() {
            let after = accepted(&text, &list, index);
            let mut vault = vault.clone();
            let file = put(&mut vault, "x/n.md", &after);
            let note = vault.note(file).unwrap();
            let link = note.links.first().copied();
            let goal = link.and_then(|own| vault.resolve(&own, file).file());
            prop_assert!(goal == Some(other), "{after:?}");
            prop_assert!(link.is_some_and(|own| vault.anchor(&own, other).is_some()), "{after:?} {}", item.label);
        }
    }
}
