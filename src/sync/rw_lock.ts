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
import { Line, LINE_CELLS } from "./line.ts";
import { ownCells, travels } from "./memory.ts";
import { type Lender, LentPermit, type Permit } from "./permit.ts";
import { Tally, TALLY_CELLS } from "./tally.ts";

/** The cells of how often a writer has died, and of how many read, with how often each thread does. */
const ABANDONED = LINE_CELLS, STATE = ABANDONED + 1, CELLS = STATE + TALLY_CELLS;
/** While a thread writes, the count is its number and this bit. */
const WRITES = 2 ** 30;

interface Request {
  readonly writes: boolean;
  readonly abandoned: number;
}

/**
 * A lock that many readers hold together, or one writer alone.
 *
 * The same lock serves one loop, threads and processes: pass it to a task as an argument.
 *
 * **Order.** In one loop first come, first served: a reader behind a waiting writer waits too, so that readers cannot
 * starve writers. Between threads whoever is awake may go first, for some milliseconds at the most. **Cancellation.** A wait
 * that ends early leaves nothing behind. **Cost.** O(1). **Memory.** A reader sees everything that writers did before they
 * released the lock.
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
  readonly #line: Line<Request, Permit>;
  readonly #tally: Tally;
  readonly #readers: Lender = { takeBack: () => this.#releaseRead() };
  readonly #writer: Lender = {
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

  /** Makes a lock that nobody holds. */
  constructor() {
    const { cells } = ownCells(CELLS);
    this.#cells = cells;
    this.#tally = new Tally(cells, STATE, 1);
    this.#line = new Line(cells, "Cannot acquire a read-write lock", {
      exclusive: true,
      take: (request) => this.#take(request),
      mend: () => this.#mend(),
    });
  }

  /** How many hold it to read. Stale when read. */
  get readers(): number {
    this.#line.mend();
    const { count } = this.#tally;
    return count < WRITES ? count : 0;
  }

  /** Whether somebody holds it to write. Stale when read. */
  get writing(): boolean {
    this.#line.mend();
    return this.#tally.count >= WRITES;
  }

  /**
   * Waits until it may read, together with others.
   *
   * @throws {TimeoutError} if it may not in time.
   * @throws {AbandonedError} if the thread that writes dies; the lock is free then.
   * @throws the signal's reason if it is aborted.
   */
  acquireRead(options?: WaitOptions): Promise<Permit> {
    return this.#line.take(this.#request(false), options);
  }

  /** Waits until it may write, alone. Throws as `acquireRead`. */
  acquireWrite(options?: WaitOptions): Promise<Permit> {
    return this.#line.take(this.#request(true), options);
  }

  /** Takes the lock to read if that is possible at once; else returns undefined. */
  tryAcquireRead(): Permit | undefined {
    return this.#line.tryTake(this.#request(false));
  }

  /** Takes the lock to write if that is possible at once; else returns undefined. */
  tryAcquireWrite(): Permit | undefined {
    return this.#line.tryTake(this.#request(true));
  }

  /** Blocks this thread until it may read. */
  acquireReadSync(options: WaitOptions = {}): Permit {
    return this.#line.takeSync(this.#request(false), options);
  }

  /** Blocks this thread until it may write. */
  acquireWriteSync(options: WaitOptions = {}): Permit {
    return this.#line.takeSync(this.#request(true), options);
  }

  /** Runs a function while it may read. */
  async runRead<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return await runWith(await this.acquireRead(options), fn);
  }

  /** Runs a function while it may write. */
  async runWrite<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return await runWith(await this.acquireWrite(options), fn);
  }

  #request(writes: boolean): Request {
    return { writes, abandoned: load(this.#cells, ABANDONED) };
  }

  #take({ writes, abandoned }: Request): Permit | undefined {
    if (load(this.#cells, ABANDONED) !== abandoned) {
      throw new AbandonedError("Cannot acquire a read-write lock whose writer died without releasing it");
    }
    if (writes) {
      // To read it completes what others have begun: then there is a count to replace.
      if (this.#tally.count !== 0 || !this.#tally.replace(0, WRITES + currentIdent())) return undefined;
      return new LentPermit(this.#writer, 1);
    }
    if (!this.#tally.change(1, 0, WRITES - 1)) return undefined;
    return new LentPermit(this.#readers, 1);
  }

  #releaseRead(): void {
    this.#tally.change(-1, 0, WRITES - 1);
    this.#line.serve();
  }

  /** Nothing happens where the lock was taken away from a writer that counts as dead. */
  #releaseWrite(): void {
    this.#tally.replace(WRITES + currentIdent(), 0);
    this.#line.serve();
  }

  #mend(): boolean {
    const found = this.#tally.clear(WRITES - 1);
    const { count } = this.#tally;
    if (count < WRITES || !isDead(count - WRITES)) return found;
    // One thread alone does this, as a writer: first those who wait are told, then the lock is free.
    const mine = WRITES + currentIdent();
    if (!this.#tally.replace(count, mine)) return found;
    add(this.#cells, ABANDONED, 1);
    this.#tally.replace(mine, 0);
    return true;
  }

  #share(): void {
    this.#line.share();
    // The dead may sit on all the seats.
    this.#line.mend();
    this.#tally.share();
  }
}

async function runWith<R>(permit: Permit, fn: () => R): Promise<Awaited<R>> {
  try {
    return await fn();
  } finally {
    permit.release();
  }
}
