-- Commands of Vaultmark. The server itself is started by
-- `vim.lsp.enable("vaultmark")`, or by `require("vaultmark").setup()`.
if vim.g.loaded_vaultmark then
  return
end
vim.g.loaded_vaultmark = true

local function command(name, run, options)
  vim.api.nvim_create_user_command("Vaultmark" .. name, function(given)
    run(require("vaultmark"), given.args)
  end, options)
end

command("Rename", function(vaultmark, name)
  vaultmark.rename(name)
end, { nargs = "?", desc = "Rename this note in all its tiers" })
command("Move", function(vaultmark, folder)
  vaultmark.move(folder)
end, { nargs = 1, desc = "Move this note to a folder, in all its tiers" })
command("Copy", function(vaultmark, tier)
  vaultmark.copy(tier)
end, { nargs = "?", desc = "Open the copy of this note in another tier" })
command("Backlinks", function(vaultmark)
  vaultmark.backlinks()
end, { desc = "List the links to this note" })
command("Check", function(vaultmark)
  vaultmark.check()
end, { desc = "Check the whole vault" })
command("Restart", function(vaultmark)
  vaultmark.restart()
end, { desc = "Restart the server" })
