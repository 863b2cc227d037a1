//! `vaultmark graph`: the links of a vault, or around a note, for programs,
//! for Graphviz and as a page.

mod dot;
mod page;
mod table;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use vaultmark_vault::index::FileId;
use vaultmark_vault::query::graph::{Asked, graph};
use vaultmark_vault::query::rename::{Named, named};
use vaultmark_vault::vault::Vault;

use crate::cli::check::tell;
use crate::cli::rename::{from_here, root};
use crate::cli::status::open;
use crate::disk;
use crate::graph::{Shown, map};
use crate::survey::Others;

/// What is asked for, and in which form.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    form: Form,
}

/// What is drawn.
#[derive(Clone, Debug, clap::Args)]
struct What {
    /// The note or file in the middle, by path or name; without it, the whole vault.
    note: Option<String>,
    /// The folder of the vault; else the one around the current folder.
    #[arg(long, value_name = "DIR")]
    vault: Option<PathBuf>,
    /// How many links away from the note others may be.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "note")]
    depth: u32,
    /// Show at most so many notes and files, the nearest and best linked ones.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    limit: usize,
    /// Show the copies of a note in all tiers as one.
    #[arg(long)]
    families: bool,
}

/// The forms in which it is shown.
#[derive(Clone, Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("form").required(true).multiple(true)))]
struct Form {
    /// Print JSON.
    #[arg(long, group = "form", conflicts_with_all = ["dot", "html"])]
    json: bool,
    /// Print a graph for Graphviz.
    #[arg(long, group = "form", conflicts_with_all = ["html", "tiers"])]
    dot: bool,
    /// Write a page that any browser opens, without a network; `-` prints it.
    #[arg(long, value_name = "FILE", group = "form")]
    html: Option<PathBuf>,
    /// Show which copies are missing and which give secrets away: in the JSON, as the
    /// first view of the page, else as a table.
    #[arg(long, group = "form")]
    tiers: bool,
}

/// Draws the graph.
///
/// # Errors
/// When the vault or the note is not there, or the output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<()> {
    let Arguments { what, form } = arguments;
    let root = root(what.vault.as_deref())?;
    let opened = open(&root)?;
    for problem in &opened.problems {
        tell(problem);
    }
    let vault = &opened.vault;
    let note = what.note.as_deref();
    let center = note.map(|note| find(vault, &root, note)).transpose()?;
    let asked = Asked {
        center,
        depth: what.depth,
        limit: what.limit,
        families: what.families,
    };
    let drawn = graph(vault, asked, &|| false);
    if form.dot {
        return dot::print(vault, &drawn, out);
    }
    // A page has both views.
    let map = (form.tiers || form.html.is_some()).then(|| {
        let text = |file| disk::listed_text(&root, &vault.path(file)?);
        map(vault, asked, &drawn, &Others(&text), &|| false)
    });
    let shown = Shown {
        vault,
        asked,
        graph: &drawn,
        matrix: map.as_ref(),
    };
    if let Some(file) = &form.html {
        return write_page(&shown, &root, file, form.tiers, out);
    }
    if form.json {
        writeln!(out, "{:#}", shown.json())?;
    } else if let Some(map) = &map {
        table::print(vault, map, out)?;
    }
    Ok(())
}

/// The note or file that a text names.
fn find(vault: &Vault, root: &Path, text: &str) -> Result<FileId> {
    match named(vault, &from_here(root, text)) {
        Ok(Named::File(file)) => Ok(file),
        Ok(Named::Folder(folder)) => bail!("`{folder}` is a folder; name a note or file"),
        Err(refusal) => bail!("{refusal}"),
    }
}

fn write_page(
    shown: &Shown<'_>,
    root: &Path,
    file: &Path,
    tiers_first: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let is_output = file == Path::new("-");
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty() && !is_output);
    let folder = folder.unwrap_or(Path::new("."));
    let folder = folder
        .canonicalize()
        .with_context(|| format!("there is no folder {}", folder.display()))?;
    let base = page::base(root, (!is_output).then_some(&*folder));
    let page = page::page(shown, root, &base, tiers_first)?;
    if is_output {
        out.write_all(page.as_bytes())?;
        return Ok(());
    }
    let cannot = || format!("cannot write {}", file.display());
    std::fs::write(file, page).with_context(cannot)?;
    let graph = shown.graph;
    writeln!(
        out,
        "{}: {} notes and files{}",
        file.display(),
        graph.nodes.len(),
        match graph.left_out {
            0 => String::new(),
            left_out => format!("; {left_out} are left out, see `--limit`"),
        }
    )?;
    Ok(())
}
