/**
 * A meeting point of a number of parties.
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
import { Line, LINE_CELLS } from "./line.ts";
import { ownCells, travels } from "./memory.ts";
import { seatCells, Seats } from "./seats.ts";

/** The cell of the present round: how many have come, whether it is broken, its number, and whether it is about to end. */
const STATE = LINE_CELLS;
/** A bit for each of the last rounds: whether it was broken. */
const HISTORY = STATE + 1;
/** In its seat a thread notes the round it waits in, plus one. */
const SEATS = HISTORY + 1, SEAT_COUNT = 128;
const CELLS = SEATS + seatCells(SEAT_COUNT);
const COUNT = 0xffff, BROKEN = 0x10000, ROUND = 0x20000, ENDING = 1 << 31;
/** Rounds are counted modulo this. */
const ROUNDS = 0x4000;

/** How a barrier behaves. */
export interface BarrierOptions {
  /** Is run by the last party to come, before the others go on. */
  action?: (() => unknown) | undefined;
  /** Milliseconds a party waits if it does not say otherwise. */
  timeout?: number | undefined;
}

const OPTIONS: OptionNames<BarrierOptions> = optionNames<BarrierOptions>({ action: true, timeout: true });

/** A party waits for the others of its round, or, while the last round still ends, to enter the next. */
interface Request {
  readonly round: number;
  readonly enters: boolean;
}

