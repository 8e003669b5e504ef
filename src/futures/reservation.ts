/**
 * Reservations: work that will be submitted to an executor once other work has ended. A shutdown waits for such work.
 *
 * @module
 */

import { type Future, markCancelled, reject } from "./future.ts";
import { markStopped, type UnobservedFailures } from "./unobserved.ts";

/** Why reserved work must not be submitted: the executor cancels waiting work, or drops it with a reason. */
export type Revoked = { readonly cancelled: true } | { readonly cancelled: false; readonly reason: unknown };

/** A reservation for later work. */
export interface Reservation {
  /** Calls a function that submits work, which is accepted even after the shutdown. */
  admit<R>(submit: () => R): R;
  /** Like `admit`, and ends the reservation. */
  use<R>(submit: () => R): R;
  /** Ends the reservation without work. */
  release(): void;
}

/**
 * Receives the reason why nothing more is accepted. If `stopped`, the program has stopped the work, so it has not
 * failed.
 */
export type Dropped = (error: unknown, stopped: boolean) => void;

/** The services of an executor for work that is submitted over time: chains, pipelines and maps. */
export interface Host {
  /** Makes a reservation. Calls `revoked` if the work must be dropped before it was submitted. */
  reserve(revoked: (how: Revoked) => void): Reservation | undefined;
  /**
   * Calls back when waiting work is dropped, at once if that has happened. Returns a function that stops the callback.
   * No shutdown waits for it.
   */
  watch(dropped: Dropped): () => void;
  /** Collects the failures of that work. */
  readonly unobserved: UnobservedFailures;
}

const hosts = new WeakMap<object, Host>();

/** Registers the services of an executor, or of a view of it. */
export function setHost(executor: object, host: Host): void {
  hosts.set(executor, host);
}

/** The services of an executor; undefined if it is not an executor of this library. */
export function hostOf(executor: object | undefined): Host | undefined {
  return executor && hosts.get(executor);
}

/**
 * Makes a reservation at an executor; undefined if it was shut down, or if its shutdown does not wait for such work.
 */
export function reserve(executor: object | undefined, revoked: (how: Revoked) => void): Reservation | undefined {
  return hostOf(executor)?.reserve(revoked);
}

/** Settles the future of work whose reservation was revoked. */
export function settleRevoked(future: Future<unknown>, how: Revoked): void {
  if (how.cancelled) return markCancelled(future);
  markStopped(future);
  reject(future, how.reason);
}
