//! What the tests need to drive the real server: a client over pipes, and
//! vaults written as text.

pub(crate) mod client;
pub(crate) mod edits;
pub(crate) mod fixture;
