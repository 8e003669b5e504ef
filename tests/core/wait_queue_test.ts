import { test } from "node:test";
import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { TimeoutError } from "../../src/core/errors.ts";
import { WaitQueue } from "../../src/core/wait_queue.ts";
import { NO_LIMITS, type WaitLimits } from "../../src/core/wait_options.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { countingSignal } from "../support/signals.ts";

/** Takes the requested permits while there are any. */
class Permits {
  readonly clock = new ManualClock();
  readonly log: string[] = [];
  readonly queue: WaitQueue<number, string>;
  free = 0;

  constructor({ serveBehind = false } = {}) {
    const left = serveBehind ? () => void this.serve() : undefined;
    this.queue = new WaitQueue(this.clock, "Cannot acquire a Test", left);
  }

  /** Joins the queue, and logs the outcome of the wait. */
  join(name: string, count = 1, limits: Partial<WaitLimits> = {}): Promise<void> {
    return this.queue.join(count, { ...NO_LIMITS, ...limits }).then(
      (value) => void this.log.push(`${name} ${value}`),
      (error) => void this.log.push(`${name} ${error instanceof Error ? error.name : error}`),
    );
  }

  grant(count: number): number {
    this.free += count;
    return this.serve();
  }

  serve(): number {
    return this.queue.admit((count) => {
      if (count > this.free) return undefined;
      this.free -= count;
      return `got ${count}`;
    });
  }
}

/** Lets settled promises call back. */
async function turn(): Promise<void> {
  for (let hops = 0; hops < 5; hops++) await Promise.resolve();
}

test("WaitQueue.admit() serves waiters in order of arrival", async () => {
  const line = new Permits();
  for (const name of ["a", "b", "c", "d"]) void line.join(name);
  assertEquals([line.grant(1), line.queue.size], [1, 3]);
  await turn();
  assertEquals(line.log, ["a got 1"]);
  assertEquals([line.grant(5), line.queue.size, line.free], [3, 0, 2]);
  await turn();
  assertEquals(line.log, ["a got 1", "b got 1", "c got 1", "d got 1"]);
});

test("WaitQueue.admit() stops at the first waiter it cannot serve, even if later ones could be served", async () => {
  const line = new Permits();
  void line.join("large", 3);
  void line.join("small", 1);
  assertEquals([line.grant(2), line.queue.size, line.queue.head], [0, 2, 3]);
  assertEquals([line.grant(1), line.queue.head], [1, 1]);
  assertEquals([line.grant(1), line.queue.head], [1, undefined]);
  await turn();
  assertEquals(line.log, ["large got 3", "small got 1"]);
});

test("WaitQueue.admit() of an empty queue does not call take", () => {
  const line = new Permits();
  assertEquals([line.grant(1), line.free, line.queue.size, line.queue.head], [0, 1, 0, undefined]);
});

test("WaitQueue.admit() rejects a waiter whose take throws, and goes on", async () => {
  const queue = new WaitQueue<number, string>(new ManualClock(), "Cannot");
  const failure = new RangeError("odd");
  const joins = [2, 3, 4].map((request) => queue.join(request, NO_LIMITS));
  const odd = assertRejects(() => joins[1]!);
  const served = queue.admit((request) => {
    if (request % 2 === 1) throw failure;
    return `got ${request}`;
  });
  assertEquals([served, queue.size], [2, 0]);
  assertEquals(await Promise.all([joins[0], joins[2]]), ["got 2", "got 4"]);
  assertStrictEquals(await odd, failure);
});

test("WaitQueue.admit() removes timer and listener of served waiters, even if take throws", async () => {
  const { signal, listeners } = countingSignal();
  const clock = new ManualClock();
  const queue = new WaitQueue<number, true>(clock, "Cannot");
  const joins = [queue.join(1, { timeout: 10, signal }), queue.join(2, { timeout: 10, signal })];
  const failed = assertRejects(() => joins[1]!, RangeError);
  assertEquals([listeners(), clock.pending], [1, 2]);
  queue.admit((request) => {
    if (request === 2) throw new RangeError();
    return true;
  });
  assertEquals([listeners(), clock.pending], [0, 0]);
  assertEquals(await joins[0], true);
  await failed;
});

