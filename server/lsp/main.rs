//! The command `vaultmark`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use tracing_subscriber::EnvFilter;

/// A language server for vaults of Markdown notes.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve an editor over standard input and output.
    Lsp {
        /// Accepted for editors that give it; there is no other way.
        #[arg(long)]
        stdio: bool,
    },
    /// Show what an editor would show, in the demo vault or in yours.
    Tour {
        /// The folder of a vault of your own.
        #[arg(long)]
        vault: Option<PathBuf>,
    },
    /// Say what a vault holds: notes, links by form and class, tiers, problems.
    Status {
        /// The folder of the vault.
        folder: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check notes: links, frontmatter, tiers. Exit code 1 when something is found.
    Check(vaultmark::cli::check::Arguments),
    /// Draw the links of a vault or around a note, and show what its tiers lack.
    Graph(vaultmark::cli::graph::Arguments),
    /// Give a note, folder, heading, block or tag another name; all links follow.
    Rename(vaultmark::cli::rename::Arguments),
    /// Move a note, folder or file into another folder; all links follow.
    Move(vaultmark::cli::rename::MoveArguments),
    /// Take the last rename back, or one that was interrupted.
    Undo(vaultmark::cli::rename::UndoArguments),
    /// Say what an issue report needs, and what is to be mended. Exit code 1 when something is.
    Doctor(vaultmark::cli::doctor::Arguments),
    /// Say what a rule is about, with examples; without one, list the rules.
    Explain {
        /// The code of the rule, such as `broken-link`.
        rule: Option<String>,
    },
    /// Print the completions of a shell, for its folder of completions.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the man page; with a folder, write those of all commands into it.
    Man {
        /// The folder, which is made if it is not there.
        folder: Option<PathBuf>,
    },
    /// List the settings, with their defaults and what they mean.
    Settings {
        /// How they are listed.
        #[arg(long, value_enum, default_value_t)]
        format: vaultmark::cli::settings::Format,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Standard output belongs to the protocol and to what commands print.
    let filter =
        EnvFilter::try_from_env("VAULTMARK_LOG").unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    vaultmark::panics::report_places_only();
    let mut output = Output {
        inner: std::io::stdout(),
        is_closed: false,
    };
    let done = match arguments.command {
        Command::Lsp { stdio: _ } => return lsp(),
        Command::Tour { vault } => vaultmark::cli::tour::run(vault.as_deref(), &mut output),
        Command::Status { folder, json } => vaultmark::cli::status::run(&folder, json, &mut output),
        Command::Graph(arguments) => vaultmark::cli::graph::run(&arguments, &mut output),
        Command::Explain { rule } => vaultmark::cli::explain::run(rule.as_deref(), &mut output),
        Command::Completions { shell } => {
            vaultmark::cli::packaging::completions(Arguments::command(), shell, &mut output)
        }
        Command::Man { folder } => {
            vaultmark::cli::packaging::man(Arguments::command(), folder.as_deref(), &mut output)
        }
        Command::Settings { format } => vaultmark::cli::settings::run(format, &mut output),
        Command::Check(arguments) => {
            let found = vaultmark::cli::check::run(&arguments, &mut output);
            return judged(found, &output);
        }
        Command::Rename(arguments) => {
            let refused = vaultmark::cli::rename::run(&arguments, &mut output);
            return judged(refused, &output);
        }
        Command::Move(arguments) => {
            let refused = vaultmark::cli::rename::run_move(&arguments, &mut output);
            return judged(refused, &output);
        }
        Command::Doctor(arguments) => {
            let ill = vaultmark::cli::doctor::run(&arguments, &mut output);
            return judged(ill, &output);
        }
        Command::Undo(arguments) => {
            let refused = vaultmark::cli::rename::run_undo(&arguments, &mut output);
            return judged(refused, &output);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Who reads only the beginning, as `head` does, has got what they wanted.
        Err(_) if output.is_closed => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing helps when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "vaultmark: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The exit code of a command that says whether something is the matter: 1 when
/// something is, 2 when the command failed.
fn judged(done: anyhow::Result<bool>, output: &Output) -> ExitCode {
    match done {
        Ok(is_wrong) => ExitCode::from(u8::from(is_wrong)),
        Err(_) if output.is_closed => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "vaultmark: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Standard output, which knows whether somebody reads it.
struct Output {
    inner: std::io::Stdout,
    is_closed: bool,
}

impl Output {
    fn watched<T>(&mut self, done: std::io::Result<T>) -> std::io::Result<T> {
        let closed = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
        self.is_closed |= done.as_ref().is_err_and(closed);
        done
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let done = self.inner.write(bytes);
        self.watched(done)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let done = self.inner.flush();
        self.watched(done)
    }
}

fn lsp() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "vaultmark: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(vaultmark::serve(std::io::stdin(), std::io::stdout()));
    // Threads that wait for the disk or for input must not hold the process.
    std::process::exit(i32::from(code))
}
