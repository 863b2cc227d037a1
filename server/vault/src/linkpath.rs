//! How a link to a file is written from a note (R11): the path that leads
//! there, in the form that the settings ask for.

use crate::fact::Form;
use crate::index::FileId;
use crate::link::{is_internal, normalize};
use crate::path::{below, split, strip_md};
use crate::settings::LinkFormat;
use crate::vault::Vault;

impl Vault {
    /// The path that a link in `source` is to have so that it leads to
    /// `target`: without `.md` in a wiki-link to a note, with it in a Markdown
    /// link, and not encoded. Where the format's own path would lead elsewhere,
    /// that from the root of the vault is taken. `None` if no path leads there,
    /// as to a name that no link can hold.
    pub fn linkpath(
        &self,
        source: FileId,
        target: FileId,
        format: LinkFormat,
        form: Form,
    ) -> Option<String> {
        self.linkpath_like(source, target, format, form, None)
    }

    /// [`Vault::linkpath`], which first tries a path of another style.
    pub(crate) fn linkpath_like(
        &self,
        source: FileId,
        target: FileId,
        format: LinkFormat,
        form: Form,
        preferred: Option<String>,
    ) -> Option<String> {
        let full = self.full_path(target)?;
        let path = written(&full, form);
        let leads = |path: &str| {
            let found = self.lookup_path(path, source, form);
            found.is_some_and(|(file, ambiguous)| file == target && !ambiguous)
        };
        let usual = match format {
            LinkFormat::Shortest => self.bare(target).then(|| split(path).1.to_owned()),
            LinkFormat::Relative => Some(relative(&self.full_folder(source), path)),
            LinkFormat::Absolute => None,
        };
        let others = [path.to_owned(), format!("/{path}"), format!("/{full}")];
        // A `:` makes a destination one of the web, unless it begins so (G10).
        let way = (form != Form::Wiki).then(|| relative(&self.full_folder(source), path));
        let way = way.map(|way| {
            let lead = if way.starts_with("../") { "" } else { "./" };
            format!("{lead}{way}")
        });
        let paths = preferred.into_iter().chain(usual).chain(others).chain(way);
        // Links have plain blanks where names may have others.
        let mut paths = paths.map(|path| normalize(&path).into_owned());
        paths.find(|path| is_holdable(path, form) && leads(path))
    }

    /// The form of new links in a text, as it is set.
    pub fn new_form(&self) -> Form {
        if self.settings().obsidian.use_markdown_links {
            Form::Markdown
        } else {
            Form::Wiki
        }
    }

    /// Whether no other file has the name of this one.
    fn bare(&self, target: FileId) -> bool {
        let path = self.path(target).unwrap_or_default();
        self.named([split(&path).1, ""]).nth(1).is_none()
    }
}

/// A path as a link of this form has it: wiki-links drop `.md`.
pub(crate) fn written(path: &str, form: Form) -> &str {
    match form {
        Form::Wiki => strip_md(path).unwrap_or(path),
        Form::Markdown | Form::Definition | Form::Path => path,
    }
}

/// The way from a folder to a path, both in the whole vault.
pub(crate) fn relative(folder: &str, path: &str) -> String {
    let folder = folder.trim_end_matches('/');
    let (mut up, mut above) = (String::new(), folder);
    while !above.is_empty() && below(path, above).is_none() {
        above = above.rsplit_once('/').map_or("", |(above, _)| above);
        up.push_str("../");
    }
    let rest = path.get(above.len()..).unwrap_or(path);
    up + rest.trim_start_matches('/')
}

/// Whether a link can hold a path as it is (G7).
pub(crate) fn is_holdable(path: &str, form: Form) -> bool {
    let is_plain = normalize(path) == path && (form == Form::Path || !path.contains('#'));
    let has_mark = path.contains(['|', '^', '\n', '\r'])
        || ["[[", "]]", "%%"].iter().any(|mark| path.contains(mark))
        || path.starts_with('[')
        || path.ends_with(']');
    is_plain
        && match form {
            Form::Wiki => !has_mark,
            Form::Markdown | Form::Definition => is_internal(path),
            Form::Path => true,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::change::Change;
    use Form::{Markdown, Wiki};
    use LinkFormat::{Absolute, Relative, Shortest};

    fn vault(files: &[&str]) -> Vault {
        let mut vault = Vault::new(Arc::default());
        vault.apply(files.iter().map(|file| Change::File((*file).to_owned())));
        vault
    }

    #[test]
    fn each_format_leads_to_the_target() {
        let vault = vault(&[
            "a/x.md",
            "a/b/y.md",
            "c/y.md",
            "c/z.v1.md",
            "i.png",
            "z.md",
            "c/z.md",
        ]);
        let file = |path| vault.find(path).unwrap();
        let write = |source, target, format, form| {
            vault
                .linkpath(file(source), file(target), format, form)
                .unwrap()
        };
        assert_eq!(write("a/x.md", "c/z.v1.md", Shortest, Wiki), "z.v1");
        assert_eq!(write("a/x.md", "c/y.md", Shortest, Wiki), "c/y");
        assert_eq!(write("a/x.md", "c/z.md", Shortest, Wiki), "c/z");
        assert_eq!(write("c/y.md", "z.md", Shortest, Wiki), "z");
        assert_eq!(write("a/x.md", "i.png", Shortest, Wiki), "i.png");
        assert_eq!(write("a/b/y.md", "a/x.md", Relative, Wiki), "../x");
        assert_eq!(write("a/x.md", "a/b/y.md", Relative, Markdown), "b/y.md");
        assert_eq!(write("a/b/y.md", "c/y.md", Relative, Wiki), "../../c/y");
        assert_eq!(write("c/y.md", "a/x.md", Absolute, Markdown), "a/x.md");
    }

    #[test]
    fn names_that_no_link_holds_have_no_path() {
        let vault = vault(&["a.md", "x#y.md", "p|q.md"]);
        let file = |path| vault.find(path).unwrap();
        for target in ["x#y.md", "p|q.md"] {
            let path = vault.linkpath(file("a.md"), file(target), LinkFormat::Shortest, Form::Wiki);
            assert_eq!(path, None);
        }
    }
}
