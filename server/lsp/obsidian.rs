//! Reading what is set in Obsidian: `.obsidian/app.json`, `types.json`, and
//! what concerns daily notes.
//!
//! A value that cannot be used is named, and counts as not set.

use std::path::Path;

use serde_json::{Map, Value};
use vaultmark_vault::daily::{self, Daily, Pattern};
use vaultmark_vault::settings::{AttachmentFolder, Filter, LinkFormat, NewFileLocation, Obsidian};

use crate::disk;

/// The files that are read, from the root of a vault.
pub const FILES: [&str; 4] = [
    ".obsidian/app.json",
    ".obsidian/types.json",
    ".obsidian/daily-notes.json",
    ".obsidian/core-plugins.json",
];

/// What `app.json` says. What is wrong with it is added to `problems`, in one
/// message.
pub fn app(root: &Path, problems: &mut Vec<String>) -> Obsidian {
    let path = root.join(FILES[0]);
    let mut wrong = Vec::new();
    let Some(table) = object(&path, "the defaults of Obsidian are used", problems) else {
        return Obsidian::default();
    };
    let obsidian = settings(&table, &mut wrong);
    if !wrong.is_empty() {
        problems.push(format!(
            "{}: {}; what is wrong counts as not set",
            path.display(),
            wrong.join("; ")
        ));
    }
    obsidian
}

/// The types of properties that `types.json` declares.
pub fn types(root: &Path, problems: &mut Vec<String>) -> Vec<(String, String)> {
    let path = root.join(FILES[1]);
    let rest = "the types of properties are learnt from the notes";
    let Some(table) = object(&path, rest, problems) else {
        return Vec::new();
    };
    let types = match table.get("types") {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Object(types)) => types,
        Some(_) => {
            problems.push(format!(
                "{}: `types` must be an object; {rest}",
                path.display()
            ));
            return Vec::new();
        }
    };
    let (mut named, mut wrong) = (Vec::new(), Vec::new());
    for (name, kind) in types {
        match kind.as_str() {
            Some(kind) => named.push((name.clone(), kind.to_owned())),
            None => wrong.push(format!("`{name}`")),
        }
    }
    if !wrong.is_empty() {
        problems.push(format!(
            "{}: the type of {} must be a text such as \"date\"; what is wrong counts as not set",
            path.display(),
            wrong.join(", ")
        ));
    }
    named
}

/// Where the daily notes are. `None` if their names cannot be known.
pub fn daily(root: &Path, problems: &mut Vec<String>) -> Option<Daily> {
    let path = root.join(FILES[2]);
    let table = object(&path, "the defaults of daily notes are used", problems);
    let is_set = table.is_some() && !is_plugin_off(root, "daily-notes", problems);
    let table = table.unwrap_or_default();
    let mut wrong = Vec::new();
    let mut read = Reading {
        table: &table,
        wrong: &mut wrong,
    };
    let folder = folder(read.text("folder"));
    let source = match read.text("format").trim() {
        "" => daily::DEFAULT.to_owned(),
        source => source.to_owned(),
    };
    let pattern = Pattern::new(&source).map_err(|part| {
        wrong.push(format!(
            "`{part}` in the format `{source}` is not known; links to daily notes are not offered"
        ));
    });
    if !wrong.is_empty() {
        problems.push(format!("{}: {}", path.display(), wrong.join("; ")));
    }
    Some(Daily {
        folder,
        pattern: pattern.ok()?,
        is_set,
    })
}

/// Whether a plugin of Obsidian itself is said to be off. Older vaults list
/// those that are on.
fn is_plugin_off(root: &Path, name: &str, problems: &mut Vec<String>) -> bool {
    let path = root.join(FILES[3]);
    match json(&path, "all of Obsidian's plugins count as on", problems) {
        Some(Value::Object(plugins)) => plugins.get(name) == Some(&Value::Bool(false)),
        Some(Value::Array(on)) => !on.iter().any(|own| own == name),
        _ => false,
    }
}

/// The object in a file; `None` when there is none.
fn object(path: &Path, rest: &str, problems: &mut Vec<String>) -> Option<Map<String, Value>> {
    if let Value::Object(table) = json(path, rest, problems)? {
        return Some(table);
    }
    problems.push(format!("{} is no JSON object; {rest}", path.display()));
    None
}

