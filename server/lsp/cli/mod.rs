//! The command line: each command prints what a query returns.

pub mod check;
pub mod editor;
mod sarif;
pub mod status;
pub mod tour;
