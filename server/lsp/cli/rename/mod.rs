//! `vaultmark rename` and `vaultmark move`: the renames of the editor without
//! one. Nothing is changed unless `--apply` is given.

mod asked;
mod batch;
mod outcome;

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use vaultmark_vault::index::FileId;
use vaultmark_vault::query::rename::Plan;
use vaultmark_vault::text::Encoding;

use crate::apply::{self, Fault, Watch, store};
use crate::cli::check::{root_of, tell};
use crate::cli::status::open;
use crate::disk::Extent;
use crate::rename::{check, perform, said, symlinks, unread};
use crate::roots::Holding;
use crate::snapshot::Snapshot;

use asked::Kind;
pub(super) use asked::from_here;
use outcome::Outcome;

/// Where and how it is done.
#[derive(Clone, Debug, clap::Args)]
pub struct How {
    /// The folder of the vault; the one around the current folder unless given.
    #[arg(long, value_name = "DIR")]
    pub vault: Option<PathBuf>,
    /// Do it. Without this, what would be done is shown.
    #[arg(long)]
    pub apply: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The folder `X/` beside the note `X.md` goes along, in every tier.
    #[arg(long)]
    pub with_folder: bool,
}

/// What kind of thing gets another name: none of these is a note, folder or file.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "kind", multiple = false)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Flags {
    /// A heading gets another text.
    #[arg(long)]
    pub heading: bool,
    /// A block gets another id.
    #[arg(long)]
    pub block: bool,
    /// A tag gets another name, with those below it.
    #[arg(long)]
    pub tag: bool,
    /// A property gets another key in all notes, and so do inline fields.
    #[arg(long)]
    pub property: bool,
    /// A value of a property gets another name in all notes.
    #[arg(long)]
    pub value: bool,
    /// An alias of a note gets another name, and links that show it show the new one.
    #[arg(long)]
    pub alias: bool,
}

impl Flags {
    fn kind(&self) -> Kind {
        let given = [
            (self.heading, Kind::Heading),
            (self.block, Kind::Block),
            (self.tag, Kind::Tag),
            (self.property, Kind::Property),
            (self.value, Kind::Value),
            (self.alias, Kind::Alias),
        ];
        let found = given.into_iter().find(|own| own.0);
        found.map_or(Kind::Path, |own| own.1)
    }
}

/// What gets another name.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// A note, folder or other file: its path, or a name as a link would say it.
    /// With `--heading` `Note#Heading`, with `--block` `Note#^id`, with `--tag` a tag,
    /// with `--property` a key, with `--value` `key=value`, with `--alias` `Note|Alias`.
    #[arg(required_unless_present_any = ["batch", "resume"])]
    pub old: Option<String>,
    /// The new name. One with `/` is a path, from the root of the tier or vault;
    /// behind a final `/` the name stays.
    #[arg(required_unless_present_any = ["batch", "resume"])]
    pub new: Option<String>,
    /// What kind of thing it is.
    #[command(flatten)]
    pub flags: Flags,
    /// Renames many notes, folders and files as one: of each line of this file what
    /// stands before its tab gets the name behind it. `-`: standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["old", "new", "kind"])]
    pub batch: Option<PathBuf>,
    /// Finish a rename that was interrupted.
    #[arg(long, conflicts_with_all = ["old", "new", "kind", "batch", "apply", "with_folder", "json"])]
    pub resume: bool,
    /// Where and how it is done.
    #[command(flatten)]
    pub how: How,
}

/// What goes into another folder.
#[derive(Clone, Debug, clap::Args)]
pub struct MoveArguments {
    /// A note, folder or other file: its path, or a name as a link would say it.
    pub old: String,
    /// The folder, from the root of the tier or vault; made where it is missing.
    pub folder: String,
    /// Where and how it is done.
    #[command(flatten)]
    pub how: How,
}

/// What is taken back.
#[derive(Clone, Debug, clap::Args)]
pub struct UndoArguments {
    /// The folder of the vault; the one around the current folder unless given.
    #[arg(long, value_name = "DIR")]
    pub vault: Option<PathBuf>,
}

/// Renames, or shows what that would do. Says whether it was refused.
///
/// # Errors
/// When the vault or the disk fails, or the output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<bool> {
    let root = root(arguments.how.vault.as_deref())?;
    if arguments.resume {
        let done = with_bar(|watch| apply::resume(&root, watch));
        return ended(&root, "Finished", done, out);
    }
    let ask = |snapshot: &Snapshot| {
        if let Some(file) = &arguments.batch {
            return batch::plan(snapshot, &batch::read(file)?, &arguments.how);
        }
        let [old, new] = [&arguments.old, &arguments.new].map(|own| own.as_deref());
        let names = [old.unwrap_or_default(), new.unwrap_or_default()];
        asked::plan(snapshot, arguments.flags.kind(), names, &arguments.how)
    };
    let what = match (&arguments.batch, &arguments.old, &arguments.new) {
        (Some(file), ..) => format!("the renames of {}", file.display()),
        (_, Some(old), Some(new)) => format!("the rename of {old} to {new}"),
        _ => String::new(),
    };
    renamed(&root, &what, ask, &arguments.how, out)
}

