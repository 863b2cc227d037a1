//! One moment of a vault, from which a request is answered.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;
use tower_lsp::gen_lsp_types::{self as lsp, Uri};
use vaultmark_vault::index::FileId;
use vaultmark_vault::path::is_read;
use vaultmark_vault::query::Texts;
use vaultmark_vault::query::diagnostics::Diagnostic;
use vaultmark_vault::text::{Encoding, LineCol, Text};
use vaultmark_vault::vault::Vault;

use crate::documents::Outdated;
use crate::reports::Reports;
use crate::{convert, disk};

/// What a snapshot keeps of an open document.
#[derive(Clone, Debug)]
pub struct Open {
    /// The address as the editor spells it.
    pub uri: Uri,
    /// The version that the editor gave last.
    pub version: i32,
    /// The text.
    pub text: Text,
}

/// One moment of a vault, and the file that a request is about.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The vault.
    pub vault: Arc<Vault>,
    /// The file of the request; of no use in a workspace request.
    pub file: FileId,
    /// Unit of columns.
    pub encoding: Encoding,
    /// Whether the client shows places that have to do with a diagnostic.
    pub related_information: bool,
    /// Whether the client shows a page about a rule.
    pub code_description: bool,
    /// Whether the client takes edits that say of which version they are.
    pub document_changes: bool,
    /// Whether the document of the request changed since.
    pub outdated: Option<Outdated>,
    /// When the vault was opened.
    pub since: Instant,
    pub(crate) root: PathBuf,
    pub(crate) root_address: Arc<str>,
    pub(crate) open: Arc<FxHashMap<String, Open>>,
    pub(crate) reports: Arc<Reports>,
}

impl Snapshot {
    /// The address of a file; of an open one as the editor spells it.
    pub fn uri(&self, file: FileId) -> Option<Uri> {
        let path = self.vault.path(file)?;
        match self.open.get(&path) {
            Some(open) => Some(open.uri.clone()),
            None => convert::uri(&self.root.join(path)),
        }
    }

    /// The address of a file as text; see [`Snapshot::uri`].
    pub fn address(&self, file: FileId) -> Option<String> {
        let path = self.vault.path(file)?;
        match self.open.get(&path) {
            Some(open) => Some(open.uri.to_string()),
            None => Some(self.address_of(&path)),
        }
    }

    /// The address that a file of this path has or would have.
    pub fn address_of(&self, path: &str) -> String {
        let mut address = self.root_address.to_string();
        convert::push_path(&mut address, path);
        address
    }

    /// What is wrong in the request's file.
    pub fn diagnostics(&self) -> Arc<[Diagnostic]> {
        self.reports.of(self)
    }

    /// The version of a file, if it is open.
    pub fn version_of(&self, file: FileId) -> Option<i32> {
        let open = self.open.get(&self.vault.path(file)?)?;
        Some(open.version)
    }

    /// The text of a path from the root, if it is open.
    pub fn open_text(&self, path: &str) -> Option<String> {
        Some(self.open.get(path)?.text.to_text())
    }

    /// The path of a file on the disk.
    pub fn file_path(&self, file: FileId) -> Option<PathBuf> {
        Some(self.root.join(self.vault.path(file)?))
    }

    /// Whether the file of a path on the disk is open.
    pub fn is_open(&self, path: &Path) -> bool {
        let inside = path.strip_prefix(&self.root).ok();
        let inside = inside.and_then(Path::to_str);
        inside.is_some_and(|inside| self.open.contains_key(inside))
    }

    /// The same moment for a request about another file.
    #[must_use]
    pub fn at(&self, file: FileId) -> Self {
        Self {
            file,
            outdated: None,
            ..self.clone()
        }
    }

    /// The folder of the vault.
    pub fn root(&self) -> &std::path::Path {
        &self.root
    }

    /// The files that are open.
    pub fn open_files(&self) -> Vec<FileId> {
        let open = self.open.keys();
        open.filter_map(|path| self.vault.find(path)).collect()
    }

    /// The byte offset of a position in the request's file.
    pub fn offset(&self, at: LineCol) -> Option<u32> {
        let path = self.vault.path(self.file)?;
        let offset = match self.open.get(&path) {
            Some(open) => open.text.offset(at, self.encoding),
            None => Text::new(&self.text(self.file)?).offset(at, self.encoding),
        };
        u32::try_from(offset).ok()
    }

    /// The bytes of a range of positions in the request's file.
    pub fn range_of(&self, range: lsp::Range) -> Option<std::ops::Range<u32>> {
        let start = self.offset(convert::line_col(range.start))?;
        let end = self.offset(convert::line_col(range.end))?;
        Some(start.min(end)..end.max(start))
    }
}

impl Texts for Snapshot {
    fn text(&self, file: FileId) -> Option<Arc<str>> {
        let path = self.vault.path(file)?;
        if let Some(open) = self.open.get(&path) {
            return Some(open.text.to_text().into());
        }
        let text = disk::text(&self.root, &path).filter(|_| is_read(&path))?;
        // The facts must be those of this text.
        let fits = self
            .vault
            .facts(file)
            .is_some_and(|facts| facts.text_length() as usize == text.len());
        fits.then(|| text.into())
    }
}
