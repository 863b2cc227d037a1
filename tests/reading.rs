//! What helps to read: folds, selections, colors, hints, lenses, trees.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::fixture::{vault, write};

const NOTE: &str = "# Title\n\n😀 [[City]] and **see [[Q42]]**\n\n## Part\n\n%% a\n\nb %%\n";

fn about(path: &Path) -> Value {
    json!({"textDocument": {"uri": address(path)}})
}

fn whole(path: &Path) -> Value {
    let end = json!({"line": 9_999, "character": 0});
    let mut params = about(path);
    params["range"] = json!({"start": {"line": 0, "character": 0}, "end": end});
    params
}

fn sample() -> (tempfile::TempDir, PathBuf) {
    vault(&[
        ("a.md", NOTE),
        ("x/City.md", ""),
        ("xx/City.md", ""),
        ("Q42.md", "# Douglas Adams\n"),
        ("b.md", "[[a#Part]]\n\n## From\n\n[[a]] [[a]]\n"),
    ])
}

/// A client with these capabilities that has read the vault and opened `a.md`.
fn reader(root: &Path, capabilities: Value) -> (Client, PathBuf) {
    let mut client = Client::spawn();
    client.initialize(json!({"rootUri": address(root), "capabilities": capabilities}));
    client.wait_until_read();
    let note = root.join("a.md");
    client.open(&note, &std::fs::read_to_string(&note).unwrap());
    (client, note)
}

/// The tokens of rows of numbers: line, column, length, kind, marks.
fn decoded(legend: &Value, data: &Value) -> Vec<(u64, u64, u64, String, Vec<String>)> {
    let numbers: Vec<u64> = data
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_u64().unwrap())
        .collect();
    let (mut line, mut column) = (0, 0);
    let name = |list: &str, index: u64| legend[list][index as usize].as_str().unwrap().to_owned();
    let row = |row: &[u64]| {
        column = if row[0] > 0 { row[1] } else { column + row[1] };
        line += row[0];
        let marks = (0..32).filter(|bit| row[4] >> bit & 1 == 1);
        let marks = marks.map(|bit| name("tokenModifiers", bit)).collect();
        (line, column, row[2], name("tokenTypes", row[3]), marks)
    };
    numbers.chunks(5).map(row).collect()
}

#[test]
fn parts_fold_and_no_more_than_the_client_takes() {
    let (_folder, root) = sample();
    let folds = |capabilities| {
        let (mut client, note) = reader(&root, capabilities);
        client
            .request("textDocument/foldingRange", about(&note))
            .unwrap()
    };
    let title = json!({"startLine": 0, "endLine": 8});
    let part = json!({"startLine": 4, "endLine": 8});
    let comment = json!({"startLine": 6, "endLine": 8, "kind": "comment"});
    assert_eq!(folds(able()), json!([title, part, comment]));
    let mut limited = able();
    limited["textDocument"]["foldingRange"] = json!({"rangeLimit": 2, "lineFoldingOnly": true});
    assert_eq!(folds(limited), json!([title, part]));
}

#[test]
fn selections_grow_at_each_position_in_turn() {
    let (_folder, root) = sample();
    let (mut client, note) = reader(&root, able());
    let mut params = about(&note);
    params["positions"] = json!([{"line": 4, "character": 4}, {"line": 2, "character": 5}]);
    let found = client
        .request("textDocument/selectionRange", params)
        .unwrap();
    let columns = |mut step: &Value| {
        let mut columns = Vec::new();
        while step.is_object() {
            let (start, end) = (&step["range"]["start"], &step["range"]["end"]);
            columns.push((start.clone(), end.clone()));
            step = &step["parent"];
        }
        columns
    };
    let at = |line: u32, character: u32| json!({"line": line, "character": character});
    let first = columns(&found[0]);
    assert_eq!(first[0], (at(4, 3), at(4, 7)));
    assert_eq!(first.last(), Some(&(at(0, 0), at(9, 0))));
    // Columns are characters here: the emoji is one.
    let second = columns(&found[1]);
    let expected = [
        (at(2, 4), at(2, 8)),
        (at(2, 2), at(2, 10)),
        (at(2, 0), at(2, 30)),
    ];
    assert_eq!(second[..3], expected);
}

