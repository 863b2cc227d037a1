//! Measures the server as an editor sees it: the real program over pipes, with
//! a client that parses the answers. Prints, asserts nothing, and writes
//! nothing: what is typed is only in open documents.
//!
//!     cargo bench --bench protocol -- FOLDER [FOLDER …]

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` makes values")]

mod checking;
#[path = "../../tests/support/client.rs"]
#[allow(dead_code, reason = "the tests use the rest of it")]
mod client;
mod editor;
mod finding;
mod large;
mod sample;
#[path = "../support/times.rs"]
mod times;
mod writing;

use std::path::Path;

use crate::sample::Sample;

fn main() {
    let folders = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    for folder in folders {
        match Sample::of(Path::new(&folder)) {
            Ok(sample) => measure(&sample),
            Err(error) => eprintln!("{folder}: {error:#}"),
        }
    }
}

fn measure(sample: &Sample) {
    println!("{}", sample.folder.display());
    let mut editor = finding::first(sample);
    finding::links(&mut editor, sample);
    finding::hub(&mut editor, sample);
    writing::names(&mut editor, sample);
    writing::words(&mut editor, sample);
    large::note(&mut editor, sample);
    drop(editor);
    checking::open_notes(sample);
    checking::pushed(sample);
    checking::whole_vault(sample);
}
