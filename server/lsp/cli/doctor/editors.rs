//! The editors that are installed, and whether they are set up.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Report, machine};

/// The name of the server, of its program, and of its parts for editors.
const NAME: &str = "vaultmark";
/// Larger files are no configuration that somebody wrote.
const MAX_FILE: u64 = 1 << 20;
/// So many files of a configuration are looked at.
const MAX_FILES: usize = 2_000;

/// An editor: its name, its programs, and where its configuration lies.
struct Editor {
    name: &'static str,
    programs: &'static [&'static str],
    configuration: Vec<PathBuf>,
    kind: Kind,
}

/// How an editor's configuration tells whether it is set up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Some file names the server.
    Files,
    /// `languages.toml` starts it for Markdown.
    Helix,
    /// There is an extension of its name.
    Extensions,
}

/// What is to be said of a configuration.
enum Found {
    SetUp(PathBuf),
    Wrong(String),
    Not,
}

/// Looks at the editors on the `PATH` and at the configuration of each.
pub(super) fn look(report: &mut Report) {
    let (mut told, mut wrong) = (Map::new(), Vec::new());
    let (mut needs_path, mut has_extension) = (None, false);
    for editor in editors() {
        let program = editor
            .programs
            .iter()
            .find_map(|name| which::which(name).ok());
        let found = editor.found();
        if program.is_none() && matches!(found, Found::Not) {
            continue;
        }
        let version = program.as_deref().map(machine::version);
        let version = match version {
            Some(version) => version.unwrap_or_else(|| "does not say its version".to_owned()),
            None => "not on the PATH".to_owned(),
        };
        let state = match found {
            Found::SetUp(place) => {
                if editor.kind == Kind::Extensions {
                    has_extension = true;
                } else {
                    needs_path = Some(editor.name);
                }
                format!("set up in {}", place.display())
            }
            Found::Wrong(fault) => {
                wrong.push(fault);
                "set up wrongly".to_owned()
            }
            Found::Not => "not set up that can be seen".to_owned(),
        };
        let line = super::homeless(&format!("{version}; {state}"));
        told.insert(editor.name.to_owned(), line.into());
    }
    let told = if told.is_empty() {
        Value::Array(Vec::new())
    } else {
        Value::Object(told)
    };
    on_path(report, needs_path, has_extension);
    report.tell("editors", "Editors", told);
    for fault in wrong {
        report.fault(&fault);
    }
}

/// Tells which program editors start.
fn on_path(report: &mut Report, needs_path: Option<&str>, has_extension: bool) {
    let Ok(program) = which::which(NAME) else {
        report.tell("onPath", "On the PATH", "no");
        let why = match needs_path {
            Some(editor) => format!("{editor} is set up to start it"),
            // The extension brings a server of its own.
            None if has_extension => return,
            None => "editors look for it there".to_owned(),
        };
        let folder = std::env::current_exe().ok();
        let folder = folder.as_deref().and_then(Path::parent);
        let folder = folder.map_or("its folder".into(), Path::to_string_lossy);
        report.fault(&format!(
            "`{NAME}` is not on the PATH, and {why}: add {folder} to the PATH."
        ));
        return;
    };
    let version = machine::version(&program);
    let shown = version.as_deref().unwrap_or("does not say its version");
    let place = program.display();
    report.tell("onPath", "On the PATH", format!("{place}: {shown}"));
    let own = format!("{NAME} {}", env!("CARGO_PKG_VERSION"));
    if version.as_deref() != Some(&own) {
        report.fault(&format!(
            "Editors start {place}, which is not this version: install {own} there, or remove it."
        ));
    }
}

fn editors() -> [Editor; 4] {
    let home = std::env::home_dir().unwrap_or_default();
    let folder = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
    let configuration = |windows: &str| {
        if cfg!(windows) {
            folder(windows).unwrap_or_default()
        } else {
            folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"))
        }
    };
    let roaming = configuration("APPDATA");
    let emacs = [".emacs", ".emacs.el", ".emacs.d"].map(|file| home.join(file));
    let code = [".vscode", ".vscode-oss", ".vscode-server"];
    [
        Editor {
            name: "VS Code",
            programs: &["code", "codium", "code-server"],
            configuration: code.map(|own| home.join(own).join("extensions")).into(),
            kind: Kind::Extensions,
        },
        Editor {
            name: "Neovim",
            programs: &["nvim"],
            configuration: vec![configuration("LOCALAPPDATA").join("nvim")],
            kind: Kind::Files,
        },
        Editor {
            name: "Helix",
            programs: &["hx", "helix"],
            configuration: vec![roaming.join("helix").join("languages.toml")],
            kind: Kind::Helix,
        },
        Editor {
            name: "Emacs",
            programs: &["emacs"],
            configuration: [vec![roaming.join("emacs")], emacs.into()].concat(),
            kind: Kind::Files,
        },
    ]
}

