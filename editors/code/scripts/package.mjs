// Packs the extension: `npm run package` without a server, and
// `npm run package -- --target linux-x64 --server FILE` with one for a platform.
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    server: { type: "string" },
    out: { type: "string", default: "." },
  },
});
const { target, server, out } = values;
if ((target === undefined) !== (server === undefined)) {
  console.error("--target and --server belong together: a server runs on one platform only");
  process.exit(2);
}
const { name, version } = JSON.parse(fs.readFileSync("package.json", "utf8"));
for (const license of ["LICENSE-MIT", "LICENSE-APACHE"]) {
  fs.copyFileSync(path.join("../..", license), license);
}
fs.rmSync("server", { recursive: true, force: true });
if (server !== undefined) {
  const file = path.join("server", target.startsWith("win32") ? "vaultmark.exe" : "vaultmark");
  fs.mkdirSync("server");
  fs.copyFileSync(server, file);
  fs.chmodSync(file, 0o755);
}
const file = path.join(out, `${name}-${target ?? "no-server"}-${version}.vsix`);
const vsce = ["node_modules/@vscode/vsce/vsce", "package", "--no-dependencies", "--out", file];
vsce.push("--skip-license", "--allow-missing-repository", "--no-rewrite-relative-links");
if (target !== undefined) vsce.push("--target", target);
execFileSync(process.execPath, vsce, { stdio: "inherit" });
fs.rmSync("server", { recursive: true, force: true });
