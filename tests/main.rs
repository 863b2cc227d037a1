//! The tests of the project, in reading order.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` makes values")]

mod support;

mod specification;

mod actions;
mod answers;
mod clients;
mod command_line;
mod consistency;
mod diagnostics;
mod doctor;
mod documentation;
mod files;
mod graph;
mod looking;
mod moving;
mod naming;
mod packaging;
mod process;
mod protocol;
mod reading;
mod real_notes;
mod rename;
mod roots;
mod schemas;
mod settings;
mod tour;
mod typing;
#[cfg(unix)]
mod walks;
mod workspace;
