import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { test } from "node:test";
import { inspect } from "node:util";
import { InlineExecutor, Resources } from "../../mod.ts";
import { inline } from "../../src/task/mod.ts";
import { add, neverEnd } from "../fixtures/tasks.ts";
import { until, within } from "../support/poll.ts";

test("Resources refuses capacities that are no integers, and unknown names", () => {
  for (const wrong of [-1, 0.5, NaN, Infinity]) assertThrows(() => new Resources({ gpu: wrong }), RangeError, "gpu");
  for (const wrong of [undefined, 3, { gpu: "1" }]) {
    assertThrows(() => new Resources(wrong as unknown as Record<string, number>), TypeError);
  }
  const resources = new Resources({ gpu: 1 });
  assertThrows(() => resources.available("gpus"), TypeError, 'did you mean "resources.gpu"');
  assertStringIncludes(inspect(resources), "Resources { gpu: 1 }");
});

test("Resources are not read from the prototype of the objects that name them", async () => {
  const pool = new InlineExecutor({ maxWorkers: 1, resources: new Resources({ gpu: 1 }) });
  assertThrows(() => pool.with({ resources: { toString: 1 } as unknown as Record<string, number> }), TypeError);
  await pool.shutdown();
});

test("Resources let 2,000 tasks with different needs wait, and others overtake them", async () => {
  const resources = new Resources({ gpu: 1, memoryMb: 10_000 });
  const pool = new InlineExecutor({ maxWorkers: 2, resources });
  const held = pool.with({ resources: { gpu: 1, memoryMb: 10_000 } }).submit(neverEnd);
  await until("it runs", () => resources.available("gpu") === 0);
  const waiting = Array.from(
    { length: 2_000 },
    (_, n) => pool.with({ resources: { memoryMb: 1 + n % 100 } }).submit(add, n, 0),
  );
  assertEquals(await within("a task that needs none", pool.submit(add, 1, 2)), 3);
  for (const future of waiting.slice(0, 1_000)) assert(future.cancel());
  held.abort();
  await held.exception();
  const values = await within("the others", Promise.all(waiting.slice(1_000)));
  assertEquals(values.at(-1), 1_999);
  assertEquals(resources.available("memoryMb"), 10_000);
  await pool.shutdown();
});

test("Resources never give more than there is, whatever tasks need and however they end", async () => {
  const resources = new Resources({ a: 3, b: 2 });
  const pools = [1, 2].map(() => new InlineExecutor({ maxWorkers: 4, resources }));
  const used = { a: 0, b: 0 };
  const work = inline(async (a: number, b: number, fails: boolean) => {
    [used.a, used.b] = [used.a + a, used.b + b];
    if (used.a > 3 || used.b > 2) throw new RangeError(`${used.a} and ${used.b} are in use`);
    await Promise.resolve();
    [used.a, used.b] = [used.a - a, used.b - b];
    if (fails) throw new TypeError("as told");
  });
  let seed = 7;
  const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % below;
  const futures = Array.from({ length: 2_000 }, (_, n) => {
    const [a, b] = [random(4), random(3)];
    const options = { resources: { a, b }, priority: random(3), aging: random(2) };
    const future = pools[n % 2]!.with(options).submit(work, a, b, random(5) === 0);
    if (random(6) === 0) future.cancel();
    return future;
  });
  const ends = await within("all", Promise.allSettled(futures));
  const failures = ends.filter((end) => end.status === "rejected" && end.reason instanceof RangeError);
  assertEquals(failures, []);
  assertEquals([resources.available("a"), resources.available("b")], [3, 2]);
  for (const pool of pools) await pool.shutdown();
});
