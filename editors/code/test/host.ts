// Runs in the extension host of VS Code, with its real API; loaded by `extensionTestsPath`.
// The workspace has two folders: `islands`, the demo vault, and `garden`, a plain one.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { Results } from "./results";

const execute = <T>(command: string, ...args: unknown[]) =>
  vscode.commands.executeCommand<T>(command, ...args);

/** Waits until something is there. The machine may be slow. */
async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  limit = 60_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + limit;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function folder(name: string): vscode.Uri {
  const found = vscode.workspace.workspaceFolders?.find((own) => own.name === name);
  assert.ok(found, `the folder ${name} is open`);
  return found.uri;
}

const islands = (file: string) => vscode.Uri.joinPath(folder("islands"), file);
const garden = (file: string) => vscode.Uri.joinPath(folder("garden"), file);
const text = (uri: vscode.Uri) => fs.readFileSync(uri.fsPath, "utf8");

async function open(uri: vscode.Uri): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}

/** The place inside the first occurrence of a text. */
function inside(document: vscode.TextDocument, piece: string): vscode.Position {
  const at = document.getText().indexOf(piece);
  assert.notEqual(at, -1, `the note says ${piece}`);
  return document.positionAt(at + 2);
}

function own(uri: vscode.Uri, code: string): vscode.Diagnostic[] {
  const found = vscode.languages.getDiagnostics(uri);
  return found.filter((diagnostic) => {
    const known = diagnostic.code;
    return (typeof known === "object" ? known.value : known) === code;
  });
}

async function definition(document: vscode.TextDocument, piece: string): Promise<string[]> {
  type Place = vscode.Location | vscode.LocationLink;
  const at = inside(document, piece);
  const command = "vscode.executeDefinitionProvider";
  const found = await execute<Place[]>(command, document.uri, at);
  return found.map((place) =>
    path.basename("uri" in place ? place.uri.path : place.targetUri.path),
  );
}

