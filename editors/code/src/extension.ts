import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { showBacklinks, showReferences } from "./backlinks";
import { checkVault, offerTasks } from "./check";
import { createCopies, createCopy, openCopy } from "./copies";
import { Graph } from "./graph";
import { activeNote } from "./notes";
import { moveNote, renameNote } from "./rename";
import { copyReport } from "./report";
import { Server } from "./server";
import { Shown } from "./shown";
import { Status } from "./status";
import { Tree, type MissingNode } from "./tree";

let server: Server | undefined;

/** Starts the server and what shows it. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("Vaultmark", { log: true });
  const own = new Server(context, log);
  server = own;
  const shown = new Shown(own);
  const tree = new Tree(shown);
  const status = new Status(own, shown, context.workspaceState);
  const graph = new Graph(context.extensionUri);
  context.subscriptions.push(log, own, shown, tree, status, graph, offerTasks(own));
  context.subscriptions.push(...commands(own, tree, graph, context));
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((change) => {
      const decides = ["vaultmark.server.path", "vaultmark.server.env"];
      if (decides.some((key) => change.affectsConfiguration(key))) void own.restart();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => own.restart()),
  );
  await own.restart();
}

/** Stops the server. */
export async function deactivate(): Promise<void> {
  await server?.stop();
}

function commands(
  own: Server,
  tree: Tree,
  graph: Graph,
  context: vscode.ExtensionContext,
): vscode.Disposable[] {
  type Run = (...args: never[]) => unknown;
  const register = (name: string, run: Run) =>
    vscode.commands.registerCommand(`vaultmark.${name}`, run);
  /** A command about a note: the one that a menu names, else the active one. */
  const ofNote = (name: string, run: (client: LanguageClient, uri: vscode.Uri) => unknown) =>
    register(name, (named?: unknown) => {
      const uri = named instanceof vscode.Uri ? named : activeNote();
      return withClient((client) => {
        if (uri) return run(client, uri);
        return vscode.window.showInformationMessage("Open a note first.");
      });
    });
  const withClient = async (run: (client: LanguageClient) => unknown) => {
    const { client } = own;
    if (!client) {
      void vscode.window.showWarningMessage("The Vaultmark server does not run.");
      return;
    }
    try {
      await run(client);
    } catch (error) {
      if (error instanceof vscode.CancellationError) return;
      const why = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(why);
    }
  };
  const version = (context.extension.packageJSON as { version: string }).version;
  return [
    ofNote("renameNote", renameNote),
    ofNote("moveNote", moveNote),
    ofNote("openCopy", openCopy),
    ofNote("createCopies", createCopies),
    ofNote("showBacklinks", showBacklinks),
    ofNote("showGraph", (client, uri) => graph.show(client, { view: "graph", uri })),
    register("showTierMap", () =>
      withClient(async (client) => {
        const uri = activeNote() ?? (await chosenFolder());
        if (uri) await graph.show(client, { view: "tiers", uri });
      }),
    ),
    register("refreshGraph", () => withClient((client) => graph.refresh(client))),
    register("showReferences", (uri: vscode.Uri, at: vscode.Position) =>
      withClient((client) => showReferences(client, uri, at)),
    ),
    register("createCopy", ({ copy, beside }: MissingNode) =>
      withClient((client) => createCopy(client, beside, copy.path, copy.action)),
    ),
    register("checkVault", () => checkVault(own)),
    register("restart", () => own.restart()),
    register("showLog", () => {
      own.log.show();
    }),
    register("copyStatusReport", () => copyReport(own, version)),
    register("refreshTree", () => {
      tree.refresh();
    }),
    register("menu", showMenu),
  ];
}

/** The folder of a vault: the only one of the window, or the one that the user chooses. */
async function chosenFolder(): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    void vscode.window.showInformationMessage("Open a note or the folder of a vault first.");
    return undefined;
  }
  const [only] = folders;
  const chosen = folders.length === 1 ? only : await vscode.window.showWorkspaceFolderPick();
  return chosen?.uri;
}

async function showMenu(): Promise<void> {
  const items = [
    ["$(edit) Rename note in all tiers…", "renameNote"],
    ["$(move) Move note…", "moveNote"],
    ["$(go-to-file) Open copy in tier…", "openCopy"],
    ["$(new-file) Create missing copies…", "createCopies"],
    ["$(references) Show backlinks", "showBacklinks"],
    ["$(type-hierarchy) Show graph of this note", "showGraph"],
    ["$(table) Show tier map", "showTierMap"],
    ["$(checklist) Check vault", "checkVault"],
    ["$(debug-restart) Restart server", "restart"],
    ["$(output) Show log", "showLog"],
    ["$(copy) Copy status report", "copyStatusReport"],
  ].map(([label = "", command = ""]) => ({ label, command }));
  const chosen = await vscode.window.showQuickPick(items, { title: "Vaultmark" });
  if (chosen) await vscode.commands.executeCommand(`vaultmark.${chosen.command}`);
}
