/** Who shows the page: a webview of an editor, which opens notes itself, or a browser. */

interface Api {
  postMessage(message: unknown): void;
}
declare function acquireVsCodeApi(): Api;

const api: Api | undefined = typeof acquireVsCodeApi === "function" ? acquireVsCodeApi() : undefined;

export const inEditor = api !== undefined;

/** Tells the editor something. */
export const tell = (message: unknown): void => api?.postMessage(message);

/** Hears what the editor says. Others that may hold this window are not listened to. */
export function hear(heard: (message: { type?: string; [key: string]: unknown }) => void): void {
  if (!api) return;
  window.addEventListener("message", (event) => {
    if (typeof event.data === "object" && event.data !== null) heard(event.data);
  });
}

/** The address of a file of the vault, whose root is at `base`. */
export function address(base: string, path: string): string {
  const encoded = (part: string): string => encodeURIComponent(part).replace(/%3A/gi, ":");
  const full = `${base}/${path}`.split("/").map(encoded).join("/");
  if (full.startsWith("/")) return `file://${full}`;
  return /^[A-Za-z]:\//.test(full) ? `file:///${full}` : full;
}
