/**
 * Waits for many futures.
 *
 * @module
 */

import { checkOneOf } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import { startTimer } from "../time/system_clock.ts";
import { checkFutures } from "./check_futures.ts";
import { type Future, observe, outcomeOf, removeDoneCallback, whenDone } from "./future.ts";
import { startWait } from "./nested.ts";

/** Options of `wait`. */
export interface WaitForOptions extends WaitOptions {
  /**
   * When to return: when all futures are done (the default), when the first is done, or when the first has failed. A
   * cancelled future has not failed.
   */
  returnWhen?: "all-completed" | "first-completed" | "first-exception" | undefined;
}

const OPTIONS: OptionNames<WaitForOptions> = optionNames<WaitForOptions>({
  returnWhen: true,
  timeout: true,
  signal: true,
});

/**
 * The result of `wait`.
 *
 * @typeParam F the type of the futures.
 */
export interface WaitResult<F> {
  /** The futures that are done, in the given order. */
  readonly done: Set<F>;
  /** The other futures. */
  readonly notDone: Set<F>;
}

/**
 * Waits for futures, and returns which of them are done. Duplicates are removed.
 *
 * The futures in `done` count as observed, as the caller receives their failures.
 *
 * **Cancellation.** At the timeout `wait` returns rather than throws. In every case it removes its callbacks and
 * listeners, and the tasks go on. **Cost.** One callback for each future; linear.
 *
 * @typeParam F the type of the futures; a list of several types gives their union.
 * @param futures the futures, in any state.
 * @throws {TypeError | RangeError} if an argument is not valid.
 * @throws the signal's reason if it is aborted.
 *
 * @example Wait for the first of two futures
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { inline, InlineExecutor, wait } from "@heddle/heddle";
 *
 * const pool = new InlineExecutor({ maxWorkers: 2 });
 * const quick = pool.submit(inline(() => "quick"));
 * const never = pool.submit(inline(() => new Promise<string>(() => {})));
 * const { done, notDone } = await wait([quick, never], { returnWhen: "first-completed" });
 * assertEquals([...done], [quick]);
 * assert(notDone.has(never));
 * never.abort();
 * ```
 */
export async function wait<F extends Future<unknown>>(
  futures: Iterable<F>,
  options: WaitForOptions = {},
): Promise<WaitResult<F>> {
  const { timeout, signal } = checkWait("Cannot wait", options, OPTIONS);
  const { returnWhen = "all-completed" } = checkOptions("Cannot wait as 'options'", options, OPTIONS);
  checkOneOf("Cannot wait as 'returnWhen'", returnWhen, ["all-completed", "first-completed", "first-exception"]);
  const all = checkFutures("Cannot wait", futures);
  signal?.throwIfAborted();
  const isEnough = (future: F) =>
    returnWhen === "first-completed" || (returnWhen === "first-exception" && "error" in (outcomeOf(future) ?? {}));
  let left = 0;
  let enough = false;
  for (const future of all) {
    if (!future.done) left++;
    else enough ||= isEnough(future);
  }
  if (left > 0 && !enough && timeout > 0) {
    const stopWait = startWait();
    try {
      await untilEnough(all, timeout, signal, (future) => --left === 0 || isEnough(future));
    } finally {
      stopWait?.();
    }
  }
  const result: WaitResult<F> = { done: new Set(), notDone: new Set() };
  for (const future of all) {
    if (future.done) observe(future);
    (future.done ? result.done : result.notDone).add(future);
  }
  return result;
}

/** Resolves when `ended` returns true for a future that is done, or at the timeout. */
function untilEnough<F extends Future<unknown>>(
  all: Set<F>,
  timeout: number,
  signal: AbortSignal | undefined,
  ended: (future: F) => boolean,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let over = false;
    const stop = (finish: () => void) => {
      if (over) return;
      over = true;
      stopTimer();
      signal?.removeEventListener("abort", abort);
      for (const future of all) if (!future.done) removeDoneCallback(future, done);
      finish();
    };
    const done = (future: F) => {
      if (over) return;
      observe(future);
      if (ended(future)) stop(resolve);
    };
    const abort = () => stop(() => reject(signal!.reason));
    const stopTimer = startTimer(timeout, () => stop(resolve));
    signal?.addEventListener("abort", abort, { once: true });
    for (const future of all) if (!future.done) whenDone(future, done);
  });
}
