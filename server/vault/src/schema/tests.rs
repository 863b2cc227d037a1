use serde_json::json;

use super::*;

/// Where a schema is wrong, as it is written, and why.
fn fault(text: &str) -> (String, String) {
    let fault = read(text).expect_err(text);
    let range = fault.range.start as usize..fault.range.end as usize;
    (text[range].to_owned(), fault.message)
}

fn refused(text: &str, place: &str, reason: &str) {
    let (at, message) = fault(text);
    assert_eq!(at, place, "{text}: {message}");
    assert!(message.contains(reason), "{text}: {message}");
}

#[test]
fn text_that_is_no_schema_is_refused_with_its_place() {
    refused("{\n  \"type\": }", "}", "not JSON: expected value");
    refused("{", "{", "EOF");
    refused("", "", "EOF");
    refused("\u{feff}{\"a\": é}", "é", "not JSON");
    refused("[]", "[]", "a schema is an object");
    refused("{\"type\": \"strin\"}", "\"strin\"", "not a JSON Schema");
    refused(
        "{\"properties\": {\"a/b\": {\"minLength\": \"x\"}}}",
        "\"x\"",
        "not a JSON Schema",
    );
    assert!(read("\u{feff}{}").is_ok());
    assert!(read("true").is_ok());
}

#[test]
fn nothing_outside_of_the_file_is_referred_to() {
    for target in [
        "https://example.com/x.json",
        "http://json-schema.org/draft-07/schema#",
        "other.json",
        "other.json#/$defs/x",
        "file:///etc/passwd",
        "urn:x",
    ] {
        let text = format!("{{\"properties\": {{\"a\": {{\"$ref\": \"{target}\"}}}}}}");
        refused(&text, &format!("\"{target}\""), "nothing is fetched");
        let text = format!("{{\"$defs\": {{\"a\": {{\"items\": {{\"$ref\": \"{target}\"}}}}}}}}");
        refused(&text, &format!("\"{target}\""), "nothing is fetched");
    }
    refused(
        "{\"$schema\": \"https://example.com/meta\"}",
        "\"https://example.com/meta\"",
        "nothing is fetched",
    );
    refused("{\"$schema\": 3}", "3", "nothing is fetched");
    refused(
        "{\"$defs\": {\"a\": {\"$id\": \"https://example.com/a\"}}}",
        "\"https://example.com/a\"",
        "only the whole schema",
    );
    for good in [
        "{\"$schema\": \"http://json-schema.org/draft-07/schema#\"}",
        "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"$id\": \"https://example.com/city\", \"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": {}}}",
        "{\"properties\": {\"$ref\": {\"type\": \"string\"}, \"id\": {}}}",
        "{\"enum\": [{\"$ref\": \"https://example.com\"}]}",
    ] {
        assert!(read(good).is_ok(), "{good}: {:?}", read(good).err());
    }
}

#[test]
fn references_lead_somewhere_and_end() {
    refused(
        "{\"$ref\": \"#/$defs/no\"}",
        "\"#/$defs/no\"",
        "there is no",
    );
    refused("{\"$ref\": \"#no\"}", "\"#no\"", "there is no");
    refused("{\"$ref\": \"#\"}", "\"#\"", "never ends");
    let text = "{\"$defs\": {\"a\": {\"allOf\": [{\"$ref\": \"#/$defs/b\"}]}, \"b\": {\"anyOf\": [{}, {\"$ref\": \"#/$defs/a\"}]}}}";
    let (at, message) = fault(text);
    assert!(at.starts_with("\"#/$defs/"), "{at}");
    assert!(message.contains("never ends"), "{message}");
    for good in [
        "{\"properties\": {\"up\": {\"$ref\": \"#\"}}}",
        "{\"$ref\": \"#/%24defs/a%20b\", \"$defs\": {\"a b\": {}}}",
        "{\"$ref\": \"#x\", \"$defs\": {\"a\": {\"$anchor\": \"x\"}}}",
    ] {
        assert!(read(good).is_ok(), "{good}: {:?}", read(good).err());
    }
}

#[test]
fn patterns_take_linear_time() {
    for bad in ["(", "a(?=b)", "(a)\\\\1", "(((a{1000}){1000}){1000})"] {
        let text = format!("{{\"properties\": {{\"a\": {{\"pattern\": \"{bad}\"}}}}}}");
        refused(&text, &format!("\"{bad}\""), "this pattern cannot be used");
    }
    let text = "{\"patternProperties\": {\"(\": {}}}";
    assert!(fault(text).1.contains("pattern"), "{:?}", fault(text));
    let schema = read("{\"properties\": {\"a\": {\"pattern\": \"^(a+)+$\"}}}").unwrap();
    let value = json!({"a": format!("{}b", "a".repeat(100_000))});
    assert_eq!(schema.errors(&value).unwrap().len(), 1);
}

