/**
 * A line in the order of what stands in it.
 *
 * A heap is tempting: adding to it costs less. But it compares while it is taken from, too, where an order that throws
 * leaves nobody to blame and an item that cannot be taken; and of two items that have no order it may never compare one
 * with the other. Here only `add` compares, with the neighbours of the place an item gets, so it finds out there and then.
 *
 * @module
 */

/** A block that has grown to this many items becomes two. */
const LARGEST = 128;

/** Items in ascending order, equal ones in order of arrival. Adding costs O(log n) comparisons, taking is O(1). */
export class SortedLine<T> {
  readonly #compare: (a: T, b: T) => number;
  /** From the largest item to the smallest, so that the next one to be taken is the last of the last. */
  #blocks: T[][] = [[]];
  /** The smallest item of each block but the last: found side by side, a search need not visit the blocks. */
  #smallest: T[] = [];
  #size = 0;

  /**
   * @param compare returns a number below 0 if `a` comes before `b`, above 0 if after it, 0 if they are equal. What it throws
   * `add` throws, and has added nothing.
   */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  /** How many items stand in the line. */
  get size(): number {
    return this.#size;
  }

  /** Adds an item behind those that are smaller or equal. */
  add(item: T): void {
    this.#insert(item, false);
  }

  /** Adds an item that was taken before those that are equal to it. */
  putBack(item: T): void {
    this.#insert(item, true);
  }

  /** @param first whether it is taken before those that are equal to it. */
  #insert(item: T, first: boolean): void {
    const at = this.#search(this.#smallest, item, first);
    const block = this.#blocks[at]!;
    block.splice(this.#search(block, item, first), 0, item);
    this.#size++;
    if (block.length < LARGEST) return;
    this.#blocks.splice(at + 1, 0, block.splice(LARGEST / 2));
    this.#smallest.splice(at, 0, block[block.length - 1]!);
  }

  /** Throws what `add` would throw, and adds nothing. */
  check(item: T): void {
    this.#search(this.#blocks[this.#search(this.#smallest, item, false)]!, item, false);
  }

  /** Takes the smallest item, of equal ones the first, or returns undefined. */
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

  /** The first place in a falling row whose item is taken before the new one. */
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
