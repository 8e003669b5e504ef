import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { Lookout } from "../../src/pool/lookout.ts";
import { until } from "../support/poll.ts";

test("Lookout.expect() looks until the answer has come, then is over once", async () => {
  let looks = 0, ends = 0;
  const lookout = new Lookout(() => ++looks === 2, () => ends++);
  lookout.expect();
  lookout.expect();
  await until("the look is over", () => ends > 0);
  assert(looks <= 2);
  assertEquals(ends, 1);
});

test("Lookout.expect() gives up when nothing comes", async () => {
  let ends = 0;
  const lookout = new Lookout(() => false, () => ends++);
  for (let round = 1; round <= 3; round++) {
    lookout.expect();
    await until("the look is over", () => ends === round);
  }
});
