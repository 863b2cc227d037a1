//! Diagnostics of notes that nobody has opened, asked for and pushed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::client::{Client, able, address};
use crate::support::fixture::{vault, write};

const WHOLE: &str = "diagnostics = \"vault\"\n";

fn puller(root: &Path) -> Client {
    let mut client = Client::spawn();
    let mut capabilities = able();
    capabilities["textDocument"]["diagnostic"] = json!({});
    let offer = client.initialize(json!({"rootUri": address(root), "capabilities": capabilities}));
    let offer = &offer["capabilities"]["diagnosticProvider"];
    assert_eq!(offer["workspaceDiagnostics"], true);
    client.wait_until_read();
    client
}

/// What a client has: by file name, the id of its report.
type Ids = BTreeMap<String, String>;

fn ask(client: &mut Client, root: &Path, ids: &Ids, token: Option<&str>) -> i64 {
    let previous = ids
        .iter()
        .map(|(name, id)| json!({"uri": address(&root.join(name)), "value": id}));
    let mut params = json!({"previousResultIds": previous.collect::<Vec<_>>()});
    if let Some(token) = token {
        params["partialResultToken"] = json!(token);
        params["workDoneToken"] = json!("work");
    }
    client.ask("workspace/diagnostic", params)
}

/// Name, kind and number of diagnostics of each report. Takes over the ids.
fn reports(items: &Value, ids: &mut Ids) -> Vec<(String, String, usize)> {
    let mut reports = Vec::new();
    for item in items.as_array().unwrap() {
        let name = item["uri"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        ids.insert(name.clone(), item["resultId"].as_str().unwrap().to_owned());
        let count = item["items"].as_array().map_or(0, Vec::len);
        reports.push((name, item["kind"].as_str().unwrap().to_owned(), count));
    }
    reports.sort();
    reports
}

fn report(name: &str, kind: &str, count: usize) -> (String, String, usize) {
    (name.to_owned(), kind.to_owned(), count)
}

/// Waits a little, and sees that there is no answer.
fn is_held(client: &mut Client, root: &Path, id: i64) -> bool {
    std::thread::sleep(Duration::from_millis(400));
    client.at("hover", &root.join("a.md"), 0, 0);
    client.is_waiting(id)
}

#[test]
fn all_notes_are_pulled_by_difference_and_nothing_new_is_waited_for() {
    let (_folder, root) = vault(&[
        (".vaultmark.toml", WHOLE),
        ("a.md", "[[none]]\n"),
        ("b.md", "[[a#none]] [[none]]\n"),
        ("c.md", "[[a]]\n"),
    ]);
    let mut client = puller(&root);
    let mut ids = Ids::new();
    let first = ask(&mut client, &root, &ids, Some("part"));
    assert_eq!(
        client.wait(first).unwrap(),
        json!({"items": []}),
        "all was streamed"
    );
    let parts = |client: &Client, token: &str| -> Vec<Value> {
        let sent = client.notifications.iter();
        let sent = sent.filter(|message| message["params"]["token"] == token);
        sent.map(|message| message["params"]["value"].clone())
            .collect()
    };
    let streamed = parts(&client, "part").into_iter();
    let streamed: Value = streamed
        .flat_map(|part| part["items"].as_array().unwrap().clone())
        .collect();
    let all = [report("a.md", "full", 1), report("b.md", "full", 2)];
    assert_eq!(reports(&streamed, &mut ids), all);
    assert_eq!(streamed[0]["version"], Value::Null);
    client.until("the end of progress", |client| {
        client.at("hover", &root.join("a.md"), 0, 0);
        let work = parts(client, "work");
        work.first().is_some_and(|work| work["kind"] == "begin")
            && work.last().is_some_and(|work| work["kind"] == "end")
    });

    let second = ask(&mut client, &root, &ids, None);
    assert!(is_held(&mut client, &root, second), "nothing is new");
    write(&root.join("a.md"), "# none\n");
    client.heard(&[&root.join("a.md")]);
    let answer = client.wait(second).unwrap();
    let changed = [report("a.md", "full", 0), report("b.md", "full", 1)];
    assert_eq!(reports(&answer["items"], &mut ids), changed);

    let third = ask(&mut client, &root, &ids, None);
    client.open(&root.join("c.md"), "[[a]] [[none]]\n");
    let answer = client.wait(third).unwrap();
    let one = [report("c.md", "full", 1)];
    assert_eq!(reports(&answer["items"], &mut ids), one);
    let opened = answer["items"].as_array().unwrap().iter();
    let versions: Vec<&Value> = opened.map(|item| &item["version"]).collect();
    assert_eq!(versions, [&json!(1)], "of an open note");

    std::fs::remove_file(root.join("b.md")).unwrap();
    let fourth = ask(&mut client, &root, &ids, None);
    client.heard(&[&root.join("b.md")]);
    let answer = client.wait(fourth).unwrap();
    let gone = [report("b.md", "full", 0)];
    assert_eq!(reports(&answer["items"], &mut ids), gone);

    // One who has nothing gets all of it at once.
    let other = ask(&mut client, &root, &Ids::new(), None);
    let answer = client.wait(other).unwrap();
    assert_eq!(
        reports(&answer["items"], &mut ids),
        [report("c.md", "full", 1)]
    );
}

#[test]
fn a_held_request_is_cancelled_at_once_and_answered_at_the_end() {
    let (_folder, root) = vault(&[("a.md", "[[none]]\n")]);
    let mut client = puller(&root);
    let held = ask(&mut client, &root, &Ids::new(), None);
    assert!(
        is_held(&mut client, &root, held),
        "only open notes are told of"
    );
    client.notify("$/cancelRequest", json!({"id": held}));
    assert_eq!(client.wait(held).unwrap_err()["code"], -32800);
    let had = Ids::from([("a.md".to_owned(), "1".to_owned())]);
    let cleared = ask(&mut client, &root, &had, None);
    let mut ids = Ids::new();
    let answer = client.wait(cleared).unwrap();
    assert_eq!(
        reports(&answer["items"], &mut ids),
        [report("a.md", "full", 0)]
    );
    let last = ask(&mut client, &root, &ids, None);
    assert!(is_held(&mut client, &root, last));
    client.request("shutdown", Value::Null).unwrap();
    assert_eq!(client.wait(last).unwrap(), json!({"items": []}));
}

/// The numbers of diagnostics that were pushed of a note, one after the other.
fn pushed(client: &Client, path: &Path) -> Vec<usize> {
    let sent = client.notifications.iter().filter(|message| {
        message["method"] == "textDocument/publishDiagnostics"
            && message["params"]["uri"] == address(path)
    });
    let count = |message: &Value| message["params"]["diagnostics"].as_array().unwrap().len();
    sent.map(count).collect()
}

#[test]
fn those_that_do_not_ask_are_told_of_all_notes_if_they_want() {
    let (_folder, root) = vault(&[
        (".vaultmark.toml", WHOLE),
        ("a.md", "[[none]]\n"),
        ("b.md", "[[a#none]] [[none]]\n"),
        ("c.md", "[[a]]\n"),
    ]);
    let (a, b, c) = (root.join("a.md"), root.join("b.md"), root.join("c.md"));
    let mut client = Client::start(&root);
    let until = |client: &mut Client, path: &Path, expected: &[usize]| {
        client.until(&format!("{expected:?} of {}", path.display()), |client| {
            client.at("hover", &c, 0, 3);
            pushed(client, path) == expected
        });
    };
    until(&mut client, &a, &[1]);
    until(&mut client, &b, &[2]);
    write(&a, "# none\n");
    client.heard(&[&a]);
    until(&mut client, &a, &[1, 0]);
    until(&mut client, &b, &[2, 1]);
    // Open, its text is the editor's; closed, the file's again.
    client.open(&b, "[[none]] [[none]] [[none]]\n");
    until(&mut client, &b, &[2, 1, 3]);
    client.close(&b);
    until(&mut client, &b, &[2, 1, 3, 1]);
    std::fs::remove_file(&b).unwrap();
    client.heard(&[&b]);
    until(&mut client, &b, &[2, 1, 3, 1, 0]);
    write(&a, "[[none]]\n");
    client.heard(&[&a]);
    until(&mut client, &a, &[1, 0, 1]);
    // The setting takes it back.
    write(&root.join(".vaultmark.toml"), "");
    client.heard(&[&root.join(".vaultmark.toml")]);
    until(&mut client, &a, &[1, 0, 1, 0]);
    assert_eq!(pushed(&client, &c), [0; 0]);
}

/// The first look at a vault is long enough for a note to be opened, reported
/// and closed in it.
#[test]
fn a_note_that_was_open_during_a_look_has_the_list_of_its_file_again() {
    let text = "[[nobody at home]] [[nothing]] [[nowhere]]\n".repeat(40);
    let mut files = vec![(".vaultmark.toml".to_owned(), WHOLE.to_owned())];
    files.extend((0..900).map(|number| (format!("{number}.md"), text.clone())));
    let borrowed = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let (_folder, root) = vault(&borrowed.collect::<Vec<_>>());
    let mut client = Client::start(&root);
    let other = root.join("899.md");
    let until = |client: &mut Client, what: &str, is: &dyn Fn(&Client) -> bool| {
        client.until(what, |client| {
            client.at("hover", &other, 0, 3);
            is(client)
        });
    };
    let told = |client: &Client| {
        let mut sent = client.notifications.iter();
        let of_note = |message: &&Value| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] != address(&root.join("899.md"))
        };
        let uri = sent.find(of_note)?["params"]["uri"].as_str()?;
        Some(root.join(uri.rsplit('/').next()?))
    };
    until(&mut client, "a list", &|client| told(client).is_some());
    let path = told(&client).unwrap();
    client.open(&path, "[[nobody]]\n");
    until(&mut client, "the list of the open note", &|client| {
        pushed(client, &path).last() == Some(&1)
    });
    client.close(&path);
    until(&mut client, "the list of the file", &|client| {
        pushed(client, &path).last() == Some(&120)
    });
}
