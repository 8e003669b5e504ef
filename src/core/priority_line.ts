/**
 * A queue with priorities: higher first, equal ones in order of arrival.
 *
 * @module
 */

import { Deque } from "./deque.ts";

/**
 * Items in order of priority, then of arrival. Each priority in use has a deque, so operations are O(1) while there are
 * few priorities.
 */
export class PriorityLine<T> {
  #lanes = new Map<number, Deque<T>>();
  /** The priorities in use, highest first. */
  #order: number[] = [];
  #size = 0;

  /** The number of items. */
  get size(): number {
    return this.#size;
  }

  /** Adds an item behind those of its priority. */
  push(item: T, priority: number): void {
    this.#lane(priority).push(item);
    this.#size++;
  }

  /** Puts an item back in front of those of its priority. */
  unshift(item: T, priority: number): void {
    this.#lane(priority).unshift(item);
    this.#size++;
  }

  /** Removes and returns the first item, or returns undefined. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const priority = this.#order[0]!;
    const lane = this.#lanes.get(priority)!;
    const item = lane.shift();
    this.#size--;
    if (lane.size === 0 && this.#order.length > 1) {
      this.#lanes.delete(priority);
      this.#order.shift();
    }
    return item;
  }

  /** Returns the first item without removing it. */
  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#lanes.get(this.#order[0]!)!.peek();
  }

  /** The first item of the lowest priority that is still meant. */
  lowest(isMeant: (item: T) => boolean): T | undefined {
    for (const priority of this.#order.toReversed()) {
      for (const item of this.#lanes.get(priority)!) if (isMeant(item)) return item;
    }
    return undefined;
  }

  #lane(priority: number): Deque<T> {
    let lane = this.#lanes.get(priority);
    if (lane === undefined) {
      this.#dropEmptyHead();
      lane = new Deque();
      this.#lanes.set(priority, lane);
      const before = this.#order.findIndex((other) => other < priority);
      this.#order.splice(before === -1 ? this.#order.length : before, 0, priority);
    }
    return lane;
  }

  /**
   * Removes an empty lane that would hide a lower priority. The last lane is kept when it becomes empty, for the common
   * case of one priority.
   */
  #dropEmptyHead(): void {
    if (this.#size > 0 || this.#order.length === 0) return;
    this.#lanes.clear();
    this.#order = [];
  }
}
