import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { until } from "../support/poll.ts";
import { RUNTIME } from "../support/runtime.ts";
import { runExample, startExample } from "./support.ts";

const NO_SIGNALS = process.platform === "win32" ? "Windows cannot send signals to a program" : false;

test("graceful_stop.ts stops all tasks when one fails, and leaves no file half written", async () => {
  const { code, stdout, stderr } = await runExample("graceful_stop.ts");
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "Stopped because a task failed: line 5 cannot be written.\n");
  const [complete, tidied, never, failed] = countsOf(stdout);
  assertEquals([complete! + tidied! + never! + failed!, failed], [20, 1]);
  assert(never! >= 10, stdout);
});

test("graceful_stop.ts finishes if nothing fails", async () => {
  const { code, stdout } = await runExample("graceful_stop.ts", ["healthy", "--tasks", "4", "--lines", "3"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "All tasks are done.\n4 complete, 0 tidied up, 0 never started, 0 failed\n");
});

test("graceful_stop.ts cleans up on Ctrl-C, at any moment", { skip: NO_SIGNALS }, async () => {
  for (const moment of [/task 1 has/, /task 6 has/]) {
    const { child, ended } = startExample("graceful_stop.ts", ["healthy", "--lines", "5000"]);
    let stdout = "";
    child.stdout!.on("data", (text: string) => stdout += text);
    await until("tasks run", () => moment.test(stdout));
    // A terminal sends the signal to the workers too.
    process.kill(-child.pid!, "SIGINT");
    const end = await ended;
    assertEquals([end.code ?? end.signal, end.stderr], [130, ""], RUNTIME);
    assertStringIncludes(end.stdout, "Interrupted.\n");
    assertEquals(countsOf(end.stdout)[0], 0);
    assertStringIncludes(end.stdout, "0 files were written, all of them completely.\n");
  }
});

test("graceful_stop.ts ends at once when Ctrl-C is pressed twice", { skip: NO_SIGNALS }, async () => {
  const { child, ended } = startExample("graceful_stop.ts", ["healthy", "--lines", "5000"]);
  let stdout = "";
  child.stdout!.on("data", (text: string) => stdout += text);
  await until("tasks run", () => /task 1 has/.test(stdout));
  process.kill(child.pid!, "SIGINT");
  process.kill(child.pid!, "SIGINT");
  const end = await ended;
  assertEquals(end.signal === "SIGINT" ? 130 : end.code, 130);
});

/** The numbers of tasks that were complete, tidied up, never started and failed. */
function countsOf(stdout: string): number[] {
  const line = stdout.split("\n").find((line) => line.includes("tidied up,")) ?? "";
  return [...line.matchAll(/\d+/g)].map(Number);
}