#[test]
fn tokens_are_given_whole_by_range_and_as_what_changed() {
    let (_folder, root) = sample();
    for (encoding, emoji) in [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)] {
        let mut capabilities = able();
        capabilities["general"]["positionEncodings"] = json!([encoding]);
        let mut client = Client::spawn();
        let hello = json!({"rootUri": address(&root), "capabilities": capabilities});
        let offer = client.initialize(hello);
        client.wait_until_read();
        let legend = &offer["capabilities"]["semanticTokensProvider"]["legend"];
        let note = root.join("a.md");
        client.open(&note, NOTE);
        let full = client
            .request("textDocument/semanticTokens/full", about(&note))
            .unwrap();
        let link = |line, column, length, marks: &[&str]| {
            let marks = marks.iter().map(|&mark| mark.to_owned()).collect();
            (line, column, length, "class".to_owned(), marks)
        };
        let city = link(2, emoji + 1, 8, &["resolved", "ambiguous"]);
        let adams = link(2, emoji + 20, 7, &["resolved"]);
        assert_eq!(
            decoded(legend, &full["data"]),
            [city.clone(), adams.clone()]
        );

        client.change(&note, &NOTE.replace("[[Q42]]", "[[None]]"));
        let mut params = about(&note);
        params["previousResultId"] = full["resultId"].clone();
        let delta = client
            .request("textDocument/semanticTokens/full/delta", params.clone())
            .unwrap();
        let gone = link(2, emoji + 20, 8, &["unresolved", "broken"]);
        let edits = delta["edits"].as_array().unwrap();
        assert_eq!((edits.len(), &edits[0]["start"]), (1, &json!(5)), "{delta}");
        let mut data = full["data"].as_array().unwrap().clone();
        data.splice(5.., edits[0]["data"].as_array().unwrap().clone());
        assert_eq!(decoded(legend, &json!(data)), [city, gone]);

        // The id is not the last one any more.
        let again = client
            .request("textDocument/semanticTokens/full/delta", params)
            .unwrap();
        assert_eq!(again["data"], json!(data));
        let mut part = about(&note);
        let at = |line: u32| json!({"line": line, "character": 3});
        part["range"] = json!({"start": at(2), "end": at(3)});
        let method = "textDocument/semanticTokens/range";
        assert_eq!(
            client.request(method, part.clone()).unwrap()["data"],
            json!(data)
        );
        part["range"]["start"] = at(3);
        assert_eq!(client.request(method, part).unwrap(), json!({"data": []}));
        client.close(&note);
    }
}

#[test]
fn hints_say_where_links_lead_and_name_a_place_where_they_may() {
    let (_folder, root) = sample();
    let (mut client, note) = reader(&root, able());
    let hints = client
        .request("textDocument/inlayHint", whole(&note))
        .unwrap();
    assert_eq!(hints[0]["label"], "→ x/");
    assert_eq!(hints[0]["position"], json!({"line": 2, "character": 10}));
    assert_eq!(hints[1]["label"], "Douglas Adams");
    assert_eq!(hints.as_array().unwrap().len(), 2);
    let mut params = whole(&note);
    params["range"]["end"] = json!({"line": 1, "character": 0});
    let above = client.request("textDocument/inlayHint", params).unwrap();
    assert_eq!(above, json!([]));

    let mut capabilities = able();
    let properties = json!({"properties": ["label.location"]});
    capabilities["textDocument"]["inlayHint"] = json!({"resolveSupport": properties});
    let (mut client, note) = reader(&root, capabilities);
    let hints = client
        .request("textDocument/inlayHint", whole(&note))
        .unwrap();
    let part = &hints[1]["label"][0];
    assert_eq!(part["value"], "Douglas Adams");
    assert_eq!(part["location"]["uri"], address(&root.join("Q42.md")));
}

#[test]
fn hints_make_links_of_names_where_that_is_set() {
    let text = "😀 On Rome.\n";
    let (_folder, root) = vault(&[
        ("a.md", text),
        ("Rome.md", ""),
        (".vaultmark.toml", "[features]\nunlinked_mentions = true\n"),
    ]);
    let (mut client, note) = reader(&root, able());
    let hints = client
        .request("textDocument/inlayHint", whole(&note))
        .unwrap();
    assert_eq!(hints[0]["label"], "link to Rome");
    let at = |character: u32| json!({"line": 0, "character": character});
    let range = json!({"start": at(5), "end": at(9)});
    assert_eq!(hints[0]["position"], at(9));
    let edits = json!([{"range": range, "newText": "[[Rome]]"}]);
    assert_eq!(hints[0]["textEdits"], edits);
}

