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

/** Knows the streams that have not ended, and how many of them wait for their consumers. */
export class Streams {
  readonly #owner: StreamOwner;
  readonly #changed: () => void;
  readonly #all = new Set<StreamJob>();
  /** The number of streams at a worker that can do nothing until a consumer takes values. */
  stalled = 0;

  /** @param changed is called when the program may end, or may no longer. */
  constructor(owner: StreamOwner, changed: () => void) {
    this.#owner = owner;
    this.#changed = changed;
  }

  /** Makes the job of a new stream. */
  open(task: TaskEntry, options: SubmitOptions, caller: Caller | undefined): StreamJob {
    const job = new StreamJob(this.#owner, task, options, caller, (stalled) => {
      this.stalled += stalled ? 1 : -1;
      this.#changed();
    });
    this.#all.add(job);
    whenDone(job.future, () => this.#all.delete(job));
    return job;
  }

  /** Ends the streams that have no consumer. */
  shutDown(name: string): void {
    for (const job of [...this.#all]) job.shutDown(name);
  }
}
