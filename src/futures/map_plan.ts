/**
 * How a `map` works.
 *
 * @module
 */

import type { Progress } from "./executor.ts";
import type { Future } from "./future.ts";
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
  /** Takes over a failure, as the results are not asked for. */
  readonly unseen: ReportUnseen;
}
