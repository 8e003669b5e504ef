// Tests that the output of tasks arrives completely and in order, and blocks no other task.
// Deadline: 240 s

import { assert, assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import { scaled } from "../support/long_run.ts";
import { runProgram } from "../support/program.ts";
import { RUNTIME } from "../support/runtime.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const LINES = 1000;
const MEGABYTES = scaled(8, 24);
/** Limit for a program whose output was closed, in milliseconds. */
const CLOSED_LIMIT = 30_000;
const PRINTS_PAST = RUNTIME === "node"
  ? false
  : "console.log() prints past process.stdout, in programs and threads alike";

test("A thread prints while the program blocks until the output has arrived", { timeout }, async () => {
  const { stdout, stderr, code } = await runProgram("blocked_output.ts", { args: ["3"] });
  assertEquals([stdout.length, stderr, code], [3 * 2 ** 20, "ok\n", 0]);
});

for (const [name, kind] of [["ThreadPoolExecutor", "threads"], ["ProcessPoolExecutor", "processes"]] as const) {
  test(`${name} passes on a thousand lines of each task, complete and in order`, { timeout }, async () => {
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

  test(`${name} passes on ${MEGABYTES} MB of output`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("prints.ts", { args: [kind, "flood", String(MEGABYTES)] });
    assertEquals(code, 0, stderr);
    assert(stdout.length === MEGABYTES * 2 ** 20, `${stdout.length} bytes`);
    assertEquals(stderr, `flooded ${MEGABYTES}\n`);
  });

  test(`${name} passes on output from before a worker ended`, { timeout }, async () => {
    const { stdout, code } = await runProgram("prints.ts", { args: [kind, "exit", "200"] });
    assertEquals(code, 0);
    assertEquals(stdout.trim().split("\n"), Array.from({ length: 200 }, (_, i) => `before ${i}`));
  });

  test(`${name} passes on a last line without a newline when the program ends`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("prints.ts", { args: [kind, "part"] });
    assertEquals([stdout, code], ["no newline", 0], stderr);
  });

  const skip = kind === "threads" && PRINTS_PAST;
  test(`${name} prints through process.stdout and process.stderr of the program`, { timeout, skip }, async () => {
    const { stdout, stderr, code } = await runProgram("captured.ts", { args: [kind] });
    assertEquals(code, 0, stderr);
    const { withResult, captured, lines: printed, uncaught } = JSON.parse(stdout);
    const lines = (label: string) => Array.from({ length: 100 }, (_, i) => `${label} ${i}\n`).join("");
    assertEquals(captured.stdout, lines("line") + lines("before the end") + "no newline");
    assertEquals(captured.stderr, lines("error"));
    assertEquals([printed, uncaught], [1, ["thrown by the capture"]]);
    if (kind === "threads") assertEquals(withResult, { stdout: lines("line"), stderr: lines("error") });
  });

  test(`${name} settles all tasks and shuts down even if the output was closed early`, { timeout }, async () => {
    const { stdout, stderr, late } = await runProgram("closed_output.ts", {
      args: [kind],
      readsLines: 1,
      limit: CLOSED_LIMIT,
    });
    assertEquals(stdout.split("\n").length, 2);
    assert(!late, stderr);
    assertMatch(stderr, /^8 of 8 settled$/m);
    assertMatch(stderr, /^shut down$/m);
  });
}
