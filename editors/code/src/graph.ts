import * as fs from "node:fs/promises";
import * as vscode from "vscode";
import { ExecuteCommandRequest, type LanguageClient } from "vscode-languageclient/node";
import { noteName, shownPath } from "./notes";

/** The command of the server that gives a graph, and the kind of the tab that shows it. */
const GRAPH = "vaultmark.graph";

/** What the server gives; the page knows what else is in it. */
interface Data {
  /** The name of the vault. */
  vault: string | null;
  /** The address of its folder, from which all paths of the graph go. */
  root: string;
}

/** What is shown: what is around a note, or the tiers of the whole vault that holds it. */
export interface Wanted {
  view: "graph" | "tiers";
  uri: vscode.Uri;
}

/** What the page says. */
type Message = { type: "ready" } | { type: "open" | "center"; path: string };

/** The tab with the graph; there is at most one. */
export class Graph implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private wanted: Wanted | undefined;
  private root: vscode.Uri | undefined;
  /** What the page does not have yet. */
  private fresh: Data | undefined;
  /** The note that the page had opened, where it is selected already. */
  private opened: string | undefined;
  private turn = 0;
  private readonly listening: vscode.Disposable;

  constructor(private readonly extension: vscode.Uri) {
    this.listening = vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (editor) void this.select(editor.document.uri);
    });
  }

  /** Shows what is wanted, in the tab that is there or in a new one. */
  async show(client: LanguageClient, wanted: Wanted): Promise<void> {
    const data = await this.load(client, wanted);
    if (!data) return;
    this.wanted = wanted;
    if (this.panel) {
      this.panel.reveal();
      await this.send(data);
    } else {
      this.fresh = data;
      this.panel = await this.open();
    }
    this.panel.title = title(wanted, data);
  }

  /** Asks anew for what is shown. */
  async refresh(client: LanguageClient): Promise<void> {
    const data = this.wanted && (await this.load(client, this.wanted));
    if (data) await this.send(data);
  }

  dispose(): void {
    this.listening.dispose();
    this.panel?.dispose();
  }

  /** What is wanted; nothing if something else is wanted by now. */
  private async load(client: LanguageClient, { view, uri }: Wanted): Promise<Data | undefined> {
    const turn = ++this.turn;
    const address = client.code2ProtocolConverter.asUri(uri);
    const data = (await client.sendRequest(ExecuteCommandRequest.type, {
      command: GRAPH,
      arguments: [{ uri: address, whole: view === "tiers" }],
    })) as Data;
    if (turn !== this.turn) return undefined;
    this.root = client.protocol2CodeConverter.asUri(data.root);
    return data;
  }

  private async open(): Promise<vscode.WebviewPanel> {
    const page = vscode.Uri.joinPath(this.extension, "dist", "graph.html");
    const html = await fs.readFile(page.fsPath, "utf8");
    const panel = vscode.window.createWebviewPanel(GRAPH, "Graph", vscode.ViewColumn.Beside, {
      enableScripts: true,
      // The page has all that it needs in it.
      localResourceRoots: [],
    });
    panel.onDidDispose(() => {
      this.panel = undefined;
    });
    panel.webview.onDidReceiveMessage((message: Message) => this.hear(message));
    panel.webview.html = html;
    return panel;
  }

  private async hear(message: Message): Promise<void> {
    switch (message.type) {
      case "ready":
        // A page that was hidden begins anew, and shows the vault as it is now.
        if (this.fresh) await this.send(this.fresh);
        else await vscode.commands.executeCommand("vaultmark.refreshGraph");
        return;
      case "open":
        await this.openFile(message.path);
        return;
      case "center": {
        const uri = this.inside(message.path);
        if (uri) await vscode.commands.executeCommand("vaultmark.showGraph", uri);
      }
    }
  }

  private async send(data: Data): Promise<void> {
    this.fresh = undefined;
    const view = this.wanted?.view;
    await this.panel?.webview.postMessage({ type: "graph", data: { ...data, view } });
  }

  /** Opens a file of the vault beside the graph. */
  private async openFile(path: string): Promise<void> {
    const uri = this.inside(path);
    if (!uri) return;
    this.opened = path;
    const own = this.panel?.viewColumn;
    const other = vscode.window.visibleTextEditors.find((editor) => editor.viewColumn !== own);
    const { One, Beside } = vscode.ViewColumn;
    const viewColumn = other?.viewColumn ?? (own === One ? Beside : One);
    await vscode.commands.executeCommand("vscode.open", uri, { viewColumn });
  }

  /** A file of the vault by its path; `undefined` if the path leads out of the vault. */
  private inside(path: string): vscode.Uri | undefined {
    if (!this.root) return undefined;
    const uri = vscode.Uri.joinPath(this.root, path);
    return uri.path.startsWith(`${this.root.path}/`) ? uri : undefined;
  }

  /** Shows in the graph which note is active. */
  private async select(uri: vscode.Uri): Promise<void> {
    const root = this.root && `${this.root.path}/`;
    if (!root || !uri.path.startsWith(root)) return;
    const path = uri.path.slice(root.length);
    const isKnown = path === this.opened;
    this.opened = undefined;
    if (!isKnown) await this.panel?.webview.postMessage({ type: "select", path });
  }
}

function title({ view, uri }: Wanted, { vault }: Data): string {
  return view === "tiers" ? `Tiers of ${vault ?? shownPath(uri)}` : `Around ${noteName(uri)}`;
}
