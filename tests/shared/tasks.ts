// Defines tasks that use shared memory of other threads.

import { SharedArray, type SharedItem, SharedMemory, type SharedType, SharedValue } from "../../src/shared/mod.ts";
import { type Task, task } from "../../src/task/mod.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

/** Any of the three kinds of objects. */
export type Shared = SharedMemory | SharedValue | SharedArray;

const ROUNDS = 5;

/** A spin barrier for repeated use: its arrival counter and the number of threads. */
export interface Meeting {
  readonly arrived: SharedValue<"int32">;
  readonly threads: number;
}

/** Spins until all threads have arrived, since threads that sleep would start one after another. */
function meet({ arrived, threads }: Meeting): void {
  const end = performance.now() + SLOW_TEST_LIMIT;
  const all = threads * (Math.floor(arrived.add(1) / threads) + 1);
  while (arrived.value < all) if (performance.now() > end) throw new Error("A thread is missing at the meeting");
}

/** Repeats a function in rounds: a single round could end before the last thread has begun. */
function together(meeting: Meeting, times: number, fn: () => void): void {
  for (let i = 0; i < times; i++) {
    if (i % (times / ROUNDS) === 0) meet(meeting);
    fn();
  }
}

/** Adds to a value a number of times, together with other threads. */
export const addOften: Task<[SharedValue, SharedItem<SharedType>, number, Meeting], void> = task(
  import.meta,
  function addOften(value: SharedValue, amount: SharedItem<SharedType>, times: number, meeting: Meeting): void {
    together(meeting, times, () => value.add(amount));
  },
);

/** Adds to one item of an array a number of times, together with other threads. */
export const addToItem: Task<[SharedArray, number, SharedItem<SharedType>, number, Meeting], void> = task(
  import.meta,
  function addToItem(
    array: SharedArray,
    index: number,
    amount: SharedItem<SharedType>,
    times: number,
    meeting: Meeting,
  ): void {
    together(meeting, times, () => array.add(index, amount));
  },
);

/** Adds one a number of times with compareExchange(), together with other threads. */
export const exchangeOften: Task<[SharedValue, number, Meeting], void> = task(
  import.meta,
  function exchangeOften(value: SharedValue, times: number, meeting: Meeting): void {
    together(meeting, times, () => {
      for (;;) {
        const seen = value.value;
        const next = typeof seen === "bigint" ? seen + 1n : seen + 1;
        if (value.compareExchange(seen, next) === seen) return;
      }
    });
  },
);

/** Claims places that are still 0, one after another, and returns the number of claimed ones. */
export const claim: Task<[SharedArray<"uint16">, number, Meeting], number> = task(
  import.meta,
  function claim(places: SharedArray<"uint16">, me: number, meeting: Meeting): number {
    meet(meeting);
    let mine = 0;
    for (let i = 0; i < places.length; i++) if (places.compareExchange(i, 0, me) === 0) mine++;
    return mine;
  },
);

/** Reads and writes under a lock a number of times; returns how often another thread interfered. */
export const countLocked: Task<[SharedArray<"float64">, number, Meeting], Promise<number>> = task(
  import.meta,
  async function countLocked({ view, lock }: SharedArray<"float64">, times: number, meeting: Meeting): Promise<number> {
    meet(meeting);
    let torn = 0;
    for (let i = 0; i < times; i++) {
      const permit = i % 4 === 0 ? await lock.acquire() : lock.acquireSync();
      const before = view[0]!;
      if (view[1] !== before) torn++;
      view[0] = before + 1;
      view[1] = before + 1;
      permit.release();
    }
    return torn;
  },
);

/** Returns the properties of the objects as a thread sees them. */
export const describe: Task<[Shared[]], unknown[]> = task(
  import.meta,
  function describe(all: Shared[]): unknown[] {
    return all.map((one) => {
      if (one instanceof SharedMemory) return [one.name, one.size, one.bytes[0]];
      if (one instanceof SharedValue) return [one.type, one.value];
      return [one.type, one.length, one.at(0), one.at(-1)];
    });
  },
);

/** Whether arguments and nested values are the same objects, including their locks. */
export const sameObjects: Task<[Shared, { again: Shared; map: Map<string, Shared> }], boolean[]> = task(
  import.meta,
  function sameObjects(one: Shared, { again, map }: { again: Shared; map: Map<string, Shared> }): boolean[] {
    const locks = "lock" in one && "lock" in again ? one.lock === again.lock : true;
    return [one === again, one === map.get("x"), locks];
  },
);

/** Stores an object, and returns whether the same one was stored before. */
export const isKept: Task<[Shared], boolean> = task(import.meta, function isKept(one: Shared): boolean {
  const before = kept;
  kept = one;
  return before === one;
});
let kept: Shared | undefined;

/** Returns its argument. */
export const giveBack: Task<[Shared], Shared> = task(import.meta, function giveBack(one: Shared): Shared {
  return one;
});

/** Creates an object, and returns it. */
export const make: Task<["memory" | "value" | "array"], { made: Shared }> = task(
  import.meta,
  function make(kind: "memory" | "value" | "array"): { made: Shared } {
    if (kind === "memory") return { made: new SharedMemory(2, { name: "from afar" }) };
    return { made: kind === "value" ? new SharedValue("int16", -3) : new SharedArray("float32", [0.5, 1.5]) };
  },
);

/** Whether the object's lock is free in this thread. */
export const isFree: Task<[SharedValue | SharedArray], boolean> = task(
  import.meta,
  function isFree({ lock }: SharedValue | SharedArray): boolean {
    return !lock.locked && lock.tryAcquire() !== undefined;
  },
);

/** Fills a block of memory. */
export const fill: Task<[SharedMemory, number], void> = task(
  import.meta,
  function fill(memory: SharedMemory, value: number): void {
    memory.bytes.fill(value);
  },
);

/** Adds one to a number. */
export const addOne: Task<[unknown], number> = task(import.meta, function addOne(value: unknown): number {
  return Number(value) + 1;
});
