// Threads that share a primitive, in every order of their operations on its memory that needs a few preemptions.
//
// The code is the real one, in real threads; only the memory under it stops a thread before each operation until it is its
// turn. What must hold: nobody waits for ever, no more are inside than may be, no permit is lost.

import { assert, assertEquals, AssertionError, assertStringIncludes, assertThrows } from "@std/assert";
import { after, before, test } from "node:test";
import { SCENARIOS } from "../fixtures/shared_scenarios.ts";
import { LONG_RUN } from "../support/long_run.ts";
import { explore, type Played } from "../support/stepping/explore.ts";
import { Stage } from "../support/stepping/stage.ts";
import { SLOW_TEST_LIMIT as timeout } from "../support/timing.ts";

/** From one thread to the next: no time at all, or enough for whoever waits to be next in line. */
const TICKS = LONG_RUN ? [0, 5] : [5];
/** No scenario has fewer orders: one that has is not what it should be. */
const FEWEST = 25;

const stage = new Stage();
before(() => stage.start());
after(() => stage.stop());

for (const [name, { programs, ticks = TICKS }] of Object.entries(SCENARIOS)) {
  test(`${name}, in every order`, { timeout }, () => {
    for (const tick of ticks) {
      const count = stage.explore(name, programs.length === 2 ? 2 : 1, tick);
      assert(count >= FEWEST, `${count} orders`);
    }
  });
}

test("Stage.explore() finds an order that lets two in", { timeout }, () => {
  const { message } = assertThrows(() => stage.explore("a lock that looks and then takes", 2, 0), AssertionError);
  assertStringIncludes(message, "2 are inside, where 1 may be");
});

test("Stage.explore() finds a thread that waits for ever", { timeout }, () => {
  const { message } = assertThrows(() => stage.explore("a wait for what never comes", 0, 0), AssertionError);
  assertStringIncludes(message, "threads 0 wait for ever");
});

test("explore() plays every order with so few preemptions, each once", () => {
  const orders = (preemptions: number) => {
    const found: string[] = [];
    const count = explore((schedule) => {
      const left = [2, 3];
      const played: Played[] = [];
      let order = "";
      while (left[0]! + left[1]! > 0) {
        const { thread, ops } = schedule[played.length] ?? { thread: left[0]! > 0 ? 0 : 1, ops: Infinity };
        const others = left[1 - thread]! > 0 ? 1 << (1 - thread) : 0;
        const done = Math.min(ops, left[thread]!);
        left[thread]! -= done;
        order += `${thread}`.repeat(done);
        played.push({ thread, ops: done, others, during: Array(done).fill(others) });
      }
      found.push(order);
      return played;
    }, preemptions);
    assertEquals([count, new Set(found).size], [found.length, found.length]);
    return found.sort();
  };
  assertEquals(orders(0), ["00111", "11100"]);
  assertEquals(orders(1), ["00111", "01110", "10011", "11001", "11100"]);
  // All the ways to mix two and three.
  assertEquals(orders(9).length, 10);
});
