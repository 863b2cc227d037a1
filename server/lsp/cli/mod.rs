//! The command line: each command prints what a query returns.

pub mod status;
