import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { Lookout } from "../../src/time/lookout.ts";
import { until } from "../support/poll.ts";

test("Lookout.expect() spins until the answer has come, then ends once", async () => {
  let looks = 0, ends = 0;
  const lookout = new Lookout({
    longest: 1000,
    look: () => void (++looks === 2 && lookout.arrived()),
    over: () => ends++,
  });
  lookout.expect();
  lookout.expect();
  await until("the look is over", () => ends > 0);
  assertEquals([looks, ends], [2, 1]);
});

test("Lookout.expect() gives up if nothing comes", async () => {
  let ends = 0;
  const lookout = new Lookout({ over: () => ends++ });
  for (let round = 1; round <= 3; round++) {
    lookout.expect();
    await until("the look is over", () => ends === round);
  }
});

test("Lookout.arrived() has no effect if no answer is expected", async () => {
  let looks = 0, ends = 0;
  const lookout = new Lookout({ look: () => looks++, over: () => ends++ });
  lookout.arrived();
  assertEquals([looks, ends], [0, 0]);
  lookout.expect();
  await until("the look is over", () => ends === 1);
  assert(looks > 0);
});
