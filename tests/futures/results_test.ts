import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { InvalidStateError } from "../../src/core/errors.ts";
import { MapResults } from "../../src/futures/results.ts";
import { microtasks, planOf, printed } from "./fake_source.ts";
import { collect, slowly, Source, thrown } from "./sources.ts";

test("MapResults resolves to an array in the order of the items", async () => {
  const plan = planOf([1, 2, 3, 4], { eager: true });
  assertEquals(await new MapResults(plan), [10, 20, 30, 40]);
});

test("MapResults yields results in the order of the items, even if later ones end first", async () => {
  const plan = planOf([1, 2, 3]);
  const results = collect(new MapResults<number>(plan));
  for (const place of [2, 0, 1]) plan.chunks[place]!.done();
  assertEquals(await results, [10, 20, 30]);
});

test("MapResults yields each result once all earlier ones are available", async () => {
  const plan = planOf([1, 2, 3]);
  const results = new MapResults<number>(plan);
  const first = results.next();
  plan.chunks[0]!.done();
  assertEquals(await first, { done: false, value: 10 });
  let second: unknown;
  void results.next().then((step) => second = step.value);
  plan.chunks[2]!.done();
  await microtasks();
  assertEquals(second, undefined);
  plan.chunks[1]!.done();
  await microtasks();
  assertEquals(second, 20);
  assertEquals([(await results.next()).value, (await results.next()).done], [30, true]);
});

test("MapResults yields results as they complete if unordered", async () => {
  const plan = planOf([1, 2, 3, 4], { ordered: false, chunkSize: () => 2 });
  const results = collect(new MapResults<number>(plan));
  plan.chunks[1]!.done();
  plan.chunks[0]!.done();
  assertEquals(await results, [30, 40, 10, 20]);
});

test("MapResults of an empty source ends at once", async () => {
  assertEquals(await new MapResults(planOf([])), []);
  assertEquals(await collect(new MapResults(planOf(new Set()))), []);
  assertEquals(await new MapResults(planOf((async function* () {})())), []);
});

test("MapResults reads at most bufferSize items ahead of its consumer", async () => {
  const source = new Source();
  const plan = planOf(source, { bufferSize: 3, eager: true });
  const results = new MapResults<number>(plan);
  assertEquals(source.taken, 3);
  for (let i = 1; i <= 10; i++) {
    assertEquals((await results.next()).value, 10 * i);
    assert(source.taken <= i + 3, `${source.taken} taken, ${i} handed out`);
  }
  assertEquals(source.taken, 13);
  await results.return();
});

test("MapResults reads all items while it is awaited, with a bounded number of chunks", async () => {
  const plan = planOf(new Source(5_000), { bufferSize: 10, eager: true });
  const all = await new MapResults<number>(plan);
  assertEquals([all.length, all.at(-1)], [5_000, 50_000]);
});

test("MapResults fills its chunks even if its consumer takes one result at a time", async () => {
  const plan = planOf(new Source(1_000), { chunkSize: () => 50, bufferSize: 200, eager: true });
  assertEquals((await new MapResults(plan)).length, 1_000);
  assertEquals(plan.chunks.map(({ items }) => items.length), Array(20).fill(50));
});

test("MapResults fills its chunks from an asynchronous source too", async () => {
  const plan = planOf(slowly(new Source(1_000)), { chunkSize: () => 50, bufferSize: 200, eager: true });
  assertEquals((await new MapResults(plan)).length, 1_000);
  assertEquals(plan.chunks.map(({ items }) => items.length), Array(20).fill(50));
});

test("MapResults never makes a chunk larger than its buffer", async () => {
  const plan = planOf(new Source(10), { chunkSize: () => 100, bufferSize: 4, eager: true });
  assertEquals((await new MapResults(plan)).length, 10);
  assertEquals(plan.chunks.map(({ items }) => items.length), [4, 4, 2]);
});

test("MapResults asks for the size of each chunk", async () => {
  let size = 0;
  const plan = planOf(new Source(10), { chunkSize: () => ++size, eager: true });
  await new MapResults(plan);
  assertEquals(plan.chunks.map(({ items }) => items.length), [1, 2, 3, 4]);
});

