use crate::query::NoTexts;
use std::sync::Arc;

use crate::change::Change;
use crate::digest::Parsed;
use crate::edit::applied;
use crate::query::diagnostics::{Diagnostic, SIMILAR, diagnostics};
use crate::rule::Rule;
use crate::schema;
use crate::vault::Vault;

/// What is found in a note that names the schema.
fn found(schema: &str, properties: &str) -> (String, Vec<Diagnostic>) {
    let text = format!("---\n$schema: s.schema.json\n{properties}---\n");
    let found = found_in(&[("s.schema.json", schema)], &text);
    (text, found)
}

fn found_in(schemas: &[(&str, &str)], text: &str) -> Vec<Diagnostic> {
    let mut vault = Vault::new(Arc::default());
    let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
    vault.apply([Change::Note("d/a.md".to_owned(), Some(parsed))]);
    for (path, schema) in schemas {
        let read = Some(Arc::new(schema::read(schema)));
        vault.apply([Change::Schema((*path).to_owned(), read)]);
    }
    vault.set_complete();
    let file = vault.find("d/a.md").unwrap();
    let mut found = diagnostics(&vault, file, text, SIMILAR, &NoTexts);
    let rules = [Rule::Schema, Rule::SchemaMissing];
    found.retain(|found| rules.contains(&found.rule));
    found
}

/// What is marked in a note, and the words on it.
fn marked(schema: &str, properties: &str) -> Vec<(String, String)> {
    let (text, found) = found(schema, properties);
    let found = found.into_iter().map(|found| {
        let marked = &text[found.range.start as usize..found.range.end as usize];
        let message = found.message.strip_suffix(" (`s.schema.json`)");
        let message = message.map(str::to_owned);
        (marked.to_owned(), message.unwrap_or(found.message))
    });
    found.collect()
}

