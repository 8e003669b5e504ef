/**
 * The wait queue of a queue's putters, getters or joiners.
 *
 * @module
 */

import { QueueFullError, type TimeoutError } from "../core/errors.ts";
import type { WaitLimits } from "../core/wait_options.ts";
import { type Clock, WaitQueue } from "../core/wait_queue.ts";
import { enterWait, leaveWait } from "../time/awake.ts";

/** Hooks through which a queue customizes its line. */
export interface TimedWaitQueueHooks<Q> {
  /** The item of a put, if the item is not the request itself. */
  item?(request: Q): unknown;
  /** Called when a waiter has left early: waiters behind it may be served now. */
  left?(): void;
}

/** A wait queue with its own timeout error. The program stays alive while a caller waits in it. */
export class TimedWaitQueue<Q, T> extends WaitQueue<Q, T> {
  readonly #what: string;
  readonly #hooks: TimedWaitQueueHooks<Q>;
  readonly #Late: new (message: string) => TimeoutError;
  /** The timeout error of the waiter that is about to leave. */
  #late: TimeoutError | undefined;
  #waits = false;

  /**
   * @param what the beginning of the message of a timeout, such as "Cannot put into a queue".
   * @param Late the class of the timeout error; a QueueFullError gets the request's item as its value.
   */
  constructor(
    clock: Clock,
    what: string,
    Late: new (message: string) => TimeoutError,
    hooks: TimedWaitQueueHooks<Q> = {},
  ) {
    super(clock, what, (request) => {
      this.#left(request);
      hooks.left?.();
    });
    this.#what = what;
    this.#hooks = hooks;
    this.#Late = Late;
  }

  /** Waits at the end of the line. */
  override join(request: Q, limits: WaitLimits): Promise<T> {
    const promise = super.join(request, limits);
    if (limits.timeout === 0) this.#left(request);
    else if (!this.#waits && this.size > 0) {
      this.#waits = true;
      enterWait();
    }
    return promise;
  }

  /** Serves waiters from the front while `take` has something to grant. */
  override admit(take: (request: Q) => T | undefined): number {
    const served = super.admit(take);
    this.#rest();
    return served;
  }

  /** Rejects all waiters, each with its own error. */
  refuse(reason: (request: Q) => Error): void {
    this.admit((request) => {
      throw reason(request);
    });
  }

  /** Creates a timeout error. `#left` adds the item a moment later, when the waiter has left. */
  override timedOut(timeout: number): TimeoutError {
    return this.#late = new this.#Late(`${this.#what} within ${timeout} ms`);
  }

  #left(request: Q): void {
    if (this.#late instanceof QueueFullError) {
      this.#late.value = this.#hooks.item === undefined ? request : this.#hooks.item(request);
    }
    this.#late = undefined;
    this.#rest();
  }

  #rest(): void {
    if (!this.#waits || this.size > 0) return;
    this.#waits = false;
    leaveWait();
  }
}
