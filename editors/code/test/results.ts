import * as fs from "node:fs";

export interface Step {
  name: string;
  isOk: boolean;
  milliseconds: number;
  detail: string;
}

/** Does a step. */
export type Run = (name: string, run: () => Promise<void>) => Promise<void>;

/** Steps of a test, told as they are done; the file that is named last holds all of them. */
export class Results {
  readonly steps: Step[] = [];

  constructor(
    private readonly of: string,
    private readonly file?: string,
  ) {}

  /** Does a step. A failure is kept, and does not end the test. */
  async step(name: string, run: () => unknown): Promise<boolean> {
    const start = Date.now();
    let failure: string | undefined;
    try {
      await run();
    } catch (error) {
      failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    const milliseconds = Date.now() - start;
    const isOk = failure === undefined;
    this.steps.push({ name, isOk, milliseconds, detail: failure ?? "" });
    const line = `${isOk ? "ok  " : "FAIL"} ${this.of}: ${name} (${milliseconds} ms)`;
    console.log(isOk ? line : `${line}\n     ${failure ?? ""}`);
    return isOk;
  }

  /** Keeps the results; the exit code of the process tells whether all steps passed. */
  end(): void {
    const failed = this.steps.filter((step) => !step.isOk).length;
    const passed = this.steps.length - failed;
    if (this.file !== undefined) fs.writeFileSync(this.file, JSON.stringify(this.steps, null, 1));
    console.log(`${this.of}: ${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  }
}
