// Tests the memory of many waiting tasks, and of a task that uses up all memory.
// Deadline: 240 s

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { scaled } from "../support/long_run.ts";
import { COLLECT, runProgram } from "../support/program.ts";
import { RUNTIME } from "../support/runtime.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const MOST_BYTES = 1000;
const TASKS = scaled(20_000, 100_000);
/** V8 ends the whole program if a heap exceeds its limit by more than one check interval: small steps avoid that. */
const SMALL_HEAP = {
  deno: ["--v8-flags=--max-old-space-size=100,--max-semi-space-size=1"],
  node: ["--max-old-space-size=100", "--max-semi-space-size=1"],
  bun: [],
}[RUNTIME];

for (const [name, kind] of [["ThreadPoolExecutor", "threads"], ["ProcessPoolExecutor", "processes"]] as const) {
  test(`${name} needs less than 1 kB for each of ${TASKS} tiny waiting tasks`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("backlog.ts", {
      args: [kind, String(TASKS)],
      flags: COLLECT,
      limit: timeout,
    });
    assertEquals(code, 0, stderr);
    assert(stdout.startsWith("sum true\n"), stdout);
    const bytes = Number(/bytes (-?\d+)/.exec(stdout)![1]);
    assert(bytes < MOST_BYTES, `${bytes} bytes`);
  });
}

/** Bun does not limit a heap: the test would use up the machine's memory. */
const NO_HEAP_LIMIT = RUNTIME === "bun" && "Bun bounds no heap, so running out of memory would harm the machine";

test("ThreadPoolExecutor survives a task that runs out of memory", { timeout, skip: NO_HEAP_LIMIT }, async () => {
  const { stdout, stderr, code } = await runProgram("exhaust.ts", { flags: SMALL_HEAP, limit: timeout });
  assertEquals(stdout, "WorkerLostError\n42\n", stderr);
  assertEquals(code, 0);
});
