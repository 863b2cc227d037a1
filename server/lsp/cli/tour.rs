//! `vaultmark tour`: what an editor would show, on the terminal.
//!
//! The real server runs as a child. Each stop shows a line of a note with the
//! cursor in it, and the server's answer.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};

use crate::cli::editor::{Editor, address};
use crate::convert;
use crate::disk::{self, Extent};

/// The vault that comes with the program.
static DEMO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/docs/demo");

/// Lines of an answer that are shown.
const MAX_LINES: usize = 14;
/// Notes of a user's vault that are visited.
const MAX_STOPS: usize = 3;

/// One stop: a note, the text of it on which the cursor stands, and what is asked.
struct Stop {
    title: &'static str,
    note: &'static str,
    /// The cursor stands behind the first letter of the last word.
    at: &'static str,
    method: &'static str,
}

const fn stop(
    title: &'static str,
    note: &'static str,
    at: &'static str,
    method: &'static str,
) -> Stop {
    Stop {
        title,
        note,
        at,
        method,
    }
}

const STOPS: &[Stop] = &[
    stop(
        "Follow a link to a note",
        "_Standards/Archipelago.md",
        "The sea between them is the [[Amber Sea",
        "definition",
    ),
    stop(
        "Follow a link to a nested heading",
        "_Standards/Archipelago.md",
        "[[Settlement of the islands#Second wave#Causes",
        "definition",
    ),
    stop(
        "Follow a link to a block",
        "_Standards/Archipelago.md",
        "[[Settlement of the islands#^oldest-sentence",
        "definition",
    ),
    stop(
        "Follow a link in a property",
        "_Standards/Archipelago/Vessland.md",
        "capital: '[[Vess",
        "definition",
    ),
    stop(
        "Follow a Markdown link with an escaped path",
        "_Standards/Archipelago/Vessland/ReadMe.md",
        "[Lake Füssli](Lakes",
        "definition",
    ),
    stop(
        "Preview a note before going there",
        "_Standards/Archipelago.md",
        "told of: [[Vessland",
        "hover",
    ),
    stop(
        "Learn why a link leads nowhere",
        "_Standards/Archipelago/Vessland.md",
        "[[/_Standards/WikiData/WD~island",
        "hover",
    ),
    stop(
        "Learn the same of a copy that is not written yet",
        "_Standards/Archipelago/Oru.md",
        "[[/_public/Archipelago/Oru",
        "hover",
    ),
    stop(
        "From a copy to the base note of its family",
        "_private/Archipelago/Vessland.private.md",
        "What only",
        "declaration",
    ),
    stop(
        "All copies of a note in the tiers",
        "_Standards/Archipelago/Vessland.md",
        "# [[Vessland",
        "implementation",
    ),
    stop(
        "What kind of thing a note is",
        "_Standards/Archipelago/Vessland.md",
        "neighbour: \"[[../Archipelago/Tamrin",
        "typeDefinition",
    ),
    stop(
        "Who links to a person",
        "_Standards/People/Ida O'Lorne.md",
        "# [[Ida",
        "references",
    ),
    stop(
        "Where a tag is used",
        "_Standards/Archipelago.md",
        "#is_/same_as",
        "references",
    ),
    stop(
        "How a property is used in the vault",
        "_Standards/Archipelago.md",
        "confidential",
        "hover",
    ),
    stop(
        "The outline of a note",
        "_Standards/Archipelago/Vessland/Vess.md",
        "# [[Vess",
        "documentSymbol",
    ),
    stop(
        "What is wrong in a note",
        "_Standards/Mistakes/Broken frontmatter.md",
        "---",
        "diagnostic",
    ),
];

