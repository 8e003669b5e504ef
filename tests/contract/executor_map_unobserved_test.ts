// Tests that the failure of a map whose results are never consumed is reported once, like that of a future.

import { assertEquals } from "@std/assert";
import { pipeline } from "../../mod.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, type Pool, testEach } from "../support/executors.ts";
import { untilStarted, within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";

/** Collects the `unobserved` events of a pool, and waits for the next one. */
class Heard {
  readonly events: string[] = [];
  #wake: (() => void) | undefined;

  constructor(pool: Pool) {
    pool.addEventListener("unobserved", ({ detail: { task, error } }) => {
      this.events.push(`${task} ${error}`);
      this.#wake?.();
    });
  }

  async next(): Promise<void> {
    await within("the event", new Promise<void>((resolve) => this.#wake = resolve));
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Waits until the pool has announced all failures so far. */
async function settle(pool: Pool): Promise<void> {
  await pool.submit(tasks.double, 1);
  await nextTurn();
  await nextTurn();
}

const THREE = "doubleButThree RangeError: three is refused";

testEach(ALL, "map() announces its failure once if its results are not consumed", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const heard = new Heard(pool);
  for (const options of [{}, { ordered: false }, { chunkSize: 2 }]) {
    const results = pool.map(tasks.doubleButThree, [1, 3, 3, 5], options);
    await heard.next();
    await settle(pool);
    assertEquals([heard.events.splice(0), pool.stats().unobserved], [[THREE], 1]);
    assertEquals(await results.then(() => "no error", String), "RangeError: three is refused");
    assertEquals(pool.stats().unobserved, 0);
  }
  pool.map(tasks.double, [1, Symbol("refused") as never]);
  await heard.next();
  await settle(pool);
  assertEquals(heard.events.map((event) => event.slice(0, 23)), ["double DataCloneError: "]);
});

testEach(ALL, "map() announces an error of its source, and its timeout", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1 });
  const heard = new Heard(pool);
  const sources: (Iterable<number> | AsyncIterable<number>)[] = [
    (function* () {
      yield 1;
      throw new RangeError("no more");
    })(),
    (async function* () {
      yield 1;
      throw new RangeError("no more");
    })(),
  ];
  for (const source of sources) {
    pool.map(tasks.double, source);
    await heard.next();
    await settle(pool);
    assertEquals(heard.events.splice(0), ["double RangeError: no more"]);
  }
  const closed = gate();
  pool.starmap(tasks.waitForFile, [[closed.path, 1]] as [string, number][], { timeout: SHORT });
  await heard.next();
  closed.open();
  await settle(pool);
  assertEquals(heard.events.map((event) => event.slice(0, 24)), ["waitForFile TimeoutError"]);
});

testEach(ALL, "map() of a pipeline announces its failure at the executor of the step", async ({ open }) => {
  const [pool, other] = [open({ maxWorkers: 1 }), open({ maxWorkers: 1 })];
  const [heard, elsewhere] = [new Heard(pool), new Heard(other)];
  const steps = pipeline(pool).step(tasks.double).step(tasks.doubleButThree, { executor: other });
  const results = steps.map([1, 1.5, 1.5]);
  await elsewhere.next();
  await settle(other);
  assertEquals([heard.events, elsewhere.events, other.stats().unobserved], [[], [THREE], 1]);
  assertEquals(await results.then(() => "no error", String), "RangeError: three is refused");
  assertEquals(other.stats().unobserved, 0);
  steps.map({
    [Symbol.iterator]: () => ({
      next: () => {
        throw new RangeError("no items");
      },
    }),
  });
  await heard.next();
  assertEquals(heard.events, ["double RangeError: no items"]);
});

testEach(ALL, "map() announces nothing if its results are consumed", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const heard = new Heard(pool);
  const items = [1, 3, 3, 5];
  await pool.map(tasks.doubleButThree, items).then(undefined, () => {});
  for await (const value of pool.map(tasks.doubleButThree, items)) {
    assertEquals(value, 2);
    break;
  }
  const left = pool.map(tasks.doubleButThree, items)[Symbol.asyncIterator]();
  await left.return!();
  await pipeline(pool).step(tasks.doubleButThree).map(items).then(undefined, () => {});
  const late = pool.map(tasks.doubleButThree, items);
  const heardLate = heard.next();
  await heardLate;
  await late.then(undefined, () => {});
  assertEquals([heard.events.splice(0), pool.stats().unobserved], [[THREE], 0]);
  await settle(pool);
  assertEquals([heard.events, pool.stats().unobserved], [[], 0]);
});

testEach(ALL, "map() announces nothing if it was stopped", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1 });
  const heard = new Heard(pool);
  const closed = gate();
  const controller = new AbortController();
  const { signal } = controller;
  const running = pool.submit(tasks.waitForFile, closed.path, 1);
  await untilStarted(running);
  const items: [string, number][] = [[closed.path, 1], [closed.path, 2]];
  pool.starmap(tasks.waitForFile, items, { signal });
  pool.with({ signal }).starmap(tasks.waitForFile, items);
  pipeline(pool).step(tasks.double, { signal }).map([1]);
  controller.abort();
  pool.map(tasks.double, [1], { signal });
  pool.starmap(tasks.waitForFile, items);
  const end = pool.shutdown({ cancelFutures: true });
  closed.open();
  await running;
  await end;
  await nextTurn();
  await nextTurn();
  assertEquals([heard.events, pool.stats().unobserved], [[], 0]);
});

testEach(ALL, "map() announces nothing if the program is interrupted", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const heard = new Heard(pool);
  const started = new Promise<void>((resolve) => pool.addEventListener("taskstart", () => resolve()));
  pool.starmap(tasks.hearAndThrow, [[]] as [][]);
  await within("the start", started);
  await within("the end", engineOf(pool)!.interrupt(new DOMException("stopped", "AbortError")));
  await nextTurn();
  await nextTurn();
  assertEquals([heard.events, pool.stats().unobserved], [[], 0]);
});