export async function run(): Promise<void> {
  const results = new Results("host", process.env.HOST_RESULTS);
  const vessland = islands("_Standards/Archipelago/Vessland.md");
  const { document } = await open(vessland);

  await results.step("a link leads to its note, in the text and in properties", async () => {
    await until("the server", async () =>
      (await definition(document, "[[Amber Sea]]")).includes("Amber Sea.md"),
    );
    assert.ok((await definition(document, "[[Vess]]'")).includes("Vess.md"));
  });

  await results.step("names are completed behind brackets", async () => {
    const editor = await open(garden("Paths.md"));
    const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
    await editor.edit((edit) => {
      edit.insert(end, "[[Ro");
    });
    const at = editor.document.lineAt(editor.document.lineCount - 1).range.end;
    const command = "vscode.executeCompletionItemProvider";
    const list = await execute<vscode.CompletionList>(command, editor.document.uri, at);
    const labels = list.items.map(({ label }) => (typeof label === "string" ? label : label.label));
    assert.ok(labels.includes("Roses"), labels.join());
    // The other folder is another vault.
    assert.ok(!labels.includes("Vessland"), labels.join());
    await execute("workbench.action.files.revert");
  });

  await results.step("each folder is a vault of its own", async () => {
    const paths = await open(garden("Paths.md"));
    assert.deepEqual(await definition(paths.document, "[[Roses]]"), ["Roses.md"]);
    const broken = () => own(garden("Paths.md"), "broken-link");
    assert.equal((await until("a broken link", () => broken().length)) > 0, true);
    assert.match(broken()[0]?.message ?? "", /Vessland/);
  });

  await results.step("a fault of the frontmatter is named and mended", async () => {
    const uri = garden("Tulips.md");
    const tulips = await open(uri);
    const fault = await until("the fault", () => own(uri, "unquoted-link")[0]);
    const command = "vscode.executeCodeActionProvider";
    const actions = await execute<vscode.CodeAction[]>(command, uri, fault.range, "quickfix", 9);
    const fix = actions.find((action) => action.isPreferred);
    assert.ok(fix?.edit, actions.map((action) => action.title).join());
    await vscode.workspace.applyEdit(fix.edit);
    assert.equal(tulips.document.lineAt(1).text, 'up: "[[Roses]]"');
    await until("its end", () => own(uri, "unquoted-link").length === 0);
    await tulips.document.save();
  });

  await results.step("defaults of the editor do not outrank .vaultmark.toml", async () => {
    const uri = garden("Paths.md");
    fs.writeFileSync(garden(".vaultmark.toml").fsPath, '[rules]\n"broken-link" = "off"\n');
    await until("silence", () => own(uri, "broken-link").length === 0);
  });

  await results.step("settings of the editor do", async () => {
    const settings = vscode.workspace.getConfiguration("vaultmark");
    const target = vscode.ConfigurationTarget.Workspace;
    await settings.update("rules", { "broken-link": "error" }, target);
    const uri = garden("Paths.md");
    const found = await until("the fault", () => own(uri, "broken-link")[0]);
    assert.equal(found.severity, vscode.DiagnosticSeverity.Error);
    await settings.update("rules", undefined, target);
    fs.unlinkSync(garden(".vaultmark.toml").fsPath);
    await until("the default", () => {
      const [found] = own(uri, "broken-link");
      return found?.severity === vscode.DiagnosticSeverity.Warning;
    });
  });

  await results.step("lines above headings can be clicked", async () => {
    await open(vessland);
    const command = "vscode.executeCodeLensProvider";
    const lenses = await execute<vscode.CodeLens[]>(command, vessland, 20);
    const said = lenses.map((lens) => lens.command);
    const backlinks = said.find((command) => /^\d+ backlinks$/.test(command?.title ?? ""));
    assert.equal(backlinks?.command, "vaultmark.showBacklinks");
    const tiers = said.find((command) => command?.title.startsWith("also in "));
    assert.equal(tiers?.command, "vaultmark.openCopy");
    await execute(backlinks.command, ...((backlinks.arguments ?? []) as unknown[]));
  });

  await results.step("files that the editor moves take their links along", async () => {
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(garden("Roses.md"), garden("Beds/Old roses.md"));
    assert.ok(await vscode.workspace.applyEdit(edit));
    const paths = await vscode.workspace.openTextDocument(garden("Paths.md"));
    await until("the link", () => paths.getText().includes("[[Old roses]]"));
    await paths.save();
    assert.match(text(garden("Paths.md")), /\[\[Old roses\]\]/);
  });

  await results.step("a check of the vault is a task with problems", async () => {
    const ended = new Promise<number | undefined>((resolve) => {
      const listener = vscode.tasks.onDidEndTaskProcess(({ exitCode, execution }) => {
        if (execution.task.source !== "vaultmark") return;
        listener.dispose();
        resolve(exitCode);
      });
    });
    const [task] = await vscode.tasks.fetchTasks({ type: "vaultmark" });
    assert.ok(task);
    await vscode.tasks.executeTask(task);
    assert.equal(await ended, 1);
    const uri = islands("_Standards/Archipelago/Oru.md");
    await until("problems of a note that is not open", () =>
      vscode.languages.getDiagnostics(uri).some((found) => found.message.includes("Lighthouse")),
    );
  });

  await results.step(
    "a server that is not there is named, and another one is taken up",
    async () => {
      const settings = vscode.workspace.getConfiguration("vaultmark");
      const target = vscode.ConfigurationTarget.Workspace;
      const old = settings.inspect<string>("server.path")?.globalValue;
      const { document } = await open(garden("Paths.md"));
      await settings.update("server.path", "/nowhere/vaultmark", target);
      await until(
        "its end",
        async () => (await definition(document, "[[Old roses]]")).length === 0,
      );
      await settings.update("server.path", undefined, target);
      assert.equal(settings.inspect<string>("server.path")?.globalValue, old);
      await until("another one", async () =>
        (await definition(document, "[[Old roses]]")).includes("Old roses.md"),
      );
    },
  );

  results.end();
}