/// What a file holds; `None` when there is none.
fn json(path: &Path, rest: &str, problems: &mut Vec<String>) -> Option<Value> {
    let text = match disk::settings_text(path) {
        Ok(text) => text,
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                problems.push(format!(
                    "{} cannot be read: {error}; {rest}",
                    path.display()
                ));
            }
            return None;
        }
    };
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(value) => Some(value),
        Err(error) => {
            problems.push(format!("{} is not JSON: {error}; {rest}", path.display()));
            None
        }
    }
}

fn settings(table: &Map<String, Value>, wrong: &mut Vec<String>) -> Obsidian {
    let mut read = Reading { table, wrong };
    let formats = [
        ("shortest", LinkFormat::Shortest),
        ("relative", LinkFormat::Relative),
        ("absolute", LinkFormat::Absolute),
    ];
    let locations = [
        ("root", NewFileLocation::Root),
        ("current", NewFileLocation::Current),
        ("folder", NewFileLocation::Folder),
    ];
    Obsidian {
        new_link_format: read.one_of("newLinkFormat", formats),
        use_markdown_links: read.truth("useMarkdownLinks"),
        always_update_links: read.truth("alwaysUpdateLinks"),
        new_file_location: read.one_of("newFileLocation", locations),
        new_file_folder: folder(read.text("newFileFolderPath")),
        attachment_folder: attachments(read.text("attachmentFolderPath")),
        excluded: read.filters("userIgnoreFilters"),
    }
}

fn folder(path: &str) -> String {
    path.trim_matches('/').to_owned()
}

fn attachments(path: &str) -> AttachmentFolder {
    match path.strip_prefix('.') {
        Some(below) if below.is_empty() || below.starts_with('/') => {
            AttachmentFolder::Beside(folder(below))
        }
        _ => AttachmentFolder::Fixed(folder(path)),
    }
}

struct Reading<'a> {
    table: &'a Map<String, Value>,
    wrong: &'a mut Vec<String>,
}

