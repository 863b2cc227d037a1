//! The pure core of Vaultmark: what a vault of Markdown notes says.
//!
//! No disk, no protocol, no threads and no clock are used here: the caller
//! brings bytes in and takes plain data out. Modules import downwards only.
#![warn(missing_docs)]

pub mod link;
pub mod path;
pub mod symbol;
