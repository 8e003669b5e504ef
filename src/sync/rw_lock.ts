/**
 * A lock for many readers or one writer.
 *
 * @module
 */

import { add, load } from "../core/cell.ts";
import { AbandonedError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { currentIdent, isDead } from "../core/thread_table.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { SharedWaitQueue, WAIT_QUEUE_CELLS } from "./shared_wait_queue.ts";
import { ownCells, travels } from "./memory.ts";
import { LentPermit, type Permit, type PermitSource } from "./permit.ts";
import { COUNTER_CELLS, RecoverableCounter } from "./recoverable_counter.ts";

/** The cell that counts dead writers, then the recoverable counter of readers with each thread's share. */
const ABANDONED = WAIT_QUEUE_CELLS, STATE = ABANDONED + 1, CELLS = STATE + COUNTER_CELLS;
/** While a thread writes, the counter is this bit plus the writer's thread id. */
const WRITES = 2 ** 30;

interface Request {
  readonly writes: boolean;
  readonly abandoned: number;
}

/**
 * A read-write lock: any number of readers share it, a writer has it alone.
 *
 * The same lock works within one loop, between threads and between processes: pass it to a task as an argument.
 *
 * **Order.** First come, first served within one loop. A reader behind a waiting writer waits too, so readers cannot
 * starve writers. Between threads, an awake thread may overtake a sleeping one for a few milliseconds.
 * **Cancellation.** A wait that ends early leaves nothing behind. **Cost.** O(1). **Memory.** A reader sees everything
 * that writers wrote before they released the lock.
 *
 * @example Read together
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RwLock } from "@heddle/heddle/sync";
 *
 * const lock = new RwLock();
 * const first = await lock.acquireRead();
 * const second = await lock.acquireRead();
 * assertEquals(lock.readers, 2);
 * assertEquals(lock.tryAcquireWrite(), undefined);
 * first.release();
 * second.release();
 * await lock.runWrite(() => assertEquals(lock.writing, true));
 * ```
 */
export class RwLock {
  readonly #cells: Int32Array;
  readonly #line: SharedWaitQueue<Request, Permit>;
  readonly #counter: RecoverableCounter;
  readonly #readers: PermitSource = { takeBack: () => this.#releaseRead() };
  readonly #writer: PermitSource = {
    takeBack: () => this.#releaseWrite(),
    abandoned: () => {
      add(this.#cells, ABANDONED, 1);
      this.#releaseWrite();
    },
  };

  static {
    travels<RwLock, null>(
      this,
      "RwLock",
      import.meta.url,
      (lock) => ({ cells: lock.#cells, data: null, share: () => lock.#share() }),
      () => new RwLock(),
      { waits: ["acquireRead", "acquireWrite"], posts: [], made: ["runRead", "runWrite"] },
    );
    printsAs(this, "RwLock", ["readers", "writing"]);
  }

  /** Creates an unlocked lock. */
  constructor() {
    const { cells } = ownCells(CELLS);
    this.#cells = cells;
    this.#counter = new RecoverableCounter(cells, STATE, 1);
    this.#line = new SharedWaitQueue(cells, "Cannot acquire a read-write lock", {
      exclusive: true,
      take: (request) => this.#take(request),
      recover: () => this.#recover(),
    });
  }

  /** The number of readers that hold the lock. The value may be stale when it is read. */
  get readers(): number {
    this.#line.recover();
    const { count } = this.#counter;
    return count < WRITES ? count : 0;
  }

  /** Whether a writer holds the lock. The value may be stale when it is read. */
  get writing(): boolean {
    this.#line.recover();
    return this.#counter.count >= WRITES;
  }

  /**
   * Waits until no writer holds the lock, then acquires it for reading.
   *
   * @throws {TimeoutError} if the lock is not acquired in time.
   * @throws {AbandonedError} if the writer's thread dies during the wait; the lock is free then.
   * @throws the signal's reason if the signal is aborted.
   */
  acquireRead(options?: WaitOptions): Promise<Permit> {
    return this.#line.take(this.#request(false), options);
  }

  /** Waits until the lock is free, then acquires it for writing. Throws as `acquireRead`. */
  acquireWrite(options?: WaitOptions): Promise<Permit> {
    return this.#line.take(this.#request(true), options);
  }

  /** Acquires the lock for reading, without waiting. Returns undefined if it is not available. */
  tryAcquireRead(): Permit | undefined {
    return this.#line.tryTake(this.#request(false));
  }

  /** Acquires the lock for writing, without waiting. Returns undefined if it is not available. */
  tryAcquireWrite(): Permit | undefined {
    return this.#line.tryTake(this.#request(true));
  }

  /** Blocks this thread until the lock is acquired for reading. */
  acquireReadSync(options: WaitOptions = {}): Permit {
    return this.#line.takeSync(this.#request(false), options);
  }

  /** Blocks this thread until the lock is acquired for writing. */
  acquireWriteSync(options: WaitOptions = {}): Permit {
    return this.#line.takeSync(this.#request(true), options);
  }

  /** Acquires the lock for reading, runs a function, and releases the lock. */
  async runRead<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return await runWith(await this.acquireRead(options), fn);
  }

  /** Acquires the lock for writing, runs a function, and releases the lock. */
  async runWrite<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return await runWith(await this.acquireWrite(options), fn);
  }

  #request(writes: boolean): Request {
    return { writes, abandoned: load(this.#cells, ABANDONED) };
  }

  #take({ writes, abandoned }: Request): Permit | undefined {
    if (load(this.#cells, ABANDONED) !== abandoned) {
      throw new AbandonedError("Cannot acquire a read-write lock: its writer died without releasing it");
    }
    if (writes) {
      // Reading the count completes a change that another thread has begun, so that `replace` finds a plain count.
      if (this.#counter.count !== 0 || !this.#counter.replace(0, WRITES + currentIdent())) return undefined;
      return new LentPermit(this.#writer, 1);
    }
    if (!this.#counter.change(1, 0, WRITES - 1)) return undefined;
    return new LentPermit(this.#readers, 1);
  }

  #releaseRead(): void {
    this.#counter.change(-1, 0, WRITES - 1);
    this.#line.serve();
  }

  /** Has no effect if the lock was taken from a writer that was declared dead. */
  #releaseWrite(): void {
    this.#counter.replace(WRITES + currentIdent(), 0);
    this.#line.serve();
  }

  #recover(): boolean {
    const found = this.#counter.clear(WRITES - 1);
    const { count } = this.#counter;
    if (count < WRITES || !isDead(count - WRITES)) return found;
    // Exactly one thread does this, as the writer: it first rejects the waiters, then frees the lock.
    const mine = WRITES + currentIdent();
    if (!this.#counter.replace(count, mine)) return found;
    add(this.#cells, ABANDONED, 1);
    this.#counter.replace(mine, 0);
    return true;
  }

  #share(): void {
    this.#line.share();
    // Dead threads may occupy all thread slots.
    this.#line.recover();
    this.#counter.share();
  }
}

async function runWith<R>(permit: Permit, fn: () => R): Promise<Awaited<R>> {
  try {
    return await fn();
  } finally {
    permit.release();
  }
}
