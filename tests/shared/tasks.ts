// Tasks that use shared memory of other threads.

import { SharedArray, type SharedItem, SharedMemory, type SharedType, SharedValue } from "../../src/shared/mod.ts";
import { type Task, task } from "../../src/task/mod.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

/** One of the three. */
export type Shared = SharedMemory | SharedValue | SharedArray;

const ROUNDS = 5;

/** Where threads meet again and again: how often one of them has come, and how many there are. */
export interface Meeting {
  readonly arrived: SharedValue<"int32">;
  readonly threads: number;
}

/** Waits without sleeping for all others, as threads that have to be woken begin one after another. */
function meet({ arrived, threads }: Meeting): void {
  const end = performance.now() + SLOW_TEST_LIMIT;
  const all = threads * (Math.floor(arrived.add(1) / threads) + 1);
  while (arrived.value < all) if (performance.now() > end) throw new Error("A thread is missing at the meeting");
}

/** Does something so many times, in rounds: one alone would be over before the last thread has begun. */
function together(meeting: Meeting, times: number, fn: () => void): void {
  for (let i = 0; i < times; i++) {
    if (i % (times / ROUNDS) === 0) meet(meeting);
    fn();
  }
}

/** Adds to a value so many times, together with others. */
export const addOften: Task<[SharedValue, SharedItem<SharedType>, number, Meeting], void> = task(
  import.meta,
  function addOften(value: SharedValue, amount: SharedItem<SharedType>, times: number, meeting: Meeting): void {
    together(meeting, times, () => value.add(amount));
  },
);

/** Adds to one item of an array so many times, together with others. */
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

/** Adds one so many times by exchanging, together with others. */
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

/** Takes one place after another that is still 0, and returns how many it got. */
export const claim: Task<[SharedArray<"uint16">, number, Meeting], number> = task(
  import.meta,
  function claim(places: SharedArray<"uint16">, me: number, meeting: Meeting): number {
    meet(meeting);
    let mine = 0;
    for (let i = 0; i < places.length; i++) if (places.compareExchange(i, 0, me) === 0) mine++;
    return mine;
  },
);

/** Reads, thinks and writes, which others must not come between, so many times; returns how often it was not alone. */
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

/** What a thread sees of each. */
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

/** What is the same object, of what is passed twice and in a value; the locks too. */
export const sameObjects: Task<[Shared, { again: Shared; map: Map<string, Shared> }], boolean[]> = task(
  import.meta,
  function sameObjects(one: Shared, { again, map }: { again: Shared; map: Map<string, Shared> }): boolean[] {
    const locks = "lock" in one && "lock" in again ? one.lock === again.lock : true;
    return [one === again, one === map.get("x"), locks];
  },
);

/** Keeps an object, and says whether it is the one that was kept before. */
export const isKept: Task<[Shared], boolean> = task(import.meta, function isKept(one: Shared): boolean {
  const before = kept;
  kept = one;
  return before === one;
});
let kept: Shared | undefined;

/** Returns what it was given. */
export const giveBack: Task<[Shared], Shared> = task(import.meta, function giveBack(one: Shared): Shared {
  return one;
});

/** Makes something, and returns it. */
export const make: Task<["memory" | "value" | "array"], { made: Shared }> = task(
  import.meta,
  function make(kind: "memory" | "value" | "array"): { made: Shared } {
    if (kind === "memory") return { made: new SharedMemory(2, { name: "from afar" }) };
    return { made: kind === "value" ? new SharedValue("int16", -3) : new SharedArray("float32", [0.5, 1.5]) };
  },
);

/** Whether its lock is free in this thread. */
export const isFree: Task<[SharedValue | SharedArray], boolean> = task(
  import.meta,
  function isFree({ lock }: SharedValue | SharedArray): boolean {
    return !lock.locked && lock.tryAcquire() !== undefined;
  },
);

/** Fills a block. */
export const fill: Task<[SharedMemory, number], void> = task(
  import.meta,
  function fill(memory: SharedMemory, value: number): void {
    memory.bytes.fill(value);
  },
);

/** Adds one; for a good item among bad ones. */
export const addOne: Task<[unknown], number> = task(import.meta, function addOne(value: unknown): number {
  return Number(value) + 1;
});
