/**
 * Work that will be submitted to an executor once other work has ended: its links are in flight, so that a shutdown waits
 * for them.
 *
 * @module
 */

import type { Executor } from "./executor.ts";
import type { Future } from "./future.ts";
import { markCancelled, reject } from "./future.ts";
import { markStopped, type UnobservedFailures } from "./unobserved.ts";

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

/** Is told why nothing more is taken, and whether the program has stopped the work, which then has not failed. */
export type Dropped = (error: unknown, stopped: boolean) => void;

/** What an executor has for those that submit work to it over time. */
export interface Host {
  /** Reserves a place; `revoked` is called if the work is to be dropped before it was submitted. */
  reserve(revoked: (how: Revoked) => void): Reservation | undefined;
  /** Calls back, at once if it is so, if what waits is dropped; returns what stops it. No shutdown waits for it. */
  watch(dropped: Dropped): () => void;
  /** Takes their failures. */
  readonly unobserved: UnobservedFailures;
}

const hosts = new WeakMap<Executor, Host>();

/** Says what an executor, or a view of it, has for them. */
export function setHost(executor: Executor, host: Host): void {
  hosts.set(executor, host);
}

/** What an executor has for them; undefined if it is none of this library. */
export function hostOf(executor: Executor | undefined): Host | undefined {
  return executor && hosts.get(executor);
}

/** Reserves a place at an executor; undefined if it was shut down, or its shutdown does not wait for such work. */
export function reserve(executor: Executor | undefined, revoked: (how: Revoked) => void): Reservation | undefined {
  return hostOf(executor)?.reserve(revoked);
}

/** Settles the future of work that was revoked. */
export function settleRevoked(future: Future<unknown>, how: Revoked): void {
  if (how.cancelled) return markCancelled(future);
  markStopped(future);
  reject(future, how.reason);
}
