// Tests the results of map() and starmap().

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { InvalidStateError, type Progress } from "../../mod.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, countsOf, testEach } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

/** Collects the results, and the error that ends them. */
async function drain<T>(results: AsyncIterable<T>): Promise<{ values: T[]; error: unknown }> {
  const values: T[] = [];
  try {
    for await (const value of results) values.push(value);
    return { values, error: undefined };
  } catch (error) {
    return { values, error };
  }
}

testEach(ALL, "map() resolves to an array when awaited", async ({ shared }) => {
  assertEquals(await shared().map(tasks.double, [1, 2, 3]), [2, 4, 6]);
});

testEach(ALL, "map() yields results one by one when iterated", async ({ shared }) => {
  const seen: number[] = [];
  for await (const value of shared().map(tasks.double, new Set([1, 2, 3]))) seen.push(value);
  assertEquals(seen, [2, 4, 6]);
});

testEach(ALL, "map() keeps the order of the items for every chunk size", async ({ shared }) => {
  const pool = shared({ maxWorkers: 2 });
  for (const length of [0, 1, 7, 50]) {
    const expected = range(length).map((n) => 2 * n);
    for (const chunkSize of [1, 3, 6, 40, 50, 1000, "auto"] as const) {
      assertEquals(await pool.map(tasks.double, range(length), { chunkSize }), expected, `${length} by ${chunkSize}`);
    }
  }
});

testEach(ALL, "map() runs a thousand items in chunks of a hundred", async ({ shared }) => {
  const pool = shared({ maxWorkers: 2 });
  const expected = range(1000).map((n) => 2 * n);
  assertEquals((await drain(pool.map(tasks.double, range(1000), { chunkSize: 100 }))).values, expected);
  const { values } = await drain(pool.map(tasks.double, range(1000), { chunkSize: 100, ordered: false }));
  assertEquals(values.sort((a, b) => a - b), expected);
});

testEach(ALL, "map() adapts its chunk size", async ({ shared }) => {
  const pool = shared({ maxWorkers: 2 });
  const expected = range(5000).map((n) => 2 * n);
  assertEquals(await pool.map(tasks.double, range(5000), { chunkSize: "auto" }), expected);
});

testEach(ALL, "map() yields results as they complete if ordered is false", async ({ shared, gate }) => {
  const pool = shared({ maxWorkers: 2 });
  const closed = gate();
  const opened = gate();
  opened.open();
  const items: [string, number][] = [[closed.path, 0], [opened.path, 1], [opened.path, 2]];
  const results = pool.starmap(tasks.waitForFile, items, { ordered: false })[Symbol.asyncIterator]();
  assertEquals((await within("the second", results.next())).value, 1);
  assertEquals((await within("the third", results.next())).value, 2);
  closed.open();
  assertEquals((await within("the first", results.next())).value, 0);
  assert((await results.next()).done);
});

testEach(ALL, "map() accepts every kind of iterable", async ({ shared }) => {
  const pool = shared();
  assertEquals(await pool.map(tasks.double, new Uint8Array([1, 2])), [2, 4]);
  assertEquals(await pool.map(tasks.double, new Map([[1, 2]]).values()), [4]);
  assertEquals(await pool.map(tasks.double, later([1, 2, 3])), [2, 4, 6]);
  assertEquals(await pool.map(tasks.double, later([1, 2, 3]), { chunkSize: 2 }), [2, 4, 6]);
  assertEquals(await pool.map(tasks.echo, "héß"), ["h", "é", "ß"]);
  for (const value of [undefined, null, 1, {}]) {
    assertThrows(() => pool.map(tasks.double, value as never), TypeError);
  }
});

testEach(ALL, "map() ends at once for an empty source", async ({ shared }) => {
  const pool = shared();
  for (const chunkSize of [1, 10, "auto"] as const) {
    assertEquals(await pool.map(tasks.double, [], { chunkSize }), []);
    assertEquals(await pool.map(tasks.double, later([]), { chunkSize }), []);
    assertEquals(await drain(pool.starmap(tasks.add, [], { chunkSize })), { values: [], error: undefined });
  }
});

testEach(ALL, "starmap() spreads each item into arguments", async ({ shared }) => {
  const pool = shared();
  assertEquals(await pool.starmap(tasks.add, [[1, 2], [3, 4], [5, 6]]), [3, 7, 11]);
  assertEquals(await pool.starmap(tasks.add, later<[number, number]>([[1, 2], [3, 4]]), { chunkSize: 2 }), [3, 7]);
  assertEquals(await pool.map(tasks.echo, [[1, 2]]), [[1, 2]]);
});

testEach(ALL, "map() throws an error at the position of its result", async ({ shared }) => {
  const pool = shared({ maxWorkers: 2 });
  for (const chunkSize of [1, 2, 3, 10, "auto"] as const) {
    const { values, error } = await drain(pool.map(tasks.doubleButThree, range(10), { chunkSize }));
    assertEquals(values, [0, 2, 4], `by ${chunkSize}`);
    assertInstanceOf(error, RangeError);
    assertEquals(error.message, "three is refused");
    await assertRejects(() => pool.map(tasks.doubleButThree, range(10), { chunkSize }), RangeError);
  }
  assertEquals(await pool.map(tasks.double, [1]), [2]);
});

testEach(ALL, "map() delivers the results before an error of the source", async ({ shared }) => {
  const pool = shared({ maxWorkers: 2 });
  function* source(good: number): Generator<number> {
    for (let i = 0; i < good; i++) yield i;
    throw new Error("no more items");
  }
  for (const good of [0, 1, 3, 5]) {
    for (const chunkSize of [1, 2, 4]) {
      for (const items of [source(good), later(source(good))]) {
        const { values, error } = await drain(pool.map(tasks.double, items, { chunkSize }));
        assertEquals(values, range(good).map((n) => 2 * n), `${good} by ${chunkSize}`);
        assertEquals((error as Error)?.message, "no more items");
      }
    }
  }
  assertEquals(await pool.submit(tasks.double, 1), 2);
});

testEach(ALL, "map() runs all items even if its results are not consumed", async ({ shared }) => {
  const pool = shared({ maxWorkers: 2 });
  const counts = countsOf(pool);
  pool.map(tasks.double, range(20));
  await until("all have run", () => counts().completed === 20);
});

testEach(ALL, "map() throws if its results are iterated twice", async ({ shared }) => {
  const results = shared().map(tasks.double, [1, 2]);
  assertEquals(await results, [2, 4]);
  assertEquals(await results, [2, 4]);
  assertThrows(() => results[Symbol.asyncIterator](), InvalidStateError);
});

testEach(ALL, "map() reports its progress", async ({ shared }) => {
  const pool = shared();
  const seen: Progress[] = [];
  await pool.map(tasks.double, range(10), { chunkSize: 4, onProgress: (progress) => seen.push({ ...progress }) });
  assertEquals(seen.map(({ completed }) => completed), [4, 8, 10]);
  assertEquals(seen.map(({ total }) => total), [10, 10, 10]);
  const unknown: Progress[] = [];
  await pool.map(tasks.double, later([1, 2]), { onProgress: (progress) => unknown.push({ ...progress }) });
  assertEquals(unknown, [{ completed: 1, total: undefined }, { completed: 2, total: undefined }]);
});

testEach(ALL, "map() preserves object identity only within a chunk", async ({ shared }) => {
  const item = { n: 1 };
  const back = await shared().map(tasks.echo, [item, item], { chunkSize: 2 });
  assertEquals(back, [item, item]);
});
