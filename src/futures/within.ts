/**
 * Waits for a future with a timeout and a signal.
 *
 * @module
 */

import { TimeoutError } from "../core/errors.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import { startTimer } from "../time/system_clock.ts";
import { type Future, removeDoneCallback, sourceOf, whenDone } from "./future.ts";
import { startWait } from "./nested.ts";

/**
 * Waits until a future is done, with any outcome.
 *
 * @throws {TimeoutError} if the timeout expires first.
 * @throws the signal's reason if it is aborted.
 */
export async function within<T>(future: Future<T>, options: WaitOptions): Promise<void> {
  const { timeout, signal } = checkWait("Cannot wait", options);
  if (future.done) return;
  signal?.throwIfAborted();
  if (timeout === 0) throw timedOut(timeout);
  const stopWait = startWait(sourceOf(future));
  await new Promise<void>((resolve, reject) => {
    const done = () => end(resolve);
    const abort = () => end(() => reject(signal!.reason));
    const stopTimer = startTimer(timeout, () => end(() => reject(timedOut(timeout))));
    const end = (finish: () => void) => {
      stopTimer();
      signal?.removeEventListener("abort", abort);
      removeDoneCallback(future, done);
      stopWait?.();
      finish();
    };
    whenDone(future, done);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function timedOut(timeout: number): TimeoutError {
  return new TimeoutError(`Cannot wait longer for the task: its time limit is ${timeout} ms`);
}
