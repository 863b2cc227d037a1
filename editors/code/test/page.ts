// Drives a page of VS Code with keys and mouse; the packed extension is installed there.
// usage: node page.js URL VAULT SHOTS RESULTS.json
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { openBrowser } from "./browser";
import { Editor } from "./editor";
import { graph } from "./graph";
import { looks } from "./looks";
import { Results } from "./results";

const [url = "", vault = "", shots = "", file = ""] = process.argv.slice(2);

/** Steps whose names do not match are left out. */
const ONLY = new RegExp(process.env.STEPS ?? "");

async function drive(editor: Editor, results: Results): Promise<void> {
  const { page } = editor;
  const exists = (note: string) => editor.exists(note);
  const read = (note: string) => editor.read(note);
  let number = 0;
  const step = async (name: string, run: () => Promise<void>) => {
    number += 1;
    if (number > 1 && !ONLY.test(name)) return;
    await results.step(name, run);
    await editor.shoot(`${String(number).padStart(2, "0")} ${name}`).catch(() => undefined);
    await editor.press("Escape", "Escape");
  };
  const status = page.locator(
    '[id="vaultmark.vaultmark.vaultmark.status"], [id*="vaultmark.status"]',
  );
  const tree = ".pane:has(.pane-header[aria-label*='Vault']) .pane-body";

  await step("the status bar counts the notes", async () => {
    await page.goto(`${url}/?folder=${encodeURIComponent(vault)}`);
    await page.locator(".monaco-workbench .explorer-folders-view").waitFor();
    await editor.open("_Standards/Archipelago/Vessland.md");
    await editor.until("the number", async () =>
      ((await status.first().textContent()) ?? "").includes("44 notes"),
    );
  });

  await step("the status bar names the tier", async () => {
    await editor.until("the tier", async () =>
      ((await status.first().textContent()) ?? "").includes("_Standards"),
    );
    await editor.shoot("status", { x: 0, y: 440, width: 660, height: 320 });
  });

  await looks(editor, step);
  await graph(editor, step);

  await step("a link is completed", async () => {
    await editor.open(NOTE);
    await editor.press("Control+End");
    await page.keyboard.type("See [[", { delay: 100 });
    await editor.rows(".suggest-widget.visible").first().waitFor();
    await page.keyboard.type("Ves", { delay: 100 });
    const rows = editor.rows(".suggest-widget.visible");
    await rows.filter({ hasText: "Vessland" }).first().waitFor();
    await page.waitForTimeout(1000);
    await editor.shoot("completion", { x: 352, y: 30, width: 660, height: 400 });
    const first = (await rows.first().textContent()) ?? "";
    assert.doesNotMatch(first, /new note/, "a note that is there comes first");
    await page.keyboard.type("s");
    await page.waitForTimeout(500);
    await editor.press("Enter");
    await editor.save();
    await editor.until("the link", () => /See \[\[Vess(land)?\]\]$/m.test(read(NOTE)));
  });

  await step("a link leads to its note", async () => {
    await editor.open(NOTE);
    await editor.goTo(NOTE, "[[Old Harbour]]");
    await editor.press("F12");
    await editor.tab("Old Harbour.md").waitFor();
  });

  await step("a property that is no link is underlined and mended", async () => {
    await editor.open(NOTE);
    await page.locator(".squiggly-warning").first().waitFor({ state: "attached" });
    await editor.goTo(NOTE, "[[Vess]]");
    const menu = page.locator(".action-widget");
    await page
      .locator(".lightbulb-glyph, [class*='gutter-lightbulb'], .lightBulbWidget")
      .first()
      .waitFor();
    await editor.until("the menu", async () => {
      await editor.press("Control+.");
      await page.waitForTimeout(1500);
      return menu.first().isVisible();
    });
    await page.waitForTimeout(600);
    await editor.shoot("fix", { x: 352, y: 30, width: 660, height: 400 });
    const says = (await menu.first().textContent()) ?? "";
    assert.match(says, /[Qq]uote/);
    await editor.press("Enter");
    await editor.save();
    await editor.until("the quotes", () => read(NOTE).includes('up: "[[Vess]]"'));
  });

  await step("F2 renames a note in all tiers", async () => {
    const old = "_Standards/People/Ida O'Lorne.md";
    await editor.open("_Standards/People/Ida O'Lorne.md");
    await editor.goTo(old, "# [[Ida O'Lorne]]");
    await editor.press("F2");
    const box = page.locator(".rename-box input");
    await box.waitFor();
    assert.equal(await box.inputValue(), "Ida O'Lorne");
    await box.fill("Ida Vess");
    await editor.press("Enter");
    const now = ["_Standards/People/Ida Vess.md", "_public/People/Ida Vess.public.md"];
    now.push("_personal/People/Ida Vess.personal.md");
    await editor.until("the files", () => now.every(exists));
    assert.ok(!exists(old));
    await editor.save();
    const marek = "_Standards/People/Marek O'Lorne.md";
    await editor.until("the links", () => read(marek).includes("[[Ida Vess"));
    await editor.until("the section", () =>
      read(now[1] ?? "").includes("[[/_Standards/People/Ida Vess|Ida Vess]]"),
    );
  });

  await step("the explorer renames a note, and its copies follow", async () => {
    await editor.open("_Standards/Amber Sea.md");
    await editor.command("File: Reveal Active File in Explorer View");
    const item = editor.rows(".explorer-folders-view", /^Amber Sea\.md$/).first();
    await item.click();
    await editor.press("F2");
    const input = page.locator(".explorer-folders-view .explorer-item-edited input");
    await input.waitFor();
    await input.fill("Copper Sea.md");
    await editor.press("Enter");
    const dialog = page.locator(".monaco-dialog-box");
    await dialog.waitFor();
    assert.match((await dialog.textContent()) ?? "", /Vaultmark/);
    await editor.shoot("explorer");
    await dialog.getByText("OK", { exact: true }).click();
    await editor.until("the copy", () => exists("_public/Copper Sea.public.md"));
    assert.ok(exists("_Standards/Copper Sea.md"));
    await editor.save();
    await editor.until("the links", () =>
      read("_Standards/Archipelago/Vessland.md").includes("[[Copper Sea]]"),
    );
    await editor.command("Problems: Focus on Problems View");
    await editor.rows(".markers-panel").first().waitFor();
    await editor.until("the end of problems of a note that is gone", async () => {
      const problems = await editor.rows(".markers-panel").allTextContents();
      return !problems.some((text) => text.includes("Amber Sea.md"));
    });
    await editor.tidy();
  });

  await step("a rename is previewed before it is made", async () => {
    await editor.open("_Standards/Archipelago/Tamrin.md");
    await editor.command("Vaultmark: Rename Note in All Tiers");
    await editor.type("Tamrin Isle");
    await editor.press("Enter");
    const folder = page.locator(".notification-list-item").filter({ hasText: "folder" });
    await folder.first().waitFor();
    await folder.getByText("Rename the folder", { exact: true }).click();
    const pane = page.locator(".bulk-edit-panel, .refactor-preview, [id*='refactorPreview']");
    await pane.first().waitFor();
    await page.getByText("Apply", { exact: true }).first().waitFor();
    await page.waitForTimeout(1000);
    await editor.shoot("preview", { x: 352, y: 30, width: 844, height: 700 });
    assert.ok(exists("_Standards/Archipelago/Tamrin.md"), "nothing is renamed yet");
    await page.getByText("Apply", { exact: true }).first().click();
    await editor.until("the file", () => exists("_Standards/Archipelago/Tamrin Isle.md"));
    await editor.save();
    await editor.until("the links", () =>
      read("_Standards/Archipelago/Vessland.md").includes("[[Tamrin Isle]]"),
    );
  });

  await step("a note is moved", async () => {
    await editor.open("_Standards/Concepts/Basalt.md");
    await editor.command("Vaultmark: Move Note");
    await editor.type("Stones");
    await editor.choose("a new folder");
    await page.getByText("Apply", { exact: true }).first().click();
    await editor.until("the file", () => exists("_Standards/Stones/Basalt.md"));
  });

  await step("the tree lists copies and backlinks", async () => {
    await editor.open("_Standards/Archipelago/Vessland.md");
    await editor.command("Explorer: Focus on Vault View");
    await editor.rows(tree, "Copies").first().waitFor();
    await editor.drag(".pane-header[aria-label*='Vault']", -600);
    const texts = () => editor.rows(tree).allTextContents();
    await editor.until("a backlink", async () =>
      (await texts()).some((text) => text.startsWith("Archipelago_Standards")),
    );
    await editor
      .rows(tree, /^Copies/)
      .first()
      .click();
    await editor.until("the copies", async () => {
      const found = await texts();
      return ["_Standardsthis note", "_secretVessland.secret"].every((one) => found.includes(one));
    });
    await editor
      .rows(tree, /^Archipelago_Standards/)
      .first()
      .click();
    await editor.until("a line that links", async () =>
      (await texts()).some((text) => text.startsWith("Seven islands lie here")),
    );
    await page.waitForTimeout(500);
    await editor.shoot("tree", { x: 0, y: 30, width: 700, height: 640 });
  });

  await step("a copy is opened in its tier", async () => {
    await editor.open("_Standards/Archipelago/Vessland.md");
    await editor.command("Vaultmark: Open Copy in Tier");
    await editor.choose("_public");
    await editor.tab("Vessland.public.md").waitFor();
    await editor.until("its tier", async () =>
      ((await status.first().textContent()) ?? "").includes("_public"),
    );
  });

  await step("copies that are missing are written", async () => {
    await editor.open("_Standards/Archipelago/Tamrin Isle.md");
    await page.locator(".monaco-editor").first().waitFor();
    await page.waitForTimeout(1500);
    await editor.command("Vaultmark: Create Missing Copies");
    await editor.choose(/Create all \d missing copies/);
    await editor.until("the copies", () => exists("_secret/Archipelago/Tamrin Isle.secret.md"));
    assert.ok(exists("_public/Archipelago/Tamrin Isle.public.md"));
    await editor.until("their text", () =>
      read("_public/Archipelago/Tamrin Isle.public.md").includes(
        "/_Standards/Archipelago/Tamrin Isle",
      ),
    );
  });

  await step("a click on the line above a title shows the backlinks", async () => {
    await editor.open("_Standards/Archipelago/Vessland.md");
    await editor.press("Control+Home");
    await page.locator(".codelens-decoration a").filter({ hasText: "backlinks" }).first().click();
    const peek = page.locator(".zone-widget .reference-zone-widget, .peekview-widget");
    await peek.first().waitFor();
    await editor.until("lines", async () =>
      (await peek.first().textContent())?.includes("Archipelago.md"),
    );
  });

  await step("the vault is checked", async () => {
    await editor.command("Vaultmark: Check Vault");
    await page.waitForTimeout(3000);
    await editor.command("Problems: Focus on Problems View");
    const filter = page.locator(
      ".viewpane-filter input:visible, .viewpane-filter-container input:visible",
    );
    await filter.first().fill("Lighthouse");
    await editor.rows(".markers-panel", "Lighthouse of Oru").first().waitFor();
    await editor.shoot("check");
    await filter.first().fill("");
    await editor.tidy();
  });

  await step("the walkthrough has pictures", async () => {
    await editor.command("View: Toggle Primary Side Bar Visibility");
    await editor.command("Welcome: Open Walkthrough");
    await editor.choose("A first hour with Vaultmark");
    await page.getByText("Write a link", { exact: true }).first().click();
    const picture = page.locator(".getting-started-media img, .gettingStartedContainer img");
    await editor.until("the picture", () =>
      picture.evaluateAll((all) =>
        all.some((own) => (own as unknown as { naturalWidth: number }).naturalWidth > 300),
      ),
    );
  });

  await step("a status report is on the clipboard", async () => {
    await editor.command("Vaultmark: Copy Status Report");
    await editor.until("the report", async () => {
      const text = await page.evaluate("navigator.clipboard.readText()");
      return /server: \d+\.\d+\.\d+, bundled, running[^]*"notes": \d+/.test(String(text));
    });
  });
}

const NOTE = "_Standards/Archipelago/Harbour.md";

async function main(): Promise<void> {
  fs.writeFileSync(
    path.join(vault, NOTE),
    "---\nup: [[Vess]]\n---\n# Harbour\n\nBeside the [[Old Harbour]] lies a new one.\n\n",
  );
  const { page, close } = await openBrowser();
  const results = new Results("page", file);
  await drive(new Editor(page, vault, shots), results);
  await close();
  results.end();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
