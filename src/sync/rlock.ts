/**
 * A reentrant lock.
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
import { SharedWaitQueue, WAIT_QUEUE_CELLS } from "./shared_wait_queue.ts";
import { ownCells, travels } from "./memory.ts";
import type { Monitor } from "./monitor.ts";
import { LentPermit, type Permit, type PermitSource } from "./permit.ts";
import { isRemote } from "./remote.ts";

/** The state cell: the owner's thread id and how often the lock was abandoned, laid out as in `Lock`. */
const STATE = WAIT_QUEUE_CELLS;
/** Cells that only the owner writes: its context within its thread, and how often it has acquired the lock. */
const CONTEXT = STATE + 1, DEPTH = CONTEXT + 1;
/** The cell of the lock's number in the wait graph. */
const NUMBER = DEPTH + 1, CELLS = NUMBER + 1;
const OWNER = 0xffff;

interface Request {
  readonly context: Context | undefined;
  /** The number of the context that is to own the lock. */
  readonly owner: number;
  readonly depth: number;
  readonly abandoned: number;
}

/** Gives a condition access to its reentrant lock. */
export let rlockMonitor: (lock: RLock) => Monitor;

/**
 * A reentrant lock: its owner can acquire it again, and the lock is free after as many releases as acquires.
 *
 * The owner is the innermost of: the async context that `run` opens, the task, the thread. Functions in one loop that
 * call `run` exclude each other, and so do tasks, in whichever worker they run. The owner can acquire the lock again
 * with `run`, `acquire` or `acquireSync`.
 *
 * **Order.** First come, first served within one loop; the owner never waits. Between threads, an awake thread may
 * overtake a sleeping one for a few milliseconds. **Cancellation.** A wait that ends early leaves nothing behind.
 * **Cost.** O(1); an uncontended acquire makes no system call. **Memory.** The owner sees everything that was written
 * before the lock was released.
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
  readonly #line: SharedWaitQueue<Request, Permit>;
  readonly #watcher: Watcher;
  readonly #source: PermitSource = { takeBack: () => this.#giveUp(1), abandoned: () => this.#abandon() };

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

  /** Creates an unlocked lock. */
  constructor() {
    this.#cells = ownCells(CELLS).cells;
    this.#watcher = new Watcher(this.#cells, NUMBER, "RLock");
    this.#line = new SharedWaitQueue(this.#cells, "Cannot acquire a reentrant lock", {
      exclusive: true,
      take: (request) => this.#take(request),
      recover: () => this.#recover(),
      waits: (sync) => this.#watcher.waits(sync),
    });
  }

  /** Whether the lock is owned. The value may be stale when it is read. */
  get locked(): boolean {
    this.#line.recover();
    return (load(this.#cells, STATE) & OWNER) !== 0;
  }

  /**
   * Waits until the lock is free, then acquires it. The owner acquires it again without waiting.
   *
   * @param options the limits of the wait.
   * @returns a permit that releases the lock once.
   * @throws {TimeoutError} if the lock is not acquired in time.
   * @throws {AbandonedError} if the owner's thread dies during the wait; the lock is free then.
   * @throws the signal's reason if the signal is aborted.
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

  /** Acquires the lock if it is free or already owned by the caller. Returns undefined otherwise. */
  tryAcquire(): Permit | undefined {
    return this.#owned ? this.#again(1) : this.#line.tryTake(this.#request(1));
  }

  /** Blocks this thread until the lock is acquired. Throws what `acquire` rejects with. */
  acquireSync(options: WaitOptions = {}): Permit {
    if (!this.#owned) return this.#line.takeSync(this.#request(1), options);
    // The owner bypasses the line: a starving thread cannot be served before the owner releases.
    checkWait("Cannot acquire a reentrant lock", options).signal?.throwIfAborted();
    return this.#again(1);
  }

  /**
   * Releases the lock once.
   *
   * @throws {InvalidStateError} if the caller does not own the lock.
   */
  release(): void {
    if (!this.#owned) throw new InvalidStateError("Cannot release a reentrant lock: the caller does not own it");
    this.#giveUp(1);
  }

  /**
   * Acquires the lock, runs a function, and releases the lock. Opens a new async context unless the caller already owns
   * the lock.
   */
  async run<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    // For a lock served by another process, the server knows only the outermost context.
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
    return new LentPermit(this.#source, 1);
  }

  #take({ context, owner, depth, abandoned }: Request): Permit | undefined {
    for (;;) {
      const state = load(this.#cells, STATE);
      if (state >>> 16 !== abandoned) {
        throw new AbandonedError("Cannot acquire a reentrant lock: its owner died without releasing it");
      }
      const holder = state & OWNER;
      if (holder === currentIdent() && isWithin(context, load(this.#cells, CONTEXT))) return this.#again(depth);
      if (holder !== 0) return undefined;
      if (compareExchange(this.#cells, STATE, state, state | currentIdent()) !== state) continue;
      store(this.#cells, CONTEXT, owner);
      store(this.#cells, DEPTH, depth);
      this.#watcher.taken();
      return new LentPermit(this.#source, 1);
    }
  }

  #giveUp(levels: number): void {
    const state = load(this.#cells, STATE);
    // A permit of a thread that was declared dead: the lock may have another owner by now.
    if ((state & OWNER) !== currentIdent()) return;
    const depth = load(this.#cells, DEPTH) - levels;
    store(this.#cells, DEPTH, depth);
    if (depth > 0) return;
    this.#watcher.released();
    compareExchange(this.#cells, STATE, state, state & ~OWNER);
    this.#line.serve();
  }

  /** Frees the lock of a dead process and rejects its waiters. */
  #abandon(): void {
    const state = load(this.#cells, STATE);
    if (compareExchange(this.#cells, STATE, state, ((state >>> 16) + 1) << 16) === state) this.#line.serve();
  }

  #recover(): boolean {
    const state = load(this.#cells, STATE);
    const owner = state & OWNER;
    if (owner === 0 || !isDead(owner)) return false;
    return compareExchange(this.#cells, STATE, state, ((state >>> 16) + 1) << 16) === state;
  }
}
