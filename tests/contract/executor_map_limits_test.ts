// Tests the limits of map(): how far it reads ahead in its source, and how it is stopped.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { TimeoutError } from "../../mod.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, countsOf, testEach } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { LONG, PROMPT, SHORT } from "../support/timing.ts";

/** An endless source that counts the items taken from it and records whether it was closed. */
class Endless {
  taken = 0;
  closed = false;

  *[Symbol.iterator](): Generator<number> {
    try {
      for (;;) yield this.taken++;
    } finally {
      this.closed = true;
    }
  }

  async *later(): AsyncGenerator<number> {
    try {
      for (;;) yield await Promise.resolve(this.taken++);
    } finally {
      this.closed = true;
    }
  }
}

testEach(ALL, "map() reads ahead of its consumer by at most bufferSize items", async ({ shared }) => {
  const pool = shared({ maxWorkers: 2 });
  for (const [bufferSize, chunkSize] of [[1, 1], [5, 1], [10, 3], [8, "auto"]] as const) {
    for (const asynchronous of [false, true]) {
      const source = new Endless();
      const results = pool.map(tasks.double, asynchronous ? source.later() : source, { bufferSize, chunkSize });
      const seen: number[] = [];
      for await (const value of results) {
        seen.push(value);
        assert(source.taken <= seen.length + bufferSize, `${source.taken} taken after ${seen.length}`);
        if (seen.length === 30) break;
      }
      assertEquals(seen, Array.from({ length: 30 }, (_, i) => 2 * i));
      assert(source.closed);
    }
  }
});

testEach(ALL, "map() reads no more items while its results are not consumed", async ({ shared }) => {
  const pool = shared();
  const counts = countsOf(pool);
  const source = new Endless();
  const results = pool.map(tasks.double, source, { bufferSize: 4 });
  await until("the buffer has run", () => counts().completed === 4);
  assertEquals(await pool.submit(tasks.double, 1), 2);
  assertEquals(source.taken, 4);
  for await (const value of results) {
    assertEquals(value, 0);
    break;
  }
});

testEach(ALL, "map() cancels the rest when its consumer leaves", async ({ shared, gate }) => {
  const pool = shared();
  const counts = countsOf(pool);
  const opened = gate();
  const closed = gate();
  opened.open();
  const items = [opened.path, closed.path, closed.path, closed.path].map((path, i): [string, number] => [path, i]);
  for await (const value of pool.starmap(tasks.waitForFile, items)) {
    assertEquals(value, 0);
    break;
  }
  await until("no item waits", () => pool.stats().waiting === 0);
  assertEquals(counts().cancelled, 2);
  closed.open();
  assertEquals(await pool.submit(tasks.double, 1), 2);
});

testEach(ALL, "map() cancels the rest after an error", async ({ shared }) => {
  const pool = shared();
  const source = new Endless();
  const seen: number[] = [];
  const error = await assertRejects(async () => {
    for await (const value of pool.map(tasks.doubleButThree, source, { bufferSize: 6 })) seen.push(value);
  }, RangeError);
  assertEquals(error.message, "three is refused");
  assertEquals(seen, [0, 2, 4]);
  assert(source.closed);
  assert(source.taken <= 3 + 6);
});

testEach(ALL, "map() ends when its timeout, counted from the call, is over", async ({ shared }) => {
  const pool = shared({ maxWorkers: 1, grace: SHORT });
  const started = performance.now();
  const results = pool.map(tasks.neverEnd as never, [1, 2], { timeout: SHORT });
  await assertRejects(() => results, TimeoutError);
  assert(performance.now() - started < PROMPT);
  assertEquals(await within("the pool goes on", pool.submit(tasks.double, 1)), 2);
});

testEach(ALL, "map() ends with the reason of its signal", async ({ shared, gate }) => {
  const pool = shared({ maxWorkers: 1, grace: SHORT });
  const { controller, signal, listeners } = countingSignal();
  const items = [gate().path, gate().path];
  const results = pool.map(tasks.waitForFile as never, items, { signal });
  await until("the first runs", () => pool.stats().running === 1);
  const reason = new Error("enough");
  controller.abort(reason);
  assertStrictEquals(await results.then(() => undefined, (error) => error), reason);
  await until("nothing runs", () => pool.stats().running + pool.stats().waiting === 0);
  assertEquals(listeners(), 0);
});

testEach(ALL, "map() reads no item if its signal is already aborted", async ({ shared }) => {
  const pool = shared();
  const source = new Endless();
  const reason = new Error("before");
  const results = pool.map(tasks.double, source, { signal: AbortSignal.abort(reason) });
  assertStrictEquals(await within("the end", results).then(() => undefined, (error) => error), reason);
});

testEach(ALL, "map() leaves no timer or listener", async ({ shared }) => {
  const pool = shared();
  const { signal, listeners } = countingSignal();
  assertEquals(await pool.map(tasks.double, [1, 2, 3], { signal, timeout: LONG }), [2, 4, 6]);
  for await (const _ of pool.map(tasks.double, [1, 2, 3], { signal, timeout: LONG })) break;
  await assertRejects(() => pool.map(tasks.doubleButThree, [3], { signal, timeout: LONG }), RangeError);
  assertEquals(listeners(), 0);
});

testEach(ALL, "map() applies the options of the view it is called on", async ({ shared }) => {
  const pool = shared({ maxWorkers: 1, grace: SHORT });
  const error = await pool.with({ timeout: SHORT }).map(tasks.neverEnd as never, [1]).then(() => undefined, (e) => e);
  assertInstanceOf(error, TimeoutError);
  const signal = AbortSignal.abort(new Error("no"));
  await assertRejects(() => pool.with({ signal }).map(tasks.double, [1]), Error, "no");
});

testEach(ALL, "map() rejects options of the wrong kind", ({ shared }) => {
  const pool = shared();
  for (const chunkSize of [0, -1, 1.5, NaN]) {
    assertThrows(() => pool.map(tasks.double, [1], { chunkSize }), RangeError);
    assertThrows(() => pool.map(tasks.double, [1], { bufferSize: chunkSize }), RangeError);
  }
  for (const timeout of [-1, NaN]) assertThrows(() => pool.map(tasks.double, [1], { timeout }), RangeError);
  for (
    const options of [{ chunkSize: "all" }, { bufferSize: "1" }, { onProgress: 1 }, { signal: {} }, { timeout: "1" }, 5]
  ) {
    assertThrows(() => pool.map(tasks.double, [1], options as never), TypeError);
    assertThrows(() => pool.starmap(tasks.add, [[1, 2]], options as never), TypeError);
  }
});
