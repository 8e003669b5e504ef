/**
 * A flag that can be waited for.
 *
 * @module
 */

import { compareExchange, load } from "../core/cell.ts";
import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { Line, LINE_CELLS } from "./line.ts";
import { ownCells, travels } from "./memory.ts";

/** The cell of the flag, in its lowest bit, and of how often it was set, above. */
const STATE = LINE_CELLS;
const CELLS = STATE + 1;

/**
 * A flag: set or not. All who wait go on once it is set, even if it is cleared at once.
 *
 * The same event serves one loop, threads and processes: pass it to a task as an argument.
 *
 * **Order.** All at once; in one loop in the order they came. **Cancellation.** A wait that ends early leaves nothing
 * behind. **Cost.** O(1) for each who waits. **Memory.** Who has waited sees everything that was done before `set`.
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
  readonly #line: Line<number, true>;

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

  /** Makes an event that is not set. */
  constructor() {
    this.#cells = ownCells(CELLS).cells;
    this.#line = new Line(this.#cells, "Cannot see the event set", {
      exclusive: false,
      take: (sets) => {
        const state = load(this.#cells, STATE);
        return (state & 1) === 1 || state >>> 1 !== sets ? true : undefined;
      },
    });
  }

  /** Whether it is set. Stale when read. */
  get isSet(): boolean {
    return (load(this.#cells, STATE) & 1) === 1;
  }

  /** Sets the flag: all who wait go on, and nobody has to wait until it is cleared. */
  set(): void {
    const state = load(this.#cells, STATE);
    if ((state & 1) === 1) return;
    // Whoever was faster has set it, or has cleared it after somebody else had.
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
   * @throws {TimeoutError} if it is not set in time.
   * @throws the signal's reason if it is aborted.
   */
  async wait(options?: WaitOptions): Promise<void> {
    await this.#line.take(this.#sets(), options);
  }

  /** Blocks this thread until the flag is set. As `wait`, and throws what that rejects with. */
  waitSync(options: WaitOptions = {}): void {
    this.#line.takeSync(this.#sets(), options);
  }

  #sets(): number {
    return load(this.#cells, STATE) >>> 1;
  }
}
