/**
 * Rates and pauses: the limits of a throttle that depend on time.
 *
 * @module
 */

import type { Clock } from "../core/wait_queue.ts";
import type { Key } from "./key.ts";
import type { Rate } from "./rate.ts";
import { atEndOfTurn, wakeLater } from "./wake_later.ts";

/** The rates and pauses of a throttle, in total and for each key. */
export class Pacing {
  readonly #clock: Clock;
  readonly #rate: Rate | undefined;
  readonly #wake: (key: Key | undefined) => void;
  #pausedUntil = 0;
  #stopTimer: (() => void) | undefined;
  /** The keys whose rates have counted starts in this turn of the event loop; undefined if there was no start. */
  #started: Set<Key> | undefined;

  /** @param wake called when the callers of a key, or of all keys, may start. */
  constructor(clock: Clock, rate: Rate | undefined, wake: (key: Key | undefined) => void) {
    this.#clock = clock;
    this.#rate = rate;
    this.#wake = wake;
  }

  /** Whether the callers of a key have to wait for its rate or its pause. If so, a timer wakes them. */
  holds(key: Key): boolean {
    if (key.pausedUntil === 0 && (key.rate === undefined || key.rate.free)) return false;
    const now = this.#clock.now();
    const delay = Math.max(key.rate?.wait(now) ?? 0, this.pausedFor(key, now));
    if (delay === 0) return false;
    key.stopTimer ??= wakeLater(this.#clock, delay, () => {
      key.stopTimer = undefined;
      this.#wake(key);
    });
    return true;
  }

  /** Whether all callers have to wait for the total rate or a pause of all keys. If so, a timer wakes them. */
  holdsAll(): boolean {
    if (this.#pausedUntil === 0 && (this.#rate === undefined || this.#rate.free)) return false;
    const delay = this.delay();
    if (delay === 0) return false;
    this.#stopTimer ??= wakeLater(this.#clock, delay, () => {
      this.#stopTimer = undefined;
      this.#wake(undefined);
    });
    return true;
  }

  /** The time in milliseconds until the total rate and pause allow a call. */
  delay(): number {
    const now = this.#clock.now();
    return Math.max(this.#rate?.wait(now) ?? 0, this.pausedFor(undefined, now));
  }

  /** The remaining pause in milliseconds, of a key or of the whole throttle. */
  pausedFor(key: Key | undefined, now: number = this.#clock.now()): number {
    const until = key === undefined ? this.#pausedUntil : key.pausedUntil;
    if (until === 0) return 0;
    if (until > now) return until - now;
    this.#setPause(key, 0);
    return 0;
  }

  /** Pauses a key, or all keys. If there are several pauses, the latest end applies. */
  pause(key: Key | undefined, duration: number): void {
    if (duration > this.pausedFor(key)) this.#setPause(key, this.#clock.now() + duration);
  }

  /** Ends the pause of a key, or the pause of all keys. */
  resume(key: Key | undefined): void {
    this.#setPause(key, 0);
    this.stopTimer(key);
    this.#wake(key);
  }

  /** Whether a rate counts the starts of this key. */
  counts(key: Key): boolean {
    return this.#rate !== undefined || key.rate !== undefined;
  }

  /**
   * Counts an admitted call. The call may start at any time in this turn of the event loop, so rates count from the end
   * of the turn.
   */
  start(key: Key): void {
    const { rate } = key;
    const counted = rate?.open === true;
    const now = this.#rate?.open !== false && rate?.open !== false ? 0 : this.#clock.now();
    this.#rate?.start(now);
    rate?.start(now);
    if (this.#started === undefined) {
      this.#started = new Set();
      atEndOfTurn(this.#clock, () => this.#settle());
    }
    if (rate !== undefined && !counted) this.#started.add(key);
  }

  /** Stops the timer of a key, or of the throttle, when no caller is left for it to wake. */
  stopTimer(key: Key | undefined): void {
    const { stopTimer } = key ?? { stopTimer: this.#stopTimer };
    if (key === undefined) this.#stopTimer = undefined;
    else key.stopTimer = undefined;
    stopTimer?.();
  }

  #setPause(key: Key | undefined, until: number): void {
    if (key === undefined) this.#pausedUntil = until;
    else key.pausedUntil = until;
  }

  #settle(): void {
    const now = this.#clock.now();
    const started = this.#started!;
    this.#started = undefined;
    this.#rate?.settle(now);
    for (const { rate } of started) rate!.settle(now);
  }
}
