//! Vaults written as text; `docs/links.md` describes the notation.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A place: path, line, first and last column in characters.
pub(crate) type Mark = (String, usize, usize, usize);

pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) files: Vec<(String, String)>,
    pub(crate) cursor: Option<(String, usize, usize)>,
    /// Where a selection ends that begins at the cursor.
    pub(crate) end: Option<(usize, usize)>,
    /// What the rows of `^` mark, in order.
    pub(crate) marks: Vec<Mark>,
    /// Files as they are to be afterwards.
    pub(crate) after: Vec<(String, String)>,
}

impl Fixture {
    pub(crate) fn new(source: &str, line_break: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut fixture = Self {
            folder,
            files: Vec::new(),
            cursor: None,
            end: None,
            marks: Vec::new(),
            after: Vec::new(),
        };
        for (is_after, path, body) in parts(source) {
            if is_after {
                fixture.after.push((path, body.replace('\n', line_break)));
                continue;
            }
            for path in spread(&path) {
                fixture.file(&path, &body, line_break);
            }
        }
        fixture
    }

    fn file(&mut self, path: &str, body: &str, line_break: &str) {
        let mut lines: Vec<String> = Vec::new();
        for line in body.lines() {
            let is_row = line.contains('^') && line.chars().all(|c| c == ' ' || c == '^');
            if is_row && !lines.is_empty() {
                let columns: Vec<char> = line.chars().collect();
                let mut at = 0;
                while at < columns.len() {
                    let length = columns[at..].iter().take_while(|&&c| c == '^').count();
                    if length > 0 {
                        self.marks
                            .push((path.to_owned(), lines.len() - 1, at, at + length));
                    }
                    at += length.max(1);
                }
                continue;
            }
            let mut line = line.to_owned();
            if let Some(at) = line.find("$0") {
                let column = line[..at].chars().count();
                self.cursor = Some((path.to_owned(), lines.len(), column));
                line.replace_range(at..at + 2, "");
            }
            if let Some(at) = line.find("$1") {
                self.end = Some((lines.len(), line[..at].chars().count()));
                line.replace_range(at..at + 2, "");
            }
            lines.push(line);
        }
        let mut text = lines.join(line_break);
        if !lines.is_empty() {
            text.push_str(line_break);
        }
        let full = self.folder.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(&full, &text).unwrap();
        self.files.push((path.to_owned(), text));
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.root().join(file)
    }

    pub(crate) fn text(&self, file: &str) -> &str {
        &self.files.iter().find(|(path, _)| path == file).unwrap().1
    }
}

/// The files of a fixture: whether it is one as it is to be afterwards, its
/// path, and its text.
fn parts(source: &str) -> Vec<(bool, String, String)> {
    let mut parts: Vec<(bool, String, String)> = Vec::new();
    for line in source.lines() {
        let before = line.strip_prefix("//- ").map(|path| (false, path));
        let after = line.strip_prefix("//= ").map(|path| (true, path));
        if let Some((is_after, path)) = before.or(after) {
            parts.push((is_after, path.trim().to_owned(), String::new()));
        } else if let Some(part) = parts.last_mut() {
            part.2.push_str(line);
            part.2.push('\n');
        }
    }
    parts
}

/// `n/{1..3}.md` stands for three files.
fn spread(path: &str) -> Vec<String> {
    let range = path.split_once("{1..").and_then(|(before, rest)| {
        let (last, after) = rest.split_once('}')?;
        Some((before, last.parse::<usize>().ok()?, after))
    });
    match range {
        Some((before, last, after)) => {
            let numbers = 1..=last;
            numbers.map(|n| format!("{before}{n}{after}")).collect()
        }
        None => vec![path.to_owned()],
    }
}

/// Writes a vault of notes given as (path, text).
pub(crate) fn vault(files: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for (path, text) in files {
        write(&root.join(path), text);
    }
    (folder, root)
}

pub(crate) fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
