/**
 * A waiting line with priorities: higher first, equal ones in order of arrival.
 *
 * @module
 */

import { Deque } from "./deque.ts";

/** Items in order of priority, then of arrival. One deque per priority in use: O(1) while priorities are few. */
export class PriorityLine<T> {
  #lanes = new Map<number, Deque<T>>();
  /** The priorities in use, highest first. */
  #order: number[] = [];
  #size = 0;

  /** How many items stand in the line. */
  get size(): number {
    return this.#size;
  }

  /** Adds an item behind those of its priority. */
  push(item: T, priority: number): void {
    this.#lane(priority).push(item);
    this.#size++;
  }

  /** Puts an item back before those of its priority. */
  unshift(item: T, priority: number): void {
    this.#lane(priority).unshift(item);
    this.#size++;
  }

  /** Takes the first item, or returns undefined. */
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

  /** Returns the first item without taking it. */
  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#lanes.get(this.#order[0]!)!.peek();
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

  /** The last lane is kept when it runs empty, for the common case of one priority; it must not hide a lower one. */
  #dropEmptyHead(): void {
    if (this.#size > 0 || this.#order.length === 0) return;
    this.#lanes.clear();
    this.#order = [];
  }
}
