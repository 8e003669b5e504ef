/**
 * Where the items of a queue are, and which of them is next.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";

/** What a kind of queue adds to a queue. */
export interface Storage<T> {
  /** How many items there are. */
  readonly size: number;
  /** Adds an item; throws if it cannot be, and is then as it was. */
  add(item: T): void;
  /** Takes the next item, or returns undefined if there is none. */
  take(): T | undefined;
  /** Puts back an item that was taken: it is the next one again, before those that are equal. */
  putBack(item: T): void;
  /** Throws if an item cannot be added to those that are here. */
  check?(item: T): void;
}

/** The oldest item is next. */
export class FifoStorage<T> extends Deque<T> implements Storage<T> {
  /** Adds an item. */
  add(item: T): void {
    this.push(item);
  }

  /** Takes the oldest item, or returns undefined. */
  take(): T | undefined {
    return this.shift();
  }

  /** Puts the oldest item back. */
  putBack(item: T): void {
    this.unshift(item);
  }
}

/** The newest item is next. */
export class LifoStorage<T> extends Deque<T> implements Storage<T> {
  /** Adds an item. */
  add(item: T): void {
    this.unshift(item);
  }

  /** Takes the newest item, or returns undefined. */
  take(): T | undefined {
    return this.shift();
  }

  /** Puts the newest item back. */
  putBack(item: T): void {
    this.unshift(item);
  }
}
