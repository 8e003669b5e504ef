/**
 * The jobs of one pool that wait for resources.
 *
 * @module
 */

import { now } from "../../time/system_clock.ts";
import { JobLine, priorityAt } from "./job_line.ts";
import { needOf } from "./need.ts";
import { type Job, WAITING } from "./job.ts";
import type { ResourceTable } from "./resource_table.ts";

/** Milliseconds for which the order of the waiting jobs is taken to stay. */
const FRESH = 1;

/** The parts of the pool that the queue needs. */
export interface ResourceHooks {
  /** Whether a worker is free for another job, or can be started. */
  hasWorker(): boolean;
  /** Sends what can be sent. */
  dispatch(): void;
}

/**
 * Jobs that were first in their pool's queue, and could not start as what they need was in use. They are apart from the
 * queue, so that others overtake them, and are grouped by their needs: of equal needs only the first is checked.
 */
export class ResourceLine {
  readonly #table: ResourceTable;
  readonly #hooks: ResourceHooks;
  readonly #tell: () => void;
  readonly #groups = new Map<string, JobLine>();
  /** The waiting jobs, with numbers in their order. */
  readonly #waiting = new Map<Job, number>();
  readonly #holding = new Set<Job>();
  #number = 0;
  /** The first waiting job, as last seen. */
  #first: Job | undefined;
  /** The job for which resources are kept. */
  #kept: Job | undefined;
  /**
   * The result of the last search: the first waiting job that could start, and the version of the table at that time.
   */
  #found: Job | undefined;
  #seen = -1;
  #seenAt = 0;

  constructor(table: ResourceTable, hooks: ResourceHooks) {
    this.#table = table;
    this.#hooks = hooks;
    this.#tell = () => hooks.dispatch();
  }

  /** The number of jobs that wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Returns the next job that can start.
   *
   * @param head the head of the queue.
   * @param skip removes the head, and returns the next one.
   */
  next(head: Job | undefined, skip: () => Job | undefined): Job | undefined {
    const ready = this.#ready();
    this.#keep();
    while (head !== undefined && needOf(head) !== undefined && !this.#table.fits(head)) {
      this.#park(head);
      head = skip();
    }
    // A waiting job was at the head of the queue before all others of its priority.
    if (ready === undefined || (head !== undefined && this.#compare(head, ready, now()) < 0)) return head;
    return ready;
  }

  /** Returns any job that waits. */
  any(): Job | undefined {
    for (const [key, line] of this.#groups) {
      const job = headOf(line);
      if (job !== undefined) return job;
      this.#groups.delete(key);
    }
    return undefined;
  }

  /** The oldest job of the lowest priority that may be dropped; the given one if that is of a lower priority. */
  lowest(lowest: Job | undefined, mayDrop: (job: Job) => boolean): Job | undefined {
    for (const line of this.#groups.values()) {
      const job = line.lowest(mayDrop);
      if (job === undefined) continue;
      const { priority = 0 } = job.options;
      const least = lowest?.options.priority ?? 0;
      if (lowest === undefined || priority < least || (priority === least && this.#isOlder(job, lowest))) lowest = job;
    }
    return lowest;
  }

  /** Takes what a job needs, as it is about to start. Returns whether it was one of those that wait. */
  start(job: Job): boolean {
    const need = needOf(job);
    if (need === undefined) return false;
    this.#table.take(need);
    this.#holding.add(job);
    if (!this.#waiting.has(job)) return false;
    this.#groups.get(need.key)!.shift();
    this.leave(job);
    return true;
  }

  /** A waiting job leaves. */
  leave(job: Job): void {
    if (!this.#waiting.delete(job)) return;
    if (this.#first === job) {
      this.#first = undefined;
      this.#seen = -1;
    }
    if (this.#kept === job) this.keepNothing();
    if (this.#waiting.size > 0) return;
    this.#groups.clear();
    this.#table.unwatch(this.#tell);
  }

  /** A job has ended, or has not started: gives back what it has taken. */
  end(job: Job): void {
    if (this.#holding.delete(job)) this.#table.giveBack(needOf(job)!);
  }

  /** Keeps nothing for the first job, as the pool is paused. */
  keepNothing(): void {
    const job = this.#kept;
    this.#kept = undefined;
    if (job !== undefined) this.#table.keepNoMoreFor(job);
  }

  #park(job: Job): void {
    const { key } = needOf(job)!;
    let line = this.#groups.get(key);
    if (line === undefined) this.#groups.set(key, line = new JobLine());
    line.push(job);
    if (this.#waiting.size === 0) this.#table.watch(this.#tell);
    this.#waiting.set(job, this.#number++);
    if (this.#first === undefined || this.#compare(job, this.#first, now()) < 0) this.#first = job;
    this.#keep();
  }

  /** The first waiting job that can start. */
  #ready(): Job | undefined {
    if (this.#waiting.size === 0) return undefined;
    const time = now();
    if (this.#seen === this.#table.version && this.#isCurrent(time)) return this.#found;
    let first: Job | undefined;
    let ready: Job | undefined;
    for (const [key, line] of this.#groups) {
      const job = headOf(line);
      if (job === undefined) {
        this.#groups.delete(key);
        continue;
      }
      if (first === undefined || this.#compare(job, first, time) < 0) first = job;
      if ((ready === undefined || this.#compare(job, ready, time) < 0) && this.#table.fits(job)) ready = job;
    }
    this.#first = first;
    this.#found = ready;
    this.#seen = this.#table.version;
    this.#seenAt = time;
    return ready;
  }

  /** Whether the result of the last search is valid. A found job is valid only for a while, as priorities may grow. */
  #isCurrent(time: number): boolean {
    const job = this.#found;
    return job === undefined || (time - this.#seenAt < FRESH && this.#waiting.has(job) && this.#table.fits(job));
  }

  /**
   * Keeps resources for the first job. Not before a worker could run it: until then other pools may use them. Once they
   * are kept, they are kept until it starts, or jobs of other pools would always be faster than its worker.
   */
  #keep(): void {
    const first = this.#first;
    if (first === undefined || first === this.#kept || !this.#hooks.hasWorker()) return;
    this.keepNothing();
    if (this.#table.fits(first)) return;
    this.#kept = first;
    this.#table.keepFor(first);
  }

  /** Below 0 if `a` comes before `b`. */
  #compare(a: Job, b: Job, time: number): number {
    return priorityAt(b, time) - priorityAt(a, time) || this.#numberOf(a) - this.#numberOf(b);
  }

  #isOlder(job: Job, other: Job): boolean {
    return this.#numberOf(job) < this.#numberOf(other);
  }

  #numberOf(job: Job): number {
    return this.#waiting.get(job) ?? Infinity;
  }
}

/** The first job that still waits. */
function headOf(line: JobLine): Job | undefined {
  for (let job = line.peek();; job = line.peek()) {
    if (job === undefined || job.state === WAITING) return job;
    line.shift();
  }
}