/// A schema of `k`, its value, what is marked and how the words begin.
const KEYWORDS: [(&str, &str, &str, &str); 24] = [
    (
        r#"{"type": "integer"}"#,
        "x",
        "x",
        "`k` must be a whole number, and is a text",
    ),
    (
        r#"{"type": ["string", "null"]}"#,
        "[1]",
        "[1]",
        "`k` must be empty or a text, and is a list",
    ),
    (
        r#"{"type": "string"}"#,
        "",
        "k",
        "`k` must be a text, and is empty",
    ),
    (
        r#"{"enum": ["city", "town", 1]}"#,
        "twon",
        "twon",
        "`k` must be one of `city`, `town`, `1`; did you mean `town`?",
    ),
    (r#"{"const": "x"}"#, "y", "y", "`k` must be `x`"),
    (
        r#"{"pattern": "^Q[0-9]+$"}"#,
        "\"X1\"",
        "\"X1\"",
        "`k` must have the form of the pattern `^Q[0-9]+$`",
    ),
    (
        r#"{"format": "date"}"#,
        "2024-13-01",
        "2024-13-01",
        "`k` must be a date such as 2024-01-31",
    ),
    (
        r#"{"format": "email"}"#,
        "x",
        "x",
        "`k` must have the form of email",
    ),
    (r#"{"minimum": 3}"#, "2", "2", "`k` must be at least 3"),
    (r#"{"maximum": 3}"#, "4.5", "4.5", "`k` must be at most 3"),
    (
        r#"{"exclusiveMinimum": 3}"#,
        "3",
        "3",
        "`k` must be more than 3",
    ),
    (
        r#"{"exclusiveMaximum": 3}"#,
        "3",
        "3",
        "`k` must be less than 3",
    ),
    (
        r#"{"multipleOf": 5}"#,
        "3",
        "3",
        "`k` must be a multiple of 5",
    ),
    (
        r#"{"minLength": 1}"#,
        "''",
        "''",
        "`k` must have at least 1 character",
    ),
    (
        r#"{"maxLength": 2}"#,
        "abc",
        "abc",
        "`k` must have at most 2 characters",
    ),
    (
        r#"{"minItems": 2}"#,
        "[1]",
        "[1]",
        "`k` must have at least 2 items",
    ),
    (
        r#"{"maxItems": 1}"#,
        "[1, 2]",
        "[1, 2]",
        "`k` must have at most 1 item",
    ),
    (
        r#"{"uniqueItems": true}"#,
        "[1, 1]",
        "[1, 1]",
        "`k` must hold no item twice",
    ),
    (
        r#"{"anyOf": [{"type": "null"}, {"type": "boolean"}]}"#,
        "x",
        "x",
        "`k` has none of the forms that the schema allows",
    ),
    (
        r#"{"not": {"type": "string"}}"#,
        "x",
        "x",
        "`k` has a form that the schema excludes",
    ),
    (
        "false",
        "x",
        "x",
        "`k` must not be set: the schema excludes it",
    ),
    (
        r#"{"items": {"type": "number"}}"#,
        "[1, no, 3]",
        "no",
        "An item of `k` must be a number, and is a text",
    ),
    (
        r#"{"required": ["a"]}"#,
        "{b: 1}",
        "k",
        "`k` needs the property `a`",
    ),
    (r#"{"contains": {"const": 1}}"#, "[2]", "[2]", "`k`: "),
];

#[test]
fn each_keyword_has_its_words_and_its_place() {
    for (schema, value, place, words) in KEYWORDS {
        let schema = format!("{{\"properties\": {{\"k\": {schema}}}}}");
        let marked = marked(&schema, &format!("k: {value}\n"));
        assert_eq!(marked.len(), 1, "{schema}: {marked:?}");
        assert_eq!(marked[0].0, place, "{schema}: {marked:?}");
        assert!(marked[0].1.starts_with(words), "{schema}: {marked:?}");
    }
}

#[test]
fn places_are_found_through_lists_and_odd_keys() {
    let schema = r#"{"additionalProperties": {"items": {"properties": {"b/c~d": {"items": {"type": "string"}}}}}, "properties": {"$schema": {}}}"#;
    let properties =
        "\"x/y~\":\n  - \"b/c~d\": [ok, 1]\n  - \"b/c~d\":\n      - 2\n\"0\": [{\"b/c~d\": [3]}]\n";
    let places: Vec<String> = marked(schema, properties)
        .into_iter()
        .map(|found| found.0)
        .collect();
    assert_eq!(places, ["1", "2", "3"]);
}

#[test]
fn keys_that_may_not_be_or_are_missing_are_marked() {
    let schema = r#"{"properties": {"population": {}, "in": {"additionalProperties": false, "properties": {"x": {}}}}, "additionalProperties": false, "required": ["population"]}"#;
    assert_eq!(
        marked(schema, "popluation: 3\nother: 1\nin: {y: 1}\n"),
        [
            ("---", "The note needs the property `population`"),
            ("popluation", "`popluation` is none of the properties that the note may have: did you mean `population`?"),
            ("other", "`other` is none of the properties that the note may have: remove it, or add it to the schema"),
            ("y", "`y` is none of the properties that `in` may have: remove it, or add it to the schema"),
        ]
        .map(|(place, words)| (place.to_owned(), words.to_owned()))
    );
    let items = r#"{"properties": {"l": {"items": {"additionalProperties": false, "properties": {"name": {}}}}}}"#;
    let found = marked(items, "l: [{nmae: 1}]\n");
    assert_eq!(found[0].0, "nmae");
    assert!(
        found[0]
            .1
            .ends_with("an item of `l` may have: did you mean `name`?")
    );
    let names = r#"{"propertyNames": {"pattern": "^[$a-z]+$"}}"#;
    assert_eq!(
        marked(names, "Up: 1\ndown: 1\n"),
        [(
            "Up".to_owned(),
            "The key `Up` must have the form of the pattern `^[$a-z]+$`".to_owned()
        )]
    );
}

#[test]
fn broken_frontmatter_and_aliases_are_not_judged() {
    let schema = r#"{"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}"#;
    assert_eq!(marked(schema, "a: 1\nb: @\n"), []);
    assert_eq!(marked(schema, "a: &x t\nb: *x\n"), []);
}

#[test]
fn a_schema_is_named_by_its_path_or_its_name() {
    let bad = r#"{"type": "integer"}"#;
    let schemas = [
        ("s.schema.json", bad),
        ("d/near.schema.json", bad),
        ("x/deep.schema.json", bad),
        ("x/two.schema.json", bad),
        ("y/two.schema.json", bad),
        ("broken.schema.json", "{"),
    ];
    for (name, rule, words) in [
        ("s.schema.json", Rule::Schema, "(`s.schema.json`)"),
        ("/s.schema.json", Rule::Schema, "(`s.schema.json`)"),
        ("./near.schema.json", Rule::Schema, "(`d/near.schema.json`)"),
        (
            "../x/two.schema.json",
            Rule::Schema,
            "(`x/two.schema.json`)",
        ),
        ("deep.schema.json", Rule::Schema, "(`x/deep.schema.json`)"),
        (
            "two.schema.json",
            Rule::SchemaMissing,
            "There is no schema `two.schema.json`",
        ),
        (
            "/depe.schema.json",
            Rule::SchemaMissing,
            "There is no schema",
        ),
        (
            "x/depe.schema.json",
            Rule::SchemaMissing,
            "did you mean `x/deep.schema.json`?",
        ),
        ("../../s.json", Rule::SchemaMissing, "There is no schema"),
        (
            "https://example.com/s.json",
            Rule::SchemaMissing,
            "There is no schema",
        ),
        (
            "broken.schema.json",
            Rule::SchemaMissing,
            "is not used, and the properties are not checked: not JSON",
        ),
    ] {
        let text = format!("---\n$schema: {name}\n---\n");
        let found = found_in(&schemas, &text);
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(found[0].rule, rule, "{name}: {found:?}");
        assert!(found[0].message.contains(words), "{name}: {found:?}");
    }
}

#[test]
fn fixes_add_the_key_and_choose_the_value() {
    let schema = r#"{"required": ["kind"], "properties": {"kind": {"enum": ["big city", "town", "100 %", "it's: \"x\""]}, "n": {"default": 3}}}"#;
    for (line_break, properties, mended) in [
        ("\n", "a: 1\n", "a: 1\nkind: big city\n"),
        ("\r\n", "a: 1\n", "a: 1\nkind: big city\n"),
        ("\n", "", "kind: big city\n"),
        ("\n", "kind: twon\n", "kind: town\n"),
        ("\n", "kind: 'twon'\n", "kind: 'town'\n"),
        ("\n", "kind: \"bigcity\"\n", "kind: \"big city\"\n"),
        ("\n", "kind: 100%\n", "kind: \"100 %\"\n"),
        ("\n", "kind: 'it''s \"x\"'\n", "kind: 'it''s: \"x\"'\n"),
    ] {
        let text = |properties: &str| {
            format!("---\n$schema: s.schema.json\n{properties}---\n").replace('\n', line_break)
        };
        let before = text(properties);
        let found = found_in(&[("s.schema.json", schema)], &before);
        let fix = found[0].fix.as_ref().unwrap();
        assert!(!fix.is_safe);
        let after = applied(&before, &fix.edits);
        assert_eq!(after, text(mended));
        assert_eq!(found_in(&[("s.schema.json", schema)], &after), []);
    }
    // Braces and indented properties have no place for a line of their own.
    for properties in [
        "{$schema: s.schema.json, a: 1}\n",
        "  $schema: s.schema.json\n  a: 1\n",
    ] {
        let found = found_in(
            &[("s.schema.json", schema)],
            &format!("---\n{properties}---\n"),
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].fix, None, "{properties}");
    }
}
