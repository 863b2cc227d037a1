//! The command line: each command prints what a query returns.

mod baseline;
pub mod check;
mod diff;
pub mod doctor;
pub mod editor;
pub mod explain;
mod findings;
mod fix;
pub mod graph;
pub mod packaging;
mod print;
pub mod rename;
mod sarif;
pub mod settings;
pub mod status;
pub mod tour;
