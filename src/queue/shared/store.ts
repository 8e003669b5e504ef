/**
 * The interface of a shared queue's item storage.
 *
 * @module
 */

import type { Accounting, BUSY } from "./accounting.ts";
import type { SharedItem } from "./item.ts";

/** Size of the reusable read buffer; larger items get a buffer of their own. */
export const SCRATCH: number = 16 * 1024;

/** There is no item to take; a taken item can be undefined. */
export const NONE: unique symbol = Symbol("none");

/**
 * The items of one queue. If a thread dies during an operation, the operation has either happened completely or not at
 * all.
 */
export interface SharedStore {
  /** The accounting of taken and finished items. */
  readonly accounting: Accounting;
  /** The number of items. The value may be stale when it is read. */
  readonly count: number;
  /** Whether there may be an item. A cheap check. */
  readonly mayHaveItems: boolean;
  /** Whether there is room for `size` bytes. The value may be stale when it is read. */
  hasRoom(size: number): boolean;
  /** Adds an item if there is room; returns whether it was added. Throws if the item cannot be ordered. */
  add(item: SharedItem): boolean;
  /** Takes the next item; NONE if there is none, BUSY if the lock timed out. */
  take(): unknown;
  /** Refuses further items, and with `immediate` discards the remaining ones. */
  shut(immediate: boolean): void | typeof BUSY;
  /** Recovers what threads held that have died since the last call; returns whether there was anything to recover. */
  recover(): boolean;
}
