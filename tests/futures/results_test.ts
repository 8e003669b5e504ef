import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { InvalidStateError } from "../../src/core/errors.ts";
import { MapResults } from "../../src/futures/results.ts";
import { CountedSignal, microtasks, planOf, printed } from "./fake_source.ts";

/** A source that knows how far it was read and whether it was left. */
class Source {
  taken = 0;
  left = 0;
  readonly limit: number;

  constructor(limit = Infinity) {
    this.limit = limit;
  }

  [Symbol.iterator](): Iterator<number> {
    return {
      next: () => this.taken < this.limit ? { done: false, value: ++this.taken } : { done: true, value: undefined },
      return: () => {
        this.left++;
        return { done: true, value: undefined };
      },
    };
  }
}

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of results) all.push(value);
  return all;
}

test("MapResults awaited is an array in the order of the items", async () => {
  const plan = planOf([1, 2, 3, 4], { eager: true });
  assertEquals(await new MapResults(plan), [10, 20, 30, 40]);
});

test("MapResults iterated is a stream in the order of the items, whatever is done first", async () => {
  const plan = planOf([1, 2, 3]);
  const results = collect(new MapResults<number>(plan));
  for (const place of [2, 0, 1]) plan.chunks[place]!.done();
  assertEquals(await results, [10, 20, 30]);
});

