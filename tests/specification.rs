//! The examples of the documentation, run against the real server.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::edits::applied;
use crate::support::fixture::{Fixture, Mark};

/// Blocks of a document that begin with a fence and `fixture`.
fn fixtures(document: &str) -> Vec<(String, String, usize)> {
    let mut found = Vec::new();
    let mut open: Option<(&str, String, String, usize)> = None;
    for (number, line) in document.lines().enumerate() {
        if let Some((fence, what, body, start)) = &mut open {
            if line == *fence {
                found.push((what.clone(), body.clone(), *start));
                open = None;
            } else {
                body.push_str(line);
                body.push('\n');
            }
            continue;
        }
        // What stands behind backticks can hold none itself.
        let fences = ["````", "```", "~~~"];
        let fence = fences.into_iter().find(|fence| line.starts_with(fence));
        let info = fence.and_then(|fence| Some((fence, line.strip_prefix(fence)?)));
        let what = info.and_then(|(fence, info)| Some((fence, info.strip_prefix("fixture ")?)));
        if let Some((fence, what)) = what {
            open = Some((fence, what.to_owned(), String::new(), number + 1));
        }
    }
    assert!(open.is_none(), "a fixture is not closed");
    found
}

fn run(name: &str, document: &str) {
    let fixtures = fixtures(document);
    assert!(fixtures.len() > 5, "{name} has lost its examples");
    for (what, body, line) in fixtures {
        for line_break in ["\n", "\r\n"] {
            let place = format!("{name}:{line} ({what}, {line_break:?})");
            println!("{place}");
            check(&place, &what, &Fixture::new(&body, line_break));
        }
    }
}

/// What a rule reports in all notes of a fixture.
fn check_rule(place: &str, rule: &str, fixture: &Fixture) {
    let mut client = Client::start(&fixture.root());
    let mut found: Vec<Mark> = Vec::new();
    for (file, text) in &fixture.files {
        if std::path::Path::new(file)
            .extension()
            .is_none_or(|e| e != "md")
        {
            continue;
        }
        let path = fixture.path(file);
        client.open(&path, text);
        let document = json!({"textDocument": {"uri": address(&path)}});
        let report = client.request("textDocument/diagnostic", document).unwrap();
        let items = report["items"].as_array().unwrap().iter();
        found.extend(items.filter(|item| item["code"] == rule).map(|item| {
            let number = |end: &str, name: &str| {
                usize::try_from(item["range"][end][name].as_u64().unwrap()).unwrap()
            };
            assert_eq!(number("start", "line"), number("end", "line"), "{place}");
            let (start, end) = (number("start", "character"), number("end", "character"));
            // Where a whole note is meant, `^` marks its first character.
            let end = if (number("start", "line"), end) == (0, 0) {
                1
            } else {
                end
            };
            (file.clone(), number("start", "line"), start, end)
        }));
    }
    let mut expected = fixture.marks.clone();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "{place}");
}

/// Makes the fix of a rule at the cursor, and compares all files.
fn check_fix(place: &str, rule: &str, fixture: &Fixture) {
    let (file, line, column) = fixture.cursor.clone().unwrap();
    let path = fixture.path(&file);
    let mut client = Client::start(&fixture.root());
    client.open(&path, fixture.text(&file));
    let at = json!({"line": line, "character": column});
    let params = json!({
        "textDocument": {"uri": address(&path)},
        "range": {"start": at, "end": at},
        "context": {"diagnostics": [], "only": ["quickfix"]},
    });
    let actions = client.request("textDocument/codeAction", params).unwrap();
    let mut fixes = actions.as_array().unwrap().iter();
    let fix = fixes.find(|fix| fix["diagnostics"][0]["code"] == rule && fix["edit"].is_object());
    let fix = fix.unwrap_or_else(|| panic!("{place}: {actions}"));
    let mut expected: BTreeMap<String, String> = fixture.files.iter().cloned().collect();
    let after = applied(&fixture.root(), &expected, &fix["edit"]);
    expected.extend(fixture.after.iter().cloned());
    assert_eq!(after, expected, "{place}");
    client.change(&path, &after[&file]);
    let document = json!({"textDocument": {"uri": address(&path)}});
    let report = client.request("textDocument/diagnostic", document).unwrap();
    let mut left = report["items"].as_array().unwrap().iter();
    assert!(!left.any(|item| item["code"] == rule), "{place}: {report}");
}

/// Renames what stands at the cursor, and compares all files.
fn check_rename(place: &str, new: &str, fixture: &Fixture) {
    let (file, line, column) = fixture.cursor.clone().unwrap();
    let path = fixture.path(&file);
    let mut client = Client::start(&fixture.root());
    client.open(&path, fixture.text(&file));
    let mut params = json!({
        "textDocument": {"uri": address(&path)},
        "position": {"line": line, "character": column},
    });
    let asked = client.request("textDocument/prepareRename", params.clone());
    assert!(asked.is_ok_and(|asked| asked.is_object()), "{place}");
    params["newName"] = json!(new);
    let edit = client.request("textDocument/rename", params);
    let edit = edit.unwrap_or_else(|error| panic!("{place}: {error}"));
    let mut expected: BTreeMap<String, String> = fixture.files.iter().cloned().collect();
    let after = applied(&fixture.root(), &expected, &edit);
    expected.retain(|file, _| after.contains_key(file));
    expected.extend(fixture.after.iter().cloned());
    assert_eq!(after, expected, "{place}");
}

