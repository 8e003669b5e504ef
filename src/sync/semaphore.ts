/**
 * A counting semaphore.
 *
 * @module
 */

import { add, load, store } from "../core/cell.ts";
import { checkInteger } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { type OptionNames, optionNames, readOption } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { SharedWaitQueue, WAIT_QUEUE_CELLS } from "./shared_wait_queue.ts";
import { type Inspect, ownCells, travels } from "./memory.ts";
import { LentPermit, type Permit, type PermitSource } from "./permit.ts";
import type { RemoteShape } from "./remote.ts";
import { COUNTER_CELLS, RecoverableCounter } from "./recoverable_counter.ts";

/**
 * The cells: the value, whether the semaphore is bounded, and the recoverable counter of unused permits, with each
 * thread's share. The counter starts at `MOST`, and `MOST - VALUE` of these permits are never granted. A resize
 * therefore changes a single cell, and a thread that dies cannot leave a partial change.
 */
const VALUE = WAIT_QUEUE_CELLS, BOUNDED = VALUE + 1, FREE = BOUNDED + 1, CELLS = FREE + COUNTER_CELLS;
/** The largest number that a cell holds. */
const MOST = 2 ** 31 - 1;

/** The methods that other processes can use. */
export const SHAPE: RemoteShape = { waits: ["acquire"], posts: ["release", "resize"], made: ["run"] };

/** Makes it an error to release more permits than the semaphore's value. */
export let makeBounded: (semaphore: Semaphore) => void;
/** Gives access to the memory of a semaphore. */
export let memoryOf: Inspect<Semaphore, null>;

/** Options of `acquire`: the limits of the wait, and the number of permits. */
export interface AcquireOptions extends WaitOptions {
  /** The number of permits to acquire together; 1 by default. */
  count?: number | undefined;
}

const ACQUIRE_OPTIONS: OptionNames<AcquireOptions> = optionNames<AcquireOptions>({
  count: true,
  timeout: true,
  signal: true,
});

/**
 * A counting semaphore: a caller that finds no free permit waits until one is released.
 *
 * The same semaphore works within one loop, between threads and between processes: pass it to a task as an argument.
 * The permits of a thread or process that dies come back.
 *
 * **Order.** First come, first served within one loop; a large request at the head is not overtaken. Between threads,
 * an awake thread may overtake a sleeping one for a few milliseconds. **Cancellation.** A wait that ends early takes no
 * permit and leaves nothing behind. **Cost.** O(1); an uncontended acquire makes no system call. **Memory.** The holder
 * of a permit sees everything that was written before the permit was released.
 *
 * @example Run at most two at a time
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
  readonly #line: SharedWaitQueue<number, Permit>;
  readonly #counter: RecoverableCounter;
  readonly #source: PermitSource = { takeBack: (permit) => this.#giveBack(permit.count) };

  static {
    makeBounded = (semaphore) => store(semaphore.#cells, BOUNDED, 1);
    memoryOf = (semaphore) => ({ cells: semaphore.#cells, data: null, share: () => semaphore.#share() });
    travels(this, "Semaphore", import.meta.url, memoryOf, () => new Semaphore(), SHAPE);
    printsAs(this, "Semaphore", ["available"]);
  }

  /** Creates a semaphore with `value` free permits. */
  constructor(value = 1) {
    checkInteger("Cannot make a semaphore as 'value'", value, 0, MOST);
    const { cells, fresh } = ownCells(CELLS);
    this.#cells = cells;
    this.#counter = new RecoverableCounter(cells, FREE, -1);
    if (fresh) {
      store(cells, FREE, MOST);
      store(cells, VALUE, value);
    }
    const source = { exclusive: true, take: (count: number) => this.#take(count), recover: () => this.#recover() };
    this.#line = new SharedWaitQueue(cells, "Cannot acquire a permit of a semaphore", source, ACQUIRE_OPTIONS);
  }

  /** The number of free permits. The value may be stale when it is read. */
  get available(): number {
    this.#line.recover();
    return Math.max(0, this.#counter.count - this.#unreachable);
  }

  /**
   * Waits until enough permits are free, then acquires them together.
   *
   * @param options the number of permits, and the limits of the wait.
   * @returns one permit object that gives all of them back.
   * @throws {TimeoutError} if the permits are not acquired in time.
   * @throws {RangeError} if `count` exceeds the limit of the semaphore.
   * @throws the signal's reason if the signal is aborted.
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

  /** Acquires permits if enough are free, without waiting. Returns undefined otherwise. */
  tryAcquire(count = 1): Permit | undefined {
    return this.#line.tryTake(this.#check(count));
  }

  /** Blocks this thread until the permits are acquired. Throws what `acquire` rejects with. */
  acquireSync(options: AcquireOptions = {}): Permit {
    return this.#line.takeSync(this.#count(options), options);
  }

  /**
   * Adds free permits: for a semaphore that is used to signal. Release acquired permits through the permit that
   * `acquire` returned.
   *
   * @throws {RangeError} if too many permits would be free.
   */
  release(n = 1): void {
    this.#giveBack(checkInteger("Cannot release as 'n'", n, 1, MOST));
  }

  /**
   * Sets the number of permits, for all threads and processes. A higher value serves waiters at once; a lower value
   * takes effect as permits are released. Permits that `release()` added beyond the former value are dropped as well.
   *
   * @throws {RangeError} if the value is not an integer from 0 to 2^31 - 1.
   */
  resize(value: number): void {
    store(this.#cells, VALUE, checkInteger("Cannot resize a semaphore as 'value'", value, 0, MOST));
    this.#line.serve();
  }

  /** Acquires permits, runs a function, and releases the permits when the function returns, throws or settles. */
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
    if (count === 1) return count;
    return checkInteger(
      "Cannot acquire as 'count'",
      count,
      1,
      this.#cells[BOUNDED] === 1 ? load(this.#cells, VALUE) : MOST,
    );
  }

  /** The number of permits of the counter that are never granted. */
  get #unreachable(): number {
    return MOST - this.#cells[VALUE]!;
  }

  #take(count: number): Permit | undefined {
    if (!this.#counter.change(-count, this.#unreachable, MOST)) return undefined;
    return new LentPermit(this.#source, count);
  }

  #giveBack(n: number): void {
    if (!this.#counter.change(n, 0, MOST)) this.#add(n);
    this.#line.serve();
  }

  /** Releases more permits than are in use, and adds the surplus to the value. */
  #add(n: number): void {
    for (;;) {
      const used = MOST - this.#counter.count;
      const value = load(this.#cells, VALUE);
      const next = value + Math.max(0, n - used);
      const most = this.#cells[BOUNDED] === 1 ? value : MOST;
      if (next > most) {
        throw new RangeError(`Cannot release permits: more than ${most} would be free (n is ${n})`);
      }
      if (used > 0 && !this.#counter.change(Math.min(n, used), 0, MOST)) continue;
      if (next > value) add(this.#cells, VALUE, next - value);
      return;
    }
  }

  /** Recovers the permits of dead threads. */
  #recover(): boolean {
    return this.#counter.clear(MOST);
  }

  #share(): void {
    this.#line.share();
    // Dead threads may occupy all thread slots.
    this.#line.recover();
    this.#counter.share();
  }
}
