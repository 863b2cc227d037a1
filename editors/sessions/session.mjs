// A session by Microsoft's own packages, on which VS Code is built.
// Usage: node session.mjs SERVER
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import protocol from "vscode-languageserver-protocol/node";
import { Client, within } from "./client.mjs";

const HOME = "# Home 😀\n\n[[Old|x]] [[Old#Part]] #tag/one\n\n[[Missing]]\n\nmore [[\n";
const NOTES = {
  "_Standards/a/Home.md": HOME,
  "_Standards/a/Old.md": "---\naliases: one\n---\n# Old\n\n## Part\n",
  "_public/a/Old.public.md": "![Old](/_Standards/a/Old.md)\n",
};
const vault = fs.mkdtempSync(path.join(os.tmpdir(), "session."));
for (const [name, text] of Object.entries(NOTES)) {
  const file = path.join(vault, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}
const address = (name) => pathToFileURL(path.join(vault, name)).href;

let passed = 0;
let failed = 0;
function check(name, holds, seen) {
  if (holds) {
    passed += 1;
    return;
  }
  failed += 1;
  console.log("FAIL", name, JSON.stringify(seen)?.slice(0, 500));
}

const client = new Client(process.argv[2]);
const textDocument = { uri: address("_Standards/a/Home.md") };
const at = (line, character) => ({ textDocument, position: { line, character } });

async function begin() {
  await client.ask(protocol.InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(vault).href,
    workspaceFolders: [{ uri: pathToFileURL(vault).href, name: "vault" }],
    capabilities: {
      window: { workDoneProgress: true },
      workspace: {
        configuration: true,
        workspaceEdit: { documentChanges: true, resourceOperations: ["create", "rename"] },
        fileOperations: { willRename: true, didRename: true },
      },
      textDocument: {
        codeAction: {
          codeActionLiteralSupport: { codeActionKind: { valueSet: [] } },
          dataSupport: true,
          resolveSupport: { properties: ["edit"] },
        },
        documentSymbol: { hierarchicalDocumentSymbolSupport: true },
        rename: { prepareSupport: true },
      },
    },
  });
  await client.tell(protocol.InitializedNotification.type, {});
  await client.heard("$/progress", ({ value }) => value.kind === "end");
  await client.tell(protocol.DidOpenTextDocumentNotification.type, {
    textDocument: { ...textDocument, languageId: "markdown", version: 1, text: HOME },
  });
}

async function goingAndLooking() {
  const place = at(2, 3);
  const found = [await client.ask(protocol.DefinitionRequest.type, place)].flat();
  check("definition", found.length === 1 && found[0].uri === address("_Standards/a/Old.md"), found);
  const context = { includeDeclaration: true };
  const uses = await client.ask(protocol.ReferencesRequest.type, { ...place, context });
  check("references", uses.length === 4, uses);
  const marks = await client.ask(protocol.DocumentHighlightRequest.type, place);
  check("highlights", marks.length === 2, marks);
  const hover = await client.ask(protocol.HoverRequest.type, place);
  check("hover", JSON.stringify(hover.contents).includes("Part"), hover);
  const links = await client.ask(protocol.DocumentLinkRequest.type, { textDocument });
  check("links", links.length === 2, links);
  const symbols = await client.ask(protocol.DocumentSymbolRequest.type, { textDocument });
  check("outline", symbols[0].name.startsWith("Home"), symbols);
  const named = await client.ask(protocol.WorkspaceSymbolRequest.type, { query: "Old" });
  check("symbols", named.length >= 2, named);
}

async function reading() {
  const range = { start: { line: 0, character: 0 }, end: { line: 7, character: 0 } };
  const tokens = await client.ask(protocol.SemanticTokensRequest.type, { textDocument });
  check("tokens", tokens.data.length > 0 && tokens.data.length % 5 === 0, tokens);
  const lenses = await client.ask(protocol.CodeLensRequest.type, { textDocument });
  check("lenses", lenses.length > 0, lenses);
  await client.ask(protocol.InlayHintRequest.type, { textDocument, range });
  const folds = await client.ask(protocol.FoldingRangeRequest.type, { textDocument });
  check("folds", folds.length > 0, folds);
  const positions = [{ line: 2, character: 3 }];
  const grown = await client.ask(protocol.SelectionRangeRequest.type, { textDocument, positions });
  check("selections", grown.length === 1 && grown[0].parent, grown);
  const [item] = await client.ask(protocol.CallHierarchyPrepareRequest.type, at(2, 3));
  const calls = await client.ask(protocol.CallHierarchyIncomingCallsRequest.type, { item });
  check("backlinks", calls.length === 2, calls);
}

async function writing() {
  const list = await client.ask(protocol.CompletionRequest.type, at(6, 7));
  check("completion", list.items[0]?.label === "Old", list.items[0]);
  const item = list.items.find((own) => own.label === "Old");
  const resolved = await client.ask(protocol.CompletionResolveRequest.type, item);
  check("its preview", resolved.documentation !== undefined, resolved);

  const isOwn = (sent) => sent.uri === textDocument.uri && sent.diagnostics.length > 0;
  const { diagnostics } = await client.heard("textDocument/publishDiagnostics", isOwn);
  const broken = diagnostics.find((own) => own.code === "broken-link");
  check("a broken link", broken !== undefined, diagnostics);
  const params = { textDocument, range: broken.range, context: { diagnostics } };
  const actions = await client.ask(protocol.CodeActionRequest.type, params);
  check("actions", actions.some(({ title }) => title.includes("Create the note")), actions);
  for (const action of actions.filter((own) => own.edit === undefined && own.data !== undefined)) {
    const whole = await client.ask(protocol.CodeActionResolveRequest.type, action);
    check(`the edit of ${action.title}`, whole.edit !== undefined, whole);
  }
}

async function renaming() {
  const place = at(2, 3);
  const { placeholder } = await client.ask(protocol.PrepareRenameRequest.type, place);
  check("what is renamed", placeholder === "Old", placeholder);
  const edit = await client.ask(protocol.RenameRequest.type, { ...place, newName: "New" });
  const moves = edit.documentChanges.filter((own) => own.kind === "rename");
  check("rename", moves.length === 2, edit);
  const error = await client.refusal(protocol.RenameRequest.type, { ...place, newName: "a:b" });
  check("what cannot be", error.message.includes("cannot hold"), error.message);
  const files = [{ oldUri: address("_Standards/a/Old.md"), newUri: address("_Standards/b/Older.md") }];
  const will = await client.ask(protocol.WillRenameFilesRequest.type, { files });
  check("a move of a file", JSON.stringify(will).includes("Older"), will);
}

async function drawing() {
  const command = { command: "vaultmark.graph", arguments: [textDocument] };
  const graph = await client.ask(protocol.ExecuteCommandRequest.type, command);
  check("the graph", graph.nodes[0]?.title === "Home" && graph.edges.length > 0, graph);
}

async function end() {
  await client.ask(protocol.ShutdownRequest.type);
  await client.tell(protocol.ExitNotification.type);
  const code = await within(client.exit, "the exit");
  check("the exit code", code === 0, code);
}

for (const part of [begin, goingAndLooking, reading, writing, renaming, drawing, end]) {
  try {
    await part();
  } catch (problem) {
    check(part.name, false, String(problem));
  }
}
client.server.kill();
fs.rmSync(vault, { recursive: true });
client.faults.forEach((fault) => check("a message", false, fault));
console.log(`${client.messages} messages checked: ${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
