/**
 * Futures in the order in which they end.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";
import { InvalidStateError, TimeoutError } from "../core/errors.ts";
import { checkWait, type WaitLimits, type WaitOptions } from "../core/wait_options.ts";
import { startTimer } from "../time/system_clock.ts";
import { checkFutures } from "./check_futures.ts";
import { type Future, observe, removeDoneCallback, whenDone } from "./future.ts";
import { startWait } from "./nested.ts";

/**
 * Futures in the order in which they end: what `asCompleted` returns.
 *
 * To declare it as an `AsyncIterable` of futures is tempting. But TypeScript awaits what a `for await` hands out, which the
 * language does not: the future in the loop would have the type of its value. An interface of its own helps in the first loop
 * only; for the second one the compiler awaits what it kept of the first. Of a union it keeps what it found.
 *
 * @typeParam F the futures.
 */
export type CompletedFutures<F> = CompletedIterable<F, 1> | CompletedIterable<F, 2>;

/**
 * One of the two halves of {@linkcode CompletedFutures}, which are alike.
 *
 * @typeParam F the futures.
 * @typeParam Half tells one from the other.
 */
export interface CompletedIterable<F, Half extends 1 | 2> extends AsyncIterable<F> {
  /** Begins the loop, once. */
  [Symbol.asyncIterator](): AsyncIterator<F, undefined, Half | undefined>;
}

/**
 * Goes through futures as they end: first those that are done, then each when it is. A future given twice comes once.
 *
 * Futures that have ended count as observed: their failures are for the loop to find. The time of the timeout begins with
 * the loop. The loop gets the futures themselves, as they were given: they can be looked up in a map.
 *
 * **Order.** Of completion. **Cancellation.** Leaving the loop, a timeout and an abort leave no callback and no listener
 * behind, and the tasks go on. **Cost.** One callback for each future; linear.
 *
 * @typeParam F the futures; a list of several types gives all of these.
 * @param futures the futures, in any state.
 * @returns what can be iterated once.
 * @throws {TypeError | RangeError} if an argument is not valid.
 * @throws {TimeoutError} from the loop, if the time is over; it counts the futures that have not ended.
 * @throws the signal's reason, from the loop, if it is aborted.
 *
 * @example Take results as they come
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { asCompleted, inline, InlineExecutor } from "@heddle/heddle";
 *
 * const pool = new InlineExecutor({ maxWorkers: 2 });
 * const later = inline(async (ms: number) => {
 *   await new Promise((resolve) => setTimeout(resolve, ms));
 *   return ms;
 * });
 * const order: number[] = [];
 * for await (const future of asCompleted([pool.submit(later, 40), pool.submit(later, 1)])) order.push(await future);
 * assertEquals(order, [1, 40]);
 * ```
 */
export function asCompleted<F extends Future<unknown>>(
  futures: Iterable<F>,
  options?: WaitOptions,
): CompletedFutures<F> {
  const limits = checkWait("Cannot wait", options);
  const all = checkFutures("Cannot wait", futures);
  let begun = false;
  return {
    [Symbol.asyncIterator]: () => {
      if (begun) throw new InvalidStateError("Cannot go through completed futures twice: call asCompleted again");
      begun = true;
      return new Completed(all, limits);
    },
  };
}

/** Hands out futures as they end. */
class Completed<F extends Future<unknown>> implements AsyncIterator<F, undefined, undefined> {
  readonly #all: Set<F>;
  readonly #limits: WaitLimits;
  readonly #ready = new Deque<F>();
  readonly #stopTimer: () => void;
  readonly #done = (future: F): void => this.#take(future);
  readonly #abort = (): void => this.#fail(this.#limits.signal!.reason);
  #left = 0;
  #over = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void)[] = [];

  constructor(all: Set<F>, limits: WaitLimits) {
    const { timeout, signal } = limits;
    this.#all = all;
    this.#limits = limits;
    for (const future of all) {
      if (future.done) this.#push(future);
      else this.#left++;
    }
    this.#stopTimer = timeout === 0 ? () => {} : startTimer(this.#left === 0 ? Infinity : timeout, () => this.#late());
    for (const future of all) if (!future.done) whenDone(future, this.#done);
    if (signal?.aborted) this.#abort();
    else if (this.#left > 0) {
      signal?.addEventListener("abort", this.#abort, { once: true });
      if (timeout === 0) this.#late();
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<F, undefined>> {
    for (;;) {
      const future = this.#failure === undefined || this.#failure.error instanceof TimeoutError
        ? this.#ready.shift()
        : undefined;
      if (future !== undefined) return { done: false, value: future };
      if (this.#failure !== undefined) {
        const { error } = this.#failure;
        await this.return();
        throw error;
      }
      if (this.#left === 0) return { done: true, value: undefined };
      const stopWait = startWait();
      await new Promise<void>((resolve) => this.#wake.push(resolve));
      stopWait?.();
    }
  }

  return(): Promise<IteratorResult<F, undefined>> {
    this.#stop();
    this.#left = 0;
    this.#failure = undefined;
    while (this.#ready.shift() !== undefined);
    this.#notify();
    return Promise.resolve({ done: true, value: undefined });
  }

  #take(future: F): void {
    if (this.#over) return;
    this.#push(future);
    if (--this.#left === 0) this.#stop();
    this.#notify();
  }

  #push(future: F): void {
    observe(future);
    this.#ready.push(future);
  }

  #late(): void {
    const { timeout } = this.#limits;
    const count = `${this.#left} (of ${this.#all.size}) futures unfinished`;
    this.#fail(new TimeoutError(`Cannot wait longer for ${count}: their time limit is ${timeout} ms`));
  }

  /** What has ended before the time was over is still handed out. */
  #fail(error: unknown): void {
    this.#failure = { error };
    this.#stop();
    this.#notify();
  }

  #stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopTimer();
    this.#limits.signal?.removeEventListener("abort", this.#abort);
    for (const future of this.#all) if (!future.done) removeDoneCallback(future, this.#done);
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
