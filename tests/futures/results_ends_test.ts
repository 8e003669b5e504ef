import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { MapResults } from "../../src/futures/results.ts";
import { CountedSignal, microtasks, planOf } from "./fake_source.ts";
import { collect, slowly, Source, thrown } from "./sources.ts";

test("MapResults closes its source and cancels waiting chunks when its loop is left", async () => {
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

test("MapResults.return() ends a pending next()", async () => {
  const results = new MapResults<number>(planOf([1, 2]));
  const next = results.next();
  await results.return();
  assertEquals(await next, { done: true, value: undefined });
});

test("MapResults does not wait for a blocked source when a signal or an error ends it", async () => {
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

test("MapResults ends at its timeout even if its source is blocked", async () => {
  const plan = planOf({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }, { timeout: 2 });
  const error = await new MapResults<number>(plan).then(() => undefined, (reason) => reason as Error);
  assertEquals([error?.name, error?.message.includes("2 ms")], ["TimeoutError", true]);
});

test("MapResults aborts running chunks when its signal fires, and reads no more items", async () => {
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

test("MapResults reads nothing from its source if its signal is already aborted", async () => {
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
  // These results are never consumed.
  const counted = new CountedSignal();
  new MapResults(planOf([1, 2], { signal: counted.signal, eager: true }));
  assertEquals(counted.listeners, 0);
});

test("MapResults throws the item's error, not one of closing the source", async () => {
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