#[test]
fn what_is_too_deep_or_too_long_is_refused_and_needs_no_stack() {
    let deep = |depth: usize| "{\"not\":".repeat(depth) + "{}" + &"}".repeat(depth);
    assert!(read(&deep(MAX_NESTING - 1)).is_ok());
    assert!(fault(&deep(MAX_NESTING)).1.contains("nest deeper"));
    assert!(fault(&deep(100_000)).1.contains("recursion limit"));
    let large = format!("{{\"description\": \"{}\"}}", "x".repeat(MAX_SCHEMA));
    assert!(
        read(&large)
            .unwrap_err()
            .message
            .contains("larger than 1024 KB")
    );
    let chain = |length: usize| {
        let parts = (0..length).map(|n| format!("\"{n}\": {{\"$ref\": \"#/$defs/{}\"}}", n + 1));
        let parts: Vec<String> = parts.collect();
        format!(
            "{{\"$ref\": \"#/$defs/0\", \"$defs\": {{{}, \"{length}\": {{}}}}}}",
            parts.join(", ")
        )
    };
    assert!(read(&chain(60)).is_ok());
    assert!(fault(&chain(10_000)).1.contains("references lead"));
}

#[test]
fn a_small_schema_takes_no_exponential_time() {
    // Each part holds twice for what the next one holds for.
    let parts = (0..25).map(|n| {
        let next = format!("{{\"$ref\": \"#/$defs/{}\"}}", n + 1);
        format!("\"{n}\": {{\"allOf\": [{next}, {next}]}}")
    });
    let parts: Vec<String> = parts.collect();
    let text = format!(
        "{{\"$ref\": \"#/$defs/0\", \"$defs\": {{{}, \"25\": {{\"type\": \"string\"}}}}}}",
        parts.join(", ")
    );
    assert!(read(&text).unwrap().errors(&json!({})).is_none());
    // The same by the depth of the note.
    let text = "{\"properties\": {\"a\": {\"allOf\": [{\"$ref\": \"#\"}, {\"$ref\": \"#\"}]}}, \"additionalProperties\": false}";
    let schema = read(text).unwrap();
    let nested = |depth| (0..depth).fold(json!({"b": 1}), |value, _| json!({"a": value}));
    assert_eq!(schema.errors(&nested(3)).unwrap().len(), 8);
    assert!(schema.errors(&nested(64)).is_none());
    let schema =
        read("{\"properties\": {\"a\": {\"$ref\": \"#\"}}, \"additionalProperties\": false}");
    assert_eq!(schema.unwrap().errors(&nested(64)).unwrap().len(), 1);
    // And by the stack: as many parts as may stand in each other, and more.
    let chain = (0..30).map(|n| format!("\"{n}\": {{\"$ref\": \"#/$defs/{}\"}}", n + 1));
    let chain: Vec<String> = chain.collect();
    let text = format!(
        "{{\"properties\": {{\"a\": {{\"$ref\": \"#/$defs/0\"}}}}, \"additionalProperties\": false, \"$defs\": {{{}, \"30\": {{\"$ref\": \"#\"}}}}}}",
        chain.join(", ")
    );
    let schema = read(&text).unwrap();
    assert_eq!(schema.errors(&nested(15)).unwrap().len(), 1);
    assert!(schema.errors(&nested(20)).is_none());
}

#[test]
fn a_long_note_is_validated_as_any_other() {
    let text = "{\"properties\": {\"a\": {\"items\": {\"allOf\": [{\"type\": \"integer\"}, {\"minimum\": 1}, {}]}}}}";
    let schema = read(text).unwrap();
    let items: Vec<u32> = (0..100_000).collect();
    let errors = schema.errors(&json!({"a": items})).unwrap().len();
    assert_eq!(errors, 1);
}

#[test]
fn the_parts_that_speak_of_a_property_are_found() {
    let text = "{\"title\": \"Note\", \"allOf\": [{\"$ref\": \"#/$defs/place\"}], \"properties\": {\"up\": {\"title\": \"Up\", \"items\": {\"properties\": {\"x\": {\"title\": \"X\"}}}}}, \"additionalProperties\": {\"title\": \"Other\"}, \"$defs\": {\"place\": {\"title\": \"Place\", \"properties\": {\"lat\": {\"title\": \"Latitude\"}}}}}";
    let schema = read(text).unwrap();
    let titles = |way: &[Step]| -> Vec<String> {
        let titles = schema.parts(way).filter_map(|part| part["title"].as_str());
        titles.map(str::to_owned).collect()
    };
    assert_eq!(titles(&[]), ["Note", "Place"]);
    assert_eq!(titles(&[Some("up")]), ["Up"]);
    assert_eq!(titles(&[Some("up"), None, Some("x")]), ["X"]);
    let mut latitude = titles(&[Some("lat")]);
    latitude.sort();
    assert_eq!(latitude, ["Latitude", "Other"]);
    // Neither what need not hold nor what is said of names.
    let text = "{\"not\": {\"properties\": {\"a\": {\"title\": \"Not\"}}}, \"propertyNames\": {\"title\": \"Name\"}, \"patternProperties\": {\"^a\": {\"title\": \"A\"}, \"^b\": {\"title\": \"B\"}}, \"additionalProperties\": {\"title\": \"Other\"}}";
    let schema = read(text).unwrap();
    let titles = |way: &[Step]| -> Vec<String> {
        let titles = schema.parts(way).filter_map(|part| part["title"].as_str());
        titles.map(str::to_owned).collect()
    };
    assert_eq!(titles(&[Some("a")]), ["A"]);
    assert_eq!(titles(&[Some("c")]), ["Other"]);
}