/// Shows the tour through the vault in `folder`, or through the demo vault.
///
/// # Errors
/// When the vault or the server cannot be opened, or the output not written.
pub fn run(folder: Option<&Path>, out: &mut dyn Write) -> Result<()> {
    let program = std::env::current_exe().context("cannot find the program itself")?;
    let home = tempfile::tempdir()?;
    let (root, intro) = if let Some(folder) = folder {
        let root = folder
            .canonicalize()
            .with_context(|| format!("there is no folder {}", folder.display()))?;
        (root, "A tour through")
    } else {
        let root = home.path().canonicalize()?.join("demo");
        fs::create_dir(&root)?;
        DEMO.extract(&root)?;
        (root, "A tour through the demo vault, laid out in")
    };
    writeln!(out, "{intro} {}", root.display())?;
    let mut guide = Guide {
        editor: Editor::start(&program, &root)?,
        root,
        out,
    };
    if folder.is_some() {
        guide.visit_some()?;
    } else {
        for stop in STOPS {
            guide.visit(stop)?;
        }
        guide.names("vess")?;
    }
    guide.leave()
}

struct Guide<'o> {
    editor: Editor,
    root: PathBuf,
    out: &'o mut dyn Write,
}

impl Guide<'_> {
    fn visit(&mut self, stop: &Stop) -> Result<()> {
        let path = self.root.join(stop.note);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("the demo has no note {}", stop.note))?;
        let Some(start) = text.find(stop.at) else {
            bail!("{} does not hold `{}`", stop.note, stop.at);
        };
        // Inside of the last word, as a cursor would be.
        let word = stop
            .at
            .rfind(['[', ' ', '#', '/', '('])
            .map_or(0, |at| at + 1);
        self.ask(stop.title, stop.note, &text, start + word + 1, stop.method)
    }

    /// Asks about some links of a vault that is not known.
    fn visit_some(&mut self) -> Result<()> {
        let listing = disk::list(&self.root, "", Extent::WHOLE, &AtomicBool::new(false));
        let notes = listing
            .files
            .iter()
            .filter(|path| vaultmark_vault::path::strip_md(path).is_some());
        let mut stops = 0;
        for note in notes {
            let Ok(text) = fs::read_to_string(self.root.join(note)) else {
                continue;
            };
            let uri = self.open(note, &text)?;
            let document = json!({"textDocument": {"uri": uri}});
            let links = self
                .editor
                .request("textDocument/documentLink", &document)?;
            let inside = links.as_array().into_iter().flatten().find(|link| {
                let target = link["data"]["target"].as_str().unwrap_or("");
                target.starts_with("file:") && !target.starts_with(uri.as_str())
            });
            let Some(start) = inside.map(|link| &link["range"]["start"]) else {
                continue;
            };
            let offset = offset(&text, start);
            for (title, method) in [
                ("Follow a link", "definition"),
                ("Preview what it leads to", "hover"),
                ("Who else links there", "references"),
                ("The outline of the note", "documentSymbol"),
            ] {
                self.ask(title, note, &text, offset + 1, method)?;
            }
            stops += 1;
            if stops == MAX_STOPS {
                break;
            }
        }
        if stops == 0 {
            writeln!(self.out, "\nNo note of this vault links to another one.")?;
        }
        Ok(())
    }

    fn open(&mut self, note: &str, text: &str) -> Result<String> {
        let uri = address(&self.root.join(note))?;
        let document = json!({"uri": uri, "languageId": "markdown", "version": 1, "text": text});
        self.editor
            .notify("textDocument/didOpen", &json!({"textDocument": document}))?;
        Ok(uri)
    }

    fn ask(
        &mut self,
        title: &str,
        note: &str,
        text: &str,
        offset: usize,
        method: &str,
    ) -> Result<()> {
        let uri = self.open(note, text)?;
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let source = text[start..].lines().next().unwrap_or("");
        let column = offset - start;
        writeln!(self.out, "\n== {title}\n{note}:{}", line + 1)?;
        writeln!(self.out, "  {source}")?;
        let indent = source
            .get(..column)
            .map_or(0, |before| before.chars().count());
        writeln!(self.out, "  {}^ {method}", " ".repeat(indent))?;
        let mut params = json!({"textDocument": {"uri": uri}});
        if !matches!(method, "documentSymbol" | "diagnostic") {
            params["position"] = json!({"line": line, "character": column});
        }
        if method == "references" {
            params["context"] = json!({"includeDeclaration": false});
        }
        let answer = self
            .editor
            .request(&format!("textDocument/{method}"), &params)?;
        let lines = match method {
            "hover" => answer["contents"]["value"]
                .as_str()
                .unwrap_or("nothing")
                .lines()
                .map(str::to_owned)
                .collect(),
            "documentSymbol" => outline(&answer, 0),
            "diagnostic" => findings(&answer),
            _ => self.places(&answer),
        };
        self.show(&lines)
    }

    fn names(&mut self, query: &str) -> Result<()> {
        writeln!(
            self.out,
            "\n== Find a name in the whole vault\n  workspace/symbol: {query}"
        )?;
        let answer = self
            .editor
            .request("workspace/symbol", &json!({"query": query}))?;
        let lines = answer.as_array().into_iter().flatten().map(|symbol| {
            format!(
                "{}   in {}",
                text(&symbol["name"]),
                text(&symbol["containerName"])
            )
        });
        let lines: Vec<String> = lines.collect();
        self.show(&lines)
    }

    fn show(&mut self, lines: &[String]) -> Result<()> {
        for line in lines.iter().take(MAX_LINES) {
            writeln!(self.out, "  │ {line}")?;
        }
        if lines.is_empty() {
            writeln!(self.out, "  │ nothing")?;
        }
        if lines.len() > MAX_LINES {
            writeln!(self.out, "  │ … {} more", lines.len() - MAX_LINES)?;
        }
        Ok(())
    }

    /// Locations as note, line, and the text of the line.
    fn places(&self, answer: &Value) -> Vec<String> {
        let places = answer.as_array().into_iter().flatten().map(|place| {
            let uri = place.get("targetUri").unwrap_or(&place["uri"]);
            let range = place.get("targetSelectionRange").unwrap_or(&place["range"]);
            let path = tower_lsp::gen_lsp_types::Uri::parse(text(uri)).ok();
            let path = path.and_then(|uri| convert::path(&uri)).unwrap_or_default();
            let source = fs::read_to_string(&path).unwrap_or_default();
            let line = usize::try_from(range["start"]["line"].as_u64().unwrap_or(0)).unwrap_or(0);
            let shown = path.strip_prefix(&self.root).unwrap_or(&path);
            format!(
                "{}:{}  {}",
                shown.display(),
                line + 1,
                source.lines().nth(line).unwrap_or("").trim()
            )
        });
        places.collect()
    }

    fn leave(self) -> Result<()> {
        match self.editor.leave()? {
            Some(0) => Ok(()),
            code => bail!("the server ended with code {code:?}"),
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

/// The byte offset of a position in UTF-8 columns.
fn offset(source: &str, position: &Value) -> usize {
    let number = |name: &str| usize::try_from(position[name].as_u64().unwrap_or(0)).unwrap_or(0);
    let lines = source.split_inclusive('\n').take(number("line"));
    lines.map(str::len).sum::<usize>() + number("character")
}

/// Diagnostics as line, rule and message.
fn findings(report: &Value) -> Vec<String> {
    let items = report["items"].as_array().into_iter().flatten();
    let shown = items.map(|item| {
        let line = item["range"]["start"]["line"].as_u64().unwrap_or(0) + 1;
        format!(
            "line {line}, {}: {}",
            text(&item["code"]),
            text(&item["message"])
        )
    });
    shown.collect()
}

fn outline(symbols: &Value, depth: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for symbol in symbols.as_array().into_iter().flatten() {
        let detail = text(&symbol["detail"]);
        let dots = if detail.is_empty() { "" } else { ": " };
        lines.push(format!(
            "{}{}{dots}{detail}",
            "  ".repeat(depth),
            text(&symbol["name"])
        ));
        lines.extend(outline(&symbol["children"], depth + 1));
    }
    lines
}