test("MapResults hands out each result as soon as those before it are there", async () => {
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

test("MapResults unordered hands out results as they are done", async () => {
  const plan = planOf([1, 2, 3, 4], { ordered: false, chunkSize: () => 2 });
  const results = collect(new MapResults<number>(plan));
  plan.chunks[1]!.done();
  plan.chunks[0]!.done();
  assertEquals(await results, [30, 40, 10, 20]);
});

test("MapResults of nothing ends at once", async () => {
  assertEquals(await new MapResults(planOf([])), []);
  assertEquals(await collect(new MapResults(planOf(new Set()))), []);
  assertEquals(await new MapResults(planOf((async function* () {})())), []);
});

test("MapResults takes bufferSize items ahead of its consumer, and no more", async () => {
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

test("MapResults takes its items while it is awaited, with bounded chunks at work", async () => {
  const plan = planOf(new Source(5_000), { bufferSize: 10, eager: true });
  const all = await new MapResults<number>(plan);
  assertEquals([all.length, all.at(-1)], [5_000, 50_000]);
});

test("MapResults fills its chunks, also when its consumer takes one result at a time", async () => {
  const plan = planOf(new Source(1_000), { chunkSize: () => 50, bufferSize: 200, eager: true });
  assertEquals((await new MapResults(plan)).length, 1_000);
  assertEquals(plan.chunks.map(({ items }) => items.length), Array(20).fill(50));
});

test("MapResults fills its chunks from an asynchronous source, too", async () => {
  const plan = planOf(slowly(new Source(1_000)), { chunkSize: () => 50, bufferSize: 200, eager: true });
  assertEquals((await new MapResults(plan)).length, 1_000);
  assertEquals(plan.chunks.map(({ items }) => items.length), Array(20).fill(50));
});

test("MapResults makes its chunks no larger than its buffer", async () => {
  const plan = planOf(new Source(10), { chunkSize: () => 100, bufferSize: 4, eager: true });
  assertEquals((await new MapResults(plan)).length, 10);
  assertEquals(plan.chunks.map(({ items }) => items.length), [4, 4, 2]);
});

test("MapResults asks for the size of every chunk anew", async () => {
  let size = 0;
  const plan = planOf(new Source(10), { chunkSize: () => ++size, eager: true });
  await new MapResults(plan);
  assertEquals(plan.chunks.map(({ items }) => items.length), [1, 2, 3, 4]);
});

for (const ordered of [true, false]) {
  const how = ordered ? "ordered" : "unordered";

  test(`MapResults ${how} throws the error of an item behind the results before it`, async () => {
    const source = new Source();
    const plan = planOf(source, { chunkSize: () => 3, bufferSize: 6, ordered });
    const results = new MapResults<number>(plan);
    const error = new Error("of the third item");
    plan.chunks[0]!.fail(error, 2);
    assertEquals([(await results.next()).value, (await results.next()).value], [10, 20]);
    assertStrictEquals(await results.next().catch((reason: unknown) => reason), error);
    assertEquals(source.left, 1);
    assert(plan.chunks[1]!.future.cancelled, "what waits is cancelled");
    assertEquals((await results.next()).done, true);
  });

  test(`MapResults ${how} hands out what was taken before its source failed`, async () => {
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

test("MapResults rejects as a whole when it is awaited and an item fails", async () => {
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

test("MapResults throws what submitting throws, behind what was submitted before", async () => {
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

test("MapResults throws the error of an asynchronous source behind the results before it", async () => {
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

test("MapResults that is left early leaves its source and cancels what waits", async () => {
  for (const source of [new Source(), slowly(new Source())]) {
    const plan = planOf(source, { bufferSize: 4 });
    const results = new MapResults<number>(plan);
    await microtasks();
    plan.chunks[0]!.done();
    plan.chunks[1]!.running = true;
    for await (const value of results) {
      assertEquals(value, 10);
      break;
    }
    assert(plan.chunks.length >= 4);
    assertEquals(plan.chunks.slice(0, 4).map(({ future }) => future.cancelled), [false, false, true, true]);
    if (source instanceof Source) assertEquals(source.left, 1);
    const before = plan.chunks.length;
    plan.chunks[1]!.done();
    await microtasks();
    assertEquals(plan.chunks.length, before, "nothing further is taken");
  }
});

test("MapResults.return() ends a next() that waits", async () => {
  const results = new MapResults<number>(planOf([1, 2]));
  const next = results.next();
  await results.return();
  assertEquals(await next, { done: true, value: undefined });
});

test("MapResults does not wait for a source that is stuck, whatever ends it", async () => {
  const ends: [string, (options: CountedSignal) => void][] = [
    ["a signal", ({ controller }) => controller.abort("stopped")],
    ["an item's error", () => plan.chunks[0]!.fail("failed")],
  ];
  let plan = planOf([]);
  for (const [what, end] of ends) {
    const counted = new CountedSignal();
    plan = planOf(
      (async function* () {
        yield 1;
        await new Promise(() => {});
      })(),
      { signal: counted.signal },
    );
    const results = new MapResults<number>(plan);
    const next = results.next().then(() => "a value", (reason: unknown) => reason);
    await microtasks();
    end(counted);
    assertEquals(await next, what === "a signal" ? "stopped" : "failed");
  }
});

test("MapResults ends when its time is up, though its source is stuck", async () => {
  const plan = planOf({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }, { timeout: 2 });
  const error = await new MapResults<number>(plan).then(() => undefined, (reason) => reason as Error);
  assertEquals([error?.name, error?.message.includes("2 ms")], ["TimeoutError", true]);
});

test("MapResults aborts what is at work when its signal fires, and takes nothing more", async () => {
  const { controller, signal } = new CountedSignal();
  const source = new Source();
  const plan = planOf(source, { signal, bufferSize: 2 });
  const results = new MapResults<number>(plan);
  const next = results.next().catch((reason: unknown) => reason);
  controller.abort("stop");
  assertEquals(await next, "stop");
  assertEquals([source.taken, source.left], [2, 1]);
  for (const { future } of plan.chunks) assertEquals(future.exceptionNow(), "stop");
});

test("MapResults takes nothing from its source if its signal has fired before", async () => {
  const source = new Source();
  const plan = planOf(source, { signal: AbortSignal.abort("early") });
  const error = await new MapResults(plan).then(() => undefined, (reason: unknown) => reason);
  assertEquals([error, source.taken, plan.chunks.length], ["early", 0, 0]);
});

test("MapResults leaves no listener on its signal, however it ends", async () => {
  const ends: ((results: MapResults<number>, counted: CountedSignal, fail: () => void) => unknown)[] = [
    (results) => results.return(),
    (_results, { controller }) => controller.abort(),
    (_results, _counted, fail) => fail(),
  ];
  for (const end of ends) {
    const counted = new CountedSignal();
    const plan = planOf([1, 2], { signal: counted.signal });
    const results = new MapResults<number>(plan);
    assertEquals(counted.listeners, 1);
    const all = collect(results).catch(() => {});
    end(results, counted, () => plan.chunks[0]!.fail("x"));
    await all;
    assertEquals(counted.listeners, 0);
  }
  // Nobody ever asks for these.
  const counted = new CountedSignal();
  new MapResults(planOf([1, 2], { signal: counted.signal, eager: true }));
  assertEquals(counted.listeners, 0);
});

test("MapResults throws the item's error, not one of leaving the source", async () => {
  const source = {
    [Symbol.iterator]: () => ({
      next: () => ({ done: false, value: 1 }),
      return: () => thrown(new Error("of leaving")),
    }),
  } as Iterable<number>;
  const plan = planOf(source, { bufferSize: 1 });
  const results = new MapResults<number>(plan);
  plan.chunks[0]!.fail("of the item");
  assertEquals(await results.next().catch((reason: unknown) => reason), "of the item");
});

test("MapResults tells how far it is, and how many items there are where that is known", async () => {
  for (const [items, total] of [[[1, 2, 3], 3], [new Set([1, 2, 3]), 3], [new Source(3), undefined]] as const) {
    const heard: unknown[] = [];
    const plan = planOf(items, { chunkSize: () => 2, eager: true, onProgress: (progress) => heard.push(progress) });
    await new MapResults(plan);
    assertEquals(heard, [{ completed: 2, total }, { completed: 3, total }]);
  }
});

test("MapResults prints what onProgress throws, and goes on", async () => {
  const plan = planOf([1, 2], { eager: true, onProgress: () => thrown(new Error("of the listener")) });
  let all: unknown;
  const lines = await printed(async () => all = await new MapResults(plan));
  assertEquals([all, lines.length], [[10, 20], 2]);
});

test("MapResults is gone through once", async () => {
  const results = new MapResults(planOf([1], { eager: true }));
  assertEquals([await results, await results], [[10], [10]]);
  assertThrows(() => results[Symbol.asyncIterator](), InvalidStateError, "twice");
  const stream = new MapResults(planOf([1], { eager: true }));
  await collect(stream);
  await assertRejects(async () => await stream, InvalidStateError);
});

test("MapResults refuses what cannot be iterated", () => {
  for (const items of [5, null, undefined, {}]) {
    assertThrows(() => new MapResults(planOf(items as never)), TypeError);
  }
});

async function* slowly<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await null;
    yield item;
  }
}

function thrown(error: unknown): never {
  throw error;
}
