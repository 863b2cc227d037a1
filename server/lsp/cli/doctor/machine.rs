//! This program and the machine that it runs on.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Report;

/// So long a program may take to say its version.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells the version and the platform.
pub(super) fn look(report: &mut Report) {
    report.tell("version", "Vaultmark", env!("CARGO_PKG_VERSION"));
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let platform = format!("{system} {machine}, {processors} processors");
    report.tell("platform", "Platform", platform);
    if let Ok(program) = std::env::current_exe() {
        report.tell("program", "Program", program.display().to_string());
    }
}

/// The first line of what a program says of its version; `None` if it cannot
/// be run, fails, or takes too long.
pub(super) fn version(program: &Path) -> Option<String> {
    let mut child = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let until = Instant::now() + PATIENCE;
    // What is said of a version is shorter than a pipe is long.
    while child.try_wait().ok()?.is_none() {
        if Instant::now() > until {
            // Nothing is lost if it ended meanwhile.
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().map(str::trim)?;
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}
