/**
 * The work behind a future, and its outcome.
 *
 * @module
 */

/** Controls the work behind a future. */
export interface FutureSource {
  /** Drops the work if it has not started. The source settles the future. */
  cancel(): boolean;
  /** Stops the work, waiting or running. The source settles the future at once, even if the work takes time to end. */
  abort(reason: unknown): void;
  /** Whether the work is running. */
  readonly running: boolean;
}

/** The outcome of a task or of one item: a value or an error. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };
