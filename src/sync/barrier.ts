/**
 * A meeting point for a fixed number of parties.
 *
 * @module
 */

import { compareExchange, exchange, load } from "../core/cell.ts";
import { checkDuration, checkFunction, checkInteger } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { BrokenBarrierError } from "../core/errors.ts";
import { checkWait, type WaitLimits, type WaitOptions } from "../core/wait_options.ts";
import { now } from "../time/system_clock.ts";
import { Refusal } from "../wire/refusal.ts";
import { SharedWaitQueue, WAIT_QUEUE_CELLS } from "./shared_wait_queue.ts";
import { ownCells, travels } from "./memory.ts";
import { slotCells, ThreadSlots } from "./thread_slots.ts";

/** The state cell of the current round: arrivals, a broken bit, the round's number, and an ending bit. */
const STATE = WAIT_QUEUE_CELLS;
/** One bit for each of the last 32 rounds: whether the round was broken. */
const HISTORY = STATE + 1;
/** A thread's slot notes the round that the thread waits in, plus one. */
const THREAD_SLOTS = HISTORY + 1, SLOT_COUNT = 128;
const CELLS = THREAD_SLOTS + slotCells(SLOT_COUNT);
const COUNT = 0xffff, BROKEN = 0x10000, ROUND = 0x20000, ENDING = 1 << 31;
/** Round numbers wrap at this value. */
const ROUNDS = 0x4000;

/** Options of a barrier. */
export interface BarrierOptions {
  /** Run by the last party to arrive, before any party continues. */
  action?: (() => unknown) | undefined;
  /** Default timeout of `wait`, in milliseconds. */
  timeout?: number | undefined;
}

const OPTIONS: OptionNames<BarrierOptions> = optionNames<BarrierOptions>({ action: true, timeout: true });

/** A party waits for the others of its round or, with `enters`, for the previous round to end. */
interface Request {
  readonly round: number;
  readonly enters: boolean;
}

/**
 * A barrier: all parties wait until the last one arrives, then all continue. The barrier can be used round after round.
 *
 * The same barrier works within one loop, between threads and between processes: pass it to a task as an argument. A
 * barrier with an `action` cannot be passed, because functions cannot travel.
 *
 * **Order.** All parties of a round continue together. **Cancellation.** A party that times out, is aborted or dies
 * breaks the barrier: the other parties, and all that arrive until `reset`, get a `BrokenBarrierError`. **Cost.** O(1).
 * **Memory.** Each party sees everything that the other parties wrote before they arrived.
 *
 * @example Two parties
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Barrier } from "@heddle/heddle/sync";
 *
 * const barrier = new Barrier(2);
 * const places = await Promise.all([barrier.wait(), barrier.wait()]);
 * assertEquals(places.sort(), [0, 1]);
 * ```
 */
export class Barrier {
  readonly #cells: Int32Array;
  readonly #line: SharedWaitQueue<Request, true>;
  readonly #threadSlots: ThreadSlots;
  readonly #action: (() => unknown) | undefined;
  readonly #timeout: number;
  /** The number of parties that meet at the barrier. */
  readonly parties: number;

