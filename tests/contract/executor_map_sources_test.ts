// Tests the sources of map(), and concurrent calls of next() on its results.

import { assertEquals, assertRejects } from "@std/assert";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, testEach } from "../support/executors.ts";
import { within } from "../support/poll.ts";

testEach(ALL, "map() gives each of several concurrent next() calls one result, in order", async ({ shared }) => {
  const pool = shared();
  for (const ordered of [true, false]) {
    const results = pool.map(tasks.double, [1, 2, 3], { ordered })[Symbol.asyncIterator]();
    const steps = Array.from({ length: 5 }, () => results.next());
    assertEquals(await within("all steps", Promise.all(steps)), [
      { done: false, value: 2 },
      { done: false, value: 4 },
      { done: false, value: 6 },
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  }
});

testEach(ALL, "map() rejects one call of next() with an error, and ends the later calls", async ({ shared }) => {
  const results = shared().map(tasks.doubleButThree, [1, 3, 5])[Symbol.asyncIterator]();
  const steps = Array.from(
    { length: 4 },
    () => results.next().then(({ done, value }) => done ? "done" : value, String),
  );
  assertEquals(await within("all steps", Promise.all(steps)), [2, "RangeError: three is refused", "done", "done"]);
});

testEach(ALL, "map() ends pending next() calls when its consumer returns", async ({ shared, gate }) => {
  const closed = gate();
  const pool = shared();
  const results = pool.starmap(tasks.waitForFile, [[closed.path, 1]] as [string, number][])[Symbol.asyncIterator]();
  const steps = [results.next(), results.next()];
  await results.return!();
  assertEquals((await within("both", Promise.all(steps))).map(({ done }) => done), [true, true]);
  closed.open();
});

for (const step of [5, undefined, null, "text"]) {
  testEach(ALL, `map() rejects if next() of its items returns ${step}`, async ({ shared }) => {
    for (const next of [() => step, () => Promise.resolve(step)]) {
      const items = { [Symbol.asyncIterator]: () => ({ next }) } as unknown as AsyncIterable<number>;
      await assertRejects(
        () => within("the end", shared().map(tasks.double, items)),
        TypeError,
        "must return an object",
      );
    }
  });
}

testEach(ALL, "map() accepts an iterable whose async iterator is null or undefined", async ({ shared }) => {
  for (const missing of [null, undefined]) {
    const items = Object.assign([1, 2], { [Symbol.asyncIterator]: missing });
    assertEquals(await shared().map(tasks.double, items as number[]), [2, 4]);
  }
});
