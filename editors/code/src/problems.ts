import * as fs from "node:fs";
import * as vscode from "vscode";
import {
  DiagnosticCollectionSource,
  vsdiag,
  type DiagnosticCollectionProvider,
  type Middleware,
} from "vscode-languageclient/node";

/**
 * Keeps the problems of closed notes from staying in the list. The client leaves them
 * to the reports of the whole vault, which say nothing of a closed note unless the
 * settings want that, and of one that is gone unless the client knew it from them.
 */
export class Problems implements vscode.Disposable {
  private pulled: vscode.DiagnosticCollection | undefined;
  private areOfWholeVault = false;
  private readonly listening = vscode.workspace.onDidCloseTextDocument(({ uri }) => {
    if (!this.areOfWholeVault || !fs.existsSync(uri.fsPath)) this.pulled?.delete(uri);
  });

  /** Makes the lists of problems. */
  readonly provider: DiagnosticCollectionProvider = {
    create: (name, source) => {
      const collection = vscode.languages.createDiagnosticCollection(name);
      if (source === DiagnosticCollectionSource.pull) this.pulled = collection;
      return collection;
    },
    dispose: (collection) => {
      collection.dispose();
    },
  };

  /** Hears whether the reports of the whole vault tell of notes. */
  readonly middleware: Pick<Middleware, "provideWorkspaceDiagnostics"> = {
    provideWorkspaceDiagnostics: (ids, token, report, next) =>
      next(ids, token, (chunk) => {
        const isFull = (item: vsdiag.WorkspaceDocumentDiagnosticReport) =>
          item.kind === vsdiag.DocumentDiagnosticReportKind.full && item.items.length > 0;
        this.areOfWholeVault ||= chunk?.items.some(isFull) ?? false;
        report(chunk);
      }),
  };

  dispose(): void {
    this.listening.dispose();
  }
}
