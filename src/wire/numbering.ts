/**
 * The numbers of the objects in a value.
 *
 * @module
 */

/** Numbers objects in the order they are met. The first one is kept apart, as most values have no other. */
export class Numbering {
  #first: object | undefined;
  #others: Map<object, number> | undefined;

  /** How many objects were met. */
  get size(): number {
    return this.#others?.size ?? (this.#first === undefined ? 0 : 1);
  }

  /** Gives an object the next number, or returns the one it has. */
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

  /** Forgets all. */
  clear(): void {
    this.#first = this.#others = undefined;
  }
}
