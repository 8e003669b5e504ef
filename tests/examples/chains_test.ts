import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runExample } from "./support.ts";

test("as_completed.ts prints results in order and as they complete", async () => {
  const { code, stdout, stderr } = await runExample("as_completed.ts", ["--tasks", "3", "--unit", "300"]);
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "starmap:     1 2 3 ");
  assertStringIncludes(stdout, "asCompleted: 3 2 1 ");
});

test("callback_chain.ts has the same result in all six forms, and fails alike", async () => {
  const { code, stdout, stderr } = await runExample("callback_chain.ts", ["--size", "50"]);
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.length, 12);
  const outcomes = lines.map((line) => line.slice(line.indexOf(":") + 2));
  assertEquals(new Set(outcomes).size, 2);
  assertEquals(outcomes[1], "RangeError: Cannot make 101 numbers in pairs");
});

test("own_thread_pool.ts runs all jobs, and reports the failures", async () => {
  const { code, stdout, stderr } = await runExample("own_thread_pool.ts", ["--threads", "2", "--jobs", "6"]);
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "4! = 24\n5! = 120\n5000! = RangeError: 5000 is too large\n");
  assert(/7 jobs were run by [12] of 2 threads\.\n$/.test(stdout), stdout);
});
