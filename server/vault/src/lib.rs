//! The pure core of Vaultmark: what a vault of Markdown notes says.
//!
//! No disk, no protocol, no threads and no clock are used here: the caller
//! brings bytes in and takes plain data out. Modules import downwards only.
#![warn(missing_docs)]

mod block;
mod builder;
mod canvas;
pub mod change;
mod counting;
pub mod daily;
pub mod digest;
pub mod edit;
mod elements;
pub mod fact;
pub mod field;
pub mod files;
pub mod frontmatter;
pub mod heading;
pub mod index;
pub mod lines;
pub mod link;
pub mod linkpath;
mod markdown;
pub mod note;
mod pack;
pub mod path;
pub mod properties;
pub mod query;
pub mod relink;
pub mod resolve;
pub mod rule;
mod said;
pub mod schema;
pub mod settings;
pub mod symbol;
pub mod tag;
mod tally;
pub mod text;
pub mod tier;
pub mod touched;
mod uses;
pub mod vault;
