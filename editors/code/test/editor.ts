import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { FrameLocator, Locator, Page } from "playwright-core";

/** Milliseconds; the machine may be slow. */
const LIMIT = Number(process.env.LIMIT ?? 45_000);

interface Clip {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What a person does in VS Code with a vault. */
export class Editor {
  constructor(
    readonly page: Page,
    private readonly vault: string,
    private readonly shots: string,
  ) {
    page.setDefaultTimeout(LIMIT);
  }

  /** Where a file of the vault is. */
  path(note: string): string {
    return path.join(this.vault, note);
  }

  /** Whether a file of the vault is there. */
  exists(note: string): boolean {
    return fs.existsSync(this.path(note));
  }

  /** The text of a file of the vault. */
  read(note: string): string {
    return fs.readFileSync(this.path(note), "utf8");
  }

  async until(what: string, look: () => unknown): Promise<void> {
    const end = Date.now() + LIMIT;
    while (!(await look())) {
      if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
      await this.page.waitForTimeout(100);
    }
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** The rows of a list that say something. */
  rows(list: string, text?: string | RegExp): Locator {
    const rows = this.page.locator(`${list} .monaco-list-row`);
    return text === undefined ? rows : rows.filter({ hasText: text });
  }

  /** Chooses a line of the quick pick that is open. */
  async choose(text: string | RegExp): Promise<void> {
    const row = this.rows(".quick-input-list", text).first();
    await row.waitFor();
    await row.click();
  }

  async type(text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input:visible").first();
    await input.waitFor();
    await input.fill(text);
  }

  async command(name: string): Promise<void> {
    await this.press("F1");
    await this.type(`>${name}`);
    await this.choose(name);
  }

  async open(note: string): Promise<void> {
    const [folder, name] = [path.dirname(note), path.basename(note)];
    await this.command("View: Focus First Editor Group");
    await this.press("Control+p");
    await this.type(note);
    // Lines come in two goes, and move.
    await this.page.waitForTimeout(700);
    const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    await this.choose(new RegExp(`^\\s*${literal(name)}.*${literal(folder)}`));
    await this.tab(name).waitFor();
    await this.focus();
  }

  tab(name: string): Locator {
    return this.page.locator(`.tab.active[data-resource-name="${name}"]`).first();
  }

  async focus(): Promise<void> {
    await this.page.locator(".editor-instance .monaco-editor .view-lines").first().click();
  }

  /** Puts the cursor inside the first occurrence of a text in a note that is open. */
  async goTo(note: string, text: string): Promise<void> {
    const before = this.read(note).split(text)[0] ?? "";
    assert.notEqual(before, this.read(note), `${note} says ${text}`);
    const lines = before.split("\n");
    const column = (lines.at(-1) ?? "").length + 1 + Math.min(3, text.length - 1);
    await this.press("Control+g");
    await this.type(`:${lines.length}:${column}`);
    await this.press("Enter");
    await this.page.waitForTimeout(200);
  }

  /** Drags the upper edge of something by so many pixels. */
  async drag(selector: string, by: number): Promise<void> {
    // What opens grows for a while.
    await this.page.waitForTimeout(1000);
    const box = await this.page.locator(selector).first().boundingBox();
    assert.ok(box);
    await this.page.mouse.move(box.x + 100, box.y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + 100, box.y + by, { steps: 8 });
    await this.page.mouse.up();
  }

  /** Closes what lies around the editor. */
  async tidy(): Promise<void> {
    await this.command("View: Hide Panel");
    await this.command("Notifications: Clear All Notifications");
  }

  async save(): Promise<void> {
    await this.command("File: Save All Files");
  }

  /** Screenshots are to be looked at; nothing is compared with them. */
  async shoot(name: string, clip?: Clip): Promise<void> {
    // Where the mouse is there may be words of the editor over what is to be seen.
    await this.page.mouse.move(300, 12);
    await this.page.waitForTimeout(300);
    await this.page.screenshot({ path: path.join(this.shots, `${name}.png`), clip });
  }

  /** The page of the graph, which lies in a frame in a frame. */
  get graph(): FrameLocator {
    const outer = this.page.frameLocator("iframe.webview.ready");
    return outer.frameLocator("iframe#active-frame");
  }
}
