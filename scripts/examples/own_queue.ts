// The queue of own_thread_pool.ts: a lock, a condition, and memory that all threads see.
//
// An object of your own class cannot be sent to a thread, but its parts can: the lock, the condition and the memory are the
// same on both sides. Each thread builds its own queue object over them. Items are sent as JSON.

import { Condition, Lock, type WaitOptions } from "@heddle/heddle/sync";

/** The parts of a queue: an argument for threads. */
export interface QueueParts {
  lock: Lock;
  /** Notified when an item is put, and when the queue is stopped. */
  changed: Condition;
  /** The number of items, the index of the first slot, the stopped flag, and the length of the item in each slot in bytes. */
  state: Int32Array;
  /** The items, in slots of {@linkcode PLACE_BYTES} each. */
  bytes: Uint8Array;
}

/** The capacity of a queue, in items. */
export const PLACES = 1_000;
const PLACE_BYTES = 1_000;
/** Indexes of `state`. */
const SIZE = 0, FIRST = 1, STOPPED = 2, LENGTHS = 3;

/** A first-in, first-out queue for threads. Every method blocks the calling thread, as in Python. */
export class OwnQueue<T> {
  /** The argument for a thread, which calls `new OwnQueue(parts)`. */
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

  /** Adds several items in one step: other threads see all of them or none. */
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

  /** Waits for an item, removes the first one and returns it; `undefined` if the queue is stopped and empty. */
  pop(options?: WaitOptions): T | undefined {
    const { lock, changed, state, bytes } = this.parts;
    using _permit = lock.acquireSync();
    changed.waitForSync(() => state[SIZE]! > 0 || state[STOPPED] === 1, options);
    if (state[SIZE] === 0) return undefined;
    const place = state[FIRST]!;
    // `TextDecoder` refuses shared memory, so `slice` makes a copy.
    const text = bytes.slice(place * PLACE_BYTES, place * PLACE_BYTES + state[LENGTHS + place]!);
    state[FIRST] = (place + 1) % PLACES;
    state[SIZE]!--;
    return JSON.parse(new TextDecoder().decode(text));
  }

  /** Stops the queue: items already in it can still be popped. */
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