#[test]
fn lenses_count_links_at_once_or_when_they_are_resolved() {
    let (_folder, root) = sample();
    let (mut client, note) = reader(&root, able());
    let lenses = client
        .request("textDocument/codeLens", about(&note))
        .unwrap();
    let title = |lens: &Value| lens["command"]["title"].as_str().map(str::to_owned);
    assert_eq!(title(&lenses[0]).unwrap(), "3 backlinks");
    assert_eq!(title(&lenses[1]).unwrap(), "1 link");
    assert_eq!(lenses[1]["range"]["start"]["line"], 4);
    let same = client
        .request("codeLens/resolve", lenses[0].clone())
        .unwrap();
    assert_eq!(same, lenses[0]);

    for n in 0..500 {
        write(&root.join(format!("n{n}.md")), "[[a]]");
    }
    client.heard(&[&root]);
    client.until("a hub", |client| {
        let lenses = client
            .request("textDocument/codeLens", about(&note))
            .unwrap();
        lenses[0].get("command").is_none()
    });
    let lenses = client
        .request("textDocument/codeLens", about(&note))
        .unwrap();
    assert_eq!(lenses.as_array().unwrap().len(), 1);
    client.until("all of it", |client| {
        let lens = client
            .request("codeLens/resolve", lenses[0].clone())
            .unwrap();
        title(&lens).unwrap() == "503 backlinks"
    });
}

#[test]
fn backlinks_and_links_make_a_tree() {
    let (_folder, root) = sample();
    let (mut client, note) = reader(&root, able());
    let items = client.at("prepareCallHierarchy", &note, 0, 3);
    assert_eq!(items[0]["name"], "a");
    let ask = |client: &mut Client, way: &str, item: &Value| {
        let method = format!("callHierarchy/{way}Calls");
        client.request(&method, json!({"item": item})).unwrap()
    };
    let from = ask(&mut client, "incoming", &items[0]);
    let names = |calls: &Value, end: &str| -> Vec<(String, usize)> {
        let calls = calls.as_array().unwrap().iter();
        let name = |call: &Value| call[end]["name"].as_str().unwrap().to_owned();
        calls
            .map(|call| (name(call), call["fromRanges"].as_array().unwrap().len()))
            .collect()
    };
    assert_eq!(
        names(&from, "from"),
        [("b".to_owned(), 1), ("From".to_owned(), 2)]
    );
    // The ranges are those of the caller.
    assert_eq!(from[1]["from"]["uri"], address(&root.join("b.md")));
    assert_eq!(from[1]["fromRanges"][0]["start"]["line"], 4);
    assert_eq!(from[1]["from"]["range"]["start"]["line"], 2);

    let to = ask(&mut client, "outgoing", &items[0]);
    assert_eq!(
        names(&to, "to"),
        [("City".to_owned(), 1), ("Q42".to_owned(), 1)]
    );
    assert_eq!(
        to[1]["fromRanges"][0]["start"]["line"], 2,
        "the ranges are the item's"
    );

    // The item is the section still when text was typed before it.
    let section = client.at("prepareCallHierarchy", &note, 4, 3);
    assert_eq!(section[0]["name"], "Part");
    client.change(&note, &format!("new\n\n{NOTE}"));
    let from = ask(&mut client, "incoming", &section[0]);
    assert_eq!(names(&from, "from"), [("b".to_owned(), 1)]);
    assert_eq!(client.at("prepareCallHierarchy", &note, 1, 0), Value::Null);
}

#[test]
fn types_and_tags_make_trees() {
    let (_folder, root) = vault(&[
        ("a.md", "---\ninstance_of: \"[[b]]\"\n---\n#is/a/b #is/c\n"),
        ("b.md", "---\nsubclass_of: \"[[a]]\"\n---\n"),
    ]);
    let (mut client, note) = reader(&root, able());
    let ask = |client: &mut Client, way: &str, item: &Value| -> Vec<Value> {
        let method = format!("typeHierarchy/{way}types");
        let found = client.request(&method, json!({"item": item})).unwrap();
        found.as_array().unwrap().clone()
    };
    let item = client.at("prepareTypeHierarchy", &note, 0, 0)[0].clone();
    let up = ask(&mut client, "super", &item);
    assert_eq!((up.len(), &up[0]["name"]), (1, &json!("b")));
    let down = ask(&mut client, "sub", &item);
    assert_eq!((down.len(), &down[0]["name"]), (1, &json!("b")), "a circle");
    let tag = client.at("prepareTypeHierarchy", &note, 3, 2)[0].clone();
    assert_eq!(tag["name"], "#is/a/b");
    let up = ask(&mut client, "super", &tag);
    let up = ask(&mut client, "super", &up[0]);
    assert_eq!(up[0]["name"], "#is");
    assert!(ask(&mut client, "super", &up[0]).is_empty());
    let down = ask(&mut client, "sub", &up[0]);
    let names: Vec<&Value> = down.iter().map(|item| &item["name"]).collect();
    assert_eq!(names, ["#is/a", "#is/c"]);
}

