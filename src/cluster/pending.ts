/**
 * The pending tasks of an executor, by job id.
 *
 * @module
 */

import type { ClusterTask } from "./cluster_task.ts";

/** Tasks by job: several futures may belong to one job. */
export class Pending {
  readonly #tasks = new Map<string, Set<ClusterTask>>();
  #size = 0;
  readonly #changed: (size: number) => void;

  /** @param changed is called with the new number of tasks. */
  constructor(changed: (size: number) => void) {
    this.#changed = changed;
  }

  /** The number of tasks. */
  get size(): number {
    return this.#size;
  }

  /** All tasks. */
  *all(): Iterable<ClusterTask> {
    for (const tasks of [...this.#tasks.values()]) yield* [...tasks];
  }

  /** One task of each job. */
  *jobs(): Iterable<ClusterTask> {
    for (const [first] of this.#tasks.values()) yield first!;
  }

  /** The tasks of a job. */
  of(jobId: string): ClusterTask[] {
    const tasks = this.#tasks.get(jobId);
    return tasks === undefined ? [] : [...tasks];
  }

  /** Whether a task is there. */
  has(task: ClusterTask): boolean {
    return this.#tasks.get(task.jobId)?.has(task) === true;
  }

  add(task: ClusterTask): void {
    const tasks = this.#tasks.get(task.jobId);
    if (tasks === undefined) this.#tasks.set(task.jobId, new Set([task]));
    else tasks.add(task);
    this.#size++;
    this.#changed(this.#size);
  }

  delete(task: ClusterTask): void {
    const tasks = this.#tasks.get(task.jobId);
    if (tasks?.delete(task) !== true) return;
    if (tasks.size === 0) this.#tasks.delete(task.jobId);
    this.#size--;
    this.#changed(this.#size);
  }
}
