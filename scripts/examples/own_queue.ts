// The queue of own_thread_pool.ts: a lock, a condition, and memory that all threads see.
//
// An object of a class of your own does not travel to a thread, but its parts do: the lock, the condition and the memory are
// the same on both sides. Each thread builds its own queue object over them. Items travel as JSON.

import { Condition, Lock, type WaitOptions } from "@heddle/heddle/sync";

/** The parts of a queue: an argument for threads. */
export interface QueueParts {
  lock: Lock;
  /** Notified when an item is put, and when the queue is stopped. */
  changed: Condition;
  /** The number of items, the place of the first one, whether the queue is stopped, and the length of each item in bytes. */
  state: Int32Array;
  /** The items. Each place has {@linkcode PLACE_BYTES}. */
  bytes: Uint8Array;
}

/** How many items fit into a queue. */
export const PLACES = 1_000;
const PLACE_BYTES = 1_000;
/** Indexes of `state`. */
const SIZE = 0, FIRST = 1, STOPPED = 2, LENGTHS = 3;

/** A first-in, first-out queue for threads. Every method blocks the calling thread, as in Python. */
export class OwnQueue<T> {
  /** What to pass to a thread, which calls `new OwnQueue(parts)`. */
  readonly parts: QueueParts;

  constructor(parts: QueueParts = newParts()) {
    this.parts = parts;
  }

  /** The number of items. */
  get size(): number {
    using _permit = this.parts.lock.acquireSync();
    return this.parts.state[SIZE]!;
  }

  /** Adds an item. */
  put(item: T): void {
    this.batchPut([item]);
  }

  /** Adds some items in one step: other threads see all of them or none. */
  batchPut(items: readonly T[]): void {
    const { lock, changed, state, bytes } = this.parts;
    const texts = items.map((item) => new TextEncoder().encode(JSON.stringify(item)));
    const longest = Math.max(0, ...texts.map(({ length }) => length));
    if (longest > PLACE_BYTES) {
      throw new RangeError(`Cannot put an item of ${longest} bytes: the limit is ${PLACE_BYTES}`);
    }
    using _permit = lock.acquireSync();
    if (state[STOPPED] === 1) throw new Error("Cannot put: the queue is stopped");
    if (state[SIZE]! + items.length > PLACES) throw new RangeError(`Cannot put: the queue is full (${PLACES} items)`);
    for (const text of texts) {
      const place = (state[FIRST]! + state[SIZE]!++) % PLACES;
      state[LENGTHS + place] = text.length;
      bytes.set(text, place * PLACE_BYTES);
    }
    changed.notifyAll();
  }

  /** Removes the first item and returns it, once there is one; `undefined` if the queue is stopped and empty. */
  pop(options?: WaitOptions): T | undefined {
    const { lock, changed, state, bytes } = this.parts;
    using _permit = lock.acquireSync();
    changed.waitForSync(() => state[SIZE]! > 0 || state[STOPPED] === 1, options);
    if (state[SIZE] === 0) return undefined;
    const place = state[FIRST]!;
    // A decoder takes no shared memory: `slice` copies.
    const text = bytes.slice(place * PLACE_BYTES, place * PLACE_BYTES + state[LENGTHS + place]!);
    state[FIRST] = (place + 1) % PLACES;
    state[SIZE]!--;
    return JSON.parse(new TextDecoder().decode(text));
  }

  /** Ends the queue: items that are in it can still be popped. */
  stop(): void {
    const { lock, changed, state } = this.parts;
    using _permit = lock.acquireSync();
    state[STOPPED] = 1;
    changed.notifyAll();
  }
}

function newParts(): QueueParts {
  const lock = new Lock();
  const state = new Int32Array(new SharedArrayBuffer((LENGTHS + PLACES) * Int32Array.BYTES_PER_ELEMENT));
  const bytes = new Uint8Array(new SharedArrayBuffer(PLACES * PLACE_BYTES));
  return { lock, changed: new Condition(lock), state, bytes };
}
