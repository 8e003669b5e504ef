/**
 * Work that will be submitted to an executor once other work has ended: its links are in flight, so that a shutdown waits
 * for them.
 *
 * @module
 */

import type { Executor } from "./executor.ts";
import type { Future } from "./future.ts";
import { markCancelled, reject } from "./future.ts";

/** Why reserved work must not be submitted any more: the executor cancels what waits, or drops it with a reason. */
export type Revoked = { readonly cancelled: true } | { readonly cancelled: false; readonly reason: unknown };

/** A place for work to come. */
export interface Reservation {
  /** Calls a function that submits work, after the shutdown too. */
  admit<R>(submit: () => R): R;
  /** Does so for the last time, and gives up the reservation. */
  use<R>(submit: () => R): R;
  /** There is no work to come. */
  release(): void;
}

/** Reserves a place; `revoked` is called if the work is to be dropped before it was submitted. */
export type Reserve = (revoked: (how: Revoked) => void) => Reservation | undefined;

const reserves = new WeakMap<Executor, Reserve>();

/** Says how places are reserved at an executor. */
export function makeReservable(executor: Executor, reserve: Reserve): void {
  reserves.set(executor, reserve);
}

/** Reserves a place at an executor; undefined if it was shut down, or its shutdown does not wait for such work. */
export function reserve(executor: Executor | undefined, revoked: (how: Revoked) => void): Reservation | undefined {
  return executor && reserves.get(executor)?.(revoked);
}

/** Settles the future of work that was revoked. */
export function settleRevoked(future: Future<unknown>, how: Revoked): void {
  if (how.cancelled) markCancelled(future);
  else reject(future, how.reason);
}