/// Does what an action says, and compares all files.
fn check_action(place: &str, title: &str, fixture: &Fixture) {
    let (file, line, column) = fixture.cursor.clone().unwrap();
    let path = fixture.path(&file);
    let mut client = Client::start(&fixture.root());
    client.open(&path, fixture.text(&file));
    let end = fixture.end.unwrap_or((line, column));
    let params = json!({
        "textDocument": {"uri": address(&path)},
        "range": {
            "start": {"line": line, "character": column},
            "end": {"line": end.0, "character": end.1},
        },
        "context": {"diagnostics": [], "only": ["quickfix", "refactor", "source"]},
    });
    let actions = client.request("textDocument/codeAction", params).unwrap();
    let actions = actions.as_array().unwrap();
    let titles = actions
        .iter()
        .map(|action| action["title"].as_str().unwrap());
    let titles: Vec<&str> = titles.collect();
    if let Some(title) = title.strip_prefix("none ") {
        let is_there = titles.iter().any(|other| other.starts_with(title));
        assert!(!is_there, "{place}: {titles:?}");
        return;
    }
    let chosen = titles.iter().position(|other| *other == title);
    let chosen = chosen.unwrap_or_else(|| panic!("{place}: {titles:?}"));
    let action = actions[chosen].clone();
    let action = client.request("codeAction/resolve", action).unwrap();
    let before = fixture.files.iter().cloned().collect();
    let mut expected: BTreeMap<String, String> = before;
    let after = applied(&fixture.root(), &expected, &action["edit"]);
    expected.extend(fixture.after.iter().cloned());
    assert_eq!(after, expected, "{place}");
}

/// Asks what can be written at the cursor. `offers A, B` are the first labels,
/// `lacks A` is not among them, and `writes A` accepts an item: in an editor that
/// replaces, and in one that may insert.
fn check_completion(place: &str, kind: &str, labels: &str, fixture: &Fixture) {
    for inserts in [false, true] {
        let items = completed(fixture, inserts);
        let label = |item: &Value| item["label"].as_str().unwrap().to_owned();
        let found: Vec<String> = items.iter().map(label).collect();
        match kind {
            "offers" => {
                let wanted: Vec<&str> = labels.split(", ").collect();
                assert!(found.len() >= wanted.len(), "{place}: {found:?}");
                assert_eq!(found[..wanted.len()], wanted, "{place}: {found:?}");
            }
            "lacks" => assert!(!found.iter().any(|own| own == labels), "{place}: {found:?}"),
            _ => {
                let chosen = found.iter().position(|own| own == labels);
                let chosen = &items[chosen.unwrap_or_else(|| panic!("{place}: {found:?}"))];
                check_accepted(place, labels, chosen, inserts, fixture);
                continue;
            }
        }
        break;
    }
}

/// The items at the cursor, for a client that may insert or one that does not.
fn completed(fixture: &Fixture, inserts: bool) -> Vec<Value> {
    let (file, line, column) = fixture.cursor.clone().unwrap();
    let path = fixture.path(&file);
    let mut capabilities = able();
    capabilities["textDocument"]["completion"] =
        json!({"completionItem": {"insertReplaceSupport": inserts}});
    let mut client = Client::spawn();
    client.initialize(json!({"rootUri": address(&fixture.root()), "capabilities": capabilities}));
    client.wait_until_read();
    client.open(&path, fixture.text(&file));
    let answer = client.at("completion", &path, line, column);
    answer["items"].as_array().cloned().unwrap_or_default()
}

/// Accepts an item, and compares all files.
fn check_accepted(place: &str, label: &str, item: &Value, inserts: bool, fixture: &Fixture) {
    let (file, line, column) = fixture.cursor.clone().unwrap();
    let text = fixture.text(&file).lines().nth(line).unwrap_or("");
    let edit = &item["textEdit"];
    let range = |name: &str| {
        let range = &edit[name];
        let number =
            |end: &str, name: &str| usize::try_from(range[end][name].as_u64().unwrap()).unwrap();
        assert!(number("start", "line") == line && number("end", "line") == line);
        let (start, end) = (number("start", "character"), number("end", "character"));
        assert!(start <= column && column <= end);
        start..end
    };
    let slice =
        |from: usize, to: usize| -> String { text.chars().skip(from).take(to - from).collect() };
    let (written, kept) = if inserts {
        let (insert, replace) = (range("insert"), range("replace"));
        assert!(insert.start == replace.start && insert.end <= replace.end);
        ("insert", slice(insert.end, replace.end))
    } else {
        ("range", String::new())
    };
    // The client filters by what stands between the start and the cursor.
    let start = range(written).start;
    let typed = slice(start, column);
    let matched = item["filterText"].as_str().unwrap_or(label).to_lowercase();
    let mut letters = matched.chars();
    let wanted = typed.trim_start().to_lowercase();
    let is_found = wanted
        .chars()
        .all(|c| letters.by_ref().any(|other| other == c));
    assert!(is_found, "{place}: {typed:?} in {matched:?}");
    if !kept.is_empty() {
        // Who inserts keeps the rest of a word, and nothing that closes something.
        assert!(kept.chars().all(char::is_alphanumeric), "{place}: {kept:?}");
        return;
    }
    let mut edits = vec![json!({"range": edit[written], "newText": edit["newText"]})];
    edits.extend(
        item["additionalTextEdits"]
            .as_array()
            .into_iter()
            .flatten()
            .cloned(),
    );
    let change = json!({"changes": {address(&fixture.path(&file)): edits}});
    let before: BTreeMap<String, String> = fixture.files.iter().cloned().collect();
    let mut after = applied(&fixture.root(), &before, &change);
    if let Some(edit) = item["command"]["arguments"].get(0) {
        after = applied(&fixture.root(), &after, edit);
    }
    let mut expected = before;
    expected.extend(fixture.after.iter().cloned());
    assert_eq!(after, expected, "{place}, {written}");
}

