// Draws media/icon.png from media/icon.svg with the Chromium that is installed.
import * as fs from "node:fs";
import { chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
const svg = fs.readFileSync("media/icon.svg", "utf8");
await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
await page.screenshot({ path: "media/icon.png", omitBackground: true });
await browser.close();
