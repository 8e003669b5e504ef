// Tests tasks that need resources besides a worker.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Future, Resources } from "../../mod.ts";
import { count as countUp, waits } from "../fixtures/stream_tasks.ts";
import { add, double, waitForFile } from "../fixtures/tasks.ts";
import { ALL, testEach, WORKERS } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";

const GPU = { resources: { gpu: 1 } };

/** Collects names in the order in which their futures end. */
function recorder(): { order: string[]; watch(name: string, future: Future<unknown>): void } {
  const order: string[] = [];
  return { order, watch: (name, future) => future.addDoneCallback(() => order.push(name)) };
}

testEach(ALL, "with({ resources }) starts a task when what it needs is free", async ({ open, gate }) => {
  const resources = new Resources({ gpu: 2, memoryMb: 100 });
  const pool = open({ maxWorkers: 4, resources });
  const gates = [gate(), gate(), gate()];
  const view = pool.with({ resources: { gpu: 1, memoryMb: 30 } });
  const futures = gates.map(({ path }, n) => view.submit(waitForFile, path, n));
  await until("two run", () => pool.stats().running === 2 && pool.stats().workers.starting === 0);
  assertEquals(pool.stats().waiting, 1);
  assertEquals([resources.available("gpu"), resources.available("memoryMb")], [0, 40]);
  assertEquals(await pool.submit(add, 1, 2), 3);
  gates[1]!.open();
  assertEquals(await futures[1], 1);
  await until("the third runs", () => pool.stats().running === 2);
  for (const each of gates) each.open();
  assertEquals(await Promise.all(futures), [0, 1, 2]);
  assertEquals([resources.available("gpu"), resources.available("memoryMb")], [2, 100]);
});

testEach(WORKERS, "with({ resources }) starts no workers for tasks that cannot start", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 4, resources: new Resources({ gpu: 1 }) });
  const held = gate();
  const futures = Array.from({ length: 20 }, (_, n) => pool.with(GPU).submit(waitForFile, held.path, n));
  await until("the first runs", () => pool.stats().running === 1 && pool.stats().workers.starting === 0);
  const { busy, idle } = pool.stats().workers;
  assertEquals([busy, idle], [1, 0]);
  held.open();
  assertEquals(await Promise.all(futures), Array.from({ length: 20 }, (_, n) => n));
});

testEach(ALL, "with({ resources }) refuses what it cannot give", ({ open }) => {
  const resources = new Resources({ gpu: 1 });
  const pool = open({ maxWorkers: 1, resources });
  const much = pool.with({ resources: { gpu: 2 } });
  assertThrows(() => much.submit(add, 1, 2), RangeError, "'resources.gpu' must be at most 1: current value is 2");
  assertThrows(() => much.map(double, [1]), RangeError);
  assertThrows(() => much.stream(countUp, 1), RangeError);
  assertThrows(() => much.callSync(add, 1, 2), RangeError);
  assertThrows(() => pool.with({ resources: { gpus: 1 } }).submit(add, 1, 2), TypeError, '"resources.gpu"');
  assertThrows(() => pool.with(GPU).broadcast(add, 1, 2), TypeError, "broadcast");
  for (const wrong of [-1, 0.5, NaN]) {
    assertThrows(() => pool.with({ resources: { gpu: wrong } }), RangeError, "'resources.gpu'");
  }
  for (const wrong of [1, "gpu", { gpu: "1" }]) {
    assertThrows(() => pool.with({ resources: wrong as unknown as Record<string, number> }), TypeError, "resources");
  }
  const without = open({ maxWorkers: 1 });
  assertThrows(() => without.with(GPU).submit(add, 1, 2), TypeError, "without 'resources'");
  assertThrows(() => open({ resources: { gpu: 1 } as unknown as Resources }), TypeError, "'resources'");
});

testEach(ALL, "with({ resources }) of nothing needs no resources", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  assertEquals(await pool.with({ resources: {} }).submit(add, 1, 2), 3);
  const some = open({ maxWorkers: 1, resources: new Resources({ gpu: 0 }) });
  assertEquals(await some.with({ resources: { gpu: 0 } }).submit(add, 1, 2), 3);
  assertThrows(() => some.with(GPU).submit(add, 1, 2), RangeError);
});

