/**
 * A running host: takes jobs, handles messages, and reports itself.
 *
 * @module
 */

import type { Executor } from "../futures/executor.ts";
import { engineOf } from "../pool/pool_base.ts";
import { pauseAfter } from "../futures/retry_plan.ts";
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

/** The delay of a job that this host returns to others, in milliseconds. Without one this host would take it again at once. */
const AWAY = 100;
/** The same delay for a host whose executor is broken. */
const LONG_AWAY = 1_000;
/** The pause of the engine after a connection error, in milliseconds. */
const RETRY = 500;

/** The parts a host works with. */
export interface ServiceParts {
  readonly settings: ClusterSettings;
  readonly tasks: HostTasks;
  readonly executor: Executor;
  readonly concurrency: number;
  /** Called when the executor is broken. */
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
        // The task itself says what happens when its host is lost.
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

  /** Takes no more jobs; resolves when the running jobs have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTimer();
    void this.#orders.publish(BYE, { host: this.#id }).catch(() => {});
    // This waits for the running jobs, which still need their leases.
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
      // The same job may run here again after its lease was lost.
      if (this.#jobs.get(id) === run) this.#jobs.delete(id);
      this.#tellSoon();
    }
  }

  /** Whether the executor is broken: this host would fail every task. */
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
      // An unreadable request is forged or damaged: ignore it.
    }
  }

  /** Leases were lost: other hosts may run these tasks by now. */
  #lost(ids: readonly string[]): void {
    for (const id of ids) {
      this.#jobs.get(id)?.stop(new DOMException("The host has lost its lease of this task", "AbortError"));
    }
  }

  /** Reports changes of the load, several at once. */
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

/** The pause before the next attempt. */
function pauseOf(attempts: number, _kind: string | undefined, _error: Error | undefined, job: EngineJob): number {
  const { retry } = (job.data ?? {}) as Partial<JobData>;
  if (retry === undefined) return -1;
  return Math.round(pauseAfter(attempts, retry));
}
