/**
 * The keys of a throttle: hosts, customers, whatever shares its limit.
 *
 * @module
 */

import type { Clock } from "../core/wait_queue.ts";
import { Key } from "./key.ts";
import type { Rate } from "./rate.ts";
import { wakeLater } from "./wake_later.ts";

/** How many keys that are not in use are remembered for `stats()`: a crawler meets more hosts than there is memory for. */
const REMEMBERED = 1_000;
/** How often those beyond are looked through, in milliseconds: the windows of some may not have been over before. */
const SWEEP = 1_000;

/** All keys in use, those whose windows are not over, and those that were used last. */
export class Keys {
  readonly #clock: Clock;
  readonly #makeRate: (() => Rate) | undefined;
  readonly #all = new Map<string, Key>();
  /**
   * Those not in use: the one longest unused, the one used last, and how many. A map is tempting, but to take its first entry again and
   * again is slow: it steps over all that were deleted.
   */
  #first: Key | undefined;
  #last: Key | undefined;
  #idle = 0;
  #sweeps = false;

  /** @param makeRate makes the rate of a key. */
  constructor(clock: Clock, makeRate: (() => Rate) | undefined) {
    this.#clock = clock;
    this.#makeRate = makeRate;
  }

  /** Finds a key, or makes it. */
  get(name: string): Key {
    let key = this.#all.get(name);
    if (key === undefined) {
      key = new Key(name, this.#makeRate?.());
      this.#all.set(name, key);
      this.rest(key);
    }
    return key;
  }

  /** Finds a key that is known. */
  find(name: string): Key | undefined {
    return this.#all.get(name);
  }

  /** The key was used and may no longer be in use. The one without a name is always kept. */
  rest(key: Key): void {
    if (key.busy || key.name === "") return;
    // Moving a key to the end of the list at each use is slower.
    if (key.resting) key.reused = true;
    else this.#append(key);
    // Two are looked at for each that comes, so that they do not grow in number.
    if (this.#idle > REMEMBERED) this.#forget(2);
  }

  /** All keys that are known. */
  [Symbol.iterator](): IterableIterator<Key> {
    return this.#all.values();
  }

  /** Forgets keys that are no longer used, among the next few. */
  #forget(most: number): void {
    const now = this.#clock.now();
    for (let looked = 0; looked < most && this.#idle > REMEMBERED; looked++) {
      const oldest = this.#first!;
      this.#remove(oldest);
      // A busy key comes back when it rests again.
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
    key.resting = true;
    key.reused = false;
    key.before = this.#last;
    key.after = undefined;
    if (this.#last === undefined) this.#first = key;
    else this.#last.after = key;
    this.#last = key;
    this.#idle++;
  }

  #remove(key: Key): void {
    key.resting = false;
    if (key.before === undefined) this.#first = key.after;
    else key.before.after = key.after;
    if (key.after === undefined) this.#last = key.before;
    else key.after.before = key.before;
    key.before = key.after = undefined;
    this.#idle--;
  }
}
