import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { runExample } from "./support.ts";

test("shared_sum.ts finds the same sum in processes and on threads, and prints the times", async () => {
  const { code, stdout, stderr } = await runExample("shared_sum.ts", [
    "--items",
    "100001",
    "--chunks",
    "7",
    "--workers",
    "2",
  ]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^100001 numbers in 7 chunks +first run +later runs$/m);
  assertMatch(stdout, /^one thread +\d+\.\d ms +\d+\.\d ms$/m);
  assertMatch(stdout, /^copied to 2 processes +\d+\.\d ms +\d+\.\d ms$/m);
  assertMatch(stdout, /^shared by 2 threads +\d+\.\d ms +\d+\.\d ms$/m);
  // A hundred times 0 to 999, and a 0.
  assertMatch(stdout, /^The sum is 49950000; copying takes \d+\.\d times as long as sharing\.$/m);
  for (const chunk of [14_286, 1_786, 224]) {
    assertMatch(stdout, new RegExp(`^2 threads, ${chunk} numbers per chunk +█+ \\d+\\.\\d ms {2}\\d+\\.\\d\\dx$`, "m"));
  }
  assertMatch(stdout, /^Sharing (?:pays with chunks of \d+ numbers or more|does not pay here: .*)\.$/m);
});

test("shared_sum.ts accepts more chunks than numbers", async () => {
  const { code, stdout, stderr } = await runExample("shared_sum.ts", ["--items", "3", "--chunks", "8"]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^3 numbers in 3 chunks /m);
  assertMatch(stdout, /^The sum is 3; /m);
});