testEach(ALL, "with({ resources }) lets others overtake a task that waits, but none of its kinds", async (stage) => {
  const resources = new Resources({ gpu: 2, disk: 5 });
  const pool = stage.open({ maxWorkers: 4, resources });
  const gates = [stage.gate(), stage.gate()];
  const running = gates.map(({ path }, n) => pool.with(GPU).submit(waitForFile, path, n));
  const { order, watch } = recorder();
  const both = pool.with({ resources: { gpu: 2, disk: 1 } }).submit(add, 1, 1);
  watch("both", both);
  const one = pool.with(GPU).submit(add, 2, 2);
  watch("one", one);
  const disk = pool.with({ resources: { disk: 1 } }).submit(add, 3, 3);
  watch("disk", disk);
  assertEquals(await pool.submit(add, 4, 4), 8);
  gates[0]!.open();
  await running[0];
  await assertRejects(() => Promise.race([one, disk].map((each) => each.result({ timeout: SHORT }))));
  assertEquals(resources.available("gpu"), 1);
  assertEquals(order, []);
  gates[1]!.open();
  await within("all", Promise.all([...running, both, one, disk]));
  assert(order.indexOf("both") < order.indexOf("one"));
});

testEach(ALL, "with({ resources }) takes tasks of its own kind in the order of their priority", async (stage) => {
  const pool = stage.open({ maxWorkers: 2, resources: new Resources({ gpu: 1 }) });
  const held = stage.gate();
  const running = pool.with(GPU).submit(waitForFile, held.path);
  await until("it runs", () => pool.stats().running === 1 && pool.stats().workers.starting === 0);
  const { order, watch } = recorder();
  const submit = (name: string, priority: number, aging = 0) => {
    const future = pool.with({ ...GPU, priority, aging }).submit(add, 1, 1);
    watch(name, future);
    return future;
  };
  const futures = [submit("a", 0), submit("b", 0), submit("low", -1), submit("high", 5)];
  const grown = submit("grown", -2, 1_000_000);
  await assertRejects(() => grown.result({ timeout: SHORT }));
  held.open();
  await within("all", Promise.all([running, grown, ...futures]));
  assertEquals(order, ["grown", "high", "a", "b", "low"]);
});

testEach(ALL, "with({ resources }) shares them with other pools, whose tasks do not starve", async (stage) => {
  const resources = new Resources({ gpu: 2 });
  const pools = [stage.open({ maxWorkers: 2, resources }), stage.open({ maxWorkers: 3, resources })];
  const held = stage.gate();
  const first = pools[0]!.with(GPU).submit(waitForFile, held.path);
  await until("it runs", () => resources.available("gpu") === 1);
  const both = pools[0]!.with({ resources: { gpu: 2 } }).submit(add, 1, 2);
  // Tasks that need one are submitted without end, and would always fit.
  let ended = 0, over = false;
  const flood = (async () => {
    while (!over) ended += await pools[1]!.with(GPU).submit(add, 0, 1);
  })();
  await assertRejects(() => both.result({ timeout: SHORT }));
  assertEquals(ended, 0);
  held.open();
  assertEquals(await within("the task that needs both", both), 3);
  await first;
  over = true;
  await within("the flood", flood);
  assertEquals(ended > 0, true);
});

testEach(ALL, "with({ resources }) goes on in another pool when a task ends", async (stage) => {
  const resources = new Resources({ gpu: 1 });
  const pools = [1, 2, 3].map(() => stage.open({ maxWorkers: 2, resources }));
  const held = stage.gate();
  const running = pools[0]!.with(GPU).submit(waitForFile, held.path);
  const others = Array.from({ length: 30 }, (_, n) => pools[n % 3]!.with(GPU).submit(add, n, 0));
  held.open();
  await running;
  assertEquals(await within("all", Promise.all(others)), Array.from({ length: 30 }, (_, n) => n));
  assertEquals(resources.available("gpu"), 1);
});

testEach(ALL, "with({ resources }) holds them until the generator of a stream has ended", async ({ open, file }) => {
  const resources = new Resources({ gpu: 1 });
  const pool = open({ maxWorkers: 2, resources });
  const stream = pool.with(GPU).stream(waits, file("log"));
  assertEquals((await stream.next()).done, false);
  const next = pool.with(GPU).submit(add, 1, 2);
  assertEquals(await pool.submit(add, 1, 1), 2);
  assertEquals(resources.available("gpu"), 0);
  await stream.return!();
  assertEquals(await within("the next", next), 3);
});

testEach(ALL, "with({ resources }) takes them once for each chunk of a map", async ({ open }) => {
  const resources = new Resources({ gpu: 1, disk: 4 });
  const pool = open({ maxWorkers: 3, resources });
  const numbers = Array.from({ length: 200 }, (_, n) => n);
  const doubled = numbers.map((n) => 2 * n);
  assertEquals(await pool.with(GPU).map(double, numbers, { chunkSize: 16 }), doubled);
  assertEquals(await pool.with({ resources: { disk: 2 } }).map(double, numbers, { chunkSize: "auto" }), doubled);
  assertEquals(await pool.with(GPU).starmap(add, numbers.map((n) => [n, n])), doubled);
  for await (const value of pool.with(GPU).map(double, numbers)) if (value === 10) break;
  await until("all is given back", () => resources.available("gpu") + resources.available("disk") === 5);
});
