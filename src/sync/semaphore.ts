/**
 * Permits that are taken and given back.
 *
 * @module
 */

import { load, store } from "../core/cell.ts";
import { checkInteger } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { type OptionNames, optionNames, readOption } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { Line, LINE_CELLS } from "./line.ts";
import { type Inspect, ownCells, travels } from "./memory.ts";
import { type Lender, LentPermit, type Permit } from "./permit.ts";
import type { RemoteShape } from "./remote.ts";
import { Tally, TALLY_CELLS } from "./tally.ts";

/** The cells of how many permits may be free, and of those that are, with how many each thread has. */
const LIMIT = LINE_CELLS, FREE = LIMIT + 1, CELLS = FREE + TALLY_CELLS;
/** The largest number a cell holds. */
const MOST = 2 ** 31 - 1;

/** What other processes can do. */
export const SHAPE: RemoteShape = { waits: ["acquire"], posts: ["release"], made: ["run"] };

/** Limits how many permits of a semaphore may be free. */
export let limitTo: (semaphore: Semaphore, limit: number) => void;
/** The memory of a semaphore. */
export let memoryOf: Inspect<Semaphore, number>;

/** How to acquire permits. */
export interface AcquireOptions extends WaitOptions {
  /** How many permits to take at once; 1 if left out. */
  count?: number | undefined;
}

const ACQUIRE_OPTIONS: OptionNames<AcquireOptions> = optionNames<AcquireOptions>({
  count: true,
  timeout: true,
  signal: true,
});

/**
 * A number of permits: whoever finds none waits until one is released.
 *
 * The same semaphore serves one loop, threads and processes: pass it to a task as an argument. A thread or process that
 * dies gives back the permits it has acquired.
 *
 * **Order.** In one loop first come, first served; a large request at the head is not overtaken. Between threads whoever is
 * awake may go first, for some milliseconds at the most. **Cancellation.** A wait that ends early takes no permit and leaves
 * nothing behind. **Cost.** O(1); without waiting no call of the system. **Memory.** Who acquires a permit sees everything
 * that was done before it was released.
 *
 * @example Never more than two at a time
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Semaphore } from "@heddle/heddle/sync";
 *
 * const semaphore = new Semaphore(2);
 * let inside = 0, most = 0;
 * const visit = () =>
 *   semaphore.run(async () => {
 *     most = Math.max(most, ++inside);
 *     await null;
 *     inside--;
 *   });
 * await Promise.all([visit(), visit(), visit()]);
 * assertEquals(most, 2);
 * ```
 */
export class Semaphore {
  readonly #cells: Int32Array;
  readonly #line: Line<number, Permit>;
  readonly #tally: Tally;
  readonly #lender: Lender = { takeBack: (permit) => this.#giveBack(permit.count) };

  static {
    limitTo = (semaphore, limit) => store(semaphore.#cells, LIMIT, limit);
    memoryOf = (semaphore) => {
      const limit = load(semaphore.#cells, LIMIT);
      return { cells: semaphore.#cells, data: limit, share: () => semaphore.#share() };
    };
    travels(this, "Semaphore", import.meta.url, memoryOf, () => new Semaphore(), SHAPE);
    printsAs(this, "Semaphore", ["available"]);
  }

  /** Makes a semaphore with `value` permits, all of them free. */
  constructor(value = 1) {
    checkInteger("Cannot make a semaphore as 'value'", value, 0, MOST);
    const { cells, fresh } = ownCells(CELLS);
    this.#cells = cells;
    this.#tally = new Tally(cells, FREE, -1);
    if (fresh) {
      store(cells, FREE, value);
      store(cells, LIMIT, MOST);
    }
    const turnstile = { exclusive: true, take: (count: number) => this.#take(count), mend: () => this.#mend() };
    this.#line = new Line(cells, "Cannot acquire a permit of a semaphore", turnstile, ACQUIRE_OPTIONS);
  }

  /** How many permits are free. Stale when read: others take and release them. */
  get available(): number {
    this.#line.mend();
    return this.#tally.count;
  }

  /**
   * Waits for permits.
   *
   * @param options how many, and the limits of the wait.
   * @returns the permit, which gives them back.
   * @throws {TimeoutError} if they are not free in time.
   * @throws {RangeError} if there will never be so many.
   * @throws the signal's reason if it is aborted.
   */
  acquire(options?: AcquireOptions): Promise<Permit> {
    if (options === undefined) {
      const permit = this.#line.alone ? this.#take(1) : undefined;
      return permit === undefined ? this.#line.take(1, undefined) : Promise.resolve(permit);
    }
    try {
      return this.#line.take(this.#count(options), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Takes permits if that is possible at once; else returns undefined. */
  tryAcquire(count = 1): Permit | undefined {
    return this.#line.tryTake(this.#check(count));
  }

  /** Blocks this thread until permits are free. As `acquire`, and throws what that rejects with. */
  acquireSync(options: AcquireOptions = {}): Permit {
    return this.#line.takeSync(this.#count(options), options);
  }

  /**
   * Adds permits, for those who signal by a semaphore. What was acquired is better given back through its permit.
   *
   * @throws {RangeError} if there are too many.
   */
  release(n = 1): void {
    this.#giveBack(checkInteger("Cannot release as 'n'", n, 1, MOST));
  }

  /** Runs a function while it has permits, and gives them back however the function ends. */
  async run<R>(fn: () => R, options?: AcquireOptions): Promise<Awaited<R>> {
    const permit = await this.acquire(options);
    try {
      return await fn();
    } finally {
      permit.release();
    }
  }

  #count(options: AcquireOptions): number {
    return this.#check(readOption("Cannot acquire as 'options'", options, "count") ?? 1);
  }

  #check(count: number): number {
    return count === 1 ? count : checkInteger("Cannot acquire as 'count'", count, 1, load(this.#cells, LIMIT));
  }

  #take(count: number): Permit | undefined {
    if (!this.#tally.change(-count, 0, MOST)) return undefined;
    return new LentPermit(this.#lender, count);
  }

  #giveBack(n: number): void {
    const limit = this.#cells[LIMIT]!;
    if (!this.#tally.change(n, 0, limit)) {
      throw new RangeError(`Cannot release as more than ${limit} permits would be free: current value is ${n}`);
    }
    this.#line.serve();
  }

  /** Dead threads give back what they had. */
  #mend(): boolean {
    return this.#tally.clear(load(this.#cells, LIMIT));
  }

  #share(): void {
    this.#line.share();
    // The dead may sit on all the seats.
    this.#line.mend();
    this.#tally.share();
  }
}
