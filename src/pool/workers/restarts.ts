/**
 * Restarts of a single worker after failures.
 *
 * @module
 */

import { checkDelays, checkDuration, checkInteger } from "../../core/check.ts";
import { BrokenExecutorError } from "../../core/errors.ts";
import { withoutFrames } from "../../core/frames.ts";
import { checkOptions, type OptionNames, optionNames } from "../../core/options.ts";
import type { Clock } from "../../core/wait_queue.ts";
import { pauseAfter } from "../../futures/retry_plan.ts";
import { systemClock } from "../../time/system_clock.ts";

/** How a thread, a process or an actor is restarted after a failure. */
export interface RestartOptions {
  /** Maximum number of restarts within the time `within`; 5 by default. */
  maxRestarts?: number | undefined;
  /** The time in milliseconds in which restarts are counted; 60,000 by default. */
  within?: number | undefined;
  /** The delay before the first restart, in milliseconds; 100 by default. Each further delay is twice as long. */
  minDelay?: number | undefined;
  /** The longest delay, in milliseconds; 10,000 by default. */
  maxDelay?: number | undefined;
}

const NAMES: OptionNames<RestartOptions> = optionNames<RestartOptions>({
  maxRestarts: true,
  within: true,
  minDelay: true,
  maxDelay: true,
});

/** Counts the restarts of one worker, and decides whether there is another one. */
export class Restarts {
  readonly #plan: Required<{ [K in keyof RestartOptions]: number }>;
  readonly #clock: Pick<Clock, "now">;
  /** The times of the failures that were followed by a restart, within the last `within` milliseconds. */
  readonly #times: number[] = [];

  /** @param what the start of the messages, with the argument: "Cannot make a Thread as 'restart'". */
  constructor(what: string, given: RestartOptions, clock: Pick<Clock, "now"> = systemClock) {
    const { maxRestarts = 5, within = 60_000, minDelay = 100, maxDelay = 10_000 } = checkOptions(what, given, NAMES);
    const member = (name: string) => `${what.slice(0, -1)}.${name}'`;
    if (maxRestarts !== Infinity) checkInteger(member("maxRestarts"), maxRestarts, 0);
    checkDuration(member("within"), within);
    checkDelays(member, minDelay, maxDelay);
    this.#plan = { maxRestarts, within, minDelay, maxDelay };
    this.#clock = clock;
  }

  /** Counts a failure. Returns the delay before the restart, in milliseconds; undefined past the limit. */
  next(): number | undefined {
    const now = this.#clock.now();
    const { maxRestarts, within, minDelay, maxDelay } = this.#plan;
    while (this.#times.length > 0 && this.#times[0]! <= now - within) this.#times.shift();
    if (this.#times.length >= maxRestarts) return undefined;
    return pauseAfter(this.#times.push(now), { minDelay, maxDelay, jitter: 0 });
  }

  /** Creates the error of a worker that is past the limit. */
  error(name: string, cause: unknown): BrokenExecutorError {
    const { maxRestarts, within } = this.#plan;
    const times = `${maxRestarts} restart${maxRestarts === 1 ? "" : "s"} within ${within} ms`;
    return withoutFrames(() => new BrokenExecutorError(`Cannot restart ${name}: it failed after ${times}`, { cause }));
  }
}
