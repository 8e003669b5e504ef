/**
 * A permit of a throttle.
 *
 * @module
 */

import type { WaitLimits } from "../core/wait_options.ts";
import { LentPermit, type Permit, type PermitSource } from "../sync/permit.ts";
import type { Ticket } from "./breaker.ts";
import type { Key } from "./keys.ts";

/** How work has ended, as far as it tells something about the limit. */
export type CallOutcome = "done" | "failed" | "unknown";

/** A permit, from the moment in which it is asked for. */
export class Turn extends LentPermit {
  readonly key: Key;
  readonly priority: number;
  limits: WaitLimits;
  /** When it was asked for, and from then on when it was granted, where that is recorded. */
  since: number | undefined = undefined;
  /** What was taken for it from the semaphore that several throttles share. */
  shared: Permit | undefined = undefined;
  /** How long the work took, if that is another time than the permit was held. */
  duration: number | undefined = undefined;
  outcome: CallOutcome = "done";
  /** What `run` runs when it is granted. */
  work: ((signal: AbortSignal) => unknown) | undefined = undefined;
  /** It is that of a call which the key's breaker has admitted and whose outcome counts. */
  ticket: Ticket | undefined = undefined;

  constructor(lender: PermitSource, key: Key, weight: number, priority: number, limits: WaitLimits) {
    super(lender, weight);
    this.key = key;
    this.priority = priority;
    this.limits = limits;
  }
}
