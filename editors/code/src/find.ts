import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A server that answers, and where it was found. */
export interface Found {
  path: string;
  version: string;
  origin: "setting" | "bundled" | "PATH" | "cargo";
}

/** Why no server can be started, in words that name the remedy. */
export class NoServer extends Error {}

const NAME = process.platform === "win32" ? "vaultmark.exe" : "vaultmark";

/**
 * Finds the server: the one that is set, else the one in the folder of the
 * extension, else the first on the `PATH`, else the one that `cargo install` made:
 * an editor that was started from a menu often knows another `PATH`.
 */
export async function findServer(setting: string, extension: string): Promise<Found> {
  const set = setting.trim();
  if (set !== "") {
    const file = set.startsWith("~/") ? path.join(os.homedir(), set.slice(2)) : set;
    if (!path.isAbsolute(file)) {
      throw new NoServer(
        `The setting \`vaultmark.server.path\` is \`${set}\`. It must be an absolute path, or begin with \`~/\`.`,
      );
    }
    return ask(file, "setting");
  }
  const bundled = path.join(extension, "server", NAME);
  if (isFile(bundled)) return ask(bundled, "bundled");
  // Only whole paths: a relative one would mean a file of the opened folder.
  const folders = (process.env.PATH ?? "")
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder));
  const file = folders.map((folder) => path.join(folder, NAME)).find(isFile);
  if (file !== undefined) return ask(file, "PATH");
  const cargo = process.env.CARGO_HOME ?? path.join(os.homedir(), ".cargo");
  const built = path.join(cargo, "bin", NAME);
  if (path.isAbsolute(built) && isFile(built)) return ask(built, "cargo");
  throw new NoServer(
    "There is no `vaultmark` on the PATH nor in `~/.cargo/bin`, and this build of the extension brings none. Install the server, or say in the setting `vaultmark.server.path` where it is.",
  );
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Asks a server for its version, which tells whether it can run here at all. */
async function ask(file: string, origin: Found["origin"]): Promise<Found> {
  let answer: string;
  try {
    answer = await run(file, ["--version"], 20_000);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new NoServer(`\`${file}\` cannot be run: ${why}. ${remedy(origin)}`);
  }
  const version = /^vaultmark (\S+)/.exec(answer)?.[1];
  if (version === undefined) {
    throw new NoServer(`\`${file}\` is not a Vaultmark server. ${remedy(origin)}`);
  }
  return { path: file, version, origin };
}

function remedy(origin: Found["origin"]): string {
  switch (origin) {
    case "setting":
      return "Correct the setting `vaultmark.server.path`, or empty it.";
    case "bundled":
      return "Install the build of the extension for this platform, or set `vaultmark.server.path`.";
    case "PATH":
    case "cargo":
      return "Install the server anew, or set `vaultmark.server.path`.";
  }
}

/** What a program prints; fails when it does, or takes longer than `timeout` milliseconds. */
export function run(file: string, args: string[], timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { timeout, maxBuffer: 1 << 24 }, (error, stdout) => {
      if (error) reject(new Error(error.message));
      else resolve(stdout);
    });
  });
}
