import * as vscode from "vscode";
import {
  CallHierarchyIncomingCallsRequest,
  CallHierarchyPrepareRequest,
  CodeActionRequest,
  CodeActionResolveRequest,
  ImplementationRequest,
  SymbolKind,
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CodeAction,
  type LanguageClient,
  type Location,
  type LocationLink,
  type Position,
} from "vscode-languageclient/node";

/** A copy of a note in a tier. */
export interface Copy {
  /** The folder of the tier. */
  tier: string;
  uri: vscode.Uri;
  isOwn: boolean;
}

/** A copy that is not written yet, and the action that writes it. */
export interface MissingCopy {
  tier: string;
  path: string;
  action: CodeAction;
}

/** The Markdown note in the active editor, if there is one on a disk. */
export function activeNote(): vscode.Uri | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document && isNote(document) ? document.uri : undefined;
}

/** Whether a document is one that the server knows. */
export function isNote(document: vscode.TextDocument): boolean {
  return document.languageId === "markdown" && document.uri.scheme === "file";
}

/** The path of a note as people read it. */
export function shownPath(uri: vscode.Uri): string {
  return vscode.workspace.asRelativePath(uri, false);
}

/** The name of a note. */
export function noteName(uri: vscode.Uri): string {
  return (uri.path.split("/").at(-1) ?? "").replace(/\.md$/i, "");
}

/** The links to a note, by the notes and sections that hold them. */
export async function backlinks(
  client: LanguageClient,
  uri: vscode.Uri,
): Promise<CallHierarchyIncomingCall[]> {
  // An item without a heading stands for the note, wherever its title is.
  const start = { line: 0, character: 0 };
  const item: CallHierarchyItem = {
    name: noteName(uri),
    kind: SymbolKind.File,
    uri: client.code2ProtocolConverter.asUri(uri),
    range: { start, end: start },
    selectionRange: { start, end: start },
    data: { heading: null },
  };
  return callers(client, item);
}

/** The links to an item. */
export async function callers(
  client: LanguageClient,
  item: CallHierarchyItem,
): Promise<CallHierarchyIncomingCall[]> {
  return (await client.sendRequest(CallHierarchyIncomingCallsRequest.type, { item })) ?? [];
}

/** A place of the note that stands for the note itself; `undefined` when there is none. */
export async function placeOfNote(
  client: LanguageClient,
  document: vscode.TextDocument,
): Promise<Position | undefined> {
  const textDocument = client.code2ProtocolConverter.asTextDocumentIdentifier(document);
  const isOwn = (item: CallHierarchyItem) =>
    client.protocol2CodeConverter.asUri(item.uri).toString() === document.uri.toString();
  // The first line, unless a link stands there; then the title.
  const title = Array.from({ length: document.lineCount }, (_, line) => line).find((line) =>
    document.lineAt(line).text.startsWith("# "),
  );
  const places = [{ line: 0, character: 0 }];
  if (title !== undefined) places.push({ line: title, character: 0 });
  for (const position of places) {
    const params = { textDocument, position };
    const items = await client.sendRequest(CallHierarchyPrepareRequest.type, params);
    const item = items?.[0];
    if (item && isOwn(item) && isWhole(item)) return position;
  }
  return undefined;
}

function isWhole(item: CallHierarchyItem): boolean {
  const data = item.data as { heading?: unknown } | undefined;
  return data?.heading === null || data?.heading === undefined;
}

/** The copies of a note in all tiers, itself among them; none if it is in no tier. */
export async function copies(
  client: LanguageClient,
  document: vscode.TextDocument,
): Promise<Copy[]> {
  // Outside of links, any place of a note means the note.
  const plain = Array.from({ length: document.lineCount }, (_, line) => line).find(
    (line) => !document.lineAt(line).text.includes("["),
  );
  if (plain === undefined) return [];
  const found = await client.sendRequest(ImplementationRequest.type, {
    textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(document),
    position: { line: plain, character: 0 },
  });
  const places: (Location | LocationLink)[] = [found ?? []].flat();
  return places.map((place) => {
    const uri = client.protocol2CodeConverter.asUri("uri" in place ? place.uri : place.targetUri);
    return {
      tier: shownPath(uri).split("/")[0] ?? "",
      uri,
      isOwn: uri.toString() === document.uri.toString(),
    };
  });
}

/** The copies that a note names and nobody has written, and the action that writes all of them. */
export async function missingCopies(
  client: LanguageClient,
  document: vscode.TextDocument,
): Promise<{ missing: MissingCopy[]; all: CodeAction | undefined }> {
  const missing = new Map<string, MissingCopy>();
  let all: CodeAction | undefined;
  const found = vscode.languages.getDiagnostics(document.uri);
  for (const range of found.filter(isCopyMissing).map((own) => own.range)) {
    const link = document.getText(range).replace(/\|.*$/, "");
    if ([...missing.values()].some((known) => link.includes(known.path.replace(/\.md$/, "")))) {
      continue;
    }
    for (const action of await actionsAt(client, document, range.start)) {
      const path = /^Create the copy `(.*)`$/.exec(action.title)?.[1];
      if (path !== undefined) missing.set(path, { tier: path.split("/")[0] ?? "", path, action });
      if (/^Create all \d+ missing copies$/.test(action.title)) all ??= action;
    }
  }
  return { missing: [...missing.values()], all };
}

function isCopyMissing(diagnostic: vscode.Diagnostic): boolean {
  const { code, source } = diagnostic;
  const name = typeof code === "object" ? code.value : code;
  return source === "vaultmark" && name === "copy-missing";
}

async function actionsAt(
  client: LanguageClient,
  document: vscode.TextDocument,
  position: vscode.Position,
): Promise<CodeAction[]> {
  const at = client.code2ProtocolConverter.asPosition(position);
  const found = await client.sendRequest(CodeActionRequest.type, {
    textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(document),
    range: { start: at, end: at },
    context: { diagnostics: [], only: ["quickfix"] },
  });
  return (found ?? []).filter((item): item is CodeAction => "kind" in item);
}

/** Does what an action of the server says. */
export async function perform(client: LanguageClient, action: CodeAction): Promise<boolean> {
  const whole =
    action.edit === undefined
      ? await client.sendRequest(CodeActionResolveRequest.type, action)
      : action;
  const edit = await client.protocol2CodeConverter.asWorkspaceEdit(whole.edit);
  if (!edit) return false;
  const done = await vscode.workspace.applyEdit(edit);
  if (done) await Promise.all(edit.entries().map(([uri]) => vscode.workspace.save(uri)));
  return done;
}
