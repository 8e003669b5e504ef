/**
 * Iterates futures in the order in which they complete.
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
 * The result of `asCompleted`: an async iterable of futures.
 *
 * Declaring it as an `AsyncIterable` of futures is tempting. But TypeScript awaits the type of a `for await` variable,
 * which the language itself does not do: the future in the loop would have the type of its value. A single interface
 * helps in the first loop only, as the compiler then caches the awaited type. With a union the futures keep their type.
 *
 * @typeParam F the type of the futures.
 */
export type CompletedFutures<F> = CompletedIterable<F, 1> | CompletedIterable<F, 2>;

/**
 * One of the two halves of {@linkcode CompletedFutures}; both are alike.
 *
 * @typeParam F the type of the futures.
 * @typeParam Half distinguishes the halves.
 */
export interface CompletedIterable<F, Half extends 1 | 2> extends AsyncIterable<F> {
  /** Starts the iteration; a second call throws. */
  [Symbol.asyncIterator](): AsyncIterator<F, undefined, Half | undefined>;
}

/**
 * Iterates futures as they complete: those that are done first, then each one when it is done. Duplicates are removed.
 *
 * Every future that has completed counts as observed, as the loop receives its failure. The timeout starts with the
 * loop. The loop receives the futures that were given, so they can be keys of a map.
 *
 * **Order.** By completion. **Cancellation.** Leaving the loop, a timeout and an abort remove all callbacks and
 * listeners; the tasks go on. **Cost.** One callback for each future; linear.
 *
 * @typeParam F the type of the futures; a list of several types gives their union.
 * @param futures the futures, in any state.
 * @returns an iterable that can be iterated once.
 * @throws {TypeError | RangeError} if an argument is not valid.
 * @throws {TimeoutError} from the loop, if the timeout expires; the message counts the unfinished futures.
 * @throws the signal's reason, from the loop, if it is aborted.
 *
 * @example Use each result when it arrives
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
      if (begun) throw new InvalidStateError("Cannot iterate completed futures twice: call asCompleted() again");
      begun = true;
      return new Completed(all, limits);
    },
  };
}

/** Yields futures as they complete. */
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

  /** Ends the iteration with an error. Futures that completed before a timeout are still yielded first. */
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
