/**
 * The keys of a throttle, such as hosts or clients.
 *
 * @module
 */

import type { Clock } from "../core/wait_queue.ts";
import { Key } from "./key.ts";
import type { Rate } from "./rate.ts";
import { wakeLater } from "./wake_later.ts";

/** The number of unused keys that are kept for `stats()`. Without a bound, a crawler would run out of memory. */
const REMEMBERED = 1_000;
/** The interval in milliseconds at which further unused keys are checked, until their windows are over. */
const SWEEP = 1_000;

/** The keys in use, the keys whose windows are not over, and the unused keys that were used last. */
export class Keys {
  readonly #clock: Clock;
  readonly #makeRate: (() => Rate) | undefined;
  readonly #all = new Map<string, Key>();
  /**
   * A linked list of the unused keys, longest unused first, and its length. A `Map` is tempting, but taking its first
   * entry repeatedly is slow: the iterator steps over all deleted entries.
   */
  #first: Key | undefined;
  #last: Key | undefined;
  #idle = 0;
  #sweeps = false;

  /** @param makeRate creates the rate of a key. */
  constructor(clock: Clock, makeRate: (() => Rate) | undefined) {
    this.#clock = clock;
    this.#makeRate = makeRate;
  }

  /** Returns the key with this name, creating it if needed. */
  get(name: string): Key {
    let key = this.#all.get(name);
    if (key === undefined) {
      key = new Key(name, this.#makeRate?.());
      this.#all.set(name, key);
      this.markUnused(key);
    }
    return key;
  }

  /** Returns the key with this name, if it exists. */
  find(name: string): Key | undefined {
    return this.#all.get(name);
  }

  /** Adds a key that is no longer in use to the unused keys. The nameless key is always kept. */
  markUnused(key: Key): void {
    if (key.busy || key.name === "") return;
    // Moving a key to the end of the list at each use is slower.
    if (key.unused) key.reused = true;
    else this.#append(key);
    // Two keys are checked for each new one, so that the list does not grow.
    if (this.#idle > REMEMBERED) this.#forget(2);
  }

  /** Iterates over all keys. */
  [Symbol.iterator](): IterableIterator<Key> {
    return this.#all.values();
  }

  /** Checks up to `most` of the longest unused keys, and deletes those whose windows are over. */
  #forget(most: number): void {
    const now = this.#clock.now();
    for (let checked = 0; checked < most && this.#idle > REMEMBERED; checked++) {
      const oldest = this.#first!;
      this.#remove(oldest);
      // A busy key is added again after its use.
      if (oldest.busy) continue;
      if (oldest.reused || oldest.end > now) this.#append(oldest);
      else this.#all.delete(oldest.name);
    }
    if (this.#idle <= REMEMBERED || this.#sweeps) return;
    this.#sweeps = true;
    wakeLater(this.#clock, SWEEP, () => {
      this.#sweeps = false;
      this.#forget(this.#idle);
    });
  }

  #append(key: Key): void {
    key.unused = true;
    key.reused = false;
    key.before = this.#last;
    key.after = undefined;
    if (this.#last === undefined) this.#first = key;
    else this.#last.after = key;
    this.#last = key;
    this.#idle++;
  }

  #remove(key: Key): void {
    key.unused = false;
    if (key.before === undefined) this.#first = key.after;
    else key.before.after = key.after;
    if (key.after === undefined) this.#last = key.before;
    else key.after.before = key.before;
    key.before = key.after = undefined;
    this.#idle--;
  }
}
