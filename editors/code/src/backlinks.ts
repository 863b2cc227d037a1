import * as vscode from "vscode";
import { ReferencesRequest, type LanguageClient } from "vscode-languageclient/node";
import { backlinks, noteName } from "./notes";

const PEEK = "editor.action.showReferences";

/** Shows the links to a note, beside its first line. */
export async function showBacklinks(client: LanguageClient, uri: vscode.Uri): Promise<void> {
  const found = await backlinks(client, uri);
  const places = found.flatMap((call) =>
    call.fromRanges.map(
      (range) =>
        new vscode.Location(
          client.protocol2CodeConverter.asUri(call.from.uri),
          client.protocol2CodeConverter.asRange(range),
        ),
    ),
  );
  if (places.length === 0) {
    void vscode.window.showInformationMessage(`No note links to ${noteName(uri)}.`);
    return;
  }
  const editor = await vscode.window.showTextDocument(uri);
  const at = editor.visibleRanges[0]?.start ?? new vscode.Position(0, 0);
  await vscode.commands.executeCommand(PEEK, uri, at, places);
}

/** Shows the links to what stands at a place of a note. */
export async function showReferences(
  client: LanguageClient,
  uri: vscode.Uri,
  at: vscode.Position,
): Promise<void> {
  const found = await client.sendRequest(ReferencesRequest.type, {
    textDocument: { uri: client.code2ProtocolConverter.asUri(uri) },
    position: client.code2ProtocolConverter.asPosition(at),
    context: { includeDeclaration: false },
  });
  const places = await client.protocol2CodeConverter.asReferences(found);
  await vscode.commands.executeCommand(PEEK, uri, at, places ?? []);
}
