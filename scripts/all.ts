// What `npm test` does: the rules, then the suite on every runtime. Both run even when the first fails, and the last
// line is the sum of both.

import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./runner/root.ts";

let [passed, failed] = [0, 0];
for (const script of ["check.ts", "test.ts"]) {
  const { code, sum } = await run(join(ROOT, "scripts", script));
  passed += sum.passed;
  // A script that ended badly without counting anything has failed as one.
  failed += code !== 0 && sum.failed === 0 ? 1 : sum.failed;
}
console.log(`\nall together:\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function run(script: string): Promise<{ code: number | null; sum: { passed: number; failed: number } }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script], { stdio: ["inherit", "pipe", "inherit"] });
    let end = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      process.stdout.write(text);
      end = (end + text).slice(-200);
    });
    child.on("close", (code) => {
      const [, passed = 0, failed = 0] = /(\d+) passed, (\d+) failed\s*$/.exec(end) ?? [];
      resolve({ code, sum: { passed: Number(passed), failed: Number(failed) } });
    });
  });
}
