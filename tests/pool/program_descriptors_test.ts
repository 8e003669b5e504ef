// Tests a program without free descriptors: no worker can start, and the running ones go on.
// Deadline: 240 s

import { assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import { Folder } from "../support/gate.ts";
import { type ProgramEnd, runProgram } from "../support/program.ts";
import { POSIX } from "../support/runtime.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const NO_LIMITS = POSIX ? false : "only POSIX systems limit the descriptors of a program";
const DESCRIPTORS = 200;

/**
 * Runs the program, and repeats that if the runtime has panicked: Deno 2.9 sometimes does if a signal gets no
 * descriptor.
 */
async function run(kind: string, gate: string): Promise<ProgramEnd> {
  for (let attempts = 5;; attempts--) {
    const result = await runProgram("no_descriptors.ts", { args: [kind, gate], descriptors: DESCRIPTORS });
    if (attempts === 1 || !result.stderr.includes("Deno has panicked")) return result;
  }
}

for (const [name, kind] of [["ThreadPoolExecutor", "threads"], ["ProcessPoolExecutor", "processes"]] as const) {
  test(`${name} survives a lack of descriptors`, { timeout: SLOW_TEST_LIMIT, skip: NO_LIMITS }, async () => {
    const folder = new Folder();
    try {
      const { stdout, stderr, code } = await run(kind, folder.file("gate"));
      const lines = stdout.trim().split("\n");
      const failures = lines.splice(2, 3);
      const rest = ["starts 2", "alive 4", "results 2 4 6 8 10", "grown 42 2", "both", "end 0"];
      assertEquals([lines, code], [rest, 0], stdout + stderr);
      for (const failure of failures) {
        const who = failure === failures[2] ? kind === "threads" ? "Thread-1" : "Process-1" : name;
        const reason = "its workers cannot be started: no file descriptors are left \\(EMFILE\\)";
        assertMatch(failure, new RegExp(`^BrokenExecutorError: Cannot go on with ${who}: ${reason} \\[`));
      }
    } finally {
      folder.remove();
    }
  });
}
