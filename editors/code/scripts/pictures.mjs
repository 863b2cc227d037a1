// Takes the pictures of the documentation and of the extension out of the screenshots of
// a test: `npm run pictures`. Look at them before they are committed.
import * as fs from "node:fs";
import * as path from "node:path";

/** Bytes. */
const LARGEST = 150_000;
const own = ["completion", "fix", "graph", "preview", "status", "tree"];
const all = [...own, "hover", "outline", "tiers"];

for (const name of all) {
  const shot = path.join("shots", `${name}.png`);
  const { size } = fs.statSync(shot);
  if (size > LARGEST) {
    console.error(
      `${shot} has ${size} bytes, more than ${LARGEST}: make its part of the screen smaller`,
    );
    process.exitCode = 1;
  }
  fs.copyFileSync(shot, path.join("../../docs/pictures", `${name}.png`));
  if (own.includes(name)) fs.copyFileSync(shot, path.join("media", `${name}.png`));
}
