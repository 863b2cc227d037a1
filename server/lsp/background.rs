//! Work beside the protocol: handlers only begin it. Nothing here is waited for.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::client::Client;
use crate::disk::Extent;
use crate::roots::Root;
use crate::session::{Session, Work};
use crate::worker::Worker;
use crate::{indexing, watch};

/// What all such work needs.
#[derive(Clone, Debug)]
pub struct Background {
    /// The session.
    pub session: Arc<Session>,
    /// The client.
    pub client: Client,
    /// Where requests are answered: they go first.
    pub worker: Worker,
}

impl Background {
    /// Does what opening or closing documents and folders calls for.
    pub fn begin(&self, work: Work) {
        for root in work.index {
            self.index(root);
        }
        if let Some(uri) = work.out_of_sync {
            self.client.warn(format!(
                "A change of {uri} does not fit its text; close and open it again to go on"
            ));
        }
        self.look(&work.refresh);
    }

    /// Indexes a root, and watches it if the client does not.
    pub fn index(&self, root: Arc<Root>) {
        let capabilities = self.session.capabilities();
        let name = root.path.file_name().unwrap_or_default();
        let title = format!("Reading {}", name.to_string_lossy());
        let progress = self.client.progress(capabilities.progress, title);
        let Self {
            session, client, ..
        } = self.clone();
        // Threads of their own: these may run as long as the server does. A
        // root that was not chosen may be too large to be watched; that is
        // known once it was listed.
        let watched = !capabilities.watch;
        let at_once = watched && root.extent == Extent::WHOLE;
        if at_once {
            let (session, client, root) = (Arc::clone(&session), client.clone(), Arc::clone(&root));
            std::thread::spawn(move || watch::watch(&session, &root, &client));
        }
        std::thread::spawn(move || {
            let turn = root.disk_turn();
            indexing::index(&session, &root, &client, &progress);
            drop((turn, progress));
            if watched && !at_once {
                watch::watch(&session, &root, &client);
            }
        });
    }

    /// Looks at paths of which something was heard.
    pub fn look(&self, paths: &BTreeSet<PathBuf>) {
        for root in self.session.hear(paths) {
            self.refresh(root);
        }
    }

    /// Looks at paths and waits until what is seen of them is in the vaults.
    pub fn look_now(&self, paths: &BTreeSet<PathBuf>) {
        for root in self.session.roots() {
            root.hear(
                paths
                    .iter()
                    .filter(|path| root.inside(path).is_some())
                    .cloned(),
            );
            indexing::refresh(&self.session, &root, &self.client);
        }
    }

    /// Waits until what was heard of files is in the vaults, but for those that are
    /// read for the first time.
    pub fn catch_up(&self) {
        for root in self.session.roots() {
            let vault = self.session.vault(&root);
            if vault.is_some_and(|vault| vault.is_complete()) {
                indexing::refresh(&self.session, &root, &self.client);
            }
        }
    }

    /// Looks at all roots again that were listed before this moment: what
    /// changed between was reported by nobody.
    pub fn look_around(&self) {
        for root in self.session.roots() {
            if root.hear_all() {
                self.refresh(root);
            }
        }
    }

    fn refresh(&self, root: Arc<Root>) {
        let Self {
            session, client, ..
        } = self.clone();
        tokio::task::spawn_blocking(move || indexing::refresh(&session, &root, &client));
    }

    /// Reads the settings of every root again.
    pub fn reload(&self) {
        let Self {
            session, client, ..
        } = self.clone();
        std::thread::spawn(move || {
            let roots = session.roots();
            for root in roots.iter().filter(|root| root.has_files()) {
                let _turn = root.disk_turn();
                indexing::reload(&session, root, &client);
            }
        });
    }

    /// Asks for the settings, if the client can be asked, and applies them.
    pub fn pull_settings(&self) {
        if !self.session.capabilities().configuration {
            return;
        }
        let turn = self.session.next_settings_turn();
        let this = self.clone();
        tokio::spawn(async move {
            if let Some(settings) = this.client.settings().await
                && this.session.set_client_settings(turn, settings)
            {
                this.reload();
            }
        });
    }
}
