/**
 * Where the items of a shared queue are: what all threads see.
 *
 * @module
 */

import type { Account } from "./shared_account.ts";
import type { SharedItem } from "./shared_item.ts";

/** How long a thread waits for a lock before it does something else, in milliseconds; longer if it has nothing else. */
export const PATIENCE = 20, LONG_PATIENCE = 1_000;
/** Memory of this size is kept for reading; more is made when it is needed. */
export const SCRATCH: number = 16 * 1024;

/** There is nothing to take; what was taken can be undefined. */
export const NONE: unique symbol = Symbol("none");
/** The lock could not be had in time: its holder is kept from going on, or has died and nobody has been told yet. */
export const BUSY: unique symbol = Symbol("busy");

/** The items of one queue. Whatever is cut short by the death of its thread has happened, or has not. */
export interface SharedStore {
  /** What was taken, and what is done. */
  readonly account: Account;
  /** How many items there are. Stale when read. */
  readonly count: number;
  /** Whether there may be one: a look that costs nothing. */
  readonly mayHaveItems: boolean;
  /** Whether there is room for so many bytes. Stale when read. */
  hasRoom(size: number): boolean;
  /** Adds an item if there is room; returns whether it did. Throws if it has no place in the order. */
  add(item: SharedItem): boolean;
  /** Takes the next item; NONE if there is none. */
  take(): unknown;
  /** Lets nothing in any more; discards what is there if that is wanted. */
  shut(immediate: boolean): void | typeof BUSY;
  /** Cleans up behind threads that have died since the last time; returns whether that was to be done. */
  mend(): boolean;
}
