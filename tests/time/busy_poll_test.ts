import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { BusyPoll } from "../../src/time/busy_poll.ts";
import { until } from "../support/poll.ts";

test("BusyPoll.expect() looks until the answer has come, then is over once", async () => {
  let looks = 0, ends = 0;
  const busyPoll = new BusyPoll({
    maxSpin: 1000,
    poll: () => void (++looks === 2 && busyPoll.arrived()),
    over: () => ends++,
  });
  busyPoll.expect();
  busyPoll.expect();
  await until("the look is over", () => ends > 0);
  assertEquals([looks, ends], [2, 1]);
});

test("BusyPoll.expect() gives up when nothing comes", async () => {
  let ends = 0;
  const busyPoll = new BusyPoll({ over: () => ends++ });
  for (let round = 1; round <= 3; round++) {
    busyPoll.expect();
    await until("the look is over", () => ends === round);
  }
});

test("BusyPoll.arrived() without an answer expected changes nothing", async () => {
  let looks = 0, ends = 0;
  const busyPoll = new BusyPoll({ poll: () => looks++, over: () => ends++ });
  busyPoll.arrived();
  assertEquals([looks, ends], [0, 0]);
  busyPoll.expect();
  await until("the look is over", () => ends === 1);
  assert(looks > 0);
});