test("WaitQueue.join() rejects after its timeout, and leaves nothing", async () => {
  const line = new Permits();
  const { signal, listeners } = countingSignal();
  void line.join("a", 1, { timeout: 10, signal });
  void line.join("b", 1, { timeout: 5, signal });
  void line.join("c");
  line.clock.advance(4);
  await turn();
  assertEquals([line.log, line.queue.size, listeners()], [[], 3, 1]);
  line.clock.advance(1);
  assertEquals([line.queue.size, listeners()], [2, 1]);
  line.clock.advance(5);
  assertEquals([line.queue.size, listeners(), line.clock.pending], [1, 0, 0]);
  await turn();
  assertEquals(line.log, ["b TimeoutError", "a TimeoutError"]);
  assertEquals([line.grant(3), line.free], [1, 2]);
  await turn();
  assertEquals(line.log.at(-1), "c got 1");
});

test("WaitQueue.join() names in its error the wait and its timeout", async () => {
  const line = new Permits();
  const join = line.queue.join(1, { timeout: 25, signal: undefined });
  line.clock.advance(25);
  const error = await assertRejects(() => join, TimeoutError);
  assertEquals(error.message, "Cannot acquire a Test within 25 ms");
  assertInstanceOf(line.queue.timedOut(3), TimeoutError);
});

test("WaitQueue.join() with a timeout of 0 rejects at once and does not enter the queue", async () => {
  const line = new Permits({ serveBehind: true });
  const { signal, listeners } = countingSignal();
  const join = line.queue.join(1, { timeout: 0, signal });
  assertEquals([line.queue.size, line.clock.pending, listeners()], [0, 0, 0]);
  await assertRejects(() => join, TimeoutError, "within 0 ms");
});

test("WaitQueue.join() with an aborted signal rejects at once with its reason, even with a timeout of 0", async () => {
  const line = new Permits();
  const { controller, signal, listeners } = countingSignal();
  const reason = { any: "thing" };
  controller.abort(reason);
  for (const timeout of [0, 10, Infinity]) {
    assertStrictEquals(await assertRejects(() => line.queue.join(1, { timeout, signal })), reason);
  }
  assertEquals([line.queue.size, line.clock.pending, listeners()], [0, 0, 0]);
});

test("WaitQueue.join() rejects with the reason of a signal that is aborted while it waits", async () => {
  const line = new Permits();
  const { controller, signal, listeners } = countingSignal();
  const reason = new Error("enough");
  const join = line.queue.join(1, { timeout: 10, signal });
  void line.join("other");
  controller.abort(reason);
  assertEquals([line.queue.size, line.clock.pending, listeners()], [1, 0, 0]);
  assertStrictEquals(await assertRejects(() => join), reason);
});

test("WaitQueue.join() adds one listener for all waiters under a signal, until the last one leaves", async () => {
  const line = new Permits();
  const { signal, listeners } = countingSignal();
  const joins = ["a", "b", "c"].map((name, index) => line.join(name, 1, { signal, timeout: 10 * (index + 1) }));
  assertEquals(listeners(), 1);
  line.grant(1);
  line.clock.advance(20);
  assertEquals([line.queue.size, listeners()], [1, 1]);
  line.grant(1);
  assertEquals([line.queue.size, listeners()], [0, 0]);
  await Promise.all(joins);
  assertEquals(line.log, ["a got 1", "b TimeoutError", "c got 1"]);
});

test("WaitQueue can be left from the front, the middle and the end", async () => {
  for (const leaving of [[0], [2], [4], [0, 1], [3, 4], [1, 3], [0, 2, 4], [4, 3, 2, 1, 0]]) {
    const line = new Permits();
    const controllers = [0, 1, 2, 3, 4].map(() => new AbortController());
    for (const [name, { signal }] of controllers.entries()) void line.join(`${name}`, 1, { signal });
    for (const name of leaving) controllers[name]!.abort("gone");
    const staying = [0, 1, 2, 3, 4].filter((name) => !leaving.includes(name));
    assertEquals(line.queue.size, staying.length);
    void line.join("5");
    assertEquals(line.grant(9), staying.length + 1);
    await turn();
    assertEquals(line.log, [
      ...leaving.map((name) => `${name} gone`),
      ...[...staying, 5].map((name) => `${name} got 1`),
    ]);
  }
});

