/**
 * A task that runs once in every worker.
 *
 * @module
 */

/**
 * The results of a task that runs once in every worker that lives, or starts before all have answered. Await it for an array, in the
 * order in which the workers were started; a worker that ends in the meantime as it is not needed is left out.
 *
 * **Order.** In each worker it comes behind the tasks that it has begun, and before all that it is given later, whatever their
 * priority. **Cancellation.** `abort()` and the signal of `with` reject at once and stop what runs, as an abort of a future does.
 *
 * If it fails in a worker, or a worker dies, it rejects with an `AggregateError` once all have answered: `errors` has the failures, and
 * `results` what became of all, as `Promise.allSettled` tells it.
 *
 * @typeParam R what the task returns.
 */
export interface Broadcast<R> extends PromiseLike<R[]> {
  /**
   * Has every worker that starts later run it too, behind the initializer and before its first task, until `revoke()`. A failure there
   * counts as one of the initializer.
   */
  sticky(): this;
  /** Workers that start from now on do not run it. */
  revoke(): void;
  /** Rejects at once, and stops what runs. */
  abort(reason?: unknown): void;
}
