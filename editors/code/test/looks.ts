// What is looked at in a note: hovers and the outline.
import assert from "node:assert/strict";
import type { Editor } from "./editor";
import type { Run } from "./results";

const NOTE = "_Standards/Archipelago/Vessland.md";

export async function looks(editor: Editor, step: Run): Promise<void> {
  const { page } = editor;

  await step("the mouse over a link shows its note", async () => {
    await editor.open(NOTE);
    await editor.goTo(NOTE, "[[Vess]], and its note");
    const hover = page.locator(".monaco-hover:visible");
    await editor.until("the hover", async () => {
      await editor.command("Show or Focus Hover");
      await page.waitForTimeout(1000);
      return (await hover.count()) > 0;
    });
    const says = (await hover.first().textContent()) ?? "";
    assert.match(says, /Backlinks: \d+/);
    await editor.shoot("hover", { x: 352, y: 140, width: 844, height: 300 });
  });

  await step("the outline has the headings and fields of a note", async () => {
    await editor.open(NOTE);
    await editor.command("Explorer: Focus on Outline View");
    const outline = ".pane:has(.pane-header[aria-label*='Outline']) .pane-body";
    await editor.rows(outline, "aliases").first().waitFor();
    await editor.drag(".pane-header[aria-label*='Outline']", -400);
    await editor.rows(outline, "has_capital").first().waitFor();
    await editor.shoot("outline", { x: 0, y: 30, width: 700, height: 640 });
    await page.locator(".pane-header[aria-label*='Outline']").first().click();
  });
}
