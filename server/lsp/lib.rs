//! Vaultmark: a language server for vaults of Markdown notes.
//!
//! The core, `vaultmark-vault`, knows what a vault says. This crate brings it
//! to editors and to the command line. Data goes one way: [`documents`] and
//! [`disk`] make changes, [`session`] applies them to the vaults of its
//! [`roots`], [`server`] answers from snapshots.

pub mod actions;
pub mod answer;
pub mod apply;
pub mod assignments;
pub mod background;
pub mod beside;
pub mod capabilities;
pub mod cli;
pub mod client;
pub mod completion;
pub mod convert;
pub mod disk;
pub mod documents;
pub mod edits;
pub mod features;
pub mod fingerprints;
pub mod frame;
pub mod front;
pub mod graph;
pub mod guard;
pub mod hierarchy;
pub mod indexing;
pub mod look;
pub mod moments;
pub mod obsidian;
pub mod options;
pub mod outbox;
pub mod outside;
pub mod panics;
pub mod publish;
pub mod pull;
pub mod push;
pub mod reading;
pub mod refresh;
pub mod rename;
pub mod reports;
pub mod roots;
pub mod rules;
pub mod schemas;
pub mod server;
pub mod session;
pub mod settings;
pub mod snapshot;
pub mod survey;
pub mod tokens;
pub mod watch;
pub mod whole;
pub mod worker;

use std::io::{Read, Write};

/// Serves one client over a pair of streams until it leaves. Gives the exit
/// code of the process.
pub async fn serve(input: impl Read + Send + 'static, output: impl Write + Send + 'static) -> u8 {
    front::serve(input, output, |reader, writer| async {
        let outbox = outbox::Outbox::new(writer.queue());
        let (service, socket) = server::service(&outbox);
        tower_lsp::Server::new(reader, writer, socket)
            // Four slow handlers must not keep the server from listening.
            .concurrency_level(256)
            .serve(guard::Guard { service, outbox })
            .await;
    })
    .await
}
