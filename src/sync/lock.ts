/**
 * A mutual-exclusion lock.
 *
 * @module
 */

import { compareExchange, load } from "../core/cell.ts";
import { AbandonedError, InvalidStateError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { currentIdent, isDead } from "../core/thread_table.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { Watcher } from "./deadlock.ts";
import { SharedWaitQueue, WAIT_QUEUE_CELLS } from "./shared_wait_queue.ts";
import { ownCells, travels } from "./memory.ts";
import type { Monitor, Suspended } from "./monitor.ts";
import { LentPermit, type Permit, type PermitSource } from "./permit.ts";

/**
 * The state cell. The lower half is the holder's thread id, or 0; the upper half counts how often the lock was
 * abandoned. Both change in one step.
 */
const STATE = WAIT_QUEUE_CELLS;
/** The cell of the lock's number in the wait graph. */
const NUMBER = STATE + 1, CELLS = NUMBER + 1;
const HOLDER = 0xffff;

/** Gives a condition access to its lock. */
export let lockMonitor: (lock: Lock) => Monitor;

/**
 * A mutual-exclusion lock: one holder at a time.
 *
 * The same lock works within one loop, between threads and between processes: pass it to a task as an argument. Any
 * thread may call `release()`; prefer the permit that `acquire()` returns. The lock is not reentrant; see `RLock`.
 *
 * **Order.** First come, first served within one loop. Between threads, an awake thread may overtake a sleeping one for
 * a few milliseconds. **Cancellation.** A wait that ends early leaves nothing behind. **Cost.** O(1); an uncontended
 * acquire makes no system call. **Memory.** The holder sees everything that was written before the lock was released.
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
  readonly #line: SharedWaitQueue<number, Permit>;
  readonly #watcher: Watcher;
  readonly #source: PermitSource = {
    takeBack: (permit) => this.#takeBack(permit),
    abandoned: () => this.#abandon(),
  };
  /** This thread's permit while this thread holds the lock. */
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

  /** Creates an unlocked lock. */
  constructor() {
    this.#cells = ownCells(CELLS).cells;
    this.#watcher = new Watcher(this.#cells, NUMBER, "Lock");
    this.#line = new SharedWaitQueue(this.#cells, "Cannot acquire a lock", {
      exclusive: true,
      take: (epoch) => this.#take(epoch),
      recover: () => this.#recover(),
      waits: (sync) => this.#watcher.waits(sync),
    });
  }

  /** Whether the lock is held. The value may be stale when it is read. */
  get locked(): boolean {
    this.#line.recover();
    return (load(this.#cells, STATE) & HOLDER) !== 0;
  }

  /**
   * Waits until the lock is free, then acquires it.
   *
   * @param options the limits of the wait.
   * @returns a permit that releases the lock.
   * @throws {TimeoutError} if the lock is not acquired in time.
   * @throws {AbandonedError} if the holder's thread dies during the wait; the lock is free then.
   * @throws the signal's reason if the signal is aborted.
   */
  acquire(options?: WaitOptions): Promise<Permit> {
    if (options === undefined && this.#line.alone) {
      const permit = this.#takeAlone();
      if (permit !== undefined) return Promise.resolve(permit);
    }
    return this.#line.take(this.#abandoned(), options);
  }

  /** Acquires the lock if it is free, without waiting. Returns undefined otherwise. */
  tryAcquire(): Permit | undefined {
    return this.#line.tryTake(this.#abandoned());
  }

  /** Blocks this thread until the lock is acquired. Throws what `acquire` rejects with. */
  acquireSync(options: WaitOptions = {}): Permit {
    return this.#line.takeSync(this.#abandoned(), options);
  }

  /**
   * Releases the lock, whichever thread holds it. The holder's permit becomes inert.
   *
   * @throws {InvalidStateError} if the lock is not held.
   */
  release(): void {
    const cells = this.#cells;
    const state = load(cells, STATE);
    const free = state & ~HOLDER;
    this.#watcher.released();
    if (state === free || compareExchange(cells, STATE, state, free) !== state) {
      throw new InvalidStateError("Cannot release a lock: it is not held");
    }
    this.#permit?.revoke();
    this.#permit = undefined;
    this.#line.serve();
  }

  /** Acquires the lock, runs a function, and releases the lock when the function returns, throws or settles. */
  async run<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    const permit = await this.acquire(options);
    try {
      return await fn();
    } finally {
      permit.release();
    }
  }

  /** Releases the lock but keeps the holder's permit, which is valid again once the lock is re-acquired. */
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

  /** The number of times that the lock was abandoned. Waiters that see this number change get an `AbandonedError`. */
  #abandoned(): number {
    return load(this.#cells, STATE) >>> 16;
  }

  /** The fast path while no other thread knows the lock: no atomic operation. */
  #takeAlone(): Permit | undefined {
    const state = this.#cells[STATE]!;
    if ((state & HOLDER) !== 0) return undefined;
    this.#cells[STATE] = state | currentIdent();
    this.#watcher.taken();
    return this.#permit = new LentPermit(this.#source, 1);
  }

  /** Ignores a stale permit: another thread may have released the lock in the meantime. */
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
        throw new AbandonedError("Cannot acquire a lock: its holder died without releasing it");
      }
      if ((state & HOLDER) !== 0) return undefined;
      if (compareExchange(this.#cells, STATE, state, state | currentIdent()) !== state) continue;
      this.#watcher.taken();
      return this.#permit = new LentPermit(this.#source, 1);
    }
  }

  /** Frees the lock of a dead process and rejects its waiters. */
  #abandon(): void {
    const state = load(this.#cells, STATE);
    this.#permit = undefined;
    if (compareExchange(this.#cells, STATE, state, ((state >>> 16) + 1) << 16) === state) this.#line.serve();
  }

  /** Frees the lock of a dead thread and rejects its waiters. */
  #recover(): boolean {
    const state = load(this.#cells, STATE);
    const holder = state & HOLDER;
    if (holder === 0 || !isDead(holder)) return false;
    return compareExchange(this.#cells, STATE, state, ((state >>> 16) + 1) << 16) === state;
  }
}
