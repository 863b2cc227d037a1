// Opens pages of `vaultmark graph` in a headless Chromium and asserts what they show.
// node test.mjs [VAULT…]: besides the demo vault these are opened, too. VAULTMARK names the
// program, CHROMIUM the browser; pictures are kept in out/.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import dot from "dotparser";
import { chromium } from "playwright-core";

const here = fileURLToPath(new URL(".", import.meta.url));
const program = process.env.VAULTMARK ?? join(here, "../../target/debug/vaultmark");
const demo = join(here, "../../docs/demo");
const out = join(here, "out");
const folder = mkdtempSync(join(tmpdir(), "vaultmark-graph-"));
mkdirSync(out, { recursive: true });

const run = (...words) => execFileSync(program, ["graph", ...words], { encoding: "utf8", maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "ignore"] });
const json = (...words) => JSON.parse(run(...words, "--json"));
const drawn = (name, ...words) => {
  const file = join(folder, `${name}.html`);
  run(...words, "--html", file);
  return file;
};

let [passed, failed] = [0, 0];
function check(what, is, ...seen) {
  if (is) passed++;
  else {
    failed++;
    console.error(`FAILED: ${what}`, ...seen);
  }
}
const same = (what, is, wanted) => check(what, JSON.stringify(is) === JSON.stringify(wanted), "is", is, "and not", wanted);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
});

/** A page, and what it did that it should not. */
async function open(file, { color = "light", setup, settled = 60_000 } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: color });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && !/GPU stall/.test(message.text()) && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  const address = pathToFileURL(file).href;
  page.on("request", (request) => request.url() !== address && !request.url().startsWith("blob:") && faults.push(`asked for ${request.url()}`));
  if (setup) await page.addInitScript(setup);
  await page.goto(address);
  if (settled) await page.waitForFunction(() => document.documentElement.dataset.state === "settled", null, { timeout: settled });
  return { page, faults, context, root: (name) => page.evaluate((name) => document.documentElement.dataset[name], name) };
}

const filtered = async ({ page, root }, text) => {
  await page.fill("#filter", text);
  await page.waitForTimeout(400);
  return Number(await root("shown"));
};

