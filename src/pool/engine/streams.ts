/**
 * The streams of a pool.
 *
 * @module
 */

import type { FutureSource } from "../../futures/future.ts";
import { whenDone } from "../../futures/future.ts";
import type { HowToAbort } from "./abort.ts";
import type { StreamJob, StreamPool } from "./stream_job.ts";
import type { Job } from "./job.ts";

/** Knows the streams that have not ended, and which of them wait for their consumers. */
export class Streams implements StreamPool {
  readonly #pool: Omit<StreamPool, "setStalled">;
  readonly #changed: () => void;
  readonly #all = new Set<StreamJob>();
  /** How many are at a worker that can do nothing until a consumer takes values. */
  stalled = 0;

  /** @param changed is called when the program may end, or may no longer. */
  constructor(pool: Omit<StreamPool, "setStalled">, changed: () => void) {
    this.#pool = pool;
    this.#changed = changed;
  }

  /** Takes a stream that begins. */
  add(job: StreamJob): StreamJob {
    this.#all.add(job);
    whenDone(job.future, () => this.#all.delete(job));
    return job;
  }

  cancel(job: Job): boolean {
    return this.#pool.cancel(job);
  }

  abort(job: Job, reason: unknown, how?: HowToAbort): void {
    this.#pool.abort(job, reason, how);
  }

  beginNestedWait(job: Job, on: FutureSource | undefined): () => void {
    return this.#pool.beginNestedWait(job, on);
  }

  setStalled(stalled: boolean): void {
    this.stalled += stalled ? 1 : -1;
    this.#changed();
  }

  /** Ends those that have no consumer. */
  shutDown(name: string): void {
    for (const job of [...this.#all]) job.shutDown(name);
  }
}
