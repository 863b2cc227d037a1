// Writes the server's own settings into package.json: `npm run settings -- FILE-OF-THE-SERVER`.
// A test of the server says when this is to be done.
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { format } from "prettier";

const server = process.argv[2] ?? "vaultmark";
const printed = execFileSync(server, ["settings", "--format", "vscode"], { encoding: "utf8" });
const manifest = JSON.parse(fs.readFileSync("package.json", "utf8"));
const [own] = manifest.contributes.configuration;
const vault = { id: "vault", order: 2, title: "Vault", properties: JSON.parse(printed) };
manifest.contributes.configuration = [own, vault];
const text = JSON.stringify(manifest, null, 2);
fs.writeFileSync("package.json", await format(text, { parser: "json-stringify" }));
