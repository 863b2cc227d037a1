import type { Middleware } from "vscode-languageclient/node";

/**
 * Keeps the offer to link to a note that is not there below notes that are. The editor
 * puts the item first that is exactly what was typed, whatever order the server gives.
 */
export const completion: Pick<Middleware, "provideCompletionItem"> = {
  provideCompletionItem: async (document, position, context, token, next) => {
    const found = await next(document, position, context, token);
    const items = Array.isArray(found) ? found : (found?.items ?? []);
    for (const item of items) {
      if (typeof item.label === "string" || item.label.description !== "new note") continue;
      item.filterText = `${item.filterText ?? item.label.label} `;
    }
    return found;
  },
};
