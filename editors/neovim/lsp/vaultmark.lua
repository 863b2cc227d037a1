-- Configuration for `vim.lsp.enable("vaultmark")`, Neovim 0.11 and later.
-- Without a root the server finds the vault around the note by itself.
return {
  cmd = { "vaultmark", "lsp" },
  filetypes = { "markdown" },
  root_markers = { ".vaultmark.toml", ".obsidian", "_Standards" },
}
