/**
 * The core of a throttle: decides which callers are admitted, and when.
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
import { type Admission, FairQueue, type Verdict } from "./fair_queue.ts";
import { type Key, Turn } from "./key.ts";
import { Keys } from "./keys.ts";
import { checkTurn, onlyKey, type Settings, type TurnOptions } from "./options.ts";
import { Pacing } from "./pacing.ts";
import { SharedPermits } from "./shared_permits.ts";

const ACQUIRE = "Cannot acquire a permit";
/** The number of permits over which the mean hold time is averaged. */
const AVERAGED = 20;
/** In a longer queue only every eighth caller is timed. */
const LONG_QUEUE = 64;

/** The limits, the permits in use, and the wait queue of a throttle. */
export class Gate implements PermitSource, Admission {
  readonly settings: Settings;
  readonly keys: Keys;
  readonly pacing: Pacing;
  readonly waits: Histogram = new Histogram();
  active = 0;
  done = 0;
  shed = 0;
  closed = false;
  /** The caller that this throttle has admitted and that waits for the shared semaphore. */
  atSemaphore: Turn | undefined;
  /** Whether hold times are measured, and their moving average in milliseconds. */
  timed: boolean;
  meanHold = 0;
  /** Called when a breaker changes its state. */
  onBreaker: ((key: string, state: BreakerState) => void) | undefined;
  #limit: number;
  #adaptive: AdaptiveLimit | undefined;
  readonly #clock: Clock;
  readonly #queue: FairQueue;
  readonly #nameless: Key;
  readonly #shared: SharedPermits | undefined;
  readonly #breakers: Breakers | undefined;
  /** The limits of a caller that gives none. */
  readonly #defaultLimits: WaitLimits;
  /** Calls that wait for their next attempt, and callers of `idle()`. */
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
    this.#queue = new FairQueue(clock, ACQUIRE, this);
    this.#nameless = this.keys.get("");
    if (semaphore !== undefined) this.#shared = new SharedPermits(semaphore);
    if (breaker !== undefined) {
      this.#breakers = new Breakers(breaker, clock, (key, state) => this.#breakerChanged(key, state));
    }
    this.#defaultLimits = timeout === Infinity ? NO_LIMITS : { timeout, signal: undefined };
    this.#delayed = new WaitQueue(clock, "Cannot send the request again", () => this.#checkIdle());
    this.#idlers = new WaitQueue(clock, "Cannot wait until the throttle is idle");
  }

  /** The maximum number of permits in use. */
  get limit(): number {
    return this.#limit;
  }

  /** Sets a fixed limit, even if it was `"auto"` before. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#adaptive = undefined;
    this.#queue.serve();
  }

  /** Whether no caller of any key can be admitted. */
  get full(): boolean {
    return this.active >= this.#limit;
  }

  /** The number of waiting callers. */
  get waiting(): number {
    return this.#queue.size + (this.atSemaphore === undefined ? 0 : 1);
  }

  /** The current time of the throttle's clock. */
  now(): number {
    return this.#clock.now();
  }

  /**
   * Checks the options of a caller and returns its turn. Throws if the options are invalid, the throttle is closed or
   * the signal is aborted.
   */
  newTurn(options: TurnOptions | undefined): Turn {
    if (this.closed) throw new InvalidStateError(`${ACQUIRE}: the throttle is closed`);
    if (options === undefined) return new Turn(this, this.#nameless, 1, 0, this.#defaultLimits);
    const name = onlyKey(options);
    if (name !== undefined) return new Turn(this, this.keyOf(name), 1, 0, this.#defaultLimits);
    const { key, priority, weight, limits } = checkTurn(ACQUIRE, options, this.#defaultLimits);
    limits.signal?.throwIfAborted();
    return new Turn(this, this.keyOf(key), weight, priority, limits);
  }

  /** Returns the key with this name, creating it if needed. */
  keyOf(name: string): Key {
    return name === "" ? this.#nameless : this.keys.get(name);
  }

  /** Takes a permit or waits for it. Throws if the caller is rejected. */
  take(options: TurnOptions | undefined): Turn | Promise<Turn> {
    return this.enter(this.newTurn(options));
  }

  /**
   * Takes a permit for a call or waits for it, if the breaker of its key admits the call. Throws if the caller is
   * rejected.
   */
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

  /**
   * Reports the outcome of a call to the breaker of its key: an error, a response, or neither if a function has
   * returned.
   */
  settle(turn: Turn, error?: unknown, response?: Response): void {
    if (turn.ticket !== undefined) this.#breakers!.settle(turn, error, response);
  }

  /**
   * Admits a caller at once, or adds it to the queue.
   *
   * @param shedding whether the caller is rejected when the queue is full, even if `overflow` is `"wait"`.
   * @param makeSignal returns the caller's signal; called only if the caller has to wait.
   */
  enter(turn: Turn, shedding = false, makeSignal?: () => AbortSignal): Turn | Promise<Turn> {
    this.#check(turn);
    const { key } = turn;
    const { queueLimit, overflow } = this.settings;
    const mayQueue = this.waiting < queueLimit || (overflow === "wait" && !shedding);
    // No waiting caller could be admitted first.
    if (!this.#queue.ready && key.waiting === 0 && this.judge(turn) === "go") {
      // Only the shared semaphore can still delay the caller.
      if (this.#shared === undefined) this.waits.record(0);
      else turn.since = this.#clock.now();
      return this.grant(turn, mayQueue);
    }
    try {
      if (turn.limits.timeout === 0) throw new TimeoutError(`${ACQUIRE} within 0 ms`);
      if (!mayQueue) throw this.#queueFull(key);
      if (makeSignal !== undefined) {
        turn.limits = { timeout: turn.limits.timeout, signal: makeSignal() };
        turn.limits.signal!.throwIfAborted();
      }
    } catch (error) {
      if (key.waiting === 0) this.pacing.stopTimer(key);
      if (this.#queue.size === 0) this.pacing.stopTimer(undefined);
      throw error;
    }
    turn.since = this.#arrival();
    return this.#queue.join(turn) as Promise<Turn>;
  }

  left(turn: Turn): void {
    this.#breakers?.leave(turn);
  }

  keyEmptied(key: Key): void {
    this.pacing.stopTimer(key);
    if (key.active === 0) this.keys.markUnused(key);
  }

  emptied(): void {
    this.pacing.stopTimer(undefined);
    this.#checkIdle();
  }

  judge(turn: Turn): Verdict {
    this.#check(turn);
    const { key, count } = turn;
    if (key.active + count > this.settings.perKey || this.pacing.holds(key)) return "key";
    if (this.active + Math.min(count, this.#limit) > this.#limit || this.atSemaphore !== undefined) return "full";
    return this.pacing.holdsAll() ? "full" : "go";
  }

  /** @param mayWait whether the caller may wait for the shared semaphore: false if the queue is full. */
  grant(turn: Turn, mayWait = true): Turn | Promise<Turn> {
    this.active += turn.count;
    turn.key.active += turn.count;
    if (this.#shared === undefined) return this.#start(turn);
    const limits = mayWait ? this.#limitsLeft(turn) : { ...turn.limits, timeout: 0 };
    const permit = this.#shared.take(turn.count, limits);
    if (!(permit instanceof Promise)) return this.#start(turn, permit);
    this.atSemaphore = turn;
    return this.#startLater(turn, permit, mayWait);
  }

  takeBack(permit: LentPermit): void {
    const turn = permit as Turn;
    this.done++;
    turn.key.done++;
    turn.shared?.release();
    // A call without an outcome at this point was aborted.
    this.#breakers?.leave(turn);
    if (this.timed && turn.since !== undefined) this.#learn(turn, this.#clock.now() - turn.since);
    this.#free(turn);
  }

  /** The estimated number of seconds until another caller can be admitted. */
  retryAfter(): number {
    const held = this.meanHold * (this.waiting + 1) / this.#limit;
    return Math.min(3_600, Math.max(1, Math.ceil(Math.max(held, this.pacing.delay()) / 1_000)));
  }

  /** Ends the pause of a key, or without a name all pauses. */
  resume(name: string | undefined): void {
    if (name !== undefined) {
      const key = this.keys.find(name);
      if (key !== undefined) this.pacing.resume(key);
      return;
    }
    for (const key of this.keys) if (key.pausedUntil !== 0) this.pacing.resume(key);
    this.pacing.resume(undefined);
  }

  /** Waits for the next attempt of a request. */
  async delay(duration: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.closed) throw closedMeanwhile();
    try {
      await this.#delayed.join(null, { timeout: duration, signal });
    } catch (error) {
      if (!(error instanceof TimeoutError) || signal?.aborted) throw error;
    }
  }

  /** Waits until no permit is in use and no caller is waiting. */
  idle(limits: WaitLimits): Promise<unknown> {
    if (limits.signal?.aborted) return Promise.reject(limits.signal.reason);
    return this.#isIdle() ? Promise.resolve() : this.#idlers.join(null, limits);
  }

  /** Rejects all waiting callers. */
  clear(reason: unknown = new CancelledError(`${ACQUIRE}: the throttle was cleared`)): void {
    this.#shared?.reject(reason);
    this.#delayed.rejectAll(reason);
    this.#queue.reject(this.keys, reason);
    this.#checkIdle();
  }

  /** Rejects all waiting callers, and callers that come later. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.clear(closedMeanwhile());
  }

  #wake(key: Key | undefined): void {
    if (key !== undefined) this.#queue.freed(key);
    this.#queue.serve();
  }

  #breakerChanged(key: Key, state: BreakerState): void {
    if (state === "open") {
      const rejected = key.breaker!.rejection("Cannot call", this.#clock.now());
      const waiting = key.waiting;
      if (this.atSemaphore?.key === key && this.atSemaphore.ticket !== undefined) this.#shared!.reject(rejected);
      this.#queue.reject([key], rejected, ({ ticket }) => ticket !== undefined);
      this.shed += waiting - key.waiting;
      key.shed += waiting - key.waiting;
    }
    this.onBreaker?.(key.name, state);
  }

  /**
   * The arrival time of a waiting caller, if the caller is timed. Reading the clock would add half to the cost of
   * waiting, so in a long queue only every eighth caller is timed.
   */
  #arrival(): number | undefined {
    const { size } = this.#queue;
    return size > LONG_QUEUE && size % 8 !== 0 && this.#shared === undefined ? undefined : this.#clock.now();
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

  async #startLater(turn: Turn, pending: Promise<Permit>, mayWait: boolean): Promise<Turn> {
    const { key } = turn;
    try {
      const permit = await pending;
      this.atSemaphore = undefined;
      if (!this.pacing.holds(key)) {
        this.#start(turn, permit);
        this.#queue.serve();
        return turn;
      }
      permit.release();
    } catch (error) {
      this.atSemaphore = undefined;
      this.#breakers?.leave(turn);
      this.#free(turn);
      throw mayWait || !(error instanceof TimeoutError) ? error : this.#queueFull(key);
    }
    // The key was paused while the caller waited for the semaphore.
    turn.limits = this.#limitsLeft(turn);
    const waits = this.#queue.join(turn);
    this.#free(turn);
    return await (waits as Promise<Turn>);
  }

  #free(turn: Turn): void {
    const { key, count } = turn;
    this.active -= count;
    key.active -= count;
    if (key.waiting > 0) this.#queue.freed(key);
    else if (key !== this.#nameless) this.keys.markUnused(key);
    this.#queue.serve();
    this.#checkIdle();
  }

  #isIdle(): boolean {
    return this.active === 0 && this.#queue.size === 0 && this.#delayed.size === 0;
  }

  #checkIdle(): void {
    if (this.#idlers.size > 0 && this.#isIdle()) this.#idlers.admit(() => true);
  }

  /** The limits of a caller less the time that it has waited. */
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
    const full = this.active >= this.#limit || this.#queue.size > 0;
    this.#limit = this.#adaptive.learn({ duration: duration ?? held, failed: outcome === "failed", full });
  }
}

function closedMeanwhile(): RejectedError {
  return new RejectedError(`${ACQUIRE}: the throttle was closed`);
}
