import * as vscode from "vscode";

/** Settings that are about the editor, and mean nothing to the server. */
const OWN = ["server.", "trace."];

type Nested = Record<string, unknown>;

/**
 * What the user set in the section `vaultmark`. Defaults are left out: they
 * would outrank the `.vaultmark.toml` of the vault.
 */
export function explicitSettings(keys: string[]): Nested {
  const settings = vscode.workspace.getConfiguration("vaultmark");
  const found: Nested = {};
  for (const key of keys) {
    const own = settings.inspect(key);
    const value = own?.workspaceFolderValue ?? own?.workspaceValue ?? own?.globalValue;
    if (value !== undefined) put(found, key.split("."), value);
  }
  return found;
}

function put(into: Nested, key: string[], value: unknown): void {
  const [first, ...rest] = key;
  if (first === undefined) return;
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const inner = (into[first] ??= {}) as Nested;
  put(inner, rest, value);
}

/** The keys of the server's settings, from the manifest of the extension. */
export function serverKeys(extension: vscode.Extension<unknown>): string[] {
  const manifest = extension.packageJSON as {
    contributes: { configuration: { properties: Record<string, unknown> }[] };
  };
  const sections = manifest.contributes.configuration;
  const names = sections.flatMap((section) => Object.keys(section.properties));
  const keys = names.map((name) => name.replace(/^vaultmark\./, ""));
  return keys.filter((key) => !OWN.some((own) => key.startsWith(own)));
}
