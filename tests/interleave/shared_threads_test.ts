// Plays threads that share a primitive, in every order of their memory operations that needs a few preemptions.
//
// The code and the threads are real; only the memory is replaced, and stops a thread before each operation until its
// turn. The tests assert that no thread waits for ever, no limit is exceeded and no permit is lost.

import { assert, assertEquals, AssertionError, assertStringIncludes, assertThrows } from "@std/assert";
import { after, before, test } from "node:test";
import { SCENARIOS } from "../fixtures/shared_scenarios.ts";
import { LONG_RUN } from "../support/long_run.ts";
import { explore, type Played } from "../support/stepping/explore.ts";
import { Stage } from "../support/stepping/stage.ts";
import { SLOW_TEST_LIMIT as timeout } from "../support/timing.ts";

/** Milliseconds from one segment to the next: none, or enough for a waiter to reserve the next turn. */
const TICKS = LONG_RUN ? [0, 5] : [5];
/** The minimum number of orders: a scenario with fewer does not test what it should. */
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

test("Stage.explore() finds an order that admits two threads", { timeout }, () => {
  const { message } = assertThrows(() => stage.explore("a lock that checks before it sets", 2, 0), AssertionError);
  assertStringIncludes(message, "2 are inside, where 1 may be");
});

test("Stage.explore() finds a thread that waits for ever", { timeout }, () => {
  const { message } = assertThrows(() => stage.explore("a wait that never ends", 0, 0), AssertionError);
  assertStringIncludes(message, "threads 0 wait for ever");
});

test("explore() plays every order with at most the given preemptions, each once", () => {
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
  // All interleavings of two and three steps.
  assertEquals(orders(9).length, 10);
});
