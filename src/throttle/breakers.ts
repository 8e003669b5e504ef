/**
 * The circuit breakers of a throttle.
 *
 * @module
 */

import { RejectedError } from "../core/errors.ts";
import type { Clock } from "../core/wait_queue.ts";
import { runtime } from "../runtime/mod.ts";
import { Breaker, type BreakerPlan, type BreakerState } from "./breaker.ts";
import type { Key, Turn } from "./key.ts";
import { atEndOfTurn } from "./wake_later.ts";

/** The circuit breakers of a throttle, one for each key. */
export class Breakers {
  readonly #plan: BreakerPlan;
  readonly #clock: Clock;
  readonly #changed: (key: Key, state: BreakerState) => void;
  /** The breakers with successes to count at the end of this turn of the loop. */
  #fresh: Breaker[] = [];

  /** @param changed called when the breaker of a key changes its state. */
  constructor(plan: BreakerPlan, clock: Clock, changed: (key: Key, state: BreakerState) => void) {
    this.#plan = plan;
    this.#clock = clock;
    this.#changed = changed;
  }

  /**
   * Admits a call, or throws a `RejectedError`.
   *
   * @param what the beginning of error messages.
   */
  admit(turn: Turn, what: string): void {
    const { key } = turn;
    key.breaker ??= new Breaker(this.#plan, (state) => this.#changed(key, state), this.#later);
    turn.ticket = key.breaker.admit(what, this.#clock);
  }

  /** Counts the outcome of a call: an error, a response, or neither if its function has returned. */
  settle(turn: Turn, error: unknown, response: Response | undefined): void {
    this.#end(turn, this.#isFailure(error, response));
  }

  /** A call has ended without an outcome that counts. */
  leave(turn: Turn): void {
    this.#end(turn, undefined);
  }

  #end(turn: Turn, failed: boolean | undefined): void {
    const { ticket, key } = turn;
    if (ticket === undefined) return;
    turn.ticket = undefined;
    key.breaker!.settle(ticket, failed, this.#clock);
  }

  /** Undefined for a rejection: it says that a call was not made. */
  #isFailure(error: unknown, response: Response | undefined): boolean | undefined {
    const { isFailure } = this.#plan;
    if (error === undefined && response === undefined) return false;
    if (isFailure !== undefined) {
      try {
        return isFailure(error, response);
      } catch (mistake) {
        runtime.printError(mistake);
        return true;
      }
    }
    if (response !== undefined) return response.status >= 500;
    return error instanceof RejectedError ? undefined : true;
  }

  readonly #later = (breaker: Breaker): void => {
    if (this.#fresh.push(breaker) === 1) atEndOfTurn(this.#clock, this.#count);
  };

  readonly #count = (): void => {
    const fresh = this.#fresh;
    this.#fresh = [];
    const now = this.#clock.now();
    for (const breaker of fresh) breaker.count(now);
  };
}
