// Runs `npm test`: the checks, then the suite on every runtime. Runs both even if the first fails; the last line adds up the
// counts of both.

import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./runner/root.ts";

let [passed, failed] = [0, 0];
/** The notes of both scripts about tests that could not run. */
let notes = "";
for (const script of ["check.ts", "test.ts"]) {
  const { code, sum } = await run(join(ROOT, "scripts", script));
  passed += sum.passed;
  notes += sum.note;
  // A script that failed without counts is counted as one failure.
  failed += code !== 0 && sum.failed === 0 ? 1 : sum.failed;
}
console.log(`\ntotal:\n${notes}${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** The last lines of a script's output. */
interface Sum {
  readonly passed: number;
  readonly failed: number;
  readonly note: string;
}

function run(script: string): Promise<{ code: number | null; sum: Sum }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script], { stdio: ["inherit", "pipe", "inherit"] });
    let end = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      process.stdout.write(text);
      end = (end + text).slice(-500);
    });
    child.on("close", (code) => {
      const [, passed = 0, failed = 0] = /(\d+) passed, (\d+) failed\s*$/.exec(end) ?? [];
      const note = /^NO SERVER: .*\n/m.exec(end)?.[0] ?? "";
      resolve({ code, sum: { passed: Number(passed), failed: Number(failed), note } });
    });
  });
}
