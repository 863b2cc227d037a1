//! A note typed from nothing, with a completion at every key: what an editor
//! asks of a server all day.

use serde_json::{Value, json};

use crate::support::client::{Client, address};
use crate::support::fixture::vault;

const NOTE: &str = "---
aliases: [Eternal City]
up: \"[[Italy]]\"
tags:
  - place/city
---
# Rome

See ![[map.png|200]], [[Italy#Old towns|there]], [the hills](Italy.md#hills) and [a][b].
> [!note] Hé 😀
> - [x] #place/city done[^1] ^id

| [[Italy\\|it]] | `[[code]]` |
|---|---|

capital:: [[Italy]]

```rust
[[none]]
```

[b]: Italy.md
[^1]: A note.
[[##Old
";

#[test]
fn every_key_is_answered_at_its_place() {
    let (_folder, root) = vault(&[
        (
            "Italy.md",
            "# Italy\n## Old towns\nText ^hills\n#place/city\n",
        ),
        ("map.png", ""),
        ("a.md", ""),
    ]);
    for line_break in ["\n", "\r\n"] {
        let note = NOTE.replace('\n', line_break);
        let mut client = Client::start(&root);
        let path = root.join("a.md");
        client.open(&path, "");
        let mut offered = 0;
        for (at, c) in note.char_indices() {
            let typed = &note[..at + c.len_utf8()];
            client.change(&path, typed);
            let before = typed.replace("\r\n", "\n");
            let before = before.replace('\r', "\n");
            let line = before.matches('\n').count();
            let column = before.rsplit('\n').next().unwrap_or("").chars().count();
            let answer = client.request(
                "textDocument/completion",
                json!({
                    "textDocument": {"uri": address(&path)},
                    "position": {"line": line, "character": column},
                }),
            );
            let answer = answer.unwrap();
            for item in answer["items"].as_array().into_iter().flatten() {
                offered += 1;
                let range = &item["textEdit"]["range"];
                let number = |end: &str, name: &str| -> u64 {
                    range[end][name]
                        .as_u64()
                        .unwrap_or_else(|| panic!("{item}"))
                };
                let (line, column) = (line as u64, column as u64);
                assert_eq!(
                    (number("start", "line"), number("end", "line")),
                    (line, line)
                );
                assert!(number("start", "character") <= column, "{typed:?} {item}");
                assert!(column <= number("end", "character"), "{typed:?} {item}");
                assert!(!item["label"].as_str().unwrap().is_empty());
                assert_eq!(item["insertTextFormat"], 1);
            }
            let items = answer["items"].as_array();
            assert!(items.is_none_or(|items| items.len() <= 100));
        }
        assert!(offered > 200, "{offered} items were offered");
        let end = client.at("hover", &path, 2, 8);
        assert_ne!(end, Value::Null, "the server is well");
    }
}
