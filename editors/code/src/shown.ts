import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { isNote } from "./notes";
import type { Server } from "./server";

/** The note that is looked at, and the server that knows it. */
export interface Watched {
  client: LanguageClient;
  document: vscode.TextDocument;
}

/** Changes are let settle for so many milliseconds. */
const SETTLE = 300;

/** Says when what is to be shown of the active note may be another. */
export class Shown implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChange = this.changed.event;
  private readonly listening: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private last: vscode.TextDocument | undefined;

  constructor(private readonly server: Server) {
    const files = vscode.workspace.createFileSystemWatcher("**/*.md");
    const soon = () => {
      this.soon();
    };
    this.listening = [
      files,
      files.onDidCreate(soon),
      files.onDidDelete(soon),
      vscode.window.onDidChangeActiveTextEditor(soon),
      vscode.workspace.onDidSaveTextDocument(soon),
      vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        const own = this.last?.uri.toString();
        if (uris.some((uri) => uri.toString() === own)) this.soon();
      }),
      server.onDidChange(soon),
    ];
  }

  /** The note to be shown: the active one, or the last one while another kind of editor is active. */
  get watched(): Watched | undefined {
    const client = this.server.client;
    const active = vscode.window.activeTextEditor?.document;
    if (active && isNote(active)) this.last = active;
    if (this.last?.isClosed) this.last = undefined;
    return client && this.last ? { client, document: this.last } : undefined;
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.changed.fire(undefined);
    }, SETTLE);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listening.forEach((listener) => {
      listener.dispose();
    });
    this.changed.dispose();
  }
}
