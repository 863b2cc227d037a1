--- Vaultmark in Neovim: the server for versions that have no `vim.lsp.enable`,
--- and what the commands of `plugin/vaultmark.lua` do.
local M = {}

--- What tells the root of a vault.
M.markers = { ".vaultmark.toml", ".obsidian", "_Standards" }

-- An empty table would be sent as a list.
local config = { cmd = { "vaultmark", "lsp" }, settings = vim.empty_dict() }

--- The folder of the vault around a file, or the folder of the file.
local function root_of(file)
  local folder = vim.fn.fnamemodify(file, ":p:h")
  local at = folder
  while true do
    for _, marker in ipairs(M.markers) do
      local path = at .. "/" .. marker
      if vim.fn.isdirectory(path) == 1 or vim.fn.filereadable(path) == 1 then
        return at
      end
    end
    local above = vim.fn.fnamemodify(at, ":h")
    if above == at then
      return folder
    end
    at = above
  end
end

local function clients(buffer)
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  local found = {}
  for _, client in ipairs(get()) do
    if client.name == "vaultmark" and vim.lsp.buf_is_attached(buffer, client.id) then
      table.insert(found, client)
    end
  end
  return found
end

--- The client of Vaultmark for a buffer; nil with a message where there is none.
function M.client(buffer)
  local found = clients(buffer or vim.api.nvim_get_current_buf())
  if #found == 0 then
    vim.notify("Vaultmark does not serve this buffer; see :checkhealth vaultmark", vim.log.levels.WARN)
  end
  return found[1]
end

-- Clients that `setup` started, by root, where Neovim cannot find them itself.
local started = {}

--- Makes the folders into which an edit moves files. Neovim before 0.10 makes
--- none, and would stop in the middle.
local function make_folders(edit)
  for _, change in ipairs(edit and edit.documentChanges or {}) do
    if change.kind == "rename" then
      vim.fn.mkdir(vim.fn.fnamemodify(vim.uri_to_fname(change.newUri), ":h"), "p")
    end
  end
end

local function start(buffer)
  local file = vim.api.nvim_buf_get_name(buffer)
  if file == "" or vim.bo[buffer].buftype ~= "" then
    return
  end
  local root = root_of(file)
  local own = {
    name = "vaultmark",
    cmd = config.cmd,
    root_dir = root,
    settings = { vaultmark = config.settings },
    init_options = config.settings,
    handlers = {
      ["textDocument/rename"] = function(problem, edit, ...)
        make_folders(edit)
        return vim.lsp.handlers["textDocument/rename"](problem, edit, ...)
      end,
    },
  }
  if vim.lsp.start then
    vim.lsp.start(own, { bufnr = buffer })
    return
  end
  -- Neovim 0.7.
  local id = started[root]
  if not id or not vim.lsp.get_client_by_id(id) then
    own.on_exit = function()
      started[root] = nil
    end
    id = vim.lsp.start_client(own)
    started[root] = id
  end
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
end

--- Starts the server for Markdown notes. `options.cmd` is the command,
--- `options.settings` the settings of Vaultmark.
function M.setup(options)
  options = options or {}
  config.cmd = options.cmd or config.cmd
  config.settings = options.settings or config.settings
  if vim.lsp.enable then
    vim.lsp.config("vaultmark", { cmd = config.cmd, settings = { vaultmark = config.settings } })
    vim.lsp.enable("vaultmark")
    return
  end
  local group = vim.api.nvim_create_augroup("vaultmark", { clear = true })
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    pattern = "markdown",
    callback = function(event)
      start(event.buf)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].filetype == "markdown" then
      start(buffer)
    end
  end
end

--- Asks the server about the current buffer, and gives the answer to `done`.
local function ask(method, params, done)
  local client = M.client()
  if not client then
    return
  end
  local handler = function(problem, result)
    if problem then
      vim.notify(problem.message or tostring(problem), vim.log.levels.ERROR)
    else
      done(result, client)
    end
  end
  if vim.fn.has("nvim-0.11") == 1 then
    client:request(method, params, handler, 0)
  else
    client.request(method, params, handler, 0)
  end
end

local function document()
  return { uri = vim.uri_from_bufnr(0) }
end

