/**
 * A queue that keeps its items sorted.
 *
 * A heap is the tempting structure, because it adds items faster. But a heap also compares when an item is taken. If
 * `compare` throws there, no caller is at fault and the item cannot be taken. A heap may also never compare two items
 * that have no order. Here only `add` compares an item, with the neighbours of its position, so that `add` itself
 * fails.
 *
 * @module
 */

/** A block that reaches this number of items is split in two. */
const LARGEST = 128;

/** Items in ascending order, equal ones in order of arrival. Adding costs O(log n) comparisons, taking is O(1). */
export class SortedLine<T> {
  readonly #compare: (a: T, b: T) => number;
  /** Blocks from the largest item to the smallest: the next item to take is the last of the last block. */
  #blocks: T[][] = [[]];
  /** The smallest item of each block except the last, in one array, so that a search need not visit the blocks. */
  #smallest: T[] = [];
  #size = 0;

  /**
   * @param compare returns a number below 0 if `a` comes before `b`, above 0 if after it, 0 if they are equal. If it
   * throws, `add` throws the same error and adds nothing.
   */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  /** The number of items. */
  get size(): number {
    return this.#size;
  }

  /** Adds an item behind smaller and equal ones. */
  add(item: T): void {
    this.#insert(item, false);
  }

  /** Puts back an item that was taken, in front of equal ones. */
  putBack(item: T): void {
    this.#insert(item, true);
  }

  /** @param first whether the item goes in front of equal ones. */
  #insert(item: T, first: boolean): void {
    const at = this.#search(this.#smallest, item, first);
    const block = this.#blocks[at]!;
    block.splice(this.#search(block, item, first), 0, item);
    this.#size++;
    if (block.length < LARGEST) return;
    this.#blocks.splice(at + 1, 0, block.splice(LARGEST / 2));
    this.#smallest.splice(at, 0, block[block.length - 1]!);
  }

  /** Throws if `add` would throw; adds nothing. */
  check(item: T): void {
    this.#search(this.#blocks[this.#search(this.#smallest, item, false)]!, item, false);
  }

  /** Removes and returns the smallest item, the oldest of equal ones, or returns undefined. */
  take(): T | undefined {
    if (this.#size === 0) return undefined;
    const last = this.#blocks[this.#blocks.length - 1]!;
    const item = last.pop();
    this.#size--;
    if (last.length === 0 && this.#blocks.length > 1) {
      this.#blocks.pop();
      this.#smallest.pop();
    }
    return item;
  }

  /** Returns the first index of a descending array whose item is taken before `item`. */
  #search(row: T[], item: T, first: boolean): number {
    let low = 0;
    let high = row.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = this.#compare(row[middle]!, item);
      if (order < 0 || (order <= 0 && !first)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
