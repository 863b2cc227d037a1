//! After any changes the server answers as a fresh one does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::client::{Client, address};
use crate::support::fixture::{vault, write};

const FILES: [&str; 9] = [
    ".trash/T.md",
    "x/m.txt",
    "x/.hidden.md",
    "A.md",
    "x/A.md",
    "x/B.md",
    "_Standards/C.md",
    "_public/C.public.md",
    "y/D.md",
];

/// Folders that move to one another's places.
const FOLDERS: [&str; 5] = ["x", "y", "z", ".away", "_public"];

const IGNORED: [&str; 3] = ["/x/\n", "/_private/\ny/\n", "*.tmp\n/gone/\n"];

#[derive(Clone, Debug)]
enum Step {
    /// Write a file on the disk.
    Write(usize, String),
    /// Write and delete several files before one event for all.
    WriteAll(Vec<(usize, Option<String>)>),
    Delete(usize),
    /// Move a folder, with events for the folders only.
    MoveFolder(usize, usize),
    /// Write or delete a `.gitignore`.
    Ignore(Option<usize>),
    /// Close or open the folder of the workspace, whatever is open in it.
    Workspace(bool),
    /// Close or open a folder in it.
    Inner(bool),
    /// Only say that something happened at the root.
    Root,
    Move(usize, usize),
    Open(usize),
    Close(usize),
    /// Replace a piece of an open document.
    Edit(usize, usize, usize, String),
    Settings(bool),
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "[[A]] ",
        "[[B#H]] ",
        "[[x/A|y]] ",
        "[[/_public/C.public]] ",
        "[[../A]] ",
        "![[D]] ",
        "#t/u ",
        "#t ",
        "# H\n",
        "## I\n",
        "\n",
        "é😀",
        "\r\n",
        "key:: v\n",
        "[x](y/D.md) ",
        "^id\n",
        "```\n",
        "`",
        "---\nup: \"[[A]]\"\ntags: [t]\naliases: [Al]\n---\n",
        "[[Missing]] ",
        "[[C.public#^id]] ",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn step() -> impl Strategy<Value = Step> {
    let file = 0..FILES.len();
    prop_oneof![
        (file.clone(), text()).prop_map(|(file, text)| Step::Write(file, text)),
        file.clone().prop_map(Step::Delete),
        (file.clone(), file.clone()).prop_map(|(from, to)| Step::Move(from, to)),
        file.clone().prop_map(Step::Open),
        file.clone().prop_map(Step::Close),
        (file, 0..60_usize, 0..20_usize, text())
            .prop_map(|(file, at, len, text)| Step::Edit(file, at, len, text)),
        any::<bool>().prop_map(Step::Settings),
        prop::collection::vec((0..FILES.len(), prop::option::of(text())), 1..5)
            .prop_map(Step::WriteAll),
        (0..FOLDERS.len(), 0..FOLDERS.len()).prop_map(|(from, to)| Step::MoveFolder(from, to)),
        (0..FOLDERS.len(), 0..FOLDERS.len()).prop_map(|(from, to)| Step::MoveFolder(from, to)),
        prop::option::of(0..IGNORED.len()).prop_map(Step::Ignore),
        any::<bool>().prop_map(Step::Workspace),
        any::<bool>().prop_map(Step::Inner),
        Just(Step::Root),
    ]
}

struct World {
    root: PathBuf,
    client: Client,
    open: BTreeMap<usize, Vec<char>>,
    version: i64,
    has_workspace: bool,
    has_inner: bool,
}

impl World {
    fn path(&self, file: usize) -> PathBuf {
        self.root.join(FILES[file])
    }

    fn event(&mut self, path: &Path) {
        self.client.heard(&[path]);
    }

    fn put(&self, file: usize, text: Option<&str>) -> PathBuf {
        let path = self.path(file);
        match text {
            Some(text) => write(&path, text),
            // It may not be there.
            None => drop(std::fs::remove_file(&path)),
        }
        path
    }

    fn workspace(&mut self, is_open: bool) {
        let root = self.root.clone();
        if self.has_workspace != is_open {
            let (added, removed): (&[&Path], &[&Path]) = if is_open {
                (&[&root], &[])
            } else {
                (&[], &[&root])
            };
            self.client.folders(added, removed);
            self.has_workspace = is_open;
        }
    }