async function shownDemo() {
  const data = json("--vault", demo, "--tiers");
  const seen = await open(drawn("demo", "--vault", demo));
  const { page, root, faults } = seen;
  same("the page has the nodes of the JSON", Number(await root("nodes")), data.nodes.length);
  const links = data.edges.reduce((sum, edge) => sum + edge.count, 0);
  same("the status counts", await page.textContent("#status"), `${data.nodes.length} notes and files, ${links} links`);
  await page.screenshot({ path: join(out, "demo-light.png") });
  // The canvas is not one color: something is drawn.
  const picture = await page.locator("#picture").screenshot();
  check("something is drawn", picture.length > 20_000, picture.length);

  const ofTier = data.nodes.filter((node) => node.tier === 1 && node.kind !== "missing").length;
  same("the filter takes tiers", await filtered(seen, "tier:public"), ofTier);
  same("and leaves them out", await filtered(seen, "-tier:public"), data.nodes.length - ofTier);
  const named = data.nodes.filter((node) => `${node.title}\n${node.path}`.toLowerCase().includes("vess")).length;
  same("and names", await filtered(seen, "VESS"), named);
  const ends = new Set(data.edges.filter((edge) => edge.class === "embed").flatMap((edge) => [edge.from, edge.to]));
  same("and classes", await filtered(seen, "class:embed"), ends.size);
  same("and kinds", await filtered(seen, "kind:missing"), data.nodes.filter((node) => node.kind === "missing").length);
  same("nothing may be left", await filtered(seen, "no such name at all"), 0);
  await page.press("#filter", "Escape");
  same("Escape clears the filter", Number(await root("shown")), data.nodes.length);
  await page.uncheck('[data-key="kind:missing"]');
  same("the legend hides", Number(await root("shown")), data.nodes.filter((node) => node.kind !== "missing").length);
  await page.check('[data-key="kind:missing"]');

  await page.focus("#picture");
  await page.keyboard.press("ArrowRight");
  same("an arrow selects the best linked", await root("selected"), data.nodes[0].path);
  same("what is selected is said", (await page.textContent("#said")).startsWith(data.nodes[0].title), true);
  await page.keyboard.press("Tab");
  same("Tab goes to the next", await root("selected"), data.nodes[1].path);
  await page.keyboard.press("Shift+Tab");
  same("and back", await root("selected"), data.nodes[0].path);
  const moved = new Set();
  for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
    await page.keyboard.press(key);
    moved.add(await root("selected"));
  }
  check("arrows go to other notes", moved.size > 1, moved);
  await page.keyboard.press("Escape");
  same("Escape selects nothing", await root("selected"), "");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("n");
  const neighbor = await root("selected");
  const near = data.edges.filter((edge) => edge.from === 0 || edge.to === 0).flatMap((edge) => [edge.from, edge.to]);
  check("N goes to a neighbor", near.some((index) => index !== 0 && data.nodes[index].path === neighbor), neighbor);
  await page.screenshot({ path: join(out, "demo-selected.png") });
  faults.splice(0).forEach((fault) => check("no faults before a file is opened", false, fault));
  const popup = page.context().waitForEvent("page");
  await page.keyboard.press("Enter");
  const opened = await popup;
  await opened.waitForLoadState().catch(() => undefined);
  same("Enter opens the file", decodeURI(opened.url()), decodeURI(pathToFileURL(join(resolve(demo), neighbor)).href));
  await opened.close();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  check("Tab leaves the picture when nothing is selected", await page.evaluate(() => document.activeElement.id !== "picture"));

  await page.focus("#picture");
  await page.keyboard.press("/");
  same("/ goes to the filter", await page.evaluate(() => document.activeElement.id), "filter");
  await page.focus("#picture");
  await page.keyboard.press("?");
  check("? shows the help", await page.isVisible("#help"));
  await page.screenshot({ path: join(out, "demo-help.png") });
  await page.keyboard.press("Escape");
  check("Escape closes the help", !(await page.isVisible("#help")));

  // With the mouse: where the pointer becomes a hand there is a node.
  const box = await page.locator("#picture").boundingBox();
  let hit = false;
  for (let y = 60; y < box.height - 20 && !hit; y += 9) {
    for (let x = 260; x < box.width - 60 && !hit; x += 9) {
      await page.mouse.move(box.x + x, box.y + y);
      hit = await page.evaluate(() => document.getElementById("picture").classList.contains("over"));
    }
  }
  check("the mouse finds a node", hit);
  await page.mouse.down();
  await page.mouse.up();
  await page.waitForTimeout(100);
  const clicked = await root("selected");
  check("a click selects it", clicked !== "", clicked);
  same("and shows its path", await page.textContent("#path"), clicked);

  await page.keyboard.press("l");
  same("the list has the same nodes", await page.locator("#view-list li").count(), data.nodes.length);
  const label = await page.locator("#view-list li button").first().getAttribute("aria-label");
  check("in words", label.startsWith(`${data.nodes[0].title}: note`), label);
  await page.locator("#view-list li button").nth(2).focus();
  await page.keyboard.press("Enter");
  same("and selects", await root("selected"), data.nodes[2].path);
  same("the focus stays", await page.evaluate(() => document.activeElement.dataset.node), "2");
  await page.screenshot({ path: join(out, "demo-list.png") });

  await page.keyboard.press("Escape");
  await page.keyboard.press("t");
  const { rows } = data.matrix;
  same("the tier map has a head for each tier", await page.locator("thead th").count(), data.matrix.tiers.length + 1);
  for (const [state, letter] of [["there", "T"], ["missing", "M"], ["leak", "L"]]) {
    const cells = page.locator(`td.state.${state}`);
    same(`cells that are ${state}`, await cells.count(), rows.flatMap((row) => row.cells).filter((cell) => cell.state === state).length);
    if (await cells.count()) same(`their letter`, await cells.first().textContent(), letter);
  }
  await page.evaluate(() => document.getElementById("view-tiers").scrollTo(0, 300));
  const tops = await page.evaluate(() => ["thead th", "#view-tiers"].map((name) => document.querySelector(name).getBoundingClientRect().top));
  check("its head stays", Math.abs(tops[0] - tops[1]) < 2, tops);
  await page.evaluate(() => document.getElementById("view-tiers").scrollTo(0, 0));
  await page.screenshot({ path: join(out, "demo-tiers.png") });
  same("no faults", faults, []);

  // What is added is not run.
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.broken = true";
    document.head.append(script);
  });
  same("the policy lets no other code run", await page.evaluate(() => window.broken), undefined);
  await seen.context.close();

  const dark = await open(drawn("demo", "--vault", demo), { color: "dark" });
  await dark.page.screenshot({ path: join(out, "demo-dark.png") });
  const back = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  check("the dark page is dark", /rgb\((\d+)/.exec(await back(dark.page))[1] < 60);
  await dark.page.evaluate(() => document.body.classList.add("vscode-light"));
  check("an editor's light theme outranks it", /rgb\((\d+)/.exec(await back(dark.page))[1] > 200);
  await dark.page.evaluate(() => document.body.classList.replace("vscode-light", "vscode-dark"));
  check("and its dark one", /rgb\((\d+)/.exec(await back(dark.page))[1] < 60);
  await dark.page.focus("#picture");
  await dark.page.keyboard.press("t");
  await dark.page.screenshot({ path: join(out, "demo-tiers-dark.png") });
  same("no faults in the dark", dark.faults, []);
  await dark.context.close();

  const first = await open(drawn("tiers", "--vault", demo, "--tiers"));
  same("--tiers shows the map first", await first.root("view"), "tiers");
  await first.context.close();

  const local = json(data.nodes[0].path, "--vault", demo, "--depth", "1", "--families");
  const near1 = await open(drawn("local", data.nodes[0].path, "--vault", demo, "--depth", "1", "--families"));
  same("a neighbourhood", Number(await near1.root("nodes")), local.nodes.length);
  same("its name", await near1.page.textContent("#name"), `Around ${local.nodes[0].title}`);
  await near1.page.screenshot({ path: join(out, "demo-local.png") });
  same("no faults", near1.faults, []);
  await near1.context.close();
}

/** The page in a webview of an editor. */
async function inEditor() {
  const setup = () => {
    window.messages = [];
    window.acquireVsCodeApi = () => ({ postMessage: (message) => window.messages.push(message) });
  };
  const data = json("--vault", demo);
  const file = join(folder, "empty.html");
  writeFileSync(file, readFileSync(join(here, "dist/graph.html"), "utf8"));
  const { page, root, faults, context } = await open(file, { setup, settled: 0 });
  same("without data it says that it is ready", await page.evaluate(() => window.messages), [{ type: "ready" }]);
  await page.evaluate((data) => window.postMessage({ type: "graph", data }, "*"), data);
  await page.waitForFunction(() => document.documentElement.dataset.state === "settled");
  same("it takes the data", Number(await root("nodes")), data.nodes.length);
  await page.evaluate((path) => window.postMessage({ type: "select", path }, "*"), data.nodes[3].path);
  await page.waitForFunction(() => document.documentElement.dataset.selected);
  same("it selects what the editor says", await root("selected"), data.nodes[3].path);
  await page.focus("#picture");
  await page.keyboard.press("Enter");
  same("Enter asks the editor to open it", await page.evaluate(() => window.messages.at(-1)), { type: "open", path: data.nodes[3].path });
  await page.click("text=Show what is around it");
  same("another middle", await page.evaluate(() => window.messages.at(-1)), { type: "center", path: data.nodes[3].path });
  const local = json(data.nodes[0].path, "--vault", demo);
  await page.evaluate((data) => window.postMessage({ type: "graph", data }, "*"), local);
  await page.waitForFunction((count) => document.documentElement.dataset.nodes === String(count) && document.documentElement.dataset.state === "settled", local.nodes.length);
  same("one picture after another", await page.locator("#picture canvas.sigma-nodes").count(), 1);
  same("no faults in an editor", faults, []);
  await context.close();
}

/** Names that try to leave the data. */
async function strangeNames() {
  const vault = join(folder, "strange");
  mkdirSync(join(vault, ".obsidian"), { recursive: true });
  const names = ["a<!--<script>window.broken=1", "b\"'`quo&amp;te", "c\u2028line", "d $& $1 back\\slash", "<img src=x onerror=window.broken=1>"];
  const links = ["</script><script>window.broken=1</script>", "x\" onclick=\"window.broken=1"];
  for (const name of names) writeFileSync(join(vault, `${name}.md`), links.map((link) => `[[${link}]]\n`).join(""));
  const data = json("--vault", vault);
  const seen = await open(drawn("strange", "--vault", vault));
  const { page, root, faults } = seen;
  same("all strange names are nodes", Number(await root("nodes")), data.nodes.length);
  check("files and what they link", data.nodes.length === names.length + links.length, data.nodes.length);
  await page.focus("#picture");
  await page.keyboard.press("l");
  const shown = await page.locator("#view-list li button span:nth-child(2)").allTextContents();
  same("they are shown as they are", shown, data.nodes.map((node) => node.title));
  for (let index = 0; index < data.nodes.length; index++) await page.locator("#view-list li button").nth(index).click();
  same("none of them is run", await page.evaluate(() => window.broken), undefined);
  same("no faults of strange names", faults, []);
  await seen.context.close();
  const [parsed] = dot(run("--vault", vault, "--dot"));
  const made = parsed.children.filter((child) => child.type === "node_stmt");
  same("nor do they break the language of Graphviz", made.length, data.nodes.length);
  const titles = made.map((node) => node.attr_list.find((attribute) => attribute.id === "label").eq);
  same("where they are escaped", titles.map((title) => title.replaceAll("\\\\", "\\")), data.nodes.map((node) => node.title.replaceAll("\u2028", " ")));
  same("and so are links", parsed.children.filter((child) => child.type === "edge_stmt").length, data.edges.length);
}

/** What a tier map shows of leaks. */
async function leaks() {
  const vault = join(folder, "leaks");
  const write = (path, text) => {
    mkdirSync(join(vault, path, ".."), { recursive: true });
    writeFileSync(join(vault, path), text);
  };
  write("_Standards/Leaky.md", "[[Plan.secret]] ![[Plan.secret]]");
  write("_Standards/Plan.md", "");
  write("_secret/Plan.secret.md", "[[Plan]]");
  write("outside.md", "[[Plan.secret]]");
  const { page, faults, context } = await open(drawn("leaks", "--vault", vault, "--tiers"));
  same("cells by state", await page.locator("td.state").allTextContents(), ["L", "M", "T", "T"]);
  const told = await page.locator("td.leaks div").allTextContents();
  const secret = "_secret/Plan.secret.md";
  same("what leaks", told, [`_Standards/Leaky.md names ${secret}`, `_Standards/Leaky.md shows ${secret}`, `outside.md names ${secret}`]);
  same("in words", await page.locator("td.state.leak button").getAttribute("aria-label"), "Leaky, Standards: gives secrets away; open");
  await page.fill("#filter", "state:missing");
  await page.waitForTimeout(200);
  same("the map can be filtered", await page.locator("td.state").allTextContents(), ["L", "M"]);
  await page.fill("#filter", "plan");
  await page.waitForTimeout(200);
  same("by name", await page.locator("td.state").allTextContents(), ["T", "T"]);
  await page.screenshot({ path: join(out, "leaks.png") });
  same("no faults of leaks", faults, []);
  await context.close();
}

/** A large vault: readable and smooth. */
async function large(vault) {
  const name = basename(vault);
  const data = json("--vault", vault);
  for (const color of ["light", "dark"]) {
    const begin = Date.now();
    const seen = await open(drawn(name, "--vault", vault), { color, settled: 180_000 });
    const { page, root, faults } = seen;
    console.log(`${name}, ${color}: ${data.nodes.length} nodes, ${data.edges.length} edges, laid out after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    same(`${name}: nodes`, Number(await root("nodes")), data.nodes.length);
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(out, `${name}-${color}.png`) });
    if (color === "light") {
      const box = await page.locator("#picture").boundingBox();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      const zoom = await page.evaluate(async () => {
        const times = [];
        const target = document.querySelector("#picture canvas.sigma-mouse");
        const { left, top, width, height } = target.getBoundingClientRect();
        for (let turn = 0; turn < 12; turn++) {
          const at = performance.now();
          target.dispatchEvent(new WheelEvent("wheel", { deltaY: -100, clientX: left + width / 2, clientY: top + height / 2, bubbles: true, cancelable: true }));
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          times.push(performance.now() - at);
        }
        return times.sort((left, right) => left - right)[6];
      });
      console.log(`${name}: two frames while zooming take ${zoom.toFixed(0)} ms (median, without a graphics card)`);
      await page.waitForTimeout(600);
      await page.screenshot({ path: join(out, `${name}-near.png`) });
      await page.focus("#picture");
      await page.keyboard.press("0");
      await page.waitForTimeout(1_500);
      await page.keyboard.press("ArrowRight");
      same(`${name}: a note is selected`, await root("selected"), data.nodes[0].path);
      await page.waitForTimeout(800);
      await page.screenshot({ path: join(out, `${name}-selected.png`) });
      await page.keyboard.press("Escape");
      const word = data.nodes[5].title;
      const shown = data.nodes.filter((node) => `${node.title}\n${node.path}`.normalize("NFC").toLowerCase().includes(word.toLowerCase()));
      same(`${name}: the filter`, await filtered(seen, word.includes(" ") ? word.split(" ")[0] : word) >= shown.length, true);
      same(`${name}: and back`, await filtered(seen, ""), data.nodes.length);
      await page.focus("#picture");
      await page.keyboard.press("l");
      same(`${name}: the list begins short`, await page.locator("#view-list li").count(), Math.min(200, data.nodes.length));
      if (data.tiers.some((tier) => tier.here)) {
        await page.keyboard.press("t");
        await page.waitForTimeout(300);
        await page.screenshot({ path: join(out, `${name}-tiers.png`) });
      }
    }
    same(`${name}: no faults`, faults, []);
    await seen.context.close();
  }
}

try {
  await shownDemo();
  await inEditor();
  await strangeNames();
  await leaks();
  for (const vault of process.argv.slice(2)) await large(vault);
} catch (error) {
  failed++;
  console.error("FAILED:", error);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