/// Moves into a folder, or shows what that would do. Says whether it was refused.
///
/// # Errors
/// As [`run`].
pub fn run_move(arguments: &MoveArguments, out: &mut dyn Write) -> Result<bool> {
    let root = root(arguments.how.vault.as_deref())?;
    let (old, folder) = (&arguments.old, arguments.folder.trim_end_matches('/'));
    let ask = |snapshot: &Snapshot| {
        let new = format!("{folder}/");
        asked::plan(snapshot, Kind::Path, [old, &new], &arguments.how)
    };
    let what = format!("the move of {old} to {folder}/");
    renamed(&root, &what, ask, &arguments.how, out)
}

/// Takes the last rename back. Says whether that was refused.
///
/// # Errors
/// As [`run`].
pub fn run_undo(arguments: &UndoArguments, out: &mut dyn Write) -> Result<bool> {
    let root = root(arguments.vault.as_deref())?;
    let done = with_bar(|watch| apply::undo(&root, watch));
    ended(&root, "Took back", done, out)
}

/// The folder of the vault.
pub(super) fn root(given: Option<&Path>) -> Result<PathBuf> {
    let shown = given.unwrap_or(Path::new("."));
    let what = || format!("there is no folder {}", shown.display());
    let full = shown.canonicalize().with_context(what)?;
    if !full.is_dir() {
        bail!(
            "{} is not a folder; name the folder of the vault",
            shown.display()
        );
    }
    Ok(if given.is_some() {
        full
    } else {
        root_of(&full)
    })
}

fn renamed(
    root: &Path,
    what: &str,
    ask: impl FnOnce(&Snapshot) -> Result<Plan, Fault>,
    how: &How,
    out: &mut dyn Write,
) -> Result<bool> {
    // Half a rename would be planned upon.
    if let Some(message) = store::interrupted(root) {
        return refused(root, &message, how.json, out);
    }
    let opened = open(root)?;
    for problem in opened.all_problems() {
        tell(problem);
    }
    let mut holding = Holding::new(root.to_path_buf(), Extent::WHOLE, true);
    holding.vault = Arc::new(opened.vault);
    let snapshot = holding.snapshot(FileId::default(), Encoding::Utf8);
    let (snapshot, unknown) = unread::guessed(&snapshot);
    let planned = ask(&snapshot).map(|mut plan| {
        plan.warnings.extend(unknown);
        plan.warnings.extend(symlinks::dangling(root, &plan));
        plan
    });
    let done = planned.and_then(|plan| {
        // Some of those files may be elsewhere afterwards.
        let said = said::about(root, &snapshot.vault, &plan);
        let outcome = Outcome::new(how.json, !how.apply && !how.json, said);
        let seen = |note: &perform::Rewritten<'_>| outcome.see(note);
        with_bar(|watch| {
            if how.apply {
                return perform::perform(&snapshot, &plan, what, seen, watch);
            }
            check::disk(&snapshot, &plan).map_err(Fault::Refused)?;
            perform::each(&snapshot, &plan, watch, |note| {
                seen(note);
                Ok(())
            })
        })?;
        Ok((plan, outcome))
    });
    match done {
        Ok((plan, outcome)) => {
            outcome.print(&snapshot, &plan, how, out)?;
            Ok(false)
        }
        Err(fault) => failed(root, fault, how.json, out),
    }
}

/// Shows how far the work is, where somebody sees it.
fn with_bar<T>(work: impl FnOnce(Watch<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
    let bar = ProgressBar::new(0);
    let done = work(&|done, all| {
        // To draw takes longer than a step.
        if done.is_multiple_of(64) {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        }
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    done
}

/// Says what was finished or taken back.
fn ended(
    root: &Path,
    verb: &str,
    done: Result<apply::Done, Fault>,
    out: &mut dyn Write,
) -> Result<bool> {
    match done {
        Ok(done) => {
            writeln!(out, "{verb} {}.", done.what)?;
            outcome::repositories(root, done.paths.iter().map(String::as_str), out)?;
            Ok(false)
        }
        Err(fault) => failed(root, fault, false, out),
    }
}

fn failed(root: &Path, fault: Fault, json: bool, out: &mut dyn Write) -> Result<bool> {
    match fault {
        Fault::Refused(message) => refused(root, &message, json, out),
        Fault::Failed(error) => Err(error),
        Fault::Stopped => bail!("it was stopped"),
    }
}

fn refused(root: &Path, message: &str, json: bool, out: &mut dyn Write) -> Result<bool> {
    tell(message);
    if json {
        writeln!(out, "{:#}", outcome::refusal(root, message))?;
    }
    Ok(true)
}
