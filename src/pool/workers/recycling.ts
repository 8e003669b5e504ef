/**
 * The replacement of all workers of a pool.
 *
 * @module
 */

import type { PoolWorker } from "./pool_worker.ts";

/** Waits until all old workers have ended and their replacements are ready. */
export class Recycling {
  readonly done: Promise<void>;
  readonly #old: Set<PoolWorker>;
  readonly #fresh = new Set<PoolWorker>();
  #resolve!: () => void;

  constructor(old: readonly PoolWorker[]) {
    this.#old = new Set(old);
    this.done = new Promise((resolve) => this.#resolve = resolve);
  }

  /** Adds a replacement. */
  started(worker: PoolWorker): void {
    this.#fresh.add(worker);
  }

  /** Checks for the end after a worker has ended or become ready; true if no worker is left to wait for. */
  look(workers: readonly PoolWorker[]): boolean {
    for (const worker of this.#old) if (!workers.includes(worker)) this.#old.delete(worker);
    for (const worker of this.#fresh) if (worker.ready || !workers.includes(worker)) this.#fresh.delete(worker);
    if (this.#old.size + this.#fresh.size > 0) return false;
    this.#resolve();
    return true;
  }
}
