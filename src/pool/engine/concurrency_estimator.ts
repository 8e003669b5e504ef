/**
 * Estimates the number of tasks that a worker should have in progress.
 *
 * @module
 */

const LARGEST = 256;
/** The weight of a new observation. */
const WEIGHT = 0.1;
/** Minimum compute time, in milliseconds; shorter ones are not distinguished. */
const SHORTEST = 0.02;

/**
 * Compares the run time of tasks with their compute time. A task that waits nine tenths of its time leaves room for
 * nine others; one that only computes leaves none. The number at most doubles at a time, as waiting tasks may share the
 * resource they wait for.
 */
export class ConcurrencyEstimator {
  #run = 0;
  #sync = 0;
  /** Number of tasks that a worker should have in progress. */
  concurrency = 1;

  /** Updates the estimate with the times of a task, in milliseconds. Returns true if the number has changed. */
  learn(runTime: number, syncTime: number): boolean {
    this.#run += (runTime - this.#run) * WEIGHT;
    this.#sync += (syncTime - this.#sync) * WEIGHT;
    const wanted = Math.round(this.#run / Math.max(this.#sync, SHORTEST));
    const next = Math.max(1, Math.min(wanted, this.concurrency * 2, LARGEST));
    // Small changes are noise.
    if (next === this.concurrency || (next > 1 && Math.abs(next - this.concurrency) < this.concurrency / 4)) {
      return false;
    }
    this.concurrency = next;
    return true;
  }
}
