// Throttles whose time stands still, and callers that write down what happens to them.

import { type Permit, RejectedError, Throttle, type ThrottleOptions, type TurnOptions } from "../../mod.ts";
import { useClock } from "../../src/throttle/throttle.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** A throttle whose time stands still. */
export function still(options: ThrottleOptions): { throttle: Throttle; clock: ManualClock } {
  const throttle = new Throttle(options);
  const clock = new ManualClock();
  useClock(throttle, clock);
  return { throttle, clock };
}

/** Lets everything happen that does not wait for time. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await null;
}

/** Callers that write down when they get their permits, and keep them until they are told. */
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
      // Tests that close the throttle at their end have nothing to ask of those who still wait.
      if (!(error instanceof RejectedError)) throw error;
    });
  }

  /** Gives permits back and lets those that waited for them go on. */
  async release(...names: string[]): Promise<void> {
    for (const name of names) this.permits.get(name)!.release();
    await settle();
  }
}
