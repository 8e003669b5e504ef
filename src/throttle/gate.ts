/**
 * The inside of a throttle: which callers are admitted, and when.
 *
 * @module
 */

import { CancelledError, InvalidStateError, RejectedError, TimeoutError } from "../core/errors.ts";
import { Histogram } from "../core/histogram.ts";
import { NO_LIMITS, type WaitLimits } from "../core/wait_options.ts";
import { type Clock, WaitQueue } from "../core/wait_queue.ts";
import type { LentPermit, Permit, PermitSource } from "../sync/permit.ts";
import { systemClock } from "../time/system_clock.ts";
import { AdaptiveLimit } from "./adaptive_limit.ts";
import type { BreakerState } from "./breaker.ts";
import { Breakers } from "./breakers.ts";
import { type Admission, FairLine, type Verdict } from "./fair_line.ts";
import { type Key, Turn } from "./key.ts";
import { Keys } from "./keys.ts";
import { checkTurn, onlyKey, type Settings, type TurnOptions } from "./options.ts";
import { Pacing } from "./pacing.ts";
import { SharedPermits } from "./shared_permits.ts";

const ACQUIRE = "Cannot acquire a permit";
/** Over how many permits the time they are held is averaged. */
const AVERAGED = 20;
/** In a longer line not every caller is timed. */
const LONG_LINE = 64;

/** Limits, what is in use, and the line. */
export class Gate implements PermitSource, Admission {
  readonly settings: Settings;
  readonly keys: Keys;
  readonly pacing: Pacing;
  readonly waits: Histogram = new Histogram();
  active = 0;
  done = 0;
  shed = 0;
  closed = false;
  /** The caller that is admitted here and waits for the semaphore. */
  asking: Turn | undefined;
  /** Whether it matters how long permits are held; and how long they were on average of late. */
  timed: boolean;
  meanHold = 0;
  /** Told of each breaker that changes. */
  onBreaker: ((key: string, state: BreakerState) => void) | undefined;
  #limit: number;
  #adaptive: AdaptiveLimit | undefined;
  readonly #clock: Clock;
  readonly #line: FairLine;
  readonly #nameless: Key;
  readonly #shared: SharedPermits | undefined;
  readonly #breakers: Breakers | undefined;
  /** Limits of a caller that names none. */
  readonly #usual: WaitLimits;
  /** Callers between two attempts, and those that wait until nothing is left to do. */
  readonly #delayed: WaitQueue<null, void>;
  readonly #idlers: WaitQueue<null, true>;

