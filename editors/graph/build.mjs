// Makes dist/graph.html: one file with the page's style and code in it, and a policy
// that lets nothing else run. With --check, says whether the committed one is so.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build, transform } from "esbuild";

const here = (path) => new URL(path, import.meta.url);
const read = (path) => readFileSync(here(path), "utf8");
const bundled = ["sigma", "graphology", "graphology-utils", "graphology-layout-forceatlas2", "events"];

async function bundle(entry, define = {}) {
  const made = await build({
    entryPoints: [here(entry).pathname],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "none",
    charset: "utf8",
    define,
  });
  return made.outputFiles[0].text.trim();
}

function notices() {
  const one = (name) => {
    const { version } = JSON.parse(read(`node_modules/${name}/package.json`));
    const file = name === "events" ? "LICENSE" : "LICENSE.txt";
    return `${name} ${version}\n\n${read(`node_modules/${name}/${file}`).trim()}`;
  };
  const text = `This page holds, under the MIT license:\n\n${bundled.map(one).join("\n\n")}\n`;
  // Nothing may end the comment.
  return text.replaceAll("\r\n", "\n").replaceAll(/-{2,}/g, "-").replaceAll(">", ")");
}

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const worker = await bundle("src/worker.ts");
const script = await bundle("src/main.ts", { WORKER: JSON.stringify(worker) });
const style = (await transform(read("src/style.css"), { loader: "css", minify: true, target: "es2022" })).code.trim();
for (const [text, end] of [[script, /<\/script|<!--/i], [style, /<\/style/i]]) {
  if (end.test(text)) throw new Error(`the bundle holds ${end}, which would end its element`);
}
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  "worker-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
const parts = { "@POLICY@": policy, "@NOTICE@": notices(), "@STYLE@": style, "@SCRIPT@": script };
const page = read("src/page.html").replaceAll(/@(POLICY|NOTICE|STYLE|SCRIPT)@/g, (name) => parts[name]);

const target = "dist/graph.html";
if (process.argv.includes("--check")) {
  if (read(target) !== page) {
    console.error("editors/graph/dist/graph.html is not what its source gives: run editors/graph/build.sh");
    process.exit(1);
  }
} else {
  writeFileSync(here(target), page);
}
console.log(`${target}: ${Math.round(page.length / 1024)} KB`);
