/**
 * A flag that callers can wait for.
 *
 * @module
 */

import { compareExchange, load } from "../core/cell.ts";
import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { SharedWaitQueue, WAIT_QUEUE_CELLS } from "./shared_wait_queue.ts";
import { ownCells, travels } from "./memory.ts";

/** The state cell: the flag in the lowest bit, above it the number of times the flag was set. */
const STATE = WAIT_QUEUE_CELLS;
const CELLS = STATE + 1;

/**
 * A flag that is either set or clear. Setting it releases all waiters, even if the flag is cleared immediately
 * afterwards.
 *
 * The same event works within one loop, between threads and between processes: pass it to a task as an argument.
 *
 * **Order.** All waiters are released together; within one loop, in the order of their arrival. **Cancellation.** A
 * wait that ends early leaves nothing behind. **Cost.** O(1) per waiter. **Memory.** A released waiter sees everything
 * that was written before `set`.
 *
 * @example Wait for a signal
 * ```ts
 * import { assert } from "@std/assert";
 * import { Event } from "@heddle/heddle/sync";
 *
 * const ready = new Event();
 * setTimeout(() => ready.set(), 1);
 * await ready.wait({ timeout: 1000 });
 * assert(ready.isSet);
 * ```
 */
export class Event {
  readonly #cells: Int32Array;
  readonly #line: SharedWaitQueue<number, true>;

  static {
    travels<Event, null>(
      this,
      "Event",
      import.meta.url,
      (event) => ({ cells: event.#cells, data: null, share: () => event.#line.share() }),
      () => new Event(),
      { waits: ["wait"], posts: ["set", "clear"], made: [] },
    );
    printsAs(this, "Event", ["isSet"]);
  }

  /** Creates an event that is not set. */
  constructor() {
    this.#cells = ownCells(CELLS).cells;
    this.#line = new SharedWaitQueue(this.#cells, "Cannot wait for an event", {
      exclusive: false,
      take: (sets) => {
        const state = load(this.#cells, STATE);
        return (state & 1) === 1 || state >>> 1 !== sets ? true : undefined;
      },
    });
  }

  /** Whether the flag is set. The value may be stale when it is read. */
  get isSet(): boolean {
    return (load(this.#cells, STATE) & 1) === 1;
  }

  /** Sets the flag and releases all waiters. Later calls of `wait` return at once until the flag is cleared. */
  set(): void {
    const state = load(this.#cells, STATE);
    if ((state & 1) === 1) return;
    // Another thread was faster: it set the flag, or cleared it after a third thread had set it.
    if (compareExchange(this.#cells, STATE, state, state + 2 | 1) !== state) return this.set();
    this.#line.serve();
  }

  /** Clears the flag. */
  clear(): void {
    const state = load(this.#cells, STATE);
    if ((state & 1) === 1 && compareExchange(this.#cells, STATE, state, state & ~1) !== state) this.clear();
  }

  /**
   * Waits until the flag is set.
   *
   * @param options the limits of the wait.
   * @throws {TimeoutError} if the flag is not set in time.
   * @throws the signal's reason if the signal is aborted.
   */
  async wait(options?: WaitOptions): Promise<void> {
    await this.#line.take(this.#sets(), options);
  }

  /** Blocks this thread until the flag is set. Throws what `wait` rejects with. */
  waitSync(options: WaitOptions = {}): void {
    this.#line.takeSync(this.#sets(), options);
  }

  #sets(): number {
    return load(this.#cells, STATE) >>> 1;
  }
}
