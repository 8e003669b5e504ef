/**
 * The storage of a queue's items, which decides which item is next.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";

/** The storage behind a queue: each kind of queue has its own. */
export interface Storage<T> {
  /** The number of items. */
  readonly size: number;
  /** Adds an item. Throws if the item is unacceptable, and is then unchanged. */
  add(item: T): void;
  /** Takes the next item, or returns undefined if there is none. */
  take(): T | undefined;
  /** Puts a taken item back: it comes first again, before items that are equal to it. */
  putBack(item: T): void;
  /** Throws if `add` would reject the item. */
  check?(item: T): void;
}

/** First in, first out. */
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

/** Last in, first out. */
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
