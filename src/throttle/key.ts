/**
 * The records of a throttle's wait queue: keys, the lanes of their waiting callers, and the permits of these callers.
 *
 * They are in one file because each refers to the others.
 *
 * @module
 */

import type { WaitQueue } from "../core/wait_queue.ts";
import type { WaitLimits } from "../core/wait_options.ts";
import { LentPermit, type Permit, type PermitSource } from "../sync/permit.ts";
import type { Breaker, Ticket } from "./breaker.ts";
import type { Rate } from "./rate.ts";
import type { Placed, ShareOrder } from "./share_order.ts";

/** A key and its limits. */
export class Key {
  readonly name: string;
  /** The number of permits in use. */
  active = 0;
  /** The number of waiting callers. */
  waiting = 0;
  /** The number of permits that were released. */
  done = 0;
  /** The number of callers that were rejected. */
  shed = 0;
  #lanes: Map<number, Lane> | undefined;
  /** The lane of the default priority, kept here because it is used most. */
  defaultLane: Lane | undefined;
  /** The key's own rate. */
  readonly rate: Rate | undefined;
  /** The time until which the key is paused; 0 if it is not. */
  pausedUntil = 0;
  /** Stops the timer that ends the wait for the rate or the pause. */
  stopTimer: (() => void) | undefined;
  breaker: Breaker | undefined;
  /** Whether the key is in the list of unused keys, with its neighbours in that list. */
  unused = false;
  /** Whether the key was used since it was added to that list. */
  reused = false;
  before: Key | undefined;
  after: Key | undefined;

  constructor(name: string, rate: Rate | undefined) {
    this.name = name;
    this.rate = rate;
  }

  /** The lanes by priority. Most keys of a crawler never have a waiting caller, so the map is made on demand. */
  get lanes(): Map<number, Lane> {
    return this.#lanes ??= new Map();
  }

  /** Whether the key has a permit in use or a waiting caller. */
  get busy(): boolean {
    return this.active > 0 || this.waiting > 0;
  }

  /** The time from which the key's past has no effect. */
  get end(): number {
    return Math.max(this.pausedUntil, this.rate?.end ?? 0, this.breaker?.end ?? 0);
  }
}

/** The waiting callers of one key and one priority, first come, first served. */
export interface Lane extends Placed {
  readonly key: Key;
  readonly level: Level;
  readonly queue: WaitQueue<Turn, Permit | Promise<Permit>>;
}

/** All lanes of one priority. The order has only lanes with waiting callers whose key may admit one. */
export interface Level {
  readonly priority: number;
  readonly order: ShareOrder<Lane>;
  /** The number of lanes, in the order or not. */
  lanes: number;
}

/** How a call ended, as far as its limit is concerned. */
export type CallOutcome = "done" | "failed" | "unknown";

/** A permit, from the moment of its request. */
export class Turn extends LentPermit {
  readonly key: Key;
  readonly priority: number;
  limits: WaitLimits;
  /** The time of the request, then the time of the grant, if times are recorded. */
  since: number | undefined = undefined;
  /** The permit of the semaphore that several throttles share. */
  shared: Permit | undefined = undefined;
  /** The duration of the work, if it differs from the time for which the permit was held. */
  duration: number | undefined = undefined;
  outcome: CallOutcome = "done";
  /** The function that `run` calls once the permit is granted. */
  work: ((signal: AbortSignal) => unknown) | undefined = undefined;
  /** The ticket of a call that the key's breaker has admitted. */
  ticket: Ticket | undefined = undefined;

  constructor(source: PermitSource, key: Key, weight: number, priority: number, limits: WaitLimits) {
    super(source, weight);
    this.key = key;
    this.priority = priority;
    this.limits = limits;
  }
}
