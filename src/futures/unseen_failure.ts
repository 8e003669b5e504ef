/**
 * The failure of a `map` whose results are never read.
 *
 * @module
 */

import { Future, observe, reject } from "./future.ts";
import type { Outcome } from "./source.ts";
import { wasStopped } from "./unobserved.ts";

/**
 * Reports a failure as that of an unobserved future.
 *
 * @param chunk the future that has failed; undefined if the source of the items failed or the timeout expired.
 */
export type ReportUnseen = (future: Future<unknown>, error: unknown, chunk: Future<Outcome[]> | undefined) => void;

/**
 * The failure of a `map`, reported unless the program reads the results. Only the first failure counts, as in the
 * results.
 */
export class UnseenFailure {
  readonly #report: ReportUnseen;
  /** Whether the program has read the results. */
  seen = false;
  #known = false;
  /** Stands for the results: it is collected together with them. */
  #future: Future<unknown> | undefined;

  constructor(report: ReportUnseen) {
    this.#report = report;
  }

  /** Notes that the program reads the results. */
  look(): void {
    this.seen = true;
    if (this.#future !== undefined) observe(this.#future);
  }

  /** Notes that the results end with an error. */
  failed(error: unknown, chunk?: Future<Outcome[]>): void {
    if (this.#known) return;
    this.#known = true;
    if (this.seen || (chunk !== undefined && (chunk.cancelled || wasStopped(chunk)))) return;
    this.#future = new Future<unknown>();
    reject(this.#future, error);
    this.#report(this.#future, error, chunk);
  }

  /** Notes that the program has stopped the work, which is not a failure. */
  stopped(): void {
    this.#known = true;
  }
}
