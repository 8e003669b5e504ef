/**
 * Permits that several throttles take from one semaphore.
 *
 * @module
 */

import { InvalidStateError } from "../core/errors.ts";
import type { WaitLimits } from "../core/wait_options.ts";
import type { Permit } from "../sync/permit.ts";
import { enterWait, leaveWait } from "../time/awake.ts";
import type { PermitSource } from "./options.ts";

/**
 * Takes from the semaphore for one caller at a time. More could ask at once, but the semaphore knows neither priorities nor keys: the
 * first request of one host would wait there behind a thousand of another.
 */
export class SharedPermits {
  readonly #source: PermitSource;
  #now: boolean;
  #ask: AbortController | undefined;

  constructor(source: PermitSource) {
    this.#source = source;
    this.#now = typeof source.tryAcquire === "function";
  }

  /** Takes permits, waiting if need be. */
  take(count: number, limits: WaitLimits): Permit | Promise<Permit> {
    return this.#tryTake(count) ?? this.#wait(count, limits);
  }

  /** Ends the wait. */
  reject(reason: unknown): void {
    this.#ask?.abort(reason);
  }

  #tryTake(count: number): Permit | undefined {
    if (!this.#now) return undefined;
    try {
      const taken = this.#source.tryAcquire!(count);
      if (!isLater(taken)) return taken;
      // A semaphore on another machine: a caller that has to wait for an answer can as well wait in line.
      this.#now = false;
      taken.then((permit) => permit?.release(), () => {});
      return undefined;
    } catch (error) {
      if (!(error instanceof InvalidStateError)) return undefined;
      // In a process other than the semaphore's own, nothing is answered at once.
      this.#now = false;
      return undefined;
    }
  }

  async #wait(count: number, { timeout, signal }: WaitLimits): Promise<Permit> {
    const ask = new AbortController();
    const abort = () => ask.abort(signal!.reason);
    this.#ask = ask;
    enterWait();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const limits = timeout === Infinity ? {} : { timeout };
      const permit = await this.#source.acquire({ count, signal: ask.signal, ...limits });
      // It may have been granted at the moment in which the wait ended.
      if (!ask.signal.aborted) return permit;
      permit.release();
      throw ask.signal.reason;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#ask = undefined;
      leaveWait();
    }
  }
}

function isLater(
  taken: Permit | undefined | PromiseLike<Permit | undefined>,
): taken is PromiseLike<Permit | undefined> {
  return typeof (taken as { then?: unknown } | undefined)?.then === "function";
}
