//! What is left of a panic: the place in the program, and nothing of the notes.
//!
//! The message of a panic may quote the text of a note, and standard error of
//! a language server ends in the logs of editors.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// From now on a panic is reported with its place only.
pub fn report_places_only() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(
            place = place.unwrap_or_default(),
            thread = std::thread::current().name().unwrap_or("unnamed"),
            "an internal error; please report the place"
        );
    }));
}

/// Runs work on something that came from outside. `None` when it panicked,
/// which the hook has reported: the rest goes on.
pub fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_one_piece_of_work_is_caught() {
        assert_eq!(caught(|| 1), Some(1));
        assert_eq!(caught(|| "s\u{e9}cret"[..2].len()), None);
    }

    /// Panics with the text of a note, in a process of its own, for the hook
    /// is that of the whole process.
    #[test]
    #[ignore = "started by the test below"]
    fn panic_with_text() {
        tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .init();
        report_places_only();
        assert_eq!(caught(|| "s\u{e9}cret"[..2].len()), None);
    }

    #[test]
    fn the_report_of_a_panic_quotes_no_text() {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--nocapture", "panic_with_text"])
            .output()
            .unwrap();
        let report = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{report}");
        assert!(report.contains("panics.rs"), "{report}");
        assert!(!report.contains("cret"), "{report}");
    }
}
