/**
 * Who may go on: the inside of a throttle.
 *
 * @module
 */

import { InvalidStateError, RejectedError, TimeoutError } from "../core/errors.ts";
import { Histogram } from "../core/histogram.ts";
import { NO_LIMITS, type WaitLimits } from "../core/wait_options.ts";
import type { Clock } from "../core/wait_queue.ts";
import { runtime } from "../runtime/mod.ts";
import type { LentPermit, Permit, PermitSource } from "../sync/permit.ts";
import { startTimer, systemClock } from "../time/system_clock.ts";
import { AdaptiveLimit } from "./adaptive_limit.ts";
import { type Door, FairLine, type Verdict } from "./fair_line.ts";
import { type Key, Keys } from "./keys.ts";
import { checkTurn, type Settings, type TurnOptions } from "./options.ts";
import { SharedPermits } from "./shared_permits.ts";
import { Turn } from "./turn.ts";

const ACQUIRE = "Cannot acquire a permit of a throttle";
/** Over how many permits the time they are held is averaged. */
const HOLDS = 20;
/** A line in which not everybody is timed. */
const LONG_LINE = 64;

/** Limits, the book of what is in use, and the line. */
export class Gate implements PermitSource, Door {
  readonly settings: Settings;
  readonly keys: Keys = new Keys();
  readonly waits: Histogram = new Histogram();
  active = 0;
  done = 0;
  shed = 0;
  closed = false;
  /** Who is let in here and waits for the semaphore. */
  asking: Turn | undefined;
  /** Whether anybody wants to know how long permits are held, and how long they were on the average of late. */
  timed: boolean;
  meanHold = 0;
  #limit: number;
  #adaptive: AdaptiveLimit | undefined;
  readonly #clock: Clock;
  readonly #line: FairLine;
  readonly #nameless: Key;
  readonly #shared: SharedPermits | undefined;
  /** Limits of one who says nothing. */
  readonly #usual: WaitLimits;
  #rateTimer: (() => void) | undefined;
  #starting = false;

  constructor(settings: Settings, clock: Clock = systemClock) {
    const { limit, auto, semaphore, timeout } = settings;
    this.settings = settings;
    this.#limit = limit;
    if (auto !== undefined) this.#adaptive = new AdaptiveLimit(auto.min, auto.max, limit);
    this.timed = auto !== undefined;
    this.#clock = clock;
    this.#line = new FairLine(clock, ACQUIRE, this);
    this.#nameless = this.keys.get("");
    if (semaphore !== undefined) this.#shared = new SharedPermits(semaphore);
    this.#usual = timeout === Infinity ? NO_LIMITS : { timeout, signal: undefined };
  }

  /** How many permits may be in use at once. */
  get limit(): number {
    return this.#limit;
  }

  /** Sets it for good: a limit that found itself does so no more. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#adaptive = undefined;
    this.#line.serve();
  }

  /** Whether nobody may go on, whoever it is. */
  get full(): boolean {
    return this.active >= this.#limit;
  }

  /** How many callers wait. */
  get waiting(): number {
    return this.#line.size + (this.asking === undefined ? 0 : 1);
  }

  /** The time on its clock. */
  now(): number {
    return this.#clock.now();
  }

