//! Properties as JSON, by the core types of YAML 1.2.

use serde_json::{Map, Number, Value as Json};

use super::{Frontmatter, Scalar, Style, Value};

impl Frontmatter {
    /// The properties as one JSON object. Dates and links are texts, aliases
    /// are null.
    pub fn to_json(&self) -> Json {
        let mut values: Vec<Json> = self
            .entries
            .iter()
            .map(|entry| json(&entry.value))
            .collect();
        let mut root = Map::new();
        // Members stand behind their collection, so the last is complete first.
        for (at, entry) in self.entries.iter().enumerate().rev() {
            let mut value = values.get_mut(at).map(Json::take).unwrap_or_default();
            if let Json::Array(items) = &mut value {
                items.reverse();
            }
            let name = entry.key.as_ref().map(|key| key.name.clone());
            let Some(parent) = entry.parent else {
                root.extend(name.map(|name| (name, value)));
                continue;
            };
            match (values.get_mut(parent as usize), name) {
                (Some(Json::Array(items)), _) => items.push(value),
                (Some(Json::Object(map)), Some(name)) => {
                    map.insert(name, value);
                }
                _ => {}
            }
        }
        Json::Object(root)
    }
}

fn json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Alias => Json::Null,
        Value::List => Json::Array(Vec::new()),
        Value::Map => Json::Object(Map::new()),
        Value::Scalar(Scalar {
            text,
            style: Style::Plain,
        }) => plain(text),
        Value::Scalar(scalar) => Json::String(scalar.text.clone()),
    }
}

/// A scalar without quotes. Numbers that JSON has not are texts.
fn plain(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Json::Null,
        "true" | "True" | "TRUE" => return Json::Bool(true),
        "false" | "False" | "FALSE" => return Json::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Json::String(text.to_owned()), Json::Number)
}

fn number(text: &str) -> Option<Number> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let is_digit = |c: char| c.is_digit(radix);
            let all = digits.chars().all(is_digit);
            return all
                .then(|| u64::from_str_radix(digits, radix).ok())
                .flatten()
                .map(Number::from);
        }
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let whole = text.strip_prefix('+').unwrap_or(text);
        let exact = whole.parse::<i64>().map(Number::from).ok();
        let exact = exact.or_else(|| whole.parse::<u64>().map(Number::from).ok());
        return exact.or_else(|| Number::from_f64(whole.parse().ok()?));
    }
    let begins = digits.trim_start_matches('.');
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    let is_float = begins.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(is_part);
    // The parser refuses what is left of other shapes.
    is_float
        .then(|| Number::from_f64(text.parse().ok()?))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::super::{cut, parse};
    use serde_json::json;

    fn read(content: &str) -> serde_json::Value {
        let text = format!("---\n{content}---\n");
        parse(&text, &cut(&text).unwrap()).to_json()
    }

    #[test]
    fn values_have_the_core_types_of_yaml() {
        let content = "t: text\nn:\nn2: ~\nb: true\nb2: FALSE\ny: yes\ni: -7\nplus: +7\nz: 007\nx: 0x1F\no: 0o17\nf: 1.50\ne: -1e3\ndot: .5\nend: 5.\ninf: .inf\nd: 2024-01-31\nt2: 12:30\nl: \"[[City]]\"\nq: '5'\nv: 1.2.3\nm: \"-\"\n";
        assert_eq!(
            read(content),
            json!({
                "t": "text", "n": null, "n2": null, "b": true, "b2": false, "y": "yes",
                "i": -7, "plus": 7, "z": 7, "x": 31, "o": 15, "f": 1.5, "e": -1000.0,
                "dot": 0.5, "end": 5.0, "inf": ".inf", "d": "2024-01-31", "t2": "12:30",
                "l": "[[City]]", "q": "5", "v": "1.2.3", "m": "-",
            })
        );
    }

    #[test]
    fn whole_numbers_are_exact_as_far_as_json_can() {
        let read =
            read("a: 18446744073709551615\nb: -9223372036854775808\nc: 98700729555950517100\n");
        assert_eq!(read["a"].as_u64(), Some(u64::MAX));
        assert_eq!(read["b"].as_i64(), Some(i64::MIN));
        assert_eq!(read["c"].as_f64(), Some(9.870_072_955_595_052e19));
    }

    #[test]
    fn collections_keep_their_order_and_nesting() {
        let content =
            "l:\n  - a\n  - [1, {k: v}]\n  - m:\n      n: []\n  -\nx: {y: {}}\na: &b 1\nc: *b\n";
        assert_eq!(
            read(content),
            json!({
                "l": ["a", [1, {"k": "v"}], {"m": {"n": []}}, null],
                "x": {"y": {}}, "a": 1, "c": null,
            })
        );
    }
}
