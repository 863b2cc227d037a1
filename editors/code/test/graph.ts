// The graph and the tier map, in a tab beside the notes.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Editor } from "./editor";
import type { Run } from "./results";

const NOTE = "_Standards/Archipelago/Vessland.md";
/** Of the page. */
declare function getComputedStyle(element: unknown): { backgroundColor: string };

const REFRESH = ".editor-actions [aria-label*='Refresh Graph']:visible";
/** The part of the window for a picture. */
const PICTURE = { x: 300, y: 30, width: 896, height: 700 };

export async function graph(editor: Editor, step: Run): Promise<void> {
  const { page } = editor;
  const shown = () => editor.graph.locator("html");
  const said = async (name: string) => (await shown().getAttribute(`data-${name}`)) ?? "";
  /** The graph is drawn, and the keyboard is its own. */
  const settled = () =>
    editor.until("the graph", async () => {
      const isDrawn = (await said("state")) === "settled";
      return isDrawn && (await page.evaluate("document.activeElement.tagName")) === "IFRAME";
    });
  const isOther = (note: string) => note !== NOTE && note.endsWith(".md") && editor.exists(note);

  await step("the graph shows what is around a note", async () => {
    await editor.command("View: Toggle Primary Side Bar Visibility");
    await editor.open(NOTE);
    await editor.command("Vaultmark: Show Graph of This Note");
    await settled();
    assert.equal(await editor.graph.locator("#name").textContent(), "Around Vessland");
    assert.ok(Number(await said("nodes")) > 10, await said("nodes"));
    await page.waitForTimeout(500);
    await editor.shoot("graph", PICTURE);
  });

  await step("a click on a note of the graph opens it", async () => {
    const box = await editor.graph.locator("#picture").boundingBox();
    assert.ok(box);
    const picture = editor.graph.locator("#picture.over");
    let note = "";
    for (let y = box.height / 4; y < box.height - 20 && !isOther(note); y += 9) {
      for (let x = 20; x < box.width - 60 && !isOther(note); x += 9) {
        await page.mouse.move(box.x + x, box.y + y);
        if ((await picture.count()) === 0) continue;
        await page.mouse.click(box.x + x, box.y + y);
        note = await said("selected");
      }
    }
    assert.ok(isOther(note), "no note is there to be clicked");
    await editor.tab(path.basename(note)).waitFor();
    assert.equal(await said("selected"), note, "and stays selected");
  });

  await step("so does the keyboard, and the graph follows the editor", async () => {
    await editor.open(NOTE);
    await editor.until("the note to be selected", async () => (await said("selected")) === NOTE);
    await editor.graph.locator("#picture").focus();
    let note = "";
    for (let turn = 0; turn < 20 && !isOther(note); turn += 1) {
      await editor.press("Tab");
      note = await said("selected");
    }
    await editor.press("Enter");
    await editor.tab(path.basename(note)).waitFor();
    await editor.graph.getByText("Show what is around it", { exact: true }).click();
    const name = path.basename(note, ".md");
    await editor.until(
      "another middle",
      async () => (await editor.graph.locator("#name").textContent()) === `Around ${name}`,
    );
  });

  await step("the graph is another when a note is, and it is asked anew", async () => {
    const text = editor.read(NOTE);
    await editor.open(NOTE);
    await editor.command("Vaultmark: Show Graph of This Note");
    await settled();
    const before = Number(await said("nodes"));
    await editor.open(NOTE);
    await editor.press("Control+End");
    await page.keyboard.type("\n[[Never written]] ");
    await editor.graph.locator("#status").click();
    await page.locator(REFRESH).first().click();
    await editor.until("a node more", async () => Number(await said("nodes")) === before + 1);
    await editor.open(NOTE);
    await editor.save();
    fs.writeFileSync(editor.path(NOTE), text);
  });

  await step("the graph takes the colors of the editor", async () => {
    const back = () =>
      editor.graph.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
    const before = await back();
    await editor.command("Preferences: Toggle between Light/Dark Themes");
    await editor.until("other colors", async () => (await back()) !== before);
    await page.waitForTimeout(500);
    await editor.shoot("graph-dark", PICTURE);
    await editor.command("Preferences: Toggle between Light/Dark Themes");
    await editor.until("the colors of before", async () => (await back()) === before);
  });

  await step("the tier map shows what is missing and what leaks", async () => {
    const open = editor.path("_public/Archipelago.public.md");
    const before = fs.readFileSync(open, "utf8");
    fs.appendFileSync(open, "\nMore in [[/_secret/Archipelago/Vessland.secret]].\n");
    await editor.open(NOTE);
    await editor.command("Vaultmark: Show Tier Map");
    const cell = (state: string) => editor.graph.locator(`td.state.${state}:visible`);
    await cell("missing").first().waitFor();
    await editor.until("the leak", async () => {
      await page.locator(REFRESH).first().click();
      await page.waitForTimeout(1000);
      return (await cell("leak").count()) > 0;
    });
    await editor.graph.getByLabel("Close the details").click();
    await editor.command("View: Toggle Maximize Editor Group");
    await page.waitForTimeout(1000);
    await editor.shoot("tiers", { x: 48, y: 30, width: 950, height: 428 });
    await editor.command("View: Toggle Maximize Editor Group");
    fs.writeFileSync(open, before);
    const button = cell("there").locator("button").first();
    const note = (await button.getAttribute("title")) ?? "";
    await button.click();
    await editor.tab(path.basename(note)).waitFor();
    await page.locator(".tab[aria-label^='Tiers of']").click({ button: "middle" });
    await page.locator("iframe.webview").waitFor({ state: "detached" });
    await editor.command("View: Toggle Primary Side Bar Visibility");
  });
}
