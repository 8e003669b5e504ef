import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { runExample } from "./support.ts";

test("shared_counter.ts counts wrong without a lock, and right with one or with join", async () => {
  // Each thread counts for longer than its time slice, so threads interfere on a single core too.
  const args = ["--threads", "6", "--steps", "200", "--thought", "100000", "--joined", "2"];
  const { code, stdout, stderr } = await runExample("shared_counter.ts", args);
  assertEquals([code, stderr], [0, ""]);
  const lost = Number(
    /^Without the lock, (\d+) of 1200 steps were lost; with the lock or with join, none\.$/m.exec(stdout)?.[1],
  );
  assert(lost > 0 && lost < 1_200, stdout);
  assertMatch(stdout, /^6 threads count down from 1200 +counter +time$/m);
  assertMatch(stdout, new RegExp(`^without a lock +${lost} +\\d+\\.\\d\\d s$`, "m"));
  assertMatch(stdout, /^with a lock +0 +\d+\.\d\d s$/m);
  assertMatch(stdout, /^with join, 2 in turn +0 +\d+\.\d\d s$/m);
});
