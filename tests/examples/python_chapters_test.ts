import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runExample } from "./support.ts";

test("timer.ts calls functions once, never and repeatedly, and reports an error", async () => {
  const stdout = await outputOf("timer.ts", ["--interval", "20", "--times", "2"]);
  const calls = stdout.trimEnd().split("\n").map((line) => line.replace(/^ *\d+ ms {2}/, ""));
  assertEquals(calls, [
    "the timers are started, and the main code goes on",
    "hello",
    "timer 1 of 2",
    "timer 2 of 2",
    "tick 1 of 2",
    "tick 2 of 2",
    "the last timer failed: no number is larger than itself",
  ]);
});

test("daemons.ts ends with its report, while a daemon thread and a daemon process still work", async () => {
  const stdout = await outputOf("daemons.ts", ["--time", "20"]);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.pop(), "The program ends. Daemons still running: 2.");
  // The output of threads and processes arrives in any order.
  assertEquals(lines.sort(), [
    "The main code has ended; the program waits for the report.",
    "daemon process: started",
    "daemon thread: started",
    "report: done",
    "report: started",
  ]);
});

test("thread_methods.ts shows a thread before its start, while it runs and after its end", async () => {
  const stdout = await outputOf("thread_methods.ts");
  assertMatch(stdout, /^before start\(\) +Ann +undefined +false +true +1 +MainThread$/m);
  assertMatch(stdout, /^while it runs +Ann +2 +true +true +2 +MainThread, Ann$/m);
  assertMatch(stdout, /^after join\(\) +Ann +2 +false +true +1 +MainThread$/m);
  assertMatch(stdout, /^join\(\) before start\(\): +InvalidStateError: Cannot join Ann before it was started$/m);
  assertMatch(stdout, /^start\(\) a second time: +InvalidStateError: Cannot start Ann as it was started before$/m);
  assertMatch(stdout, /^join\(\{ timeout: 10 \}\): +TimeoutError: /m);
  assertMatch(stdout, /^join\(\) of itself: +Cannot join Ann from within itself$/m);
  assertStringIncludes(stdout, "\nInside the thread: name Ann, ident 2, main thread MainThread.\n");
});

test("pid_and_memory.ts shows that processes have their own ids, and all workers their own variables", async () => {
  const stdout = await outputOf("pid_and_memory.ts");
  const rows = [...stdout.matchAll(/^(.+ \+ \d+) +(\d+) +(\d+) +(\d+) +(not seen|\d+) +[1-9]\d* MB$/gm)];
  assertEquals(rows.map(([, name, , , count, shared]) => [name!.trim(), count, shared]), [
    ["main thread + 1", "1", "1"],
    ["thread + 10", "10", "11"],
    ["process + 100", "100", "not seen"],
    ["process + 1000", "1000", "not seen"],
    ["main thread + 0", "1", "11"],
  ]);
  const [main, thread, one, other] = rows.map(([, , pid, parent]) => ({ pid, parent }));
  assertEquals(thread, main);
  assertEquals([one!.parent, other!.parent], [main!.pid, main!.pid]);
  assertEquals(new Set([main, one, other].map((row) => row!.pid)).size, 3);
});

test("dynamic_pool.ts starts processes on demand, and ends idle ones", async () => {
  const stdout = await outputOf("dynamic_pool.ts", ["--messages", "6", "--processes", "2", "--time", "20"]);
  assert(stdout.startsWith("The pool is open: 0 processes\nprocess 1 starts: "), stdout);
  const handled = [...stdout.matchAll(/^message (\d) was handled by \d+$/gm)].map(([, message]) => message);
  assertEquals(handled.sort(), ["1", "2", "3", "4", "5", "6"]);
  assertStringIncludes(stdout, "\nOne message was handled: 1 process\n");
  assertMatch(stdout, /^\d(?: \+ \d)? messages were handled: [12] of at most 2 processes$/m);
  assert(stdout.endsWith("\nAfter 100 ms without a task: 0 processes\n"), stdout);
});

test("one_model.ts loads one model, and all threads see a change of it", async () => {
  const args = ["--threads", "2", "--features", "1000", "--inputs", "12"];
  const stdout = await outputOf("one_model.ts", args);
  assertMatch(stdout, /^The model was loaded once, in \d+\.\d\d s: 0\.0 MB$/m);
  assertStringIncludes(stdout, " threads: 0 1 2 3 4 5 6 7 8 9 0 1\n");
  assertMatch(stdout, /^After changing the weights: +0( 0){11}$/m);
});

test("apply_async.ts shows calls one by one and at once, callbacks, and the methods of a result", async () => {
  const stdout = await outputOf("apply_async.ts", ["--calls", "3", "--time", "50"]);
  assertMatch(stdout, /^apply: +1 2 3 in \d+\.\d\d s$/m);
  assertMatch(stdout, /^apply_async: +1 2 3 in \d+\.\d\d s$/m);
  assertMatch(stdout, /^callbacks: +callback\(2\), error_callback\(RangeError: -4 has no root\)$/m);
  assertMatch(stdout, /^ready\(\): +false$/m);
  assertMatch(stdout, /^get\(timeout\): TimeoutError: /m);
  assertMatch(stdout, /^after wait\(\): ready\(\) true, successful\(\) true, get\(\) 9$/m);
});

async function outputOf(name: string, args: string[] = []): Promise<string> {
  const { code, stdout, stderr } = await runExample(name, args);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}