    fn inner(&mut self, is_open: bool) {
        let inner = self.root.join("x");
        if self.has_inner != is_open {
            let (added, removed): (&[&Path], &[&Path]) = if is_open {
                (&[&inner], &[])
            } else {
                (&[], &[&inner])
            };
            self.client.folders(added, removed);
            self.has_inner = is_open;
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Write(file, text) => {
                let path = self.put(*file, Some(text));
                self.event(&path);
            }
            Step::WriteAll(files) => {
                let files = files.iter();
                let put = files.map(|(file, text)| self.put(*file, text.as_deref()));
                let paths: Vec<PathBuf> = put.collect();
                let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
                self.client.heard(&paths);
            }
            Step::Delete(file) => {
                let path = self.put(*file, None);
                self.event(&path);
            }
            Step::MoveFolder(from, to) => {
                let [from, to] = [from, to].map(|folder| self.root.join(FOLDERS[*folder]));
                if from.is_dir() && !to.exists() {
                    std::fs::rename(&from, &to).unwrap();
                    self.client.heard(&[&from, &to]);
                }
            }
            Step::Ignore(names) => {
                let path = self.root.join(".gitignore");
                match names {
                    Some(names) => write(&path, IGNORED[*names]),
                    // It may not be there.
                    None => drop(std::fs::remove_file(&path)),
                }
                self.event(&path);
            }
            Step::Workspace(is_open) => self.workspace(*is_open),
            Step::Inner(is_open) => self.inner(*is_open),
            Step::Root => {
                let root = self.root.clone();
                self.event(&root);
            }
            Step::Move(from, to) => {
                let (from, to) = (self.path(*from), self.path(*to));
                if from.exists() && from != to {
                    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                    std::fs::rename(&from, &to).unwrap();
                    self.event(&from);
                    self.event(&to);
                }
            }
            Step::Open(file) => {
                let path = self.path(*file);
                if let Ok(text) = std::fs::read_to_string(&path)
                    && !self.open.contains_key(file)
                {
                    self.client.open(&path, &text);
                    self.open.insert(*file, text.chars().collect());
                }
            }
            Step::Close(file) => {
                if self.open.remove(file).is_some() {
                    let document = json!({"textDocument": {"uri": address(&self.path(*file))}});
                    self.client.notify("textDocument/didClose", document);
                }
            }
            Step::Edit(file, at, len, new) => self.edit(*file, *at, *len, new),
            Step::Settings(tiers) => {
                let text = if *tiers {
                    "[[tier]]\nfolder = \"x\"\n[[tier]]\nfolder = \"y\"\n"
                } else {
                    ""
                };
                let path = self.root.join(".vaultmark.toml");
                write(&path, text);
                self.event(&path);
            }
        }
    }

    fn edit(&mut self, file: usize, at: usize, len: usize, new: &str) {
        let path = self.path(file);
        let Some(text) = self.open.get_mut(&file) else {
            return;
        };
        let (start, end) = (at.min(text.len()), (at + len).min(text.len()));
        // A change between CR and LF has no position.
        let splits =
            |at: usize| at > 0 && at < text.len() && text[at - 1] == '\r' && text[at] == '\n';
        if splits(start) || splits(end) {
            return;
        }
        let position = |at: usize| {
            let before: String = text[..at].iter().collect();
            let before = before.replace("\r\n", "\n").replace('\r', "\n");
            let line = before.matches('\n').count();
            let column = before.chars().rev().take_while(|&c| c != '\n').count();
            json!({"line": line, "character": column})
        };
        let range = json!({"start": position(start), "end": position(end)});
        text.splice(start..end, new.chars());
        self.version += 1;
        self.client.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": address(&path), "version": self.version},
                "contentChanges": [{"range": range, "text": new}],
            }),
        );
    }
}

/// Everything that can be asked about every place of every file.
fn answers(client: &mut Client, root: &Path, texts: &BTreeMap<&str, String>) -> Value {
    let mut all = Vec::new();
    for (file, text) in texts {
        let path = root.join(file);
        let document = json!({"textDocument": {"uri": address(&path)}});
        for method in ["documentSymbol", "documentLink"] {
            all.push(
                client
                    .request(&format!("textDocument/{method}"), document.clone())
                    .unwrap(),
            );
        }
        for (line, text) in text
            .replace("\r\n", "\n")
            .replace('\r', "\n")
            .lines()
            .enumerate()
        {
            for column in (0..text.chars().count()).step_by(4) {
                for method in [
                    "definition",
                    "references",
                    "hover",
                    "documentHighlight",
                    "implementation",
                    "declaration",
                ] {
                    all.push(json!([
                        file,
                        line,
                        column,
                        method,
                        client.at(method, &path, line, column)
                    ]));
                }
            }
        }
    }
    for query in ["a", "t", ""] {
        all.push(
            client
                .request("workspace/symbol", json!({"query": query}))
                .unwrap(),
        );
    }
    Value::Array(all)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn a_server_that_saw_it_all_answers_as_a_fresh_one(steps in prop::collection::vec(step(), 1..30)) {
        let (_folder, root) = vault(&[("A.md", "[[B]] #t\n"), ("x/B.md", "# H\n[[A]]\n"), ("_Standards/C.md", "[[/_Standards/C|C]]\n")]);
        let mut world = World { client: Client::start(&root), root: root.clone(), open: BTreeMap::new(), version: 1, has_workspace: true, has_inner: false };
        for step in &steps {
            world.step(step);
        }
        world.workspace(true);
        let mut texts: BTreeMap<&str, String> = BTreeMap::new();
        for (number, file) in FILES.iter().enumerate() {
            let disk = std::fs::read_to_string(root.join(file)).ok();
            let open = world.open.get(&number).map(|text| text.iter().collect());
            if let Some(text) = open.or(disk) {
                texts.insert(*file, text);
            }
        }
        let mut fresh = Client::start(&root);
        if world.has_inner {
            fresh.folders(&[&root.join("x")], &[]);
            fresh.wait_until_read();
        }
        for (number, text) in &world.open {
            fresh.open(&root.join(FILES[*number]), &text.iter().collect::<String>());
        }
        let expected = answers(&mut fresh, &root, &texts);
        // Events are worked off beside the requests, so the last one may take a moment.
        let mut found = Value::Null;
        for _ in 0..200 {
            found = answers(&mut world.client, &root, &texts);
            if found == expected {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        if found != expected {
            let (found, expected) = (found.as_array().unwrap(), expected.as_array().unwrap());
            let different = found.iter().zip(expected).find(|(found, expected)| found != expected);
            prop_assert!(false, "found and expected: {:?} in {:?}", different, texts);
        }
    }
}