impl Editor {
    fn found(&self) -> Found {
        let mut places = self.configuration.iter().map(PathBuf::as_path);
        let set_up = match self.kind {
            Kind::Files => places.find_map(naming),
            Kind::Extensions => places.find_map(extension),
            Kind::Helix => return places.next().map_or(Found::Not, helix),
        };
        set_up.map_or(Found::Not, Found::SetUp)
    }
}

/// A file of a configuration that names the server.
fn naming(place: &Path) -> Option<PathBuf> {
    let is_code = |path: &Path| {
        let end = path.extension().and_then(|end| end.to_str());
        path == place || end.is_some_and(|end| ["lua", "vim", "el"].contains(&end))
    };
    let names = |path: &Path| {
        let text = small_text(path);
        text.is_some_and(|text| text.contains(NAME))
    };
    let walk = ignore::WalkBuilder::new(place)
        .standard_filters(false)
        .follow_links(true)
        .build();
    let files = walk.flatten().map(ignore::DirEntry::into_path);
    let mut code = files.filter(|path| is_code(path) && path.is_file());
    code.by_ref().take(MAX_FILES).find(|path| names(path))
}

fn small_text(path: &Path) -> Option<String> {
    let data = fs::metadata(path).ok()?;
    let is_small = data.is_file() && data.len() <= MAX_FILE;
    is_small.then(|| fs::read_to_string(path).ok())?
}

/// The folder of the extension.
fn extension(place: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(place).ok()?.flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths.find(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        path.is_dir() && name.is_some_and(|name| name.contains(NAME))
    })
}

/// Whether Helix starts the server for Markdown.
fn helix(file: &Path) -> Found {
    let Some(text) = small_text(file) else {
        return Found::Not;
    };
    let place = file.display();
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            return Found::Wrong(format!(
                "{place} is not valid TOML, and Helix uses none of it: {}",
                error.message()
            ));
        }
    };
    let command = |server: &toml::Value| server.get("command")?.as_str().map(str::to_owned);
    let is_own = |name: &str, server: &toml::Value| {
        name == NAME || command(server).is_some_and(|command| command.contains(NAME))
    };
    let servers = table.get("language-server").and_then(toml::Value::as_table);
    let mut servers = servers.into_iter().flatten();
    let Some((server, _)) = servers.find(|(name, server)| is_own(name, server)) else {
        return Found::Not;
    };
    let languages = table.get("language").and_then(toml::Value::as_array);
    let mut languages = languages.into_iter().flatten();
    let starts = languages.any(|language| {
        let is = |name: &str| language.get("name").and_then(toml::Value::as_str) == Some(name);
        let listed = language
            .get("language-servers")
            .and_then(toml::Value::as_array);
        let mut listed = listed.into_iter().flatten();
        // An entry is a name, or a table with one.
        let name =
            |entry: &toml::Value| entry.get("name").unwrap_or(entry).as_str() == Some(server);
        is("markdown") && listed.any(name)
    });
    if starts {
        return Found::SetUp(file.to_path_buf());
    }
    Found::Wrong(format!(
        "{place} has the server `{server}` but does not start it: give `language-servers = [\"{server}\"]` to the language `markdown`."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helix_must_start_the_server_for_markdown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("languages.toml");
        let found = |text: &str| {
            fs::write(&file, text).unwrap();
            match helix(&file) {
                Found::SetUp(_) => "set up".to_owned(),
                Found::Not => "not".to_owned(),
                Found::Wrong(fault) => fault,
            }
        };
        let server = "[language-server.vm]\ncommand = \"/opt/vaultmark\"\n";
        let language = "[[language]]\nname = \"markdown\"\nlanguage-servers = ";
        assert_eq!(found(&format!("{server}{language}[\"vm\"]\n")), "set up");
        let table = format!("{server}{language}[\"x\", {{ name = \"vm\" }}]\n");
        assert_eq!(found(&table), "set up");
        let other = found(&format!("{server}{language}[\"marksman\"]\n"));
        assert!(other.contains("`language-servers = [\"vm\"]`"), "{other}");
        assert_eq!(found("[language-server.x]\ncommand = \"x\"\n"), "not");
        assert!(found("[[").contains("not valid TOML"));
        assert!(matches!(helix(folder.path()), Found::Not));
    }

    #[test]
    fn a_configuration_is_code_that_names_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("lua/x")).unwrap();
        fs::write(root.join("notes.md"), NAME).unwrap();
        assert_eq!(naming(root), None);
        assert_eq!(naming(&root.join("none")), None);
        let file = root.join("lua/x/lsp.lua");
        fs::write(&file, "vim.lsp.enable('vaultmark')").unwrap();
        assert_eq!(naming(root), Some(file));
        assert_eq!(extension(root), None);
        let own = root.join("someone.vaultmark-0.1.0");
        fs::create_dir(&own).unwrap();
        assert_eq!(extension(root), Some(own));
    }
}
