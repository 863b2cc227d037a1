// Highlighting by the injected grammars, with the engine and the Markdown grammar of VS Code.
// usage: node grammar.js FOLDER-OF-VS-CODE RESULTS.json
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as oniguruma from "vscode-oniguruma";
import { INITIAL, parseRawGrammar, Registry, type IGrammar } from "vscode-textmate";
import { Results } from "./results";

const extensions = path.join(process.argv[2] ?? "", "extensions");
const own = path.join(__dirname, "..", "syntaxes");
const files: Record<string, string> = {
  "text.html.markdown": path.join(extensions, "markdown-basics/syntaxes/markdown.tmLanguage.json"),
  "source.yaml": yaml("yaml"),
  "source.yaml.1.3": yaml("yaml-1.3"),
  "source.yaml.1.2": yaml("yaml-1.2"),
  "source.yaml.1.1": yaml("yaml-1.1"),
  "source.yaml.1.0": yaml("yaml-1.0"),
  "source.yaml.embedded": yaml("yaml-embedded"),
  "text.html.markdown.vaultmark.links": path.join(own, "links.tmLanguage.json"),
  "text.html.markdown.vaultmark.body": path.join(own, "body.tmLanguage.json"),
};

function yaml(name: string): string {
  return path.join(extensions, "yaml/syntaxes", `${name}.tmLanguage.json`);
}

async function main(): Promise<void> {
  const wasm = path.join(__dirname, "../node_modules/vscode-oniguruma/release/onig.wasm");
  await oniguruma.loadWASM(fs.readFileSync(wasm));
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => oniguruma.createOnigScanner(patterns),
      createOnigString: (text) => oniguruma.createOnigString(text),
    }),
    loadGrammar: (scope) => {
      const file = files[scope];
      if (file === undefined) return Promise.resolve(null);
      return Promise.resolve(parseRawGrammar(fs.readFileSync(file, "utf8"), file));
    },
    getInjections: (scope) =>
      scope === "text.html.markdown"
        ? Object.keys(files).filter((name) => name.includes("vaultmark"))
        : [],
  });
  const grammar = await registry.loadGrammar("text.html.markdown");
  assert.ok(grammar);
  const results = new Results("grammar", process.argv[3]);
  for (const [name, text, expected] of CASES) {
    await results.step(name, () => {
      assert.deepEqual(tokens(grammar, text), expected);
    });
  }
  results.end();
}

/** The pieces of a text that the injected grammars name, each with its scope. */
function tokens(grammar: IGrammar, text: string): string[] {
  let stack = INITIAL;
  const found: string[] = [];
  for (const line of text.split("\n")) {
    const done = grammar.tokenizeLine(line, stack);
    stack = done.ruleStack;
    for (const token of done.tokens) {
      const scope = token.scopes.at(-1) ?? "";
      const isOwn = scope.endsWith(".vaultmark") && !/^(punctuation|meta)/.test(scope);
      const piece = line.slice(token.startIndex, token.endIndex);
      if (isOwn) found.push(`${scope.replace(".vaultmark", "")}: ${piece}`);
    }
  }
  return found;
}

const LINK = "markup.underline.link.wiki";
const ALIAS = "string.other.link.title.wiki";
const SUBPATH = "constant.other.reference.link.subpath";
const TAG = "entity.name.tag";
const KEY = "variable.other.property";

const CASES: [string, string, string[]][] = [
  [
    "links with subpath and alias",
    "See [[a/b#c|d]] and [[x]].",
    [`${LINK}: a/b`, `${SUBPATH}: #c`, `${ALIAS}: d`, `${LINK}: x`],
  ],
  ["embeds", "![[x.png|100]]", ["keyword.operator.embed: !", `${LINK}: x.png`, `${ALIAS}: 100`]],
  [
    "links in tables, with the bar escaped and bare",
    "| a |\n|---|\n| [[x\\|y]] |",
    [`${LINK}: x`, `${ALIAS}: y`],
  ],
  ["links in headings and lists", "# [[a]]\n\n- [[b]]\n", [`${LINK}: a`, `${LINK}: b`]],
  [
    "links in properties",
    '---\nup: "[[a|b]]"\n---\n[[c]]',
    [`${LINK}: a`, `${ALIAS}: b`, `${LINK}: c`],
  ],
  ["a comment of YAML is no tag", "---\na: 1 # no tag\nb: #no\n---\n", []],
  ["no links in code", "`[[a]]`\n\n```\n[[b]] #c\n```\n\n    [[d]]\n", []],
  ["no links in comments of HTML", "<!-- [[a]] -->\n", []],
  ["what is no link", "[[]] [[ ]] [[a\nb]]", []],
  ["the inner of two", "[[Nested [[Inner]] x]]", [`${LINK}: Inner`]],
  ["tags", "#a/b x#no #1984 #y1984", [`${TAG}: a/b`, `${TAG}: y1984`]],
  ["a heading is no tag", "# Title\n#tag", [`${TAG}: tag`]],
  ["ids of blocks", "Text ^an-id\n\nno ^id here", ["entity.name.label: an-id"]],
  [
    "fields of lines, brackets and items",
    "has_capital :: [[Vess]]\n\n[Population:: 81200] (Area:: 3)\n\n- key:: v",
    [`${KEY}: has_capital`, `${LINK}: Vess`, `${KEY}: Population`, `${KEY}: Area`, `${KEY}: key`],
  ],
  ["types of callouts", "> [!info] Where it lies", ["keyword.other.callout: info"]],
];

void main();