impl<'a> Reading<'a> {
    /// The value of a key, if it is set.
    fn value(&self, key: &str) -> Option<&'a Value> {
        self.table.get(key).filter(|value| !value.is_null())
    }

    fn one_of<T: Copy + Default>(&mut self, key: &str, known: [(&str, T); 3]) -> T {
        let Some(value) = self.value(key) else {
            return T::default();
        };
        let found = known.iter().find(|known| value == known.0);
        if found.is_none() {
            let [first, second, third] = known.map(|known| known.0);
            self.wrong.push(format!(
                "`{key}` must be \"{first}\", \"{second}\" or \"{third}\", and is {value}"
            ));
        }
        found.map_or_else(T::default, |found| found.1)
    }

    fn truth(&mut self, key: &str) -> bool {
        match self.value(key) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(value) => {
                self.wrong
                    .push(format!("`{key}` must be true or false, and is {value}"));
                false
            }
        }
    }

    fn text(&mut self, key: &str) -> &'a str {
        match self.value(key) {
            None => "",
            Some(Value::String(value)) => value,
            Some(value) => {
                self.wrong
                    .push(format!("`{key}` must be a path, and is {value}"));
                ""
            }
        }
    }

    fn filters(&mut self, key: &str) -> Vec<Filter> {
        let list = match self.value(key) {
            None => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(value) => {
                self.wrong
                    .push(format!("`{key}` must be a list of paths, and is {value}"));
                return Vec::new();
            }
        };
        let mut filters = Vec::new();
        for filter in list {
            match filter.as_str().map(Filter::new) {
                Some(Ok(filter)) => filters.push(filter),
                Some(Err(reason)) => self
                    .wrong
                    .push(format!("{filter} in `{key}` cannot be used: {reason}")),
                None => self.wrong.push(format!(
                    "`{key}` must be a list of paths, and holds {filter}"
                )),
            }
        }
        filters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, text: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join(".obsidian")).unwrap();
        std::fs::write(root.path().join(name), text).unwrap();
        root
    }

    #[test]
    fn what_is_set_is_read() {
        let text = r#"{"newLinkFormat": "relative", "useMarkdownLinks": true, "alwaysUpdateLinks": true,
            "newFileLocation": "folder", "newFileFolderPath": "/in/box/", "attachmentFolderPath": "./files",
            "userIgnoreFilters": ["Archive/", "/\\.draft\\./"], "vimMode": true, "showLineNumber": null}"#;
        let root = written(FILES[0], text);
        let mut problems = Vec::new();
        let obsidian = app(root.path(), &mut problems);
        assert_eq!(problems, Vec::<String>::new());
        let expected = Obsidian {
            new_link_format: LinkFormat::Relative,
            use_markdown_links: true,
            always_update_links: true,
            new_file_location: NewFileLocation::Folder,
            new_file_folder: "in/box".to_owned(),
            attachment_folder: AttachmentFolder::Beside("files".to_owned()),
            excluded: ["Archive/", "/\\.draft\\./"]
                .map(|filter| Filter::new(filter).unwrap())
                .into(),
        };
        assert_eq!(obsidian, expected);
        assert_eq!(attachments("./"), AttachmentFolder::Beside(String::new()));
        assert_eq!(attachments("/"), AttachmentFolder::Fixed(String::new()));
        assert_eq!(attachments(".x"), AttachmentFolder::Fixed(".x".to_owned()));
    }

    #[test]
    fn bad_values_are_named_in_one_message() {
        let text = r#"{"newLinkFormat": "longest", "useMarkdownLinks": "yes", "newFileLocation": "current",
            "newFileFolderPath": 3, "userIgnoreFilters": ["ok", "/(/", 7]}"#;
        let root = written(FILES[0], text);
        let mut problems = Vec::new();
        let obsidian = app(root.path(), &mut problems);
        assert_eq!(obsidian.new_file_location, NewFileLocation::Current);
        assert_eq!(obsidian.excluded.len(), 1);
        assert_eq!(problems.len(), 1);
        for part in [
            "app.json",
            "`newLinkFormat`",
            "longest",
            "`useMarkdownLinks`",
            "`newFileFolderPath`",
            "/(/",
            "7",
        ] {
            assert!(problems[0].contains(part), "{part}: {problems:?}");
        }
        for (text, part) in [("{", "line 1"), ("[]", "no JSON object")] {
            let root = written(FILES[0], text);
            let mut problems = Vec::new();
            assert_eq!(app(root.path(), &mut problems), Obsidian::default());
            assert!(problems[0].contains(part), "{problems:?}");
        }
    }

    #[test]
    fn daily_notes_are_where_they_are_set() {
        let read = |text: &str, plugins: &str| {
            let root = written(FILES[2], text);
            std::fs::write(root.path().join(FILES[3]), plugins).unwrap();
            let mut problems = Vec::new();
            (daily(root.path(), &mut problems), problems)
        };
        let day = jiff::civil::date(2024, 1, 31);
        let text = r#"{"folder": "/Daily/", "format": "YYYY/MM-DD", "template": "x"}"#;
        let (found, problems) = read(text, "{\"daily-notes\": true}");
        let found = found.unwrap();
        assert_eq!(found.path(day), "Daily/2024/01-31.md");
        assert!(found.is_set && problems.is_empty());
        for off in ["{\"daily-notes\": false}", "[\"graph\"]"] {
            assert!(!read(text, off).0.unwrap().is_set, "{off}");
        }
        let (found, problems) = read(r#"{"format": "YYYY HH"}"#, "{}");
        assert!(
            found.is_none() && problems[0].contains("`HH`"),
            "{problems:?}"
        );
        let nowhere = tempfile::tempdir().unwrap();
        let found = daily(nowhere.path(), &mut Vec::new()).unwrap();
        assert_eq!(found.path(day), "2024-01-31.md");
        assert!(!found.is_set);
    }

    #[test]
    fn bad_types_of_properties_are_named() {
        let root = written(FILES[1], r#"{"types": {"born": "date", "age": 3}}"#);
        let mut problems = Vec::new();
        let named = types(root.path(), &mut problems);
        assert_eq!(named, [("born".to_owned(), "date".to_owned())]);
        assert!(problems[0].contains("`age`"), "{problems:?}");
        for text in [r#"{"types": []}"#, "x"] {
            let root = written(FILES[1], text);
            let mut problems = Vec::new();
            assert!(types(root.path(), &mut problems).is_empty());
            assert_eq!(problems.len(), 1, "{text}");
        }
    }
}