  static {
    travels<Barrier, [number, number]>(
      this,
      "Barrier",
      import.meta.url,
      (barrier) => ({
        cells: barrier.#cells,
        data: [barrier.parties, barrier.#timeout],
        share: () => barrier.#share(),
      }),
      ([parties, timeout]) => new Barrier(parties, { timeout }),
      { waits: ["wait"], posts: ["reset", "abort"], made: [] },
    );
    printsAs(this, "Barrier", ["parties", "waiting", "broken"]);
  }

  /** Creates a barrier for `parties` parties. */
  constructor(parties: number, options: BarrierOptions = {}) {
    this.parties = checkInteger("Cannot make a barrier as 'parties'", parties, 1, COUNT);
    const { action, timeout = Infinity } = checkOptions("Cannot make a barrier as 'options'", options, OPTIONS);
    if (action !== undefined) checkFunction("Cannot make a barrier as 'action'", action);
    this.#action = action;
    this.#timeout = checkDuration("Cannot make a barrier as 'timeout'", timeout);
    const { cells } = ownCells(CELLS);
    this.#cells = cells;
    this.#threadSlots = new ThreadSlots(cells, THREAD_SLOTS, SLOT_COUNT);
    this.#line = new SharedWaitQueue(cells, "Cannot pass a barrier", {
      exclusive: false,
      take: (request) => this.#take(request),
      left: ({ round, enters }) => enters || this.#break(round),
      recover: () => this.#recover(),
    });
  }

  /** The number of parties that wait. The value may be stale when it is read. */
  get waiting(): number {
    this.#line.recover();
    const state = this.#state();
    return (state & BROKEN) !== 0 ? 0 : state & COUNT;
  }

  /** Whether the barrier is broken. The value may be stale when it is read. */
  get broken(): boolean {
    this.#line.recover();
    return (this.#state() & BROKEN) !== 0;
  }

  /**
   * Waits for the other parties.
   *
   * @param options the limits of the wait; without a `timeout`, that of the barrier applies.
   * @returns the party's index, from 0 to `parties` - 1; the last party to arrive gets 0.
   * @throws {BrokenBarrierError} if the barrier is broken, or another party, `abort` or `reset` breaks it.
   * @throws {TimeoutError} if the other parties do not arrive in time.
   * @throws the signal's reason if the signal is aborted, or what the action throws.
   */
  async wait(options?: WaitOptions): Promise<number> {
    const limits = this.#limits(options);
    for (;;) {
      const { round, place } = this.#come();
      if (place === undefined) {
        await this.#line.take({ round, enters: true }, limits());
        // Check before arriving: a party that has arrived can only wait or break the round.
        options?.signal?.throwIfAborted();
        continue;
      }
      try {
        if (place === 0) await this.#act(round);
        else await this.#line.take({ round, enters: false }, limits());
      } catch (error) {
        this.#checkPassed(round, error);
      } finally {
        this.#leave(round);
      }
      return place;
    }
  }

  /** Blocks this thread until the other parties have arrived. As `wait`; the action must be synchronous. */
  waitSync(options: WaitOptions = {}): number {
    const limits = this.#limits(options);
    for (;;) {
      const { round, place } = this.#come();
      if (place === undefined) {
        this.#line.takeSync({ round, enters: true }, limits());
        continue;
      }
      try {
        if (place === 0) void this.#act(round);
        else this.#line.takeSync({ round, enters: false }, limits());
      } catch (error) {
        this.#checkPassed(round, error);
      } finally {
        this.#leave(round);
      }
      return place;
    }
  }

  /** Resets the barrier to its initial state. Waiting parties get a `BrokenBarrierError`. */
  reset(): void {
    const state = this.#state();
    const fate = (state & (COUNT | BROKEN)) === 0 ? 0 : BROKEN;
    if (compareExchange(this.#cells, STATE, state, state | fate | ENDING) !== state) return this.reset();
    this.#finish(state | fate | ENDING);
    this.#line.serve();
  }

  /** Breaks the barrier: waiting parties, and all that arrive until `reset`, get a `BrokenBarrierError`. */
  abort(): void {
    this.#break(this.#state() >>> 17);
  }

  #share(): void {
    if (this.#action !== undefined) {
      throw new Refusal("a Barrier with an action cannot travel: let the party that gets 0 from wait() run it");
    }
    this.#line.share();
    // Dead threads may occupy all thread slots.
    this.#line.recover();
  }

  /** Returns a function that computes the remaining limits of the wait. */
  #limits(options: WaitOptions | undefined): () => WaitLimits {
    const { timeout: given, signal } = checkWait("Cannot wait at a barrier", options);
    signal?.throwIfAborted();
    const timeout = options?.timeout === undefined ? this.#timeout : given;
    if (timeout === 0 || timeout === Infinity) return () => ({ timeout, signal });
    let end: number | undefined;
    return () => {
      const left = end === undefined ? timeout : Math.max(0, Math.ceil(end - now()));
      end ??= now() + timeout;
      return { timeout: left, signal };
    };
  }

  /** Joins the current round. The index is undefined if the round is full but has not ended yet. */
  #come(): { round: number; place: number | undefined } {
    for (;;) {
      const state = this.#state();
      if ((state & BROKEN) !== 0) throw broken();
      const round = state >>> 17;
      const count = state & COUNT;
      if (count === this.parties) return { round, place: undefined };
      // Note the round before arriving: otherwise the death of a party that has just arrived would go unnoticed.
      const before = this.#note(round + 1);
      if (compareExchange(this.#cells, STATE, state, state + 1) === state) {
        return { round, place: this.parties - 1 - count };
      }
      this.#note(before);
    }
  }

  /** Runs the action, then ends the round. */
  #act(round: number): Promise<void> | void {
    try {
      const answer = this.#action?.();
      if (answer instanceof Promise) return answer.then(() => this.#end(round), (error) => this.#fail(round, error));
    } catch (error) {
      this.#fail(round, error);
    }
    this.#end(round);
  }

  #fail(round: number, error: unknown): never {
    this.#break(round);
    throw error;
  }

  #end(round: number): void {
    const state = this.#state();
    if (state >>> 17 !== round || (state & BROKEN) !== 0) throw broken();
    if (compareExchange(this.#cells, STATE, state, state | ENDING) !== state) return this.#end(round);
    this.#finish(state | ENDING);
    this.#line.serve();
  }

  #break(round: number): void {
    const state = this.#state();
    if (state >>> 17 !== round || (state & BROKEN) !== 0) return;
    if (compareExchange(this.#cells, STATE, state, state | BROKEN) !== state) return this.#break(round);
    this.#line.serve();
  }

  #take({ round, enters }: Request): true | undefined {
    const state = this.#state();
    if (state >>> 17 === round) {
      if ((state & BROKEN) !== 0) throw broken();
      return undefined;
    }
    if (!enters && this.#wasBroken(round)) throw broken();
    return true;
  }

  /** After a failed wait: rethrows, unless the last party had arrived before the wait ended. */
  #checkPassed(round: number, error: unknown): void {
    if (error instanceof BrokenBarrierError || this.#state() >>> 17 === round || this.#wasBroken(round)) throw error;
  }

  #wasBroken(round: number): boolean {
    return (load(this.#cells, HISTORY) >>> (round & 31) & 1) === 1;
  }

  /** The current round. A round that is marked as ending is completed first. */
  #state(): number {
    for (;;) {
      const state = load(this.#cells, STATE);
      if (state >= 0) return state;
      this.#finish(state);
    }
  }

  /** Completes a round that is marked as ending. Any thread may do this; the first one does it for all. */
  #finish(ending: number): void {
    const round = ending >>> 17 & ROUNDS - 1;
    this.#remember(round, (ending & BROKEN) !== 0);
    compareExchange(this.#cells, STATE, ending, next(round));
  }

  /** Records a round's outcome before the round ends: its parties may read it later. */
  #remember(round: number, broken: boolean): void {
    const bit = 1 << (round & 31);
    const history = load(this.#cells, HISTORY);
    const changed = broken ? history | bit : history & ~bit;
    if (compareExchange(this.#cells, HISTORY, history, changed) !== history) this.#remember(round, broken);
  }

  /** Notes a round, plus one, in this thread's slot; returns the previous note. */
  #note(noted: number): number {
    const cell = this.#threadSlots.own();
    return cell === -1 ? 0 : exchange(this.#cells, cell, noted);
  }

  /** Clears this thread's note of a round. Other parties of the thread may have noted the next round already. */
  #leave(round: number): void {
    const cell = this.#threadSlots.own();
    if (cell !== -1) compareExchange(this.#cells, cell, round + 1, 0);
  }

  #recover(): boolean {
    let found = false;
    this.#threadSlots.clear((cell) => {
      const noted = load(this.#cells, cell);
      if (noted === 0) return;
      found = true;
      this.#break(noted - 1);
    });
    return found;
  }
}

/** The initial state of the round after `round`. */
function next(round: number): number {
  return (round + 1) % ROUNDS * ROUND;
}

function broken(): BrokenBarrierError {
  return new BrokenBarrierError("Cannot pass a barrier: it is broken");
}
