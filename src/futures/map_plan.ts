/**
 * The parameters of a running `map`.
 *
 * @module
 */

import type { Future } from "./future.ts";
import type { Dropped } from "./reservation.ts";
import type { Outcome } from "./source.ts";
import type { ReportUnseen } from "./unseen_failure.ts";

/** The progress of a `map`. */
export interface Progress {
  /** Number of items that are done. */
  completed: number;
  /** Number of items in all, if known. */
  total: number | undefined;
}

/** The parameters of a running `map`; the options are checked and have their defaults. */
export interface MapPlan {
  readonly items: Iterable<unknown> | AsyncIterable<unknown>;
  /** Runs a chunk. Its outcomes end with the first error. */
  readonly submit: (chunk: unknown[]) => Future<Outcome[]>;
  /** The size of the next chunk. */
  readonly chunkSize: () => number;
  readonly bufferSize: number;
  readonly ordered: boolean;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /**
   * Calls back if the executor drops its waiting tasks, so that the map ignores what its source may still yield.
   *
   * @returns a function that stops the callback.
   */
  readonly watch: (dropped: Dropped) => () => void;
  /** Reports a failure of a `map` whose results are not observed. */
  readonly unseen: ReportUnseen;
}

/** Items that are sent together. */
export interface Chunk {
  readonly future: Future<Outcome[]>;
  readonly size: number;
}

/** The outcomes of a chunk. If the chunk failed as a whole, its error is the outcome of its first item. */
export function outcomesOf(future: Future<Outcome[]>): Outcome[] {
  try {
    return future.resultNow();
  } catch (error) {
    return [{ error }];
  }
}
