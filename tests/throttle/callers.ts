// Creates throttles on a manual clock, and callers that log their permits.

import { type Permit, RejectedError, Throttle, type ThrottleOptions, type TurnOptions } from "../../mod.ts";
import { useClock } from "../../src/throttle/throttle.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** A throttle on a manual clock. */
export function still(options: ThrottleOptions): { throttle: Throttle; clock: ManualClock } {
  const throttle = new Throttle(options);
  const clock = new ManualClock();
  useClock(throttle, clock);
  return { throttle, clock };
}

/** Runs everything that is due without advancing the clock. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await null;
}

/** Callers that log when they get their permits, and keep them until told to release. */
export class Callers {
  readonly order: string[] = [];
  readonly permits: Map<string, Permit> = new Map();
  readonly #throttle: Throttle;

  constructor(throttle: Throttle) {
    this.#throttle = throttle;
  }

  call(name: string, options?: TurnOptions): Promise<void> {
    return this.#throttle.acquire(options).then((permit) => {
      this.order.push(name);
      this.permits.set(name, permit);
    }, (error) => {
      // The rejection of waiting calls at the end of a test is expected.
      if (!(error instanceof RejectedError)) throw error;
    });
  }

  /** Releases permits, and lets the next waiters resume. */
  async release(...names: string[]): Promise<void> {
    for (const name of names) this.permits.get(name)!.release();
    await settle();
  }
}
