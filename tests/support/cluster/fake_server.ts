// Implements a server in memory whose queues behave like the engine's, for faults that a real server cannot produce on
// demand.

import type { ClusterClock } from "../../../src/cluster/options.ts";

/** A job as the server stores it. Values are stored as text, as in a real server. */
export interface Stored {
  readonly id: string;
  readonly name: string;
  readonly opts: Opts;
  readonly timestamp: number;
  data: string;
  state: "prioritized" | "waiting" | "delayed" | "active" | "completed" | "failed";
  /** Jobs with a lower priority number run first. */
  order: number;
  due: number;
  token: string | undefined;
  lockedUntil: number;
  stalledCounter: number;
  attemptsMade: number;
  returnvalue: string | undefined;
  failedReason: string | undefined;
  finishedOn: number | undefined;
}

/** The job options that the fake server honours. */
export interface Opts {
  readonly jobId?: string;
  readonly priority?: number;
  readonly delay?: number;
  readonly attempts?: number;
  readonly backoff?: { readonly type: string };
}

/** How an event is delivered to a listener: once, never, twice, or late by a number of milliseconds. */
export type Fate = "comes" | "lost" | "twice" | number;

/** A listener for the events of a queue. */
export interface Listener {
  receive(event: string, fields: Record<string, unknown>): void;
  /** Reports an entry that cannot be read. */
  garbled(): void;
}

/** A queue with its jobs, listeners and waiting workers. */
export class FakeQueue {
  readonly jobs: Map<string, Stored> = new Map();
  readonly listeners: Set<Listener> = new Set();
  /** Workers that wait for a job, in order of arrival. */
  readonly waiting: Set<() => void> = new Set();
  limit: number | null = null;
  /** All published events, for assertions. */
  readonly log: string[] = [];
}

/** The fake server with its queues and clock. */
export class FakeServer {
  readonly clock: ClusterClock;
  readonly queues: Map<string, FakeQueue> = new Map();
  /** Decides how each event is delivered. */
  fate: (event: string, fields: Record<string, unknown>) => Fate = () => "comes";
  /** The number of requests by name. */
  readonly requests: Map<string, number> = new Map();
  #sequence = 0;
  #up: Promise<void> | undefined;
  #raise: () => void = () => {};

  constructor(clock: ClusterClock) {
    this.clock = clock;
  }

  /** Returns a queue, created on first use. */
  queue(name: string): FakeQueue {
    let queue = this.queues.get(name);
    if (queue === undefined) this.queues.set(name, queue = new FakeQueue());
    return queue;
  }

  /** Makes the server unreachable until `raise()` is called. */
  drop(): void {
    this.#up ??= new Promise((resolve) => this.#raise = resolve);
  }

  /** Makes the server reachable again. */
  raise(): void {
    this.#up = undefined;
    this.#raise();
  }

  /** Deletes all data, like FLUSHALL. */
  flush(): void {
    for (const queue of this.queues.values()) {
      queue.jobs.clear();
      queue.limit = null;
    }
  }

  /** Adds an unreadable entry to the events of a queue. */
  garble(name: string): void {
    for (const listener of [...this.queue(name).listeners]) listener.garbled();
  }

