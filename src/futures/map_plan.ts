/**
 * How a `map` works.
 *
 * @module
 */

import type { Progress } from "./executor.ts";
import type { Future } from "./future.ts";
import type { Dropped } from "./reservation.ts";
import type { Outcome } from "./results.ts";
import type { ReportUnseen } from "./unseen_failure.ts";

/** How a `map` works; the options are checked and complete. */
export interface MapPlan {
  readonly items: Iterable<unknown> | AsyncIterable<unknown>;
  /** Runs a chunk. Its outcomes end with the first error. */
  readonly submit: (chunk: unknown[]) => Future<Outcome[]>;
  /** How large the next chunk should be. */
  readonly chunkSize: () => number;
  readonly bufferSize: number;
  readonly ordered: boolean;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /**
   * Calls back if what waits is dropped where the map submits, so that nothing its source may still answer is taken.
   *
   * @returns stops it.
   */
  readonly watch: (dropped: Dropped) => () => void;
  /** Takes over a failure, as the results are not asked for. */
  readonly unseen: ReportUnseen;
}

/** Items that travel together. */
export interface Chunk {
  readonly future: Future<Outcome[]>;
  readonly size: number;
}

/** The outcomes of a chunk; if it failed as a whole, its error is the outcome of its first item. */
export function outcomesOf(future: Future<Outcome[]>): Outcome[] {
  try {
    return future.resultNow();
  } catch (error) {
    return [{ error }];
  }
}
