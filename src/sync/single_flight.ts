/**
 * One call for all callers of a key.
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

/** A call in progress, and those who wait for it. */
interface Flight<T> {
  readonly controller: AbortController;
  readonly waiters: WaitQueue<null, Promise<T>>;
}

/** The calls that the code that runs is part of, the innermost first. */
interface Within {
  readonly flight: object;
  readonly outer: Within | undefined;
}

let store: ContextStore<Within> | undefined;

/** Puts another clock into an object that is new. */
export let useFlightClock: (flights: SingleFlight<unknown>, clock: Clock) => void;

/**
 * Runs one call at a time for each key: callers that come while it runs share it, and get its very result or error.
 *
 * It lives in one loop and is no argument of tasks. A key is forgotten when its call has ended: this is no cache.
 *
 * **Order.** All callers of a call are served together. **Cancellation.** `timeout` and `signal` end a caller's wait and leave the
 * call to the others. When the last caller has left, the signal of the call is aborted, and the next caller starts a new call.
 * **Cost.** O(1).
 *
 * @typeParam T what the calls return.
 *
 * @example Load once for all who ask
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
   * Joins the call of the key, or starts one.
   *
   * @param fn is called if no call of the key is in progress; its signal is aborted when the last caller has left.
   * @param options the limits of this caller's wait.
   * @returns what the call returns.
   * @throws {TimeoutError} if the call takes longer than this caller waits; with a `timeout` of 0 no call is started.
   * @throws {DeadlockError} if it is called from within the call of its own key.
   * @throws what the call throws, or the signal's reason if it is aborted.
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
      // A caller that cannot wait starts nothing.
      const starts = known === undefined && limits.timeout !== 0 && !limits.signal?.aborted;
      const flight = known ?? this.#make(key);
      const outcome = flight.waiters.join(null, limits) as Promise<unknown> as Promise<T>;
      if (starts) this.#start(key, flight, fn);
      return outcome;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Makes the next `run` of the key start a call of its own. Callers that wait keep theirs. */
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

  /** The call is no longer joined; a later one of the key may have taken its place. */
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
