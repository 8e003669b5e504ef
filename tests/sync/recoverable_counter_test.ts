// Tests threads that die at every operation of a change, in a copy of the source with replaced memory.

import { assert, assertEquals, assertGreater } from "@std/assert";
import { after, test } from "node:test";
import { copySource, removeSource } from "../support/stepping/source.ts";

const ONE = 2, OTHER = 3, LAST = 4;
const AT = 1;
const FREE = 5;

/** The number of operations before the thread dies. */
let left = Infinity;
const DEATH = new Error("The thread is dead");
(globalThis as Record<symbol, unknown>)[Symbol.for("heddle.stepper")] = {
  constant: () => false,
  step: () => {
    if (left-- === 0) throw DEATH;
  },
};

const url = copySource();
after(() => removeSource(url));
const { RecoverableCounter, COUNTER_CELLS }: typeof import("../../src/sync/recoverable_counter.ts") = await import(
  `${url}sync/recoverable_counter.ts`
);
const threads: typeof import("../../src/core/thread_table.ts") = await import(`${url}core/thread_table.ts`);

type CounterOf = InstanceType<typeof RecoverableCounter>;

/** A semaphore's permits, taken from the free ones; and a lock's readers, which add up. */
const KINDS = [
  { name: "parts taken from the count", sign: -1, count: FREE },
  { name: "parts added to the count", sign: 1, count: 0 },
] as const;

class Stage {
  readonly #cells = new Int32Array(new SharedArrayBuffer(4 * (AT + COUNTER_CELLS)));
  readonly #tallies = new Map<number, CounterOf>();
  readonly #sign: 1 | -1;

  constructor({ sign, count }: typeof KINDS[number]) {
    threads.joinThreads(new Int32Array(new SharedArrayBuffer(4 * threadCells)), 1);
    this.#sign = sign;
    this.#cells[AT] = count;
  }

  /** Runs a function as a thread. */
  as<T>(ident: number, fn: (counter: CounterOf) => T): T {
    threads.joinThreads(threads.threadTable(), ident);
    let counter = this.#tallies.get(ident);
    if (counter === undefined) {
      this.#tallies.set(ident, counter = new RecoverableCounter(this.#cells, AT, this.#sign));
      counter.share();
    }
    return fn(counter);
  }

  /** Runs a function as a thread that dies before an operation; returns whether that operation was reached. */
  dies(ident: number, operation: number, fn: (counter: CounterOf) => void): boolean {
    this.as(ident, () => {});
    left = operation;
    try {
      this.as(ident, fn);
      return false;
    } catch (error) {
      if (error !== DEATH) throw error;
      return true;
    } finally {
      left = Infinity;
      this.as(LAST, () => threads.markDead(ident));
    }
  }
}

const threadCells = threads.threadTable().length;

/** Calls `play` for each operation until one is past the end. */
function forEveryMoment(play: (operation: number) => boolean): number {
  let operation = 0;
  while (play(operation)) operation++;
  return operation;
}

/** The share of a thread, and its change during which the thread dies. */
const DEATHS = [[0, 1], [0, 4], [3, 1], [1, -1], [3, -1], [3, -3]] as const;

for (const kind of KINDS) {
  const { name, sign, count } = kind;

  test(`RecoverableCounter.clear() undoes the share of a thread that died at any operation, with ${name}`, () => {
    for (const [had, more, others] of DEATHS.flatMap((death) => [[...death, true], [...death, false]] as const)) {
      const moments = forEveryMoment((operation) => {
        const stage = new Stage(kind);
        stage.as(ONE, (counter) => assert(had === 0 || counter.change(sign * had, 0, FREE)));
        const early = stage.dies(ONE, operation, (counter) => assert(counter.change(sign * more, 0, FREE)));
        const what = `${had} and ${more}, dead before operation ${operation}`;
        // Let another thread use the tally before a cleanup in half of the runs, since its use may clean up too.
        if (others) {
          const seen = stage.as(OTHER, (counter) => counter.count);
          const [before, behind] = [count + sign * had, count + sign * (had + more)];
          assert(seen === before || seen === behind, `${seen} of ${what}`);
          if (!early) assertEquals(seen, behind);
          stage.as(OTHER, (counter) => assert(counter.change(sign, 0, FREE)));
        }
        stage.as(LAST, (counter) => counter.clear(FREE));
        assertEquals(stage.as(LAST, (counter) => counter.count), others ? count + sign : count, what);
        assertEquals(stage.as(LAST, (counter) => counter.clear(FREE)), false, what);
        return early;
      });
      assertGreater(moments, 4);
    }
  });

  test(`RecoverableCounter.clear() undoes only what others have not given back, with ${name}`, () => {
    const stage = new Stage(kind);
    stage.as(ONE, (counter) => assert(counter.change(sign * 3, 0, FREE)));
    stage.as(OTHER, (counter) => assert(counter.change(-sign * 2, 0, FREE)));
    stage.as(LAST, () => threads.markDead(ONE));
    assert(stage.as(LAST, (counter) => counter.clear(FREE)));
    assertEquals(stage.as(LAST, (counter) => counter.count), count);
  });

  test(`RecoverableCounter.clear() completes the cleanup of a thread that died in it, with ${name}`, () => {
    const moments = forEveryMoment((operation) => {
      const stage = new Stage(kind);
      stage.as(ONE, (counter) => counter.change(sign * 2, 0, FREE));
      stage.as(LAST, () => threads.markDead(ONE));
      const early = stage.dies(OTHER, operation, (counter) => counter.clear(FREE));
      stage.as(LAST, (counter) => counter.clear(FREE));
      assertEquals(stage.as(LAST, (counter) => counter.count), count, `${operation}`);
      return early;
    });
    assertGreater(moments, 5);
  });
}