  constructor(settings: Settings, clock: Clock = systemClock) {
    const { limit, auto, semaphore, timeout, breaker } = settings;
    this.settings = settings;
    this.#limit = limit;
    if (auto !== undefined) this.#adaptive = new AdaptiveLimit(auto.min, auto.max, limit);
    this.timed = auto !== undefined;
    this.#clock = clock;
    this.keys = new Keys(clock, settings.keyRate);
    this.pacing = new Pacing(clock, settings.rate?.(), (key) => this.#wake(key));
    this.#line = new FairLine(clock, ACQUIRE, this);
    this.#nameless = this.keys.get("");
    if (semaphore !== undefined) this.#shared = new SharedPermits(semaphore);
    if (breaker !== undefined) {
      this.#breakers = new Breakers(breaker, clock, (key, state) => this.#breakerChanged(key, state));
    }
    this.#usual = timeout === Infinity ? NO_LIMITS : { timeout, signal: undefined };
    this.#delayed = new WaitQueue(clock, "Cannot send the request again", () => this.#checkIdle());
    this.#idlers = new WaitQueue(clock, "Cannot wait until the throttle is idle");
  }

  /** How many permits may be in use at once. */
  get limit(): number {
    return this.#limit;
  }

  /** Sets it for good: a limit that was `"auto"` no longer adjusts itself. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#adaptive = undefined;
    this.#line.serve();
  }

  /** Whether no caller may be admitted, of whatever key. */
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

  /** What a caller asks for, checked. Throws whatever is wrong. */
  ask(options: TurnOptions | undefined): Turn {
    if (this.closed) throw new InvalidStateError(`${ACQUIRE}: the throttle is closed`);
    if (options === undefined) return new Turn(this, this.#nameless, 1, 0, this.#usual);
    const name = onlyKey(options);
    if (name !== undefined) return new Turn(this, this.keyOf(name), 1, 0, this.#usual);
    const { key, priority, weight, limits } = checkTurn(ACQUIRE, options, this.#usual);
    limits.signal?.throwIfAborted();
    return new Turn(this, this.keyOf(key), weight, priority, limits);
  }

  /** Finds a key, or makes it. */
  keyOf(name: string): Key {
    return name === "" ? this.#nameless : this.keys.get(name);
  }

  /** Takes a permit, or waits for one. A rejection is thrown. */
  take(options: TurnOptions | undefined): Turn | Promise<Turn> {
    return this.enter(this.ask(options));
  }

  /** Takes a permit for a call, or waits for one, if the breaker of its key admits it. A rejection is thrown. */
  call(turn: Turn): Turn | Promise<Turn> {
    if (this.#breakers === undefined) return this.enter(turn);
    try {
      this.#breakers.admit(turn, "Cannot call");
    } catch (error) {
      this.shed++;
      turn.key.shed++;
      throw error;
    }
    try {
      return this.enter(turn);
    } catch (error) {
      this.#breakers.leave(turn);
      throw error;
    }
  }

  /** A call has ended with an error or a response, or without either. */
  settle(turn: Turn, error?: unknown, response?: Response): void {
    if (turn.ticket !== undefined) this.#breakers!.settle(turn, error, response);
  }

  /**
   * Makes it a permit, or lets it wait to become one.
   *
   * @param shedding is for callers that are rejected even where others may wait beyond the limit of the queue.
   * @param late makes the signal that ends the wait of a caller that has to wait.
   */
  enter(turn: Turn, shedding = false, late?: () => AbortSignal): Turn | Promise<Turn> {
    this.#check(turn);
    const { key } = turn;
    const { queueLimit, overflow } = this.settings;
    const mayQueue = this.waiting < queueLimit || (overflow === "wait" && !shedding);
    // No caller that waits could be admitted instead.
    if (!this.#line.ready && key.waiting === 0 && this.judge(turn) === "go") {
      // Only the semaphore may still make it wait.
      if (this.#shared === undefined) this.waits.record(0);
      else turn.since = this.#clock.now();
      return this.grant(turn, mayQueue);
    }
    try {
      if (turn.limits.timeout === 0) throw new TimeoutError(`${ACQUIRE} within 0 ms`);
      if (!mayQueue) throw this.#queueFull(key);
      if (late !== undefined) {
        turn.limits = { timeout: turn.limits.timeout, signal: late() };
        turn.limits.signal!.throwIfAborted();
      }
    } catch (error) {
      if (key.waiting === 0) this.pacing.rest(key);
      if (this.#line.size === 0) this.pacing.rest(undefined);
      throw error;
    }
    turn.since = this.#came();
    return this.#line.join(turn) as Promise<Turn>;
  }

  left(turn: Turn): void {
    this.#breakers?.leave(turn);
  }

  keyEmptied(key: Key): void {
    this.pacing.rest(key);
    if (key.active === 0) this.keys.rest(key);
  }

  emptied(): void {
    this.pacing.rest(undefined);
    this.#checkIdle();
  }

  judge(turn: Turn): Verdict {
    this.#check(turn);
    const { key, count } = turn;
    if (key.active + count > this.settings.perKey || this.pacing.holds(key)) return "key";
    if (this.active + Math.min(count, this.#limit) > this.#limit || this.asking !== undefined) return "full";
    return this.pacing.holdsAll() ? "full" : "go";
  }

  /** @param mayWait is false for a caller that could be admitted here, but has no place in the queue. */
  grant(turn: Turn, mayWait = true): Turn | Promise<Turn> {
    this.active += turn.count;
    turn.key.active += turn.count;
    if (this.#shared === undefined) return this.#start(turn);
    const limits = mayWait ? this.#limitsLeft(turn) : { ...turn.limits, timeout: 0 };
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
    // A call whose outcome is not known by now was aborted.
    this.#breakers?.leave(turn);
    if (this.timed && turn.since !== undefined) this.#learn(turn, this.#clock.now() - turn.since);
    this.#free(turn);
  }

  /** In how many seconds another caller may be admitted, as far as can be told. */
  retryAfter(): number {
    const held = this.meanHold * (this.waiting + 1) / this.#limit;
    return Math.min(3_600, Math.max(1, Math.ceil(Math.max(held, this.pacing.delay()) / 1_000)));
  }

  /** Ends the pause of a key, or all pauses. */
  resume(name: string | undefined): void {
    if (name !== undefined) {
      const key = this.keys.find(name);
      if (key !== undefined) this.pacing.resume(key);
      return;
    }
    for (const key of this.keys) if (key.pausedUntil !== 0) this.pacing.resume(key);
    this.pacing.resume(undefined);
  }

  /** Waits between two attempts. */
  async delay(duration: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.closed) throw closedMeanwhile();
    try {
      await this.#delayed.join(null, { timeout: duration, signal });
    } catch (error) {
      if (!(error instanceof TimeoutError) || signal?.aborted) throw error;
    }
  }

  /** Waits until nothing is active or waiting. */
  idle(limits: WaitLimits): Promise<unknown> {
    if (limits.signal?.aborted) return Promise.reject(limits.signal.reason);
    return this.#isIdle() ? Promise.resolve() : this.#idlers.join(null, limits);
  }

  /** Rejects all callers that wait. */
  clear(reason: unknown = new CancelledError(`${ACQUIRE}: the throttle was cleared`)): void {
    this.#shared?.reject(reason);
    this.#delayed.rejectAll(reason);
    this.#line.reject(this.keys, reason);
    this.#checkIdle();
  }

  /** Rejects all callers that wait, and those that come later. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.clear(closedMeanwhile());
  }

  #wake(key: Key | undefined): void {
    if (key !== undefined) this.#line.freed(key);
    this.#line.serve();
  }

  #breakerChanged(key: Key, state: BreakerState): void {
    if (state === "open") {
      const rejected = key.breaker!.rejection("Cannot call", this.#clock.now());
      const waiting = key.waiting;
      if (this.asking?.key === key && this.asking.ticket !== undefined) this.#shared!.reject(rejected);
      this.#line.reject([key], rejected, ({ ticket }) => ticket !== undefined);
      this.shed += waiting - key.waiting;
      key.shed += waiting - key.waiting;
    }
    this.onBreaker?.(key.name, state);
  }

  /**
   * When a caller that waits came, if that is recorded. To read the clock takes as long as half of all the rest, so in a long line
   * every eighth caller is timed.
   */
  #came(): number | undefined {
    const { size } = this.#line;
    return size > LONG_LINE && size % 8 !== 0 && this.#shared === undefined ? undefined : this.#clock.now();
  }

  #start(turn: Turn, permit?: Permit): Turn {
    turn.shared = permit;
    if (this.pacing.counts(turn.key)) this.pacing.start(turn.key);
    if (turn.since === undefined && !this.timed) return turn;
    const now = this.#clock.now();
    if (turn.since !== undefined) this.waits.record(now - turn.since);
    turn.since = now;
    return turn;
  }

  async #startLater(turn: Turn, asked: Promise<Permit>, mayWait: boolean): Promise<Turn> {
    const { key } = turn;
    try {
      const permit = await asked;
      this.asking = undefined;
      if (!this.pacing.holds(key)) {
        this.#start(turn, permit);
        this.#line.serve();
        return turn;
      }
      permit.release();
    } catch (error) {
      this.asking = undefined;
      this.#breakers?.leave(turn);
      this.#free(turn);
      throw mayWait || !(error instanceof TimeoutError) ? error : this.#queueFull(key);
    }
    // The key was paused meanwhile.
    turn.limits = this.#limitsLeft(turn);
    const waits = this.#line.join(turn);
    this.#free(turn);
    return await (waits as Promise<Turn>);
  }

  #free(turn: Turn): void {
    const { key, count } = turn;
    this.active -= count;
    key.active -= count;
    if (key.waiting > 0) this.#line.freed(key);
    else if (key !== this.#nameless) this.keys.rest(key);
    this.#line.serve();
    this.#checkIdle();
  }

  #isIdle(): boolean {
    return this.active === 0 && this.#line.size === 0 && this.#delayed.size === 0;
  }

  #checkIdle(): void {
    if (this.#idlers.size > 0 && this.#isIdle()) this.#idlers.admit(() => true);
  }

  /** What is left of its limits to a caller that has waited. */
  #limitsLeft({ limits, since }: Turn): WaitLimits {
    if (limits.timeout === Infinity || limits.timeout === 0) return limits;
    return { ...limits, timeout: Math.max(0, limits.timeout - (this.#clock.now() - since!)) };
  }

  #check({ count }: Turn): void {
    if (this.closed) throw closedMeanwhile();
    if (count === 1) return;
    const most = Math.min(this.#adaptive === undefined ? this.#limit : this.settings.auto!.max, this.settings.perKey);
    if (count <= most) return;
    throw new RangeError(`${ACQUIRE} as 'weight' must be an integer from 1 to ${most}: current value is ${count}`);
  }

  #queueFull(key: Key): RejectedError {
    this.shed++;
    key.shed++;
    return new RejectedError(`${ACQUIRE}: the queue is full (queueLimit is ${this.settings.queueLimit})`);
  }

  #learn({ outcome, duration }: Turn, held: number): void {
    this.meanHold += (held - this.meanHold) / Math.min(this.done, AVERAGED);
    if (this.#adaptive === undefined || outcome === "unknown") return;
    const full = this.active >= this.#limit || this.#line.size > 0;
    this.#limit = this.#adaptive.learn({ duration: duration ?? held, failed: outcome === "failed", full });
  }
}

function closedMeanwhile(): RejectedError {
  return new RejectedError(`${ACQUIRE}: the throttle was closed`);
}
