// Tests that programs with pools end by themselves, not before their work is done, and leave no children.
// Deadline: 240 s

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { ALL, WORKERS } from "../support/executors.ts";
import { until } from "../support/poll.ts";
import { alive, runProgram, startProgram } from "../support/program.ts";
import { POSIX } from "../support/runtime.ts";
import { ORPHAN_LIMIT, SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const NO_SIGNALS = !POSIX && "this system has no signals";

for (const { name } of ALL) {
  test(`${name} lets a program end by itself when its work is done`, { timeout }, async () => {
    const { stdout, stderr, code, late } = await runProgram("quiet_end.ts", { args: [name, "done"] });
    assertEquals([stdout, stderr, code, late], ["42\nend of main\n", "", 0, false]);
  });

  test(`${name} lets a program end that opens a pool and does nothing`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("quiet_end.ts", { args: [name, "nothing"] });
    assertEquals([stdout, stderr, code], ["end of main\n", "", 0]);
  });

  test(`${name} keeps a program with running tasks alive`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("quiet_end.ts", { args: [name, "in flight"] });
    assertEquals([stdout, stderr, code], ["end of main\nrested\n", "", 0]);
  });

  test(`${name} keeps a program with waiting tasks alive`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("quiet_end.ts", { args: [name, "waiting"] });
    assertEquals([stdout, stderr, code], ["end of main\n" + "rested\n".repeat(4), "", 0]);
  });
}

for (const what of ["idle", "busy", "waiting"]) {
  test(
    `ProcessPoolExecutor leaves no ${what} child when its program is killed`,
    { timeout, skip: NO_SIGNALS },
    async () => {
      const program = startProgram("hold_children.ts", { args: [what] });
      const pids = (await program.line(/children (\d+) (\d+)/)).slice(1).map(Number);
      for (const pid of pids) assert(await alive(pid));
      program.kill("SIGKILL");
      await until("both children are gone", async () => !await alive(pids[0]!) && !await alive(pids[1]!), ORPHAN_LIMIT);
      assertEquals((await program.end).signal, "SIGKILL");
    },
  );

  test(`ProcessPoolExecutor leaves no ${what} child after Ctrl-C`, { timeout, skip: NO_SIGNALS }, async () => {
    const program = startProgram("hold_children.ts", { args: [what] });
    const pids = (await program.line(/children (\d+) (\d+)/)).slice(1).map(Number);
    program.killGroup("SIGINT");
    const { code, signal, stderr } = await program.end;
    assert(signal === "SIGINT" || code === 130, `${signal} ${code}`);
    await until("both children are gone", async () => !await alive(pids[0]!) && !await alive(pids[1]!), ORPHAN_LIMIT);
    assertEquals(stderr, "");
  });
}

for (const { name } of WORKERS) {
  const kind = name === "ThreadPoolExecutor" ? "threads" : "processes";
  test(`${name} explains a missing guard`, { timeout }, async () => {
    const { stdout, stderr, late } = await runProgram("unguarded.ts", { args: [kind] });
    assert(!late, stderr);
    assertStringIncludes(stdout, "import.meta.main");
    assertStringIncludes(stdout, "unguarded.ts");
    assertEquals(stdout.trim().split("\n").at(-1), "InvalidStateError");
  });
}

test("every executor ignores the properties of a polluted Object.prototype", { timeout }, async () => {
  const { stdout, stderr, code } = await runProgram("polluted.ts");
  assertEquals(code, 0, stderr);
  assertEquals(stdout.trim().split("\n").length, 3);
});
