/**
 * Waits of a pool's callers: until its workers are ready, or until it has room.
 *
 * @module
 */

import { checkWait, type WaitOptions } from "../../core/wait_options.ts";
import { type Clock, WaitQueue } from "../../core/wait_queue.ts";
import { runtime } from "../../runtime/mod.ts";
import { systemClock } from "../../time/system_clock.ts";

/** The parts of the pool that the waits need. */
export interface PoolState {
  readonly name: string;
  /** Whether `minWorkers` are ready. */
  isReady(): boolean;
  /** The number of further tasks that the pool accepts. */
  room(): number;
  /** Throws if the pool accepts no more tasks. */
  requireOpen(): void;
}

/** The waiting callers of a pool. */
export class PoolWaits {
  readonly #pool: PoolState;
  readonly #readying: WaitQueue<undefined, true>;
  readonly #entering: WaitQueue<undefined, true>;
  /** The number of callers that were admitted by `room` and may not have submitted yet. */
  #told = 0;

  constructor(pool: PoolState, clock: Clock = systemClock) {
    this.#pool = pool;
    this.#readying = new WaitQueue(clock, `Cannot see ${pool.name} ready`);
    this.#entering = new WaitQueue(clock, `Cannot find room in ${pool.name}`);
  }

  /** Waits until `minWorkers` are ready. */
  async ready(options?: WaitOptions): Promise<void> {
    const limits = checkWait(`Cannot wait for ${this.#pool.name}`, options);
    this.#pool.requireOpen();
    limits.signal?.throwIfAborted();
    if (!this.#pool.isReady()) await this.#kept(this.#readying.join(undefined, limits));
  }

  /** Waits until the pool accepts another task. */
  async room(options?: WaitOptions): Promise<void> {
    const limits = checkWait(`Cannot wait for ${this.#pool.name}`, options);
    this.#pool.requireOpen();
    limits.signal?.throwIfAborted();
    if (this.#entering.size === 0 && this.#tell()) return;
    await this.#kept(this.#entering.join(undefined, limits));
  }

  /** A task was submitted and uses up a place that was granted. */
  submitted(): void {
    if (this.#told > 0) this.#told--;
  }

  /** Admits waiting callers after a change of the pool. */
  look(): void {
    if (this.#readying.size > 0 && this.#pool.isReady()) this.#readying.admit(() => true);
    if (this.#entering.size > 0) this.#entering.admit(() => this.#tell() ? true : undefined);
  }

  /** Rejects all waiting callers if the pool has ended. */
  end(): void {
    if (this.#readying.size + this.#entering.size === 0) return;
    try {
      this.#pool.requireOpen();
    } catch (error) {
      this.#readying.rejectAll(error);
      this.#entering.rejectAll(error);
    }
  }

  /** Grants a place to a caller, for one turn of the event loop; false if the pool has no room. */
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

  /** Keeps the program alive during a wait. */
  async #kept(wait: Promise<true>): Promise<void> {
    const release = runtime.keepAlive();
    try {
      await wait;
    } finally {
      release();
    }
  }
}
