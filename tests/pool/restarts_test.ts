// Tests how restarts are counted and delayed.

import { test } from "node:test";
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { BrokenExecutorError, type RestartOptions } from "../../mod.ts";
import { Restarts } from "../../src/pool/workers/restarts.ts";
import { ManualClock } from "../support/manual_clock.ts";

const WHAT = "Cannot make a Thread as 'restart'";

function delays(restarts: Restarts, count: number): (number | undefined)[] {
  return Array.from({ length: count }, () => restarts.next());
}

test("Restarts.next() doubles the delay up to the maximum, and ends at the limit", () => {
  assertEquals(delays(new Restarts(WHAT, {}, new ManualClock()), 7), [100, 200, 400, 800, 1_600, undefined, undefined]);
  const options = { maxRestarts: 4, minDelay: 10, maxDelay: 25 };
  assertEquals(delays(new Restarts(WHAT, options, new ManualClock()), 5), [10, 20, 25, 25, undefined]);
  assertEquals(new Restarts(WHAT, { maxRestarts: 0 }).next(), undefined);
});

test("Restarts.next() forgets restarts that are older than 'within'", () => {
  const clock = new ManualClock();
  const restarts = new Restarts(WHAT, { maxRestarts: 2, within: 1_000, minDelay: 1 }, clock);
  assertEquals(delays(restarts, 3), [1, 2, undefined]);
  clock.advance(999);
  assertEquals(restarts.next(), undefined);
  clock.advance(1);
  assertEquals(delays(restarts, 3), [1, 2, undefined]);
});

test("Restarts.error() names the worker and the limit, and has the last error as its cause", () => {
  const error = new Restarts(WHAT, { maxRestarts: 1, within: 50 }).error("squarer", "last");
  assertInstanceOf(error, BrokenExecutorError);
  assertEquals([error.message, error.cause], [
    "Cannot restart squarer: it failed after 1 restart within 50 ms",
    "last",
  ]);
});

test("Restarts rejects invalid options", () => {
  const of = (options: unknown) => () => new Restarts(WHAT, options as RestartOptions);
  assertEquals(
    assertThrows(of({ maxRestart: 1 }), TypeError).message,
    'Cannot make a Thread: unknown option "restart.maxRestart", did you mean "restart.maxRestarts"?',
  );
  assertThrows(of({ maxRestarts: -1 }), RangeError, "as 'restart.maxRestarts' must be");
  assertThrows(of({ within: "1" }), TypeError, "as 'restart.within' must be");
  assertThrows(of({ minDelay: NaN }), RangeError, "as 'restart.minDelay' must be");
  assertThrows(of({ minDelay: 2, maxDelay: 1 }), RangeError, "as 'restart.minDelay' must not be above 'maxDelay', 1");
  assertThrows(of(5), TypeError, "as 'restart' must be an object");
});
