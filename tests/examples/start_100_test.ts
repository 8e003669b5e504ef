import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { runExample } from "./support.ts";

test("start_100.ts starts and joins threads and processes, and prints the times", async () => {
  const { code, stdout, stderr } = await runExample("start_100.ts", ["--count", "5", "--wave", "3"]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^5 of them, 3 at once +all +each$/m);
  for (const kind of ["threads", "processes"]) {
    assertMatch(stdout, new RegExp(`^${kind} +\\d+\\.\\d\\d s +\\d+\\.\\d ms$`, "m"));
  }
});
