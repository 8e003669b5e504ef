/**
 * Permits that are taken and given back.
 *
 * @module
 */

import { add, load, move, moveBack, store } from "../core/cell.ts";
import { checkInteger, checkOptions } from "../core/check.ts";
import { currentIdent, MAIN_IDENT } from "../core/thread_table.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { Line, LINE_CELLS } from "./line.ts";
import { type Inspect, ownCells, travels } from "./memory.ts";
import { type Lender, LentPermit, type Permit } from "./permit.ts";
import type { RemoteShape } from "./remote.ts";
import { seatCells, Seats } from "./seats.ts";

/** The cells of the permits that are free and of how many there may be; in its seat a thread notes how many it has. */
const FREE = LINE_CELLS;
const LIMIT = FREE + 1, SEATS = LIMIT + 1, SEAT_COUNT = 64;
const CELLS = SEATS + seatCells(SEAT_COUNT);
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
  readonly #seats: Seats;
  readonly #lender: Lender = { takeBack: (permit) => this.#giveBack(permit.count) };
  /** Where permits that this thread takes are noted; -1 while nobody could ever ask. */
  #seat = -1;
  /** How many permits this thread has, while they are not noted there. */
  #held = 0;

  static {
    limitTo = (semaphore, limit) => store(semaphore.#cells, LIMIT, limit);
    memoryOf = (semaphore) => {
      const limit = load(semaphore.#cells, LIMIT);
      return { cells: semaphore.#cells, data: limit, share: () => semaphore.#share() };
    };
    travels(this, import.meta.url, memoryOf, () => new Semaphore(), SHAPE);
  }

  /** Makes a semaphore with `value` permits, all of them free. */
  constructor(value = 1) {
    checkInteger("Cannot make a semaphore as 'value'", value, 0, MOST);
    const { cells, fresh } = ownCells(CELLS);
    this.#cells = cells;
    this.#seats = new Seats(cells, SEATS, SEAT_COUNT);
    if (fresh) {
      store(cells, FREE, value);
      store(cells, LIMIT, MOST);
    }
    this.#line = new Line(cells, "Cannot acquire a permit of a semaphore", {
      exclusive: true,
      take: (count) => this.#take(count),
      mend: () => this.#mend(),
    });
  }

  /** How many permits are free. Stale when read: others take and release them. */
  get available(): number {
    this.#line.mend();
    return load(this.#cells, FREE);
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
      const permit = this.#line.alone ? this.#takeAlone(1) : undefined;
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
    return this.#check(checkOptions("Cannot acquire as 'options'", options).count ?? 1);
  }

  #check(count: number): number {
    return count === 1 ? count : checkInteger("Cannot acquire as 'count'", count, 1, load(this.#cells, LIMIT));
  }

  #take(count: number): Permit | undefined {
    if (!move(this.#cells, FREE, count, this.#seat)) return undefined;
    this.#held += count;
    return new LentPermit(this.#lender, count);
  }

  /** The short way while nobody else can look: no operation that other processors must agree to. */
  #takeAlone(count: number): Permit | undefined {
    const free = this.#cells[FREE]!;
    if (free < count) return undefined;
    this.#cells[FREE] = free - count;
    this.#held += count;
    return new LentPermit(this.#lender, count);
  }

  #giveBack(n: number): void {
    const cells = this.#cells;
    const limit = cells[LIMIT]!;
    const free = cells[FREE]!;
    if (this.#line.alone && free <= limit - n) {
      cells[FREE] = free + n;
      this.#held = this.#held > n ? this.#held - n : 0;
      return;
    }
    if (!moveBack(cells, FREE, n, limit, this.#seat)) {
      throw new RangeError(`Cannot release as more than ${limit} permits would be free: current value is ${n}`);
    }
    this.#held = Math.max(0, this.#held - n);
    this.#line.serve();
  }

  /** Dead threads give back what they had. */
  #mend(): boolean {
    let found = false;
    const limit = load(this.#cells, LIMIT);
    this.#seats.clear((count) => {
      // Some of them others may have released already.
      for (let left = count; left > 0 && !moveBack(this.#cells, FREE, left, limit, -1); left--);
      found = true;
    });
    return found;
  }

  /** The main thread needs no seat: nothing is left when it is gone. */
  #share(): void {
    this.#line.share();
    if (this.#seat !== -1 || currentIdent() === MAIN_IDENT) return;
    // The dead may sit on all the seats.
    this.#line.mend();
    this.#seat = this.#seats.own();
    if (this.#seat !== -1) add(this.#cells, this.#seat, this.#held);
  }
}
