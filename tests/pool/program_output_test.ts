// What tasks print arrives, whole and in order, and stalls nobody.
// Deadline: 240 s

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { runProgram } from "../support/program.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const LINES = 1000;
const MEGABYTES = 24;

for (const [name, kind] of [["ThreadPoolExecutor", "threads"], ["ProcessPoolExecutor", "processes"]] as const) {
  test(`${name} passes on a thousand lines of each task, whole and in order`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("prints.ts", { args: [kind, "lines", String(LINES)] });
    assertEquals(code, 0, stderr);
    const lines = stdout.split("\n").filter((line) => line !== "");
    assertEquals(lines.length, 2 * LINES);
    for (const label of ["a", "b"]) {
      const own = lines.filter((line) => line.startsWith(label));
      assertEquals(own, Array.from({ length: LINES }, (_, i) => `${label} ${i}`));
    }
    assertEquals(stderr.trim().split("\n"), Array.from({ length: LINES }, (_, i) => `error ${i}`));
  });

  test(`${name} passes on a flood of ${MEGABYTES} MB`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("prints.ts", { args: [kind, "flood", String(MEGABYTES)] });
    assertEquals(code, 0, stderr);
    assert(stdout.length === MEGABYTES * 2 ** 20, `${stdout.length} bytes`);
    assertEquals(stderr, `flooded ${MEGABYTES}\n`);
  });

  test(`${name} passes on what was printed before a worker ended`, { timeout }, async () => {
    const { stdout, code } = await runProgram("prints.ts", { args: [kind, "exit", "200"] });
    assertEquals(code, 0);
    assertEquals(stdout.trim().split("\n"), Array.from({ length: 200 }, (_, i) => `before ${i}`));
  });
}
