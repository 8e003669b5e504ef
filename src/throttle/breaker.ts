/**
 * The circuit breaker of one key.
 *
 * @module
 */

import { checkDuration, checkFraction, checkFunction, checkInteger } from "../core/check.ts";
import { RejectedError } from "../core/errors.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { Clock } from "../core/wait_queue.ts";
import { CallWindow } from "./call_window.ts";

/** When the circuit breaker of a key opens and closes. */
export interface BreakerOptions {
  /** The share of failed calls, from 0 to 1, at which the breaker opens. */
  failureRate: number;
  /** The length of the window in which calls are counted, in milliseconds. */
  window: number;
  /** The number of calls that must have ended within the window before the breaker can open. */
  minCalls: number;
  /** The time in milliseconds for which an open breaker rejects all calls. */
  cooldown: number;
  /** The maximum number of concurrent calls of a half-open breaker; 1 by default. */
  probes?: number | undefined;
  /** The number of these calls that must succeed before the breaker closes; equal to `probes` by default. */
  successes?: number | undefined;
  /**
   * Decides whether a call that ended with an error, or with a response of `fetch`, counts as failed. If omitted,
   * responses from status 500 on and all errors except a `RejectedError` are failures. Calls that their caller aborts
   * never count.
   */
  isFailure?: ((error: unknown, response: Response | undefined) => boolean) | undefined;
}

const OPTIONS: OptionNames<BreakerOptions> = optionNames<BreakerOptions>({
  failureRate: true,
  window: true,
  minCalls: true,
  cooldown: true,
  probes: true,
  successes: true,
  isFailure: true,
});

/** The checked options, complete with defaults. */
export interface BreakerPlan {
  readonly failureRate: number;
  readonly window: number;
  readonly minCalls: number;
  readonly cooldown: number;
  readonly probes: number;
  readonly successes: number;
  readonly isFailure: ((error: unknown, response: Response | undefined) => boolean) | undefined;
}

/** The state of a breaker: it admits all calls, none, or a few at a time. */
export type BreakerState = "closed" | "open" | "half-open";

/** A call that a breaker has admitted. Its outcome counts only in the same period. */
export interface Ticket {
  readonly period: number;
}

/** Checks the options of a breaker. */
export function checkBreaker(what: string, given: BreakerOptions): BreakerPlan {
  const { failureRate, window, minCalls, cooldown, probes = 1, successes = probes, isFailure } = checkOptions(
    `${what}'`,
    given,
    OPTIONS,
  );
  checkFraction(`${what}.failureRate'`, failureRate);
  checkDuration(`${what}.window'`, window);
  if (window === 0 || window === Infinity) {
    throw new RangeError(`${what}.window' must be more than 0 ms and finite: current value is ${window}`);
  }
  checkInteger(`${what}.minCalls'`, minCalls, 1);
  checkDuration(`${what}.cooldown'`, cooldown);
  checkInteger(`${what}.probes'`, probes, 1);
  checkInteger(`${what}.successes'`, successes, 1);
  if (isFailure !== undefined) checkFunction(`${what}.isFailure'`, isFailure);
  return { failureRate, window, minCalls, cooldown, probes, successes, isFailure };
}

/**
 * Rejects calls to a failing service (Nygard 2007, Release It!). A closed breaker counts failures. An open breaker
 * rejects calls until the cooldown is over. It is then half-open: a few calls at a time are admitted, and their
 * outcomes close or reopen it.
 *
 * A timer for the end of the cooldown is tempting. But then each open breaker would need a timer, even without callers.
 * Instead, the first call after the cooldown makes the breaker half-open.
 */
export class Breaker {
  readonly #plan: BreakerPlan;
  readonly #changed: (state: BreakerState) => void;
  readonly #window: CallWindow;
  #state: BreakerState = "closed";
  /** Changes with the state, so that the outcome of a call admitted in an earlier state is ignored. */
  #period: Ticket = { period: 0 };
  #openUntil = -Infinity;
  #probing = 0;
  #succeeded = 0;
  /** The number of successes that the window does not contain yet. */
  #fresh = 0;
  readonly #later: (breaker: Breaker) => void;

  /**
   * @param changed is called with each new state.
   * @param later must call `count` before this turn of the loop ends.
   */
  constructor(plan: BreakerPlan, changed: (state: BreakerState) => void, later: (breaker: Breaker) => void) {
    this.#plan = plan;
    this.#changed = changed;
    this.#later = later;
    this.#window = new CallWindow(plan.window);
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** The time from which the breaker's past has no effect. */
  get end(): number {
    if (this.#fresh > 0) return Infinity;
    return this.#state === "closed" ? this.#window.end : this.#openUntil + this.#plan.window;
  }

  /**
   * Admits a call.
   *
   * @param what the beginning of error messages.
   * @param clock read only if the breaker is not closed.
   * @throws {RejectedError} if the breaker is open, or half-open with `probes` calls in progress.
   */
  admit(what: string, clock: Pick<Clock, "now">): Ticket {
    if (this.#state === "closed") return this.#period;
    const now = clock.now();
    if (this.#state === "open") {
      if (now < this.#openUntil) throw this.rejection(what, now);
      this.#succeeded = this.#probing = 0;
      this.#change("half-open");
    }
    if (this.#probing >= this.#plan.probes) throw this.rejection(what, now);
    this.#probing++;
    return this.#period;
  }

  /**
   * Notes the end of a call.
   *
   * @param failed undefined if the end says nothing about the called service.
   * @param clock is read only where it matters: reading it takes longer than the rest.
   */
  settle(ticket: Ticket, failed: boolean | undefined, clock: Pick<Clock, "now">): void {
    if (ticket !== this.#period) return;
    if (this.#state === "half-open") {
      this.#probing--;
      if (failed) this.#open(clock.now());
      else if (failed === false && ++this.#succeeded >= this.#plan.successes) this.#change("closed");
      return;
    }
    if (failed === undefined) return;
    if (!failed && this.#window.failures === 0) {
      // Without failures no success opens the breaker.
      if (this.#fresh++ === 0) this.#later(this);
      return;
    }
    const now = clock.now();
    this.count(now);
    this.#window.add(1, failed ? 1 : 0, now);
    const { calls, failures } = this.#window;
    const { minCalls, failureRate } = this.#plan;
    if (failures > 0 && calls >= minCalls && failures / calls >= failureRate) this.#open(now);
  }

  /** Adds the successes of this turn of the loop to the window. */
  count(now: number): void {
    if (this.#fresh > 0) this.#window.add(this.#fresh, 0, now);
    this.#fresh = 0;
  }

  /** Creates the error of a call that is not admitted. */
  rejection(what: string, now: number): RejectedError {
    const { cooldown, probes } = this.#plan;
    if (this.#state === "open") {
      const retryAfter = this.#openUntil - now;
      return new RejectedError(`${what}: its breaker is open (retryAfter is ${Math.ceil(retryAfter)})`, { retryAfter });
    }
    // If a probe fails, the breaker is open for another cooldown.
    return new RejectedError(`${what}: its breaker is half-open (probes is ${probes})`, { retryAfter: cooldown });
  }

  #open(now: number): void {
    this.#openUntil = now + this.#plan.cooldown;
    this.#change("open");
  }

  #change(state: BreakerState): void {
    this.#state = state;
    this.#period = { period: this.#period.period + 1 };
    this.#window.clear();
    this.#fresh = 0;
    this.#changed(state);
  }
}
