/**
 * The keys of a throttle: hosts, customers, whatever shares its limit.
 *
 * @module
 */

import type { Lane } from "./fair_line.ts";

/** How many keys that are not in use are remembered: a crawler meets more hosts than there is memory for. */
const REMEMBERED = 1_000;

/** One key. */
export class Key {
  readonly name: string;
  /** Permits in use, and callers that wait. */
  active = 0;
  waiting = 0;
  /** How many permits were given back, and how many callers were turned away. */
  done = 0;
  shed = 0;
  /** Its places in the line, by priority. */
  readonly lanes: Map<number, Lane> = new Map();
  /** The lane of the usual priority, without a search. */
  usual: Lane | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Whether anybody uses it. */
  get busy(): boolean {
    return this.active > 0 || this.waiting > 0;
  }
}

/** All keys in use, and those that were used last. */
export class Keys {
  readonly #all = new Map<string, Key>();
  /** Those not in use, the one longest unused first. */
  readonly #idle = new Map<string, Key>();

  /** Finds a key, or makes it. */
  get(name: string): Key {
    let key = this.#all.get(name);
    if (key === undefined) {
      key = new Key(name);
      this.#all.set(name, key);
      this.rest(key);
    }
    return key;
  }

  /** The key was used and may be in use no more. The one without a name is always kept. */
  rest(key: Key): void {
    if (key.busy || key.name === "") return;
    this.#idle.delete(key.name);
    this.#idle.set(key.name, key);
    if (this.#idle.size <= REMEMBERED) return;
    for (const [name, oldest] of this.#idle) {
      this.#idle.delete(name);
      // It may have come into use again since.
      if (!oldest.busy) this.#all.delete(name);
      if (this.#idle.size <= REMEMBERED) break;
    }
  }

  /** All keys that are known. */
  [Symbol.iterator](): IterableIterator<Key> {
    return this.#all.values();
  }
}
