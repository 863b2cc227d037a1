import * as vscode from "vscode";
import type { CodeAction, LanguageClient } from "vscode-languageclient/node";
import { copies, missingCopies, noteName, perform, shownPath, type MissingCopy } from "./notes";

interface Choice extends vscode.QuickPickItem {
  run: () => Promise<unknown>;
}

/** Lets the user choose a copy of a note, and opens it; one that is missing is written first. */
export async function openCopy(client: LanguageClient, uri: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const there = (await copies(client, document)).filter((copy) => !copy.isOwn);
  const { missing } = await missingCopies(client, document);
  const choices: Choice[] = there.map((copy) => ({
    label: copy.tier,
    description: shownPath(copy.uri),
    run: async () => vscode.window.showTextDocument(copy.uri),
  }));
  if (missing.length > 0) {
    const kind = vscode.QuickPickItemKind.Separator;
    choices.push({ label: "not written yet", kind, run: () => Promise.resolve() });
    choices.push(...missing.map((copy) => toCreate(client, document.uri, copy)));
  }
  if (choices.length === 0) {
    void vscode.window.showInformationMessage(`${noteName(uri)} has no copy in another tier.`);
    return;
  }
  const title = `Open a copy of ${noteName(uri)}`;
  await (await vscode.window.showQuickPick(choices, { title, matchOnDescription: true }))?.run();
}

/** Lets the user choose among the copies that are missing, and writes what was chosen. */
export async function createCopies(client: LanguageClient, uri: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const { missing, all } = await missingCopies(client, document);
  if (missing.length === 0) {
    void vscode.window.showInformationMessage(
      `${noteName(uri)} names no copy that is missing. Those of its tier section are looked at.`,
    );
    return;
  }
  const choices: Choice[] = missing.map((copy) => toCreate(client, document.uri, copy));
  if (all) {
    const run = () => perform(client, all);
    choices.unshift({ label: all.title, iconPath: new vscode.ThemeIcon("files"), run });
  }
  const title = `Create copies of ${noteName(uri)}`;
  await (await vscode.window.showQuickPick(choices, { title, matchOnDescription: true }))?.run();
}

function toCreate(client: LanguageClient, beside: vscode.Uri, copy: MissingCopy): Choice {
  return {
    label: copy.tier,
    description: copy.path,
    iconPath: new vscode.ThemeIcon("new-file"),
    run: () => createCopy(client, beside, copy.path, copy.action),
  };
}

/** Writes a copy that is missing, and opens it. */
export async function createCopy(
  client: LanguageClient,
  beside: vscode.Uri,
  path: string,
  action: CodeAction,
): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(beside);
  if ((await perform(client, action)) && folder) {
    await vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, path));
  }
}
