// Tests how programs with actors end.
// Deadline: 240 s

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Folder } from "../support/gate.ts";
import { until } from "../support/poll.ts";
import { alive, runProgram, startProgram } from "../support/program.ts";
import { POSIX } from "../support/runtime.ts";
import { ORPHAN_LIMIT, SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const NO_SIGNALS = !POSIX && "this system has no signals";

const ENDS: [what: string, stdout: string, meaning: string][] = [
  ["idle", "end of main\nmade\ndisposed at 2\n", "without calls keeps no program alive, and is stopped at its end"],
  ["busy", "end of main\nmade\ndisposed at 3\n", "with a call keeps its program alive"],
  ["daemon", "end of main\nmade\n", "that is a daemon dies with its program"],
  [
    "daemon stopped",
    "end of main\nmade\ndisposed at 1\n",
    "that is a daemon keeps its program alive while it is stopped",
  ],
  ["joined", "end of main\njoined\nmade\ndisposed at 4\n", "that is joined keeps no program alive"],
  ["never started", "end of main\n", "that was never started keeps no program alive"],
  ["owned", "end of main\nmade\ndisposed at 6\n", "of a thread is stopped at the end of the thread"],
];

for (const kind of ["ThreadActor", "ProcessActor"]) {
  for (const [what, expected, meaning] of ENDS) {
    test(`${kind} ${meaning}`, { timeout }, async () => {
      const folder = new Folder();
      try {
        const { stdout, stderr, code, late } = await runProgram("actors.ts", { args: [kind, what, folder.file("a")] });
        assertEquals([stdout, stderr, code, late], [expected, "", 0, false]);
      } finally {
        folder.remove();
      }
    });
  }

  test(`gracefulShutdown() stops a ${kind}`, { timeout, skip: NO_SIGNALS }, async () => {
    const folder = new Folder();
    try {
      const { path, open } = folder.gate();
      const program = startProgram("actors.ts", { args: [kind, "told", path] });
      await program.line(/end of main/);
      program.killGroup("SIGINT");
      open();
      const { stdout, stderr, late } = await program.end;
      assertEquals([stderr, late], ["", false]);
      assert(stdout.endsWith("told undefined\nmade\ndisposed at 5\n"), stdout);
    } finally {
      folder.remove();
    }
  });
}

test("ProcessActor does not outlive a killed program", { timeout, skip: NO_SIGNALS }, async () => {
  const folder = new Folder();
  try {
    const program = startProgram("actors.ts", { args: ["ProcessActor", "held", folder.file("a")] });
    const pid = Number((await program.line(/child (\d+)\n/))[1]);
    assert(await alive(pid));
    program.kill("SIGKILL");
    await until("the child is gone", async () => !await alive(pid), ORPHAN_LIMIT);
    await program.end;
  } finally {
    folder.remove();
  }
});
