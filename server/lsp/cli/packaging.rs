//! `vaultmark completions` and `vaultmark man`: what packages hold beside the
//! program, made from its own description of itself.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use clap::Command;
use clap_complete::Shell;

/// Prints the completions of a shell.
///
/// # Errors
/// When the output cannot be written.
pub fn completions(mut command: Command, shell: Shell, out: &mut dyn Write) -> Result<()> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    // What it cannot write it panics for; to the memory it always can.
    clap_complete::generate(shell, &mut command, name, &mut script);
    Ok(out.write_all(&script)?)
}

/// Prints the man page, or writes it and those of all commands into a folder.
///
/// # Errors
/// When they cannot be written.
pub fn man(command: Command, folder: Option<&Path>, out: &mut dyn Write) -> Result<()> {
    let Some(folder) = folder else {
        return Ok(clap_mangen::Man::new(command).render(&mut &mut *out)?);
    };
    let what = || format!("cannot write man pages into {}", folder.display());
    std::fs::create_dir_all(folder).with_context(what)?;
    clap_mangen::generate_to(command, folder).with_context(what)
}
