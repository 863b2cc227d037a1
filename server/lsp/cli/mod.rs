//! The command line: each command prints what a query returns.

pub mod check;
pub mod editor;
mod fix;
mod sarif;
pub mod status;
pub mod tour;
