//! The tier map as text.

use std::io::Write;

use anyhow::Result;
use vaultmark_vault::query::matrix::{Cell, Matrix, State};
use vaultmark_vault::vault::Vault;

/// Prints a line for each family, with a letter for each tier, and what is given
/// away below it.
///
/// # Errors
/// When it cannot be printed.
pub(super) fn print(vault: &Vault, map: &Matrix, out: &mut dyn Write) -> Result<()> {
    if map.tiers.is_empty() {
        writeln!(out, "This vault has no tiers.")?;
        return Ok(());
    }
    let folders = map
        .tiers
        .iter()
        .filter_map(|&tier| vault.tiers().0.get(tier));
    let folders: Vec<&str> = folders.map(|tier| &*tier.folder).collect();
    writeln!(
        out,
        "{}   (T there, M missing, L gives secrets away)",
        folders.join(" ")
    )?;
    for row in &map.rows {
        for (cell, folder) in row.cells.iter().zip(&folders) {
            let letter = match cell.state {
                State::There => 'T',
                State::Missing => 'M',
                State::Leak => 'L',
            };
            write!(out, "{letter:<width$} ", width = folder.chars().count())?;
        }
        writeln!(out, "  {}", row.base)?;
        row.cells.iter().try_for_each(|cell| leaks(cell, out))?;
    }
    map.others.iter().try_for_each(|cell| leaks(cell, out))?;
    if map.left_out > 0 {
        writeln!(out, "{} more families; see `--limit`", map.left_out)?;
    }
    Ok(())
}

fn leaks(cell: &Cell, out: &mut dyn Write) -> Result<()> {
    for leak in &cell.leaks {
        let what = if leak.embed { "shows" } else { "names" };
        writeln!(out, "    {} {what} {}", cell.path, leak.target)?;
    }
    Ok(())
}
