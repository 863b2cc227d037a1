import * as vscode from "vscode";
import type { CallHierarchyIncomingCall, LanguageClient } from "vscode-languageclient/node";
import {
  backlinks,
  callers,
  copies,
  missingCopies,
  noteName,
  shownPath,
  type Copy,
  type MissingCopy,
} from "./notes";
import type { Shown, Watched } from "./shown";

/** A line of the view that stands for a copy nobody has written. */
export interface MissingNode {
  kind: "missing";
  copy: MissingCopy;
  /** The note of which it is a copy. */
  beside: vscode.Uri;
}

type Node =
  | { kind: "copies"; copies: Copy[]; missing: MissingCopy[] }
  | { kind: "backlinks"; label: string; calls: CallHierarchyIncomingCall[]; isOpen: boolean }
  | { kind: "copy"; copy: Copy }
  | MissingNode
  | { kind: "call"; call: CallHierarchyIncomingCall }
  | { kind: "line"; uri: vscode.Uri; range: vscode.Range; text: string };

/** The view of the active note's copies and backlinks. */
export class Tree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<Node>;
  private readonly listening: vscode.Disposable;

  constructor(private readonly shown: Shown) {
    this.view = vscode.window.createTreeView("vaultmark.vault", { treeDataProvider: this });
    this.listening = shown.onDidChange(() => {
      this.refresh();
    });
  }

  refresh(): void {
    this.changed.fire(undefined);
  }

  dispose(): void {
    this.listening.dispose();
    this.view.dispose();
    this.changed.dispose();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const watched = this.shown.watched;
    if (!watched) {
      this.view.message = "Open a note to see its copies and what links to it.";
      this.view.description = "";
      return [];
    }
    const { client } = watched;
    switch (node?.kind) {
      case undefined:
        return this.groups(watched);
      case "copies": {
        const beside = watched.document.uri;
        return [
          ...node.copies.map((copy): Node => ({ kind: "copy", copy })),
          ...node.missing.map((copy): Node => ({ kind: "missing", copy, beside })),
        ];
      }
      case "backlinks":
        return node.calls.map((call) => ({ kind: "call", call }));
      case "call":
        return lines(client, node.call);
      default:
        return [];
    }
  }

  private async groups({ client, document }: Watched): Promise<Node[]> {
    const uri = document.uri;
    const [own, { missing }, calls] = await Promise.all([
      copies(client, document),
      missingCopies(client, document),
      backlinks(client, uri),
    ]);
    this.view.message = undefined;
    this.view.description = noteName(uri);
    const inCopies = new Set(own.map((copy) => copy.uri.toString()));
    const isFromCopy = (call: CallHierarchyIncomingCall) =>
      inCopies.has(client.protocol2CodeConverter.asUri(call.from.uri).toString());
    const label = "Backlinks";
    const nodes: Node[] = [
      { kind: "backlinks", label, calls: calls.filter((call) => !isFromCopy(call)), isOpen: true },
    ];
    const fromCopies = calls.filter(isFromCopy);
    if (fromCopies.length > 0) {
      const label = "Links from its copies";
      nodes.push({ kind: "backlinks", label, calls: fromCopies, isOpen: false });
    }
    if (own.length + missing.length > 0) nodes.unshift({ kind: "copies", copies: own, missing });
    return nodes;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    switch (node.kind) {
      case "copies": {
        const item = new vscode.TreeItem("Copies", Collapsed);
        item.id = "copies";
        const absent = node.missing.length === 0 ? "" : `, ${node.missing.length} not written`;
        item.description = `${node.copies.length}${absent}`;
        return item;
      }
      case "backlinks": {
        const isEmpty = node.calls.length === 0;
        const item = new vscode.TreeItem(node.label, isEmpty ? None : state(node.isOpen));
        item.id = node.label;
        const links = node.calls.reduce((sum, call) => sum + call.fromRanges.length, 0);
        item.description = isEmpty ? "none" : String(links);
        return item;
      }
      case "copy": {
        const item = new vscode.TreeItem(node.copy.tier, None);
        item.iconPath = new vscode.ThemeIcon(node.copy.isOwn ? "circle-filled" : "file");
        item.description = node.copy.isOwn ? "this note" : noteName(node.copy.uri);
        item.tooltip = shownPath(node.copy.uri);
        item.command = opening(node.copy.uri);
        return item;
      }
      case "missing": {
        const item = new vscode.TreeItem(node.copy.tier, None);
        item.iconPath = new vscode.ThemeIcon("circle-outline");
        item.description = "not written yet";
        item.tooltip = node.copy.path;
        item.contextValue = "missingCopy";
        return item;
      }
      case "call": {
        const { from } = node.call;
        const item = new vscode.TreeItem(from.name, Collapsed);
        item.iconPath = new vscode.ThemeIcon(isSection(node.call) ? "symbol-string" : "file");
        item.description = from.detail;
        return item;
      }
      case "line": {
        const item = new vscode.TreeItem(node.text, None);
        item.description = `line ${node.range.start.line + 1}`;
        item.tooltip = node.text;
        item.command = opening(node.uri, node.range);
        return item;
      }
    }
    function state(isOpen: boolean) {
      return isOpen ? Expanded : Collapsed;
    }
  }
}

function isSection(call: CallHierarchyIncomingCall): boolean {
  const data = call.from.data as { heading?: unknown } | undefined;
  return data?.heading !== null && data?.heading !== undefined;
}

function opening(uri: vscode.Uri, selection?: vscode.Range): vscode.Command {
  const options: vscode.TextDocumentShowOptions = { preview: true, selection };
  return { title: "Open", command: "vscode.open", arguments: [uri, options] };
}

/** The lines of a note that hold links; for the item that stands for more notes, those notes. */
async function lines(client: LanguageClient, call: CallHierarchyIncomingCall): Promise<Node[]> {
  if (call.fromRanges.length === 0) {
    return (await callers(client, call.from)).map((call) => ({ kind: "call", call }));
  }
  const uri = client.protocol2CodeConverter.asUri(call.from.uri);
  const document = await vscode.workspace.openTextDocument(uri);
  return call.fromRanges.map((own) => {
    const range = client.protocol2CodeConverter.asRange(own);
    const text = document.lineAt(Math.min(range.start.line, document.lineCount - 1)).text.trim();
    return { kind: "line", uri, range, text };
  });
}
