//! The tests of the project, in reading order.

mod support;

mod specification;

mod answers;
mod clients;
mod consistency;
mod files;
mod process;
mod protocol;
mod real_notes;
mod tour;
