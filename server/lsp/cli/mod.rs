//! The command line: each command prints what a query returns.

pub mod editor;
pub mod status;
pub mod tour;
