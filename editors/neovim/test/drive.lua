-- What a user does, step by step; each step asserts what is there afterwards.
-- Run by run.sh, in an empty folder that becomes a vault.
local root = vim.fn.getcwd()

local function write(path, lines)
  vim.fn.mkdir(vim.fn.fnamemodify(path, ":h"), "p")
  vim.fn.writefile(lines, path)
end

write("_Standards/a/Old.md", { "# Old", "", "[[Other]]", "", "[[Missing]]" })
-- Its aliases are to be a list, which a quick fix mends.
write("_Standards/a/Other.md", { "---", "aliases: another", "---", "# Other", "", "[[Old|Old]] and [[a/Old#Old|x]]" })
write("_public/a/Old.public.md", { "![Old](/_Standards/a/Old.md)" })

local passed, failed = 0, 0
local function step(name, run)
  local ok, problem = xpcall(run, debug.traceback)
  if ok then
    passed = passed + 1
    print("ok   " .. name)
  else
    failed = failed + 1
    print("FAIL " .. name .. ": " .. tostring(problem))
  end
end

local function wait(what, condition)
  local value
  local done = vim.wait(10000, function()
    value = condition()
    return value
  end, 50)
  assert(done, "waited in vain for " .. what)
  return value
end

local function equal(left, right)
  assert(vim.deep_equal(left, right), vim.inspect(left) .. " is not " .. vim.inspect(right))
end

local function text(path)
  return vim.fn.readfile(root .. "/" .. path)
end

local function request(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, 5000)
  for _, answer in pairs(answers or {}) do
    assert(not answer.error, vim.inspect(answer.error))
    return answer.result
  end
  error("no answer to " .. method)
end

local function here()
  local position = vim.api.nvim_win_get_cursor(0)
  return {
    textDocument = { uri = vim.uri_from_bufnr(0) },
    position = { line = position[1] - 1, character = position[2] },
  }
end

vim.cmd("runtime! plugin/vaultmark.lua")
vim.cmd("filetype on")
local vaultmark = require("vaultmark")

step("the server starts for a note", function()
  vaultmark.setup({ cmd = { vim.env.VAULTMARK, "lsp" } })
  vim.cmd("edit _Standards/a/Other.md")
  vim.bo.filetype = "markdown"
  wait("a client", function()
    return #vaultmark.state().roots == 1
  end)
  equal(vaultmark.state().roots[1], root)
end)

step("diagnostics show what is wrong, and a quick fix mends it", function()
  local found = wait("a diagnostic", function()
    local all = vim.diagnostic.get(0)
    return #all > 0 and all
  end)
  equal(found[1].lnum, 1)
  local params = here()
  params.range = {
    start = { line = found[1].lnum, character = found[1].col },
    ["end"] = { line = found[1].end_lnum, character = found[1].end_col },
  }
  params.context = { diagnostics = {}, only = { "quickfix" } }
  local actions = request("textDocument/codeAction", params)
  assert(#actions > 0, "no action")
  local edit = actions[1].edit or request("codeAction/resolve", actions[1]).edit
  vim.lsp.util.apply_workspace_edit(edit, "utf-16")
  equal(vim.api.nvim_buf_get_lines(0, 0, 4, false), { "---", "aliases: [another]", "---", "# Other" })
end)

step("a link is completed", function()
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { "", "see [[Ol" })
  local last = vim.api.nvim_buf_line_count(0)
  local list = wait("items", function()
    local params = here()
    params.position = { line = last - 1, character = 8 }
    local items = request("textDocument/completion", params)
    items = items and (items.items or items)
    return items and #items > 0 and items
  end)
  assert(list[1].label:find("Old", 1, true), vim.inspect(list[1]))
  vim.cmd("silent undo")
end)

step("a link leads to its note", function()
  vim.api.nvim_win_set_cursor(0, { 6, 3 })
  vim.lsp.buf.definition()
  wait("the note", function()
    return vim.api.nvim_buf_get_name(0) == root .. "/_Standards/a/Old.md"
  end)
end)

step(":VaultmarkBacklinks lists the links to the note", function()
  vim.cmd("VaultmarkBacklinks")
  local list = wait("backlinks", function()
    local list = vim.fn.getqflist()
    return #list > 0 and list
  end)
  equal(#list, 3)
  vim.cmd("cclose")
end)

step(":VaultmarkCopy opens the copy in another tier", function()
  vim.cmd("edit _Standards/a/Old.md")
  vim.cmd("VaultmarkCopy _public")
  wait("the copy", function()
    return vim.api.nvim_buf_get_name(0) == root .. "/_public/a/Old.public.md"
  end)
end)

step(":VaultmarkRename renames the note in all tiers", function()
  vim.cmd("silent! wall")
  vim.cmd("edit _Standards/a/Old.md")
  vim.cmd("VaultmarkRename New")
  wait("the new files", function()
    return vim.fn.filereadable(root .. "/_Standards/a/New.md") == 1
      and vim.fn.filereadable(root .. "/_public/a/New.public.md") == 1
  end)
  vim.cmd("silent! wall")
  equal(vim.fn.filereadable(root .. "/_Standards/a/Old.md"), 0)
  equal(text("_Standards/a/Other.md")[6], "[[New|New]] and [[a/New#New|x]]")
  equal(text("_public/a/New.public.md"), { "![New](/_Standards/a/New.md)" })
  equal(text("_Standards/a/New.md")[1], "# New")
end)

step(":VaultmarkMove moves the note to another folder", function()
  vim.cmd("edit _Standards/a/New.md")
  vim.cmd("VaultmarkMove b/c")
  wait("the new place", function()
    return vim.fn.filereadable(root .. "/_Standards/b/c/New.md") == 1
  end)
  vim.cmd("silent! wall")
  equal(text("_Standards/a/Other.md")[6], "[[New|New]] and [[c/New#New|x]]")
end)

step(":VaultmarkCheck lists what is wrong in the vault", function()
  vim.cmd("VaultmarkCheck")
  local list = wait("findings", function()
    local list = vim.fn.getqflist()
    return #list > 0 and vim.fn.getqflist({ title = 1 }).title == "vaultmark check" and list
  end)
  local said = table.concat(
    vim.tbl_map(function(own)
      return own.text
    end, list),
    "\n"
  )
  assert(said:find("There is no note `Missing`", 1, true), said)
  vim.cmd("cclose")
end)

step(":checkhealth vaultmark is content", function()
  vim.cmd("checkhealth vaultmark")
  local lines = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
  assert(lines:find("serving " .. root, 1, true), lines)
  assert(not lines:find("ERROR", 1, true), lines)
end)

print("")
print(passed .. " passed, " .. failed .. " failed")
vim.cmd(failed == 0 and "qall!" or "cquit!")
