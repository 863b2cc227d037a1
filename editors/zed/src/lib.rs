//! Starts the language server Vaultmark in Zed.

use zed_extension_api::settings::LspSettings;
use zed_extension_api::{
    Command, Extension, LanguageServerId, Result, Worktree, register_extension, serde_json,
};

/// What the user is told when the server cannot be found.
const MISSING: &str = "`vaultmark` is not on the PATH. Install it by `cargo install --locked --path .` in its source, or set `lsp.vaultmark.binary.path` in Zed's settings.";

struct Vaultmark;

impl Extension for Vaultmark {
    fn new() -> Self {
        Self
    }

    /// The server of the settings, or the one on the path.
    fn language_server_command(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Command> {
        let settings = LspSettings::for_worktree(server.as_ref(), worktree)?;
        let (path, arguments) = match settings.binary {
            Some(binary) => (binary.path, binary.arguments),
            None => (None, None),
        };
        let command = path.or_else(|| worktree.which("vaultmark"));
        Ok(Command {
            command: command.ok_or(MISSING)?,
            args: arguments.unwrap_or_else(|| vec!["lsp".to_owned()]),
            env: worktree.shell_env(),
        })
    }

    /// The settings of Vaultmark: `lsp.vaultmark.settings` in Zed's.
    fn language_server_workspace_configuration(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<serde_json::Value>> {
        let settings = LspSettings::for_worktree(server.as_ref(), worktree)?.settings;
        Ok(settings.map(|own| serde_json::json!({"vaultmark": own})))
    }
}

register_extension!(Vaultmark);