for (const ordered of [true, false]) {
  const how = ordered ? "ordered" : "unordered";

  test(`MapResults ${how} throws the error of an item after the results before it`, async () => {
    const source = new Source();
    const plan = planOf(source, { chunkSize: () => 3, bufferSize: 6, ordered });
    const results = new MapResults<number>(plan);
    const error = new Error("of the third item");
    plan.chunks[0]!.fail(error, 2);
    assertEquals([(await results.next()).value, (await results.next()).value], [10, 20]);
    assertStrictEquals(await results.next().catch((reason: unknown) => reason), error);
    assertEquals(source.left, 1);
    assert(plan.chunks[1]!.future.cancelled, "the waiting chunk is cancelled");
    assertEquals((await results.next()).done, true);
  });

  test(`MapResults ${how} yields all results from before its source failed`, async () => {
    const error = new Error("of the source");
    const plan = planOf(
      (function* () {
        yield 1;
        yield 2;
        throw error;
      })(),
      { ordered },
    );
    const results = new MapResults<number>(plan);
    plan.chunks[1]!.done();
    plan.chunks[0]!.done();
    const values = [(await results.next()).value, (await results.next()).value].sort();
    assertEquals(values, [10, 20]);
    assertStrictEquals(await results.next().catch((reason: unknown) => reason), error);
  });
}

test("MapResults rejects if an item fails while it is awaited", async () => {
  const plan = planOf([1, 2, 3]);
  const results = new MapResults(plan);
  const all = results.then(() => "resolved", (error: unknown) => error);
  plan.chunks[1]!.fail("of the second");
  plan.chunks[0]!.done();
  assertEquals(await all, "of the second");
  assert(plan.chunks[2]!.future.cancelled);
});

test("MapResults throws the error of a source that fails at once", async () => {
  const error = new Error("of the source");
  const failing = { [Symbol.iterator]: () => ({ next: () => thrown(error) }) };
  assertStrictEquals(await new MapResults(planOf(failing)).then(() => {}, (reason) => reason), error);
});

test("MapResults throws an error of a submission after the results before it", async () => {
  const error = new InvalidStateError("Cannot submit after shutdown");
  const source = new Source();
  const plan = planOf(source, { bufferSize: 2 });
  let left = 3;
  const results = new MapResults<number>({
    ...plan,
    submit: (chunk) => --left < 0 ? thrown(error) : plan.submit(chunk),
  });
  plan.chunks[0]!.done();
  assertEquals((await results.next()).value, 10);
  for (const chunk of plan.chunks) chunk.done();
  assertEquals([(await results.next()).value, (await results.next()).value], [20, 30]);
  assertStrictEquals(await results.next().catch((reason: unknown) => reason), error);
  assertEquals([(await results.next()).done, source.left], [true, 1]);
});

test("MapResults reads an asynchronous source, one item at a time", async () => {
  let asked = 0, most = 0;
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        most = Math.max(most, ++asked);
        await null;
        asked--;
        return ++count > 20 ? { done: true, value: undefined } : { done: false, value: count };
      },
    }),
  };
  let count = 0;
  const plan = planOf(source as AsyncIterable<number>, { bufferSize: 5, eager: true });
  assertEquals(await new MapResults(plan), Array.from({ length: 20 }, (_, i) => 10 * (i + 1)));
  assertEquals(most, 1);
});

test("MapResults throws the error of an asynchronous source after the results before it", async () => {
  const error = new Error("of the source");
  const plan = planOf(
    (async function* () {
      yield 1;
      throw error;
    })(),
    { eager: true },
  );
  const results = new MapResults<number>(plan);
  assertEquals((await results.next()).value, 10);
  assertStrictEquals(await results.next().catch((reason: unknown) => reason), error);
});

test("MapResults reports its progress, with the number of items if that is known", async () => {
  for (const [items, total] of [[[1, 2, 3], 3], [new Set([1, 2, 3]), 3], [new Source(3), undefined]] as const) {
    const heard: unknown[] = [];
    const plan = planOf(items, { chunkSize: () => 2, eager: true, onProgress: (progress) => heard.push(progress) });
    await new MapResults(plan);
    assertEquals(heard, [{ completed: 2, total }, { completed: 3, total }]);
  }
});

test("MapResults prints an error of onProgress, and goes on", async () => {
  const plan = planOf([1, 2], { eager: true, onProgress: () => thrown(new Error("of the listener")) });
  let all: unknown;
  const lines = await printed(async () => all = await new MapResults(plan));
  assertEquals([all, lines.length], [[10, 20], 2]);
});

test("MapResults can be iterated once", async () => {
  const results = new MapResults(planOf([1], { eager: true }));
  assertEquals([await results, await results], [[10], [10]]);
  assertThrows(() => results[Symbol.asyncIterator](), InvalidStateError, "twice");
  const stream = new MapResults(planOf([1], { eager: true }));
  await collect(stream);
  await assertRejects(async () => await stream, InvalidStateError);
});

test("MapResults rejects sources that are not iterable", () => {
  for (const items of [5, null, undefined, {}]) {
    assertThrows(() => new MapResults(planOf(items as never)), TypeError);
  }
});
