// Tests maps whose source has not answered when the executor drops waiting work or stops accepting work.

import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { BrokenExecutorError, CancelledError, pipeline, type Results } from "../../mod.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, type Pool, testEach } from "../support/executors.ts";
import { within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";

/** A source that yields a few items and then waits until the test supplies the next step. */
class Pending implements AsyncIterableIterator<number> {
  returns = 0;
  readonly asked: Promise<void>;
  answer!: (step: IteratorResult<number>) => void;
  #ask!: () => void;
  #left: number;

  constructor(items = 0) {
    this.#left = items;
    this.asked = new Promise((resolve) => this.#ask = resolve);
  }

  next(): Promise<IteratorResult<number>> {
    if (this.#left > 0) return Promise.resolve({ done: false, value: this.#left-- });
    this.#ask();
    return new Promise((resolve) => this.answer = resolve);
  }

  return(): Promise<IteratorResult<number>> {
    this.returns++;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function outcome(results: Results<unknown>): Promise<unknown> {
  return within("the end of the map", results.then((all) => all, (error) => error));
}

testEach(ALL, "shutdown({ cancelFutures: true }) ends a map whose source has not answered", async ({ open }) => {
  for (const make of [(pool: Pool) => pool, (pool: Pool) => pipeline(pool).step(tasks.double)]) {
    const pool = open({ maxWorkers: 1 });
    const from = make(pool);
    const source = new Pending(1);
    const results = "step" in from ? from.map(source) : from.map(tasks.double, source);
    const first = results[Symbol.asyncIterator]();
    assertEquals((await first.next()).value, 2);
    await source.asked;
    const next = within("the end of the map", first.next().catch((error: unknown) => error));
    await within("the shutdown", pool.shutdown({ cancelFutures: true }));
    assertInstanceOf(await next, CancelledError);
    assertEquals(source.returns, 1);
    source.answer({ done: false, value: 1 });
    assertEquals((await first.next()).done, true);
  }
});

testEach(ALL, "map() ends with the error of its executor, even if its source has not answered", async ({ open }) => {
  const reason = new DOMException("stopped", "AbortError");
  const ends: [end: (pool: Pool) => unknown, check: (error: unknown) => void][] = [
    [(pool) => engineOf(pool)!.interrupt(reason), (error) => assertStrictEquals(error, reason)],
    [(pool) => engineOf(pool)!.terminate(reason), (error) => assertInstanceOf(error, BrokenExecutorError)],
  ];
  for (const [end, check] of ends) {
    const pool = open({ maxWorkers: 1 });
    const sources = [new Pending(), new Pending()];
    const [results] = sources.map((source) => pool.map(tasks.double, source));
    await Promise.all(sources.map(({ asked }) => asked));
    void end(pool);
    check(await outcome(results!));
    await pool.shutdown();
    assertEquals([sources.map(({ returns }) => returns), pool.stats().unobserved], [[1, 1], 0]);
  }
});

testEach(ALL, "shutdown() neither waits for the source of a map nor closes it", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const sources = [new Pending(2), new Pending(2)];
  const [ended, more] = sources.map((source) => outcome(pool.map(tasks.double, source)));
  await Promise.all(sources.map(({ asked }) => asked));
  await within("the shutdown", pool.shutdown());
  assertEquals(sources.map(({ returns }) => returns), [0, 0]);
  sources[0]!.answer({ done: true, value: undefined });
  assertEquals(await ended, [4, 2]);
  sources[1]!.answer({ done: false, value: 5 });
  assertEquals((await more as Error).name, "InvalidStateError");
  assertEquals(sources[1]!.returns, 1);
});

testEach(ALL, "map() closes its source at its signal or timeout without a consumer", async ({ shared }) => {
  const controller = new AbortController();
  const sources = [new Pending(), new Pending()];
  shared().map(tasks.double, sources[0]!, { signal: controller.signal });
  const late = shared().map(tasks.double, sources[1]!, { timeout: SHORT });
  controller.abort();
  assertEquals(sources[0]!.returns, 1);
  assertEquals((await outcome(late) as Error).name, "TimeoutError");
  assertEquals(sources[1]!.returns, 1);
});
