--- `:checkhealth vaultmark`
local M = {}

local health = vim.health or require("health")
local start = health.start or health.report_start
local ok = health.ok or health.report_ok
local warn = health.warn or health.report_warn
local fail = health.error or health.report_error

function M.check()
  start("Vaultmark")
  local state = require("vaultmark").state()
  local binary = state.command[1]
  if vim.fn.executable(binary) == 0 then
    fail("`" .. binary .. "` is not on the PATH; install it by `cargo install --locked --path .` in the source of Vaultmark, or give its path to `require('vaultmark').setup { cmd = … }`")
    return
  end
  ok(vim.trim(vim.fn.system({ binary, "--version" })) .. " at " .. vim.fn.exepath(binary))
  if vim.lsp.enable then
    ok("this Neovim has `vim.lsp.enable`")
  else
    ok("this Neovim starts the server by `require('vaultmark').setup()`")
  end
  if #state.roots == 0 then
    warn("no buffer is served: open a Markdown note")
  end
  for _, root in ipairs(state.roots) do
    ok("serving " .. root)
  end
end

return M
