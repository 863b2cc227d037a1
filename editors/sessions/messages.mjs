// What each message of the server must be: by Microsoft's own checks where there are
// some, else by what the protocol says. A check is given what was sent and says
// whether it is such a thing; for answers there is one for each method that is asked.
import protocol from "vscode-languageserver-protocol/node";

const is = (kind) => (value) => kind.is(value);
const isString = (value) => typeof value === "string";
const isToken = (value) => isString(value) || Number.isInteger(value);
const isAny = () => true;
const isNothing = (value) => value === null || value === undefined;
const oneOf = (...values) => (value) => values.includes(value);
const or = (...checks) => (value) => checks.some((check) => check(value));
const maybe = (check) => or((value) => value === undefined, check);
const orNull = (check) => or((value) => value === null, check);
const list = (check) => (value) => Array.isArray(value) && value.every(check);
/** An object with these members; what is not named here may be there as well. */
const object = (members) => (value) =>
  typeof value === "object" && value !== null && Object.entries(members).every(([name, check]) => check(value[name]));

const isRange = is(protocol.Range);
const isLocation = is(protocol.Location);
const isCommand = maybe(is(protocol.Command));
const isDocumentation = maybe(or(isString, is(protocol.MarkupContent)));
const isEdit = orNull(is(protocol.WorkspaceEdit));
const isTextEdit = or(is(protocol.TextEdit), is(protocol.InsertReplaceEdit));

const isItem = object({
  label: isString,
  labelDetails: maybe(is(protocol.CompletionItemLabelDetails)),
  kind: maybe((kind) => Number.isInteger(kind) && kind >= 1 && kind <= 25),
  tags: maybe(list(oneOf(1))),
  detail: maybe(isString),
  documentation: isDocumentation,
  sortText: maybe(isString),
  filterText: maybe(isString),
  insertText: maybe(isString),
  insertTextFormat: maybe(oneOf(1, 2)),
  textEdit: maybe(isTextEdit),
  textEditText: maybe(isString),
  additionalTextEdits: maybe(list(is(protocol.TextEdit))),
  commitCharacters: maybe(list(isString)),
  command: isCommand,
});
/** An action whose edit is asked for when it is chosen. */
const isActionToResolve = object({
  title: isString,
  kind: maybe(isString),
  diagnostics: maybe(list(is(protocol.Diagnostic))),
  data: (data) => data !== undefined,
});
const isSymbol = object({ name: isString, kind: Number.isInteger, location: isLocation });
const isHierarchyItem = object({
  name: isString,
  kind: Number.isInteger,
  detail: maybe(isString),
  uri: is(protocol.DocumentUri),
  range: isRange,
  selectionRange: isRange,
});
const isReport = or(
  object({ kind: oneOf("full"), items: list(is(protocol.Diagnostic)), resultId: maybe(isString) }),
  object({ kind: oneOf("unchanged"), resultId: isString }),
);
const isProgress = or(
  object({ kind: oneOf("begin"), title: isString, message: maybe(isString), percentage: maybe(Number.isInteger) }),
  object({ kind: oneOf("report"), message: maybe(isString), percentage: maybe(Number.isInteger) }),
  object({ kind: oneOf("end"), message: maybe(isString) }),
);
const isMessage = object({ type: oneOf(1, 2, 3, 4, 5), message: isString });

export const notifications = {
  "$/progress": object({ token: isToken, value: isProgress }),
  "textDocument/publishDiagnostics": object({
    uri: is(protocol.DocumentUri),
    version: maybe(Number.isInteger),
    diagnostics: list(is(protocol.Diagnostic)),
  }),
  "window/logMessage": isMessage,
  "window/showMessage": isMessage,
};

export const requests = {
  "client/registerCapability": object({ registrations: list(object({ id: isString, method: isString })) }),
  "window/workDoneProgress/create": object({ token: isToken }),
  "workspace/configuration": object({ items: list(object({ section: maybe(isString) })) }),
};

export const answers = {
  initialize: object({
    capabilities: object({}),
    serverInfo: object({ name: oneOf("Vaultmark"), version: isString }),
  }),
  shutdown: isNothing,
  "callHierarchy/incomingCalls": list(object({ from: isHierarchyItem, fromRanges: list(isRange) })),
  "codeAction/resolve": is(protocol.CodeAction),
  "completionItem/resolve": isItem,
  "textDocument/codeAction": list(or(is(protocol.CodeAction), isActionToResolve)),
  "textDocument/codeLens": list(is(protocol.CodeLens)),
  "textDocument/completion": or(list(isItem), object({ isIncomplete: oneOf(true, false), items: list(isItem) })),
  "textDocument/definition": or(isLocation, list(isLocation)),
  "textDocument/diagnostic": isReport,
  "textDocument/documentHighlight": list(object({ range: isRange, kind: maybe(oneOf(1, 2, 3)) })),
  "textDocument/documentLink": list(is(protocol.DocumentLink)),
  "textDocument/documentSymbol": or(list(is(protocol.DocumentSymbol)), list(isSymbol)),
  "textDocument/foldingRange": list(is(protocol.FoldingRange)),
  "textDocument/hover": is(protocol.Hover),
  "textDocument/inlayHint": list(is(protocol.InlayHint)),
  "textDocument/prepareCallHierarchy": list(isHierarchyItem),
  "textDocument/prepareRename": object({ range: isRange, placeholder: isString }),
  "textDocument/references": list(isLocation),
  "textDocument/rename": isEdit,
  "textDocument/selectionRange": list(is(protocol.SelectionRange)),
  "textDocument/semanticTokens/full": is(protocol.SemanticTokens),
  "workspace/executeCommand": isAny,
  "workspace/symbol": list(isSymbol),
  "workspace/willRenameFiles": isEdit,
};