  /** Answers a request in a separate turn, as one atomic step. */
  async ask<T>(name: string, answer: () => T): Promise<T> {
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
    await null;
    while (this.#up !== undefined) await this.#up;
    return answer();
  }

  /** Publishes an event. */
  publish(queue: FakeQueue, event: string, fields: Record<string, unknown>): void {
    queue.log.push(`${event} ${String(fields.jobId ?? "")}`);
    const fate = this.fate(event, fields);
    if (fate === "lost") return;
    const deliver = () => {
      for (const listener of [...queue.listeners]) listener.receive(event, { ...fields });
    };
    if (typeof fate === "number") return void this.clock.startTimer(fate, () => this.#later(deliver));
    this.#later(deliver);
    if (fate === "twice") this.#later(deliver);
  }

  /** Adds a job, unless a job with its id exists. */
  add(queue: FakeQueue, name: string, data: unknown, opts: Opts): string {
    const id = opts.jobId ?? String(++this.#sequence);
    if (queue.jobs.has(id)) {
      this.publish(queue, "duplicated", { jobId: id });
      return id;
    }
    const job: Stored = {
      id,
      name,
      opts,
      data: JSON.stringify(data),
      timestamp: Date.now(),
      state: "waiting",
      order: this.#orderOf(opts),
      due: 0,
      token: undefined,
      lockedUntil: 0,
      stalledCounter: 0,
      attemptsMade: 0,
      returnvalue: undefined,
      failedReason: undefined,
      finishedOn: undefined,
    };
    queue.jobs.set(id, job);
    this.publish(queue, "added", { jobId: id });
    if (opts.delay !== undefined && opts.delay > 0) this.delay(queue, job, opts.delay);
    else this.offer(queue, job);
    return id;
  }

  /** Makes a job available to workers. */
  offer(queue: FakeQueue, job: Stored, prev?: string): void {
    job.state = (job.opts.priority ?? 0) > 0 ? "prioritized" : "waiting";
    job.token = undefined;
    this.publish(queue, "waiting", prev === undefined ? { jobId: job.id } : { jobId: job.id, prev });
    this.wake(queue);
  }

  /** Delays a job until its time. */
  delay(queue: FakeQueue, job: Stored, duration: number): void {
    job.state = "delayed";
    job.token = undefined;
    job.due = this.clock.now() + duration;
    this.publish(queue, "delayed", { jobId: job.id, delay: job.due });
    const { due } = job;
    this.clock.startTimer(duration, () => {
      if (queue.jobs.get(job.id) !== job || job.state !== "delayed" || job.due !== due) return;
      job.order = this.#orderOf(job.opts);
      this.offer(queue, job, "delayed");
    }, { unref: true });
  }

  /** Takes the next job for a worker. */
  take(queue: FakeQueue, token: string, lease: number): Stored | undefined {
    const jobs = [...queue.jobs.values()];
    if (queue.limit !== null && jobs.filter(({ state }) => state === "active").length >= queue.limit) return undefined;
    let next: Stored | undefined;
    for (const job of jobs) {
      if ((job.state === "prioritized" || job.state === "waiting") && (next === undefined || job.order < next.order)) {
        next = job;
      }
    }
    if (next === undefined) return undefined;
    next.state = "active";
    next.token = token;
    next.lockedUntil = this.clock.now() + lease;
    this.publish(queue, "active", { jobId: next.id, prev: "waiting" });
    return next;
  }

  /** Whether a worker still holds the lease of a job. */
  holds(queue: FakeQueue, id: string, token: string | undefined): Stored {
    const job = queue.jobs.get(id);
    if (job === undefined) throw new Error(`Missing key for job ${id}`);
    if (job.token !== token || job.state !== "active" || job.lockedUntil < this.clock.now()) {
      throw new Error(`Missing lock for job ${id}`);
    }
    return job;
  }

  /** Records the end of a job. */
  finish(queue: FakeQueue, job: Stored, state: "completed" | "failed", text: string): void {
    job.state = state;
    job.token = undefined;
    job.attemptsMade++;
    job.finishedOn = Date.now();
    if (state === "completed") job.returnvalue = text;
    else job.failedReason = text;
    const said = state === "completed" ? { returnvalue: JSON.parse(text) } : { failedReason: text };
    this.publish(queue, state, { jobId: job.id, prev: "active", ...said });
    this.wake(queue);
  }

  /** Returns the jobs of lost workers to the front of the queue. */
  recover(queue: FakeQueue): void {
    for (const job of queue.jobs.values()) {
      if (job.state !== "active" || job.lockedUntil >= this.clock.now()) continue;
      job.stalledCounter++;
      job.order = -(++this.#sequence);
      this.offer(queue, job, "active");
      this.publish(queue, "stalled", { jobId: job.id });
    }
  }

  /** Removes a job that no worker runs. */
  remove(queue: FakeQueue, id: string): number {
    const job = queue.jobs.get(id);
    if (job === undefined) return 1;
    if (job.state === "active" && job.lockedUntil >= this.clock.now()) return 0;
    queue.jobs.delete(id);
    this.publish(queue, "removed", { jobId: id, prev: job.state === "waiting" ? "wait" : job.state });
    return 1;
  }

  /** Wakes all waiting workers: one for each waiting job would be enough, but extra wake-ups are harmless. */
  wake(queue: FakeQueue): void {
    for (const waiter of [...queue.waiting]) {
      queue.waiting.delete(waiter);
      waiter();
    }
  }

  #orderOf({ priority = 0 }: Opts): number {
    return priority * 1e9 + ++this.#sequence;
  }

  #later(deliver: () => void): void {
    void this.ask("event", deliver);
  }
}