/**
 * A meeting point: all wait until the last of the parties has come, then all go on; round after round.
 *
 * The same barrier serves one loop, threads and processes: pass it to a task as an argument. A barrier with an
 * `action` cannot, as functions do not travel.
 *
 * **Order.** All of a round go on together. **Cancellation.** A party that runs out of time, is aborted or dies breaks the
 * barrier: the others get a `BrokenBarrierError`, and so does everybody who comes until `reset`. **Cost.** O(1).
 * **Memory.** Each party sees everything that the others did before they came.
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
  readonly #line: Line<Request, true>;
  readonly #seats: Seats;
  readonly #action: (() => unknown) | undefined;
  readonly #timeout: number;
  /** How many must come. */
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

  /** Makes a barrier for so many parties. */
  constructor(parties: number, options: BarrierOptions = {}) {
    this.parties = checkInteger("Cannot make a barrier as 'parties'", parties, 1, COUNT);
    const { action, timeout = Infinity } = checkOptions("Cannot make a barrier as 'options'", options, OPTIONS);
    if (action !== undefined) checkFunction("Cannot make a barrier as 'action'", action);
    this.#action = action;
    this.#timeout = checkDuration("Cannot make a barrier as 'timeout'", timeout);
    const { cells } = ownCells(CELLS);
    this.#cells = cells;
    this.#seats = new Seats(cells, SEATS, SEAT_COUNT);
    this.#line = new Line(cells, "Cannot meet the other parties of a barrier", {
      exclusive: false,
      take: (request) => this.#take(request),
      left: ({ round, enters }) => enters || this.#break(round),
      mend: () => this.#mend(),
    });
  }

  /** How many wait. Stale when read. */
  get waiting(): number {
    this.#line.mend();
    const state = this.#state();
    return (state & BROKEN) !== 0 ? 0 : state & COUNT;
  }

  /** Whether it is broken. Stale when read. */
  get broken(): boolean {
    this.#line.mend();
    return (this.#state() & BROKEN) !== 0;
  }

  /**
   * Waits for the other parties.
   *
   * @param options the limits of the wait; the barrier's own `timeout` if they name none.
   * @returns the party's place, from 0 to `parties` - 1; 0 for the one that came last.
   * @throws {BrokenBarrierError} if the barrier is broken or gets broken by another party, by `abort` or by `reset`.
   * @throws {TimeoutError} if the others do not come in time.
   * @throws the signal's reason if it is aborted, or what the action throws.
   */
  async wait(options?: WaitOptions): Promise<number> {
    const limits = this.#limits(options);
    for (;;) {
      const { round, place } = this.#come();
      if (place === undefined) {
        await this.#line.take({ round, enters: true }, limits());
        // It could still be aborted: who has come has to wait, or break the round.
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

  /** Blocks this thread until the other parties have come. As `wait`; the action must not be async. */
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

  /** Starts over: those who wait get a `BrokenBarrierError`, and the barrier is whole again. */
  reset(): void {
    const state = this.#state();
    const fate = (state & (COUNT | BROKEN)) === 0 ? 0 : BROKEN;
    if (compareExchange(this.#cells, STATE, state, state | fate | ENDING) !== state) return this.reset();
    this.#finish(state | fate | ENDING);
    this.#line.serve();
  }

  /** Breaks the barrier: those who wait and all who come get a `BrokenBarrierError`, until `reset`. */
  abort(): void {
    this.#break(this.#state() >>> 17);
  }

  #share(): void {
    if (this.#action !== undefined) {
      throw new Refusal("a Barrier with an action cannot travel: the party with place 0 can do what is to be done");
    }
    this.#line.share();
    // The dead may sit on all the seats.
    this.#line.mend();
  }

  /** The limits of a wait: what is left of them whenever they are asked for. */
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

  /** Comes to the present round; no place as long as the last of it is still in its action. */
  #come(): { round: number; place: number | undefined } {
    for (;;) {
      const state = this.#state();
      if ((state & BROKEN) !== 0) throw broken();
      const round = state >>> 17;
      const count = state & COUNT;
      if (count === this.parties) return { round, place: undefined };
      // Noted first: nobody would learn of a party that dies behind its coming.
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

  /** A wait was given up, which breaks its round: throws, unless the last party had come before that. */
  #checkPassed(round: number, error: unknown): void {
    if (error instanceof BrokenBarrierError || this.#state() >>> 17 === round || this.#wasBroken(round)) throw error;
  }

  #wasBroken(round: number): boolean {
    return (load(this.#cells, HISTORY) >>> (round & 31) & 1) === 1;
  }

  /** The present round. One that is about to end has ended. */
  #state(): number {
    for (;;) {
      const state = load(this.#cells, STATE);
      if (state >= 0) return state;
      this.#finish(state);
    }
  }

  /** Ends a round whose fate is sealed: all who find it so do the same, and whoever is first has done it for all. */
  #finish(ending: number): void {
    const round = ending >>> 17 & ROUNDS - 1;
    this.#remember(round, (ending & BROKEN) !== 0);
    compareExchange(this.#cells, STATE, ending, next(round));
  }

  /** Notes how a round ends, before it does: who was in it may look later. */
  #remember(round: number, broken: boolean): void {
    const bit = 1 << (round & 31);
    const history = load(this.#cells, HISTORY);
    const changed = broken ? history | bit : history & ~bit;
    if (compareExchange(this.#cells, HISTORY, history, changed) !== history) this.#remember(round, broken);
  }

  /** Notes a round of this thread in its seat, plus one; returns what was noted there. */
  #note(noted: number): number {
    const cell = this.#seats.own();
    return cell === -1 ? 0 : exchange(this.#cells, cell, noted);
  }

  /** A round is over for a party. Others of its thread may be in the next one already. */
  #leave(round: number): void {
    const cell = this.#seats.own();
    if (cell !== -1) compareExchange(this.#cells, cell, round + 1, 0);
  }

  #mend(): boolean {
    let found = false;
    this.#seats.clear((cell) => {
      const noted = load(this.#cells, cell);
      if (noted === 0) return;
      found = true;
      this.#break(noted - 1);
    });
    return found;
  }
}

/** The state of the round after a round, before anybody has come. */
function next(round: number): number {
  return (round + 1) % ROUNDS * ROUND;
}

function broken(): BrokenBarrierError {
  return new BrokenBarrierError("Cannot meet the other parties as the barrier is broken");
}
