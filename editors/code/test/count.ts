// Counts the steps of all tests, and says how many failed.
// usage: node count.js RESULTS.json…
import * as fs from "node:fs";
import * as path from "node:path";
import type { Step } from "./results";

let [passed, failed] = [0, 0];
for (const file of process.argv.slice(2)) {
  const steps = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Step[]) : [];
  if (steps.length === 0) {
    console.log(`FAIL ${path.basename(file, ".json")} did not end`);
    failed += 1;
  }
  for (const step of steps) {
    if (step.isOk) passed += 1;
    else failed += 1;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
