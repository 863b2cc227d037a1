//! What would change, as a unified diff, with colours on a terminal.

use std::io::{self, Write};

use console::Style;
use similar::TextDiff;

/// Lines around a change.
const CONTEXT: usize = 3;

/// Prints how a text changes; with its path before and after.
///
/// # Errors
/// When it cannot be printed.
pub(super) fn unified(out: &mut dyn Write, paths: [&str; 2], texts: [&str; 2]) -> io::Result<()> {
    let diff = TextDiff::from_lines(texts[0], texts[1]);
    let mut unified = diff.unified_diff();
    let unified = unified.context_radius(CONTEXT).header(paths[0], paths[1]);
    if !console::colors_enabled() {
        return write!(out, "{unified}");
    }
    for line in unified.to_string().split_inclusive('\n') {
        let style = match line.as_bytes().first() {
            Some(b'+') => Style::new().green(),
            Some(b'-') => Style::new().red(),
            Some(b'@') => Style::new().cyan(),
            _ => Style::new(),
        };
        write!(out, "{}", style.apply_to(line))?;
    }
    Ok(())
}
