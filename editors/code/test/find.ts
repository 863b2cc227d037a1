// Which server is started.
// usage: node find.js RESULTS.json
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { findServer } from "../src/find";
import { Results } from "./results";

const work = fs.mkdtempSync(path.join(os.tmpdir(), "vaultmark-find-"));

/** Makes a program that says a version. */
function program(file: string, version: string): string {
  const made = path.join(work, file);
  fs.mkdirSync(path.dirname(made), { recursive: true });
  fs.writeFileSync(made, `#!/bin/sh\necho "vaultmark ${version}"\n`, { mode: 0o755 });
  return made;
}

async function main(): Promise<void> {
  const results = new Results("find", process.argv[2]);
  const extension = path.join(work, "extension");
  const found = async (setting = "") => {
    const { origin, version } = await findServer(setting, extension);
    return `${origin} ${version}`;
  };
  process.env.PATH = `relative${path.delimiter}${path.join(work, "path")}`;
  process.env.CARGO_HOME = path.join(work, "cargo");

  await results.step("where there is none, the remedy is named", async () => {
    await assert.rejects(found(), /vaultmark\.server\.path/);
  });
  await results.step("the one that `cargo install` made", async () => {
    program("cargo/bin/vaultmark", "1.0.0");
    assert.equal(await found(), "cargo 1.0.0");
  });
  await results.step("before it the one on the PATH", async () => {
    program("path/vaultmark", "2.0.0");
    assert.equal(await found(), "PATH 2.0.0");
  });
  await results.step("before it the one that came along", async () => {
    program("extension/server/vaultmark", "3.0.0");
    assert.equal(await found(), "bundled 3.0.0");
  });
  await results.step("before all the one that is set", async () => {
    assert.equal(await found(program("set", "4.0.0")), "setting 4.0.0");
    await assert.rejects(found("relative"), /absolute/);
  });
  results.end();
  fs.rmSync(work, { recursive: true });
}

void main();
