// Tests the effect of Ctrl-C on a program with threads or processes.

import { existsSync } from "node:fs";
import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { gracefulShutdown, InlineExecutor } from "../../mod.ts";
import { Folder } from "../support/gate.ts";
import { until } from "../support/poll.ts";
import { alive, type ProgramEnd, type RunningProgram, startProgram } from "../support/program.ts";
import { POSIX } from "../support/runtime.ts";
import { LONG, ORPHAN_LIMIT, SHORT, SLOW_TEST_LIMIT } from "../support/timing.ts";

const NO_SIGNALS = POSIX ? false : "Windows has no signals that a program could be sent";
const LIMIT = { timeout: SLOW_TEST_LIMIT, skip: NO_SIGNALS };

/** Starts the program, waits until it is ready, runs `act`, and returns how the program ended. */
async function run(
  [kind, way, deadline]: [kind: string, way: string, deadline: number],
  act: (program: RunningProgram) => Promise<void> | void,
): Promise<ProgramEnd & { files: number }> {
  const folder = new Folder();
  try {
    const program = startProgram("graceful.ts", { args: [kind, way, folder.path, String(deadline)] });
    const pids = way === "idle" ? [] : (await program.line(/ready (.*)\n/))[1]!.split(" ").map(Number);
    await act(program);
    const end = await program.end;
    await until("no worker is left", async () => !(await Promise.all(pids.map(alive))).some(Boolean), ORPHAN_LIMIT);
    return { ...end, files: [1, 2, 3, 4].filter((n) => existsSync(`${folder.path}/${n}`)).length };
  } finally {
    folder.remove();
  }
}

/** The exit code that a shell reports. */
function shellCode({ code, signal }: ProgramEnd): number | null {
  return signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : code;
}

for (const kind of ["threads", "processes"]) {
  test(`gracefulShutdown() lets tasks on ${kind} clean up, and then the program`, LIMIT, async () => {
    const end = await run([kind, "tidy", LONG], (program) => program.killGroup("SIGINT"));
    assertEquals([shellCode(end), end.late, end.stderr], [130, false, ""]);
    assert(end.stdout.endsWith("told\ntidied tidied AbortError AbortError\n"), end.stdout);
    assertEquals(end.files, 2);
  });

  test(`gracefulShutdown() ends a program without output after its awaited tasks on ${kind}`, LIMIT, async () => {
    const end = await run([kind, "await", LONG], (program) => program.kill("SIGTERM"));
    assertEquals([shellCode(end), end.late, end.stderr], [143, false, ""]);
    assertEquals(end.files, 2);
  });

  test(`gracefulShutdown() ends at once on the second signal, even if ${kind} go on`, LIMIT, async () => {
    const end = await run([kind, "deaf", LONG], async (program) => {
      program.killGroup("SIGINT");
      await program.line(/told/);
      program.killGroup("SIGINT");
    });
    assertEquals([shellCode(end), end.late, end.stderr], [130, false, ""]);
  });

  test(`gracefulShutdown() ends at its deadline, even if ${kind} go on`, LIMIT, async () => {
    const end = await run([kind, "deaf", SHORT], (program) => program.kill("SIGINT"));
    assertEquals([shellCode(end), end.late, end.stderr], [130, false, ""]);
  });
}

test("gracefulShutdown() ends a program with other work at its deadline", LIMIT, async () => {
  const end = await run(["threads", "busy", SHORT], (program) => program.kill("SIGINT"));
  assertEquals([shellCode(end), end.late], [130, false]);
});

test("gracefulShutdown() does not keep a program from ending", LIMIT, async () => {
  const end = await run(["threads", "idle", LONG], () => {});
  assertEquals([end.code, end.late, end.stderr], [0, false, ""]);
});

test("gracefulShutdown() restores the former behaviour when it is disposed", () => {
  const ending = gracefulShutdown(new InlineExecutor(), { signals: ["SIGHUP"] });
  ending[Symbol.dispose]();
  ending[Symbol.dispose]();
  assertEquals(ending.signal.aborted, false);
});

test("gracefulShutdown() rejects invalid arguments", () => {
  const pool = new InlineExecutor();
  assertThrows(
    () => gracefulShutdown(5 as never, pool),
    TypeError,
    "must be executors, hosts or actors: current value is 5",
  );
  assertThrows(() => gracefulShutdown(pool, { deadline: -1 }), RangeError, "'deadline'");
  assertThrows(() => gracefulShutdown(pool, { signals: "SIGINT" as never }), TypeError, "must be an array");
  assertThrows(() => gracefulShutdown(pool, { signals: ["SIGKILL" as never] }), TypeError, "'signals'");
});
