/**
 * Adapts futures of executors that belong to another copy of the library.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { fulfil, Future, markCancelled, reportProgress } from "./future.ts";
import { rejectAlone } from "./unobserved.ts";

/**
 * Returns a future of this copy of the library: the given one, or one that follows it through its public interface.
 *
 * @throws {TypeError} if the value is not a future of any copy.
 */
export function ownFuture<T>(future: Future<T>): Future<T> {
  if (future instanceof Future) return future;
  const other = future as Future<T>;
  if (typeof (other as Partial<Future<T>> | null | undefined)?.addDoneCallback !== "function") {
    throw new TypeError(`Cannot submit as the executor must return a future: current value is ${show(future)}`);
  }
  const own: Future<T> = new Future<T>({
    get running() {
      return other.running;
    },
    cancel: () => other.cancel(),
    abort: (reason) => other.abort(reason),
  });
  other.onProgress((value) => reportProgress(own, value));
  other.addDoneCallback(() => {
    if (other.cancelled) return markCancelled(own);
    const error = other.exceptionNow();
    // A task may fail with `undefined`.
    if (error !== undefined) return rejectAlone(own, error);
    try {
      fulfil(own, other.resultNow());
    } catch (thrown) {
      rejectAlone(own, thrown);
    }
  });
  return own;
}
