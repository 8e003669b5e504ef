// Tasks that use shared memory of other threads.

import {
  type Barrier,
  SharedArray,
  type SharedItem,
  SharedMemory,
  type SharedType,
  SharedValue,
  type Task,
  task,
} from "../../mod.ts";

/** One of the three. */
export type Shared = SharedMemory | SharedValue | SharedArray;

/** Adds to a value so many times, once all are there. */
export const addOften: Task<[SharedValue, SharedItem<SharedType>, number, Barrier], void> = task(
  import.meta,
  function addOften(value: SharedValue, amount: SharedItem<SharedType>, times: number, start: Barrier): void {
    start.waitSync();
    for (let i = 0; i < times; i++) value.add(amount);
  },
);

/** Adds to one item of an array so many times, once all are there. */
export const addToItem: Task<[SharedArray, number, SharedItem<SharedType>, number, Barrier], void> = task(
  import.meta,
  function addToItem(
    array: SharedArray,
    index: number,
    amount: SharedItem<SharedType>,
    times: number,
    start: Barrier,
  ): void {
    start.waitSync();
    for (let i = 0; i < times; i++) array.add(index, amount);
  },
);

/** Adds one so many times by exchanging; returns how often somebody else came between. */
export const exchangeOften: Task<[SharedValue, number, Barrier], number> = task(
  import.meta,
  function exchangeOften(value: SharedValue, times: number, start: Barrier): number {
    start.waitSync();
    let vain = 0;
    for (let done = 0; done < times; vain++) {
      const seen = value.value;
      const next = typeof seen === "bigint" ? seen + 1n : seen + 1;
      if (value.compareExchange(seen, next) === seen) done++;
    }
    return vain - times;
  },
);

/** Takes one place after another that is still 0, and returns how many it got. */
export const claim: Task<[SharedArray<"uint16">, number, Barrier], number> = task(
  import.meta,
  function claim(places: SharedArray<"uint16">, me: number, start: Barrier): number {
    start.waitSync();
    let mine = 0;
    for (let i = 0; i < places.length; i++) if (places.compareExchange(i, 0, me) === 0) mine++;
    return mine;
  },
);

/** Reads, thinks and writes, which others must not come between, so many times; returns how often it was not alone. */
export const countLocked: Task<[SharedArray<"float64">, number, Barrier], Promise<number>> = task(
  import.meta,
  async function countLocked({ view, lock }: SharedArray<"float64">, times: number, start: Barrier): Promise<number> {
    start.waitSync();
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

/** Writes to the two halves of every item what must never be seen mixed, until the first item says that it is enough. */
export const flicker: Task<[SharedArray<"float64">, readonly [number, number]], number> = task(
  import.meta,
  function flicker(array: SharedArray<"float64">, [one, other]: readonly [number, number]): number {
    let rounds = 0;
    while (array.at(0) === 0) array.set(1, rounds++ % 2 === 0 ? one : other);
    return rounds;
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
