import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient/node";

/** Lines above headings are text to the server; here a click on them shows what they count. */
export const clickable: Pick<Middleware, "provideCodeLenses" | "resolveCodeLens"> = {
  provideCodeLenses: async (document, token, next) => {
    const lenses = await next(document, token);
    lenses?.forEach((lens) => {
      sources.set(lens, document.uri);
      connect(lens);
    });
    return lenses;
  },
  resolveCodeLens: async (lens, token, next) => {
    const uri = sources.get(lens);
    const resolved = await next(lens, token);
    if (resolved && uri) {
      sources.set(resolved, uri);
      connect(resolved);
    }
    return resolved;
  },
};

const sources = new WeakMap<vscode.CodeLens, vscode.Uri>();

function connect(lens: vscode.CodeLens): void {
  const uri = sources.get(lens);
  const title = lens.command?.title;
  if (!uri || title === undefined || lens.command?.command !== "") return;
  if (/^\d+ backlinks?$/.test(title)) {
    lens.command = { title, command: "vaultmark.showBacklinks", arguments: [uri] };
  } else if (/^\d+ links?$/.test(title)) {
    const place = [uri, lens.range.start];
    lens.command = { title, command: "vaultmark.showReferences", arguments: place };
  } else if (title.startsWith("also in ")) {
    lens.command = { title, command: "vaultmark.openCopy", arguments: [uri] };
  }
}
