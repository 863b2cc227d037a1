import * as vscode from "vscode";
import {
  PrepareRenameRequest,
  RenameRequest,
  type LanguageClient,
  type WorkspaceEdit,
} from "vscode-languageclient/node";
import { folders } from "./folders";
import { noteName, placeOfNote } from "./notes";

/** Asks for a name, and shows what would change before it does. */
export async function renameNote(client: LanguageClient, uri: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const old = await currentName(client, document);
  const name = await vscode.window.showInputBox({
    title: "Rename note in all tiers",
    prompt: "A name with `/` is a path from the root of the vault or tier.",
    value: old,
    valueSelection: [0, old.length],
    validateInput: (value) => (value.trim() === "" ? "A name cannot be empty." : undefined),
  });
  if (name === undefined || name.trim() === old) return;
  await rename(client, document, name.trim());
}

/** Asks for a folder, and moves the note and its copies there. */
export async function moveNote(client: LanguageClient, uri: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const { paths, depth } = await folders(client, document);
  const folder = await chooseFolder(paths, noteName(uri));
  if (folder === undefined) return;
  if (folder !== "") {
    // Behind a final slash the name stays.
    await rename(client, document, `${folder}/`);
  } else if (depth > 0) {
    await rename(client, document, "../".repeat(depth) + (await currentName(client, document)));
  }
}

async function currentName(client: LanguageClient, document: vscode.TextDocument): Promise<string> {
  const position = await placeOfNote(client, document);
  if (!position) return noteName(document.uri);
  const textDocument = client.code2ProtocolConverter.asTextDocumentIdentifier(document);
  const found = await client.sendRequest(PrepareRenameRequest.type, { textDocument, position });
  return found && "placeholder" in found ? found.placeholder : noteName(document.uri);
}

async function chooseFolder(paths: string[], name: string): Promise<string | undefined> {
  const root = "/ (the root)";
  const known = paths.map((folder) => folder || root);
  const picker = vscode.window.createQuickPick();
  picker.title = `Move ${name} and its copies into`;
  picker.placeholder = "A folder, also a new one";
  const fill = () => {
    const wanted = picker.value.trim().replace(/^\/+|\/+$/g, "");
    const labels = wanted === "" || known.includes(wanted) ? known : [...known, wanted];
    picker.items = labels.map((label) =>
      known.includes(label) ? { label } : { label, description: "a new folder" },
    );
  };
  fill();
  picker.onDidChangeValue(fill);
  const chosen = await new Promise<string | undefined>((resolve) => {
    picker.onDidAccept(() => {
      resolve(picker.activeItems[0]?.label);
      picker.hide();
    });
    picker.onDidHide(() => {
      resolve(undefined);
    });
    picker.show();
  });
  picker.dispose();
  return chosen === root ? "" : chosen;
}

async function rename(
  client: LanguageClient,
  document: vscode.TextDocument,
  newName: string,
): Promise<void> {
  const position = await placeOfNote(client, document);
  if (!position) {
    void vscode.window.showWarningMessage(
      `${noteName(document.uri)} has no title, and its first line is a link, which F2 would rename. Rename or move the file in the explorer: links and copies follow as well.`,
    );
    return;
  }
  const textDocument = client.code2ProtocolConverter.asTextDocumentIdentifier(document);
  const edit = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: `Looking for links to ${noteName(document.uri)}`,
      cancellable: true,
    },
    (_, token) =>
      client.sendRequest(RenameRequest.type, { textDocument, position, newName }, token),
  );
  if (!edit) return;
  const converted = await client.protocol2CodeConverter.asWorkspaceEdit(withPreview(edit));
  await vscode.workspace.applyEdit(converted, { isRefactoring: true });
}

/**
 * The same edit, which the editor shows before it makes it. It does so when a part
 * is to be confirmed, and leaves such parts unticked; so this adds one that
 * changes nothing, and all of the others need no more than *Apply*.
 */
export function withPreview(edit: WorkspaceEdit): WorkspaceEdit {
  const nothing = "vaultmark.preview";
  const changes = edit.documentChanges ?? [];
  const isAsked = (id: string | undefined) =>
    id !== undefined && edit.changeAnnotations?.[id]?.needsConfirmation === true;
  const idOf = (part: object) => ("annotationId" in part ? String(part.annotationId) : undefined);
  if (changes.some((own) => "edits" in own && own.edits.some((part) => isAsked(idOf(part))))) {
    return edit;
  }
  const start = { line: 0, character: 0 };
  const part = { range: { start, end: start }, newText: "", annotationId: nothing };
  const last = changes.findLast((own) => "edits" in own);
  return {
    ...edit,
    documentChanges: changes.map((own) =>
      own === last ? { ...last, edits: [...last.edits, part] } : own,
    ),
    changeAnnotations: {
      ...edit.changeAnnotations,
      [nothing]: { label: "shown for the preview, changes nothing", needsConfirmation: true },
    },
  };
}
