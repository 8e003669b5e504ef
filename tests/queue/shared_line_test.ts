// Tests that no thread sleeps while there is an item for it, wherever another thread comes between two of its steps.

import { test } from "node:test";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { QueueEmptyError } from "../../src/core/errors.ts";
import { joinThreads, MAIN_IDENT, newIdent, threadTable } from "../../src/core/thread_table.ts";
import { TimedWaitQueue } from "../../src/queue/timed_wait_queue.ts";
import { SharedItem } from "../../src/queue/shared/item.ts";
import { SharedWaitLine } from "../../src/queue/shared/wait_line.ts";
import { GETTERS, PUT_MUTEX, Region, SLOT_CELLS } from "../../src/queue/shared/region.ts";
import { SharedRing } from "../../src/queue/shared/ring.ts";
import { BUSY } from "../../src/queue/shared/accounting.ts";
import { NONE, type SharedStore } from "../../src/queue/shared/store.ts";
import { systemClock } from "../../src/time/system_clock.ts";
import { SLOW_TEST_LIMIT as timeout } from "../support/timing.ts";
import { Mortal } from "./dying.ts";

const EPOCH = GETTERS + 1;
/** Thrown where a simulated thread would fall asleep. */
class Asleep extends Error {}

const other = newIdent();

/** A thread that uses the queue. */
class End {
  readonly #ident: number;
  readonly #store: SharedStore;
  readonly #line: SharedWaitLine<void, number>;

  constructor(region: Region, ident: number) {
    this.#ident = ident;
    const store = this.#store = new SharedRing(region);
    this.#line = new SharedWaitLine(region.cells, GETTERS, new TimedWaitQueue(systemClock, "get", QueueEmptyError), {
      take: () => {
        const item = store.take();
        return item === NONE || item === BUSY ? undefined : item as number;
      },
      // The wait never succeeds by spinning, and has to sleep.
      isReady: () => false,
      recover: () => {},
      moved: () => {},
    });
    this.#line.share();
  }

  put(item: number): void {
    this.#as(() => {
      while (!this.#store.add(new SharedItem(item, false)));
      this.#line.ring();
    });
  }

  get(): number {
    return this.#as(() => this.#line.takeSync(undefined, Infinity)!);
  }

  #as<R>(fn: () => R): R {
    joinThreads(threadTable(), this.#ident);
    try {
      return fn();
    } finally {
      joinThreads(threadTable(), this.#ident === other ? MAIN_IDENT : other);
    }
  }
}

test("SharedLine.takeSync() does not sleep after a put at any of its steps", { timeout }, () => {
  let places = 0;
  for (let n = 0, came = true; came; n++) {
    const region = new Region(0, 640, SLOT_CELLS);
    const mortal = new Mortal(region);
    const [getter, putter] = [new End(mortal.region, other), new End(region, MAIN_IDENT)];
    let [put, sleeps, got] = [false, 0, 0];
    const putNow = () => {
      put = true;
      putter.put(7);
      joinThreads(threadTable(), other);
    };
    // Skip accesses with the put lock held: a consumer holds that lock only during cleanup.
    const between = () => Atomics.load(region.cells, PUT_MUTEX) === 0 ? putNow() : undefined;
    came = mortal.interrupt(n, between, () => got = getter.get(), (cells, index) => {
      if (index !== EPOCH) return;
      assert(!put, `it fell asleep after the put at its access ${n}`);
      sleeps++;
      const before = Atomics.load(cells, EPOCH);
      putNow();
      assert(Atomics.load(cells, EPOCH) !== before, `it slept at its access ${n} and was not called`);
    });
    joinThreads(threadTable(), MAIN_IDENT);
    assertEquals(got, 7);
    if (sleeps === 0) places++;
  }
  assertGreater(places, 3);
});

test("SharedLine.ring() wakes a thread that falls asleep at any of its steps", { timeout }, () => {
  let [slept, took] = [0, 0];
  for (let n = 0, came = true; came; n++) {
    const region = new Region(0, 640, SLOT_CELLS);
    const mortal = new Mortal(region);
    const [putter, getter] = [new End(mortal.region, MAIN_IDENT), new End(region, other)];
    let got: number | undefined;
    let asleepAt: number | undefined;
    const getNow = () => {
      try {
        got = getter.get();
      } catch (error) {
        if (!(error instanceof Asleep)) throw error;
      }
      joinThreads(threadTable(), MAIN_IDENT);
    };
    came = mortal.interrupt(n, getNow, () => putter.put(7), (cells, index) => {
      if (index !== EPOCH) return;
      asleepAt = Atomics.load(cells, EPOCH);
      throw new Asleep();
    });
    joinThreads(threadTable(), MAIN_IDENT);
    if (!came) continue;
    if (asleepAt === undefined) {
      assertEquals(got, 7);
      took++;
      continue;
    }
    slept++;
    assert(region.cells[EPOCH] !== asleepAt, `who fell asleep at access ${n} of the put was not called`);
    assertEquals(getter.get(), 7);
    joinThreads(threadTable(), MAIN_IDENT);
  }
  assertGreater(slept, 10);
  assertGreater(took, 0);
});
