//! What is wrong with a value by its schema, in plain words.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value as Json;

/// So many of the values that are allowed are listed.
const MAX_LISTED: usize = 8;
/// Longer values are not repeated in messages, in bytes.
const MAX_SHOWN: usize = 60;
/// Longer texts, in characters, resemble nothing.
const MAX_COMPARED: usize = 100;
/// Values further from what is written than this are other values.
const MAX_DISTANCE: usize = 2;

/// What is wrong with a value that messages call `title`.
pub(super) fn sentence(error: &ValidationError<'_>, title: &str) -> String {
    let must = match error.kind() {
        Kind::Type { kind } => format!("be {}, and is {}", types(kind), word_of(error.instance())),
        Kind::Enum { options } => {
            let options: Vec<&Json> = options.as_array().into_iter().flatten().collect();
            let names = options.iter().filter_map(|option| option.as_str());
            let near = error.instance().as_str().and_then(|own| near(own, names));
            let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            format!("be {}{near}", listed(&options))
        }
        Kind::Constant { expected_value } => format!("be `{}`", shown(expected_value)),
        Kind::Pattern { pattern } => format!("have the form of the pattern `{pattern}`"),
        Kind::Format { format } => match format.as_str() {
            "date" => "be a date such as 2024-01-31".to_owned(),
            "date-time" => "be a time such as 2024-01-31T12:00:00Z".to_owned(),
            format => format!("have the form of {format}"),
        },
        Kind::Minimum { limit } => format!("be at least {limit}"),
        Kind::Maximum { limit } => format!("be at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("be less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("be a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("have at least {}", counted(*limit, "character")),
        Kind::MaxLength { limit } => format!("have at most {}", counted(*limit, "character")),
        Kind::MinItems { limit } => format!("have at least {}", counted(*limit, "item")),
        Kind::MaxItems { limit } => format!("have at most {}", counted(*limit, "item")),
        Kind::AdditionalItems { limit } => {
            format!("have at most {}", counted(*limit as u64, "item"))
        }
        Kind::UniqueItems => "hold no item twice".to_owned(),
        Kind::FalseSchema => return format!("{title} must not be set: the schema excludes it"),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => {
            return format!("{title} has none of the forms that the schema allows");
        }
        Kind::OneOfMultipleValid { .. } => {
            return format!("{title} has several of the forms of which the schema allows one");
        }
        Kind::Not { .. } => return format!("{title} has a form that the schema excludes"),
        _ => return format!("{title}: {}", error.masked()),
    };
    format!("{title} must {must}")
}

fn counted(count: u64, word: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {word}{end}")
}

fn listed(options: &[&Json]) -> String {
    let some = options.iter().take(MAX_LISTED);
    let some: Vec<String> = some.map(|option| format!("`{}`", shown(option))).collect();
    let more = options.len().saturating_sub(MAX_LISTED);
    match (some.as_slice(), more) {
        ([one], 0) => one.clone(),
        (_, 0) => format!("one of {}", some.join(", ")),
        _ => format!("one of {}, and {more} more", some.join(", ")),
    }
}

/// A value as it may be written, shortened.
fn shown(value: &Json) -> String {
    let mut text = match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.len() > MAX_SHOWN {
        let mut end = MAX_SHOWN;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => word(*kind).to_owned(),
        TypeKind::Multiple(kinds) => {
            let words: Vec<&str> = kinds.iter().map(word).collect();
            words.join(" or ")
        }
    }
}

fn word(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "empty",
        JsonType::Boolean => "`true` or `false`",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "a text",
        JsonType::Array => "a list",
        JsonType::Object => "a group of properties",
    }
}

fn word_of(value: &Json) -> &'static str {
    match value {
        Json::Bool(true) => "`true`",
        Json::Bool(false) => "`false`",
        Json::Null => word(JsonType::Null),
        Json::Number(number) if number.is_f64() => word(JsonType::Number),
        Json::Number(_) => word(JsonType::Integer),
        Json::String(_) => word(JsonType::String),
        Json::Array(_) => word(JsonType::Array),
        Json::Object(_) => word(JsonType::Object),
    }
}

/// The one of several texts that was probably meant, if just one is near.
pub(super) fn near<'t>(written: &str, texts: impl IntoIterator<Item = &'t str>) -> Option<&'t str> {
    let own = written.to_lowercase();
    let length = own.chars().count();
    let most = if length > MAX_COMPARED {
        return None;
    } else {
        MAX_DISTANCE.min(length / 3)
    };
    let mut best: Option<(usize, &str)> = None;
    let mut is_only = true;
    for text in texts {
        let other = text.to_lowercase();
        if other.chars().count().abs_diff(length) > most {
            continue;
        }
        let distance = strsim::osa_distance(&own, &other);
        match best {
            Some((least, _)) if distance > least => {}
            Some((least, _)) if distance == least => is_only = false,
            _ if distance <= most => (best, is_only) = (Some((distance, text)), true),
            _ => {}
        }
    }
    best.filter(|_| is_only).map(|best| best.1)
}
