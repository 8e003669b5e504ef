/**
 * A host at work: takes jobs, hears orders, and tells of itself.
 *
 * @module
 */

import type { Executor } from "../futures/executor.ts";
import { engineOf } from "../pool/pool_base.ts";
import { pauseAfter } from "../pool/retry_plan.ts";
import { Codec } from "./codec.ts";
import { closeObject } from "./connection.ts";
import { type EngineJob, type EngineQueue, type EngineWorker, listen } from "./engine.ts";
import { EventStream, type Fields } from "./event_stream.ts";
import { HostJob } from "./host_job.ts";
import type { HostTasks } from "./host_tasks.ts";
import { type ClusterSettings, engineOptions } from "./options.ts";
import { type JobData, KEPT } from "./outbox.ts";
import { ABORT } from "./stopper.ts";
import { BYE, CONTROL, HERE, LATE, WHO } from "./task_events.ts";

/** How long a job that another host knows is kept away, in milliseconds. Giving it back at once would bring it back at once. */
const AWAY = 100;
/** The same, if this host cannot run anything any more. */
const LONG_AWAY = 1_000;
/** How long the engine pauses after an error of the connection, in milliseconds. */
const RETRY = 500;

/** What a host works with. */
export interface ServiceParts {
  readonly settings: ClusterSettings;
  readonly tasks: HostTasks;
  readonly executor: Executor;
  readonly concurrency: number;
  /** The executor cannot go on. */
  broken(): void;
}

/** Takes jobs until it is closed. */
export class Service {
  readonly #parts: ServiceParts;
  readonly #id = crypto.randomUUID();
  readonly #codec: Codec;
  readonly #worker: EngineWorker;
  readonly #control: EngineQueue;
  readonly #orders: EventStream;
  readonly #jobs = new Map<string, HostJob>();
  readonly counts = { running: 0, completed: 0, failed: 0, returned: 0 };
  /** Resolves once jobs are taken. */
  readonly opened: Promise<void>;
  #stopTimer: () => void = () => {};
  #told = false;
  #closed = false;
  #broken = false;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
    const { settings, tasks, concurrency } = parts;
    const { engine, queue, lease } = settings;
    this.#codec = new Codec(settings.maxPayloadBytes, tasks.find);
    const processor = (job: EngineJob, token: string) => this.#process(job, token);
    this.#worker = new engine.Worker(
      queue,
      processor as never,
      engineOptions(settings, {
        autorun: false,
        concurrency,
        lockDuration: lease,
        stalledInterval: Math.ceil(lease / 2),
        // What becomes of the task of a lost host travels with the task.
        maxStalledCount: 1e6,
        runRetryDelay: RETRY,
        ...KEPT,
        settings: { backoffStrategy: pauseOf },
      }),
    );
    this.#control = new engine.Queue(queue + CONTROL, engineOptions(settings, { skipMetasUpdate: true }));
    for (const object of [this.#worker, this.#control]) listen(object, "error", () => {});
    listen(this.#worker, "lockRenewalFailed", (ids: string[]) => this.#lost(ids));
    this.#orders = new EventStream(settings, this.#control, queue + CONTROL, [WHO, ABORT], {
      heard: (event, fields) => this.#heard(event, fields),
      missed: () => {},
      idle: false,
    });
    this.opened = Promise.all([this.#orders.open(), this.#worker.waitUntilReady()]).then(() => {
      if (this.#closed) return;
      this.#worker.run().catch(() => {});
      this.#tell();
    });
    this.opened.catch(() => {});
  }

  /** Takes no more jobs; resolves when those that run have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTimer();
    void this.#orders.publish(BYE, { host: this.#id }).catch(() => {});
    // It waits for the jobs. They may take their time, and still need their leases.
    await this.#worker.close().catch(() => {});
    await Promise.all([this.#orders.close(), closeObject(this.#control, this.#parts.settings.clock)]);
  }

  async #process(job: EngineJob, token: string): Promise<string> {
    const { tasks, executor } = this.#parts;
    const definition = tasks.get(job.name);
    if (definition === undefined || this.#cannotRun()) {
      this.counts.returned++;
      await job.moveToDelayed(Date.now() + (definition === undefined ? AWAY : LONG_AWAY), token);
      throw Object.assign(new Error("Another host runs it"), { name: "DelayedError" });
    }
    const id = job.id ?? "";
    const run = new HostJob(
      { executor, codec: this.#codec, late: (jobId, error) => this.#publish(LATE, { jobId, error }) },
      job,
      definition,
    );
    this.#jobs.set(id, run);
    this.counts.running++;
    this.#tellSoon();
    try {
      const result = await run.run();
      this.counts.completed++;
      return result;
    } catch (error) {
      this.counts.failed++;
      throw error;
    } finally {
      this.counts.running--;
      // The same job may be here again, after its lease was lost.
      if (this.#jobs.get(id) === run) this.#jobs.delete(id);
      this.#tellSoon();
    }
  }

  /** Whether the executor is broken: this host would fail every task there is. */
  #cannotRun(): boolean {
    if (this.#broken) return true;
    const state = engineOf(this.#parts.executor)?.state ?? "open";
    if (state !== "broken") return false;
    this.#broken = true;
    this.#parts.broken();
    return true;
  }

  #heard(event: string, { jobId, reason }: Fields): void {
    if (event === WHO) return this.#tell();
    const job = this.#jobs.get(String(jobId));
    if (job === undefined) return;
    try {
      job.stop(this.#codec.decode(reason));
    } catch {
      // What asks for it cannot be read: it is nobody's who submitted the task.
    }
  }

  /** Leases are over: others may run these tasks by now. */
  #lost(ids: readonly string[]): void {
    for (const id of ids) {
      this.#jobs.get(id)?.stop(new DOMException("The host has lost its lease of this task", "AbortError"));
    }
  }

  /** Changes of the load are told together. */
  #tellSoon(): void {
    if (this.#told || this.#closed) return;
    this.#told = true;
    const { clock, lease } = this.#parts.settings;
    clock.startTimer(lease / 20, () => {
      this.#told = false;
      this.#tell();
    }, { unref: true });
  }

  #tell(): void {
    if (this.#closed) return;
    const { settings, tasks, concurrency } = this.#parts;
    this.#publish(HERE, {
      host: this.#id,
      name: `host-${this.#id.slice(0, 8)}`,
      tasks: JSON.stringify(tasks.names),
      places: concurrency,
      load: this.counts.running,
    });
    this.#stopTimer();
    this.#stopTimer = settings.clock.startTimer(settings.lease / 3, () => this.#tell(), { unref: true });
  }

  #publish(event: string, fields: Fields): void {
    this.#orders.publish(event, fields).catch(() => {});
  }
}

/** How long the engine waits before the next attempt. */
function pauseOf(attempts: number, _kind: string | undefined, _error: Error | undefined, job: EngineJob): number {
  const { retry } = (job.data ?? {}) as Partial<JobData>;
  if (retry === undefined) return -1;
  return Math.round(pauseAfter(attempts, { ...retry, maxAttempts: Infinity, retryIf: undefined }));
}