  /** What a caller asks for, checked. Whatever is wrong throws at once. */
  ask(options: TurnOptions | undefined): Turn {
    if (this.closed) throw new InvalidStateError(`${ACQUIRE} that is closed`);
    if (options === undefined) return new Turn(this, this.#nameless, 1, 0, this.#usual);
    const { key, priority, weight, limits } = checkTurn(ACQUIRE, options, this.#usual);
    limits.signal?.throwIfAborted();
    return new Turn(this, key === "" ? this.#nameless : this.keys.get(key), weight, priority, limits);
  }

  /** Takes a permit, or waits for one. Who is turned away gets the error at once. */
  take(options: TurnOptions | undefined): Turn | Promise<Turn> {
    return this.enter(this.ask(options));
  }

  /**
   * Makes it a permit, or lets it wait to become one.
   *
   * @param shedding is for those who are turned away even where callers may wait beyond the limit of the queue.
   * @param late makes the signal that ends the wait of one who has to wait.
   */
  enter(turn: Turn, shedding = false, late?: () => AbortSignal): Turn | Promise<Turn> {
    this.#check(turn);
    const { key } = turn;
    const { queueLimit, overflow } = this.settings;
    const hasPlace = this.waiting < queueLimit || (overflow === "wait" && !shedding);
    // Nobody who waits could go on instead.
    if (!this.#line.ready && key.waiting === 0 && this.judge(turn) === "go") {
      // Only the semaphore may still make it wait.
      if (this.#shared === undefined) this.waits.record(0);
      else turn.since = this.#clock.now();
      return this.grant(turn, hasPlace);
    }
    try {
      if (turn.limits.timeout === 0) throw new TimeoutError(`${ACQUIRE} within 0 ms`);
      if (!hasPlace) throw this.#turnAway(key);
      if (late !== undefined) {
        turn.limits = { timeout: turn.limits.timeout, signal: late() };
        turn.limits.signal!.throwIfAborted();
      }
    } catch (error) {
      if (this.#line.size === 0) this.emptied();
      throw error;
    }
    turn.since = this.#came();
    return this.#line.join(turn) as Promise<Turn>;
  }

  /** No caller waits, so that the timer of the rate has nothing to wake. */
  emptied(): void {
    this.#rateTimer?.();
    this.#rateTimer = undefined;
  }

  judge(turn: Turn): Verdict {
    this.#check(turn);
    const { key, count } = turn;
    if (key.active + count > this.settings.perKey) return "key";
    if (this.active + Math.min(count, this.#limit) > this.#limit || this.asking !== undefined) return "full";
    const { rate } = this.settings;
    if (rate === undefined) return "go";
    const delay = rate.wait(this.#clock.now());
    if (delay === 0) return "go";
    this.#wakeIn(delay);
    return "full";
  }

  /** @param mayWait is false for one for whom there is room here, but no place in the queue. */
  grant(turn: Turn, mayWait = true): Turn | Promise<Turn> {
    this.active += turn.count;
    turn.key.active += turn.count;
    if (this.#shared === undefined) return this.#start(turn);
    const limits = mayWait ? this.#left(turn) : { ...turn.limits, timeout: 0 };
    const permit = this.#shared.take(turn.count, limits);
    if (!(permit instanceof Promise)) return this.#start(turn, permit);
    this.asking = turn;
    return this.#startLater(turn, permit, mayWait);
  }

  takeBack(permit: LentPermit): void {
    const turn = permit as Turn;
    this.done++;
    turn.key.done++;
    turn.shared?.release();
    if (this.timed && turn.since !== undefined) this.#learn(turn, this.#clock.now() - turn.since);
    this.#free(turn);
  }

  /** In how many seconds there may be room for one more, as far as can be told. */
  retryAfter(): number {
    const { rate } = this.settings;
    const room = this.meanHold * (this.waiting + 1) / this.#limit;
    const start = rate === undefined ? 0 : rate.wait(this.#clock.now());
    return Math.min(3_600, Math.max(1, Math.ceil(Math.max(room, start) / 1_000)));
  }

  /** Turns away all who wait and all who will come. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#rateTimer?.();
    this.#shared?.close();
    this.#line.clear(this.keys);
  }

  /**
   * When somebody came who waits, if anybody wants to know. Looking at the clock takes as long as half of all the rest, so
   * in a long line every eighth is timed.
   */
  #came(): number | undefined {
    const { size } = this.#line;
    return size > LONG_LINE && size % 8 !== 0 && this.#shared === undefined ? undefined : this.#clock.now();
  }

  #start(turn: Turn, permit?: Permit): Turn {
    turn.shared = permit;
    const { rate } = this.settings;
    if (turn.since === undefined && rate === undefined && !this.timed) return turn;
    const now = this.#clock.now();
    if (turn.since !== undefined) this.waits.record(now - turn.since);
    turn.since = now;
    if (rate !== undefined) {
      rate.start(now);
      this.#settleLater();
    }
    return turn;
  }

  async #startLater(turn: Turn, permit: Promise<Permit>, mayWait: boolean): Promise<Turn> {
    try {
      this.#start(turn, await permit);
      this.asking = undefined;
      this.#line.serve();
      return turn;
    } catch (error) {
      this.asking = undefined;
      this.#free(turn);
      if (this.closed) throw turnedAway();
      throw mayWait || !(error instanceof TimeoutError) ? error : this.#turnAway(turn.key);
    }
  }

  #free(turn: Turn): void {
    const { key, count } = turn;
    this.active -= count;
    key.active -= count;
    if (key.waiting > 0) this.#line.freed(key);
    else if (key !== this.#nameless) this.keys.rest(key);
    this.#line.serve();
  }

  /** What is left of its limits to one who has waited. */
  #left({ limits, since }: Turn): WaitLimits {
    if (limits.timeout === Infinity || limits.timeout === 0) return limits;
    return { ...limits, timeout: Math.max(0, limits.timeout - (this.#clock.now() - since!)) };
  }

  #check({ count }: Turn): void {
    if (this.closed) throw turnedAway();
    if (count === 1) return;
    const most = Math.min(this.#adaptive === undefined ? this.#limit : this.settings.auto!.max, this.settings.perKey);
    if (count <= most) return;
    throw new RangeError(`${ACQUIRE} as 'weight' must be an integer from 1 to ${most}: current value is ${count}`);
  }

  #turnAway(key: Key): RejectedError {
    this.shed++;
    key.shed++;
    return new RejectedError(`${ACQUIRE} as so many wait as may: current value is ${this.settings.queueLimit}`);
  }

  #learn({ outcome, duration }: Turn, held: number): void {
    this.meanHold += (held - this.meanHold) / Math.min(this.done, HOLDS);
    if (this.#adaptive === undefined || outcome === "unknown") return;
    const full = this.active >= this.#limit || this.#line.size > 0;
    this.#limit = this.#adaptive.learn({ duration: duration ?? held, failed: outcome === "failed", full });
  }

  /** A timer that keeps nothing alive: while somebody waits the line does. */
  #wakeIn(delay: number): void {
    if (this.#rateTimer !== undefined) return;
    const wake = () => {
      this.#rateTimer = undefined;
      this.#line.serve();
    };
    const system = this.#clock === systemClock;
    this.#rateTimer = system ? startTimer(delay, wake, { unref: true }) : this.#clock.startTimer(delay, wake);
  }

  /** Those who are let go start in this turn of the loop, but later: the rate has to count from then on. */
  #settleLater(): void {
    if (this.#starting) return;
    this.#starting = true;
    const settle = () => {
      this.#starting = false;
      this.settings.rate!.settle(this.#clock.now());
    };
    if (this.#clock === systemClock) runtime.defer(settle);
    else this.#clock.startTimer(0, settle);
  }
}

function turnedAway(): RejectedError {
  return new RejectedError(`${ACQUIRE} as it was closed`);
}
