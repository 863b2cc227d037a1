import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { copies, shownPath } from "./notes";

/** Notes in folders whose names begin with a dot are none of the vault. */
const HIDDEN = "**/.*/**";

/** The number of notes in all folders of the window. */
export async function countNotes(token?: vscode.CancellationToken): Promise<number> {
  const found = await vscode.workspace.findFiles("**/*.md", HIDDEN, undefined, token);
  return found.length;
}

/** Where a note can be moved. */
export interface Folders {
  /** Paths from the root of its tier or vault; that of the root is empty. */
  paths: string[];
  /** In so many folders below that root the note lies. */
  depth: number;
}

/** The folders into which a note can be moved. */
export async function folders(
  client: LanguageClient,
  document: vscode.TextDocument,
): Promise<Folders> {
  const workspace = vscode.workspace.getWorkspaceFolder(document.uri);
  if (!workspace) return { paths: [""], depth: 0 };
  const known = await copies(client, document);
  const root = known.length > 0 ? `${known.find((copy) => copy.isOwn)?.tier ?? ""}/` : "";
  const pattern = new vscode.RelativePattern(workspace, `${root}**/*.md`);
  const notes = await vscode.workspace.findFiles(pattern, HIDDEN);
  const found = new Set([""]);
  for (const note of notes) {
    let folder = shownPath(note).slice(root.length);
    while (folder.includes("/")) {
      folder = folder.slice(0, folder.lastIndexOf("/"));
      if (found.has(folder)) break;
      found.add(folder);
    }
  }
  return {
    paths: [...found].sort((left, right) => left.localeCompare(right)),
    depth: shownPath(document.uri).slice(root.length).split("/").length - 1,
  };
}
