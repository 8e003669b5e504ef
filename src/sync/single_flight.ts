/**
 * Shares one call between all callers of a key.
 *
 * @module
 */

import { checkFunction, show } from "../core/check.ts";
import { DeadlockError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import { type Clock, WaitQueue } from "../core/wait_queue.ts";
import { runtime } from "../runtime/mod.ts";
import type { ContextStore } from "../runtime/types.ts";
import { systemClock } from "../time/system_clock.ts";

const RUN = "Cannot run";

/** A call in progress, and the callers that wait for it. */
interface Flight<T> {
  readonly controller: AbortController;
  readonly waiters: WaitQueue<null, Promise<T>>;
}

/** The calls that the running code is part of, innermost first. */
interface Within {
  readonly flight: object;
  readonly outer: Within | undefined;
}

let store: ContextStore<Within> | undefined;

/** Replaces the clock of a new object, for tests. */
export let useFlightClock: (flights: SingleFlight<unknown>, clock: Clock) => void;

/**
 * Runs one call at a time for each key. Callers that arrive during the call share it, and receive the same result or
 * error.
 *
 * A `SingleFlight` works within one loop and cannot be passed to a task. It is no cache: a key is forgotten when its
 * call ends.
 *
 * **Order.** All callers of a call are served together. **Cancellation.** `timeout` and `signal` end only the caller's
 * own wait. When the last caller has left, the signal of the call is aborted, and the next caller starts a new call.
 * **Cost.** O(1).
 *
 * @typeParam T the type of the calls' results.
 *
 * @example Load once for concurrent callers
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SingleFlight } from "@heddle/heddle/sync";
 *
 * const loads = new SingleFlight<string>();
 * let count = 0;
 * const load = (name: string) => loads.run(name, async () => `${name} ${++count}`);
 * assertEquals(await Promise.all([load("a"), load("a"), load("b")]), ["a 1", "a 1", "b 2"]);
 * assertEquals(await load("a"), "a 3");
 * ```
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();
  #clock: Clock = systemClock;

  static {
    useFlightClock = (flights, clock) => void (flights.#clock = clock);
    printsAs(this, "SingleFlight", []);
  }

  /**
   * Joins the call of the key, or starts a new call.
   *
   * @param fn called if no call of the key is in progress; its signal is aborted when the last caller has left.
   * @param options the limits of this caller's wait.
   * @returns the result of the call.
   * @throws {TimeoutError} if the call takes longer than `timeout`; with a `timeout` of 0 no call is started.
   * @throws {DeadlockError} if the caller is part of the call that it would join.
   * @throws any error of the call, or the signal's reason if it is aborted.
   */
  run(key: string, fn: (signal: AbortSignal) => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    try {
      if (typeof key !== "string") {
        throw new TypeError(`${RUN} as 'key' must be a string: current value is ${show(key)}`);
      }
      checkFunction(`${RUN} as 'fn'`, fn);
      const limits = checkWait(RUN, options);
      const known = this.#flights.get(key);
      if (known !== undefined) refuseWithin(known, key);
      // A caller that cannot wait starts no call.
      const starts = known === undefined && limits.timeout !== 0 && !limits.signal?.aborted;
      const flight = known ?? this.#make(key);
      const outcome = flight.waiters.join(null, limits) as Promise<unknown> as Promise<T>;
      if (starts) this.#start(key, flight, fn);
      return outcome;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Makes the next `run` of the key start a new call. Waiting callers keep the current one. */
  forget(key: string): void {
    this.#flights.delete(key);
  }

  #make(key: string): Flight<T> {
    const controller = new AbortController();
    const waiters = new WaitQueue<null, Promise<T>>(this.#clock, `Cannot wait for the call of key ${show(key)}`, () => {
      if (waiters.size > 0) return;
      this.#end(key, flight);
      controller.abort();
    });
    const flight: Flight<T> = { controller, waiters };
    return flight;
  }

  #start(key: string, flight: Flight<T>, fn: (signal: AbortSignal) => T | PromiseLike<T>): void {
    this.#flights.set(key, flight);
    store ??= runtime.contextStore<Within>();
    const within = { flight, outer: store.getStore() };
    const call = store.run(within, async () => await fn(flight.controller.signal));
    const settle = () => {
      this.#end(key, flight);
      flight.waiters.admit(() => call);
    };
    call.then(settle, settle);
  }

  /** Stops callers from joining the call, unless a later call of the key has replaced it. */
  #end(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}

function refuseWithin(flight: object, key: string): void {
  for (let at = store?.getStore(); at !== undefined; at = at.outer) {
    if (at.flight !== flight) continue;
    throw new DeadlockError(`${RUN} key ${show(key)}: its call would wait for itself`);
  }
}
