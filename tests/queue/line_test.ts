import { test } from "node:test";
import { assertEquals, assertInstanceOf } from "@std/assert";
import { QueueEmptyError, QueueFullError, QueueShutDownError } from "../../src/core/errors.ts";
import { NO_LIMITS } from "../../src/core/wait_options.ts";
import { TimedWaitQueue } from "../../src/queue/timed_wait_queue.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** Returns the outcomes of waits. */
async function ends(waits: Promise<unknown>[]): Promise<unknown[]> {
  return (await Promise.allSettled(waits)).map((end) => end.status === "fulfilled" ? end.value : end.reason);
}

test("Line.join() rejects after its timeout with the error of the line, which carries the item of a put", async () => {
  const clock = new ManualClock();
  const puts = new TimedWaitQueue<string, true>(clock, "Cannot put", QueueFullError);
  const gets = new TimedWaitQueue<string, true>(clock, "Cannot get", QueueEmptyError);
  const waits = ends([
    ...["a", "b"].map((item) => puts.join(item, { timeout: 5, signal: undefined })),
    puts.join("c", { timeout: 0, signal: undefined }),
    gets.join("d", { timeout: 5, signal: undefined }),
  ]);
  clock.advance(5);
  const [a, b, c, d] = await waits as [QueueFullError, QueueFullError, QueueFullError, QueueEmptyError];
  assertEquals([a.value, b.value, c.value], ["a", "b", "c"]);
  assertEquals([a.message, c.message], ["Cannot put within 5 ms", "Cannot put within 0 ms"]);
  assertInstanceOf(d, QueueEmptyError);
  assertEquals(Object.hasOwn(d, "value"), false);
});

test("TimedWaitQueue.refuse() ends all waits, each with a separate error", async () => {
  const line = new TimedWaitQueue<number, true>(new ManualClock(), "Cannot put", QueueFullError);
  const controller = new AbortController();
  const waits = ends([line.join(1, NO_LIMITS), line.join(2, { timeout: 5, signal: controller.signal })]);
  line.refuse((value) => new QueueShutDownError("Cannot put", { value }));
  assertEquals(line.size, 0);
  assertEquals((await waits as QueueShutDownError[]).map(({ value }) => value), [1, 2]);
});
