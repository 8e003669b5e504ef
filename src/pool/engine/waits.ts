/**
 * What callers wait for at a pool: that its workers are ready, and that it has room.
 *
 * @module
 */

import { checkWait, type WaitOptions } from "../../core/wait_options.ts";
import { WaitQueue } from "../../core/wait_queue.ts";
import { runtime } from "../../runtime/mod.ts";
import { systemClock } from "../../time/system_clock.ts";

/** What they need of the pool. */
export interface PoolState {
  readonly name: string;
  /** Whether `minWorkers` are ready. */
  isReady(): boolean;
  /** How many more tasks may be submitted. */
  room(): number;
  /** Throws if the pool takes no more tasks. */
  requireOpen(): void;
}

/** The callers that wait. */
export class PoolWaits {
  readonly #pool: PoolState;
  readonly #readying: WaitQueue<undefined, true>;
  readonly #entering: WaitQueue<undefined, true>;
  /** How many of those that were told of room may not have submitted yet. */
  #told = 0;

  constructor(pool: PoolState) {
    this.#pool = pool;
    this.#readying = new WaitQueue(systemClock, `Cannot see ${pool.name} ready`);
    this.#entering = new WaitQueue(systemClock, `Cannot find room in ${pool.name}`);
  }

  /** Waits until `minWorkers` are ready. */
  async ready(options?: WaitOptions): Promise<void> {
    const limits = checkWait(`Cannot wait for ${this.#pool.name}`, options);
    this.#pool.requireOpen();
    limits.signal?.throwIfAborted();
    if (!this.#pool.isReady()) await this.#kept(this.#readying.join(undefined, limits));
  }

  /** Waits until a task would not overflow the pool. */
  async room(options?: WaitOptions): Promise<void> {
    const limits = checkWait(`Cannot wait for ${this.#pool.name}`, options);
    this.#pool.requireOpen();
    limits.signal?.throwIfAborted();
    if (this.#entering.size === 0 && this.#tell()) return;
    await this.#kept(this.#entering.join(undefined, limits));
  }

  /** A task was submitted: it takes the place that its caller was told of. */
  submitted(): void {
    if (this.#told > 0) this.#told--;
  }

  /** Something has changed. */
  look(): void {
    if (this.#readying.size > 0 && this.#pool.isReady()) this.#readying.admit(() => true);
    if (this.#entering.size > 0) this.#entering.admit(() => this.#tell() ? true : undefined);
  }

  /** The pool goes on no more. */
  end(): void {
    if (this.#readying.size + this.#entering.size === 0) return;
    try {
      this.#pool.requireOpen();
    } catch (error) {
      this.#readying.rejectAll(error);
      this.#entering.rejectAll(error);
    }
  }

  /** A place belongs to the caller that was told of it, for one turn of the loop. */
  #tell(): boolean {
    if (this.#pool.room() <= this.#told) return false;
    this.#told++;
    runtime.defer(() => {
      if (this.#told === 0) return;
      this.#told--;
      this.look();
    });
    return true;
  }

  /** A caller that waits keeps the program alive. */
  async #kept(wait: Promise<true>): Promise<void> {
    const release = runtime.keepAlive();
    try {
      await wait;
    } finally {
      release();
    }
  }
}
