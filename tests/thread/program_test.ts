// Tests how programs with their own threads and processes end.
// Deadline: 240 s

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { until } from "../support/poll.ts";
import { alive, runProgram, startProgram } from "../support/program.ts";
import { POSIX, RUNTIME } from "../support/runtime.ts";
import { ORPHAN_LIMIT, SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const NO_SIGNALS = !POSIX && "this system has no signals";

/** The output of programs that end by themselves. */
const ENDS: [what: string, stdout: string, meaning: string][] = [
  ["waits", "end of main\nrested\n", "keeps its program alive until it ends"],
  ["daemon", "end of main\n", "does not keep its program alive as a daemon"],
  ["young daemon", "end of main\n", "does not keep its program alive as a daemon that has just started"],
  ["joined daemon", "rested\nend of main\n", "keeps its program alive as a daemon while it is joined"],
  ["never started", "end of main\n", "does not keep its program alive before it is started"],
];

for (const kind of ["Thread", "Process"]) {
  for (const [what, expected, meaning] of ENDS) {
    test(`${kind} ${meaning}`, { timeout }, async () => {
      const { stdout, stderr, code, late } = await runProgram("single_worker.ts", { args: [kind, what] });
      assertEquals([stdout, stderr, code, late], [expected, "", 0, false]);
    });
  }

  test(`${kind} prints an unobserved failure, and lets its program end with code 0`, { timeout }, async () => {
    const { stdout, stderr, code, late } = await runProgram("single_worker.ts", { args: [kind, "failed"] });
    assertEquals([stdout, code, late], ["end of main\n", 0, false]);
    assertEquals(stderr.match(/Cannot send args\[0\]: a symbol cannot travel/g)?.length, 1, stderr);
  });

  test(`${kind} that computes as a daemon does not keep a program alive`, { timeout }, async () => {
    const { stdout, stderr, code, late } = await runProgram("single_worker.ts", { args: [kind, "busy daemon"] });
    assertEquals([stdout.trim().split("\n").at(-1), stderr, code, late], ["end of main", "", 0, false]);
    const pid = Number(/child (\d+)/.exec(stdout)?.[1] ?? 0);
    if (pid > 0) await until("the daemon is gone", async () => !await alive(pid), ORPHAN_LIMIT);
  });
}

test("Process does not outlive a killed program", { timeout, skip: NO_SIGNALS }, async () => {
  const program = startProgram("single_worker.ts", { args: ["Process", "held"] });
  const pid = Number((await program.line(/child (\d+)\n/))[1]);
  await program.line(/end of main/);
  assert(await alive(pid), RUNTIME);
  program.kill("SIGKILL");
  await until("the child is gone", async () => !await alive(pid), ORPHAN_LIMIT);
  assertEquals((await program.end).signal, "SIGKILL");
});
