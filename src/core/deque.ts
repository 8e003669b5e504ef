/**
 * A double-ended queue over a ring buffer.
 *
 * `Array.prototype.shift` is the tempting way to take from the front. On V8 it moves every element once the array is
 * large, so that draining 100,000 entries takes seconds.
 *
 * @module
 */

const SMALLEST = 16;

/** A double-ended queue: every operation is O(1), amortized over growth. */
export class Deque<T> {
  #slots: (T | undefined)[] = new Array(SMALLEST);
  #head = 0;
  #size = 0;

  /** The number of items. */
  get size(): number {
    return this.#size;
  }

  /** Adds an item at the back. */
  push(item: T): void {
    if (this.#size === this.#slots.length) this.#resize(this.#size * 2);
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item;
    this.#size++;
  }

  /** Adds an item at the front. */
  unshift(item: T): void {
    if (this.#size === this.#slots.length) this.#resize(this.#size * 2);
    this.#head = (this.#head - 1) & (this.#slots.length - 1);
    this.#slots[this.#head] = item;
    this.#size++;
  }

  /** Removes and returns the item at the front, or returns undefined. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size--;
    if (this.#size === this.#slots.length >> 2 && this.#slots.length > 1024) this.#resize(this.#slots.length >> 1);
    return item;
  }

  /** Returns the item at the front without removing it. */
  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#slots[this.#head];
  }

  /** Iterates over the items from the front to the back. */
  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.#size; i++) yield this.#slots[(this.#head + i) & (this.#slots.length - 1)]!;
  }

  /** Copies the items into a ring of another size. The size is a power of two, so that an index wraps by a mask. */
  #resize(length: number): void {
    const slots: (T | undefined)[] = new Array(length);
    for (let i = 0; i < this.#size; i++) slots[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)];
    this.#slots = slots;
    this.#head = 0;
  }
}
