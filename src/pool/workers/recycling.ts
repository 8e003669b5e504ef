/**
 * The replacement of all workers of a pool.
 *
 * @module
 */

import type { PoolWorker } from "./pool_worker.ts";

/** Waits until the workers that were there are gone, and those in their places are ready. */
export class Recycling {
  readonly done: Promise<void>;
  readonly #old: Set<PoolWorker>;
  readonly #fresh = new Set<PoolWorker>();
  #resolve!: () => void;

  constructor(old: readonly PoolWorker[]) {
    this.#old = new Set(old);
    this.done = new Promise((resolve) => this.#resolve = resolve);
  }

  /** A worker was started in the place of one of them. */
  started(worker: PoolWorker): void {
    this.#fresh.add(worker);
  }

  /** A worker is gone, or has become ready; returns whether that was the last one. */
  look(workers: readonly PoolWorker[]): boolean {
    for (const worker of this.#old) if (!workers.includes(worker)) this.#old.delete(worker);
    for (const worker of this.#fresh) if (worker.ready || !workers.includes(worker)) this.#fresh.delete(worker);
    if (this.#old.size + this.#fresh.size > 0) return false;
    this.#resolve();
    return true;
  }
}
