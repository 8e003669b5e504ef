/**
 * A lock: one at a time.
 *
 * @module
 */

import { compareExchange, load } from "../core/cell.ts";
import { AbandonedError, InvalidStateError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { currentIdent, isDead } from "../core/thread_table.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { Watcher } from "./deadlock.ts";
import { Line, LINE_CELLS } from "./line.ts";
import { ownCells, travels } from "./memory.ts";
import type { Monitor, Suspended } from "./monitor.ts";
import { type Lender, LentPermit, type Permit } from "./permit.ts";

/**
 * The cell of the holder: the number of its thread, 0 for nobody, in the lower half; how often the lock was abandoned in
 * the upper half, so that both change in one step.
 */
const STATE = LINE_CELLS;
/** The cell of its number in the graph of those who wait. */
const NUMBER = STATE + 1, CELLS = NUMBER + 1;
const HOLDER = 0xffff;

/** What a condition asks of a lock. */
export let lockMonitor: (lock: Lock) => Monitor;

/**
 * A lock, held by one at a time.
 *
 * The same lock serves one loop, threads and processes: pass it to a task as an argument. Any thread may release it, but
 * the permit that `acquire` returns is the better way. It is not reentrant; see `RLock`.
 *
 * **Order.** In one loop first come, first served. Between threads whoever is awake may go first, for some milliseconds at the
 * most. **Cancellation.** A wait that ends early leaves nothing behind. **Cost.** O(1); without waiting no call of the
 * system. **Memory.** Who acquires the lock sees everything that was done before it was released.
 *
 * @example One after another
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Lock } from "@heddle/heddle/sync";
 *
 * const lock = new Lock();
 * let balance = 100;
 * const withdraw = (amount: number) =>
 *   lock.run(async () => {
 *     const before = balance;
 *     await null;
 *     balance = before - amount;
 *   });
 * await Promise.all([withdraw(10), withdraw(20)]);
 * assertEquals(balance, 70);
 * ```
 */
export class Lock {
  readonly #cells: Int32Array;
  readonly #line: Line<number, Permit>;
  readonly #watcher: Watcher;
  readonly #lender: Lender = {
    takeBack: (permit) => this.#takeBack(permit),
    abandoned: () => this.#abandon(),
  };
  /** The permit of whoever holds the lock in this thread. */
  #permit: LentPermit | undefined;

  static {
    lockMonitor = (lock) => ({
      get owned() {
        return (load(lock.#cells, STATE) & HOLDER) === currentIdent();
      },
      suspend: () => lock.#suspend(),
    });
    travels<Lock, null>(
      this,
      "Lock",
      import.meta.url,
      (lock) => ({ cells: lock.#cells, data: null, share: () => lock.#line.share() }),
      () => new Lock(),
      { waits: ["acquire"], posts: ["release"], made: ["run"] },
    );
    printsAs(this, "Lock", ["locked"]);
  }

  /** Makes a lock that nobody holds. */
  constructor() {
    this.#cells = ownCells(CELLS).cells;
    this.#watcher = new Watcher(this.#cells, NUMBER, "Lock");
    this.#line = new Line(this.#cells, "Cannot acquire a lock", {
      exclusive: true,
      take: (epoch) => this.#take(epoch),
      mend: () => this.#mend(),
      waits: (sync) => this.#watcher.waits(sync),
    });
  }

  /** Whether anybody holds it. Stale when read. */
  get locked(): boolean {
    this.#line.mend();
    return (load(this.#cells, STATE) & HOLDER) !== 0;
  }

  /**
   * Waits until the lock is free, and takes it.
   *
   * @param options the limits of the wait.
   * @returns the permit, which releases the lock.
   * @throws {TimeoutError} if it is not free in time.
   * @throws {AbandonedError} if the thread that holds it dies; the lock is free then.
   * @throws the signal's reason if it is aborted.
   */
  acquire(options?: WaitOptions): Promise<Permit> {
    if (options === undefined && this.#line.alone) {
      const permit = this.#takeAlone();
      if (permit !== undefined) return Promise.resolve(permit);
    }
    return this.#line.take(this.#abandoned(), options);
  }

  /** Takes the lock if that is possible at once; else returns undefined. */
  tryAcquire(): Permit | undefined {
    return this.#line.tryTake(this.#abandoned());
  }

  /** Blocks this thread until the lock is free, and takes it. As `acquire`, and throws what that rejects with. */
  acquireSync(options: WaitOptions = {}): Permit {
    return this.#line.takeSync(this.#abandoned(), options);
  }

  /**
   * Releases the lock, whoever holds it. The permit it was acquired with is worthless then.
   *
   * @throws {InvalidStateError} if nobody holds it.
   */
  release(): void {
    const cells = this.#cells;
    const state = load(cells, STATE);
    const free = state & ~HOLDER;
    this.#watcher.released();
    if (state === free || compareExchange(cells, STATE, state, free) !== state) {
      throw new InvalidStateError("Cannot release a lock that nobody holds");
    }
    this.#permit?.revoke();
    this.#permit = undefined;
    this.#line.serve();
  }

  /** Runs a function while it holds the lock, and releases it however the function ends. */
  async run<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    const permit = await this.acquire(options);
    try {
      return await fn();
    } finally {
      permit.release();
    }
  }

  /** The permit of the holder stays good: it stands for the lock again after the way back. */
  #suspend(): Suspended {
    const permit = this.#permit;
    this.#permit = undefined;
    this.release();
    const back = () => void (this.#permit = permit);
    const lost = (error: unknown) => {
      permit?.revoke();
      throw error;
    };
    return {
      resume: () => this.acquire().then(back, lost),
      resumeSync: () => {
        try {
          this.acquireSync();
          back();
        } catch (error) {
          lost(error);
        }
      },
    };
  }

  /** How often it was abandoned: who waits at such a moment is told. */
  #abandoned(): number {
    return load(this.#cells, STATE) >>> 16;
  }

  /** The short way while nobody else can look: no operation that other processors must agree to. */
  #takeAlone(): Permit | undefined {
    const state = this.#cells[STATE]!;
    if ((state & HOLDER) !== 0) return undefined;
    this.#cells[STATE] = state | currentIdent();
    this.#watcher.taken();
    return this.#permit = new LentPermit(this.#lender, 1);
  }

  /** Another thread may have released the lock meanwhile: it is not this permit's any more then. */
  #takeBack(permit: LentPermit): void {
    if (permit !== this.#permit) return;
    this.#permit = undefined;
    if (this.#line.alone) {
      this.#watcher.released();
      this.#cells[STATE]! &= ~HOLDER;
      return;
    }
    const state = load(this.#cells, STATE);
    if ((state & HOLDER) !== currentIdent()) return;
    this.#watcher.released();
    if (compareExchange(this.#cells, STATE, state, state & ~HOLDER) === state) this.#line.serve();
  }

  #take(abandoned: number): Permit | undefined {
    for (;;) {
      const state = load(this.#cells, STATE);
      if (state >>> 16 !== abandoned) {
        throw new AbandonedError("Cannot acquire a lock whose holder died without releasing it");
      }
      if ((state & HOLDER) !== 0) return undefined;
      if (compareExchange(this.#cells, STATE, state, state | currentIdent()) !== state) continue;
      this.#watcher.taken();
      return this.#permit = new LentPermit(this.#lender, 1);
    }
  }

  /** Frees the lock of a process that has died, and tells those who waited for it. */
  #abandon(): void {
    const state = load(this.#cells, STATE);
    this.#permit = undefined;
    if (compareExchange(this.#cells, STATE, state, ((state >>> 16) + 1) << 16) === state) this.#line.serve();
  }

  /** Frees the lock of a dead thread, and tells those who waited for it. */
  #mend(): boolean {
    const state = load(this.#cells, STATE);
    const holder = state & HOLDER;
    if (holder === 0 || !isDead(holder)) return false;
    return compareExchange(this.#cells, STATE, state, ((state >>> 16) + 1) << 16) === state;
  }
}