#[test]
fn many_backlinks_unfold_step_by_step() {
    let (_folder, root) = sample();
    for number in 0..1_001 {
        write(&root.join(format!("n/{number:04}.md")), "[[Q42]]\n");
    }
    let (mut client, note) = reader(&root, able());
    let hub = client.at("prepareCallHierarchy", &note, 2, 26)[0].clone();
    let mut ask = |item: &Value, direction: &str| {
        let method = format!("callHierarchy/{direction}Calls");
        client.request(&method, json!({"item": item})).unwrap()
    };
    let first = ask(&hub, "incoming");
    let calls = first.as_array().unwrap();
    assert_eq!(calls.len(), 1_001);
    let more = &calls[1_000]["from"];
    assert_eq!(more["name"], "… links in up to 2 more notes");
    let rest = ask(more, "incoming");
    let names: Vec<&Value> = rest
        .as_array()
        .unwrap()
        .iter()
        .map(|call| &call["from"]["name"])
        .collect();
    assert_eq!(names, ["0999", "1000"]);
    assert_eq!(ask(more, "outgoing"), Value::Null);
}

#[test]
fn what_is_switched_off_answers_nothing() {
    let (_folder, root) = sample();
    let off = "[features]\nsemantic_tokens = false\ninlay_hints = false\ncode_lens = false\n\
               folding = false\nselection = false\nhierarchies = false\n";
    let (mut client, note) = reader(&root, able());
    let methods = [
        "foldingRange",
        "selectionRange",
        "semanticTokens/full",
        "semanticTokens/range",
        "semanticTokens/full/delta",
        "inlayHint",
        "codeLens",
        "prepareCallHierarchy",
        "prepareTypeHierarchy",
    ];
    let mut params = whole(&note);
    params["position"] = json!({"line": 0, "character": 3});
    params["positions"] = json!([params["position"]]);
    params["previousResultId"] = json!("x");
    let answers = |client: &mut Client, params: &Value| -> Vec<Value> {
        let ask = |method| {
            let method = format!("textDocument/{method}");
            client.request(&method, params.clone()).unwrap()
        };
        methods.map(ask).to_vec()
    };
    assert!(!answers(&mut client, &params).contains(&Value::Null));
    let item = client.at("prepareCallHierarchy", &note, 0, 3)[0].clone();
    let settings = root.join(".vaultmark.toml");
    write(&settings, off);
    client.heard(&[&settings]);
    client.until("what the settings say", |client| {
        let answers = answers(client, &params);
        answers.iter().all(Value::is_null)
    });
    let method = "callHierarchy/incomingCalls";
    let calls = client.request(method, json!({"item": item})).unwrap();
    assert_eq!(calls, Value::Null);
    write(&settings, "[features]\nfoldin = false\n");
    client.heard(&[&settings]);
    client.until("a message", |client| {
        let shown = client.shown();
        shown
            .iter()
            .any(|shown| shown.contains("did you mean `folding`?"))
    });
}

#[test]
fn the_client_is_told_when_other_files_change_what_it_shows() {
    let (_folder, root) = sample();
    let mut capabilities = able();
    for view in ["semanticTokens", "inlayHint", "codeLens"] {
        capabilities["workspace"][view] = json!({"refreshSupport": true});
    }
    let (mut client, note) = reader(&root, capabilities);
    let told = |client: &mut Client, view: &str| {
        // A request makes the client read what came before its answer.
        client.at("hover", &note, 0, 0);
        let method = format!("workspace/{view}/refresh");
        client
            .asked
            .iter()
            .filter(|asked| **asked == method)
            .count()
    };
    client.until("the first refresh", |client| told(client, "codeLens") == 1);
    // The client asks by itself about what it changed.
    client.change(&note, &NOTE.replace("[[Q42]]", "[[None]]"));
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert_eq!(told(&mut client, "semanticTokens"), 1);
    let other = root.join("None.md");
    write(&other, "");
    client.heard(&[&other]);
    client.until("a refresh of colors", |client| {
        told(client, "semanticTokens") == 2
    });
    assert_eq!(told(&mut client, "codeLens"), 1, "no link was added");
    write(&other, "[[a]]");
    client.heard(&[&other]);
    client.until("a refresh of lenses", |client| {
        told(client, "codeLens") == 2
    });
    assert_eq!(told(&mut client, "semanticTokens"), 2);
    assert_eq!(told(&mut client, "inlayHint"), 1);
}
