/**
 * A lock that its owner can take again.
 *
 * @module
 */

import { compareExchange, load, store } from "../core/cell.ts";
import { AbandonedError, InvalidStateError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { currentIdent, isDead } from "../core/thread_table.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import { type Context, innermostContext, inNewContext, isInRun, isWithin } from "./contexts.ts";
import { Watcher } from "./deadlock.ts";
import { Line, LINE_CELLS } from "./line.ts";
import { ownCells, travels } from "./memory.ts";
import type { Monitor } from "./monitor.ts";
import { type Lender, LentPermit, type Permit } from "./permit.ts";
import { isRemote } from "./remote.ts";

/** The cell of the owner's thread and of how often the lock was abandoned, as in a Lock. */
const STATE = LINE_CELLS;
/** The cells that belong to the owner: its context in its thread, and how often it has taken the lock. */
const CONTEXT = STATE + 1, DEPTH = CONTEXT + 1;
/** The cell of its number in the graph of those who wait. */
const NUMBER = DEPTH + 1, CELLS = NUMBER + 1;
const OWNER = 0xffff;

interface Request {
  readonly context: Context | undefined;
  /** The number of the context that will own the lock. */
  readonly owner: number;
  readonly depth: number;
  readonly abandoned: number;
}

/** What a condition asks of a reentrant lock. */
export let rlockMonitor: (lock: RLock) => Monitor;

/**
 * A lock that its owner can take again; it is free when it was released as often as it was taken.
 *
 * The owner is the innermost of: the async context that `run` opens, the task, the thread. Functions in one loop that call
 * `run` exclude each other, and so do tasks, wherever they run. The owner can take the lock again, by `run`, `acquire` or
 * `acquireSync`.
 *
 * **Order.** In one loop first come, first served, the owner always. Between threads whoever is awake may go first, for some
 * milliseconds at the most. **Cancellation.** A wait that ends early leaves nothing behind. **Cost.** O(1); without waiting
 * no call of the system. **Memory.** Who acquires the lock sees everything that was done before it was released.
 *
 * @example Take it twice
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RLock } from "@heddle/heddle/sync";
 *
 * const lock = new RLock();
 * const total = await lock.run(() => lock.run(() => 42));
 * assertEquals([total, lock.locked], [42, false]);
 * ```
 */
export class RLock {
  readonly #cells: Int32Array;
  readonly #line: Line<Request, Permit>;
  readonly #watcher: Watcher;
  readonly #lender: Lender = { takeBack: () => this.#giveUp(1), abandoned: () => this.#abandon() };

  static {
    rlockMonitor = (lock) => ({
      get owned() {
        return lock.#owned;
      },
      suspend: () => {
        const [depth, owner] = [load(lock.#cells, DEPTH), load(lock.#cells, CONTEXT)];
        lock.#giveUp(depth);
        return {
          resume: async () => void await lock.#line.take(lock.#request(depth, owner), undefined),
          resumeSync: () => void lock.#line.takeSync(lock.#request(depth, owner), undefined),
        };
      },
    });
    travels<RLock, null>(
      this,
      "RLock",
      import.meta.url,
      (lock) => ({ cells: lock.#cells, data: null, share: () => lock.#line.share() }),
      () => new RLock(),
      { waits: ["acquire"], posts: ["release"], made: ["run"] },
    );
    printsAs(this, "RLock", ["locked"]);
  }

  /** Makes a lock that nobody owns. */
  constructor() {
    this.#cells = ownCells(CELLS).cells;
    this.#watcher = new Watcher(this.#cells, NUMBER, "RLock");
    this.#line = new Line(this.#cells, "Cannot acquire a reentrant lock", {
      exclusive: true,
      take: (request) => this.#take(request),
      mend: () => this.#mend(),
      waits: (sync) => this.#watcher.waits(sync),
    });
  }

  /** Whether anybody owns it. Stale when read. */
  get locked(): boolean {
    this.#line.mend();
    return (load(this.#cells, STATE) & OWNER) !== 0;
  }

  /**
   * Waits until the lock is free or the caller's own, and takes it.
   *
   * @param options the limits of the wait.
   * @returns the permit, which releases the lock once.
   * @throws {TimeoutError} if it is not free in time.
   * @throws {AbandonedError} if the thread that owns it dies; the lock is free then.
   * @throws the signal's reason if it is aborted.
   */
  acquire(options?: WaitOptions): Promise<Permit> {
    if (!this.#owned) return this.#line.take(this.#request(1), options);
    try {
      checkWait("Cannot acquire a reentrant lock", options).signal?.throwIfAborted();
      return Promise.resolve(this.#again(1));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Takes the lock if it is free or the caller's own; else returns undefined. */
  tryAcquire(): Permit | undefined {
    return this.#owned ? this.#again(1) : this.#line.tryTake(this.#request(1));
  }

  /** Blocks this thread until the lock is free or the caller's own, and takes it. */
  acquireSync(options: WaitOptions = {}): Permit {
    if (!this.#owned) return this.#line.takeSync(this.#request(1), options);
    // Past the line: one who has waited for long there cannot be next before this one releases.
    checkWait("Cannot acquire a reentrant lock", options).signal?.throwIfAborted();
    return this.#again(1);
  }

  /**
   * Releases the lock once.
   *
   * @throws {InvalidStateError} if the caller does not own it.
   */
  release(): void {
    if (!this.#owned) throw new InvalidStateError("Cannot release a reentrant lock that belongs to somebody else");
    this.#giveUp(1);
  }

  /** Runs a function while it owns the lock, in an async context of its own unless the caller owns it already. */
  async run<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    // The owner of a lock in another process knows of the outermost context only.
    const inside = this.#owned || (isRemote(this) && isInRun());
    return await (inside ? this.#runHere(fn, options) : inNewContext(() => this.#runHere(fn, options)));
  }

  async #runHere<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    const permit = await this.acquire(options);
    try {
      return await fn();
    } finally {
      permit.release();
    }
  }

  get #owned(): boolean {
    return (load(this.#cells, STATE) & OWNER) === currentIdent() &&
      isWithin(innermostContext(), load(this.#cells, CONTEXT));
  }

  #request(depth: number, owner?: number): Request {
    const context = innermostContext();
    return { context, owner: owner ?? context?.number ?? 0, depth, abandoned: load(this.#cells, STATE) >>> 16 };
  }

  #again(levels: number): Permit {
    store(this.#cells, DEPTH, load(this.#cells, DEPTH) + levels);
    return new LentPermit(this.#lender, 1);
  }

  #take({ context, owner, depth, abandoned }: Request): Permit | undefined {
    for (;;) {
      const state = load(this.#cells, STATE);
      if (state >>> 16 !== abandoned) {
        throw new AbandonedError("Cannot acquire a reentrant lock whose owner died without releasing it");
      }
      const holder = state & OWNER;
      if (holder === currentIdent() && isWithin(context, load(this.#cells, CONTEXT))) return this.#again(depth);
      if (holder !== 0) return undefined;
      if (compareExchange(this.#cells, STATE, state, state | currentIdent()) !== state) continue;
      store(this.#cells, CONTEXT, owner);
      store(this.#cells, DEPTH, depth);
      this.#watcher.taken();
      return new LentPermit(this.#lender, 1);
    }
  }

  #giveUp(levels: number): void {
    const state = load(this.#cells, STATE);
    // A permit of a thread that was taken for dead: the lock is somebody else's by now.
    if ((state & OWNER) !== currentIdent()) return;
    const depth = load(this.#cells, DEPTH) - levels;
    store(this.#cells, DEPTH, depth);
    if (depth > 0) return;
    this.#watcher.released();
    compareExchange(this.#cells, STATE, state, state & ~OWNER);
    this.#line.serve();
  }

  /** Frees the lock of a process that has died, and tells those who waited for it. */
  #abandon(): void {
    const state = load(this.#cells, STATE);
    if (compareExchange(this.#cells, STATE, state, ((state >>> 16) + 1) << 16) === state) this.#line.serve();
  }

  #mend(): boolean {
    const state = load(this.#cells, STATE);
    const owner = state & OWNER;
    if (owner === 0 || !isDead(owner)) return false;
    return compareExchange(this.#cells, STATE, state, ((state >>> 16) + 1) << 16) === state;
  }
}
