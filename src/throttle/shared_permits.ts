/**
 * Takes permits from a semaphore that several throttles share.
 *
 * @module
 */

import { InvalidStateError } from "../core/errors.ts";
import type { WaitLimits } from "../core/wait_options.ts";
import type { Permit } from "../sync/permit.ts";
import { enterWait, leaveWait } from "../time/awake.ts";
import type { PermitSource } from "./options.ts";

/**
 * Takes permits from the semaphore for one caller at a time. The semaphore knows neither priorities nor keys: with all
 * callers in its queue, the first request of one host would wait there behind a thousand requests of another.
 */
export class SharedPermits {
  readonly #source: PermitSource;
  #synchronous: boolean;
  #controller: AbortController | undefined;

  constructor(source: PermitSource) {
    this.#source = source;
    this.#synchronous = typeof source.tryAcquire === "function";
  }

  /** Takes permits, or waits for them. */
  take(count: number, limits: WaitLimits): Permit | Promise<Permit> {
    return this.#tryTake(count) ?? this.#wait(count, limits);
  }

  /** Rejects the waiting caller, if there is one. */
  reject(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  #tryTake(count: number): Permit | undefined {
    if (!this.#synchronous) return undefined;
    try {
      const taken = this.#source.tryAcquire!(count);
      if (!isLater(taken)) return taken;
      // The semaphore is remote: waiting for its answer is no faster than waiting in its queue.
      this.#synchronous = false;
      taken.then((permit) => permit?.release(), () => {});
      return undefined;
    } catch (error) {
      if (!(error instanceof InvalidStateError)) return undefined;
      // The semaphore belongs to another process and cannot answer synchronously.
      this.#synchronous = false;
      return undefined;
    }
  }

  async #wait(count: number, { timeout, signal }: WaitLimits): Promise<Permit> {
    const controller = new AbortController();
    const abort = () => controller.abort(signal!.reason);
    this.#controller = controller;
    enterWait();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const limits = timeout === Infinity ? {} : { timeout };
      const permit = await this.#source.acquire({ count, signal: controller.signal, ...limits });
      // The permit may have been granted at the moment when the wait was aborted.
      if (!controller.signal.aborted) return permit;
      permit.release();
      throw controller.signal.reason;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#controller = undefined;
      leaveWait();
    }
  }
}

function isLater(
  taken: Permit | undefined | PromiseLike<Permit | undefined>,
): taken is PromiseLike<Permit | undefined> {
  return typeof (taken as { then?: unknown } | undefined)?.then === "function";
}