test("WaitQueue reports waiters that have left early, and no others", () => {
  const clock = new ManualClock();
  const left: number[] = [];
  const queue = new WaitQueue<number, true>(clock, "Cannot", (request) => left.push(request));
  const { controller, signal } = countingSignal();
  const join = (request: number, limits: Partial<WaitLimits>) =>
    void queue.join(request, { ...NO_LIMITS, ...limits }).catch(() => {});
  join(1, { timeout: 0 });
  join(2, {});
  queue.admit(() => true);
  join(3, {});
  queue.rejectAll("over");
  assertEquals(left, []);
  join(4, { timeout: 5 });
  clock.advance(5);
  assertEquals(left, [4]);
  join(5, { signal });
  controller.abort();
  assertEquals(left, [4, 5]);
  join(6, { signal });
  assertEquals([left, queue.size], [[4, 5], 0]);
});

test("WaitQueue lets waiters behind one that has left be served, after its removal", async () => {
  const line = new Permits({ serveBehind: true });
  const controller = new AbortController();
  void line.join("large", 5, { signal: controller.signal, timeout: 50 });
  void line.join("larger", 6, { timeout: 10 });
  void line.join("small", 1);
  line.grant(2);
  line.clock.advance(10);
  assertEquals(line.queue.size, 2);
  controller.abort("gone");
  assertEquals([line.queue.size, line.free], [0, 1]);
  await turn();
  assertEquals(line.log, ["larger TimeoutError", "large gone", "small got 1"]);
});

test("WaitQueue grants nothing under an aborted signal, even if one waiter leaves before others", async () => {
  const line = new Permits({ serveBehind: true });
  const { controller, signal, listeners } = countingSignal();
  void line.join("large", 5, { signal });
  void line.join("small", 1, { signal });
  void line.join("other", 1);
  line.grant(2);
  controller.abort("gone");
  await turn();
  assertEquals(line.log.sort(), ["large gone", "other got 1", "small gone"]);
  assertEquals([line.free, line.queue.size, listeners()], [1, 0, 0]);
});

test("WaitQueue reports each waiter under an aborted signal once", async () => {
  const left: number[] = [];
  const queue: WaitQueue<number, true> = new WaitQueue(new ManualClock(), "Cannot", (request) => {
    left.push(request);
    queue.admit(() => undefined);
  });
  const controller = new AbortController();
  const joins = [1, 2, 3].map((request) => queue.join(request, { timeout: Infinity, signal: controller.signal }));
  const settled = Promise.allSettled(joins);
  controller.abort();
  assertEquals([left.sort(), queue.size], [[1, 2, 3], 0]);
  await settled;
});

test("WaitQueue grants nothing under a signal being aborted, if another listener releases", async () => {
  const line = new Permits();
  const controller = new AbortController();
  controller.signal.addEventListener("abort", () => line.grant(1));
  void line.join("a", 1, { signal: controller.signal, timeout: 10 });
  void line.join("b", 1);
  controller.abort("gone");
  await turn();
  assertEquals([line.log.sort(), line.queue.size, line.clock.pending], [["a gone", "b got 1"], 0, 0]);
});

test("WaitQueue.rejectAll() rejects all current waiters in order, and no later ones", async () => {
  const line = new Permits();
  const { signal, listeners } = countingSignal();
  for (const name of ["a", "b", "c"]) void line.join(name, 1, { signal, timeout: 10 });
  line.queue.rejectAll("over");
  assertEquals([line.queue.size, line.clock.pending, listeners(), line.queue.head], [0, 0, 0, undefined]);
  void line.join("d");
  line.grant(1);
  await turn();
  assertEquals(line.log, ["a over", "b over", "c over", "d got 1"]);
});

test("WaitQueue settles each waiter once: a timeout or abort after the grant has no effect", async () => {
  const line = new Permits({ serveBehind: true });
  const controller = new AbortController();
  void line.join("a", 1, { signal: controller.signal, timeout: 10 });
  void line.join("b");
  line.grant(1);
  controller.abort("gone");
  line.clock.advance(10);
  await turn();
  assertEquals([line.log, line.queue.size], [["a got 1"], 1]);
  line.queue.rejectAll("over");
});
