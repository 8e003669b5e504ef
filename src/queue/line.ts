/**
 * A line of those who wait at a queue.
 *
 * @module
 */

import { QueueFullError, type TimeoutError } from "../core/errors.ts";
import type { WaitLimits } from "../core/wait_options.ts";
import { type Clock, WaitQueue } from "../core/wait_queue.ts";
import { enterWait, leaveWait } from "../time/awake.ts";

/** What else a line does for its queue. */
export interface LineHooks<Q> {
  /** The item that is asked to be put, if that is not the request itself. */
  item?(request: Q): unknown;
  /** Somebody has left by itself: those behind may be served. */
  left?(): void;
}

/** The one waiting line, with an error of its own for those who are late. A program that waits in it stays alive. */
export class Line<Q, T> extends WaitQueue<Q, T> {
  readonly #what: string;
  readonly #hooks: LineHooks<Q>;
  readonly #Late: new (message: string) => TimeoutError;
  /** Of one who is about to leave. */
  #late: TimeoutError | undefined;
  #waits = false;

  /**
   * @param what begins the message of a timeout, as in "Cannot put into a queue".
   * @param Late is the class of its error; a QueueFullError is given what was asked for as its value.
   */
  constructor(clock: Clock, what: string, Late: new (message: string) => TimeoutError, hooks: LineHooks<Q> = {}) {
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

  /** Serves from the front for as long as `take` has something to grant. */
  override admit(take: (request: Q) => T | undefined): number {
    const served = super.admit(take);
    this.#rest();
    return served;
  }

  /** Rejects all who wait, each with an error of its own. */
  refuse(reason: (request: Q) => Error): void {
    this.admit((request) => {
      throw reason(request);
    });
  }

  /** Makes the error of one who is late. Whose it is the line says a moment later, when that one has left. */
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
