/**
 * The failure of a `map` whose results are never asked for.
 *
 * @module
 */

import { Future, observe, reject } from "./future.ts";
import type { Outcome } from "./results.ts";
import { wasStopped } from "./unobserved.ts";

/**
 * Takes over a failure as that of an unobserved future.
 *
 * @param chunk the future that has failed; undefined if the source of the items did, or the time limit was reached.
 */
export type ReportUnseen = (future: Future<unknown>, error: unknown, chunk: Future<Outcome[]> | undefined) => void;

/** How a `map` fails, reported unless the program asks for the results. The first failure counts, as in the results. */
export class UnseenFailure {
  readonly #report: ReportUnseen;
  /** Whether the program has asked for the results. */
  seen = false;
  #known = false;
  /** Stands for the results: it is collected with them. */
  #future: Future<unknown> | undefined;

  constructor(report: ReportUnseen) {
    this.#report = report;
  }

  /** The program asks for the results. */
  look(): void {
    this.seen = true;
    if (this.#future !== undefined) observe(this.#future);
  }

  /** The results end with an error. */
  failed(error: unknown, chunk?: Future<Outcome[]>): void {
    if (this.#known) return;
    this.#known = true;
    if (this.seen || (chunk !== undefined && (chunk.cancelled || wasStopped(chunk)))) return;
    this.#future = new Future<unknown>();
    reject(this.#future, error);
    this.#report(this.#future, error, chunk);
  }

  /** The program has stopped the work: that is no failure. */
  stopped(): void {
    this.#known = true;
  }
}
