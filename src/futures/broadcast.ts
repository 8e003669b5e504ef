/**
 * Broadcasts: tasks that run once in every worker.
 *
 * @module
 */

/**
 * The results of a task that runs once in every worker, including workers that start before all others have finished.
 * Awaiting a broadcast gives an array in the order in which the workers were started. A worker that shuts down as idle
 * before it runs the task is omitted.
 *
 * **Order.** Each worker runs the task after the tasks that it has begun, and before all later tasks of any priority.
 * **Cancellation.** `abort()` and the signal of `with` reject at once and stop running tasks like an abort of a future.
 *
 * If the task fails in a worker or a worker dies, the broadcast rejects with an `AggregateError` once all workers have
 * finished: `errors` contains the failures, and `results` all outcomes in the format of `Promise.allSettled`.
 *
 * @typeParam R the type of the task's result.
 */
export interface Broadcast<R> extends PromiseLike<R[]> {
  /**
   * Makes every worker that starts later run the task too, after the initializer and before its first task, until
   * `revoke()`. A failure there counts as a failure of the initializer.
   */
  sticky(): this;
  /** Revokes `sticky()`: workers that start from now on do not run the task. */
  revoke(): void;
  /** Rejects the broadcast at once, and stops the running tasks. */
  abort(reason?: unknown): void;
}
