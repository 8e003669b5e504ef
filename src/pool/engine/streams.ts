/**
 * The streams of a pool.
 *
 * @module
 */

import type { SubmitOptions } from "../../futures/executor.ts";
import { whenDone } from "../../futures/future.ts";
import type { Caller } from "./caller.ts";
import { StreamJob, type StreamOwner } from "./stream_job.ts";
import type { TaskEntry } from "./task_entry.ts";

/** The streams of a pool that have not ended, and the number of them that wait for their consumers. */
export class Streams {
  readonly #owner: StreamOwner;
  readonly #changed: () => void;
  readonly #all = new Set<StreamJob>();
  /** The number of running streams that wait for a consumer to take values. */
  stalled = 0;

  /** @param changed called when the pool may have begun or ceased to keep the program alive. */
  constructor(owner: StreamOwner, changed: () => void) {
    this.#owner = owner;
    this.#changed = changed;
  }

  /** Creates the job of a new stream. */
  open(task: TaskEntry, options: SubmitOptions, caller: Caller | undefined): StreamJob {
    const job = new StreamJob(this.#owner, task, options, caller, (stalled) => {
      this.stalled += stalled ? 1 : -1;
      this.#changed();
    });
    this.#all.add(job);
    whenDone(job.future, () => this.#all.delete(job));
    return job;
  }

  /** Aborts the streams without a consumer. */
  shutDown(name: string): void {
    for (const job of [...this.#all]) job.shutDown(name);
  }
}