fn check(place: &str, what: &str, fixture: &Fixture) {
    if let Some((kind @ ("offers" | "lacks" | "writes"), labels)) = what.split_once(' ') {
        check_completion(place, kind, labels, fixture);
        return;
    }
    if let Some(title) = what.strip_prefix("action ") {
        check_action(place, title, fixture);
        return;
    }
    if let Some(new) = what.strip_prefix("rename ") {
        check_rename(place, new, fixture);
        return;
    }
    if let Some(rule) = what.strip_prefix("mends ") {
        check_fix(place, rule, fixture);
        return;
    }
    if let Some((kind, rule)) = what.split_once(' ')
        && matches!(kind, "finds" | "silent")
    {
        assert_eq!(kind == "finds", !fixture.marks.is_empty(), "{place}");
        check_rule(place, rule, fixture);
        return;
    }
    let (file, line, column) = fixture
        .cursor
        .clone()
        .unwrap_or_else(|| panic!("{place}: no cursor"));
    let mut client = Client::start(&fixture.root());
    client.open(&fixture.path(&file), fixture.text(&file));
    let path = fixture.path(&file);
    if let Some(words) = what.strip_prefix("hover: ") {
        let hover = client.at("hover", &path, line, column);
        let text = hover["contents"]["value"].as_str().unwrap_or("");
        assert!(text.contains(words), "{place}: {text}");
        return;
    }
    let method = if what == "nothing" {
        "definition"
    } else {
        what
    };
    let answer = client.at(method, &path, line, column);
    let mut found: Vec<Mark> = answer
        .as_array()
        .into_iter()
        .flatten()
        .map(|at| mark(fixture, at))
        .collect();
    let mut expected = fixture.marks.clone();
    // Where a whole note is meant, `^` marks its first character.
    if what != "references" {
        for place in &mut found {
            if (place.1, place.2, place.3) == (0, 0, 0) {
                place.3 = 1;
            }
        }
    }
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "{place}");
}

fn mark(fixture: &Fixture, place: &Value) -> Mark {
    let uri = place.get("targetUri").unwrap_or(&place["uri"]);
    let range = place.get("targetSelectionRange").unwrap_or(&place["range"]);
    let uri = tower_lsp::gen_lsp_types::Uri::parse(uri.as_str().unwrap()).unwrap();
    let path = uri.to_file_path().unwrap();
    let path = path
        .strip_prefix(fixture.root())
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let number =
        |end: &str, name: &str| usize::try_from(range[end][name].as_u64().unwrap()).unwrap();
    assert_eq!(
        number("start", "line"),
        number("end", "line"),
        "a mark is on one line"
    );
    (
        path,
        number("start", "line"),
        number("start", "character"),
        number("end", "character"),
    )
}

#[test]
fn links() {
    run("docs/links.md", include_str!("../docs/links.md"));
}

#[test]
fn diagnostics() {
    let document = include_str!("../docs/diagnostics.md");
    run("docs/diagnostics.md", document);
    for rule in vaultmark_vault::rule::Rule::ALL {
        let code = rule.code();
        let is_shown = |kind: &str| document.contains(&format!("fixture {kind} {code}\n"));
        let is_named = document.contains(&format!("- `{code}` ("));
        assert!(
            is_named || is_shown("finds") && is_shown("silent"),
            "{code}"
        );
    }
}

#[test]
fn completion() {
    run("docs/completion.md", include_str!("../docs/completion.md"));
}

#[test]
fn actions() {
    run("docs/actions.md", include_str!("../docs/actions.md"));
}

#[test]
fn rename() {
    run("docs/rename.md", include_str!("../docs/rename.md"));
}

#[test]
fn tiers() {
    run("docs/tiers.md", include_str!("../docs/tiers.md"));
}

#[test]
fn frontmatter() {
    run(
        "docs/frontmatter.md",
        include_str!("../docs/frontmatter.md"),
    );
}
