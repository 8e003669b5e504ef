// Threads that are ended at every moment of a change, in a copy of the source whose memory ends them there.

import { assert, assertEquals, assertGreater } from "@std/assert";
import { after, test } from "node:test";
import { copySource, removeSource } from "../support/stepping/source.ts";

const ONE = 2, OTHER = 3, LAST = 4;
const AT = 1;
const FREE = 5;

/** Ends a thread before its operation of this number. */
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
const { Tally, TALLY_CELLS }: typeof import("../../src/sync/tally.ts") = await import(`${url}sync/tally.ts`);
const threads: typeof import("../../src/core/thread_table.ts") = await import(`${url}core/thread_table.ts`);

type TallyOf = InstanceType<typeof Tally>;

/** Permits that are taken from those that are free, and readers that add up. */
const KINDS = [
  { name: "parts taken from the count", sign: -1, count: FREE },
  { name: "parts added to the count", sign: 1, count: 0 },
] as const;

class Stage {
  readonly #cells = new Int32Array(new SharedArrayBuffer(4 * (AT + TALLY_CELLS)));
  readonly #tallies = new Map<number, TallyOf>();
  readonly #sign: 1 | -1;

  constructor({ sign, count }: typeof KINDS[number]) {
    threads.joinThreads(new Int32Array(new SharedArrayBuffer(4 * threadCells)), 1);
    this.#sign = sign;
    this.#cells[AT] = count;
  }

  /** Does something as a thread. */
  as<T>(ident: number, fn: (tally: TallyOf) => T): T {
    threads.joinThreads(threads.threadTable(), ident);
    let tally = this.#tallies.get(ident);
    if (tally === undefined) {
      this.#tallies.set(ident, tally = new Tally(this.#cells, AT, this.#sign));
      tally.share();
    }
    return fn(tally);
  }

  /** Does something as a thread that dies before its operation of a number; whether it came so far. */
  dies(ident: number, operation: number, fn: (tally: TallyOf) => void): boolean {
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

/** Calls back for operation after operation until one is past the end. */
function forEveryMoment(play: (operation: number) => boolean): number {
  let operation = 0;
  while (play(operation)) operation++;
  return operation;
}

/** What a thread has, and what it takes, or gives back, when it dies. */
const DEATHS = [[0, 1], [0, 4], [3, 1], [1, -1], [3, -1], [3, -3]] as const;

for (const kind of KINDS) {
  const { name, sign, count } = kind;

  test(`Tally.clear() undoes what a thread had, whenever it died, with ${name}`, () => {
    for (const [had, more, others] of DEATHS.flatMap((death) => [[...death, true], [...death, false]] as const)) {
      const moments = forEveryMoment((operation) => {
        const stage = new Stage(kind);
        stage.as(ONE, (tally) => assert(had === 0 || tally.change(sign * had, 0, FREE)));
        const early = stage.dies(ONE, operation, (tally) => assert(tally.change(sign * more, 0, FREE)));
        const what = `${had} and ${more}, dead before operation ${operation}`;
        // What others see, and do, before anybody has looked for the dead: every second time, as that helps.
        if (others) {
          const seen = stage.as(OTHER, (tally) => tally.count);
          const [before, behind] = [count + sign * had, count + sign * (had + more)];
          assert(seen === before || seen === behind, `${seen} of ${what}`);
          if (!early) assertEquals(seen, behind);
          stage.as(OTHER, (tally) => assert(tally.change(sign, 0, FREE)));
        }
        stage.as(LAST, (tally) => tally.clear(FREE));
        assertEquals(stage.as(LAST, (tally) => tally.count), others ? count + sign : count, what);
        assertEquals(stage.as(LAST, (tally) => tally.clear(FREE)), false, what);
        return early;
      });
      assertGreater(moments, 4);
    }
  });

  test(`Tally.clear() undoes no more than fits where others have given it back, with ${name}`, () => {
    const stage = new Stage(kind);
    stage.as(ONE, (tally) => assert(tally.change(sign * 3, 0, FREE)));
    stage.as(OTHER, (tally) => assert(tally.change(-sign * 2, 0, FREE)));
    stage.as(LAST, () => threads.markDead(ONE));
    assert(stage.as(LAST, (tally) => tally.clear(FREE)));
    assertEquals(stage.as(LAST, (tally) => tally.count), count);
  });

  test(`Tally.clear() goes on where another died in it, with ${name}`, () => {
    const moments = forEveryMoment((operation) => {
      const stage = new Stage(kind);
      stage.as(ONE, (tally) => tally.change(sign * 2, 0, FREE));
      stage.as(LAST, () => threads.markDead(ONE));
      const early = stage.dies(OTHER, operation, (tally) => tally.clear(FREE));
      stage.as(LAST, (tally) => tally.clear(FREE));
      assertEquals(stage.as(LAST, (tally) => tally.count), count, `${operation}`);
      return early;
    });
    assertGreater(moments, 5);
  });
}
