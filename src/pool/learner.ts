/**
 * Learns how many tasks a worker should have in progress.
 *
 * @module
 */

const LARGEST = 256;
/** How much a new observation counts. */
const WEIGHT = 0.1;
/** A share of computing below this is not told apart. */
const SHORTEST = 0.02;

/**
 * Compares how long tasks take with how long they compute. A task that waits nine tenths of its time leaves room for nine
 * others; one that computes leaves none. The number at most doubles at a time, as waiting tasks may share what they wait for.
 */
export class Learner {
  #run = 0;
  #sync = 0;
  /** How many tasks a worker should have in progress. */
  concurrency = 1;

  /** Learns from a task, in milliseconds; true if the number has changed. */
  learn(runTime: number, syncTime: number): boolean {
    this.#run += (runTime - this.#run) * WEIGHT;
    this.#sync += (syncTime - this.#sync) * WEIGHT;
    const wanted = Math.round(this.#run / Math.max(this.#sync, SHORTEST));
    const next = Math.max(1, Math.min(wanted, this.concurrency * 2, LARGEST));
    // Small swings are noise.
    if (next === this.concurrency || (next > 1 && Math.abs(next - this.concurrency) < this.concurrency / 4)) {
      return false;
    }
    this.concurrency = next;
    return true;
  }
}
