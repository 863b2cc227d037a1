// Opens a page of VS Code, so that it starts an extension host that runs the tests in it.
// usage: node start.js URL WORKSPACE EXTENSION TESTS RESULTS.json SHOTS
import * as fs from "node:fs";
import { openBrowser } from "./browser";

const LIMIT = 180_000;

async function main(): Promise<void> {
  const [url = "", workspace = "", extension = "", tests = "", file = "", shots = ""] =
    process.argv.slice(2);
  const remote = (path: string) => `vscode-remote://${new URL(url).host}${path}`;
  const payload = [
    ["extensionDevelopmentPath", remote(extension)],
    ["extensionTestsPath", remote(tests)],
    ["skipWelcome", "true"],
  ];
  const { page, close } = await openBrowser();
  // What the tests say in the extension host comes to the console of the page.
  page.on("console", (message) => {
    const said = message.text();
    const at = said.search(/(ok {2}|FAIL) host: /);
    if (at >= 0) console.log(said.slice(at));
    else if (process.env.DEBUG) console.log("page:", said.slice(0, 300));
  });
  const query = new URLSearchParams({ workspace, payload: JSON.stringify(payload) });
  await page.goto(`${url}/?${query.toString()}`);
  const end = Date.now() + LIMIT;
  while (!fs.existsSync(file) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  if (!fs.existsSync(file)) await page.screenshot({ path: `${shots}/host.png` });
  await close();
  if (!fs.existsSync(file)) throw new Error("the tests in the extension host did not end");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
