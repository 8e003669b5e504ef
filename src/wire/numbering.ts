/**
 * Numbers the objects in a value.
 *
 * @module
 */

/**
 * Numbers objects in the order of their first occurrence. The first object has its own field, because most values have
 * only one.
 */
export class Numbering {
  #first: object | undefined;
  #others: Map<object, number> | undefined;

  /** The number of objects. */
  get size(): number {
    return this.#others?.size ?? (this.#first === undefined ? 0 : 1);
  }

  /** Numbers an object; returns its number if it has one already, otherwise undefined. */
  meet(value: object): number | undefined {
    if (this.#first === undefined) {
      this.#first = value;
      return undefined;
    }
    const all = this.#others ??= new Map([[this.#first, 0]]);
    const before = all.get(value);
    if (before === undefined) all.set(value, all.size);
    return before;
  }

  /** Forgets all but the first `size` objects. */
  shrink(size: number): void {
    for (const [value, number] of this.#others ?? []) if (number >= size) this.#others!.delete(value);
    if (size === 0) this.clear();
  }

  /** Forgets all objects. */
  clear(): void {
    this.#first = this.#others = undefined;
  }
}