--- Gives the note of the buffer another name, in all its tiers; a name with `/`
--- is a path, and one that ends with `/` a folder.
function M.rename(name)
  local function rename(new)
    if not new or new == "" then
      return
    end
    -- The first line of a note stands for the note.
    local params = { textDocument = document(), position = { line = 0, character = 0 }, newName = new }
    ask("textDocument/rename", params, function(edit, client)
      if edit then
        make_folders(edit)
        vim.lsp.util.apply_workspace_edit(edit, client.offset_encoding)
      end
    end)
  end
  if name and name ~= "" then
    rename(name)
    return
  end
  local stem = vim.fn.expand("%:t:r")
  local input = vim.ui and vim.ui.input
  if input then
    input({ prompt = "New name: ", default = stem }, rename)
  else
    rename(vim.fn.input("New name: ", stem))
  end
end

--- Moves the note of the buffer to a folder, with its copies in all tiers.
function M.move(folder)
  M.rename((folder:gsub("/*$", "")) .. "/")
end

--- The copies of the note of the buffer, most public first, as paths.
function M.copies(done)
  local params = { textDocument = document(), position = { line = 0, character = 0 } }
  ask("textDocument/implementation", params, function(found)
    local paths, own = {}, vim.api.nvim_buf_get_name(0)
    for _, place in ipairs(found or {}) do
      local path = vim.uri_to_fname(place.targetUri or place.uri)
      if path ~= own then
        table.insert(paths, path)
      end
    end
    done(paths)
  end)
end

--- Opens a copy of the note in another tier: of the folder `tier`, or chosen.
function M.copy(tier)
  M.copies(function(paths)
    local function open(path)
      if path then
        vim.cmd("edit " .. vim.fn.fnameescape(path))
      end
    end
    local chosen = paths
    if tier and tier ~= "" then
      chosen = vim.tbl_filter(function(path)
        return path:find("/" .. tier .. "/", 1, true) ~= nil
      end, paths)
    end
    if #chosen == 0 then
      vim.notify("There is no such copy of this note", vim.log.levels.INFO)
    elseif #chosen == 1 then
      open(chosen[1])
    elseif vim.ui and vim.ui.select then
      vim.ui.select(chosen, { prompt = "Copy" }, open)
    else
      local lines = { "Copy:" }
      for number, path in ipairs(chosen) do
        table.insert(lines, number .. ". " .. path)
      end
      open(chosen[vim.fn.inputlist(lines)])
    end
  end)
end

--- Lists the links to the note of the buffer in the quickfix window.
function M.backlinks()
  local params = {
    textDocument = document(),
    position = { line = 0, character = 0 },
    context = { includeDeclaration = false },
  }
  ask("textDocument/references", params, function(found, client)
    local items = vim.lsp.util.locations_to_items(found or {}, client.offset_encoding or "utf-16")
    vim.fn.setqflist({}, " ", { title = "Backlinks", items = items })
    vim.cmd("copen")
  end)
end

--- Checks the whole vault with `vaultmark check`, into the quickfix window.
function M.check()
  local client = M.client()
  if not client then
    return
  end
  local root = client.config.root_dir or root_of(vim.api.nvim_buf_get_name(0))
  local output = {}
  local command = { (client.config.cmd or config.cmd)[1], "check", "--format", "json", root }
  local function shown()
    local ok, report = pcall(vim.fn.json_decode, table.concat(output, "\n"))
    if not ok or type(report) ~= "table" then
      vim.notify("`vaultmark check` gave no report", vim.log.levels.ERROR)
      return
    end
    local kinds = { error = "E", warning = "W", information = "I", hint = "N" }
    local items = {}
    for _, finding in ipairs(report.findings or report) do
      table.insert(items, {
        filename = finding.path,
        lnum = finding.line,
        col = finding.column,
        text = finding.message .. " (" .. finding.rule .. ")",
        type = kinds[finding.severity],
      })
    end
    vim.fn.setqflist({}, " ", { title = "vaultmark check", items = items })
    vim.cmd("copen")
  end
  vim.fn.jobstart(command, {
    stdout_buffered = true,
    on_stdout = function(_, data)
      output = data
    end,
    on_exit = vim.schedule_wrap(shown),
  })
end

--- Stops the server and starts it again.
function M.restart()
  local buffer = vim.api.nvim_get_current_buf()
  for _, client in ipairs(clients(buffer)) do
    vim.lsp.stop_client(client.id)
  end
  vim.defer_fn(function()
    if vim.lsp.enable then
      vim.cmd("doautocmd FileType markdown")
    else
      start(buffer)
    end
  end, 500)
end

--- The command that starts the server, and the roots that are served.
function M.state()
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  local roots, command = {}, config.cmd
  for _, client in ipairs(get()) do
    if client.name == "vaultmark" then
      table.insert(roots, client.config.root_dir or "(the vault around each note)")
      command = client.config.cmd or command
    end
  end
  return { command = command, roots = roots }
end

return M
